using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.PairedRun;

namespace Changeover.Tests.Running;

/// <summary>Where a plan sets out from, by what runs of its maintenance are open and what is seen now.</summary>
public sealed class OutsetTests
{
    private static readonly Goal Over = new(GoalKind.Failover, "h1");
    private static readonly Goal Back = new(GoalKind.Failback, "h1");

    /// <summary>As seen now: everything of h1 is off, or a machine of it is on.</summary>
    private static Baseline Seen(bool isOn = false) => new("now", Start, isOn
        ? [new(new Subject(SubjectKind.Machine, "tel1").ToString(), new MachineFacts("tel1", "", null, null, [], null))]
        : [], []);

    private static RunState Ran(string id, GoalKind kind, RunOutcome outcome, bool changed = true)
    {
        var run = Of(kind, Deed("a", new SetService("tel1", "a", Run: false))) with { Run = id, Outcome = outcome };
        return changed ? run.With("a", StepStatus.Done) : run.With("a", StepStatus.Waiting);
    }

    private static Outset From(Goal goal, bool isSigned, Baseline seen, params ImmutableArray<RunState> open) => Outset.Of(PairedRun.Inventory, goal, open, seen, isSigned);

    [Fact]
    public void Only_a_failback_that_no_run_explains_needs_a_signature()
    {
        Assert.True(Outset.NeedsSignature(Back, []));
        Assert.False(Outset.NeedsSignature(Over, []));
        Assert.False(Outset.NeedsSignature(Back, [Ran("r", GoalKind.Failover, RunOutcome.Done)]));
    }

    [Fact]
    public void A_first_failover_sets_out_from_what_is_seen()
    {
        var seen = Seen();

        var outset = From(Over, isSigned: false, seen);

        Assert.Same(seen, outset.Baseline);
        Assert.Null(outset.Remainder);
        Assert.False(outset.UsesSignature);
    }

    [Fact]
    public void A_failback_goes_back_to_the_picture_of_its_failover()
    {
        var over = Ran("r", GoalKind.Failover, RunOutcome.Done);

        var outset = From(Back, isSigned: false, Seen(), over);

        Assert.Same(over.Baseline, outset.Baseline);
        Assert.Null(outset.Remainder);
    }

    [Fact]
    public void A_run_that_changed_nothing_keeps_no_picture()
    {
        var seen = Seen();
        var nothing = Ran("r", GoalKind.Failover, RunOutcome.Aborted, changed: false);

        Assert.Same(seen, From(Over, isSigned: false, seen, nothing).Baseline);
        var changed = Ran("s", GoalKind.Failover, RunOutcome.Aborted);
        Assert.Same(changed.Baseline, From(Over, isSigned: false, seen, nothing, changed).Baseline);
    }

    [Theory]
    [InlineData(GoalKind.Failover, RunOutcome.Aborted, true)]
    [InlineData(GoalKind.Failback, RunOutcome.Aborted, true)]
    [InlineData(GoalKind.Failback, RunOutcome.Done, true)]
    [InlineData(GoalKind.Failover, RunOutcome.Done, false)]
    public void What_was_aborted_or_left_a_machine_behind_is_gone_on_from_as_it_is_now(GoalKind kind, RunOutcome outcome, bool unfinished)
    {
        var seen = Seen();

        var remainder = From(Back, isSigned: false, seen, Ran("r", kind, outcome)).Remainder;

        Assert.Equal(unfinished, remainder is not null);
        if (unfinished)
            Assert.Equal((seen, "r"), (remainder!.Now, Assert.Single(remainder.Runs)));
    }

    [Fact]
    public void Of_several_runs_the_unfinished_are_taken_over_and_the_last_decides()
    {
        var aborted = Ran("r", GoalKind.Failover, RunOutcome.Aborted);
        var done = Ran("s", GoalKind.Failover, RunOutcome.Done);

        Assert.Equal(["r", "t"], From(Back, isSigned: false, Seen(), aborted, done, aborted with { Run = "t" }).Remainder!.Runs);
        Assert.Null(From(Back, isSigned: false, Seen(), aborted, done).Remainder);
    }

    [Theory]
    [InlineData(GoalKind.Failback, true, true, true)]
    [InlineData(GoalKind.Failback, true, false, false)]
    [InlineData(GoalKind.Failback, false, true, false)]
    [InlineData(GoalKind.Failover, true, true, false)]
    public void A_person_signs_for_a_failback_whose_host_is_partly_on(GoalKind kind, bool isSigned, bool isOn, bool signedFor)
    {
        var over = Ran("r", GoalKind.Failover, RunOutcome.Done);

        var outset = From(new(kind, "h1"), isSigned, Seen(isOn), over);

        Assert.Equal(signedFor, outset.Remainder is { Runs.IsEmpty: true });
        Assert.Equal(signedFor, outset.UsesSignature);
    }

    [Fact]
    public void Without_a_run_a_failback_goes_back_to_the_normal_state_and_that_is_signed_for()
    {
        var outset = From(Back, isSigned: true, Seen());

        Assert.True(outset.Baseline.Assumed);
        Assert.True(outset.UsesSignature);
    }
}
