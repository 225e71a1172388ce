using Changeover.Drivers;
using Changeover.Drivers.Database;
using Changeover.Knowledge;
using Changeover.Tests.Drivers;
using FsCheck;
using FsCheck.Fluent;

namespace Changeover.Tests.Knowledge;

public sealed class PositionsTests
{
    private static readonly DatabaseFacts Bare =
        new("mariadb", "10.11", 1, false, true, "binlog.000001", 4, "", true, null, 0, [], [], [], LogsReplicated: true);

    private static readonly ReplicationChannel Link =
        new("", "10.0.0.2", 3306, ReplicationThread.Running, true, "", 0, "", 0, "", "binlog.000001", 4, "binlog.000001", 4, "", true, null, TimeSpan.Zero, 2);

    private static Verdict Applied(DatabaseFacts replica, DatabaseFacts source) => Positions.Applied("replica", replica, "source", source).Verdict;

    /// <summary>A MariaDB server that has this log in this order; what others did reached it through its replica threads.</summary>
    private static DatabaseFacts Server(uint id, IReadOnlyList<MariaGtid> log, bool logsReplicated = true, uint follows = 0)
    {
        static string Text(IEnumerable<MariaGtid> gtids) => string.Join(',', gtids);
        var logged = log.Where(g => logsReplicated || g.Server == id).ToArray();
        return Bare with
        {
            ServerId = id,
            Gtid = Text(log.TakeLast(1).Concat(logged.TakeLast(1)).Distinct()),
            GtidApplied = Text(log.Where(g => g.Server != id).TakeLast(1)),
            GtidLogged = Text(logged.GroupBy(g => g.Server).Select(g => g.Last())),
            LogsReplicated = logsReplicated,
            Channels = follows == 0 ? [] : [Link with { SourceServerId = follows }],
        };
    }

    private static Gen<MariaGtid[]> Log(params uint[] servers) =>
        Gen.Elements(servers).ListOf().Select(l => l.Select((s, i) => new MariaGtid(0, s, (ulong)i + 1)).ToArray());

    [Fact]
    public void Of_one_log_the_longer_part_has_applied_the_shorter_and_never_the_other_way() =>
        Prop.ForAll(
            Log(1, 2, 3).ToArbitrary(), Gen.Choose(0, 9).ToArbitrary(), Gen.Choose(0, 9).ToArbitrary(),
            (log, a, b) =>
            {
                var (has, had) = (Server(1, [.. log.Take(a)]), Server(2, [.. log.Take(b)]));
                var expected = Math.Min(a, log.Length) >= Math.Min(b, log.Length) ? Verdict.Holds : Verdict.Fails;
                // A source without any GTID is compared by log position, which these servers do not have.
                return had.Gtid.Length == 0 || Applied(has, had) == expected;
            }).Check();

    [Fact]
    public void A_replica_that_logs_nothing_is_proved_by_what_its_threads_applied() =>
        Prop.ForAll(
            Log(1, 2, 3).Where(l => l.Length > 0).ToArbitrary(), Gen.Choose(0, 9).ToArbitrary(),
            (log, a) =>
            {
                var verdict = Applied(Server(9, [.. log.Take(a)], logsReplicated: false, follows: 1), Server(1, log));
                return verdict == (a >= log.Length ? Verdict.Holds : Verdict.Fails);
            }).Check();

    [Fact]
    public void A_transaction_the_replica_never_got_is_never_proved_applied() =>
        Prop.ForAll(
            Log(1, 2, 3).ToArbitrary(), Gen.Choose(0, 5).ToArbitrary(), Gen.Choose(1, 5).ToArbitrary(),
            (common, ours, theirs) =>
            {
                // A cut link: both went on from the common log, each with numbers of its own.
                MariaGtid[] Branch(uint server, int count) =>
                    [.. common, .. Enumerable.Range(1, count).Select(i => new MariaGtid(0, server, (ulong)(common.Length + i)))];
                var has = Server(1, Branch(1, ours), follows: 2);
                return Applied(has, Server(2, Branch(2, theirs), follows: 1)) != Verdict.Holds;
            }).Check();

    [Fact]
    public void A_transaction_that_a_half_cut_ring_merged_on_one_side_is_missed_on_the_other() =>
        Prop.ForAll(
            Log(1, 2, 3).ToArbitrary(), Gen.Choose(1, 5).ToArbitrary(), Gen.Choose(1, 5).ToArbitrary(),
            (common, ours, theirs) =>
            {
                // Without gtid_strict_mode: the source still receives from the replica, the replica no more from the source, so
                // the source's log ends with a transaction that the replica has.
                MariaGtid[] Of(uint server, int count) => [.. Enumerable.Range(1, count).Select(i => new MariaGtid(0, server, (ulong)(common.Length + i)))];
                var has = Server(1, [.. common, .. Of(1, ours)], follows: 2);
                var had = Server(2, [.. common, .. Of(2, theirs), .. Of(1, ours)], follows: 1);
                return Applied(has, had) != Verdict.Holds && Applied(had, has) == Verdict.Holds;
            }).Check();

    [Fact]
    public void A_replica_rebuilt_from_a_copy_is_proved_although_its_log_does_not_know_older_origins()
    {
        // Origin 7 is a server that no longer exists; the replica's log began after its last transaction.
        var source = Bare with { ServerId = 1, Gtid = "0-1-60", GtidLogged = "0-7-30,0-1-60" };
        var replica = Bare with { ServerId = 2, Gtid = "0-1-60", GtidApplied = "0-1-60", GtidLogged = "0-1-60", Channels = [Link with { SourceServerId = 1 }] };

        Assert.Equal(Verdict.Holds, Applied(replica, source));
        Assert.Equal(Verdict.Unknown, Applied(replica with { Channels = [] }, source));
        Assert.Equal(Verdict.Unknown, Applied(replica with { Channels = [.. replica.Channels, Link] }, source));
    }

    [Fact]
    public void Every_domain_must_be_applied()
    {
        var source = Bare with { Gtid = "0-1-5,1-2-9", GtidLogged = "0-1-5,1-2-9" };

        Assert.Equal(Verdict.Holds, Applied(Bare with { GtidLogged = "0-1-5,1-2-9" }, source));
        Assert.Equal(Verdict.Fails, Applied(Bare with { GtidLogged = "0-1-5,1-2-8" }, source));
        Assert.Equal(Verdict.Fails, Applied(Bare with { GtidLogged = "0-1-5" }, source));
    }

    [Theory]
    [InlineData("dbm1-caught-up", "dbm2-caught-up", Verdict.Holds)]
    [InlineData("dbm2-caught-up", "dbm1-caught-up", Verdict.Holds)]
    [InlineData("dbm1-both-wrote", "dbm2-both-wrote", Verdict.Holds)]
    [InlineData("dbm2-both-wrote", "dbm1-both-wrote", Verdict.Holds)]
    [InlineData("dbm2-sql-thread-stopped", "dbm1-ahead", Verdict.Fails)]
    [InlineData("dbm1-ahead", "dbm2-sql-thread-stopped", Verdict.Holds)]
    [InlineData("dbm1-apart", "dbm2-apart", Verdict.Unknown)]
    [InlineData("dbm2-apart", "dbm1-apart", Verdict.Unknown)]
    public void Real_servers_are_judged_as_they_were(string replica, string source, Verdict expected) =>
        Assert.Equal(expected, Applied(Captured(replica), Captured(source)));

    [Fact]
    public void MySQL_has_applied_what_its_set_contains()
    {
        const string U1 = "3e11fa47-71ca-11e1-9e33-c80aa9429562", U2 = "4f22ab58-71ca-11e1-9e33-c80aa9429562";
        var mysql = Bare with { Product = "mysql" };
        var source = mysql with { Gtid = $"{U1}:1-30,{U2}:1-5" };

        Assert.Equal(Verdict.Holds, Applied(mysql with { Gtid = $"{U1}:1-31,{U2}:1-5" }, source));
        Assert.Equal(Verdict.Unknown, Applied(mysql, source));
        Assert.Equal(Verdict.Unknown, Applied(mysql with { Gtid = "0-1-5" }, source));
        var behind = Positions.Applied("acd-dbm1", mysql with { Gtid = $"{U1}:1-27:29" }, "acd-dbm2", source);
        Assert.Equal(Verdict.Fails, behind.Verdict);
        Assert.Equal($"{U1}:28:30,{U2}:1-5", Assert.Single(behind.Findings).Arguments["missing"]);
    }

    [Theory]
    [InlineData("binlog.000002", 325, true, Verdict.Holds)]
    [InlineData("binlog.000002", 325, false, Verdict.Holds)]
    [InlineData("binlog.000002", 324, true, Verdict.Fails)]
    [InlineData("binlog.000001", 9999, true, Verdict.Fails)]
    [InlineData("binlog.000003", 4, true, Verdict.Holds)]
    [InlineData("binlog.000003", 4, false, Verdict.Unknown)]
    [InlineData("mysql-bin.000002", 325, true, Verdict.Holds, "mysql-bin.000002")]
    [InlineData("mysql-bin.000002", 325, true, Verdict.Unknown)]
    [InlineData("binlog", 325, true, Verdict.Unknown)]
    public void Without_GTIDs_the_log_position_is_compared(string file, long position, bool connected, Verdict expected, string log = "binlog.000002")
    {
        var source = Bare with { ServerId = 2, LogFile = log, LogPosition = 325 };
        var link = Link with { ExecFile = file, ExecPosition = position, Io = connected ? ReplicationThread.Running : ReplicationThread.Stopped };

        Assert.Equal(expected, Applied(Bare with { Channels = [link] }, source));
    }

    [Fact]
    public void A_log_position_of_another_source_proves_nothing()
    {
        var source = Bare with { ServerId = 2 };

        Assert.Equal(Verdict.Unknown, Applied(Bare, source));
        Assert.Equal(Verdict.Unknown, Applied(Bare with { Channels = [Link with { SourceServerId = 3 }] }, source));
        Assert.Equal(Verdict.Unknown, Applied(Bare with { Channels = [Link with { SourceServerId = 0 }] }, source));
        Assert.Equal(Verdict.Unknown, Applied(Bare with { Channels = [Link, Link] }, source));
        Assert.Equal(Verdict.Unknown, Applied(Bare with { Channels = [Link] }, source with { LogFile = "" }));
    }

    [Fact]
    public void A_chain_holds_only_when_every_link_does()
    {
        var log = new MariaGtid[] { new(0, 2, 1), new(0, 2, 2), new(0, 2, 3) };
        var writer = Server(2, log);
        var full = Server(1, log, follows: 2);
        var behind = Server(1, log[..2], follows: 2);
        var asBehind = Server(3, log[..2], follows: 1);

        Assert.Equal(Verdict.Holds, Positions.AppliedAlong(("dbm2", writer), ("dbm1", full), ("dbs1", Server(3, log, follows: 1))).Verdict);
        // dbs1 equals dbm1, and both miss what dbm2 has.
        Assert.Equal(Verdict.Holds, Applied(asBehind, behind));
        Assert.Equal(Verdict.Fails, Positions.AppliedAlong(("dbm2", writer), ("dbm1", behind), ("dbs1", asBehind)).Verdict);
    }

    [Fact]
    public void A_chain_breaks_at_a_server_that_does_not_pass_on()
    {
        var link = Link with { ExecFile = "binlog.000001", ExecPosition = 4 };
        var (dbm2, dbs1) = (Bare with { ServerId = 2 }, Bare with { ServerId = 3, Channels = [link with { SourceServerId = 1 }] });
        var dbm1 = Bare with { ServerId = 1, Channels = [link] };

        Assert.Equal(Verdict.Holds, Positions.AppliedAlong(("dbm2", dbm2), ("dbm1", dbm1), ("dbs1", dbs1)).Verdict);
        Assert.Equal(Verdict.Unknown, Positions.AppliedAlong(("dbm2", dbm2), ("dbm1", dbm1 with { LogsReplicated = false }), ("dbs1", dbs1)).Verdict);
    }

    [Theory]
    [InlineData("0-1")]
    [InlineData("0-1-2-3")]
    [InlineData("a-1-2")]
    [InlineData("0-1--2")]
    [InlineData("4294967296-1-2")]
    public void A_text_that_is_no_GTID_makes_it_unknown(string text)
    {
        Assert.Null(MariaGtid.Parse(text));
        Assert.Equal(Verdict.Unknown, Applied(Bare with { Gtid = text }, Bare with { Gtid = "0-1-1" }));
        Assert.Equal(Verdict.Unknown, Applied(Bare with { Gtid = "0-1-1" }, Bare with { Gtid = text }));
    }

    private static DatabaseFacts Captured(string state)
    {
        var context = DataFixtures.Context(port: state.StartsWith("dbm1", StringComparison.Ordinal) ? 33061 : 33062);
        var reply = new Reply.Answered([new(DatabaseDriver.Look, 0, DataFixtures.Text($"mariadb/look-10.11-{state}.txt"))]);
        return Assert.IsType<DatabaseFacts>(new DatabaseDriver().Read(new(SubjectKind.Database, "acd-dbm1"), reply, context).Facts);
    }
}
