using Changeover.Findings;
using Changeover.Knowledge;

namespace Changeover.Running;

/// <summary>What "it progresses" means for each kind of facts: a number that grows.</summary>
public static class Progress
{
    public static double? Mark(Facts facts) => facts switch
    {
        DrbdFacts f when f.Resources.Any(r => r.OutOfSyncKiB is > 0) => -f.Resources.Sum(r => (double)(r.OutOfSyncKiB ?? 0)),
        BackupFacts f when f.Backups.Any(b => b.Running) => f.Backups.Sum(b => (double)b.Bytes),
        // A replica that catches up: how far it has applied its source's log.
        DatabaseFacts f when f.Channels.Length > 0 => f.Channels.Sum(Applied),
        _ => null,
    };

    /// <summary>The position begins anew with every log file. A file is seldom longer than max_binlog_size, at most 1 GiB, and a transaction.</summary>
    private static double Applied(ReplicationChannel channel) =>
        ((Positions.LogNumber(channel.ExecFile)?.Number ?? 0) * (double)(1L << 32)) + channel.ExecPosition;

    /// <summary>
    /// Going on like this ends it. What stands beside it (a replication that is stopped, a machine that does not answer) does not go
    /// away however far the rest comes, and a person must be asked in time.
    /// </summary>
    public static bool Cures(Finding finding) =>
        finding.Severity < Severity.Error
        || finding.Code == PositionFindings.Behind || finding.Code == StateFindings.DrbdNotAs || finding.Code == StateFindings.ScoreLow || finding.Code == StateFindings.BackupNotComplete;
}
