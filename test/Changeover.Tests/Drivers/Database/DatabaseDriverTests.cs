using System.Diagnostics;
using System.Text.RegularExpressions;
using Changeover.Drivers;
using Changeover.Drivers.Database;
using Changeover.Knowledge;

namespace Changeover.Tests.Drivers.Database;

public sealed partial class DatabaseDriverTests
{
    private static readonly DatabaseDriver Driver = new();
    private static readonly Subject Dbm1 = new(SubjectKind.Database, "acd-dbm1");
    private static readonly DriverContext Context1 = DataFixtures.Context(port: 33061), Context2 = DataFixtures.Context(port: 33062);

    private static Reading Read(string output, DriverContext context, int exit = 0, string error = "") =>
        Driver.Read(Dbm1, new([new(DatabaseDriver.Look, exit, output, error)]), context);

    private static string Capture(string state) => DataFixtures.Text($"mariadb/look-10.11-{state}.txt");

    private static DatabaseFacts Facts(string state) => Assert.IsType<DatabaseFacts>(
        Read(Capture(state), state.StartsWith("dbm1", StringComparison.Ordinal) ? Context1 : Context2).Facts);

    private static DatabaseFacts Mysql(string state) => Assert.IsType<DatabaseFacts>(
        Read(DataFixtures.Text($"mysql/made-look-mysql-{state}.txt"), DataFixtures.Context("acd-dbm2.example.org", 3306)).Facts);

    private static string Problem(Reading reading)
    {
        Assert.Null(reading.Facts);
        return reading.Problem!.Code.Code;
    }

    [Fact]
    public void A_healthy_ring_is_read()
    {
        var facts = Facts("dbm2-normal");

        Assert.Equal(("mariadb", "10.11.19-MariaDB-0+deb12u1-log", 2L), (facts.Product, facts.Version, facts.ServerId));
        Assert.Equal((false, true, true, true), (facts.ReadOnly, facts.EventScheduler, facts.SeesAllSessions, facts.LogsReplicated));
        Assert.Equal(("binlog.000001", "binlog.000001"), (facts.LogFile, facts.OldestLog));
        Assert.Equal(facts.LogPosition, facts.LogBytes);
        Assert.Equal(("0-1-4", "0-1-4", "0-1-4"), (facts.Gtid, facts.GtidApplied, facts.GtidLogged));
        Assert.Null(facts.LogRetention);
        Assert.Equal(["jtel.nightly"], facts.StandingJobs);
        Assert.Empty(facts.Sessions);
        var channel = Assert.Single(facts.Channels);
        Assert.Equal(("", "127.0.0.1", 33061, 1L), (channel.Name, channel.SourceHost, channel.SourcePort, channel.SourceServerId));
        Assert.Equal((ReplicationThread.Running, true, true, TimeSpan.Zero), (channel.Io, channel.SqlRunning, channel.UsesGtid, channel.Lag));
        Assert.Equal((channel.ReadFile, channel.ReadPosition), (channel.ExecFile, channel.ExecPosition));
        Assert.Equal("0-1-4", channel.GtidIo);
    }

    [Fact]
    public void Jobs_stand_still_only_where_they_came_by_replication() => Assert.Empty(Facts("dbm1-normal").StandingJobs);

    [Fact]
    public void Clients_are_told_from_replication_the_server_s_own_threads_and_ourselves() => Assert.Equal(
        [
            new(16, "root", "localhost", "jtel", "Sleep", 1),
            new(15, "root", "localhost", "", "Query", 1),
            new(14, "unauthenticated user", "localhost", "", "Connect", 1),
        ],
        Facts("dbm1-with-sessions").Sessions);

    [Fact]
    public void A_login_without_PROCESS_does_not_claim_to_see_all_sessions()
    {
        Assert.False(Facts("dbm2-watcher-without-process").SeesAllSessions);
        Assert.Empty(Facts("dbm2-watcher-without-process").Sessions);
    }

    [Fact]
    public void A_peer_that_is_off_reads_as_connecting_with_an_unknown_lag()
    {
        var channel = Assert.Single(Facts("dbm2-peer-down").Channels);

        Assert.Equal((ReplicationThread.Connecting, true, 2003), (channel.Io, channel.SqlRunning, channel.IoErrno));
        Assert.Null(channel.Lag);
        Assert.Contains("Can't connect to server", channel.IoError, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stopped_thread_is_stopped_and_its_position_is_behind()
    {
        var channel = Assert.Single(Facts("dbm2-sql-thread-stopped").Channels);

        Assert.False(channel.SqlRunning);
        Assert.Equal(ReplicationThread.Running, channel.Io);
        Assert.True(channel.ExecPosition < channel.ReadPosition);
        Assert.Null(channel.Lag);
    }

    [Fact]
    public void A_replication_error_shows_no_customers_data()
    {
        Assert.Contains("'private'", Capture("dbm2-sql-error-1062"), StringComparison.Ordinal);

        var channel = Assert.Single(Facts("dbm2-sql-error-1062").Channels);

        Assert.Equal((false, 1062), (channel.SqlRunning, channel.SqlErrno));
        Assert.DoesNotContain("private", channel.SqlError, StringComparison.Ordinal);
        Assert.DoesNotContain("101", channel.SqlError, StringComparison.Ordinal);
        Assert.Contains("Duplicate entry '…' for key 'PRIMARY'", channel.SqlError, StringComparison.Ordinal);
    }

    /// <summary>Without them the log positions alone were compared, and two masters that had both written counted as caught up.</summary>
    [Theory]
    [InlineData("gtid_binlog_pos")]
    [InlineData("gtid_binlog_state")]
    [InlineData("gtid_current_pos")]
    [InlineData("gtid_slave_pos")]
    public void A_mariadb_that_leaves_out_a_gtid_position_is_unreadable(string name) => Assert.Equal(
        "exchange.unreadable",
        Problem(Read(string.Join('\n', Capture("dbm1-both-wrote").Split('\n').Where(l => !l.StartsWith(name + "\t", StringComparison.Ordinal))), Context1)));

    /// <summary>Cut to 32 bits the number 4294967296 would be 0: no error.</summary>
    [Theory]
    [InlineData("4294967296")]
    [InlineData("99999999999999999999999")]
    public void An_error_number_that_is_none_is_not_read_as_no_error(string number) => Assert.Equal(
        "exchange.unreadable",
        Problem(Read(Capture("dbm2-sql-error-1062").Replace("\t1062\t", $"\t{number}\t", StringComparison.Ordinal), Context2)));

    [Fact]
    public void A_replication_error_of_a_megabyte_is_read_without_going_through_it_again_and_again()
    {
        var started = System.Diagnostics.Stopwatch.StartNew();

        Read(Capture("dbm2-sql-error-1062").Replace("Duplicate entry '", string.Concat(Enumerable.Repeat("Duplicate entry '", 60_000)), StringComparison.Ordinal), Context2);

        // Linear it takes milliseconds; going through all of it from every quote took minutes.
        Assert.True(started.Elapsed < TimeSpan.FromSeconds(30), $"took {started.Elapsed}");
    }

    [Fact]
    public void A_server_without_a_log_and_with_a_disabled_scheduler_is_read()
    {
        var facts = Assert.IsType<DatabaseFacts>(Read(Capture("alone-without-log"), DataFixtures.Context(port: 33063)).Facts);

        Assert.Equal(("", 0L, "", ""), (facts.LogFile, facts.LogPosition, facts.Gtid, facts.OldestLog));
        Assert.Equal((false, false), (facts.EventScheduler, facts.LogsReplicated));
        Assert.Empty(facts.Channels);
    }

    /// <summary>What a real shell sends to the client once the server has said its version; the words of every other dialect are errors there (1064).</summary>
    [Theory]
    [InlineData("8.4.7", "REPLICA", "SHOW REPLICA STATUS;", "SHOW BINARY LOG STATUS;")]
    [InlineData("8.4.6-6", "REPLICA", "SHOW REPLICA STATUS;", "SHOW BINARY LOG STATUS;")]
    [InlineData("8.2.0", "REPLICA", "SHOW REPLICA STATUS;", "SHOW BINARY LOG STATUS;")]
    [InlineData("8.1.0", "REPLICA", "SHOW REPLICA STATUS;", "SHOW MASTER STATUS;")]
    [InlineData("8.0.22-commercial", "REPLICA", "SHOW REPLICA STATUS;", "SHOW MASTER STATUS;")]
    [InlineData("8.0.21", "SLAVE", "SHOW SLAVE STATUS;", "SHOW MASTER STATUS;")]
    [InlineData("5.7.44-log", "SLAVE", "SHOW SLAVE STATUS;", "SHOW MASTER STATUS;")]
    [InlineData("10.11.18-MariaDB-0+deb12u1-log", "ALL SLAVES", "SHOW ALL SLAVES STATUS;", "SHOW MASTER STATUS;")]
    public void Each_server_is_asked_and_told_in_its_own_words(string version, string replicas, string status, string position)
    {
        var looked = Sent(version, DatabaseScripts.Look, "");

        Assert.Equal([position, status], Statuses().Matches(looked).Select(m => m.Value));
        Assert.Equal($"START {replicas}\n", Sent(version, DatabaseScripts.Replication, "START"));
        Assert.Equal($"STOP {replicas}\n", Sent(version, DatabaseScripts.Replication, "STOP"));
        Assert.Equal("KILL CONNECTION 42\n", Sent(version, DatabaseScripts.End, "42"));
    }

    [GeneratedRegex("SHOW [A-Z ]+ STATUS;", RegexOptions.CultureInvariant)]
    private static partial Regex Statuses();

    /// <summary>The script with a stand-in for the client, which says its version and repeats whatever else it is given.</summary>
    private static string Sent(string version, string script, string word)
    {
        var folder = Directory.CreateTempSubdirectory("client").FullName;
        try
        {
            var client = Path.Combine(folder, "mysql");
            File.WriteAllText(client, $$"""
                #!/bin/sh
                for last; do :; done
                case $last in
                *@@global.version*) printf '%s\t1\tON\n' '{{version}}' ;;
                --execute=*) printf '%s\n' "${last#--execute=}" ;;
                *) /bin/cat ;;
                esac

                """);
            File.SetUnixFileMode(client, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            File.CreateSymbolicLink(Path.Combine(folder, "cut"), "/usr/bin/cut");
            var start = new ProcessStartInfo("/bin/sh", ["-c", script, "test", "", word]) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["PATH"] = folder;
            using var sh = Process.Start(start)!;
            var sent = sh.StandardOutput.ReadToEnd();
            var error = sh.StandardError.ReadToEnd();
            sh.WaitForExit();
            Assert.Equal((0, ""), (sh.ExitCode, error));
            return sent;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void MySQL_8_4_speaks_of_sources_and_replicas()
    {
        var facts = Mysql("8.4-dbm2-normal");

        Assert.Equal(("mysql", "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-30,4f22ab58-71ca-11e1-9e33-c80aa9429562:1-5"), (facts.Product, facts.Gtid));
        Assert.Equal((TimeSpan.FromDays(30), 1414L, "binlog.000003"), (facts.LogRetention, facts.LogBytes, facts.OldestLog));
        Assert.Equal(["jtel.nightly"], facts.StandingJobs);
        Assert.Equal([new(77, "portal", "10.88.0.61", "jtel", "Sleep", 3)], facts.Sessions);
        var channel = Assert.Single(facts.Channels);
        Assert.Equal(("10.88.0.41", 3306, ReplicationThread.Running, true), (channel.SourceHost, channel.SourcePort, channel.Io, channel.SqlRunning));
        Assert.Equal((true, 1L, TimeSpan.Zero, 4711L), (channel.UsesGtid, channel.SourceServerId, channel.Lag, channel.ExecPosition));
    }

    [Fact]
    public void MySQL_5_7_speaks_the_old_words_and_its_GTIDs_count_only_when_they_are_on()
    {
        var facts = Mysql("5.7-dbm2-peer-down");

        Assert.Equal(("", true, TimeSpan.FromDays(10)), (facts.Gtid, facts.ReadOnly, facts.LogRetention));
        var channel = Assert.Single(facts.Channels);
        Assert.Equal((ReplicationThread.Connecting, 2003, false), (channel.Io, channel.IoErrno, channel.UsesGtid));
        // An error with a line break in it is one field.
        Assert.EndsWith("retries: 3 Can't connect to MySQL server on '10.88.0.41' (111)", channel.IoError, StringComparison.Ordinal);
        var permissive = DataFixtures.Text("mysql/made-look-mysql-8.4-dbm2-normal.txt").Replace("gtid_mode\tON", "gtid_mode\tON_PERMISSIVE", StringComparison.Ordinal);
        Assert.Equal("", Assert.IsType<DatabaseFacts>(Read(permissive, DataFixtures.Context("acd-dbm2", 3306)).Facts).Gtid);
    }

    [Fact]
    public void An_answer_cut_short_anywhere_is_unreadable()
    {
        foreach (var (text, context) in new[]
        {
            (Capture("dbm1-with-sessions"), Context1), (Capture("dbm2-peer-down"), Context2),
            (DataFixtures.Text("mysql/made-look-mysql-8.4-dbm2-normal.txt"), DataFixtures.Context("acd-dbm2", 3306)),
        })
        {
            Assert.NotNull(Read(text, context).Facts);
            for (var length = 0; length < text.Length; length++)
                Assert.Null(Read(text[..length], context).Facts);
        }
    }

    [Fact]
    public void A_damaged_letter_never_throws_and_never_hides_a_stopped_thread()
    {
        var text = Capture("dbm2-sql-thread-stopped");
        for (var at = 0; at < text.Length; at += 3)
        {
            foreach (var letter in "x\t\n\\0")
            {
                var reading = Read(text[..at] + letter + text[(at + 1)..], Context2);
                Assert.DoesNotContain((reading.Facts as DatabaseFacts)?.Channels ?? [], c => c.SqlRunning);
            }
        }
    }

    [Fact]
    public void A_lost_line_is_noticed()
    {
        var lines = Capture("dbm2-normal").Split('\n');
        // The lines of variables and of others' sessions carry no count; every other line is missed when it is gone.
        var optional = lines.Where(l => l.Split('\t') is ["binlog_expire_logs_seconds" or "expire_logs_days" or "gtid_binlog_pos" or "gtid_binlog_state"
            or "gtid_current_pos" or "gtid_slave_pos" or "log_slave_updates" or "version_comment", _] or [_, "system user" or "repl" or "event_scheduler", ..]).ToHashSet();
        for (var at = 0; at < lines.Length - 1; at++)
        {
            if (!optional.Contains(lines[at]))
                Assert.Null(Read(string.Join('\n', lines.Where((_, i) => i != at)), Context2).Facts);
        }
    }

    [Theory]
    [InlineData(1, "ERROR 2002 (HY000): Can't connect to local server through socket '/nope.sock' (2)", "database.not-answering")]
    [InlineData(1, "ERROR 2013 (HY000): Lost connection to server at 'handshake: reading initial communication packet', system error: 110", "database.not-answering")]
    [InlineData(1, "ERROR 1045 (28000): Access denied for user 'watcher'@'localhost' (using password: YES)", "database.login-refused")]
    [InlineData(1, "--------------\nSHOW MASTER STATUS\n--------------\n\nERROR 1227 (42000) at line 17: Access denied; you need (at least one of) the SUPER, BINLOG MONITOR privilege(s) for this operation", "database.rights-missing")]
    [InlineData(1, "ERROR 1064 (42000) at line 1: You have an error in your SQL syntax", "exchange.command-failed")]
    [InlineData(3, "neither mariadb nor mysql is installed", "database.no-client")]
    [InlineData(127, "/bin/sh: not found", "exchange.command-failed")]
    public void Every_refusal_of_the_client_has_its_finding(int exit, string error, string expected) =>
        Assert.Equal(expected, Problem(Read("", Context1, exit, error)));

    [Fact]
    public void A_hang_says_where_it_hung()
    {
        var text = Capture("dbm2-normal");
        var reading = Read(text[..(text.IndexOf("@@changeover part\nreplicas", StringComparison.Ordinal) + "@@changeover part\nreplicas\n".Length)], Context2, Result.TimedOut);

        Assert.Equal("database.hangs", Problem(reading));
        Assert.Equal("replicas", reading.Problem!.Arguments["part"]);
        Assert.Equal("the login", Read("", Context2, Result.TimedOut).Problem!.Arguments["part"]);
    }

    [Fact]
    public void Another_server_s_answer_is_not_taken_for_this_machine_s()
    {
        Assert.Equal("database.other-server", Problem(Read(Capture("dbm1-normal"), DataFixtures.Context("acd-dbm2", 33061))));
        Assert.Equal("database.other-server", Problem(Read(Capture("dbm1-normal"), DataFixtures.Context("vm", 3306))));
        Assert.NotNull(Read(Capture("dbm1-normal"), DataFixtures.Context("VM.example.org", 33061)).Facts);
    }

    [Fact]
    public void The_statements_of_sessions_are_not_asked_for() =>
        Assert.DoesNotMatch(@"(?i)\bINFO\b|SHOW (FULL )?PROCESSLIST|PROCESSLIST\s*\*", DatabaseScripts.Look);

    [Fact]
    public void The_socket_is_asked_as_root_and_an_option_file_as_the_user()
    {
        var byRoot = Assert.Single(((Request.Shell)Driver.Ask(Dbm1, Context1)).Commands);
        var byFile = Assert.Single(((Request.Shell)Driver.Ask(Dbm1, DataFixtures.Context(optionFile: "/etc/changeover.cnf"))).Commands);

        Assert.True(byRoot.Root);
        Assert.Equal(["/bin/sh", "-c", DatabaseScripts.Look, "database", ""], byRoot.Arguments);
        Assert.False(byFile.Root);
        Assert.Equal("/etc/changeover.cnf", byFile.Arguments[^1]);
        Assert.NotNull(byRoot.Limit);
    }

    [Fact]
    public void Actions_are_guarded_and_say_what_is_to_be()
    {
        var stop = Assert.IsType<Request.Shell>(Driver.Tell(new SetReplication("acd-dbm1", false), Context1));
        var end = Assert.IsType<Request.Shell>(Driver.Tell(new EndSession("acd-dbm1", 16), Context1));

        Assert.Equal(("STOP", "16"), (stop.Commands[0].Arguments[^1], end.Commands[0].Arguments[^1]));
        Assert.Equal(new ClaimGuard("run-1", 2), stop.Guard);
        Assert.Equal(new ClaimGuard("run-1", 2), end.Guard);
        Assert.Null(Driver.Tell(new SetPower("acd-dbm1", "host1", false), Context1));
    }

    [Theory]
    [InlineData(0, "", ReceptionKind.Accepted)]
    [InlineData(1, "ERROR 1200 (HY000) at line 1: Misconfigured slave", ReceptionKind.Refused)]
    [InlineData(1, "ERROR 2013 (HY000) at line 1: Lost connection to server during query", ReceptionKind.Unclear)]
    [InlineData(1, "Killed", ReceptionKind.Unclear)]
    [InlineData(124, "", ReceptionKind.Unclear)]
    [InlineData(3, "neither mariadb nor mysql is installed", ReceptionKind.Refused)]
    public void Only_what_the_server_took_is_accepted(int exit, string error, ReceptionKind expected) =>
        Assert.Equal(expected, Driver.Heard(new SetReplication("acd-dbm1", true), new([new(DatabaseDriver.Replication, exit, "", error)]), Context1).Kind);

    [Fact]
    public void A_session_that_is_gone_is_an_ended_session()
    {
        var gone = new Result(DatabaseDriver.End, 1, "", "--------------\nKILL CONNECTION 99999\n--------------\n\nERROR 1094 (HY000) at line 1: Unknown thread id: 99999");

        Assert.Equal(Reception.Accepted, Driver.Heard(new EndSession("acd-dbm1", 99999), new([gone]), Context1));
    }
}
