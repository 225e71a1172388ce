using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.PairedRun;

namespace Changeover.Tests.Running;

/// <summary>Which downtimes are extended, and when.</summary>
public sealed class DowntimesTests
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    /// <summary>Two hours from the start; twenty minutes before its end it is extended.</summary>
    private static readonly SetDowntime Silence = new("k", ["db2"], Start + TimeSpan.FromHours(2), "");

    private static readonly Moment Due = Now + TimeSpan.FromMinutes(100);

    private static readonly RunState Set =
        Of(Deed("silence", Silence), Deed("unsilence", new RemoveDowntime("k")) with { Requires = [new("manual")] }, Deed("other", new RemoveDowntime("j")) with { Requires = [new("manual")] }, Deed("manual", new Instruct("db2", "wait")) with { Requires = [new("silence")] })
            .With("silence", StepStatus.Done).With("manual", StepStatus.Acting);

    private static (string, Moment)[] Held(RunState state) => [.. Leases.Downtimes(state).Select(d => (d.Step, d.Due))];

    private static RunState Take(RunState state, RunInput input) => Engine.DecideAndEvolve(state, input).State;

    private static ImmutableArray<DowntimeExtending> Extends(RunState state, Moment at) => [.. Engine.Decide(state, new Tick(at)).OfType<DowntimeExtending>()];

    [Fact]
    public void It_is_due_twenty_minutes_before_its_end() => Assert.Equal([("silence", Due)], Held(Set));

    [Theory]
    [InlineData(StepStatus.Checking, StepOutcome.Done, false)]
    [InlineData(StepStatus.Acting, StepOutcome.Done, false)]
    [InlineData(StepStatus.Verifying, StepOutcome.Done, false)]
    [InlineData(StepStatus.Done, StepOutcome.Done, true)]
    [InlineData(StepStatus.Done, StepOutcome.FoundSo, true)]
    [InlineData(StepStatus.Done, StepOutcome.Accepted, false)]
    public void Only_what_was_seen_set_is_extended(StepStatus status, StepOutcome outcome, bool held) =>
        Assert.Equal(held, Held(Set.With("silence", StepStatus.Waiting).With("silence", status, outcome)).Length == 1);

    [Fact]
    public void What_the_run_has_begun_to_end_is_not_extended()
    {
        Assert.Empty(Held(Set.With("unsilence", StepStatus.Checking)));
        Assert.Empty(Held(Set.With("unsilence", StepStatus.Done)));
        Assert.Single(Held(Set.With("other", StepStatus.Done)));
    }

    [Fact]
    public void A_run_that_is_over_or_stopping_or_refusing_or_not_sure_of_its_claims_keeps_nothing_alive()
    {
        Assert.Empty(Held(Set with { Outcome = RunOutcome.Aborted }));
        Assert.Empty(Held(Set with { Stopping = true }));
        Assert.Empty(Held(Set with { IsRefusing = true }));
        Assert.Empty(Held(Set with { Renewing = ["db2"] }));
    }

    [Fact]
    public void When_it_is_due_it_is_asked_for_once_and_for_as_long_again()
    {
        Assert.Empty(Extends(Set, Due + -Millisecond));
        Assert.Equal(Due, Engine.NextWake(Set));
        var asked = Assert.Single(Extends(Set, Due));
        Assert.Equal((Due.Utc + TimeSpan.FromHours(2), 1), (asked.Until, asked.Attempt));

        var run = Take(Set, new Tick(Due));
        Assert.Empty(Extends(run, Due + Millisecond));
        Assert.Equal(
            [("extend.silence", 1, Silence with { Until = asked.Until })],
            Engine.Pending(run).OfType<Effect.Perform>().Select(p => (p.Step, p.Attempt, (SetDowntime)p.Action)));
    }

    [Fact]
    public void What_was_accepted_lasts_and_is_extended_again_before_its_end()
    {
        var run = Take(Take(Set, new Tick(Due)), new Heard(Due + Millisecond, "extend.silence", 1, Reception.Accepted));

        Assert.Empty(Engine.Pending(run).OfType<Effect.Perform>());
        Assert.Equal([("silence", Due + TimeSpan.FromMinutes(100))], Held(run));
        Assert.Equal(2, Assert.Single(Extends(run, Due + TimeSpan.FromMinutes(100))).Attempt);
    }

    [Theory]
    [InlineData(ReceptionKind.Unclear)]
    [InlineData(ReceptionKind.Refused)]
    [InlineData(ReceptionKind.NotSent)]
    public void What_brought_no_clear_yes_is_tried_again_after_a_minute(ReceptionKind kind)
    {
        var heard = Due + TimeSpan.FromSeconds(10);
        var run = Take(Take(Set, new Tick(Due)), new Heard(heard, "extend.silence", 1, new(kind)));

        Assert.Empty(Extends(run, heard + TimeSpan.FromMinutes(1) + -Millisecond));
        Assert.Equal(2, Assert.Single(Extends(run, heard + TimeSpan.FromMinutes(1))).Attempt);
        Assert.Empty(Engine.Pending(run).OfType<Effect.Perform>());
    }

    [Fact]
    public void What_brought_no_clear_yes_after_one_that_did_is_due_by_the_end_that_was_accepted()
    {
        var run = Take(Take(Set, new Tick(Due)), new Heard(Due, "extend.silence", 1, Reception.Accepted));
        var again = Due + TimeSpan.FromMinutes(100);
        run = Take(Take(run, new Tick(again)), new Heard(again, "extend.silence", 2, new(ReceptionKind.Unclear)));

        Assert.Equal(Due.Utc + TimeSpan.FromHours(2), run.Extensions["silence"].Until);
        Assert.Equal([("silence", again + TimeSpan.FromMinutes(1))], Held(run));
    }

    [Fact]
    public void A_late_answer_to_an_earlier_try_says_nothing()
    {
        var run = Take(Set, new Tick(Due));

        Assert.Equal(run.Extensions["silence"], Take(run, new Heard(Due, "extend.silence", 2, Reception.Accepted)).Extensions["silence"]);
        Assert.Empty(Take(Set, new Heard(Now, "extend.silence", 1, Reception.Accepted)).Extensions);
    }

    [Fact]
    public void After_a_resume_it_is_asked_for_again_at_once_by_its_own_number()
    {
        var asked = Take(Set, new Tick(Due));
        var resumed = Engine.Evolve(asked, new RunResumed(new(TimeSpan.Zero, Due.Utc), "another", 2));

        Assert.Equal(new Extension(null, null, 1), resumed.Extensions["silence"]);
        Assert.Equal(2, Assert.Single(Extends(resumed, new(TimeSpan.Zero, Due.Utc))).Attempt);
        var tried = Take(asked, new Heard(Due, "extend.silence", 1, new(ReceptionKind.Unclear)));
        Assert.Null(Engine.Evolve(tried, new RunResumed(new(TimeSpan.Zero, Due.Utc), "another", 2)).Extensions["silence"].TriedAt);
    }

    [Fact]
    public void A_downtime_that_would_end_early_because_a_person_took_long_lasts_its_length_from_now()
    {
        Assert.Equal(Silence, Leases.FromNow(Silence, Set));
        Assert.Equal(Start + TimeSpan.FromHours(3), Leases.FromNow(Silence, Set with { Now = Now + TimeSpan.FromHours(1) }).Until);
        var longer = Silence with { Until = Start + TimeSpan.FromHours(9) };
        Assert.Equal(longer, Leases.FromNow(longer, Set));
    }
}
