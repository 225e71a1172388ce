using Changeover.Findings;

namespace Changeover.Knowledge;

/// <summary>Why a machine would not come back as it goes (X6).</summary>
public static class ComesBackFindings
{
    public static readonly FindingCode NotStarted = new("boot.not-started", Severity.Error,
        "{subject} does not start {what} at its boot: {seen}, expected enabled or in the hands of the cluster. Switched off, it would come back without it. Enable it (systemctl enable) before the maintenance.");

    public static readonly FindingCode NoModule = new("boot.no-drbd", Severity.Error,
        "{subject} has no DRBD module for kernel {kernel}, which may be the one that boots. Its copy of the store would not come back. Install the module for that kernel, or make the running kernel the one that boots.");

    public static readonly FindingCode Unknown = new("boot.unknown", Severity.Error,
        "{subject}: whether {what} would come back after a boot cannot be told; unknown counts as not coming back. See docs/drivers/boot.md and look by hand.");

    public static readonly FindingCode UpForLong = new("machine.up-for-long", Severity.Warning,
        "{subject} was last booted {days} days ago. What was changed since then has never been through a boot; expect surprises when it comes back.");

    internal static readonly ImmutableArray<FindingCode> All = [NotStarted, NoModule, Unknown, UpForLong];
}
