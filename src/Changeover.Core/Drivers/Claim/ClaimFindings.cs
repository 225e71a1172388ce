using Changeover.Findings;

namespace Changeover.Drivers.Claim;

public static class ClaimFindings
{
    public static readonly FindingCode Damaged = new("claim.damaged", Severity.Error,
        "{subject} has a claim folder that cannot be read ({what}): who works on the cluster is unknown, so nobody may. Look at " + ShellScript.ClaimFolder + " there; when surely nobody works on the cluster, take the claim over.");

    internal static readonly ImmutableArray<FindingCode> All = [Damaged];
}
