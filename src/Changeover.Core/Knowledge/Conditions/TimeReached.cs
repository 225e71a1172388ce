using System.Globalization;
using Changeover.Inventory;

namespace Changeover.Knowledge.Conditions;

/// <summary>X10: a moment has come, by the controller's clock.</summary>
public sealed record TimeReached(DateTimeOffset At) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [];

    internal override bool ReadsClock => true;

    public override Judgement Judge(View view) => view.Now.Utc >= At
        ? Judgement.Holds
        : Judgement.Fails(StateFindings.NotYet.On("the next step", "time", At.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)));
}

/// <summary>X10: the latest moment to turn back has not passed, by the controller's clock.</summary>
public sealed record TimeLeft(DateTimeOffset Until) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [];

    internal override bool ReadsClock => true;

    public override Judgement Judge(View view) => view.Now.Utc <= Until
        ? Judgement.Holds
        : Judgement.Fails(StateFindings.TurnBack.On("the latest time to turn back", "time", Until.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)));
}
