using System.Globalization;
using Changeover.Inventory;

namespace Changeover.Knowledge.Conditions;

/// <summary>X10: a moment has come, by the controller's clock.</summary>
public sealed record TimeReached(DateTimeOffset At) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [];

    public override Judgement Judge(View view) => view.Now.Utc >= At
        ? Judgement.Holds
        : Judgement.Fails(StateFindings.NotYet.On("the next step", "time", At.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)));
}
