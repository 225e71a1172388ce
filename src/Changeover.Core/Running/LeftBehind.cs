using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>
/// What an aborted run leaves in the cluster, by its own journal: an abort hands over and cleans up nothing. What is in doubt
/// (asked for, never seen) counts as left, and so does what the run found and was still going to undo: a failback that is
/// aborted at its beginning leaves a host that is off.
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
        var isFailback = state.Plan.Goal.Kind == GoalKind.Failback;
        var steps = state.Plan.Steps.Select(s => (s.Deed, State: state.Steps[s.Id])).ToArray();
        var restores = steps.Select(s => s.Deed).OfType<SetServers>().GroupBy(s => s.Balancer).Select(g => g.Last()).ToArray();
        var off = Left<SetPower>(p => p.Machine, p => p.On);
        return new(
            [.. Engine.ClaimsHeld(state)],
            [.. Left<ClusterAction>(d => d is SetDowntime set ? set.Key : d is RemoveDowntime end ? end.Key : null, d => d is RemoveDowntime)],
            [.. Left<SetStandby>(s => s.Machine, s => !s.Standby)],
            // A failback ends with the servers as they were found; a failover leaves them as it set them.
            [.. Left<SetServers>(s => s.Balancer, s => isFailback && restores.Contains(s))],
            // A failover also starts what did not run before.
            [.. Left<SetService>(s => off.Contains(s.Machine) ? null : $"{s.Service} on {s.Machine}", s => s.Run, expects: isFailback)],
            [.. off],
            [.. steps.Where(s => s.State.Acted).Select(s => s.Deed).OfType<StartBackup>().Select(b => $"{b.Id} on {b.Machine}")]);

        // In the order of the plan: left from where it was done until its opposite is seen done.
        List<string> Left<T>(Func<T, string?> name, Func<T, bool> undoes, bool expects = true)
            where T : ClusterAction
        {
            var (left, met) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal));
            foreach (var (deed, s) in steps)
            {
                if (deed is not T own || name(own) is not { } subject)
                    continue;
                var (isFirst, isUndoing) = (met.Add(subject), undoes(own));
                // The first deed of the plan undoes it: so it was before the plan began.
                var wasLeft = left.Contains(subject) || (isFirst && isUndoing && expects);
                var isLeft = isUndoing ? wasLeft && s.Status != StepStatus.Done : wasLeft || s.Acted;
                if (!isLeft)
                    left.Remove(subject);
                else if (!left.Contains(subject))
                    left.Add(subject);
            }
            return left;
        }
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
