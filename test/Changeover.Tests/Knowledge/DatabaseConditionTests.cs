using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Tests.Knowledge;

/// <summary>Databases: who is connected, and what has been copied.</summary>
public sealed class DatabaseConditionTests
{
    private static Sight At(string machine, Func<DatabaseFacts, DatabaseFacts> change) => Sight.Well.But(machine, change);

    private static Sight Channel(string machine, Func<ReplicationChannel, ReplicationChannel> change) => At(machine, f => f with { Channels = f.Channels.Change(change) });

    // ---- nobody is connected ---------------------------------------------------------------------------------------------

    private static readonly NoSessions Quiet = new(["db1", "db2"], ["lb1", "lb2"]);

    private static Sight Session(string user, string host) => At("db1", f => f with { Sessions = [new(7, user, host, "acd", "Query", 3)] });

    [Theory]
    [InlineData("10.0.0.51", "web1")]
    [InlineData("web1-host.example.org", "web1")]
    [InlineData("10.0.0.31", "lb1 (through the balancer)")]
    [InlineData("10.9.9.9", "10.9.9.9")]
    public void A_session_is_named_with_its_machine(string host, string client) =>
        Session("acd", host).Fails(Quiet, $"quiet.session db1: client={client}, command=Query, id=7, user=acd");

    [Theory]
    [InlineData("monitor", "10.0.0.9", true)]
    [InlineData("monitor", "10.0.0.99", false)]
    [InlineData("backup", "10.0.1.7", true)]
    [InlineData("backup", "10.0.2.7", false)]
    [InlineData("backup", "10.0.0.9", false)]
    [InlineData("acd", "10.0.0.9", false)]
    [InlineData("acd", "10.0.1.7", false)]
    public void Only_the_sessions_that_the_inventory_allows_may_stay(string user, string host, bool allowed)
    {
        if (allowed)
            Session(user, host).Holds(Quiet);
        else
            Session(user, host).Fails(Quiet, $"quiet.session db1: client={host}, command=Query, id=7, user={user}");
    }

    [Fact]
    public void A_pattern_that_is_a_star_allows_every_host_and_one_without_no_other()
    {
        DatabaseSession session = new(7, "acd", "10.0.0.51", "acd", "Sleep", 3);

        Assert.True(NoSessions.Allows(new AllowedSession("acd", "*", ""), session));
        Assert.False(NoSessions.Allows(new AllowedSession("acd", "10.0.0.5", ""), session));
        Assert.False(NoSessions.Allows(new AllowedSession("other", "*", ""), session));
    }

    [Fact]
    public void Who_sees_only_its_own_sessions_proves_nothing() => At("db2", f => f with { SeesAllSessions = false }).IsUnknown(Quiet, "quiet.blind db2");

    [Theory]
    [InlineData("mysql", "first", 1, true)]
    [InlineData("mysql", "first", 0, false)]
    [InlineData("mysql", "second", 3, true)]
    [InlineData("web", "web1", 3, false)]
    public void A_session_on_the_writers_backend_counts(string backend, string server, int sessions, bool counts)
    {
        var sight = Sight.Well.But<BalancerFacts>("lb2", f => f with { Servers = f.Servers.Change(s => s.Name == server, s => s with { Sessions = sessions }) });
        if (counts)
            sight.Fails(Quiet, $"quiet.balancer-sessions lb2: backend={backend}, count={sessions}, server={server}");
        else
            sight.Holds(Quiet);
    }

    // ---- replication runs ------------------------------------------------------------------------------------------------

    private static readonly Replicates Runs = new("db1");

    public static TheoryData<string, Func<ReplicationChannel, ReplicationChannel>> Off() => new()
    {
        { "errno=0, error=no error, io=stopped, source=10.0.0.42, sql=running", c => c with { Io = ReplicationThread.Stopped } },
        { "errno=0, error=no error, io=unknown, source=10.0.0.42, sql=running", c => c with { Io = ReplicationThread.Unknown } },
        { "errno=0, error=no error, io=running, source=10.0.0.42, sql=stopped", c => c with { SqlRunning = false } },
        { "errno=1236, error=error 1236 no such log, io=stopped, source=10.0.0.42, sql=running", c => c with { Io = ReplicationThread.Stopped, IoErrno = 1236, IoError = "no such log. " } },
        { "errno=1062, error=error 1062 duplicate, io=stopped, source=10.0.0.42, sql=stopped", c => c with { Io = ReplicationThread.Stopped, IoErrno = 1236, SqlRunning = false, SqlErrno = 1062, SqlError = "duplicate" } },
    };

    [Theory]
    [MemberData(nameof(Off))]
    public void A_channel_that_does_not_run_does_not_replicate(string seen, Func<ReplicationChannel, ReplicationChannel> change)
    {
        Channel("db1", change).Fails(Runs, $"replication.not-running db1: {seen}");
        Channel("db1", change).Fails(new MayReplicate("db1", Booted: false), $"replication.not-running db1: {seen}");
    }

    [Fact]
    public void A_channel_that_waits_for_its_source_does_not_replicate_but_may() => Waiting(c => c).Fails(Runs, "replication.not-running db1: errno=0, error=no error, io=connecting");

    [Fact]
    public void A_set_delay_is_refused() =>
        Channel("db1", c => c with { Delay = TimeSpan.FromSeconds(90) }).Fails(Runs, "replication.delay db1: seconds=90, source=10.0.0.42");

    [Fact]
    public void A_database_that_follows_nobody_does_not_replicate()
    {
        At("db1", f => f with { Channels = [] }).Fails(Runs, "replication.not-configured db1");
        At("db1", f => f with { Channels = [] }).Fails(new MayReplicate("db1", Booted: true), "replication.not-configured db1");
    }

    private static readonly Sight TwoSources = At("db1", f => f with { Channels = [f.Channels[0] with { Io = ReplicationThread.Stopped, SqlErrno = 1 }, f.Channels[0] with { SourceHost = "report-host" }] });

    [Fact]
    public void A_source_that_is_left_out_is_not_judged_and_every_other_is()
    {
        TwoSources.Holds(Runs with { Except = ["db2"] });
        TwoSources.Fails(Runs with { Except = ["report"] }, "replication.not-running db1");
        TwoSources.Holds(new MayReplicate("db1", Booted: false, ["db2"]));
        TwoSources.Fails(new MayReplicate("db1", Booted: false, ["report"]), "replication.not-running db1");
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(1236, 0, false)]
    [InlineData(0, 1062, false)]
    public void After_a_boot_threads_that_no_error_stopped_may_be_started(int io, int sql, bool may)
    {
        var sight = Channel("db1", c => c with { Io = ReplicationThread.Stopped, SqlRunning = false, IoErrno = io, SqlErrno = sql });

        sight.Fails(new MayReplicate("db1", Booted: false), "replication.not-running db1");
        if (may)
            sight.Holds(new MayReplicate("db1", Booted: true));
        else
            sight.Fails(new MayReplicate("db1", Booted: true), "replication.not-running db1");
    }

    [Fact]
    public void Threads_that_wait_for_a_source_that_is_off_may_be_started() => Waiting(c => c with { Io = ReplicationThread.Stopped, IoErrno = 2003 }).Holds(new MayReplicate("db1", Booted: false));

    // ---- it waits for its source -----------------------------------------------------------------------------------------

    private static readonly WaitsForSource Waits = new("db1", "db2");

    private static Sight Waiting(Func<ReplicationChannel, ReplicationChannel> change) => Channel("db1", c => change(c with { Io = ReplicationThread.Connecting }));

    [Theory]
    [InlineData(ReplicationThread.Connecting, 0, true)]
    [InlineData(ReplicationThread.Connecting, 2003, true)]
    [InlineData(ReplicationThread.Stopped, 2003, true)]
    [InlineData(ReplicationThread.Stopped, 2000, true)]
    [InlineData(ReplicationThread.Stopped, 2999, true)]
    [InlineData(ReplicationThread.Stopped, 0, false)]
    [InlineData(ReplicationThread.Stopped, 1999, false)]
    [InlineData(ReplicationThread.Stopped, 3000, false)]
    [InlineData(ReplicationThread.Connecting, 1045, false)]
    [InlineData(ReplicationThread.Connecting, 2007, false)]
    [InlineData(ReplicationThread.Connecting, 2026, false)]
    [InlineData(ReplicationThread.Connecting, 2049, false)]
    [InlineData(ReplicationThread.Connecting, 2059, false)]
    [InlineData(ReplicationThread.Connecting, 2061, false)]
    [InlineData(ReplicationThread.Running, 0, false)]
    [InlineData(ReplicationThread.Running, 2003, false)]
    [InlineData(ReplicationThread.Unknown, 0, false)]
    [InlineData(ReplicationThread.Unknown, 2003, false)]
    public void A_source_that_is_off_does_not_answer_and_nothing_else_is_wrong(ReplicationThread io, int errno, bool waits)
    {
        var sight = Channel("db1", c => c with { Io = io, IoErrno = errno, IoError = "words" });
        if (waits)
        {
            sight.Holds(Waits);
            return;
        }
        var word = io.ToString().ToLowerInvariant();
        sight.Fails(Waits, $"replication.not-waiting db1: io={(errno is 0 or 2003 ? word : $"{word}, error {errno} words")}, source=db2, sql=running");
    }

    [Fact]
    public void What_it_received_is_applied_while_it_waits()
    {
        Waiting(c => c with { SqlRunning = false }).Fails(Waits, "replication.not-waiting db1: io=connecting, source=db2, sql=stopped, error 0");
        Waiting(c => c with { SqlErrno = 1062 }).Fails(Waits, "replication.not-waiting db1");
        Waiting(c => c with { Io = ReplicationThread.Stopped, IoErrno = 2003, SqlRunning = false }).Fails(Waits, "replication.not-waiting db1");
        Waiting(c => c with { Io = ReplicationThread.Stopped, IoErrno = 2003, SqlErrno = 1062 }).Fails(Waits, "replication.not-waiting db1");
    }

    [Theory]
    [InlineData("10.0.0.42")]
    [InlineData("db2-host.example.org")]
    [InlineData("db2")]
    public void A_source_is_known_by_its_address_and_its_names(string host) =>
        Channel("db1", c => c with { SourceHost = host }).Fails(Waits, "replication.not-waiting db1: io=running, source=db2, sql=running");

    [Fact]
    public void What_follows_another_source_is_not_judged() => Channel("db1", c => c with { SourceHost = "report" }).Holds(Waits);

    // ---- everything is applied -------------------------------------------------------------------------------------------

    private static readonly CaughtUp Chain = new("report", "db1", ["db2"]);

    private static string Set(int last) => $"3e11fa47-71ca-11e1-9e33-c80aa9429562:1-{last}";

    [Fact]
    public void What_the_source_has_and_the_replica_lacks_is_named() => At("db2", f => f with { Gtid = Set(8) }).Fails(
        new CaughtUp("db2", "db1"), "database.behind db2: missing=3e11fa47-71ca-11e1-9e33-c80aa9429562:9-10, source=db1");

    [Fact]
    public void Every_link_of_a_chain_has_to_have_everything()
    {
        At("db2", f => f with { Gtid = Set(8) }).Fails(Chain, "database.behind db2");
        At("report", f => f with { Gtid = Set(8) }).Fails(Chain, "database.behind report");
    }

    [Fact]
    public void Why_it_lacks_something_is_said_where_a_channel_of_the_chain_does_not_run()
    {
        static ReplicationChannel Stopped(ReplicationChannel c) => c with { SqlRunning = false };
        var behind = At("report", f => f with { Gtid = Set(8) });

        behind.But<DatabaseFacts>("report", f => f with { Channels = f.Channels.Change(Stopped) }).Fails(Chain, "database.behind report", "replication.not-running report");
        behind.But<DatabaseFacts>("report", f => f with { Channels = f.Channels.Change(c => c with { Io = ReplicationThread.Stopped }) }).Fails(Chain, "database.behind report", "replication.not-running report");
        At("db2", f => f with { Gtid = Set(8), Channels = f.Channels.Change(Stopped) }).Fails(new CaughtUp("db2", "db1"), "database.behind db2", "replication.not-running db2");
        behind.But<DatabaseFacts>("db1", f => f with { Channels = f.Channels.Change(Stopped) }).Fails(Chain, "database.behind report");
    }

    [Fact]
    public void A_channel_that_does_not_run_is_no_reason_where_nothing_is_missing() => Channel("db2", c => c with { Io = ReplicationThread.Stopped }).Holds(new CaughtUp("db2", "db1"));
}
