using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.TinyRun;

namespace Changeover.Tests.Running;

/// <summary>
/// A step of which nothing came is left alone until something concerns it, to the millisecond where there is a time. That nothing would have come of it
/// is asked in every turn of a <see cref="TinyRun"/>.
/// </summary>
public sealed class LeftAloneTests
{
    /// <summary>Whether the services of a machine could be seen, and how often that was asked.</summary>
    private sealed record Counted(string Machine, bool Holds = false) : Condition
    {
        public int Times { get; set; }

        public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Services, Machine)];

        public override Judgement Judge(View view)
        {
            Times++;
            return view.See<ServiceFacts>(SubjectKind.Services, Machine, _ => Holds ? Judgement.Holds : Judgement.Fails(StateFindings.NotSeen.On(Machine, "asked", "it")));
        }
    }

    private static bool IsJudged(TinyRun run, RunInput input, Counted condition)
    {
        condition.Times = 0;
        Engine.Decide(run.State, input);
        return condition.Times > 0;
    }

    private static bool IsJudged(TinyRun run, Moment now, Counted condition) => IsJudged(run, new Tick(now), condition);

    private static bool IsJudged(TinyRun run, Observation seen, Counted condition) => IsJudged(run, new Seen(run.Now, [seen with { AskedAt = run.Now, AnsweredAt = run.Now }]), condition);

    private static readonly Observation First = Services("m1");
    private static readonly Observation Second = Services("m2");

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    [Fact]
    public void What_is_seen_of_another_machine_concerns_it_not()
    {
        var a = new Counted("m2");
        var run = new TinyRun(Check("a") with { After = a }, Check("b") with { After = new Counted("m1") });
        run.See(First, Second);

        Assert.False(IsJudged(run, First, a));
        Assert.True(IsJudged(run, Second, a));
    }

    [Fact]
    public void It_is_judged_again_when_what_was_seen_is_too_old()
    {
        var a = new Counted("m2");
        var run = new TinyRun(Check("a") with { After = a });
        run.See(Second);

        Assert.False(IsJudged(run, run.Now + Seconds(15), a));
        Assert.True(IsJudged(run, run.Now + Seconds(15) + Millisecond, a));
    }

    [Fact]
    public void It_is_judged_again_when_its_budget_is_over()
    {
        var a = new Counted("m2");
        var run = new TinyRun(Check("a") with { After = a, Budget = Seconds(10) });
        run.See(Second);

        Assert.False(IsJudged(run, run.Now + Seconds(10), a));
        Assert.True(IsJudged(run, run.Now + Seconds(10) + Millisecond, a));
    }

    [Fact]
    public void A_guard_is_judged_again_when_what_it_saw_is_too_old()
    {
        var guard = new Counted("m1");
        var run = new TinyRun(Step("a") with { Before = guard });
        run.See(Found("a", false), First);
        var asked = run.Now;
        run.At(asked + Seconds(10)).See(Found("a", false));

        Assert.False(IsJudged(run, asked + Seconds(15), guard));
        Assert.True(IsJudged(run, asked + Seconds(15) + Millisecond, guard));
    }

    /// <summary>The guard was before the action.</summary>
    [Fact]
    public void A_verification_is_not_judged_again_because_of_the_guard()
    {
        var after = new Counted("m2");
        var run = new TinyRun(Step("a", budget: 90) with { Before = new Counted("m1", Holds: true), After = after });
        run.See(First, Second);
        var asked = run.Now;
        run.At(asked + Seconds(1)).Hear("a", 1, Reception.Accepted);
        run.At(asked + Seconds(10)).See(Second);

        Assert.False(IsJudged(run, asked + Seconds(16), after));
        Assert.True(IsJudged(run, asked + Seconds(25) + Millisecond, after));
    }

    [Fact]
    public void In_doubt_it_is_judged_again_after_half_a_minute()
    {
        var after = new Counted("m2");
        var run = new TinyRun(Step("a", budget: 90) with { After = after });
        run.See(Second);
        run.Hear("a", 1, new(ReceptionKind.Unclear));
        var heard = run.Now;
        run.At(heard + Seconds(20)).See(Second);

        Assert.False(IsJudged(run, heard + Seconds(30), after));
        Assert.True(IsJudged(run, heard + Seconds(30) + Millisecond, after));
    }

    [Fact]
    public void Without_doubt_half_a_minute_is_no_reason()
    {
        var after = new Counted("m2");
        var run = new TinyRun(Step("a", budget: 90) with { After = after });
        run.See(Second);
        run.Hear("a", 1, Reception.Accepted);
        run.At(run.Now + Seconds(20)).See(Second);

        Assert.False(IsJudged(run, run.Now + Seconds(11), after));
    }

    [Fact]
    public void What_holds_is_judged_again_at_the_end_of_its_window_and_then_when_it_is_seen()
    {
        var a = new Counted("m2", Holds: true);
        var run = new TinyRun(Check("a") with { After = a, Hold = Seconds(5) });
        run.See(Second);
        var since = run.Now;
        run.Take(new Tick(since));

        Assert.False(IsJudged(run, since + Seconds(4.999), a));
        Assert.True(IsJudged(run, since + Seconds(5), a));
        run.At(since + Seconds(5)).Take(new Tick(run.Now));
        Assert.False(IsJudged(run, since + Seconds(6), a));
        Assert.True(IsJudged(run, Second, a));
    }

    /// <summary>A halt lets no guard run out.</summary>
    [Fact]
    public void A_budget_that_is_over_and_led_to_nothing_is_no_reason_any_more()
    {
        var guard = new Counted("m1");
        var run = new TinyRun(Step("a"), Step("b") with { Before = guard });
        run.See(Found(("a", false), ("b", false)), First);
        run.Hear("a", 1, new(ReceptionKind.Refused, "no"));
        run.At(run.Now + Seconds(100)).See(Found(("a", false), ("b", false)), First);

        Assert.False(IsJudged(run, run.Now + Seconds(1), guard));
    }

    [Fact]
    public void What_reads_the_clock_is_judged_every_time()
    {
        var a = new Counted("m2", Holds: true);
        var run = new TinyRun(Check("a") with { After = new All([a, new TimeReached(new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero))]) });
        run.See(Second);

        Assert.True(IsJudged(run, run.Now + Millisecond, a));
    }

    [Fact]
    public void When_a_halt_is_over_what_waited_for_that_acts_in_the_same_turn()
    {
        var run = new TinyRun(Step("a"), Step("b") with { Before = new Counted("m1", Holds: true) });
        run.See(Found(("a", false), ("b", false)));
        run.Hear("a", 1, new(ReceptionKind.Refused, "no"));
        run.See(First, Found(("a", false), ("b", false)));
        run.See(Found(("a", false), ("b", false)));

        Assert.Contains(run.Say("a", Answer.Retry), e => e is StepActing { Step: "b" });
    }

    [Fact]
    public void When_the_last_claim_is_renewed_what_waited_for_that_acts_in_the_same_turn()
    {
        var run = new TinyRun(Step("a"));
        run.Change(s => s with { Renewing = ["m1"] });
        run.At(run.Now + Millisecond).See(Found("a", false));
        run.See(Found("a", false));
        Assert.Empty(run.State.Steps.ByStatus.Acting);

        Assert.Contains(run.Hear("renew.m1", 1, Reception.Accepted), e => e is StepActing);
    }

    [Fact]
    public void A_new_picture_concerns_everything_and_the_end_of_another_step_nothing_else()
    {
        var a = new Counted("m2");
        var run = new TinyRun(Check("a") with { After = a }, Check("b") with { After = new ServiceIs("m1", "b", true) });
        run.See(Second, Found("m1", "b", false));
        Assert.False(IsJudged(run, Found("m1", "b", true), a));

        run = new TinyRun(Check("a") with { After = a }, Check("b") with { After = new ServiceIs("m1", "b", true), TakesPicture = true });
        run.See(Second, Found("m1", "b", false));
        Assert.True(IsJudged(run, Found("m1", "b", true), a));
    }

    [Fact]
    public void A_watched_condition_is_left_alone_like_a_step()
    {
        var watched = new Counted("m1", Holds: true);
        var clock = new Counted("m1", Holds: true);
        var run = new TinyRun(
            [new("s", "first", "", watched, []), new("t", "first", "", new All([clock, new TimeLeft(new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero))]), [])],
            Check("first"), Check("a") with { After = new Counted("m2"), Requires = [new("first")] });
        run.See(Found("first", true));
        run.At(run.Now + Millisecond).See(First, Second);
        var asked = run.Now;
        run.At(asked + Millisecond).See(Second);

        Assert.False(IsJudged(run, Second, watched));
        Assert.True(IsJudged(run, Second, clock));
        Assert.True(IsJudged(run, First, watched));
        Assert.False(IsJudged(run, asked + Seconds(15), watched));
        Assert.True(IsJudged(run, asked + Seconds(15) + Millisecond, watched));
    }
}
