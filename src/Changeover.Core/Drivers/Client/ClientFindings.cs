using Changeover.Findings;

namespace Changeover.Drivers.Client;

public static class ClientFindings
{
    public static readonly FindingCode Unreadable = new("client.unreadable", Severity.Error,
        "{subject} answered the question whether it can use share and database with something that could not be understood ({what}): {text}. Both count as unproved, and its software is not started before they are. Run the commands of docs/drivers/client.md on it by hand.");

    public static readonly FindingCode NoTool = new("client.no-tool", Severity.Error,
        "{subject} has no {tool}, so {what} cannot be proved from there. Install it, or change how the inventory says it is reached ({instead}).");

    internal static readonly ImmutableArray<FindingCode> All = [Unreadable, NoTool];
}
