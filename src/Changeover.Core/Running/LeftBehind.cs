using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>
/// What an aborted run leaves in the cluster, by its own journal: an abort hands over and cleans up nothing. What is in doubt
/// (asked for, never seen) counts as left.
/// </summary>
/// <param name="Claims">Machines that still carry the run's claim: no other run may work there.</param>
/// <param name="Downtimes">Keys of downtimes that go on silencing the monitoring.</param>
/// <param name="Standby">Nodes that were set to standby and not brought back.</param>
/// <param name="Servers">Balancers whose servers were set and not set back.</param>
/// <param name="Stopped">Services that were stopped and not started again.</param>
/// <param name="Off">Machines that were switched off.</param>
/// <param name="Backups">Backups that take up room.</param>
public sealed record LeftBehind(
    ImmutableArray<string> Claims, ImmutableArray<string> Downtimes, ImmutableArray<string> Standby, ImmutableArray<string> Servers,
    ImmutableArray<string> Stopped, ImmutableArray<string> Off, ImmutableArray<string> Backups)
{
    public static LeftBehind Of(RunState state)
    {
        var acted = state.Plan.Steps.Where(s => state.Steps[s.Id].Acted).ToArray();
        var done = acted.Where(s => state.Steps[s.Id].Status == StepStatus.Done).Select(s => s.Deed).ToArray();
        var deeds = acted.Select(s => s.Deed).ToArray();
        return new(
            [.. Engine.ClaimsHeld(state)],
            [.. deeds.OfType<SetDowntime>().Select(d => d.Key).Where(k => !done.OfType<RemoveDowntime>().Any(r => r.Key == k))],
            [.. deeds.OfType<SetStandby>().Where(s => s.Standby).Select(s => s.Machine).Where(m => !done.OfType<SetStandby>().Any(s => !s.Standby && s.Machine == m))],
            [.. deeds.OfType<SetServers>().Select(s => s.Balancer).Distinct()],
            [.. deeds.OfType<SetService>().Where(s => !s.Run && !done.OfType<SetService>().Any(d => d.Run && d.Machine == s.Machine && d.Service == s.Service)).Select(s => $"{s.Service} on {s.Machine}")],
            [.. deeds.OfType<SetPower>().Where(p => !p.On).Select(p => p.Machine)],
            [.. deeds.OfType<StartBackup>().Select(b => $"{b.Id} on {b.Machine}")]);
    }

    /// <summary>For people, worst first; empty: nothing is left.</summary>
    public IEnumerable<string> Lines()
    {
        if (Standby.Length > 0)
            yield return $"in standby, or about to be: {string.Join(", ", Standby)}";
        if (Off.Length > 0)
            yield return $"switched off: {string.Join(", ", Off)}";
        if (Servers.Length > 0)
            yield return $"servers set in HAProxy on {string.Join(", ", Servers)}";
        if (Stopped.Length > 0)
            yield return $"stopped: {string.Join(", ", Stopped)}";
        if (Claims.Length > 0)
            yield return $"claimed for this run: {string.Join(", ", Claims)}";
        if (Downtimes.Length > 0)
            yield return $"downtimes: {string.Join(", ", Downtimes)}";
        if (Backups.Length > 0)
            yield return $"backups: {string.Join(", ", Backups)}";
    }
}
