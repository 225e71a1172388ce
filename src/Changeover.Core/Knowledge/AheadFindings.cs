using Changeover.Findings;

namespace Changeover.Knowledge;

/// <summary>What stands still while one-sided, and what comes back with the emptied side.</summary>
public static class AheadFindings
{
    public static readonly FindingCode JobsStandStill = new("database.jobs-stand-still", Severity.Info,
        "{subject} holds jobs that stand still here: {jobs}. They run on the server they were made on (SLAVESIDE_DISABLED, REPLICA_SIDE_DISABLED), so while that is off nobody runs them; they go on when it is back.");

    public static readonly FindingCode LogsGone = new("database.logs-gone", Severity.Error,
        "{subject} has its binary logs only from {oldest} on, but {replica} was switched off when {needed} was written and needs everything since. It could not catch up any more. Rebuild it from a backup of {subject} before it takes part again.");

    public static readonly FindingCode LogsUnknown = new("database.logs-unknown", Severity.Error,
        "{subject}: whether it still has the binary logs that {replica} needs cannot be told (oldest {oldest}, needed {needed}); unknown counts as gone. Compare SHOW BINARY LOGS with where {replica} stopped.");

    public static readonly FindingCode ToSynchronise = new("drbd.to-synchronise", Severity.Info,
        "{subject}: {mib} MiB of DRBD {resource} have changed since the other copy went away; synchronising takes at least {minutes} min (by DRBD's own limit of 100 MiB/s, where none is configured).");

    public static readonly FindingCode ToCatchUp = new("database.to-catch-up", Severity.Info,
        "{subject} has written {mib} MiB of binary log since the picture as found; the other master fetches and applies that when it is back.");

    internal static readonly ImmutableArray<FindingCode> All = [JobsStandStill, LogsGone, LogsUnknown, ToSynchronise, ToCatchUp];
}
