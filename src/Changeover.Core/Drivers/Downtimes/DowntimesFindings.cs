using Changeover.Findings;

namespace Changeover.Drivers.Downtimes;

public static class DowntimesFindings
{
    public static readonly FindingCode Unreadable = new("downtimes.unreadable", Severity.Error,
        "{subject} answered the question for its downtimes with something that could not be understood ({what}). Whether alarms are silenced counts as unknown. Compare its version with docs/drivers/monitoring-icinga2.md.");

    public static readonly FindingCode Refused = new("downtimes.refused", Severity.Error,
        "{subject} does not list its downtimes: {words}. Whether alarms are silenced is unknown. Check address, user and its permission objects/query/Downtime.");

    internal static readonly ImmutableArray<FindingCode> All = [Unreadable, Refused];
}
