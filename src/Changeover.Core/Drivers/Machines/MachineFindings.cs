using Changeover.Findings;

namespace Changeover.Drivers.Machines;

public static class MachineFindings
{
    public static readonly FindingCode Unreadable = new("machine.unreadable", Severity.Error,
        "{subject} answered its identity questions with something that could not be understood ({what}): {text}. Without knowing who answers, since which boot and with which addresses, nothing may be set there. Run the commands of docs/drivers/machine.md on it by hand.");

    internal static readonly ImmutableArray<FindingCode> All = [Unreadable];
}
