using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.TinyRun;

namespace Changeover.Tests.Running;

/// <summary>What stops everything, and what does not: one rule of the engine a test.</summary>
public sealed class EngineHaltingTests
{
    [Fact]
    public void A_halt_lets_no_other_action_start_and_no_other_guard_run_out()
    {
        var run = new TinyRun(Step("a"), Step("b") with { Before = new ServiceIs("m1", "g", true) });
        run.See(Found(("a", false), ("b", false)), Found("m1", "g", false));
        run.Hear("a", 1, new(ReceptionKind.Refused, "no"));

        run.At(run.Now + TimeSpan.FromSeconds(100)).See(Found(("a", false), ("b", false)), Found("m1", "g", false));
        Assert.Equal(["a"], run.State.Halted.Select(s => s.Id));
        run.See(Found(("a", false), ("b", false)), Found("m1", "g", true));
        Assert.Empty(run.Performs);
    }

    [Fact]
    public void Two_owners_count_when_a_second_look_says_the_same_and_are_not_waited_for()
    {
        var run = new TinyRun(Check("a") with { After = new AddressAt("10.0.0.9", "m1", ["m1", "m2"]) });
        run.At(run.Now + TimeSpan.FromSeconds(1)).Hear(Has("m1", true), Has("m2", true));
        Assert.Equal(StepStatus.Checking, run.State.Steps["a"].Status);

        // The same answers again are no second look.
        run.At(run.Now + Millisecond).See();
        Assert.Equal(StepStatus.Checking, run.State.Steps["a"].Status);
        run.At(run.Now + Millisecond).Hear(Has("m1", true), Has("m2", true));
        Assert.Equal([("address.twice", "10.0.0.9")], run.Why("a"));

        Observation Has(string machine, bool address) => Holder(run, machine, address);
    }

    [Fact]
    public void An_address_that_was_moving_is_no_danger()
    {
        var run = new TinyRun(Check("a") with { After = new AddressAt("10.0.0.9", "m1", ["m1", "m2"]) });
        run.At(run.Now + TimeSpan.FromSeconds(1)).See(Holder(run, "m1", true), Holder(run, "m2", true));
        run.At(run.Now + TimeSpan.FromSeconds(1)).See(Holder(run, "m1", false), Holder(run, "m2", true));
        Assert.Empty(run.State.Suspects);
        run.At(run.Now + TimeSpan.FromSeconds(1)).See(Holder(run, "m1", true), Holder(run, "m2", true));
        Assert.Equal(StepStatus.Checking, run.State.Steps["a"].Status);

        run.At(run.Now + TimeSpan.FromSeconds(1)).See(Holder(run, "m1", true), Holder(run, "m2", false));

        Assert.Equal(StepStatus.Done, run.State.Steps["a"].Status);
    }

    /// <summary>Judged by a test's own words, on what the services of both machines say.</summary>
    private sealed record Judged(Func<View, Judgement> By) : Condition
    {
        public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Services, "m1"), new(SubjectKind.Services, "m2")];

        public override Judgement Judge(View view) => By(view);
    }

    private static readonly Finding Twice = StateFindings.AddressTwice.On("10.0.0.9", "machines", "m1, m2");

    private static Judgement Told(View view, string machine, Judgement then) => view.See<ServiceFacts>(SubjectKind.Services, machine, _ => then);

    /// <summary>The second look has to show the danger itself: that something else is not yet as it should be is no danger.</summary>
    [Fact]
    public void What_else_is_wrong_at_the_second_look_makes_no_danger()
    {
        var run = new TinyRun(Check("a") with
        {
            After = new Judged(view => Told(view, "m1", Judgement.Fails(Twice)) & Told(view, "m2", Judgement.Fails(StateFindings.ServiceNotAs.On("m2", "service", "a", "seen", "stopped", "expected", "running")))),
        });
        run.At(run.Now + Millisecond).Hear(Services("m1"));
        Assert.Equal(["a"], run.State.Suspects.Keys);

        run.At(run.Now + Millisecond).Hear(Services("m2"));

        Assert.Empty(run.State.Halted);
        run.At(run.Now + Millisecond).Hear(Services("m1"));
        Assert.Equal(["a"], run.State.Halted.Select(s => s.Id));
    }

    /// <summary>A danger that could not be told is none, at the first look and at the second.</summary>
    [Fact]
    public void What_cannot_be_told_is_no_danger()
    {
        var open = new TinyRun(Check("a") with { After = new Judged(_ => Judgement.Unknown(Twice)) });
        open.At(open.Now + Millisecond).Hear(Services("m1"));
        Assert.Empty(open.State.Suspects);

        var run = new TinyRun(Check("a") with { After = new Judged(view => Told(view, "m1", Judgement.Fails(Twice)) is { Verdict: Verdict.Fails } fails ? fails : Judgement.Unknown(Twice)) });
        run.At(run.Now + Millisecond).Hear(Services("m1"));
        Assert.Equal(["a"], run.State.Suspects.Keys);
        run.At(run.Now + Millisecond).Hear(Services("m2"));
        Assert.Empty(run.State.Halted);
    }

    /// <summary>What was asked before the last action shows a cluster that is not so any more.</summary>
    [Fact]
    public void A_standing_condition_is_not_suspected_by_an_answer_to_a_question_from_before_the_last_action()
    {
        var run = new TinyRun([new("s", "first", "", new ServiceIs("m1", "g", true), [])], Check("first"), Step("a") with { Requires = [new("first")] });
        run.At(run.Now + Millisecond).See(Found(("first", true), ("a", false)), Found("m1", "g", true) with { AskedAt = run.Now + TimeSpan.FromMilliseconds(-0.8) });
        var asked = run.Now + TimeSpan.FromMilliseconds(-0.5);
        Assert.Equal(StepStatus.Acting, run.State.Steps["a"].Status);

        run.At(run.Now + Millisecond).See(Found("m1", "g", false) with { AskedAt = asked });
        Assert.Empty(run.State.Suspects);
        run.At(run.Now + Millisecond).See(Found("m1", "g", false));
        Assert.Equal(["standing.s"], run.State.Suspects.Keys);
    }

    [Fact]
    public void A_standing_condition_breaks_with_the_second_look_and_goes_on_by_a_persons_word()
    {
        var run = new TinyRun([new("s", "first", "", new ServiceIs("m1", "g", true), [])], Check("first"), Step("a") with { Requires = [new("first")] });
        run.See(Found(("first", true), ("a", false)), Found("m1", "g", true));
        Assert.Equal(StepStatus.Acting, run.State.Steps["a"].Status);
        run.At(run.Now + Millisecond).Hear("a", 1, new(ReceptionKind.NotSent));

        run.At(run.Now + Millisecond).Hear(Found("m1", "g", false));
        Assert.Equal(["standing.s"], run.State.Suspects.Keys);
        run.At(run.Now + Millisecond).Hear(Found("m1", "g", true));
        Assert.Empty(run.State.Suspects);
        run.At(run.Now + Millisecond).Hear(Found("m1", "g", false));
        run.At(run.Now + Millisecond).See();
        Assert.Empty(run.State.Broken);
        run.At(run.Now + Millisecond).Hear(Found("m1", "g", false));
        Assert.Equal([("service.not-as-expected", "m1")], run.State.Broken["standing.s"].Select(f => (f.Code.Code, f.Subject)));
        run.See(Found("a", false));
        Assert.Empty(run.Performs);

        Assert.Equal([Answer.Retry, Answer.Abort], Answers.For(run.State, "standing.s"));
        run.Say("standing.s", Answer.Retry);
        Assert.Empty(run.State.Broken);
    }

    [Fact]
    public void A_standing_condition_begins_with_the_end_of_its_first_step_and_ends_with_the_beginning_of_its_last()
    {
        var run = new TinyRun([new("s", "first", "a", new ServiceIs("m1", "g", true), [])], Check("first"), Step("a") with { Requires = [new("first"), new("b")] }, Check("b"));
        Assert.Empty(Watch.Conditions(run.State));
        run.See(Found(("first", true), ("b", false)));
        Assert.Equal(["standing.s"], Watch.Conditions(run.State).Select(w => w.Id));
        run.See(Found(("first", true), ("b", true)));
        Assert.Empty(Watch.Conditions(run.State));
    }

    [Fact]
    public void A_claim_that_is_refused_before_anything_was_changed_ends_the_run_with_what_it_took_given_back()
    {
        var run = new TinyRun(Claim("m1"), Claim("m2") with { Requires = [new("claim.m1")] });
        run.See(Claimed(run, "m1", ""));
        run.Hear("claim.m1", 1, Reception.MadeAnew);
        run.See(Claimed(run, "m1", "run"), Claimed(run, "m2", "other"));

        run.Hear("claim.m2", 1, new(ReceptionKind.Refused, "claimed by run other"));

        Assert.Equal(["run.refused"], run.State.Refusal.Select(f => f.Code.Code));
        // The one refused may have been taken for all this run knows of it.
        Assert.Equal([new ReleaseClaim("m1"), new ReleaseClaim("m2")], run.Performs.Select(p => p.Action));
        run.Hear("give-back.m1", 1, Reception.Accepted);
        Assert.Equal(RunOutcome.None, run.State.Outcome);
        run.Hear("give-back.m2", 1, Reception.Accepted);
        Assert.Equal(RunOutcome.Refused, run.State.Outcome);
    }

    [Fact]
    public void A_claim_that_is_refused_after_something_was_changed_halts()
    {
        var run = new TinyRun(Step("a"), Claim("m1") with { Requires = [new("a")] });
        run.See(Found("a", false));
        run.Hear("a", 1, Reception.Accepted);
        run.See(Found("a", true), Claimed(run, "m1", "other"));

        run.Hear("claim.m1", 1, new(ReceptionKind.Refused, "claimed by run other"));

        Assert.False(run.State.IsRefusing);
        Assert.Equal(["claim.m1"], run.State.Halted.Select(s => s.Id));
    }

    /// <summary>Only taking a claim can be refused before anything was done.</summary>
    [Fact]
    public void A_claim_that_cannot_be_given_back_halts_although_nothing_was_changed()
    {
        var run = new TinyRun(Step("a") with { Machine = "m1", Action = new ReleaseClaim("m1"), After = new ClaimIs("m1", Held: false) });
        run.See(Claimed(run, "m1", "run"));

        run.Hear("a", 1, new(ReceptionKind.Refused, "claimed by run other"));

        Assert.False(run.State.IsRefusing);
        Assert.Equal(["a"], run.State.Halted.Select(s => s.Id));
    }

    [Fact]
    public void What_could_not_be_read_is_said_once_however_many_conditions_need_it()
    {
        var run = new TinyRun(Check("a") with { After = new All([new ServiceIs("m2", "a", Running: true), new ServiceIs("m2", "b", Running: true)]) });

        run.At(run.Now + TimeSpan.FromSeconds(61)).See(Silent("m2"));

        Assert.Single(run.Why("a"));
    }

    [Fact]
    public void What_broke_is_not_said_again_while_it_waits_and_never_after_a_person_accepted_it()
    {
        var run = new TinyRun([new("back-by", "first", "", new TimeLeft(new(2026, 11, 22, 1, 0, 10, TimeSpan.Zero)), [])], Check("first"), Step("a") with { Requires = [new("first")] });
        run.See(Found(("first", true), ("a", false)));

        run.At(run.Now + TimeSpan.FromSeconds(11)).See();
        run.At(run.Now + Millisecond).See();
        Assert.Equal(["standing.back-by"], run.State.Broken.Keys);
        Assert.DoesNotContain(Later(), e => e is StandingBroken or Suspected);
        run.Say("standing.back-by", Answer.Accept);
        Assert.DoesNotContain(Later(), e => e is StandingBroken or Suspected);
        Assert.Empty(run.State.Broken);

        RunEvent[] Later() => [.. run.At(run.Now + Millisecond).See(), .. run.At(run.Now + Millisecond).See()];
    }

    [Fact]
    public void An_answer_that_is_not_offered_does_nothing()
    {
        var run = new TinyRun(Step("a"));
        run.See(Found("a", false));
        Assert.Empty(run.Say("a", Answer.Retry));
        run.Hear("a", 1, new(ReceptionKind.Refused, "no"));

        Assert.Empty(run.Say("a", Answer.Accept));
        Assert.Empty(run.Say("a", Answer.Force));
        Assert.Empty(run.Say("b", Answer.Retry));
        Assert.Equal(["a"], run.State.Halted.Select(s => s.Id));
    }
}
