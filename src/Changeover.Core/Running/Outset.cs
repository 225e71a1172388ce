using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>Where a plan sets out from, as the runs of its maintenance and the cluster as seen now have it.</summary>
/// <param name="Baseline">
/// What the failback goes back to in the end: the picture of the open maintenance; the present one where none is open or nothing was
/// changed yet; the inventory's normal state where nobody saw another and a person has signed it.
/// </param>
/// <param name="Remainder">The cluster is between its states, after a run that was aborted or left a machine behind, or by a person's word; null: it is as the goal expects it.</param>
public sealed record Outset(Baseline Baseline, Remainder? Remainder)
{
    /// <summary>No run tells what a failback goes back to: without a signature there is no plan.</summary>
    /// <param name="open">The runs of the host's open maintenance, see <see cref="Maintenances.Open"/>.</param>
    public static bool NeedsSignature(Goal goal, ImmutableArray<RunState> open) => goal.Kind == GoalKind.Failback && open.IsEmpty;

    /// <param name="picture">The cluster as seen now.</param>
    /// <param name="isSigned">A person has signed for what no run explains. A failover has nothing of the kind: its machines are meant to be on.</param>
    public static Outset Of(ClusterInventory inventory, Goal goal, ImmutableArray<RunState> open, Baseline picture, bool isSigned)
    {
        var unfinished = open.Where(IsUnfinished).Select(r => r.Run);
        return new(
            NeedsSignature(goal, open) ? NormalState.Of(inventory, goal.Host, picture)
                : open.All(r => r.NothingChanged) ? picture
                : open[^1].Baseline,
            // The cluster was left between its states: what is to be done is derived from how it is now.
            open is [.., var last] && IsUnfinished(last) ? new(picture, [.. unfinished])
                : isSigned && goal.Kind == GoalKind.Failback && inventory.MachinesOn(goal.Host).Any(picture.WasOn) ? new(picture, [])
                : null);
    }

    /// <summary>It was aborted, or it is a failback that did without a machine: a whole one would have closed the maintenance.</summary>
    private static bool IsUnfinished(RunState run) => run.Outcome == RunOutcome.Aborted || run.Plan.Goal.Kind == GoalKind.Failback;

    /// <summary>False: what was signed for explains itself, and a signature under nothing would only mislead.</summary>
    public bool UsesSignature => Baseline.Assumed || Remainder is { Runs.IsEmpty: true };
}
