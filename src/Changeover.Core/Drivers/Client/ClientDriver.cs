using System.Globalization;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers.Client;

/// <summary>
/// Proof from the client's side: the share can be read and written, and the database answers through the floating address (F11).
/// </summary>
/// <remarks>
/// It writes one small file named after the machine into the share and removes it again. Source: smbclient(1), mountpoint(1),
/// MySQL client/server protocol ("Connection Phase").
/// </remarks>
public sealed class ClientDriver : IDriver
{
    public const string ShareKey = "share";
    public const string DatabaseKey = "database";
    public const string ProveVerb = "prove-client";

    /// <summary>
    /// Arguments: <c>client-mount MOUNT FILE</c>. Prints <c>readable=</c>, <c>writable=</c> (yes or no), <c>detail=</c>, <c>end</c>.
    /// </summary>
    /// <remarks>A folder where nothing is mounted can be written too, onto the client's own disk: that proves nothing.</remarks>
    public const string MountScript = """
        f=$1/$2; r=no; w=no; d=
        if ! d=$(ls "$1" 2>&1 >/dev/null); then :
        elif ! mountpoint -q "$1"; then d="nothing is mounted at $1"
        else
        r=yes
        t="$2 $$ $(date +%s%N)"
        if d=$( { printf %s "$t" >"$f"; } 2>&1) && [ "$(cat "$f" 2>&1)" = "$t" ] && d=$(rm "$f" 2>&1); then w=yes; else rm -f "$f" 2>/dev/null; fi
        fi
        printf 'readable=%s\nwritable=%s\ndetail=%s\nend\n' $r $w "$(printf %s "$d" | tr '\n' ' ')"
        """;

    /// <summary>
    /// The same with smbclient and without a login. Arguments: <c>client-share SHARE FILE</c>. Exit 127: no smbclient.
    /// </summary>
    /// <remarks>
    /// One connection proves all of it: when a pair has moved, every client of the cluster asks the same server at once. What
    /// comes back tells whether it was written and read; smbclient's exit code is that of its last command. Source: smbclient(1).
    /// </remarks>
    public const string ShareScript = """
        command -v smbclient >/dev/null || exit 127
        r=no; w=no; here=$(mktemp) || exit 1
        trap 'rm -f "$here" "$here.back"' EXIT
        printf '%s %s' "$2" "$(date +%s%N)" >"$here"
        if d=$(smbclient -N "$1" -c "put $here $2; get $2 $here.back; rm $2" 2>&1) && cmp -s "$here" "$here.back"; then r=yes; w=yes; d=
        elif l=$(smbclient -N "$1" -c "rm $2; ls" 2>&1); then r=yes
        else d=$l; fi
        printf 'readable=%s\nwritable=%s\ndetail=%s\nend\n' $r $w "$(printf %s "$d" | tr '\n' ' ')"
        """;

    /// <summary>
    /// Arguments: <c>client-database ADDRESS PORT OPTIONFILE</c>. Prints <c>answers=</c> (yes or no), <c>detail=</c>, <c>end</c>.
    /// Exit 127: no client program.
    /// </summary>
    public const string DatabaseScript = """
        c=$(command -v mariadb || command -v mysql) || exit 127
        a=no
        if d=$("$c" --defaults-extra-file="$3" --protocol=tcp -h "$1" -P "$2" --connect-timeout=5 -B -N -e 'select 1' 2>&1) && [ "$d" = 1 ]; then a=yes; d=; fi
        printf 'answers=%s\ndetail=%s\nend\n' $a "$(printf %s "$d" | tr '\n' ' ')"
        """;

    /// <summary>
    /// Without a login: the server's greeting. Arguments: <c>client-greeting ADDRESS PORT</c>. Prints <c>received=</c> and up to
    /// 200 bytes in hexadecimal, <c>detail=</c>, <c>end</c>.
    /// </summary>
    /// <remarks>
    /// The server counts connections that break off in the handshake and after max_connect_errors of them blocks the address
    /// they come from, which is the balancer's (seen on MariaDB 10.11 with 5 of them). So a whole login of a user without a
    /// password is sent, whose refusal is not counted so (seen there 31 times), and nothing after it, because a reset would
    /// throw away the answer.
    /// </remarks>
    public const string GreetingScript = """
        if ! { exec 9<>"/dev/tcp/$1/$2"; } 2>/dev/null; then printf 'received=\ndetail=no connection to %s port %s\nend\n' "$1" "$2"; exit 0; fi
        printf '\x2c\0\0\1\x01\x82\0\0\0\0\0\1\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0changeover\0\0' >&9
        printf 'received=%s\ndetail=\nend\n' "$(timeout 3 od -An -v -tx1 -N200 <&9 | tr -d ' \n')"
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static ImmutableArray<string> MountCommand(string mount, string machine) =>
        ["/bin/sh", "-c", MountScript, "client-mount", mount, File(machine)];

    public static ImmutableArray<string> ShareCommand(string share, string machine) =>
        ["/bin/sh", "-c", ShareScript, "client-share", share, File(machine)];

    public static ImmutableArray<string> DatabaseCommand(string address, int port, string optionFile) =>
        ["/bin/sh", "-c", DatabaseScript, "client-database", address, Number(port), optionFile];

    public static ImmutableArray<string> GreetingCommand(string address, int port) =>
        ["/bin/bash", "-c", GreetingScript, "client-greeting", address, Number(port)];

    /// <summary>The file a machine writes into the share.</summary>
    public static string File(string machine) => $".changeover-proof-{machine}";

    public ImmutableArray<SubjectKind> Subjects => [SubjectKind.Client];

    /// <summary>Asks for what the machine's services need, and for nothing (no command at all) where they need neither.</summary>
    public Request Ask(Subject subject, DriverContext context)
    {
        var machine = context.Inventory.Machine(subject.Name);
        var need = Needs.Of(machine, context.Inventory);
        var commands = ImmutableArray.CreateBuilder<Command>();
        if (machine.Platform == Platform.Windows)
        {
            if (need.Share is not null)
                commands.Add(new(ShareKey, WindowsClient.Share(need.Share.Share, File(machine.Name)), Limit: WindowsClient.Limit));
            if (need.Address.Length > 0)
                commands.Add(new(DatabaseKey, WindowsClient.Database(need.Address, need.Port), Limit: WindowsClient.Limit));
        }
        else
        {
            if (need.Share is { Mount.Length: > 0 })
                commands.Add(new(ShareKey, MountCommand(need.Share.Mount, machine.Name), Limit: Limit));
            else if (need.Share is not null)
                commands.Add(new(ShareKey, ShareCommand(need.Share.Share, machine.Name), Limit: Limit));
            if (need.Address.Length > 0)
                commands.Add(new(DatabaseKey, need.OptionFile.Length > 0
                    ? DatabaseCommand(need.Address, need.Port, need.OptionFile)
                    : GreetingCommand(need.Address, need.Port), Limit: Limit));
        }
        return new Request.Shell(subject.Name, commands.ToImmutable(), context.Inventory.Budgets.Look);
    }

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context)
    {
        var machine = context.Inventory.Machine(subject.Name);
        var need = Needs.Of(machine, context.Inventory);
        var windows = machine.Platform == Platform.Windows;
        bool? readable = null, writable = null, answers = null;
        var details = ImmutableArray.CreateBuilder<string>();
        if (need.Share is { } store)
        {
            var result = reply.Find(ShareKey);
            if (result is { Code: NoProgram })
                return Reading.Unreadable(ClientFindings.NoTool.On(subject.Name, "tool", "smbclient", "what", "the share", "instead", "mount"));
            // A share that hangs is no share.
            var proof = result is { Code: Result.TimedOut } ? new("no", "no", "no answer in time")
                : windows ? WindowsClient.Share(result) : Share(result);
            if (proof is not ({ } read, { } write, { } detail))
                return Bad(subject, "the share", result);
            (readable, writable) = (read == "yes", write == "yes");
            if (detail.Length > 0)
                details.Add($"share: {Excerpt.Of(detail)}");
        }
        if (need.Address.Length > 0)
        {
            var result = reply.Find(DatabaseKey);
            if (result is { Code: NoProgram })
                return Reading.Unreadable(ClientFindings.NoTool.On(subject.Name, "tool", need.OptionFile.Length > 0 ? "mariadb or mysql" : "bash", "what", "the database", "instead", "clientOptionFile"));
            var proof = result is { Code: Result.TimedOut } ? (false, "no answer in time")
                : windows ? WindowsClient.Database(result)
                : need.OptionFile.Length > 0 ? Login(result)
                : Greeting(result);
            if (proof is not ({ } yes, { } detail))
                return Bad(subject, "the database", result);
            answers = yes;
            if (detail.Length > 0)
                details.Add($"database: {Excerpt.Of(detail)}");
        }
        return Reading.Of(new ClientFacts(readable, writable, answers, string.Join("; ", details)));
    }

    public Request? Tell(ClusterAction action, DriverContext context) => null;

    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context) => new(ReceptionKind.Unclear);

    private const int NoProgram = 127;

    private static Reading Bad(Subject subject, string what, Result? result) =>
        Reading.Unreadable(ClientFindings.Unreadable.On(subject.Name, "what", what, "text", Excerpt.Of(result)));

    private static (string? Readable, string? Writable, string? Detail) Share(Result? result) =>
        result is { Code: 0 }
        && result.Output.Split('\n') is [var readable, var writable, var detail, "end", ""]
        && Value(readable, "readable=") is "yes" or "no"
        && Value(writable, "writable=") is "yes" or "no"
            ? (Value(readable, "readable="), Value(writable, "writable="), Value(detail, "detail="))
            : default;

    private static (bool? Answers, string? Detail) Login(Result? result) =>
        result is { Code: 0 }
        && result.Output.Split('\n') is [var answers, var detail, "end", ""]
        && Value(answers, "answers=") is "yes" or "no"
            ? (Value(answers, "answers=") == "yes", Value(detail, "detail="))
            : default;

    private static (bool? Answers, string? Detail) Greeting(Result? result) =>
        result is { Code: 0 }
        && result.Output.Split('\n') is [var received, var detail, "end", ""]
        && Value(received, "received=") is { } bytes
        && Value(detail, "detail=") is { } words
            ? Greeting(bytes, words)
            : default;

    /// <summary>
    /// Behind a length of three bytes and a number of one comes 0a, the protocol's version, when a server greets; ff when it
    /// refuses at once (too many connections, or this address is blocked). A balancer without a server closes without a word.
    /// </summary>
    internal static (bool? Answers, string? Detail) Greeting(string bytes, string words) =>
        !bytes.All(char.IsAsciiHexDigit) ? default
        : bytes.Length >= 10 && bytes[6..10] == "000a" ? (true, "greeting only, no login proved")
        : bytes.Length >= 14 && bytes[6..10] == "00ff" ? (false, $"refused with error {Convert.ToInt32(bytes[12..14] + bytes[10..12], 16)}")
        : bytes.Length == 0 ? (false, words.Length > 0 ? words : "connected, but no server spoke")
        : (false, "something else than a database answered");

    private static string? Value(string line, string name) => line.StartsWith(name, StringComparison.Ordinal) ? line[name.Length..] : null;

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);

    /// <param name="Share">Null: no service of the machine needs it, or nothing says how it is reached.</param>
    /// <param name="Address">The address that moves with the balancer; empty: not needed or none.</param>
    private sealed record Needs(StoreSettings? Share, string Address, int Port, string OptionFile)
    {
        public static Needs Of(Inventory.Machine machine, ClusterInventory inventory)
        {
            var services = inventory.ServicesOf(machine).ToImmutableArray();
            var share = services.Any(s => s.NeedsShare)
                ? inventory.Roles.Select(r => r.Store).FirstOrDefault(s => s is not null
                    && (s.Share.Length > 0 || (s.Mount.Length > 0 && machine.Platform == Platform.Linux)))
                : null;
            var balancer = inventory.Roles.FirstOrDefault(r => r.Balancer is { WriterBackend.Length: > 0 } && r.FloatingAddress.Length > 0);
            var database = inventory.Roles.FirstOrDefault(r => r is { Database: not null, Redundancy: Redundancy.Replicated })?.Database;
            return services.Any(s => s.NeedsDatabase) && balancer is not null && database is not null
                ? new(share, balancer.FloatingAddress, database.Port, database.ClientOptionFile)
                : new(share, "", 0, "");
        }
    }
}
