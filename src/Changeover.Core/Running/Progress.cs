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
        DatabaseFacts f when f.Channels.Length > 0 => f.Channels.Sum(c => (double)c.ExecPosition),
        _ => null,
    };
}
