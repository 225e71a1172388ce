using Changeover.Drivers;
using Changeover.Drivers.HaProxy;
using Changeover.Knowledge;

namespace Changeover.Tests.Drivers.HaProxy;

public sealed class HaProxyDriverTests
{
    private const string Sum = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private static readonly HaProxyDriver Driver = new();
    private static readonly DriverContext Context = DataFixtures.Context();
    private static readonly Subject Lb1 = new(SubjectKind.Balancer, "acd-lb1");

    private static readonly string Info = DataFixtures.Text("haproxy/haproxy-2.6-show-info.txt");
    private static readonly string Stat = DataFixtures.Text("haproxy/haproxy-2.6-show-stat.csv");
    private static readonly string State = DataFixtures.Text("haproxy/haproxy-2.6-show-servers-state.txt");

    private static Reply.Answered Answer(string? info = null, string? stat = null, string? state = null, string level = "admin\n\n", int check = 0, string age = "900\n") => new(
    [
        new("info", 0, info ?? Info), new("stat", 0, stat ?? Stat), new("state", 0, state ?? State), new("level", 0, level),
        new("checksum", 0, $"{Sum}  /etc/haproxy/haproxy.cfg\n"), new("check", check, ""), new("age", 0, age),
    ]);

    private static BalancerFacts Facts(Reply.Answered answer) => Assert.IsType<BalancerFacts>(Driver.Read(Lb1, answer, Context).Facts);

    private static string Problem(Reply.Answered answer)
    {
        var reading = Driver.Read(Lb1, answer, Context);
        Assert.Null(reading.Facts);
        return reading.Problem!.Code.Code;
    }

    private static Reply.Answered Replaced(string key, Result result) => new([.. Answer().Results.Select(r => r.Key == key ? result : r)]);

    private static BalancerFacts Captured(string state) => Facts(Answer(
        stat: DataFixtures.Text($"haproxy/haproxy-2.6-{state}.stat.csv"), state: DataFixtures.Text($"haproxy/haproxy-2.6-{state}.state.txt")));

    [Fact]
    public void Servers_are_read_and_frontends_and_backends_are_not()
    {
        var facts = Facts(Answer());

        Assert.Equal("2.6.12-1+deb12u4", facts.Version);
        Assert.Equal(TimeSpan.FromSeconds(2), facts.Uptime);
        Assert.Equal(Sum, facts.ConfigurationChecksum);
        Assert.True(facts.ConfigurationValid);
        Assert.True(facts.MayChange);
        Assert.False(facts.ConfigurationNewer);
        Assert.Equal(
            [
                new("acd-dbm", "acd-dbm1", "127.0.0.1:23306", ServerAdmin.Ready, true, "UP", 1, false, 1),
                new("acd-dbm", "acd-dbm2", "127.0.0.1:23307", ServerAdmin.Ready, true, "UP", 1, true, 0),
                new("web", "acd-jb1", "127.0.0.1:28081", ServerAdmin.Ready, false, "DOWN", 1, false, 0),
                new("web", "acd-jb4", "127.0.0.1:28084", ServerAdmin.Ready, true, "no check", 1, false, 0),
            ],
            facts.Servers);
    }

    [Fact]
    public void A_session_stays_on_a_server_in_maintenance()
    {
        var facts = Facts(Answer(
            stat: DataFixtures.Text("haproxy/haproxy-2.6-show-stat-after-maint-session-still-open.csv"),
            state: DataFixtures.Text("haproxy/haproxy-2.6-show-servers-state-after-maint.txt")));

        Assert.Equal(
            new("acd-dbm", "acd-dbm1", "127.0.0.1:23306", ServerAdmin.Maint, false, "MAINT", 1, false, 1), facts.Server("acd-dbm", "acd-dbm1"));
    }

    [Theory]
    [InlineData("acd-jb1", ServerAdmin.Ready, false, "DOWN")]
    [InlineData("acd-jb2", ServerAdmin.Maint, false, "MAINT")]
    [InlineData("acd-jb3", ServerAdmin.Maint, false, "MAINT (via web/acd-jb2)")]
    [InlineData("acd-jb5", ServerAdmin.Drain, true, "DRAIN")]
    [InlineData("acd-jb6", ServerAdmin.Drain, false, "DOWN")]
    public void What_was_set_is_told_from_what_the_checks_say(string server, ServerAdmin admin, bool up, string status)
    {
        var seen = Captured("drained-tracked-disabled").Server("web", server)!;

        Assert.Equal((admin, up, status), (seen.Admin, seen.Up, seen.Status));
    }

    [Fact]
    public void The_weight_is_the_one_that_was_set() =>
        Assert.Equal(7, Captured("drained-tracked-disabled").Server("web", "acd-jb5")!.Weight);

    [Fact]
    public void A_server_just_set_to_ready_counts_as_up_before_its_first_check()
    {
        var seen = Captured("just-set-ready").Server("acd-dbm", "acd-dbm2")!;

        Assert.Equal((ServerAdmin.Ready, true, "UP 1/3"), (seen.Admin, seen.Up, seen.Status));
    }

    [Fact]
    public void A_server_disabled_in_the_configuration_and_then_set_to_ready_is_ready()
    {
        // Bit 4 stays as a memory of the configuration.
        var state = State.Replace("4 web 1 acd-jb1 127.0.0.1 0 0", "4 web 1 acd-jb1 127.0.0.1 0 4", StringComparison.Ordinal);

        Assert.Equal(ServerAdmin.Ready, Facts(Answer(state: state)).Server("web", "acd-jb1")!.Admin);
    }

    [Fact]
    public void Status_and_bits_that_contradict_each_other_make_it_unknown()
    {
        var before = State;
        var after = DataFixtures.Text("haproxy/haproxy-2.6-show-stat-after-maint-session-still-open.csv");

        Assert.Equal(ServerAdmin.Unknown, Facts(Answer(stat: after, state: before)).Server("acd-dbm", "acd-dbm1")!.Admin);
    }

    [Theory]
    [InlineData("UP", ServerAdmin.Ready)]
    [InlineData("UP 2/3", ServerAdmin.Ready)]
    [InlineData("no check", ServerAdmin.Ready)]
    [InlineData("MAINT", ServerAdmin.Maint)]
    [InlineData("MAINT (resolution)", ServerAdmin.Maint)]
    [InlineData("DRAIN 1/3", ServerAdmin.Drain)]
    [InlineData("DOWN", ServerAdmin.Unknown)]
    [InlineData("DOWN 1/2", ServerAdmin.Unknown)]
    [InlineData("UPSIDE", ServerAdmin.Unknown)]
    [InlineData("UP and away", ServerAdmin.Unknown)]
    public void Without_bits_the_status_says_what_it_can(string status, ServerAdmin expected)
    {
        var header = State[..State.IndexOf("3 acd-dbm 1", StringComparison.Ordinal)] + "\n";
        var stat = Stat.Replace("0,0,0,0,UP,1,1,0,0,0,3,0,,1,3,1", $"0,0,0,0,{status},1,1,0,0,0,3,0,,1,3,1", StringComparison.Ordinal);

        Assert.Equal(expected, Facts(Answer(stat: stat, state: header)).Server("acd-dbm", "acd-dbm1")!.Admin);
    }

    [Fact]
    public void Columns_are_found_by_name()
    {
        // An older version: fewer columns, other places, no address.
        var stat = "# svname,pxname,type,bck,weight,scur,status,\nacd-dbm1,acd-dbm,2,0,1,3,UP,\nFRONTEND,acd-dbm,0,,,0,OPEN,\nacd-dbm2,acd-dbm,2,1,1,0,UP,\n\n";

        Assert.Equal(
            [new("acd-dbm", "acd-dbm1", "", ServerAdmin.Ready, true, "UP", 1, false, 3), new("acd-dbm", "acd-dbm2", "", ServerAdmin.Ready, true, "UP", 1, true, 0)],
            Facts(Answer(stat: stat)).Servers);
    }

    /// <summary>Without the writer's row the backup would be the writer, and with one row less a pool would be smaller than it is.</summary>
    [Theory]
    [InlineData("acd-dbm", "acd-dbm1")]
    [InlineData("acd-dbm", "acd-dbm2")]
    [InlineData("web", "acd-jb1")]
    public void A_server_that_only_the_state_names_makes_all_of_it_unknown(string backend, string server)
    {
        var rows = Stat.Split('\n').Where(r => !r.StartsWith($"{backend},{server},", StringComparison.Ordinal)).ToArray();
        Assert.Equal(Stat.Split('\n').Length - 1, rows.Length);

        var problem = Driver.Read(Lb1, Answer(stat: string.Join('\n', rows)), Context).Problem!;

        Assert.Equal("exchange.unreadable", problem.Code.Code);
        Assert.Contains($"{backend}/{server}", problem.Message);
    }

    [Fact]
    public void A_disabled_backend_has_no_rows_and_hides_nothing()
    {
        var stat = string.Join('\n', Stat.Split('\n').Where(r => !r.StartsWith("web,", StringComparison.Ordinal)));

        Assert.Equal(["acd-dbm1", "acd-dbm2"], Facts(Answer(stat: stat)).Servers.Select(s => s.Name));
    }

    [Fact]
    public void A_comma_in_a_quoted_field_is_no_column()
    {
        var stat = Stat.Replace("Layer4 check passed", "\"passed, said \"\"yes\"\"\"", StringComparison.Ordinal);

        Assert.Equal(4, Facts(Answer(stat: stat)).Servers.Length);
    }

    [Fact]
    public void The_laboratory_s_answers_are_read()
    {
        var session = DataFixtures.Text("haproxy/lab-haproxy-2.6-lb1-socket-session.txt");
        var state = session[session.LastIndexOf("1\n# be_id", StringComparison.Ordinal)..];
        state = state[..(state.IndexOf("\n\n", StringComparison.Ordinal) + 2)];
        var stat = session[session.IndexOf("# pxname", StringComparison.Ordinal)..];
        stat = stat[..(stat.IndexOf("\n\n", StringComparison.Ordinal) + 2)];

        var facts = Facts(Answer(stat: stat, state: state));

        Assert.Equal(8, facts.Servers.Length);
        Assert.Equal((ServerAdmin.Maint, ServerAdmin.Ready), (facts.Server("mysql", "acd-dbm1")!.Admin, facts.Server("mysql", "acd-dbm2")!.Admin));
    }

    [Theory]
    [InlineData("operator\n\n", false)]
    [InlineData("Unknown command\n", null)]
    [InlineData("", null)]
    public void The_level_of_the_socket_says_whether_servers_can_be_set(string level, bool? expected) =>
        Assert.Equal(expected, Facts(Answer(level: level)).MayChange);

    [Theory]
    [InlineData("1\n", true)]
    [InlineData("-5\n", null)]
    [InlineData("", null)]
    public void A_file_written_after_the_process_started_is_newer(string age, bool? expected) =>
        Assert.Equal(expected, Facts(Answer(age: age)).ConfigurationNewer);

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(127, null)]
    [InlineData(124, null)]
    public void Only_HAProxy_itself_says_that_the_file_is_wrong(int exit, bool? expected) =>
        Assert.Equal(expected, Facts(Answer(check: exit)).ConfigurationValid);

    [Fact]
    public void Every_way_of_getting_no_answer_has_its_finding()
    {
        Assert.Equal("haproxy.no-socket", Problem(Replaced("stat", new("stat", 1, "", "socat[1] E connect(, AF=1 \"/x\", 4): No such file or directory"))));
        Assert.Equal("haproxy.denied", Problem(Replaced("state", new("state", 0, "Permission denied\n\n"))));
        Assert.Equal("haproxy.silent", Problem(Replaced("info", new("info", 0, "\n"))));
        Assert.Equal("haproxy.hangs", Problem(Replaced("stat", new("stat", 124, Stat))));
        Assert.Equal("haproxy.no-configuration", Problem(Replaced("checksum", new("checksum", 1, "", "No such file or directory"))));
        Assert.Equal("haproxy.several-processes", Problem(Answer(info: Info.Replace("Nbproc: 1", "Nbproc: 2", StringComparison.Ordinal))));
        Assert.Equal("haproxy.leaving", Problem(Answer(info: Info.Replace("Stopping: 0", "Stopping: 1", StringComparison.Ordinal))));
        Assert.Equal("exchange.unreadable", Problem(new([])));
    }

    [Fact]
    public void An_answer_cut_short_anywhere_is_unreadable()
    {
        for (var length = 0; length < Info.Length; length++)
            Problem(Answer(info: Info[..length]));
        for (var length = 0; length < Stat.Length; length++)
            Problem(Answer(stat: Stat[..length]));
        for (var length = 0; length < State.Length; length++)
            Problem(Answer(state: State[..length]));
    }

    [Fact]
    public void A_damaged_letter_never_throws_and_never_turns_maintenance_into_ready()
    {
        var stat = DataFixtures.Text("haproxy/haproxy-2.6-show-stat-after-maint-session-still-open.csv");
        var state = DataFixtures.Text("haproxy/haproxy-2.6-show-servers-state-after-maint.txt");
        for (var at = 0; at < stat.Length; at += 7)
        {
            foreach (var letter in "x,\"\n0")
            {
                var reading = Driver.Read(Lb1, Answer(stat: stat[..at] + letter + stat[(at + 1)..], state: state), Context);
                Assert.NotEqual(ServerAdmin.Ready, (reading.Facts as BalancerFacts)?.Server("acd-dbm", "acd-dbm1")?.Admin ?? ServerAdmin.Unknown);
            }
        }
        for (var at = 0; at < state.Length; at++)
        {
            foreach (var letter in "x \n0")
            {
                var reading = Driver.Read(Lb1, Answer(stat: stat, state: state[..at] + letter + state[(at + 1)..]), Context);
                Assert.NotEqual(ServerAdmin.Ready, (reading.Facts as BalancerFacts)?.Server("acd-dbm", "acd-dbm1")?.Admin ?? ServerAdmin.Unknown);
            }
        }
    }

    private static readonly SetServers Set = new(
        "acd-lb1", [new("acd-dbm", "acd-dbm1", ServerAdmin.Maint), new("web", "acd-jb1", ServerAdmin.Ready, 20), new("web", "acd-jb2", ServerAdmin.Drain)]);

    [Fact]
    public void All_servers_are_set_in_one_guarded_line_and_a_weight_before_its_state()
    {
        var request = Assert.IsType<Request.Shell>(Driver.Tell(Set, Context));

        var command = Assert.Single(request.Commands);
        Assert.Equal(
            "set server acd-dbm/acd-dbm1 state maint; set server web/acd-jb1 weight 20; set server web/acd-jb1 state ready; set server web/acd-jb2 state drain\n",
            command.Input);
        Assert.Equal(["/usr/bin/socat", "-t5", "-", "UNIX-CONNECT:/run/haproxy/admin.sock"], command.Arguments);
        Assert.Equal(new ClaimGuard("run-1", 2), request.Guard);
    }

    [Fact]
    public void A_name_cannot_smuggle_in_a_second_command()
    {
        var request = (Request.Shell)Driver.Tell(new SetServers("acd-lb1", [new("web", "a; shutdown sessions server web/b\n", ServerAdmin.Maint)]), Context)!;

        // Seen on 2.6: with the escapes HAProxy answers "No such server."
        Assert.Equal("set server web/a\\;\\ shutdown\\ sessions\\ server\\ web\\/b state maint\n", request.Commands[0].Input);
    }

    [Theory]
    [InlineData("haproxy-2.6-set-taken.txt", 1, ReceptionKind.Accepted, "")]
    [InlineData("haproxy-2.6-set-refused-and-taken.txt", 2, ReceptionKind.Unclear, "HAProxy refused 1 of 2 commands and took the others: No such backend.")]
    [InlineData("haproxy-2.6-set-permission-denied.txt", 1, ReceptionKind.Refused, "Permission denied")]
    public void Any_word_in_the_answer_is_a_refusal_of_one_command(string capture, int commands, ReceptionKind expected, string words)
    {
        var asked = new SetServers("acd-lb1", [.. Enumerable.Range(1, commands).Select(i => new ServerSetting("web", $"acd-jb{i}", ServerAdmin.Maint))]);

        var heard = Driver.Heard(asked, new([new("set", 0, DataFixtures.Text($"haproxy/{capture}"))]), Context);

        Assert.Equal(new Reception(expected, words), heard);
    }

    /// <summary>Its four commands: a state, a weight with its state, and a state. The answers are those of HAProxy 2.6, put one behind the other.</summary>
    [Theory]
    [InlineData("No such backend.\n\nNo such server.\n\nNo such server.\n\nNo such server.\n\n", ReceptionKind.Refused)]
    [InlineData("No such backend.\n\n\n\n\n", ReceptionKind.Unclear)]
    [InlineData("\n\n\nNo such server.\n\n", ReceptionKind.Unclear)]
    [InlineData("\nNo such server.\n\nNo such server.\n\nNo such server.\n\n", ReceptionKind.Unclear)]
    public void Nothing_was_done_only_when_every_command_was_refused(string answer, ReceptionKind expected) =>
        Assert.Equal(expected, Driver.Heard(Set, new([new("set", 0, answer, "")]), Context).Kind);

    [Theory]
    [InlineData(0, "", "", ReceptionKind.Unclear)]
    [InlineData(124, "\n", "", ReceptionKind.Unclear)]
    [InlineData(1, "", "2026/12/01 00:23:52 socat[19222] E connect(, AF=1 \"/run/haproxy/admin.sock\", 21): No such file or directory", ReceptionKind.Refused)]
    [InlineData(1, "", "2026/12/01 00:23:55 socat[19244] E write(5, 0x560c6914c000, 3): Broken pipe", ReceptionKind.Unclear)]
    [InlineData(127, "", "/bin/sh: 1: /usr/bin/socat: not found", ReceptionKind.Refused)]
    public void Silence_is_no_acceptance(int exit, string output, string error, ReceptionKind expected) =>
        Assert.Equal(expected, Driver.Heard(Set, new([new("set", exit, output, error)]), Context).Kind);

    [Fact]
    public void What_is_said_of_every_server_of_a_request_is_said_once() => Assert.Equal(
        "Permission denied No such server.",
        Driver.Heard(Set, new([new("set", 0, "Permission denied\n\nPermission denied\n\nNo such server.\n\nPermission denied\n\n")]), Context).Words);
}
