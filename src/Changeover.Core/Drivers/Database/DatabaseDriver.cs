using System.Globalization;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers.Database;

/// <summary>
/// A MySQL or MariaDB server, asked by its own client on its own machine: state, replication, positions and sessions.
/// </summary>
public sealed class DatabaseDriver : IDriver
{
    /// <summary>Key of the one command of <see cref="Ask"/> and the name of the script there (<c>$0</c>).</summary>
    public const string Look = "database";

    /// <summary>Keys and script names of <see cref="Tell"/>.</summary>
    public const string Replication = "replication", End = "end-session";

    /// <summary>
    /// A server whose disk is full answers everything but the replica status, and that not for minutes (seen on MariaDB
    /// 10.11): the machine ends the question, and the hang is a finding.
    /// </summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    public ImmutableArray<SubjectKind> Subjects => [SubjectKind.Database];

    public Request Ask(Subject subject, DriverContext context) => new Request.Shell(
        subject.Name,
        [Run(Look, DatabaseScripts.Look, SettingsOf(subject.Name, context.Inventory), Limit)],
        context.Inventory.Budgets.Look);

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context) =>
        DatabaseText.Read(subject, reply, context.Inventory.Machine(subject.Name), SettingsOf(subject.Name, context.Inventory));

    public Request? Tell(ClusterAction action, DriverContext context) => action switch
    {
        SetReplication set => Told(set.Machine, Replication, DatabaseScripts.Replication, set.Run ? "START" : "STOP", context),
        EndSession end => Told(end.Machine, End, DatabaseScripts.End, end.Session.ToString(CultureInfo.InvariantCulture), context),
        _ => null,
    };

    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context) => DatabaseText.Heard(action, reply);

    /// <summary>Stopping a replica waits for the transaction it applies, so a command that changes something has the whole budget.</summary>
    private static Request.Shell Told(string machine, string key, string script, string word, DriverContext context) => new(
        machine,
        [Run(key, script, SettingsOf(machine, context.Inventory), context.Inventory.Budgets.Look, word)],
        context.Inventory.Budgets.Look + TimeSpan.FromSeconds(5),
        context.Run is { } run ? new(run.Id, run.Epoch) : null);

    private static Command Run(string key, string script, DatabaseSettings settings, TimeSpan limit, params ReadOnlySpan<string> words) =>
        new(key, ["/bin/sh", "-c", script, key, settings.OptionFile, .. words], Root: settings.OptionFile.Length == 0, Limit: limit);

    internal static DatabaseSettings SettingsOf(string machine, ClusterInventory inventory) =>
        inventory.RolesOf(inventory.Machine(machine)).Select(r => r.Database).FirstOrDefault(d => d is not null) ?? new();
}
