using Changeover.Findings;

namespace Changeover.Running;

/// <summary>What the run itself has to say.</summary>
public static class RunFindings
{
    public static readonly FindingCode Refused = new("run.refused", Severity.Error,
        "{subject}: the action was refused: {words}. Nothing was done by it.");

    public static readonly FindingCode NotSent = new("run.not-sent", Severity.Error,
        "{subject}: the request could not be sent, several times: {words}. Nothing was done by it.");

    public static readonly FindingCode ClaimGone = new("run.claim-gone", Severity.Danger,
        "{subject} no longer carries this run's claim: {words}. Somebody else may be working on the cluster; this run must not act.");

    public static readonly FindingCode ClaimForgotten = new("run.claim-forgotten", Severity.Error,
        "{subject} carried no claim any more, expected this run's. Either it has booted since (then retry: it is claimed again), or the run went on and ended elsewhere and this journal is an older copy of it (a restored backup, a snapshot of the controller). Nothing has been done but to claim it: look which it is. With an older copy abort here, and go on with the newer journal, taking this run's claims over (--take-over).");

    public static readonly FindingCode TwoPrimaries = new("run.two-primaries", Severity.Danger,
        "{subject} are both DRBD primary: the two copies of the data drift apart. Stop everything that writes now, and read docs/troubleshooting.md before anything else.");

    public static readonly FindingCode TwoWriters = new("run.two-writers", Severity.Danger,
        "{subject} choose different database servers as the writer: {writers}. When the address moves between them, or is on both, clients write on two sides. Somebody set or reloaded one of them: make their servers equal, and compare both databases before anything goes on.");

    public static readonly FindingCode PoolEmptied = new("run.pool-emptied", Severity.Error,
        "{subject}: every server of backend {backend} has been set aside (MAINT or DRAIN), expected at least one ready as it was found. Callers are turned away. This run did not do it: find out who did, and set one of its servers to ready.");

    internal static readonly ImmutableArray<FindingCode> All = [Refused, NotSent, ClaimGone, ClaimForgotten, TwoPrimaries, TwoWriters, PoolEmptied];
}
