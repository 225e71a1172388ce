using Changeover.Findings;

namespace Changeover.Drivers.Power;

public static class PowerFindings
{
    public static readonly FindingCode Unreadable = new("power.unreadable", Severity.Error,
        "{subject}: the hypervisor answered something that could not be understood ({what}). Which of its machines are on counts as unknown, and nothing is switched. Compare its version with docs/drivers/power-proxmox.md.");

    internal static readonly ImmutableArray<FindingCode> All = [Unreadable];
}
