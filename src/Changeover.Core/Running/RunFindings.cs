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

    public static readonly FindingCode TwoPrimaries = new("run.two-primaries", Severity.Danger,
        "{subject} are both DRBD primary: the two copies of the data drift apart. Stop everything that writes now, and read docs/troubleshooting.md before anything else.");

    internal static readonly ImmutableArray<FindingCode> All = [Refused, NotSent, ClaimGone, TwoPrimaries];
}
