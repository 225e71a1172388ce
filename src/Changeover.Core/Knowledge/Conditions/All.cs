using Changeover.Inventory;

namespace Changeover.Knowledge.Conditions;

/// <summary>Every one must hold; all reasons are given.</summary>
public sealed record All(ImmutableArray<Condition> Conditions) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => Conditions.SelectMany(c => c.Subjects(inventory));

    public override Judgement Judge(View view) => View.Each(Conditions, c => c.Judge(view));

    internal override bool ReadsClock => Conditions.Any(c => c.ReadsClock);
}
