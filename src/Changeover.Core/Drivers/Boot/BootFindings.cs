using Changeover.Findings;

namespace Changeover.Drivers.Boot;

public static class BootFindings
{
    public static readonly FindingCode Unreadable = new("boot.unreadable", Severity.Error,
        "{subject} answered the question what starts at its boot with something that could not be understood: {text}. Whether it comes back as it goes is unknown. Run the command of docs/drivers/boot.md on it by hand.");

    internal static readonly ImmutableArray<FindingCode> All = [Unreadable];
}
