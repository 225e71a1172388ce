using Changeover.Findings;

namespace Changeover.Drivers.Singleton;

public static class SingletonFindings
{
    public static readonly FindingCode Unreadable = new("singleton.unreadable", Severity.Error,
        "{subject}: the probe for {singleton} ended with code {exit} and did not say running or stopped: {text}. Whether it runs there is unknown, and with two of them calls are distributed twice. Correct the probe of the inventory, or say by hand where it runs.");

    public static readonly FindingCode NoProbe = new("singleton.no-probe", Severity.Error,
        "{subject} has no probe in the inventory that says whether its singleton runs there, so only a person can tell.");

    internal static readonly ImmutableArray<FindingCode> All = [Unreadable, NoProbe];
}
