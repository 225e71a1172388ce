using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using Changeover.Tests.Simulation;

namespace Changeover.Tests.Running;

/// <summary>How long a plan is expected to take, and where that is known from.</summary>
public sealed class ScheduleTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero);

    private static readonly ClusterInventory Two = new()
    {
        Cluster = "two",
        Hosts = [Host("h1"), Host("h2")],
        Machines = [On("m1", "h1"), On("m2", "h2")],
    };

    private static Host Host(string name) => new() { Name = name, Hypervisor = HypervisorKind.Proxmox, Node = name };

    private static Machine On(string name, string host) => new() { Name = name, Host = host, Address = "10.0.0.1", Roles = [], NodeName = name, HostName = name, GuestName = name };

    /// <summary>It acts, is expected to take so many seconds, and has budgets of 60 and 100.</summary>
    private static Step Step(string id, int expected, string machine = "m2", params string[] after) => new()
    {
        Id = id,
        Title = Phrase.Of("gate", id),
        Gate = Gates.Quiet,
        Machine = machine,
        Action = new SetService(machine, "s", Run: false),
        Expected = TimeSpan.FromSeconds(expected),
        Budget = TimeSpan.FromSeconds(100),
        Requires = [.. after.Select(a => new Requirement(a))],
    };

    private static Plan Plan(params ImmutableArray<Step> steps) =>
        new(new(GoalKind.Failover, "h1"), "two", "m", "digest", "3", new("m", Start, [], []), steps, [], "digest");

    private static Moment At(int seconds) => new(TimeSpan.FromSeconds(seconds), Start + TimeSpan.FromSeconds(seconds));

    private static Schedule Of(Plan plan, params ImmutableArray<RunState> runs) => Schedule.Of(Two, plan, runs, Start + TimeSpan.FromDays(1));

    /// <summary>A run of one step that took so many seconds, with what else happened meanwhile.</summary>
    private static RunState Took(Plan plan, int seconds, string run = "earlier", StepOutcome outcome = StepOutcome.Done, params ReadOnlySpan<RunEvent> meanwhile) => Engine.Fold(
    [
        new RunStarted(At(0), run, "c", 1, Two, plan, []),
        new StepReady(At(1), plan.Steps[0].Id),
        .. meanwhile,
        new StepDone(At(1 + seconds), plan.Steps[0].Id, outcome),
    ]);

    private static (double, double) Seconds(ScheduledStep step) => (step.Begins.TotalSeconds, step.Ends.TotalSeconds);

    [Fact]
    public void The_budget_of_a_step_is_that_of_guard_action_and_window_and_a_gate_has_none()
    {
        var step = Step("a", 5) with { Hold = TimeSpan.FromSeconds(7) };

        Assert.Equal(60 + 100 + 7, Of(Plan(step, Step("gate", 0, "m2", "a") with { Action = null, IsGate = true })).Budget.TotalSeconds);
        Assert.Equal(100, Of(Plan(Step("check", 5) with { Action = null })).Budget.TotalSeconds);
    }

    [Fact]
    public void What_a_gate_took_and_what_this_plan_does_not_have_was_not_measured()
    {
        var gate = Plan(Step("gate", 0) with { Action = null, IsGate = true });
        Assert.Empty(Of(gate, Took(gate, 9)).Runs);
        Assert.Empty(Of(Plan(Step("a", 5)), Took(Plan(Step("b", 5)), 9)).Runs);
    }

    [Fact]
    public void Without_earlier_runs_the_plan_s_own_figures_make_the_longest_way()
    {
        var schedule = Of(Plan(Step("a", 10), Step("b", 5, after: "a"), Step("c", 20, after: "a"), Step("d", 1, "m2", "b", "c")));

        Assert.Equal((10, 15), Seconds(schedule.Steps["b"]));
        Assert.Equal((30, 31), Seconds(schedule.Steps["d"]));
        Assert.Equal(31, schedule.Takes.TotalSeconds);
        // Three steps one behind the other, each with its two budgets.
        Assert.Equal(3 * 160, schedule.Budget.TotalSeconds);
        Assert.Empty(schedule.Runs);
        Assert.All(schedule.Steps.Values, s => Assert.Equal(0, s.Measured));
    }

    [Fact]
    public void A_hold_window_that_the_plan_s_figure_does_not_cover_counts()
    {
        var schedule = Of(Plan(Step("a", 0) with { Hold = TimeSpan.FromSeconds(5) }, Step("b", 30) with { Hold = TimeSpan.FromSeconds(20) }));

        Assert.Equal((5, 30), (schedule.Steps["a"].Ends.TotalSeconds, schedule.Steps["b"].Ends.TotalSeconds));
    }

    [Theory]
    [InlineData(new[] { 40 }, 40)]
    [InlineData(new[] { 300, 40, 50 }, 50)]
    [InlineData(new[] { 40, 50, 60, 300 }, 55)]
    public void What_earlier_runs_did_takes_the_median_of_what_it_took_there(int[] took, double expected)
    {
        var plan = Plan(Step("a", 10), Step("b", 5, after: "a"));
        var schedule = Of(plan, [.. took.Select((t, i) => Took(plan, t, $"run-{i}"))]);

        Assert.Equal((0, expected), Seconds(schedule.Steps["a"]));
        Assert.Equal(expected + 5, schedule.Takes.TotalSeconds);
        Assert.Equal((took.Length, 0), (schedule.Steps["a"].Measured, schedule.Steps["b"].Measured));
        Assert.Equal(took.Select((_, i) => $"run-{i}"), schedule.Runs);
    }

    [Fact]
    public void Runs_of_another_goal_or_host_and_later_ones_say_nothing()
    {
        var plan = Plan(Step("a", 10));
        var schedule = Schedule.Of(
            Two, plan,
            [
                Took(plan with { Goal = new(GoalKind.Failover, "h2") }, 40), Took(plan with { Goal = new(GoalKind.Failback, "h1") }, 40),
                Took(plan, 40) with { StartedAt = Start + TimeSpan.FromDays(1) },
            ],
            Start + TimeSpan.FromDays(1));

        Assert.Equal(10, schedule.Takes.TotalSeconds);
        Assert.Empty(schedule.Runs);
    }

    [Fact]
    public void What_was_so_already_or_accepted_or_waited_for_a_person_was_not_measured()
    {
        var plan = Plan(Step("a", 10), Step("b", 10));
        ImmutableArray<Finding> why = [RunFindings.NotSent.On("a", "words", "")];

        foreach (var run in (RunState[])
        [
            Took(plan, 40, outcome: StepOutcome.FoundSo),
            Took(plan, 40, outcome: StepOutcome.Accepted),
            Took(plan, 40, meanwhile: [new StepHalted(At(5), "a", why), new StepReady(At(30), "a")]),
            Took(plan, 40, meanwhile: [new StepReady(At(2), "b"), new StepHalted(At(5), "b", why), new StepReady(At(30), "b")]),
            Took(plan, 40, meanwhile: [new StandingBroken(At(5), "standing.s", why), new StandingMended(At(30), "standing.s")]),
            Took(plan, 40, meanwhile: [new RunResumed(At(30), "c", 2)]),
        ])
        {
            Assert.Equal(10, Of(plan, run).Takes.TotalSeconds);
        }
        Assert.Equal(40, Of(plan, Took(plan, 40)).Takes.TotalSeconds);
    }

    [Fact]
    public void What_begins_while_something_is_halted_was_not_measured()
    {
        var plan = Plan(Step("a", 10), Step("b", 10));
        var run = Engine.Fold(
        [
            new RunStarted(At(0), "earlier", "c", 1, Two, plan, []),
            new StandingBroken(At(1), "standing.s", [RunFindings.NotSent.On("a", "words", "")]),
            new StepReady(At(2), "a"),
            new StandingMended(At(30), "standing.s"),
            new StepDone(At(40), "a", StepOutcome.Done),
        ]);

        Assert.Equal(10, Of(plan, run).Takes.TotalSeconds);
    }

    [Fact]
    public void What_waits_for_the_beginning_of_another_begins_with_it_but_by_the_budgets_with_its_end()
    {
        var schedule = Of(Plan(Step("a", 10), Step("b", 5) with { Requires = [new("a", RequirementKind.Begun)] }));

        Assert.Equal((0, 5), Seconds(schedule.Steps["b"]));
        Assert.Equal(320, schedule.Budget.TotalSeconds);
    }

    [Fact]
    public void A_time_to_wait_for_is_waited_for_in_both()
    {
        var at = Start + TimeSpan.FromDays(1) + TimeSpan.FromMinutes(30);
        var wait = Step("wait.not-before", 0) with { Action = null, After = new TimeReached(at), Budget = PlanOptions.FarthestAhead };

        var schedule = Of(Plan(wait, Step("a", 10, after: "wait.not-before")));

        Assert.Equal((1810, 1960), (schedule.Takes.TotalSeconds, schedule.Budget.TotalSeconds));
    }

    [Fact]
    public void Callers_are_without_service_from_the_first_stop_to_the_last_start_where_the_kept_side_is_touched()
    {
        Step[] Steps(string machine) => [Step("check", 7), Step("stop.x", 10, machine, "check"), Step("move", 30, machine, "stop.x"), Step("start.x", 20, machine, "move"), Step("end", 5, machine, "start.x")];

        var touched = Of(Plan([.. Steps("m2")]));
        Assert.Equal((60, 480), (touched.Interruption?.TotalSeconds, touched.InterruptionBudget?.TotalSeconds));
        var untouched = Of(Plan([.. Steps("m1")]));
        Assert.Equal((null, null), (untouched.Interruption, untouched.InterruptionBudget));
    }

    [Fact]
    public void A_whole_run_takes_what_the_one_before_makes_expected()
    {
        var first = SimulatedRun.Go(World.Create(SimulatedRun.Example, 81, SimulatedRun.Start), GoalKind.Failover, "vm-host-1", null);
        var took = first.EndedAt!.Value - first.StartedAt;

        var schedule = Schedule.Of(SimulatedRun.Example, first.Plan, [first], first.EndedAt.Value);

        Assert.Equal([first.Run], schedule.Runs);
        Assert.All(first.Plan.Steps.Where(s => !s.IsGate && first.Steps[s.Id].Outcome == StepOutcome.Done), s => Assert.Equal(1, schedule.Steps[s.Id].Measured));
        // What is left over is the engine's own beat, and what waits for a beginning waits a little longer than it.
        Assert.InRange(schedule.Takes, took * 0.9, took);
        Assert.InRange(schedule.Interruption!.Value, RunView.Of(first).Interruption!.Value * 0.9, RunView.Of(first).Interruption!.Value * 1.02);
        Assert.InRange(schedule.Budget, took, TimeSpan.FromHours(12));
    }
}
