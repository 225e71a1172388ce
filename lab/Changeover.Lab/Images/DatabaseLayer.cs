using System.Diagnostics;

namespace Changeover.Lab.Images;

/// <summary>One database machine, replication set up in its data directory: it starts by itself at the first boot, in any order.</summary>
public static class DatabaseLayer
{
    /// <summary>Whom each one follows: the masters each other, each replica the master of its own host.</summary>
    public static string SourceOf(Machine m) => m switch
    {
        { Kind: MachineKind.Database, Number: 1 } => "acd-dbm2",
        { Kind: MachineKind.Database } => "acd-dbm1",
        { Number: 1 } => "acd-dbm1",
        _ => "acd-dbm2",
    };

    /// <summary>Replication's number of the server, from 1, unique over masters and replicas.</summary>
    public static int ServerId(Machine m) => m.Octet - 40;

    public static async Task Fill(Layer layer, Machine m)
    {
        layer.Copy("database");
        if (m.Kind == MachineKind.Replica) layer.Delete("/usr/lib/systemd/system/jtel-listener.service", "/usr/local/lib/lab/jtel-listener.json");
        layer.Write("/etc/mysql/mariadb.conf.d/91-node.cnf",
            $"""
            [mysqld]
            server-id={ServerId(m)}
            auto_increment_offset={m.Number}
            {(m.Kind == MachineKind.Replica ? "read_only=1" : "# A master: read_only is no freeze and is not set by default.")}

            """);
        await layer.Systemctl("enable", "mariadb.service");
        if (m.Kind == MachineKind.Database) await layer.Systemctl("enable", "jtel-listener.service");
        await layer.Shell("mkdir -p /run/mysqld /var/backups/changeover && chown mysql /run/mysqld && chmod 700 /var/backups/changeover");

        var sql = File.ReadAllText(Path.Combine(LabPaths.Tree, "database/usr/local/share/lab/first.sql"))
            + $"CHANGE MASTER TO MASTER_HOST='{Topology.Find(SourceOf(m)).Address}', MASTER_USER='repl', MASTER_PASSWORD='repl', MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=2;\n";
        using var server = Process.Start(new ProcessStartInfo("chroot",
            [layer.Root, "mariadbd", "--user=mysql", "--skip-networking", "--skip-slave-start", "--open-files-limit=4000", "--max-connections=20", "--log-error=/tmp/first.log"])
        {
            // It complains about limits before it has opened its log; nobody needs to read that.
            RedirectStandardError = true,
        })!;
        try
        {
            await Answers(layer, server, m);
            var done = await Command.Run(["chroot", layer.Root, "mariadb"], input: sql);
            if (!done.Good) throw new LabException(1, $"database of {m.Name} refused its first statements: {done.Text}");
            await layer.Run("mariadb-admin", "shutdown");
            await server.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
        }
        finally
        {
            if (!server.HasExited) server.Kill(entireProcessTree: true);
        }

        await layer.Shell("rm -rf /run/mysqld /tmp/first.log");
    }

    private static async Task Answers(Layer layer, Process server, Machine m)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if ((await Command.Run(["chroot", layer.Root, "mariadb", "-e", "select 1"])).Good) return;
            var log = Path.Combine(layer.Root, "tmp/first.log");
            if (server.HasExited || clock.Elapsed > TimeSpan.FromMinutes(2))
                throw new LabException(1, $"database of {m.Name} did not answer while its image was made:\n{(File.Exists(log) ? File.ReadAllText(log) : "no log")}");
            await Task.Delay(200);
        }
    }
}
