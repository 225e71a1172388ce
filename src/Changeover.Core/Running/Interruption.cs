using Changeover.Inventory;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>Between which steps callers are without service: from the first software stopped until all of it serves again.</summary>
public sealed record Interruption(ImmutableArray<Step> Stops, ImmutableArray<Step> Starts)
{
    /// <summary>Null: where nothing moves, the kept side serves all the time.</summary>
    public static Interruption? Of(ClusterInventory inventory, Plan plan)
    {
        var stops = Called(plan, "stop.");
        return stops.Any(s => inventory.FindMachine(s.Machine)?.Host != plan.Goal.Host) ? new(stops, Called(plan, "start.")) : null;
    }

    private static ImmutableArray<Step> Called(Plan plan, string verb) => [.. plan.Steps.Where(s => s.Id.StartsWith(verb, StringComparison.Ordinal))];
}
