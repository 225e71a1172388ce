using Changeover.Findings;

namespace Changeover.Drivers.Services;

public static class ServicesFindings
{
    public static readonly FindingCode Unreadable = new("services.unreadable", Severity.Error,
        "{subject} answered the question for its services with something that could not be understood ({what}): {text}. All its services count as unknown. Run the commands of docs/drivers/services.md on it by hand.");

    internal static readonly ImmutableArray<FindingCode> All = [Unreadable];
}
