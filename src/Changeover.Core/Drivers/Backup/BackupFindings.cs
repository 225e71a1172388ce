using Changeover.Findings;

namespace Changeover.Drivers.Backup;

/// <summary>What can be wrong with asking for backups.</summary>
public static class BackupFindings
{
    public static readonly FindingCode NoFolder = new("backup.no-folder", Severity.Error,
        "{subject}: the folder for backups {folder} cannot be read: {why}. Without it no backup can be made or found. Create it for root only, where there is room for a dump, or name another one in the inventory.");

    public static readonly FindingCode NoUnits = new("backup.no-units", Severity.Error,
        "{subject}: systemd does not say which backups are running: {why}. A backup is a transient unit, so the machine needs systemd; back it up by hand otherwise.");

    public static readonly FindingCode Hangs = new("backup.hangs", Severity.Error,
        "{subject}: the folder for backups {folder} did not answer in time. Look at that disk or mount; until then nobody knows whether the backup is there.");

    internal static readonly ImmutableArray<FindingCode> All = [NoFolder, NoUnits, Hangs];
}
