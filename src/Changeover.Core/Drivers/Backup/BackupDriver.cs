using Changeover.Drivers.Database;
using Changeover.Knowledge;

namespace Changeover.Drivers.Backup;

/// <summary>
/// Dumps of a database server, made by its own dump program on its own machine as a transient unit, and proved complete and
/// readable there before they count (F1, B1).
/// </summary>
public sealed class BackupDriver : IDriver
{
    /// <summary>Key of the one command of <see cref="Ask"/> and the name of the script there (<c>$0</c>).</summary>
    public const string Look = "backups";

    /// <summary>Keys and script names of <see cref="Tell"/>.</summary>
    public const string Start = "start-backup", Remove = "remove-backup";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    public ImmutableArray<SubjectKind> Subjects => [SubjectKind.Backup];

    public Request Ask(Subject subject, DriverContext context) => new Request.Shell(
        subject.Name,
        [new(Look, ["/bin/sh", "-c", BackupScripts.List, Look, context.Inventory.Backup.Directory], Root: true, Limit: Limit)],
        context.Inventory.Budgets.Look);

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context) =>
        BackupText.Read(subject, reply, context.Inventory.Backup.Directory);

    public Request? Tell(ClusterAction action, DriverContext context) => action switch
    {
        StartBackup start => Told(
            start.Machine,
            Start,
            context,
            BackupScripts.Start,
            Start,
            DatabaseDriver.SettingsOf(start.Machine, context.Inventory).OptionFile,
            context.Inventory.Backup.Directory,
            start.Id,
            BackupScripts.Dump),
        RemoveBackup remove => Told(
            remove.Machine, Remove, context, BackupScripts.Remove, Remove, context.Inventory.Backup.Directory, remove.Id),
        _ => null,
    };

    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context) =>
        BackupText.Heard(reply.Find(action is StartBackup ? Start : Remove));

    private static Request.Shell Told(string machine, string key, DriverContext context, params ImmutableArray<string> words) => new(
        machine,
        [new(key, ["/bin/sh", "-c", .. words], Root: true, Limit: context.Inventory.Budgets.Look)],
        context.Inventory.Budgets.Look + TimeSpan.FromSeconds(5),
        context.Run is { } run ? new(run.Id, run.Epoch) : null);
}
