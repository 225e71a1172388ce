using Changeover.Findings;

namespace Changeover.Knowledge;

/// <summary>What can be wrong with a Pacemaker pair.</summary>
public static class PairFindings
{
    public static readonly FindingCode NoCoordinator = new("pacemaker.no-coordinator", Severity.Error,
        "{subject} has no coordinator (DC) at the moment; right after a boot this passes within seconds, otherwise the cluster decides nothing.");

    public static readonly FindingCode NoQuorum = new("pacemaker.no-quorum", Severity.Error,
        "{subject} has no quorum; the cluster starts nothing. Look at the other node and the link between them (corosync-quorumtool -s).");

    public static readonly FindingCode MaintenanceMode = new("pacemaker.maintenance-mode", Severity.Error,
        "{subject} is in maintenance mode: the cluster starts and stops nothing, so standby has no effect although everything looks healthy. End it (pcs property set maintenance-mode=false).");

    public static readonly FindingCode StopAll = new("pacemaker.stop-all", Severity.Error,
        "{subject} is told to stop all resources (stop-all-resources).");

    public static readonly FindingCode NodeMaintenance = new("pacemaker.node-maintenance", Severity.Error,
        "{subject}: node {node} is in maintenance; the cluster leaves alone what runs there (pcs node unmaintenance {node}).");

    public static readonly FindingCode NodeUnclean = new("pacemaker.node-unclean", Severity.Danger,
        "{subject}: node {node} is unclean: nobody knows what it still runs. Make sure it is off or back before anything else is done.");

    public static readonly FindingCode StandbyOnFail = new("pacemaker.standby-on-fail", Severity.Error,
        "{subject}: node {node} was put into standby by a failure. Find the failure (pcs status), clean it up, then unstandby.");

    public static readonly FindingCode ResourceFailed = new("pacemaker.resource-failed", Severity.Error,
        "{subject}: resource {resource} is failed or blocked ({node}). Find the cause, then pcs resource cleanup {resource}.");

    public static readonly FindingCode ResourceUnmanaged = new("pacemaker.resource-unmanaged", Severity.Error,
        "{subject}: resource {resource} is unmanaged; the cluster would not move it (pcs resource manage {resource}).");

    public static readonly FindingCode ResourceDisabled = new("pacemaker.resource-disabled", Severity.Error,
        "{subject}: resource {resource} is disabled (target-role Stopped); it will not start anywhere (pcs resource enable {resource}).");

    public static readonly FindingCode Failure = new("pacemaker.failure", Severity.Error,
        "{subject}: {operation} of {resource} failed on {node}: {reason}. A failure that is not cleaned up keeps the resource away from the node (pcs resource cleanup {resource}).");

    public static readonly FindingCode Banned = new("pacemaker.banned", Severity.Error,
        "{subject}: {ban} keeps {resource} off {node}; a move there would stop it everywhere. Remove it when it is not wanted (pcs resource clear {resource}; a drbd-fence constraint goes when the resync has ended).");

    public static readonly FindingCode HolderNotOnline = new("pacemaker.holder-not-online", Severity.Error,
        "{subject}: node {node} is expected to hold the pair but is not an online member without standby.");

    public static readonly FindingCode TwoPromoted = new("pacemaker.two-promoted", Severity.Danger,
        "{subject}: {resource} is promoted on {nodes} at the same time; the two copies of the data drift apart. Stop everything that writes and read docs/troubleshooting.md.");

    public static readonly FindingCode NotPromotedThere = new("pacemaker.not-promoted", Severity.Error,
        "{subject}: {resource} is promoted {seen}, expected on {node}.");

    public static readonly FindingCode NotRunningThere = new("pacemaker.not-running-there", Severity.Error,
        "{subject}: {resource} is {seen}, expected started on {node}.");

    public static readonly FindingCode PeerInstanceMissing = new("pacemaker.peer-instance", Severity.Error,
        "{subject}: {resource} on {node} is {seen}, expected unpromoted; the other copy is not kept.");

    public static readonly FindingCode PeerNotAsExpected = new("pacemaker.peer-not-as-expected", Severity.Error,
        "{subject}: node {node} is {seen}, expected {expected}.");

    public static readonly FindingCode NotPlainlySafe = new("pacemaker.not-plainly-safe", Severity.Error,
        "{subject}: crm_simulate is not installed, and from stickiness and constraints alone it is not plain that {resource} moves to {node} and stays there: {why}. It could come back by itself and interrupt callers twice. Install pacemaker-cli-utils, or raise the stickiness above every preference.");

    public static readonly FindingCode NoResources = new("pacemaker.no-resources", Severity.Error,
        "{subject} shows no resources at all; the cluster manages nothing.");

    public static readonly FindingCode NoHolder = new("pacemaker.no-holder", Severity.Error,
        "{subject}: no single node holds the pair; its roles are split or stopped.");

    internal static readonly ImmutableArray<FindingCode> All =
    [
        NoCoordinator, NoQuorum, MaintenanceMode, StopAll, NodeMaintenance, NodeUnclean, StandbyOnFail, ResourceFailed, ResourceUnmanaged,
        ResourceDisabled, Failure, Banned, HolderNotOnline, TwoPromoted, NotPromotedThere, NotRunningThere, PeerInstanceMissing,
        PeerNotAsExpected, NotPlainlySafe, NoResources, NoHolder,
    ];
}
