using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Planning.Rules;

/// <summary>F4, B4, B7: nobody is connected, in a window, seen from several places.</summary>
public static class QuietRule
{
    /// <summary>Whether anything is left that writes: quiet is proved only when a role or the writer moves.</summary>
    public static bool Matters(PlanBuilder b) => b.KeptSideIsTouched && b.Disturbs && b.Inventory.Masters.Any();

    /// <summary>The condition itself: read again right before every step that would do harm without it (X7).</summary>
    /// <param name="emptiedSideIsUp">A failback has switched the host's machines on by then.</param>
    public static NoSessions Condition(PlanBuilder b, bool emptiedSideIsUp)
    {
        bool Emptied(Machine m) => b.Emptied.Contains(m) && (b.IsOn(m) || (b.IsFailback && emptiedSideIsUp));
        var databases = b.Inventory.Databases.Where(m => b.Kept.Contains(m) ? b.Inventory.Masters.Contains(m) : Emptied(m));
        var balancers = b.Inventory.Balancers.Where(m => b.Kept.Contains(m) || Emptied(m));
        return new([.. databases.Select(m => m.Name)], [.. balancers.Select(m => m.Name)]);
    }

    public static string? Contribute(PlanBuilder b, string id, bool emptiedSideIsUp, string covers, params IEnumerable<string> after)
    {
        if (!Matters(b))
            return null;
        return b.Add(new Step
        {
            Id = id,
            Title = Phrase.Of("quiet"),
            Gate = "",
            Covers = [covers],
            After = Condition(b, emptiedSideIsUp),
            Budget = b.Budgets.Quiet,
            Hold = b.Budgets.QuietWindow,
            Expected = b.Budgets.QuietWindow,
        }, after);
    }
}

/// <summary>G1: both masters have applied everything the other has, and nobody is connected who could add to it.</summary>
public static class NothingLostRule
{
    public static Condition? Condition(PlanBuilder b) => b.Masters is { } masters && (b.IsFailback || b.IsOn(b.Inventory.Machine(masters.Emptied)))
        ? Knowledge.Condition.And(
            new CaughtUp(masters.Kept, masters.Emptied), new CaughtUp(masters.Emptied, masters.Kept), QuietRule.Condition(b, emptiedSideIsUp: true))
        : null;

    public static string? Contribute(PlanBuilder b, string id, params IEnumerable<string> after)
    {
        if (!QuietRule.Matters(b) || b.Masters is not { } masters || Condition(b) is not { } condition)
            return null;
        return b.Add(new Step
        {
            Id = id,
            Title = Phrase.Of("nothing-lost", masters.Kept, masters.Emptied),
            Gate = "",
            Covers = ["G1"],
            After = condition,
            // No Progress: while somebody goes on writing, positions grow for ever, and nobody would be asked.
            Budget = b.Budgets.Synchronise,
        }, after);
    }
}
