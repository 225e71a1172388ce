using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.PairedRun;

namespace Changeover.Tests.Running;

/// <summary>What a person's word and an answer lead to, and what of it the journal keeps.</summary>
public sealed class DecidedTests
{
    private static readonly Step Set = Deed("set", new SetService("st1", "a", Run: true));
    private static readonly ImmutableArray<string> Lines = ["systemctl start a"];

    private static RunEvent[] Say(RunState state, string id, Answer answer, Confirmation? confirmed = null) =>
        [.. Engine.Decide(state, new Decided(Now, id, answer, "anna", "because", confirmed)).Where(e => e is not Looked)];

    [Fact]
    public void A_word_is_kept_with_who_and_why_and_who_confirmed_it()
    {
        var confirmed = new Confirmation("bert", Start);
        var decision = Assert.IsType<Decision>(Say(Of(Set).Halted("set"), "set", Answer.Retry, confirmed)[0]);

        Assert.Equal(("set", Answer.Retry, "anna", "because", confirmed), (decision.Step, decision.Answer, decision.Who, decision.Reason, decision.Confirmed));
    }

    [Fact]
    public void A_word_that_was_meant_for_something_else_does_not_count()
    {
        var (seen, now) = (Of(Set).Halted("set", StateFindings.NotSeen.On("st1", "asked", "it")), Of(Set).Halted("set", StateFindings.NotSeen.On("st1", "asked", "another")));
        ImmutableArray<RunEvent> About(RunState state) => Engine.Decide(now, new Decided(Now, "set", Answer.Retry, "anna", "because", About: Answers.About(state, "set")));

        Assert.Empty(About(seen).OfType<Decision>());
        Assert.Single(About(now).OfType<Decision>());
    }

    /// <summary>The other step could begin.</summary>
    [Fact]
    public void Nothing_happens_after_an_abort()
    {
        var run = Of(Set, Deed("gate", new SetService("st1", "b", Run: true)) with { Action = null });

        Assert.Equal(RunOutcome.Aborted, Assert.IsType<RunEnded>(Say(run.Halted("set"), "set", Answer.Abort)[^1]).Outcome);
    }

    [Fact]
    public void A_time_that_has_passed_is_accepted_and_not_watched_any_more()
    {
        var run = Of(Set);
        run = run with
        {
            Plan = run.Plan with { Standing = [new("back-by", "set", "", new Changeover.Knowledge.Conditions.TimeLeft(Start), [])] },
            Broken = run.Broken.Add("standing.back-by", []),
        };

        var accepted = Assert.Single(Say(run, "standing.back-by", Answer.Accept).OfType<StandingAccepted>());
        Assert.Equal(("standing.back-by", "anna", "because"), (accepted.Standing, accepted.Who, accepted.Reason));
    }

    [Fact]
    public void A_mend_has_the_next_number_and_does_what_was_read()
    {
        var run = Of(Set).Halted("set", WritingFindings.Session.On("db1", "user", "u", "client", "c", "id", "7", "command", "Sleep")) with { Mends = 2 };

        var asked = Assert.Single(Say(run, "set", Answer.Mend).OfType<MendAsked>());
        Assert.Equal(3, asked.Number);
        Assert.Equal([new EndSession("db1", 7)], asked.Actions);
    }

    [Fact]
    public void The_plug_is_an_attempt_of_its_own()
    {
        var run = Of(Off("st1")).Halted("poweroff.st1");
        run = run with { Steps = run.Steps.With("poweroff.st1", run.Steps["poweroff.st1"] with { Acted = true, Attempt = 2 }) };

        var acting = Assert.Single(Say(run, "poweroff.st1", Answer.Force).OfType<StepActing>());
        Assert.Equal((3, true), (acting.Attempt, acting.Hard));
    }

    [Fact]
    public void Going_on_releases_the_hold_that_was_meant()
    {
        var run = Of(Set) with { HoldsReached = [Gates.Start, Gates.Quiet] };

        Assert.Equal(Gates.Quiet, Assert.Single(Say(run, Gates.Id(Gates.Quiet), Answer.Continue).OfType<HoldReleased>()).Gate);
    }

    [Fact]
    public void A_refused_run_is_not_paused()
    {
        var run = Of(Set);
        Assert.Single(Engine.Decide(run, new Pause(Now, "anna", "lunch")).OfType<PauseAsked>());
        Assert.Empty(Engine.Decide(run with { IsRefusing = true }, new Pause(Now, "anna", "lunch")).OfType<PauseAsked>());
    }

    [Fact]
    public void What_was_sent_is_kept_with_its_answer()
    {
        var acting = Of(Set).With("set", StepStatus.Acting);
        Assert.Equal(Lines, Assert.Single(Engine.Decide(acting, new Heard(Now, "set", 0, Reception.Accepted) { Sent = Lines }).OfType<StepHeard>()).Sent);
        Assert.Equal(Lines, Assert.Single(Engine.Decide(acting, new Heard(Now, "extend.set", 1, Reception.Accepted) { Sent = Lines }).OfType<DowntimeExtended>()).Sent);
        var mending = Engine.Evolve(Of(Set).Halted("set"), new MendAsked(Now, "set", 1, [new EndSession("db1", 7)]));
        Assert.Equal(Lines, Assert.Single(Engine.Decide(mending, new Heard(Now, "mend.0.set", 1, Reception.Accepted) { Sent = Lines }).OfType<MendHeard>()).Sent);
        Assert.Empty(Engine.Decide(mending, new Heard(Now, "mend.0.set", 2, Reception.Accepted)).OfType<MendHeard>());
        Assert.DoesNotContain(Engine.Decide(acting, new Heard(Now, "another", 0, Reception.Accepted)), e => e.IsDurable && e is StepHeard);
    }

    [Fact]
    public void Actions_are_on_their_way_also_without_a_mend_and_a_deed_by_hand_is_not()
    {
        var run = Of(Set, Deed("hand", new Instruct("st1", "do it")));

        Assert.False(run.InFlight);
        Assert.True(run.With("set", StepStatus.Acting).InFlight);
        Assert.False(run.With("hand", StepStatus.Acting).InFlight);
    }
}
