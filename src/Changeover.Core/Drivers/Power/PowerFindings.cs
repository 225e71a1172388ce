using Changeover.Findings;

namespace Changeover.Drivers.Power;

public static class PowerFindings
{
    public static readonly FindingCode Unreadable = new("power.unreadable", Severity.Error,
        "{subject}: the hypervisor answered something that could not be understood ({what}). Which of its machines are on counts as unknown, and nothing is switched. Compare its version with docs/drivers/power-proxmox.md.");

    public static readonly FindingCode Refused = new("power.refused", Severity.Error,
        "{subject}: the hypervisor does not list its guests: {words}. Which of its machines are on is unknown, and nothing is switched. Check node name, token and its rights (VM.Audit).");

    public static readonly FindingCode NameTwice = new("power.name-twice", Severity.Error,
        "{subject} has two guests named {name} ({ids}); the wrong one could be switched, so none is. Rename one of them, or correct guestName in the inventory.");

    internal static readonly ImmutableArray<FindingCode> All = [Unreadable, Refused, NameTwice];
}
