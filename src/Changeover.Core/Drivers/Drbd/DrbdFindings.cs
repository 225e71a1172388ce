using Changeover.Findings;

namespace Changeover.Drivers.Drbd;

/// <summary>Why the state of DRBD is unknown.</summary>
public static class DrbdFindings
{
    public static readonly FindingCode NoStatus = new("drbd.no-status", Severity.Error,
        "{subject}: the DRBD module {version} is loaded, but neither 'drbdsetup status --json' nor 'drbdadm status' tells the state of its resources ({text}). Their state counts as unknown, because /proc/drbd of DRBD 9 tells nothing. Run both by hand and check that drbd-utils fit the module.");

    internal static readonly ImmutableArray<FindingCode> All = [NoStatus];
}
