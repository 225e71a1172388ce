using System.Text;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers.HaProxy;

/// <summary>
/// HAProxy on its own machine, asked and told at its runtime socket. Each balancer has administrative states of its own, in
/// the memory of its process: a reload or a boot forgets them, so every balancer is asked at its own machine.
/// </summary>
public sealed class HaProxyDriver : IDriver
{
    /// <summary>Keys of the commands of <see cref="Ask"/>.</summary>
    public const string Info = "info", Stat = "stat", State = "state", Level = "level", Checksum = "checksum", Check = "check", Age = "age";

    /// <summary>Key of the one command of <see cref="Tell"/>.</summary>
    public const string Set = "set";

    /// <summary>What goes down the socket, one command a connection: several in one line answer without a mark between them.</summary>
    public const string ShowInfo = "show info\n", ShowStat = "show stat\n", ShowState = "show servers state\n", ShowLevel = "show cli level\n";

    /// <summary>Seconds since the file (first argument) was last written, by the machine's own clock.</summary>
    public const string AgeScript = "echo $(($(date +%s) - $(stat -c %Y \"$1\")))";

    public const string Socat = "/usr/bin/socat", Sha256 = "/usr/bin/sha256sum", HaProxy = "/usr/sbin/haproxy";

    /// <summary>An HAProxy that lives answers at once; one that does not must not keep the machine's other answers waiting.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public ImmutableArray<SubjectKind> Subjects => [SubjectKind.Balancer];

    public Request Ask(Subject subject, DriverContext context)
    {
        var settings = SettingsOf(subject.Name, context.Inventory);
        return new Request.Shell(
            subject.Name,
            [
                Say(Info, ShowInfo, settings),
                Say(Stat, ShowStat, settings),
                Say(State, ShowState, settings),
                Say(Level, ShowLevel, settings),
                new(Checksum, [Sha256, settings.Configuration], Root: true, Limit: Limit),
                new(Check, [HaProxy, "-c", "-q", "-f", settings.Configuration], Root: true, Limit: Limit),
                new(Age, ["/bin/sh", "-c", AgeScript, Age, settings.Configuration], Limit: Limit),
            ],
            context.Inventory.Budgets.Look);
    }

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context) =>
        HaProxyText.Read(subject, reply, SettingsOf(subject.Name, context.Inventory));

    public Request? Tell(ClusterAction action, DriverContext context) => action is SetServers set
        ? new Request.Shell(
            set.Balancer,
            [Say(Set, Line(set), SettingsOf(set.Balancer, context.Inventory))],
            context.Inventory.Budgets.Look,
            context.Run is { } run ? new(run.Id, run.Epoch) : null)
        : null;

    /// <summary>
    /// HAProxy answers a command it takes with an empty line, and one it refuses with a sentence and the same exit code 0. Of several
    /// commands it may take some and refuse others, and then it is not so that nothing was done.
    /// </summary>
    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context)
    {
        if (reply.Find(Set) is not { } result)
            return new(ReceptionKind.Unclear);
        var (refused, all) = (HaProxyText.Refusals(result.Output), Commands((SetServers)action).Length);
        return result switch
        {
            { Code: Result.TimedOut } => new(ReceptionKind.Unclear, "HAProxy took the line and did not answer in time"),
            _ when refused > 0 => refused < all
                ? new(ReceptionKind.Unclear, FormattableString.Invariant($"HAProxy refused {refused} of {all} commands and took the others: {HaProxyText.Line(result.Output)}"))
                : new(ReceptionKind.Refused, HaProxyText.Line(result.Output)),
            // Seen of socat 1.7.4: only when it says "connect(" did the line surely not arrive; "write(" or "read(" come later.
            { Code: not 0 } => new(
                result.Code is 126 or 127 || result.Error.Contains(" E connect(", StringComparison.Ordinal) ? ReceptionKind.Refused : ReceptionKind.Unclear,
                HaProxyText.Line(result.Error)),
            { Output.Length: 0 } => new(ReceptionKind.Unclear, "HAProxy closed its socket without an answer"),
            _ => Reception.Accepted,
        };
    }

    /// <summary>
    /// One line for all servers, so that no time passes between them. The weight goes first: a server never becomes ready
    /// with another weight than the one meant.
    /// </summary>
    private static string Line(SetServers set) => string.Join("; ", Commands(set)) + "\n";

    private static ImmutableArray<string> Commands(SetServers set) =>
    [
        .. set.Servers.SelectMany(s =>
        {
            var name = $"set server {Name(s.Backend)}/{Name(s.Server)}";
            var state = s.Admin switch { ServerAdmin.Ready => "ready", ServerAdmin.Drain => "drain", _ => "maint" };
            return s.Weight is { } weight
                ? new[] { FormattableString.Invariant($"{name} weight {weight}"), $"{name} state {state}" }
                : [$"{name} state {state}"];
        }),
    ];

    /// <summary>
    /// A name for the socket's line. HAProxy allows letters, digits and <c>-_.:</c> in names; anything else is escaped and a
    /// line break left out, so that a wrong name ends in "No such server." and never in a second command.
    /// </summary>
    private static string Name(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name.Where(c => c is not ('\n' or '\r')))
        {
            if (!HaProxyText.InName(c))
                text.Append('\\');
            text.Append(c);
        }
        return text.ToString();
    }

    private static Command Say(string key, string line, BalancerSettings settings) =>
        new(key, [Socat, "-t5", "-", $"UNIX-CONNECT:{settings.Socket}"], Root: true, line, Limit);

    private static BalancerSettings SettingsOf(string machine, ClusterInventory inventory) =>
        inventory.RolesOf(inventory.Machine(machine)).Select(r => r.Balancer).FirstOrDefault(b => b is not null) ?? new();
}
