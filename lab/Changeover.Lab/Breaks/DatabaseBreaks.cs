using Changeover.Lab.Machines;

namespace Changeover.Lab.Breaks;

/// <summary>Sessions that stay and replication that does not.</summary>
internal static class DatabaseBreaks
{
    private const string Unit = "lab-left-session";

    public static ImmutableArray<Break> All { get; } =
    [
        new("left-session-balancer", "a database session that nobody ends, through the balancer's address", "acd-chat2", false, IsClient,
            (_, power) => LeaveSession(power, "balancer", Topology.BalancerAddress), (_, power, _) => EndSession(power, "balancer")),
        new("left-session-direct", "a database session that nobody ends, straight to acd-dbm1", "acd-api2", false, IsClient,
            (_, power) => LeaveSession(power, "direct", Topology.Find("acd-dbm1").Address), (_, power, _) => EndSession(power, "direct")),
        new("replication-stopped", "STOP SLAVE", "acd-dbm2", false, IsDatabase, (_, power) => Sql(power, "STOP SLAVE"), (_, power, _) => Sql(power, "START SLAVE")),
        new("replica-stopped", "the database server is stopped", "acd-dbs2", false, m => m.Kind == MachineKind.Replica,
            (_, power) => power.Must("systemctl stop mariadb"), (_, power, _) => power.Must("systemctl start mariadb")),
        new("replication-lag", "replication that falls ever further behind", "acd-dbs1", true, IsDatabase, FallBehind,
            (_, power, _) => Sql(power, "STOP SLAVE; CHANGE MASTER TO MASTER_DELAY=0; START SLAVE")),
        new("replication-error", "replication stopped by a duplicate key (error 1062)", "acd-dbs2", true, m => m.Kind == MachineKind.Replica, Collide, Part),
    ];

    private static bool IsClient(Machine m) => m.Kind is MachineKind.Web or MachineKind.Chat or MachineKind.Api or MachineKind.Telephony or MachineKind.Monitoring;

    private static bool IsDatabase(Machine m) => m.Kind is MachineKind.Database or MachineKind.Replica;

    private static async Task<string> LeaveSession(Power power, string way, string address)
    {
        // A program that asked once and then forgot its session: "Sleep" in the process list.
        await power.Must($"systemd-run --quiet --unit={Unit}-{way} bash -c '(echo \"select 1;\"; exec sleep infinity) | mariadb -h{address} -ujtel -pjtel --unbuffered jtel'");
        return "";
    }

    private static async Task EndSession(Power power, string way) => await power.Shell($"systemctl stop {Unit}-{way}; systemctl reset-failed {Unit}-{way}");

    private static async Task<string> Sql(Power power, string statements)
    {
        var done = await power.Execute(["mariadb", "-e", statements]);
        return done.Good ? "" : throw new LabException(1, $"{power.Machine.Name}: the database refused \"{statements}\": {done.Text}");
    }

    private static async Task<string> FallBehind(Machine m, Power power)
    {
        await Sql(power, "STOP SLAVE; CHANGE MASTER TO MASTER_DELAY=3600; START SLAVE");
        // Behind is only who has something to apply.
        return await Sql(Power.Of(Topology.Find(Images.DatabaseLayer.SourceOf(m))), "INSERT INTO jtel.calls(what) VALUES ('written while one falls behind')");
    }

    /// <summary>The replica has a row that its master writes only afterwards.</summary>
    private static async Task<string> Collide(Machine m, Power power)
    {
        const long key = 900_000_001;
        await Sql(power, $"SET sql_log_bin=0; INSERT INTO jtel.calls(id, what) VALUES ({key}, 'only here')");
        await Sql(Power.Of(Topology.Find(Images.DatabaseLayer.SourceOf(m))), $"INSERT INTO jtel.calls(id, what) VALUES ({key}, 'written by the master')");
        return $"{key}";
    }

    private static async Task Part(Machine m, Power power, string key)
    {
        await Sql(power, $"SET sql_log_bin=0; DELETE FROM jtel.calls WHERE id={key}");
        await Sql(power, "START SLAVE");
    }
}
