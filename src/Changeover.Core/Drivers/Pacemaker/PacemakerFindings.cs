using Changeover.Findings;

namespace Changeover.Drivers.Pacemaker;

/// <summary>Why Pacemaker's state or its forecast is unknown.</summary>
public static class PacemakerFindings
{
    public static readonly FindingCode NotRunning = new("pacemaker.not-running", Severity.Error,
        "{subject}: the cluster software does not run on this node, expected running ({text}). From here nothing is known of the cluster, and this node can take over nothing. Look at it from the other node; when it is clear why it stopped, start it with 'pcs cluster start'.");

    public static readonly FindingCode Starting = new("pacemaker.starting", Severity.Error,
        "{subject}: the cluster has no coordinator and this node sees nobody online ({state}). That is normal for some seconds after a start and says nothing of the other node. If it stays, look at 'corosync-quorumtool' and the link between the nodes.");

    public static readonly FindingCode ForecastUnavailable = new("pacemaker.forecast-unavailable", Severity.Error,
        "{subject}: what standby or the return of a node would do cannot be predicted: {text}. Without a forecast a resource may move back by itself. Install it, or judge stickiness and constraints by hand.");

    public static readonly FindingCode ForecastFailed = new("pacemaker.forecast-failed", Severity.Error,
        "{subject}: the forecast of what standby, unstandby or the return of node {node} will do could not be made, at: {what} ({text}). Whether something moves is unknown. Nothing was changed by asking.");

    public static readonly FindingCode ForecastUnsteady = new("pacemaker.forecast-unsteady", Severity.Error,
        "{subject}: after unstandby or return of node {node} the cluster would move {resources} and then move it back. Callers would be interrupted twice, and a half synchronised copy could be promoted. Correct stickiness and constraints first.");

    internal static readonly ImmutableArray<FindingCode> All = [NotRunning, Starting, ForecastUnavailable, ForecastFailed, ForecastUnsteady];
}
