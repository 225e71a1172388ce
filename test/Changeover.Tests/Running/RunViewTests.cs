using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.PairedRun;

namespace Changeover.Tests.Running;

/// <summary>What a person watching has in view: who holds what, what is waited for and why, what waits for a word, and whether one may leave.</summary>
public sealed class RunViewTests
{
    private static readonly Step Stop = Deed("stop.tel1.a", new SetService("tel1", "a", Run: false)) with { Machine = "db2" };
    private static readonly Step Start = Deed("start.tel1.a", new SetService("tel1", "a", Run: true)) with { Machine = "db2" };
    private static readonly Step Gate = Deed("gate.quiet", new TakeClaim("st1")) with { IsGate = true, Action = null };

    private static RunState See(RunState state, params ImmutableArray<(SubjectKind Kind, string Name, Facts Facts)> seen) =>
        state with { Snapshot = state.Snapshot.With([.. seen.Select(s => new Observation(new(s.Kind, s.Name), s.Facts, null, Now, Now))]) };

    private static RunState At(RunState state, double seconds) => state with { Now = Now + TimeSpan.FromSeconds(seconds) };

    private static BalancerFacts Chooses(string server) =>
        new("2.6", TimeSpan.FromHours(1), "sum", true, [new("sql", server, "10.0.0.1", ServerAdmin.Ready, true, "UP", 100, false, 0)]);

    private static PacemakerFacts Holds(string node, ResourceRole role = ResourceRole.Promoted) => new(
        "2.1", node, true, true, false, false, false, "stop", [], [new("r", "ocf", "", true, node, role, "", true, true, false, false, false, false)], [], [], []);

    private static RunState Changed(RunState state, string step, Func<StepState, StepState> change) => state with { Steps = state.Steps.With(step, change(state.Steps[step])) };

    [Fact]
    public void The_writer_is_whom_the_first_balancer_chooses_that_tells_one()
    {
        var run = Of(Stop);

        Assert.Equal("", RunView.Of(run).Writer);
        Assert.Equal("db2", RunView.Of(See(run, (SubjectKind.Balancer, "lb2", Chooses("db2")))).Writer);
        Assert.Equal("db1", RunView.Of(See(run, (SubjectKind.Balancer, "lb1", Chooses("db1")), (SubjectKind.Balancer, "lb2", Chooses("db2")))).Writer);
        Assert.Equal("db2", RunView.Of(See(run, (SubjectKind.Balancer, "lb1", Chooses("nobody")), (SubjectKind.Balancer, "lb2", Chooses("db2")))).Writer);
        Assert.Equal("", RunView.Of(See(run, (SubjectKind.Balancer, "lb1", Chooses("nobody")))).Writer);
    }

    [Fact]
    public void A_pair_is_held_by_whom_the_first_node_names_that_names_one()
    {
        var run = Of(Stop);
        string Store(RunState state) => RunView.Of(state).Holders.Single(h => h.Pair == "store").Machine;

        Assert.Equal(["lb", "store"], RunView.Of(run).Holders.Select(h => h.Pair).Order());
        Assert.Equal("", Store(run));
        Assert.Equal("st2", Store(See(run, (SubjectKind.Pacemaker, "st2", Holds("st2")))));
        Assert.Equal("st1", Store(See(run, (SubjectKind.Pacemaker, "st1", Holds("st1")), (SubjectKind.Pacemaker, "st2", Holds("st2")))));
        Assert.Equal("st2", Store(See(run, (SubjectKind.Pacemaker, "st1", Holds("st1", ResourceRole.Unpromoted)), (SubjectKind.Pacemaker, "st2", Holds("st2")))));
        Assert.Equal("", Store(See(run, (SubjectKind.Pacemaker, "st1", Holds("foreign")))));
    }

    [Fact]
    public void What_is_looked_at_or_was_sent_is_waited_for_and_a_gate_never()
    {
        string[] Waiting(StepStatus status) => [.. RunView.Of(Of(Stop, Gate).With("stop.tel1.a", status).With("gate.quiet", StepStatus.Checking)).Waiting.Select(w => w.Step)];

        Assert.Equal(["stop.tel1.a"], Waiting(StepStatus.Checking));
        Assert.Equal(["stop.tel1.a"], Waiting(StepStatus.Verifying));
        Assert.Equal(["stop.tel1.a"], Waiting(StepStatus.Acting));
        Assert.Empty(Waiting(StepStatus.Waiting));
        Assert.Empty(RunView.Of(Of(Stop).Halted("stop.tel1.a")).Waiting);
        Assert.Empty(Waiting(StepStatus.Done));
    }

    [Fact]
    public void A_person_is_waited_for_by_name_of_what_is_to_be_done()
    {
        var manual = Of(Deed("manual", new Instruct("tel1", "switch it")), Stop);
        var run = manual.With("manual", StepStatus.Acting).With("stop.tel1.a", StepStatus.Acting);

        Assert.Equal([("manual", "switch it")], RunView.Of(run).Persons.Select(p => (p.Step, p.Instruction)));
        Assert.Equal(["stop.tel1.a"], RunView.Of(run).Waiting.Select(w => w.Step));
        Assert.Empty(RunView.Of(manual.With("manual", StepStatus.Checking)).Persons);
        Assert.Equal("", RunView.Of(run).Waiting[0].Instruction);
    }

    [Fact]
    public void What_is_waited_for_says_how_long_how_long_at_most_and_why()
    {
        var guarded = Stop with
        {
            Before = new ServiceIs("st1", "g", Running: true),
            After = new ServiceIs("tel1", "a", Running: false),
            CheckBudget = TimeSpan.FromSeconds(20),
            Budget = TimeSpan.FromSeconds(90),
            Expected = TimeSpan.FromSeconds(7),
        };
        var seen = See(Of(guarded), (SubjectKind.Services, "st1", Runs("g", false)), (SubjectKind.Services, "tel1", Runs("a", true)));
        WaitingFor One(StepStatus status, Func<StepState, StepState>? change = null) =>
            RunView.Of(At(Changed(seen.With(guarded.Id, status), guarded.Id, s => (change ?? (c => c))(s with { Since = Now })), 5)).Waiting.Single();

        var before = One(StepStatus.Checking);
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(20)), (before.For, before.Expected, before.Budget));
        Assert.Equal("st1: g is stopped, expected running.", before.Reason);
        // What was seen last is the reason, however long ago that was.
        Assert.Equal(before.Reason, RunView.Of(At(seen.With(guarded.Id, StepStatus.Checking), 600)).Waiting.Single().Reason);
        var after = One(StepStatus.Verifying);
        Assert.Equal(TimeSpan.FromSeconds(90), after.Budget);
        Assert.Equal("tel1: a is running, expected stopped.", after.Reason);
        Assert.Equal("holds; watched until its window is over", One(StepStatus.Verifying, s => s with { HeldSince = Now }).Reason);

        static ServiceFacts Runs(string name, bool run) => new([new(name, run ? ServiceRun.Running : ServiceRun.Stopped, ServiceStart.Automatic, "")]);
    }

    /// <summary>A check has no guard: its verification is what is waited for. Not seen yet is no reason of its own, and a note neither.</summary>
    [Fact]
    public void What_was_not_seen_yet_and_what_is_only_worth_knowing_are_no_reasons()
    {
        var check = Stop with { Action = null, After = new ServiceIs("tel1", "a", Running: false) };
        string Reason(RunState state) => RunView.Of(state.With(check.Id, StepStatus.Checking)).Waiting.Single().Reason;

        Assert.Equal("", Reason(Of(check)));
        Assert.Equal("tel1: a is running, expected stopped.", Reason(See(Of(check), (SubjectKind.Services, "tel1", new ServiceFacts([new("a", ServiceRun.Running, ServiceStart.Automatic, "")])))));
        Assert.Equal("", Reason(See(Of(check with { After = new JobsStandStill("db1") }), (SubjectKind.Database, "db1", new DatabaseFacts("mariadb", "10", 1, false, true, "b.1", 1, "", true, null, 1, [], [], ["nightly"])))));
    }

    [Fact]
    public void A_halt_a_broken_condition_and_a_hold_wait_for_a_word()
    {
        var wrong = StateFindings.ServiceNotAs.On("tel1", "service", "a", "seen", "stopped", "expected", "running");
        var run = Of(Stop, Start).Halted("stop.tel1.a", wrong);
        run = run with { Broken = run.Broken.Add("standing.s", [wrong]), HoldsReached = [Gates.Quiet] };

        var halts = RunView.Of(run).Halts;

        Assert.Equal([("stop.tel1.a", 1), ("standing.s", 1), (Gates.Id(Gates.Quiet), 0)], halts.Select(h => (h.Step, h.Findings.Length)));
        Assert.Contains(Answer.Abort, halts[0].Answers);
    }

    [Fact]
    public void The_next_three_are_named_and_what_is_done_is_counted_without_gates()
    {
        var run = Of([Gate, .. Enumerable.Range(1, 5).Select(i => Stop with { Id = $"s{i}" })]).With("gate.quiet", StepStatus.Done).With("s1", StepStatus.Done);
        foreach (var id in new[] { "s2", "s3", "s4", "s5" })
            run = run.With(id, StepStatus.Waiting);

        var view = RunView.Of(run);

        Assert.Equal(["s2", "s3", "s4"], view.Next.Select(s => s.Id));
        Assert.Equal((1, 5), (view.Done, view.Total));
    }

    [Fact]
    public void Callers_are_without_service_from_the_first_stop_until_all_of_it_serves_again()
    {
        var run = At(Of(Stop, Stop with { Id = "stop.tel1.b" }, Start, Start with { Id = "start.tel1.b" }), 100);
        (double? Seconds, bool Now) Without(RunState state) => (RunView.Of(state).Interruption?.TotalSeconds, RunView.Of(state).Interrupted);

        Assert.Equal((null, false), Without(run));
        run = Changed(Changed(run, "stop.tel1.a", s => s with { Acted = true, StartedAt = Now.Utc.AddSeconds(20) }), "stop.tel1.b", s => s with { Acted = true, StartedAt = Now.Utc.AddSeconds(10) });
        Assert.Equal((90, true), Without(run));
        var ended = run with { EndedAt = Now.Utc.AddSeconds(60) };
        Assert.Equal((50, true), Without(ended));
        var half = Changed(run, "start.tel1.a", s => s with { Status = StepStatus.Done, EndedAt = Now.Utc.AddSeconds(70) });
        Assert.Equal((90, true), Without(half));
        Assert.Equal((65, false), Without(Changed(half, "start.tel1.b", s => s with { Status = StepStatus.Done, EndedAt = Now.Utc.AddSeconds(75) })));
        Assert.Equal((90, true), Without(Changed(At(Of(Stop), 100), "stop.tel1.a", s => s with { Acted = true, StartedAt = Now.Utc.AddSeconds(10) })));
        var one = Changed(At(Of(Stop, Start), 100), "stop.tel1.a", s => s with { Acted = true, StartedAt = Now.Utc.AddSeconds(10) });
        Assert.Equal((20, false), Without(Changed(one, "start.tel1.a", s => s with { Status = StepStatus.Done, EndedAt = Now.Utc.AddSeconds(30) })));
        // Without a time of its own it is as if it were now.
        Assert.Equal((90, false), Without(Changed(one, "start.tel1.a", s => s with { Status = StepStatus.Done })));
        Assert.Equal((0, true), Without(Changed(At(Of(Stop, Start), 100), "stop.tel1.a", s => s with { Acted = true })));
    }

    [Fact]
    public void One_may_leave_when_nothing_is_on_its_way_and_no_node_is_left_in_standby()
    {
        var run = Of(
            Deed("standby", new SetStandby("st1", true, "st2")), Deed("other", new SetStandby("lb1", false, "lb2")), Deed("un", new SetStandby("st1", false, "st2")),
            Deed("manual", new Instruct("tel1", "switch it")), Stop, Stop with { Id = "stop.tel1.b" }).With("other", StepStatus.Done);
        (bool, string) Leave(RunState state) => (RunView.Of(state).SafeToLeave, RunView.Of(state).LeaveReason);

        var safe = (true, "nothing is in the middle of changing");
        Assert.Equal(safe, Leave(run));
        Assert.Equal(safe, Leave(run.With("manual", StepStatus.Acting)));
        Assert.Equal((false, "in the middle of stop.tel1.a, stop.tel1.b"), Leave(run.With("stop.tel1.a", StepStatus.Acting).With("stop.tel1.b", StepStatus.Acting)));
        Assert.Equal((false, "in the middle of stop.tel1.b"), Leave(run.With("stop.tel1.b", StepStatus.Acting)));
        var standby = (false, "st1 is in standby: one copy of its pair is not kept");
        Assert.Equal(standby, Leave(run.With("standby", StepStatus.Done)));
        Assert.Equal(standby, Leave(run.With("standby", StepStatus.Verifying)));
        Assert.Equal(standby, Leave(run.With("standby", StepStatus.Done).With("un", StepStatus.Verifying)));
        Assert.Equal(safe, Leave(run.With("standby", StepStatus.Done).With("un", StepStatus.Done)));
    }
}
