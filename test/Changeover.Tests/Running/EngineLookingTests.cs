using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.TinyRun;

namespace Changeover.Tests.Running;

/// <summary>Guards, budgets and windows: one rule of the engine a test, to the millisecond where there is a time.</summary>
public sealed class EngineLookingTests
{
    /// <summary>A slow machine has kept the guard open for all of its time, and what is seen then is there for a moment.</summary>
    [Fact]
    public void A_guard_that_is_seen_to_fail_when_its_time_is_over_is_looked_at_once_more()
    {
        TinyRun Late()
        {
            var late = new TinyRun(Step("a") with { Before = new All([new ServiceIs("m1", "g", true), new ServiceIs("m1", "h", true)]) });
            late.See(Found("a", false));
            var question = late.Now + TimeSpan.FromSeconds(19);
            late.At(late.Now + TimeSpan.FromSeconds(21)).See(Found("a", false), Services("m1", ("g", true), ("h", false)) with { AskedAt = question });
            Assert.Empty(late.State.Halted);
            return late;
        }
        var run = Late();
        run.At(run.Now + Millisecond).Hear(Services("m1", ("g", true), ("h", false)));
        Assert.Equal([("service.not-as-expected", "m1")], run.Why("a"));

        run = Late();
        run.At(run.Now + Millisecond).Hear(Services("m1", ("g", true), ("h", true)));
        Assert.Equal(StepStatus.Acting, run.State.Steps["a"].Status);

        // Nothing is heard of it any more: what it said last is too old, and that ends the wait.
        run = Late();
        run.At(run.Now + TimeSpan.FromSeconds(60)).See(Found("a", false));
        Assert.Equal(["state.stale"], run.Why("a").Select(w => w.Code).Distinct());
    }

    [Fact]
    public void A_guard_is_waited_for_until_its_budget_is_over_and_not_a_moment_less()
    {
        var run = new TinyRun(Step("a") with { Before = new ServiceIs("m1", "g", true) });
        run.See(Found("a", false), Found("m1", "g", false));
        var began = run.State.Steps["a"].Since;

        Assert.Equal(began + TimeSpan.FromSeconds(20) + Millisecond, Deadline(run, 20));
        run.At(began + TimeSpan.FromSeconds(20)).See(Found("a", false), Found("m1", "g", false));
        Assert.Equal(StepStatus.Checking, run.State.Steps["a"].Status);
        run.At(began + TimeSpan.FromSeconds(20) + Millisecond).See();
        Assert.Equal([("service.not-as-expected", "m1")], run.Why("a"));
        Assert.False(run.State.Steps["a"].Acted);
    }

    [Fact]
    public void A_verification_is_waited_for_until_its_budget_is_over_and_not_a_moment_less()
    {
        var run = new TinyRun(Step("a", budget: 50));
        run.See(Found("a", false));
        run.At(run.Now + TimeSpan.FromSeconds(3)).Hear("a", 1, Reception.Accepted);
        var since = run.Now;

        run.At(since + TimeSpan.FromSeconds(50)).See(Found("a", false));
        Assert.Equal(StepStatus.Verifying, run.State.Steps["a"].Status);
        run.At(since + TimeSpan.FromSeconds(50) + Millisecond).See();
        Assert.Equal([("service.not-as-expected", "m2")], run.Why("a"));
    }

    [Fact]
    public void Nothing_is_done_while_it_cannot_be_seen_whether_it_is_so_already()
    {
        var run = new TinyRun(Step("a"));
        run.See(Silent("m2"));
        var began = run.State.Steps["a"].Since;

        Assert.Empty(run.Performs);
        run.At(began + TimeSpan.FromSeconds(20) + Millisecond).See(Silent("m2"));
        Assert.Equal([("state.not-seen", "m2")], run.Why("a"));
    }

    [Fact]
    public void What_a_slow_machine_left_open_is_waited_for_four_of_its_answers_longer()
    {
        var run = new TinyRun(Check("a"));
        var began = run.State.Steps["a"].Since;
        var end = began + TimeSpan.FromSeconds(60 + (4 * 10));
        run.At(began + TimeSpan.FromSeconds(60)).See(Slowly(Silent("m2") with { Silent = false }, run.Now));

        Assert.Equal(end + Millisecond, Wakes(run, end + Millisecond).Last());
        // What is surely not so by then halts at the end of the budget itself.
        Assert.Contains(began + TimeSpan.FromSeconds(60) + Millisecond, Wakes(run, end));
        run.At(end).See();
        Assert.Equal(StepStatus.Checking, run.State.Steps["a"].Status);
        run.At(end + Millisecond).See();
        Assert.Equal([("state.not-seen", "m2")], run.Why("a"));
    }

    /// <summary>Before the action the guard's machines count too, after it only what is verified; of several the slowest.</summary>
    [Fact]
    public void The_slowest_of_what_is_looked_at_now_gives_the_time()
    {
        var run = new TinyRun(Step("a") with { Before = new ServiceIs("m1", "g", true) });
        run.At(run.Now + TimeSpan.FromSeconds(10)).See(Slowly(Found("m1", "g", false), run.Now), Found("a", false) with { AskedAt = run.Now + TimeSpan.FromSeconds(-1) });
        var (step, s) = (run.State.Plan.Steps[0], run.State.Steps["a"]);

        Assert.Equal(s.Since + TimeSpan.FromSeconds(20 + 40), Engine.UnknownEnd(run.State, step, s));
        Assert.Equal(s.Since + TimeSpan.FromSeconds(60 + 4), Engine.UnknownEnd(run.State, step, s with { Status = StepStatus.Verifying }));
    }

    [Fact]
    public void A_machine_that_is_silent_gets_no_more_time()
    {
        var run = new TinyRun(Check("a"));
        var over = run.State.Steps["a"].Since + TimeSpan.FromSeconds(60) + Millisecond;

        run.At(over).See(Slowly(Silent("m2"), over));

        Assert.Equal(StepStatus.Halted, run.State.Steps["a"].Status);
    }

    /// <summary>It was asked while there was time, and is not judged by that; but the next look is the last, however slow this one was.</summary>
    [Fact]
    public void What_a_slow_machine_says_is_not_so_gets_the_time_of_one_look()
    {
        var run = new TinyRun(Check("a"));
        var over = run.State.Steps["a"].Since + TimeSpan.FromSeconds(60) + Millisecond;

        run.At(over).See(Slowly(Found("a", false), over));
        Assert.Equal(StepStatus.Checking, run.State.Steps["a"].Status);
        run.At(over + TimeSpan.FromSeconds(10)).See(Slowly(Found("a", false), run.Now));

        Assert.Equal([("service.not-as-expected", "m2")], run.Why("a"));
    }

    private static Observation Slowly(Observation seen, Moment now) => seen with { AskedAt = now + TimeSpan.FromSeconds(-10) };

    [Fact]
    public void A_person_is_asked_also_where_it_cannot_be_seen_whether_it_is_so_already()
    {
        var run = new TinyRun(Step("a") with { Action = new Instruct("m2", "do it", new SetService("m2", "a", true)) });

        run.See(Silent("m2"));

        Assert.Equal(StepStatus.Acting, run.State.Steps["a"].Status);
        Assert.Equal("do it", Assert.IsType<Effect.Instruct>(Assert.Single(Engine.Pending(run.State))).Instruction.Text);
    }

    [Fact]
    public void A_step_without_action_and_verification_is_done_when_its_turn_comes()
    {
        var run = new TinyRun(Step("a"), new Step { Id = "gate", Title = Phrase.Of("gate", "x"), Gate = "x", IsGate = true, Requires = [new("a")] });
        Assert.Equal(StepStatus.Waiting, run.State.Steps["gate"].Status);

        run.See(Found("a", true));

        Assert.Equal(StepStatus.Done, run.State.Steps["gate"].Status);
    }

    [Fact]
    public void An_action_without_verification_is_done_when_it_was_taken()
    {
        var run = new TinyRun(Step("a") with { After = null });
        Assert.Single(run.Performs);

        run.Hear("a", 1, Reception.Accepted);

        Assert.Equal((StepStatus.Done, StepOutcome.Done), (run.State.Steps["a"].Status, run.State.Steps["a"].Outcome));
    }

    [Fact]
    public void A_window_must_hold_to_its_end_and_the_last_look_is_asked_after_it()
    {
        var run = new TinyRun(Check("a") with { Hold = TimeSpan.FromSeconds(5) });
        run.At(run.Now + Millisecond).See(Found("a", true));
        var since = run.Now;
        Assert.Equal(since, run.State.Steps["a"].HeldSince);

        run.At(since + TimeSpan.FromSeconds(4.999)).See(Found("a", true));
        Assert.Equal(StepStatus.Checking, run.State.Steps["a"].Status);
        Assert.Contains(since + TimeSpan.FromSeconds(5), Wakes(run, since + TimeSpan.FromSeconds(5)));
        // An answer from inside the window, heard after it.
        var inside = run.Now;
        run.At(since + TimeSpan.FromSeconds(5)).See(Found("a", true) with { AskedAt = inside });
        Assert.Equal(StepStatus.Checking, run.State.Steps["a"].Status);
        Assert.Contains(new Subject(SubjectKind.Services, "m2"), run.Asked);
        run.See(Found("a", true));
        Assert.Equal(StepStatus.Done, run.State.Steps["a"].Status);
    }

    /// <summary>Where nothing is looked at, only the clock keeps the window.</summary>
    [Fact]
    public void A_window_is_waited_for_also_where_nothing_is_looked_at()
    {
        var run = new TinyRun(Check("a") with { After = new TimeReached(new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero)), Hold = TimeSpan.FromSeconds(5) });
        var since = run.Now;

        run.At(since + TimeSpan.FromSeconds(5) + -Millisecond).See();
        Assert.Equal(StepStatus.Checking, run.State.Steps["a"].Status);
        run.At(since + TimeSpan.FromSeconds(5)).See();
        Assert.Equal(StepStatus.Done, run.State.Steps["a"].Status);
    }

    /// <summary>Progress of an attempt before says nothing of this one.</summary>
    [Fact]
    public void A_budget_begins_with_the_later_of_attempt_and_progress()
    {
        var (step, s) = (Check("a"), new TinyRun(Check("a")).State.Steps["a"]);

        Assert.Equal(s.Since + step.Budget, Engine.BudgetEnd(step, s));
        Assert.Equal(s.Since + step.Budget, Engine.BudgetEnd(step, s with { ProgressAt = s.Since + -Millisecond }));
        Assert.Equal(s.Since + Millisecond + step.Budget, Engine.BudgetEnd(step, s with { ProgressAt = s.Since + Millisecond }));
    }

    /// <summary>A hold lets nothing behind it begin; the gate itself is only the end of what is before.</summary>
    [Fact]
    public void A_gate_does_not_wait_at_its_own_hold()
    {
        var run = new TinyRun(Check("a") with { Gate = Gates.Start }, new Step { Id = "gate.quiet", Title = Phrase.Of("gate", "quiet"), Gate = Gates.Quiet, IsGate = true, Requires = [new("a")] });
        run.Change(s => s with { Holds = [Gates.Quiet] });

        run.See(Found("a", true));

        Assert.Equal(StepStatus.Done, run.State.Steps["gate.quiet"].Status);
        Assert.Empty(run.State.HoldsReached);
    }

    [Fact]
    public void A_break_within_a_window_begins_it_anew()
    {
        var run = new TinyRun(Check("a") with { Hold = TimeSpan.FromSeconds(5) });
        run.At(run.Now + Millisecond).See(Found("a", true));
        run.At(run.Now + TimeSpan.FromSeconds(2)).See(Found("a", false));
        Assert.Null(run.State.Steps["a"].HeldSince);

        run.At(run.Now + TimeSpan.FromSeconds(3.5)).See(Found("a", true));
        run.At(run.Now + TimeSpan.FromSeconds(4.9)).See(Found("a", true));
        Assert.Equal(StepStatus.Checking, run.State.Steps["a"].Status);
        run.At(run.Now + TimeSpan.FromSeconds(0.1)).See(Found("a", true));
        Assert.Equal(StepStatus.Done, run.State.Steps["a"].Status);
    }

    [Fact]
    public void A_window_before_the_action_is_broken_by_what_is_not_so()
    {
        var run = new TinyRun(Step("a") with { Hold = TimeSpan.FromSeconds(5) });
        run.At(run.Now + Millisecond).See(Found("a", true));
        Assert.NotNull(run.State.Steps["a"].HeldSince);

        run.At(run.Now + TimeSpan.FromSeconds(1)).See(Found("a", false));

        Assert.Single(run.Performs);
    }

    [Fact]
    public void Progress_begins_the_budget_anew_while_there_is_some()
    {
        var run = new TinyRun(Check("a") with { After = new BackupIs("m2", "b"), Budget = TimeSpan.FromSeconds(10), Progress = new(SubjectKind.Backup, "m2") });
        Observation Bytes(long bytes) => Seen(run, new(SubjectKind.Backup, "m2"), new BackupFacts([new("b", "f", true, false, bytes, "")]));
        run.At(run.Now + TimeSpan.FromSeconds(1)).See(Bytes(100));
        var first = run.Now;
        Assert.Equal(first, run.State.Steps["a"].ProgressAt);

        run.At(first + TimeSpan.FromSeconds(9)).See(Bytes(101));
        var second = run.Now;
        run.At(second + TimeSpan.FromSeconds(5)).See(Bytes(101));
        Assert.Equal(second, run.State.Steps["a"].ProgressAt);
        run.At(second + TimeSpan.FromSeconds(10)).See(Bytes(101));
        Assert.Equal(StepStatus.Checking, run.State.Steps["a"].Status);
        run.At(second + TimeSpan.FromSeconds(10) + Millisecond).See(Bytes(101));
        Assert.Equal(StepStatus.Halted, run.State.Steps["a"].Status);
    }

    [Fact]
    public void Progress_that_does_not_cure_all_of_it_begins_nothing_anew()
    {
        var both = Condition.And(new BackupIs("m2", "b"), new ServiceIs("m2", "a", true));
        var run = new TinyRun(Check("a") with { After = both, Budget = TimeSpan.FromSeconds(10), Progress = new(SubjectKind.Backup, "m2") });
        var began = run.State.Steps["a"].Since;
        for (var second = 1; second <= 11; second++)
            run.At(began + TimeSpan.FromSeconds(second)).See(Found("a", false), Seen(run, new(SubjectKind.Backup, "m2"), new BackupFacts([new("b", "f", true, false, second, "")])));

        Assert.Equal(StepStatus.Halted, run.State.Steps["a"].Status);
    }

    [Fact]
    public void A_window_that_was_broken_before_the_action_begins_anew()
    {
        var run = new TinyRun(Step("a") with { Before = new ServiceIs("m1", "g", true), Hold = TimeSpan.FromSeconds(10) });
        See(0, true);
        See(5, false);
        See(3, true);
        See(4, true);
        Assert.Equal(StepStatus.Checking, run.State.Steps["a"].Status);
        See(7, true);
        Assert.Equal((StepStatus.Done, StepOutcome.FoundSo), (run.State.Steps["a"].Status, run.State.Steps["a"].Outcome));

        void See(int later, bool running) => run.At(run.Now + TimeSpan.FromSeconds(later)).See(Found("a", running), Found("m1", "g", false));
    }

    [Fact]
    public void A_check_and_a_gate_are_done_and_never_found_so()
    {
        var run = new TinyRun(Check("a"), new Step { Id = "gate.quiet", Title = Phrase.Of("gate", "quiet"), Gate = Gates.Quiet, IsGate = true, Requires = [new("a")] });
        Assert.Null(Assert.Single(run.See(Found("a", true)).OfType<StepDone>(), d => d.Step == "a").Notes);

        Assert.Equal([StepOutcome.Done, StepOutcome.Done], run.State.Steps.Values.Select(s => s.Outcome));
        Assert.Equal(RunOutcome.Done, run.State.Outcome);
    }

    [Fact]
    public void What_is_worth_knowing_of_a_step_that_is_done_stays_with_it()
    {
        Assert.Equal([("database.jobs-stand-still", "m2")], Notes("nightly"));
        Assert.Empty(Notes());

        static (string, string)[] Notes(params ImmutableArray<string> jobs)
        {
            var run = new TinyRun(Check("a") with { After = new JobsStandStill("m2") });
            run.See(TinyRun.Seen(run, new(SubjectKind.Database, "m2"), new DatabaseFacts("mariadb", "10", 1, false, true, "b.1", 1, "", true, null, 1, [], [], jobs)));
            Assert.Equal(StepStatus.Done, run.State.Steps["a"].Status);
            return [.. run.State.Steps["a"].Findings.Select(f => (f.Code.Code, f.Subject))];
        }
    }
}
