using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>
/// What is kept alive rather than done once: downtimes are extended while the run takes longer (F2, B2). Whose end is when is a
/// fold of the journal, so a resumed run goes on with it.
/// </summary>
public static class Leases
{
    /// <summary>Begins the id of the effect that extends a step's downtime; the step's id follows.</summary>
    public const string ExtendPrefix = "extend.";

    /// <summary>Time for several tries, and for a person who has to be told, before the monitoring calls people.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(20);

    /// <summary>After a try that brought no clear yes.</summary>
    private static readonly TimeSpan TryAgain = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The downtimes that are to be extended now, and from when: set by this run, not ended by it. A downtime that a person sets
    /// by hand is not, because only that person can.
    /// </summary>
    public static IEnumerable<(string Step, SetDowntime Action, Moment Due)> Downtimes(RunState state)
    {
        // A run that may be somebody else's by now, or is about to end, keeps nothing alive.
        if (state.IsOver || state.Stopping || state.IsRefusing || !state.Renewing.IsEmpty)
            yield break;
        foreach (var (step, set) in Held(state))
        {
            var extension = state.Extensions.GetValueOrDefault(step);
            var until = extension?.Until ?? set.Until;
            var due = state.Now + (until - Least - state.Now.Utc);
            if (extension?.TriedAt is { } tried && tried + TryAgain > due)
                due = tried + TryAgain;
            yield return (step, set, due);
        }
    }

    /// <summary>It changes with the steps only, so it is kept with their status.</summary>
    private static ImmutableArray<(string Step, SetDowntime Action)> Held(RunState state)
    {
        var kept = state.Steps.ByStatus;
        if (kept.DowntimesHeld.IsDefault)
        {
            kept.DowntimesHeld =
            [
                .. state.Plan.Steps
                    .Where(s => s.Action is SetDowntime && state.Steps[s.Id] is { Status: StepStatus.Done, Outcome: StepOutcome.Done or StepOutcome.FoundSo })
                    .Select(s => (Step: s.Id, Action: (SetDowntime)s.Action!))
                    .Where(d => !state.Plan.Steps.Any(s => Removes(s.Action, d.Action.Key) && state.Steps[s.Id].Status != StepStatus.Waiting)),
            ];
        }
        return kept.DowntimesHeld;
    }

    /// <summary>The plan may have waited for a person: a downtime lasts its length from when it is set.</summary>
    public static SetDowntime FromNow(SetDowntime set, RunState state)
    {
        var least = state.Now.Utc + state.Inventory.Budgets.Downtime;
        return set.Until < least ? set with { Until = least } : set;
    }

    private static bool Removes(ClusterAction? action, string key) => action is RemoveDowntime remove && remove.Key == key;
}

/// <summary>How far a downtime was extended.</summary>
/// <param name="Until">Its end by the last extension that was accepted; null: as the plan set it.</param>
/// <param name="Wanted">The end that is being asked for; null: nothing is on its way.</param>
/// <param name="Attempt">Counts the tries, so that a late answer cannot be taken for another's.</param>
/// <param name="TriedAt">When a try last brought no clear yes; null: none did.</param>
public sealed record Extension(DateTimeOffset? Until, DateTimeOffset? Wanted, int Attempt, Moment? TriedAt = null);
