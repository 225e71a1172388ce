using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.TinyRun;

namespace Changeover.Tests.Running;

/// <summary>What is asked and carried out next, and when time alone makes something due.</summary>
public sealed class OutlookTests
{
    private static readonly Subject First = new(SubjectKind.Services, "m1");
    private static readonly Subject Second = new(SubjectKind.Services, "m2");

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static TinyRun Watching(Condition condition)
    {
        var run = new TinyRun([new("s", "first", "", condition, [])], Check("first"), Step("a") with { Requires = [new("first")] });
        run.See(Found("first", true));
        return run;
    }

    [Fact]
    public void After_the_end_nothing_is_asked_and_nothing_is_due()
    {
        var run = new TinyRun(Step("a"));
        run.Say("a", Answer.Abort);

        Assert.Equal((0, null, null), (Engine.Outlook(run.State).Effects.Length, Engine.Outlook(run.State).Wake, Engine.Outlook(run.State).SettledUntil));
    }

    [Fact]
    public void An_answer_to_a_question_of_that_very_moment_counts_and_within_a_window_it_is_not_asked_again()
    {
        var run = new TinyRun(Check("a") with { Hold = Seconds(5) });
        run.See(Found("a", false));
        Assert.Empty(run.Asked);

        run.At(run.Now + Seconds(1)).See(Found("a", true));
        Assert.NotNull(run.State.Steps["a"].HeldSince);
        Assert.Empty(run.Asked);
    }

    [Fact]
    public void A_guard_is_not_asked_after_the_action()
    {
        var run = new TinyRun(Step("a") with { Before = new ServiceIs("m1", "g", true) });
        Assert.Contains(First, run.Asked);
        run.See(Found("a", false), Found("m1", "g", true));
        run.At(run.Now + Seconds(3)).Hear("a", 1, Reception.Accepted);

        Assert.Equal([Second], run.Asked);
    }

    [Fact]
    public void Without_doubt_nothing_is_due_after_half_a_minute()
    {
        var run = new TinyRun(Step("a", budget: 90));
        run.See(Found("a", false));
        run.Hear("a", 1, Reception.Accepted);

        Assert.DoesNotContain(run.Now + Seconds(30) + Millisecond, Wakes(run, run.Now + Seconds(60)));
    }

    [Fact]
    public void A_time_that_is_waited_for_wakes_it()
    {
        var run = new TinyRun(Check("a") with { After = new TimeReached(new(2026, 11, 22, 1, 0, 30, TimeSpan.Zero)) });

        Assert.Equal(run.Now + Seconds(30), Engine.NextWake(run.State));
        run.At(run.Now + Seconds(30)).See();
        Assert.Equal(StepStatus.Done, run.State.Steps["a"].Status);
    }

    [Fact]
    public void A_time_that_must_not_pass_wakes_it_when_it_has_until_a_person_goes_on_without_it()
    {
        var run = Watching(new TimeLeft(new(2026, 11, 22, 1, 0, 5, TimeSpan.Zero)));
        var passed = run.Now + Seconds(5) + Millisecond;

        Assert.Contains(passed, Wakes(run, passed));
        Assert.DoesNotContain(passed, Wakes(Accepted(), passed));

        TinyRun Accepted()
        {
            var other = Watching(new TimeLeft(new(2026, 11, 22, 1, 0, 5, TimeSpan.Zero)));
            other.Change(s => s with { AcceptedStandings = ["standing.s"] });
            return other;
        }
    }

    [Fact]
    public void What_is_watched_is_asked_every_five_seconds_and_at_once_when_it_is_suspected()
    {
        var run = Watching(new ServiceIs("m1", "g", true));
        run.At(run.Now + Seconds(1)).See(Found("m1", "g", true));
        var seen = run.Now;
        run.At(seen + Seconds(5) + -Millisecond);
        run.Take(new Tick(run.Now));
        Assert.DoesNotContain(First, run.Asked);
        run.At(seen + Seconds(5));
        run.Take(new Tick(run.Now));
        Assert.Contains(First, run.Asked);

        run.Hear(Found("m1", "g", false));
        Assert.Contains(First, run.Asked);
        run.At(run.Now + Millisecond).Hear(Found("m1", "g", true));
        Assert.DoesNotContain(First, run.Asked);
    }

    [Fact]
    public void It_is_settled_until_the_first_of_what_was_seen_is_too_old_and_what_is_too_old_already_does_not_count()
    {
        var run = new TinyRun(Check("a"), Check("b") with { After = new ServiceIs("m1", "b", true) });
        Assert.Null(Engine.Outlook(run.State).SettledUntil);
        var first = run.Now;
        run.See(Found("m1", "b", false));
        run.At(first + Seconds(10)).See(Found("a", false));

        Assert.Equal(first + Seconds(15), Engine.Outlook(run.State).SettledUntil);
        run.At(first + Seconds(15)).See();
        Assert.Equal(first + Seconds(15), Engine.Outlook(run.State).SettledUntil);
        run.At(first + Seconds(15) + Millisecond).See();
        Assert.Equal(first + Seconds(25), Engine.Outlook(run.State).SettledUntil);
    }

    /// <summary>Fails whatever is seen of these.</summary>
    private sealed record Of(ImmutableArray<Subject> All) : Condition
    {
        public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => All;

        public override Judgement Judge(View view) => Judgement.Fails(StateFindings.NotSeen.On("it", "asked", "it"));
    }

    [Theory]
    [InlineData(SubjectKind.Services, 1)]
    [InlineData(SubjectKind.Downtimes, 3)]
    [InlineData(SubjectKind.Client, 3)]
    [InlineData(SubjectKind.Boot, 20)]
    [InlineData(SubjectKind.PacemakerSetup, 20)]
    [InlineData(SubjectKind.Forecast, 30)]
    [InlineData(SubjectKind.JoinForecast, 30)]
    public void What_costs_the_machine_much_is_asked_less(SubjectKind kind, int seconds)
    {
        var subject = new Subject(kind, "m1");
        var run = new TinyRun(Check("a") with { After = new Of([subject]) });
        run.See(Seen(run, subject, new ServiceFacts([])));

        Assert.Equal(run.Now + Seconds(seconds), Engine.NextWake(run.State));
        run.At(run.Now + Seconds(seconds)).See();
        Assert.Equal([subject], run.Asked);
    }

    [Fact]
    public void What_costs_the_machine_much_has_an_exchange_of_its_own()
    {
        var boot = new Subject(SubjectKind.Boot, "m1");
        var run = new TinyRun(Check("a") with { After = new Of([First, boot, Second, new(SubjectKind.Claim, "m1")]) });

        Assert.Equal(
            [(false, 2), (true, 1), (false, 1)],
            Engine.Pending(run.State).OfType<Effect.Ask>().Select(a => (a.Costly, a.Subjects.Length)));
        // And is on its way beside the other.
        Assert.Equal(3, Engine.Pending(run.State).OfType<Effect.Ask>().Select(a => a.Lane).Distinct().Count());
    }

    // ---- claims ----------------------------------------------------------------------------------------------------------------

    private static RunState Resumed()
    {
        var state = PairedRun.Of(PairedRun.Deed("claim.st1", new TakeClaim("st1", ["x"])), PairedRun.Deed("claim.st2", new TakeClaim("st2", ["y"])), PairedRun.Deed("a", new SetService("st2", "a", true)));
        return Engine.Evolve(state.With("claim.st1", StepStatus.Done).With("claim.st2", StepStatus.Done), new RunResumed(PairedRun.Now, "another", 2));
    }

    private static (string, int, string, string)[] Claims(RunState state) =>
        [.. Engine.Pending(state).OfType<Effect.Perform>().Select(p => (p.Step, p.Attempt, ((TakeClaim)p.Action).Machine, string.Join(' ', ((TakeClaim)p.Action).From ?? [])))];

    [Fact]
    public void After_a_resume_each_claim_is_taken_from_whom_the_plan_took_it_and_in_the_new_epoch() =>
        Assert.Equal([("renew.st1", 2, "st1", "x"), ("renew.st2", 2, "st2", "y")], Claims(Resumed()));

    [Fact]
    public void A_claim_that_somebody_else_has_is_not_asked_for_until_a_person_says_so()
    {
        var gone = Engine.DecideAndEvolve(Resumed(), new Heard(PairedRun.Now, "renew.st1", 2, new(ReceptionKind.Refused, "claimed by another"))).State;
        Assert.Equal([("run.claim-gone", "st1")], gone.Broken["renew.st1"].Select(f => (f.Code.Code, f.Subject)));
        Assert.Equal(["renew.st2"], Claims(gone).Select(c => c.Item1));

        var again = Engine.DecideAndEvolve(gone, new Decided(PairedRun.Now, "renew.st1", Answer.Retry, "anna", "")).State;
        Assert.Equal(["renew.st1", "renew.st2"], Claims(again).Select(c => c.Item1));
    }

    [Fact]
    public void A_claim_that_is_gone_where_it_was_surely_held_waits_for_a_person()
    {
        var forgotten = Engine.DecideAndEvolve(Resumed(), new Heard(PairedRun.Now, "renew.st1", 2, Reception.MadeAnew)).State;
        Assert.Equal([("run.claim-forgotten", "st1")], forgotten.Broken["renew.st1"].Select(f => (f.Code.Code, f.Subject)));
        Assert.Contains("st1", forgotten.Renewing);

        var renewed = Engine.DecideAndEvolve(Resumed() with { SurelyHeld = [] }, new Heard(PairedRun.Now, "renew.st1", 2, Reception.MadeAnew)).State;
        Assert.Empty(renewed.Broken);
        Assert.Equal(["st2"], renewed.Renewing);
        Assert.Empty(Engine.DecideAndEvolve(renewed, new Heard(PairedRun.Now, "renew.st1", 2, new(ReceptionKind.Refused, "late"))).State.Broken);
    }

    [Fact]
    public void A_refused_run_gives_each_claim_back_once()
    {
        var refusing = Engine.Evolve(Resumed(), new Refusing(PairedRun.Now, []));

        Assert.Equal(
            [("give-back.st1", 1, new ReleaseClaim("st1")), ("give-back.st2", 1, new ReleaseClaim("st2"))],
            Engine.Pending(refusing).OfType<Effect.Perform>().Select(p => (p.Step, p.Attempt, (ReleaseClaim)p.Action)));
    }
}
