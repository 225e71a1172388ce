using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.TinyRun;

namespace Changeover.Tests.Running;

/// <summary>When an action is asked for, and what its answer leads to: one rule of the engine a test, to the millisecond where there is a time.</summary>
public sealed class EngineActingTests
{
    [Fact]
    public void A_request_that_never_left_is_sent_three_times_then_a_person_is_asked()
    {
        var run = new TinyRun(Step("a"));

        for (var attempt = 1; attempt <= 3; attempt++)
        {
            run.See(Found("a", false));
            Assert.Equal(attempt, Assert.Single(run.Performs).Attempt);
            run.Hear("a", attempt, new(ReceptionKind.NotSent, "no route"));
        }

        Assert.Equal([("run.not-sent", "a")], run.Why("a"));
        Assert.Contains("no route", run.State.Steps["a"].Findings[0].Message, StringComparison.Ordinal);
        Assert.Empty(run.Performs);
    }

    [Fact]
    public void After_an_answer_that_never_came_it_is_done_again_only_when_seen_undone_after_half_a_minute()
    {
        var run = new TinyRun(Step("a"));
        run.See(Found("a", false));
        run.Hear("a", 1, new(ReceptionKind.Unclear));
        var heard = run.Now;

        run.At(heard + TimeSpan.FromSeconds(30)).See(Found("a", false));
        Assert.Equal(StepStatus.Verifying, run.State.Steps["a"].Status);
        Assert.Equal(heard + TimeSpan.FromSeconds(30) + Millisecond, Engine.NextWake(run.State));
        run.At(heard + TimeSpan.FromSeconds(30) + Millisecond).See();
        Assert.Equal(StepStatus.Checking, run.State.Steps["a"].Status);

        // And not without having looked since.
        Assert.Empty(run.Performs);
        run.At(run.Now + Millisecond).See(Found("a", false));
        Assert.Equal(2, Assert.Single(run.Performs).Attempt);
    }

    [Fact]
    public void Doubt_leads_to_three_attempts_and_then_to_the_budget()
    {
        var run = new TinyRun(Step("a", budget: 40));
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            run.See(Found("a", false));
            Assert.Equal(attempt, Assert.Single(run.Performs).Attempt);
            run.Hear("a", attempt, new(ReceptionKind.Unclear));
            run.At(run.Now + TimeSpan.FromSeconds(31)).See(Found("a", false));
        }

        Assert.Equal(StepStatus.Verifying, run.State.Steps["a"].Status);
        run.At(run.Now + TimeSpan.FromSeconds(10)).See(Found("a", false));
        Assert.Equal([("service.not-as-expected", "m2")], run.Why("a"));
    }

    [Fact]
    public void Doubt_and_nothing_seen_is_not_done_again()
    {
        var run = new TinyRun(Step("a", budget: 90));
        run.See(Found("a", false));
        run.Hear("a", 1, new(ReceptionKind.Unclear));

        run.At(run.Now + TimeSpan.FromSeconds(60)).See(Silent("m2"));

        Assert.Equal(StepStatus.Verifying, run.State.Steps["a"].Status);
    }

    [Fact]
    public void A_late_answer_to_an_earlier_attempt_says_nothing()
    {
        var run = new TinyRun(Step("a"));
        run.See(Found("a", false));
        run.Hear("a", 1, new(ReceptionKind.NotSent));
        run.See(Found("a", false));

        Assert.Empty(run.Hear("a", 1, Reception.Accepted));
        Assert.Equal(StepStatus.Acting, run.State.Steps["a"].Status);
        run.Hear("a", 2, Reception.Accepted);
        Assert.Equal(StepStatus.Verifying, run.State.Steps["a"].Status);
        Assert.Empty(run.Hear("a", 2, new(ReceptionKind.Refused, "late")));
    }

    [Fact]
    public void What_is_refused_halts_with_its_words()
    {
        var run = new TinyRun(Step("a"));
        run.See(Found("a", false));

        run.Hear("a", 1, new(ReceptionKind.Refused, "not allowed. "));

        Assert.Equal([("run.refused", "a")], run.Why("a"));
        Assert.Contains("not allowed. Nothing", run.State.Steps["a"].Findings[0].Message, StringComparison.Ordinal);
    }

    /// <summary>It was not found so: it was done by this run, whenever it is seen.</summary>
    [Theory]
    [InlineData(true, StepOutcome.FoundSo)]
    [InlineData(false, StepOutcome.Done)]
    public void Found_so_is_only_what_this_run_never_asked_for(bool already, StepOutcome outcome)
    {
        var run = new TinyRun(Step("a"));
        if (!already)
        {
            run.See(Found("a", false));
            run.Hear("a", 1, Reception.Accepted);
        }

        run.See(Found("a", true));

        Assert.Equal((StepStatus.Done, outcome), (run.State.Steps["a"].Status, run.State.Steps["a"].Outcome));
        Assert.Equal(RunOutcome.Done, run.State.Outcome);
    }

    [Fact]
    public void An_answer_to_a_question_from_before_the_action_proves_nothing()
    {
        var run = new TinyRun(Step("a"));
        run.See(Found("a", false));
        var before = run.Now;
        run.At(before + Millisecond).Hear("a", 1, Reception.Accepted);

        run.See(Found("a", true) with { AskedAt = before });
        Assert.Equal(StepStatus.Verifying, run.State.Steps["a"].Status);
        run.See(Found("a", true));
        Assert.Equal(StepStatus.Done, run.State.Steps["a"].Status);
    }
}
