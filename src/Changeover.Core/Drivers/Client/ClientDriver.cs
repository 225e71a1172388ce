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
        if d=$( { printf %s "$t" >"$f"; } 2>&1) && [ "$(cat "$f" 2>&1)" = "$t" ] && d=$(rm "$f" 2>&1); then w=yes; fi
        fi
        printf 'readable=%s\nwritable=%s\ndetail=%s\nend\n' $r $w "$(printf %s "$d" | tr '\n' ' ')"
        """;

    /// <summary>
    /// The same with smbclient and without a login. Arguments: <c>client-share SHARE FILE</c>. Exit 127: no smbclient.
    /// </summary>
    public const string ShareScript = """
        command -v smbclient >/dev/null || exit 127
        r=no; w=no; here=$(mktemp) || exit 1
        trap 'rm -f "$here"' EXIT
        printf '%s %s' "$2" "$(date +%s%N)" >"$here"
        if d=$(smbclient -N "$1" -c ls 2>&1); then
        r=yes; d=
        if d=$(smbclient -N "$1" -c "put $here $2" 2>&1) && [ "$(smbclient -N "$1" -c "get $2 -" 2>/dev/null)" = "$(cat "$here")" ] && d=$(smbclient -N "$1" -c "rm $2" 2>&1); then w=yes; d=; fi
        fi
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
    /// The server counts connections that break off in the handshake and blocks the sender's address (the balancer's) after
    /// max_connect_errors of them. So a whole login of a user without a password is sent, which is refused and not counted so,
    /// and a goodbye.
    /// </remarks>
    public const string GreetingScript = """
        if ! { exec 9<>"/dev/tcp/$1/$2"; } 2>/dev/null; then printf 'received=\ndetail=no connection to %s port %s\nend\n' "$1" "$2"; exit 0; fi
        printf '\x2c\0\0\1\x01\x82\0\0\0\0\0\1\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0changeover\0\0\1\0\0\0\1' >&9
        printf 'received=%s\ndetail=\nend\n' "$(timeout 5 od -An -v -tx1 -N200 <&9 | tr -d ' \n')"
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

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context) => throw new NotImplementedException();

    public Request? Tell(ClusterAction action, DriverContext context) => null;

    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context) => new(ReceptionKind.Unclear);

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
