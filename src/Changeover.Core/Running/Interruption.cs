using Changeover.Inventory;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>Between which steps callers are without service: from the first software stopped until all of it serves again.</summary>
public sealed record Interruption(ImmutableArray<Step> Stops, ImmutableArray<Step> Starts)
{
    /// <summary>Null: where nothing moves, the kept side serves all the time.</summary>
    public static Interruption? Of(ClusterInventory inventory, Plan plan)
    {
        ImmutableArray<Step> stops = [.. plan.Steps.Where(IsStop)];
        return stops.Any(s => inventory.FindMachine(s.Machine)?.Host != plan.Goal.Host) ? new(stops, [.. plan.Steps.Where(IsStart)]) : null;
    }

    /// <summary>Stops software that callers use. What came up by itself on a machine that booted is silenced, which interrupts nobody.</summary>
    public static bool IsStop(Step step) => step.Id.StartsWith("stop.", StringComparison.Ordinal);

    public static bool IsStart(Step step) => step.Id.StartsWith("start.", StringComparison.Ordinal);
}
