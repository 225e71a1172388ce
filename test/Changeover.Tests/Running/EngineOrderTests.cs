using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.TinyRun;

namespace Changeover.Tests.Running;

/// <summary>Order, hold points and words: one rule of the engine a test.</summary>
public sealed class EngineOrderTests
{
    [Fact]
    public void What_waits_for_a_beginning_does_not_wait_for_the_end_and_doubt_is_no_beginning()
    {
        var run = new TinyRun(Step("a"), Step("b") with { Requires = [new("a", RequirementKind.Begun)] });
        run.See(Found(("a", false), ("b", false)));
        Assert.Equal(StepStatus.Waiting, run.State.Steps["b"].Status);
        run.Hear("a", 1, new(ReceptionKind.Unclear));
        Assert.Equal(StepStatus.Waiting, run.State.Steps["b"].Status);

        var other = new TinyRun(Step("a"), Step("b") with { Requires = [new("a", RequirementKind.Begun)] });
        other.See(Found(("a", false), ("b", false)));
        other.At(other.Now + Millisecond).Hear("a", 1, Reception.Accepted);
        Assert.Equal(StepStatus.Checking, other.State.Steps["b"].Status);
    }

    [Fact]
    public void A_hold_point_waits_before_its_gate_until_a_person_lets_it_go_on()
    {
        var run = new TinyRun(Check("a") with { Gate = Gates.Start }, Check("b") with { Requires = [new("a")] });
        Assert.Single(run.Take(new Pause(run.Now, "anna", "lunch")).OfType<PauseAsked>());
        Assert.Empty(run.Take(new Pause(run.Now, "anna", "lunch")).OfType<PauseAsked>());

        run.See(Found(("a", true), ("b", true)));
        Assert.Equal((StepStatus.Waiting, true), (run.State.Steps["b"].Status, run.State.WaitsAtHold));
        Assert.Equal([Answer.Continue, Answer.Abort], Answers.For(run.State, Gates.Id(Gates.Quiet)));
        run.Say(Gates.Id(Gates.Quiet), Answer.Continue);
        run.See(Found(("a", true), ("b", true)));

        Assert.Equal(RunOutcome.Done, run.State.Outcome);
    }

    [Fact]
    public void Accept_and_abort_end_what_they_are_said_to()
    {
        var run = new TinyRun(Step("a") with { Acceptable = true }, Check("b") with { Requires = [new("a")] });
        run.See(Found(("a", false), ("b", false)));
        run.Hear("a", 1, new(ReceptionKind.Refused, "no"));

        Assert.Equal([Answer.Retry, Answer.Accept, Answer.Abort], Answers.For(run.State, "a"));
        Assert.Empty(run.Say("a", Answer.Accept, ""));
        run.Say("a", Answer.Accept, "seen and known");
        Assert.Equal((StepStatus.Done, StepOutcome.Accepted), (run.State.Steps["a"].Status, run.State.Steps["a"].Outcome));
        run.Say("b", Answer.Abort);
        Assert.Equal(RunOutcome.Aborted, run.State.Outcome);
        Assert.Empty(run.See(Found("b", true)));
    }

    [Fact]
    public void Retry_looks_again_and_a_stop_lets_nothing_new_begin()
    {
        var run = new TinyRun(Step("a"));
        run.See(Found("a", false));
        run.Hear("a", 1, new(ReceptionKind.Refused, "no"));
        run.At(run.Now + Millisecond).Say("a", Answer.Retry);
        Assert.Equal(StepStatus.Checking, run.State.Steps["a"].Status);

        Assert.Equal("anna", Assert.Single(run.Take(new Stop(run.Now, "anna")).OfType<StopAsked>()).Who);
        Assert.Empty(run.Take(new Stop(run.Now)).OfType<StopAsked>());
        run.At(run.Now + TimeSpan.FromSeconds(1)).See(Found("a", false));
        Assert.Empty(run.Performs);
    }

    /// <summary>It is asked for at once, then every second, and three times as long as its answer took is rest.</summary>
    [Fact]
    public void What_is_waited_for_is_asked_every_second_and_a_slow_machine_less()
    {
        var run = new TinyRun(Check("a"));
        Assert.Contains(new Subject(SubjectKind.Services, "m2"), run.Asked);
        run.At(run.Now + Millisecond).See(Found("a", false));
        var seen = run.Now;
        Assert.Empty(run.Asked);
        Assert.Equal(seen + TimeSpan.FromSeconds(1), Engine.NextWake(run.State));
        run.At(seen + TimeSpan.FromSeconds(1)).See();
        Assert.Single(run.Asked);

        var asked = run.Now;
        run.At(asked + TimeSpan.FromSeconds(2)).See(Found("a", false) with { AskedAt = asked });
        Assert.Equal(asked + TimeSpan.FromSeconds(6), Engine.NextWake(run.State));
    }

    /// <summary>It waited for the answer until the question's budget was over, and nobody was kept busy: no rest after that.</summary>
    [Fact]
    public void A_question_that_was_never_answered_is_asked_again_at_once()
    {
        var run = new TinyRun(Check("a"));
        var asked = run.Now;

        run.At(asked + TimeSpan.FromSeconds(20)).See(Silent("m2") with { AskedAt = asked });

        Assert.Equal(new Subject(SubjectKind.Services, "m2"), Assert.Single(run.Asked));
    }

    [Fact]
    public void After_a_resume_what_was_acting_is_verified_and_what_was_seen_is_forgotten()
    {
        var run = new TinyRun(Step("a"), Step("b"));
        run.See(Found(("a", false), ("b", true)));
        Assert.Equal((StepStatus.Acting, StepStatus.Done), (run.State.Steps["a"].Status, run.State.Steps["b"].Status));

        var resumed = Engine.Evolve(run.State, new RunResumed(run.Now, "another", 2));

        Assert.Equal((StepStatus.Verifying, true, 1), (resumed.Steps["a"].Status, resumed.Steps["a"].Doubt, resumed.Steps["a"].Attempt));
        Assert.Equal((StepStatus.Done, false), (resumed.Steps["b"].Status, resumed.Steps["b"].Doubt));
        Assert.Empty(resumed.Snapshot.All);
        Assert.Equal(("another", 2), (resumed.Controller, resumed.Epoch));
    }
}
