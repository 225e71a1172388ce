using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.PairedRun;

namespace Changeover.Tests.Running;

/// <summary>What is watched all the time: when each invariant is, and what breaks it.</summary>
public sealed class WatchTests
{
    private const string OneWriter = "invariant.one-writer.lb";

    private static string[] Watched(RunState state) => [.. Watch.Conditions(state).Select(w => w.Id)];

    // ---- when ------------------------------------------------------------------------------------------------------------

    [Fact]
    public void Of_every_pair_that_is_up_everything_is_watched() =>
        Assert.Equal(
            [
                "invariant.pools-ready.lb1", "invariant.pools-ready.lb2", OneWriter, "invariant.one-owner.10.0.0.10",
                "invariant.one-primary.store", "invariant.one-owner.10.0.0.20",
            ],
            Watched(Of()));

    [Fact]
    public void A_machine_that_was_asked_to_go_down_is_not_watched_any_more_nor_compared_with_its_peer()
    {
        var run = Of(Off("lb1"), Off("st1"));
        Assert.Equal(6, Watched(run.With("poweroff.lb1", StepStatus.Checking)).Length);

        Assert.Equal(
            ["invariant.pools-ready.lb2", "invariant.one-primary.store", "invariant.one-owner.10.0.0.20"],
            Watched(run.With("poweroff.lb1", StepStatus.Acting)));
        Assert.Equal(["invariant.pools-ready.lb2"], Watched(run.With("poweroff.lb1", StepStatus.Acting).With("poweroff.st1", StepStatus.Done)));
    }

    [Theory]
    [InlineData(StepStatus.Waiting, false)]
    [InlineData(StepStatus.Checking, false)]
    [InlineData(StepStatus.Acting, false)]
    [InlineData(StepStatus.Verifying, false)]
    [InlineData(StepStatus.Halted, false)]
    [InlineData(StepStatus.Done, true)]
    public void In_a_failback_a_machine_of_the_host_is_up_when_it_was_seen_up(StepStatus status, bool up)
    {
        var run = Of(GoalKind.Failback, On("st1"), On("lb1")).With("poweron.st1", status);

        Assert.Equal(up, Watch.IsUp(run, "st1"));
        Assert.False(Watch.IsUp(run, "lb1"));
        Assert.True(Watch.IsUp(run, "st2"));
        Assert.Equal(up, Watched(run).Contains("invariant.one-primary.store"));
    }

    [Theory]
    [InlineData(GoalKind.Failover, true)]
    [InlineData(GoalKind.Failback, false)]
    [InlineData(GoalKind.Close, true)]
    public void Only_a_failback_finds_the_host_empty(GoalKind kind, bool up) => Assert.Equal(up, Watch.IsUp(Of(kind), "st1"));

    [Theory]
    [InlineData(GoalKind.Failover)]
    [InlineData(GoalKind.Failback)]
    public void A_run_that_goes_on_from_what_is_found_knows_what_is_on(GoalKind kind)
    {
        var run = Of(new Goal(kind, "h1"), new Beginning(["st1"], []));

        Assert.True(Watch.IsUp(run, "st1"));
        Assert.False(Watch.IsUp(run, "lb1"));
        Assert.True(Watch.IsUp(run, "lb2"));
    }

    [Fact]
    public void A_machine_that_a_person_switches_is_down_when_the_person_was_asked()
    {
        var run = Of(Deed("off", new Instruct("st1", "switch it off", new SetPower("st1", "h1", On: false))));

        Assert.True(Watch.IsUp(run, "st1"));
        Assert.False(Watch.IsUp(run.With("off", StepStatus.Acting), "st1"));
    }

    [Fact]
    public void A_standing_condition_is_watched_from_its_first_step_to_the_end_when_it_has_no_last()
    {
        var run = Of(Deed("first", new SetService("db2", "a", true)), Deed("other", new SetService("db2", "b", true)));
        run = run with { Plan = run.Plan with { Standing = [new("s", "first", "", new Changeover.Knowledge.Conditions.ServiceIs("db2", "a", true), [])] } };

        Assert.DoesNotContain("standing.s", Watched(run.With("first", StepStatus.Verifying)));
        Assert.Contains("standing.s", Watched(run.With("first", StepStatus.Done).With("other", StepStatus.Done)));
    }

    // ---- when balancers are compared ---------------------------------------------------------------------------------------

    [Fact]
    public void Balancers_are_compared_while_nothing_set_either_of_them()
    {
        Assert.Contains(OneWriter, Watched(Of(Servers("lb1", Gates.Quiet), Servers("lb2", Gates.Quiet), Off("lb1"), On("st1"))));
        Assert.DoesNotContain(OneWriter, Watched(Of(Servers("lb1", Gates.Quiet), Servers("lb2", Gates.Quiet), On("lb1"))));
    }

    /// <summary>The run before may have set one of them only.</summary>
    [Fact]
    public void Balancers_of_a_run_that_goes_on_from_what_is_found_are_compared_when_it_has_set_both()
    {
        var run = Of(new Goal(GoalKind.Failover, "h1"), new Beginning(["lb1"], []), Servers("lb1", Gates.Quiet), Servers("lb2", Gates.Quiet));

        Assert.DoesNotContain(OneWriter, Watched(run));
        Assert.Contains(OneWriter, Watched(run.With("quiet.lb1", StepStatus.Done).With("quiet.lb2", StepStatus.Done)));
    }

    [Theory]
    [InlineData(StepStatus.Checking, StepStatus.Waiting, false)]
    [InlineData(StepStatus.Acting, StepStatus.Waiting, false)]
    [InlineData(StepStatus.Done, StepStatus.Waiting, false)]
    [InlineData(StepStatus.Done, StepStatus.Verifying, false)]
    [InlineData(StepStatus.Waiting, StepStatus.Done, false)]
    [InlineData(StepStatus.Halted, StepStatus.Done, false)]
    [InlineData(StepStatus.Done, StepStatus.Done, true)]
    public void Balancers_are_not_compared_between_setting_one_and_the_other(StepStatus first, StepStatus second, bool compared)
    {
        var run = Of(Servers("lb1", Gates.Quiet), Servers("lb2", Gates.Quiet)).With("quiet.lb1", first).With("quiet.lb2", second);

        Assert.Equal(compared, Watched(run).Contains(OneWriter));
    }

    [Theory]
    [InlineData(StepOutcome.Done, true)]
    [InlineData(StepOutcome.FoundSo, true)]
    [InlineData(StepOutcome.Accepted, false)]
    public void Balancers_of_which_a_person_accepted_that_one_is_not_set_are_not_compared(StepOutcome outcome, bool compared)
    {
        var run = Of(Servers("lb1", Gates.Quiet), Servers("lb2", Gates.Quiet)).With("quiet.lb1", StepStatus.Done).With("quiet.lb2", StepStatus.Done, outcome);

        Assert.Equal(compared, Watched(run).Contains(OneWriter));
    }

    [Fact]
    public void Of_the_gates_that_set_balancers_the_last_one_begun_counts()
    {
        var run = Of(Servers("lb1", Gates.Start), Servers("lb2", Gates.Start), Servers("lb1", Gates.Quiet), Servers("lb2", Gates.Quiet));
        var first = run.With("start.lb1", StepStatus.Done).With("start.lb2", StepStatus.Done, StepOutcome.Accepted);

        Assert.DoesNotContain(OneWriter, Watched(first));
        Assert.DoesNotContain(OneWriter, Watched(first.With("start.lb2", StepStatus.Done).With("quiet.lb1", StepStatus.Checking)));
        Assert.Contains(OneWriter, Watched(first.With("quiet.lb1", StepStatus.Done).With("quiet.lb2", StepStatus.Done)));
    }

    [Fact]
    public void What_is_set_on_a_balancer_of_another_pair_is_not_waited_for()
    {
        var run = Of(Servers("lb1", Gates.Start), Servers("lb2", Gates.Start), Servers("lb9", Gates.Start)).With("start.lb9", StepStatus.Acting);

        Assert.True(BalancerWatch.Comparable(run, ["lb1", "lb2"]));
        Assert.False(BalancerWatch.Comparable(run, ["lb8", "lb9"]));
    }

    // ---- what breaks it ------------------------------------------------------------------------------------------------------

    private static Judgement Judge(string id, Baseline? baseline, params ImmutableArray<Observation> seen)
    {
        var watched = Watch.Conditions(Of()).Single(w => w.Id == id);
        Assert.Subset(watched.Subjects.ToHashSet(), seen.Select(o => o.Subject).ToHashSet());
        return watched.Condition.Judge(new(PairedRun.Inventory, Snapshot.Empty.With(seen), Now, Now, baseline));
    }

    private static (Verdict, string, string)[] Told(Judgement judgement) => [.. judgement.Findings.Select(f => (judgement.Verdict, f.Code.Code, f.Subject))];

    private static Observation Sees(SubjectKind kind, string machine, Facts? facts) =>
        new(new(kind, machine), facts, facts is null ? StateFindings.NotSeen.On(machine, "asked", "it") : null, Now, Now);

    private static Observation Drbd(string machine, params DrbdRole[] roles) => Sees(SubjectKind.Drbd, machine, new DrbdFacts("9", true,
        [.. roles.Select((r, i) => new DrbdResource($"r{i}", r, DrbdRole.Unknown, DrbdConnection.Unknown, DrbdDisk.Unknown, DrbdDisk.Unknown, null, null))]));

    [Fact]
    public void Two_primaries_break_it_and_one_that_cannot_be_asked_is_not_a_second_one()
    {
        const string id = "invariant.one-primary.store";

        Assert.Equal(
            [(Verdict.Fails, "run.two-primaries", "st1 and st2")],
            Told(Judge(id, null, Drbd("st1", DrbdRole.Secondary, DrbdRole.Primary), Drbd("st2", DrbdRole.Primary, DrbdRole.Secondary))));
        Assert.Equal(Verdict.Holds, Judge(id, null, Drbd("st1", DrbdRole.Primary, DrbdRole.Primary), Drbd("st2", DrbdRole.Secondary)).Verdict);
        Assert.Equal(Verdict.Holds, Judge(id, null, Drbd("st1", DrbdRole.Unknown), Drbd("st2", DrbdRole.Primary)).Verdict);
        Assert.Equal(Verdict.Unknown, Judge(id, null, Drbd("st1", DrbdRole.Primary), Sees(SubjectKind.Drbd, "st2", null)).Verdict);
        Assert.Equal(Verdict.Unknown, Judge(id, null, Drbd("st1", DrbdRole.Primary)).Verdict);
    }

    private static Observation Has(string machine, params ImmutableArray<string> addresses) =>
        Sees(SubjectKind.Machine, machine, new MachineFacts(machine, "", null, null, addresses, null));

    [Fact]
    public void Two_owners_of_one_address_break_it_and_others_have_theirs()
    {
        const string id = "invariant.one-owner.10.0.0.10";

        Assert.Equal([(Verdict.Fails, "address.twice", "10.0.0.10")], Told(Judge(id, null, Has("lb1", "10.0.0.1", "10.0.0.10"), Has("lb2", "10.0.0.10"))));
        Assert.Contains("lb1 and lb2", Judge(id, null, Has("lb1", "10.0.0.10"), Has("lb2", "10.0.0.10")).Findings[0].Message, StringComparison.Ordinal);
        Assert.Equal(Verdict.Holds, Judge(id, null, Has("lb1", "10.0.0.1", "10.0.0.20"), Has("lb2", "10.0.0.10", "10.0.0.20")).Verdict);
        Assert.Equal(Verdict.Unknown, Judge(id, null, Sees(SubjectKind.Machine, "lb1", null), Has("lb2", "10.0.0.10")).Verdict);
    }

    private static BalancerFacts Balancer(params (string Backend, string Name, ServerAdmin Admin)[] servers) => new(
        "2.6", TimeSpan.FromHours(1), "", true, [.. servers.Select(s => new BalancerServer(s.Backend, s.Name, "", s.Admin, true, "UP", 1, false, 0))]);

    private static Observation Writes(string balancer, string writer) =>
        Sees(SubjectKind.Balancer, balancer, Balancer(("sql", "db1", writer == "db1" ? ServerAdmin.Ready : ServerAdmin.Maint), ("sql", "db2", writer == "db2" ? ServerAdmin.Ready : ServerAdmin.Maint)));

    [Fact]
    public void Two_writers_break_it_and_a_balancer_that_chooses_none_is_not_a_second_one()
    {
        var two = Judge(OneWriter, null, Writes("lb1", "db1"), Writes("lb2", "db2"));
        Assert.Equal([(Verdict.Fails, "run.two-writers", "lb1 and lb2")], Told(two));
        Assert.Contains("writer: db1 and db2", two.Findings[0].Message, StringComparison.Ordinal);

        Assert.Equal(Verdict.Holds, Judge(OneWriter, null, Writes("lb1", "db2"), Writes("lb2", "db2")).Verdict);
        Assert.Equal(Verdict.Holds, Judge(OneWriter, null, Writes("lb1", ""), Writes("lb2", "db2")).Verdict);
        Assert.Equal(Verdict.Holds, Judge(OneWriter, null, Writes("lb1", ""), Writes("lb2", "")).Verdict);
        Assert.Equal(Verdict.Unknown, Judge(OneWriter, null, Writes("lb1", "db1"), Sees(SubjectKind.Balancer, "lb2", null)).Verdict);
    }

    [Theory]
    [InlineData(ServerAdmin.Maint, ServerAdmin.Maint, false)]
    [InlineData(ServerAdmin.Maint, ServerAdmin.Drain, false)]
    [InlineData(ServerAdmin.Drain, ServerAdmin.Drain, false)]
    [InlineData(ServerAdmin.Maint, ServerAdmin.Ready, true)]
    [InlineData(ServerAdmin.Ready, ServerAdmin.Drain, true)]
    [InlineData(ServerAdmin.Maint, ServerAdmin.Unknown, true)]
    public void A_backend_of_which_every_server_is_set_aside_breaks_it(ServerAdmin first, ServerAdmin second, bool holds)
    {
        var found = Baseline.Take("m", Start, Snapshot.Empty.With([Sees(SubjectKind.Balancer, "lb1", Balancer(("web", "a", ServerAdmin.Ready), ("web", "b", ServerAdmin.Maint), ("idle", "c", ServerAdmin.Maint), ("full", "d", ServerAdmin.Ready)))]));
        var now = Sees(SubjectKind.Balancer, "lb1", Balancer(("web", "a", first), ("web", "b", second), ("idle", "c", ServerAdmin.Maint), ("full", "d", ServerAdmin.Ready)));

        var judgement = Judge("invariant.pools-ready.lb1", found, now);

        (Verdict, string, string)[] why = holds ? [] : [(Verdict.Fails, "run.pool-emptied", "lb1")];
        Assert.Equal(why, Told(judgement));
        Assert.Equal(holds ? Verdict.Holds : Verdict.Fails, judgement.Verdict);
        if (!holds)
            Assert.Contains("backend web", judgement.Findings[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_not_looked_at_before_the_run_breaks_nothing_and_the_picture_of_the_quiet_cluster_counts_before_the_first()
    {
        var aside = Sees(SubjectKind.Balancer, "lb1", Balancer(("web", "a", ServerAdmin.Maint)));
        var ready = Baseline.Seen([Sees(SubjectKind.Balancer, "lb1", Balancer(("web", "a", ServerAdmin.Ready)))]);

        Assert.Equal(Verdict.Holds, Judge("invariant.pools-ready.lb1", null, aside).Verdict);
        Assert.Equal(Verdict.Holds, Judge("invariant.pools-ready.lb1", new("m", Start, [], []), aside).Verdict);
        Assert.Equal(Verdict.Fails, Judge("invariant.pools-ready.lb1", new("m", Start, ready, []), aside).Verdict);
        Assert.Equal(Verdict.Holds, Judge("invariant.pools-ready.lb1", new("m", Start, ready, Baseline.Seen([aside])), aside).Verdict);
        Assert.Equal(Verdict.Unknown, Judge("invariant.pools-ready.lb1", new("m", Start, ready, [])).Verdict);
    }
}
