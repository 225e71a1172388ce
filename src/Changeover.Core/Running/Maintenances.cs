using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>What the runs of a cluster, in order, come to: which maintenance is open, how far it came, and what it still owns.</summary>
public static class Maintenances
{
    /// <summary>The run that is not over, or null. A cluster has at most one.</summary>
    public static RunState? Unfinished(IEnumerable<RunState> runs) => runs.LastOrDefault(r => !r.IsOver);

    /// <summary>
    /// The runs of the maintenance that is open for this host, in order, the last of them done or aborted; empty: none is. It
    /// opens with the first run that changed or claimed anything and ends with a failback that is done and left no machine behind.
    /// </summary>
    public static ImmutableArray<RunState> Open(IEnumerable<RunState> runs, string host)
    {
        var open = ImmutableArray.CreateBuilder<RunState>();
        foreach (var run in runs.Where(r => r.Plan.Goal.Host == host && r.Plan.Goal.Kind != GoalKind.Close && r.IsOver && Left(r)))
        {
            if (run.Plan.Goal.Kind == GoalKind.Failback && run.Outcome == RunOutcome.Done && !LeftBehind(run).Any(m => open.Any(r => r.Plan.Without?.ContainsKey(m) != true)))
                open.Clear();
            else
                open.Add(run);
        }
        return open.ToImmutable();

        // B0: what the maintenance switched off and this failback did without is brought back by a later one.
        static IEnumerable<string> LeftBehind(RunState run) =>
            (run.Plan.Without?.Keys ?? []).Where(m => run.Inventory.FindMachine(m)?.Host == run.Plan.Goal.Host);

        static bool Left(RunState run) => !run.NothingChanged || (run.Outcome == RunOutcome.Aborted && Engine.ClaimsHeld(run).Any());
    }

    /// <summary>The failover that emptied this host, which has not been brought back, not even partly; null: none.</summary>
    public static RunState? Emptied(IEnumerable<RunState> runs, string host) =>
        Open(runs, host) is [.., { Outcome: RunOutcome.Done, Plan.Goal.Kind: GoalKind.Failover } last] ? last : null;

    /// <summary>The runs of a maintenance, in order.</summary>
    public static ImmutableArray<RunState> OfMaintenance(IEnumerable<RunState> runs, string maintenance) =>
        [.. runs.Where(r => r.Plan.Maintenance == maintenance)];

    /// <summary>The last maintenance whose host was brought back, was not emptied again since, and that nobody has closed; null: none.</summary>
    public static string? Closable(IEnumerable<RunState> runs)
    {
        string? open = null;
        foreach (var run in runs.Where(r => r.Outcome == RunOutcome.Done))
        {
            if (run.Plan.Goal.Kind == GoalKind.Failback)
                open = run.Plan.Maintenance;
            else if (run.Plan.Maintenance == open)
                open = null;
        }
        return open;
    }

    /// <summary>Backups and downtimes that runs made, or may have made: what is not there any more is found so.</summary>
    public static Leftovers Left(ImmutableArray<RunState> ofMaintenance)
    {
        var made = ofMaintenance.SelectMany(r => r.Plan.Steps.Where(s => r.Steps[s.Id] is { Acted: true } or { Status: StepStatus.Done }).Select(s => s.Action)).ToArray();
        return new([.. made.OfType<StartBackup>().Distinct()], [.. made.OfType<SetDowntime>().Select(d => d.Key).Distinct().Order(StringComparer.Ordinal)]);
    }
}
