using System.Diagnostics;
using Changeover.Drivers;
using Changeover.Drivers.Database;
using Changeover.Drivers.HaProxy;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Tests.Drivers;

/// <summary>
/// Driver, script and parser against a real HAProxy and a real MariaDB of this machine, started on a scratch folder and ended
/// by the test. Skipped where they are not installed.
/// </summary>
public sealed class RealServersTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("changeover-").FullName;
    private Process? server;

    public void Dispose()
    {
        server?.Kill();
        server?.WaitForExit();
        server?.Dispose();
        Directory.Delete(root, true);
    }

    private static Reply.Answered Exchange(Request request)
    {
        var shell = (Request.Shell)request with { Guard = null };
        using var sh = Process.Start(new ProcessStartInfo("/bin/sh", ["-s"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        sh.StandardInput.Write(ShellScript.Render(shell, sudo: false, "n1"));
        sh.StandardInput.Close();
        var output = sh.StandardOutput.ReadToEnd();
        sh.WaitForExit();
        return Assert.IsType<Reply.Answered>(ShellScript.Read(shell, output, "n1"));
    }

    private DriverContext Context() => new(
        new ClusterInventory
        {
            Cluster = "test",
            Machines =
            [
                new()
                {
                    Name = "here", Host = "host1", Address = "127.0.0.1", Roles = ["lb", "dbm"], NodeName = "here",
                    HostName = Environment.MachineName, GuestName = "here",
                },
            ],
            Roles =
            [
                new() { Name = "lb", Balancer = new() { Socket = $"{root}/s.sock", Configuration = $"{root}/haproxy.cfg" } },
                new() { Name = "dbm", Database = new() { OptionFile = $"{root}/client.cnf" } },
            ],
        },
        Snapshot.Empty);

    private void Start(string program, params string[] arguments) =>
        server = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true });

    private static T WaitFor<T>(Func<Facts?> look)
        where T : Facts
    {
        var since = Stopwatch.StartNew();
        while (since.Elapsed < TimeSpan.FromSeconds(30))
        {
            if (look() is T facts)
                return facts;
        }
        throw new TimeoutException($"no {typeof(T).Name}");
    }

    [Fact]
    public void A_real_HAProxy_is_set_and_says_so()
    {
        Assert.SkipUnless(File.Exists(HaProxyDriver.HaProxy) && File.Exists(HaProxyDriver.Socat), "HAProxy or socat is not installed here");
        File.WriteAllText($"{root}/haproxy.cfg", $"""
            global
                stats socket {root}/s.sock mode 600 level admin
            defaults
                timeout connect 1s
                timeout client 1s
                timeout server 1s
            backend web
                server acd-jb1 127.0.0.1:1
                server acd-jb4 127.0.0.1:1 weight 20

            """);
        var (driver, context, subject) = (new HaProxyDriver(), Context(), new Subject(SubjectKind.Balancer, "here"));
        Start(HaProxyDriver.HaProxy, "-db", "-f", $"{root}/haproxy.cfg");
        BalancerFacts Look() => WaitFor<BalancerFacts>(() => driver.Read(subject, Exchange(driver.Ask(subject, context)), context).Facts);

        var before = Look();
        var set = new SetServers("here", [new("web", "acd-jb1", ServerAdmin.Maint), new("web", "acd-jb4", ServerAdmin.Drain, 5)]);
        var heard = driver.Heard(set, Exchange(driver.Tell(set, context)!), context);
        var after = Look();
        var wrong = new SetServers("here", [new("web", "acd-jb4; set server web/acd-jb1 state ready", ServerAdmin.Maint)]);
        var refused = driver.Heard(wrong, Exchange(driver.Tell(wrong, context)!), context);

        Assert.Equal((true, true), (before.ConfigurationValid, before.MayChange));
        Assert.All(before.Servers, s => Assert.Equal((ServerAdmin.Ready, "no check"), (s.Admin, s.Status)));
        Assert.Equal(Reception.Accepted, heard);
        Assert.Equal(ServerAdmin.Maint, after.Server("web", "acd-jb1")!.Admin);
        Assert.Equal((ServerAdmin.Drain, 5), (after.Server("web", "acd-jb4")!.Admin, after.Server("web", "acd-jb4")!.Weight));
        Assert.Equal(new Reception(ReceptionKind.Refused, "No such server."), refused);
        Assert.Equal(ServerAdmin.Maint, Look().Server("web", "acd-jb1")!.Admin);
    }

    [Fact]
    public void A_real_MariaDB_is_read_and_a_session_on_it_ended()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/mariadbd") && File.Exists("/usr/bin/mariadb-install-db"), "MariaDB is not installed here");
        var user = Environment.UserName;
        File.WriteAllText($"{root}/client.cnf", $"[client]\nsocket={root}/db.sock\nuser=root\n");
        using (var install = Process.Start(new ProcessStartInfo(
            "/usr/bin/mariadb-install-db",
            ["--no-defaults", $"--datadir={root}/data", $"--user={user}", "--auth-root-authentication-method=normal", "--skip-test-db"])
        { RedirectStandardError = true, RedirectStandardOutput = true })!)
        {
            install.StandardOutput.ReadToEnd();
            install.WaitForExit();
        }
        Start(
            "/usr/sbin/mariadbd", "--no-defaults", $"--datadir={root}/data", $"--user={user}", $"--socket={root}/db.sock", $"--pid-file={root}/pid",
            "--skip-networking", "--log-bin=binlog", "--server-id=7", "--event-scheduler=ON", $"--log-error={root}/log");
        var (driver, context, subject) = (new DatabaseDriver(), Context(), new Subject(SubjectKind.Database, "here"));
        DatabaseFacts Look() => WaitFor<DatabaseFacts>(() => driver.Read(subject, Exchange(driver.Ask(subject, context)), context).Facts);

        var before = Look();
        using var client = Process.Start(new ProcessStartInfo(
            "/usr/bin/mariadb", [$"--defaults-extra-file={root}/client.cnf", "mysql", "--execute=SELECT SLEEP(60)"])
        { RedirectStandardError = true })!;
        var session = Assert.Single(WaitFor<DatabaseFacts>(() => Look() is { Sessions.Length: > 0 } facts ? facts : null).Sessions);
        var end = new EndSession("here", session.Id);
        var first = driver.Heard(end, Exchange(driver.Tell(end, context)!), context);
        client.WaitForExit();
        WaitFor<DatabaseFacts>(() => Look() is { Sessions.Length: 0 } facts ? facts : null);
        var again = driver.Heard(end, Exchange(driver.Tell(end, context)!), context);
        var start = new SetReplication("here", true);
        var replication = driver.Heard(start, Exchange(driver.Tell(start, context)!), context);

        Assert.Equal(("mariadb", 7L, true, true), (before.Product, before.ServerId, before.EventScheduler, before.SeesAllSessions));
        Assert.Equal(("binlog.000001", "binlog.000001"), (before.LogFile, before.OldestLog));
        Assert.Empty(before.Channels);
        Assert.Equal(("root", "mysql"), (session.User, session.Database));
        Assert.Equal((Reception.Accepted, Reception.Accepted, Reception.Accepted), (first, again, replication));
    }
}
