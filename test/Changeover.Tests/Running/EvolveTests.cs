using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.PairedRun;

namespace Changeover.Tests.Running;

/// <summary>What each event changes in the books, and that it changes nothing else of a step.</summary>
public sealed class EvolveTests
{
    private static readonly Finding Wrong = StateFindings.NotSeen.On("st1", "asked", "it");
    private static readonly Finding Other = StateFindings.NotSeen.On("st2", "asked", "it");
    private static readonly Moment Later = Now + TimeSpan.FromSeconds(5);

    /// <summary>Nothing of it as it begins.</summary>
    private static readonly StepState Full = new(
        StepStatus.Verifying, Now, Now, Attempt: 2, HeldSince: Now, ProgressAt: Now, ProgressMark: 7, Acted: true, Hard: true, Doubt: true, StepOutcome.Accepted, [Wrong])
    { StartedAt = Start };

    private static readonly RunState Run = Put(Of(Deed("a", new SetService("st1", "a", Run: true)), Deed("b", new SetService("st2", "b", Run: true)), Deed("c", new Instruct("st2", "do it"))), "a", Full);

    private static RunState Put(RunState state, string step, StepState s) => state with { Steps = state.Steps.With(step, s) };

    private static StepState After(RunEvent happened) => Engine.Evolve(Run, happened).Steps["a"];

    [Fact]
    public void A_step_that_is_ready_is_looked_at_anew()
    {
        var anew = Full with { Status = StepStatus.Checking, Since = Later, LookFrom = Later, HeldSince = null, ProgressAt = null, ProgressMark = null, Findings = [] };

        Assert.Equal(anew, After(new StepReady(Later, "a")));
        Assert.Equal(Later.Utc, Engine.Evolve(Run, new StepReady(Later, "b")).Steps["b"].StartedAt);
    }

    [Fact]
    public void A_step_that_becomes_ready_in_a_halt_is_held_up_and_stays_so()
    {
        var halted = Run.Halted("b", Wrong);

        Assert.False(After(new StepReady(Later, "a")).HeldUp);
        Assert.True(Engine.Evolve(halted, new StepReady(Later, "a")).Steps["a"].HeldUp);
        Assert.True(Engine.Evolve(Put(Run, "a", Full with { HeldUp = true }), new StepReady(Later, "a")).Steps["a"].HeldUp);
    }

    [Fact]
    public void An_action_that_is_asked_for_is_the_last_one()
    {
        var begun = Full with { Acted = false };
        var run = Engine.Evolve(Put(Run, "a", begun), new StepActing(Later, "a", 3));

        Assert.Equal(begun with { Status = StepStatus.Acting, Since = Later, Attempt = 3, Hard = false, Acted = true, ActedAt = Later.Utc, Doubt = false, Findings = [] }, run.Steps["a"]);
        // Asked for once more, it was asked for first when it was.
        Assert.Equal(Now.Utc, Engine.Evolve(Put(Run, "a", Full with { ActedAt = Now.Utc }), new StepActing(Later, "a", 4)).Steps["a"].ActedAt);
        Assert.Equal(Later, run.LastAction);
        Assert.True(After(new StepActing(Later, "a", 3, Hard: true)).Hard);
    }

    [Theory]
    [InlineData(ReceptionKind.Accepted, StepStatus.Verifying, false)]
    [InlineData(ReceptionKind.Unclear, StepStatus.Verifying, true)]
    [InlineData(ReceptionKind.Refused, StepStatus.Verifying, false)]
    [InlineData(ReceptionKind.NotSent, StepStatus.Checking, false)]
    public void What_was_answered_is_looked_at_from_then_on(ReceptionKind kind, StepStatus status, bool doubt)
    {
        var run = Engine.Evolve(Run, new StepHeard(Later, "a", 2, new(kind)));

        Assert.Equal(Full with { Status = status, Since = Later, LookFrom = Later, HeldSince = null, Doubt = doubt }, run.Steps["a"]);
        Assert.Equal(Later, run.LastAction);
    }

    [Fact]
    public void A_step_that_is_done_keeps_what_was_found_unless_there_is_something_newer()
    {
        Assert.Equal(Full with { Status = StepStatus.Done, Since = Later, Outcome = StepOutcome.FoundSo, EndedAt = Later.Utc }, After(new StepDone(Later, "a", StepOutcome.FoundSo)));
        Assert.Equal([Other], After(new StepDone(Later, "a", StepOutcome.Done, Notes: [Other])).Findings);
        Assert.Equal(Later.Utc, Engine.Evolve(Run, new StepDone(Later, "b", StepOutcome.Done)).Steps["b"].StartedAt);
    }

    [Fact]
    public void A_halt_holds_up_what_is_under_way_and_is_no_suspicion_any_more()
    {
        var run = Put(Run.With("c", StepStatus.Done), "b", Full);
        run = Engine.Evolve(Engine.Evolve(Engine.Evolve(run, new Suspected(Now, "a", true)), new Suspected(Now, "b", true)), new StepHalted(Later, "a", [Other]));

        Assert.Equal((StepStatus.Halted, Later, true), (run.Steps["a"].Status, run.Steps["a"].Since, run.Steps["a"].HeldUp));
        Assert.Equal([Other], run.Steps["a"].Findings);
        Assert.Equal(Full with { HeldUp = true }, run.Steps["b"]);
        Assert.False(run.Steps["c"].HeldUp);
        Assert.Equal(["b"], run.Suspects.Keys);
        Assert.False(Engine.Evolve(Run, new StepHalted(Later, "a", [Other])).Steps["b"].HeldUp);
    }

    [Fact]
    public void What_is_seen_while_it_is_looked_at_is_kept_with_its_moment()
    {
        Assert.Equal(Full with { HeldSince = Later }, After(new Holding(Now, "a", Later)));
        Assert.Equal(Full with { HeldSince = null }, After(new Holding(Now, "a", null)));
        Assert.Equal(Full with { ProgressAt = Later, ProgressMark = 9 }, After(new Progressed(Later, "a", 9)));
    }

    [Fact]
    public void What_breaks_holds_up_and_waits_until_it_is_mended_or_accepted()
    {
        var suspected = Engine.Evolve(Engine.Evolve(Run, new Suspected(Now, "standing.s", true)), new Suspected(Later, "standing.t", true));
        Assert.Equal((Now, Later), (suspected.Suspects["standing.s"], suspected.Suspects["standing.t"]));
        Assert.Equal(["standing.t"], Engine.Evolve(suspected, new Suspected(Later, "standing.s", false)).Suspects.Keys);

        var broken = Engine.Evolve(suspected, new StandingBroken(Later, "standing.s", [Wrong]));
        Assert.Equal([Wrong], broken.Broken["standing.s"]);
        Assert.Equal(["standing.t"], broken.Suspects.Keys);
        Assert.True(broken.Steps["a"].HeldUp);
        Assert.True(broken.IsHalted);

        var mended = Engine.Evolve(broken, new StandingMended(Later, "standing.s"));
        Assert.Equal((0, 0), (mended.Broken.Count, mended.AcceptedStandings.Count));
        var accepted = Engine.Evolve(broken, new StandingAccepted(Later, "standing.s", "anna", "because"));
        Assert.Empty(accepted.Broken);
        Assert.Equal(["standing.s"], accepted.AcceptedStandings);
    }

    [Fact]
    public void A_hold_is_reached_once_and_is_none_when_it_was_released()
    {
        var held = Engine.Evolve(Run, new PauseAsked(Later, Gates.Quiet, "anna", "lunch"));
        Assert.Equal([Gates.Quiet], held.Holds);
        var reached = Engine.Evolve(held, new HoldReached(Later, Gates.Quiet));
        Assert.Equal([Gates.Quiet], reached.HoldsReached);
        var released = Engine.Evolve(reached, new HoldReleased(Later, Gates.Quiet));
        Assert.Equal((0, 0), (released.Holds.Count, released.HoldsReached.Length));
    }

    [Fact]
    public void The_picture_of_the_quiet_cluster_is_the_second_one()
    {
        ImmutableArray<SeenFacts> facts = [new("x", new ClaimFacts("", "", 0))];
        var run = Engine.Evolve(Run, new PictureTaken(Later, facts));

        Assert.Equal((facts, Run.Baseline.Found), (run.Baseline.Quieted, run.Baseline.Found));
    }

    [Fact]
    public void A_stop_a_refusal_and_an_end_are_kept_with_their_reasons()
    {
        Assert.True(Engine.Evolve(Run, new StopAsked(Later)).Stopping);
        // As it stands in journals from before it was recorded who asked.
        var old = System.Text.Json.JsonSerializer.Deserialize("""{"event":"stop-asked","at":{"elapsed":"00:00:01","utc":"2026-11-23T02:11:07+00:00"}}""", CoreJson.Default.RunEvent);
        Assert.Equal("", Assert.IsType<StopAsked>(old).Who);
        var refusing = Engine.Evolve(Run, new Refusing(Later, [Wrong]));
        Assert.True(refusing.IsRefusing);
        Assert.Equal([Wrong], refusing.Refusal);
        Assert.Equal(["st1"], Engine.Evolve(refusing, new ClaimGivenBack(Later, "st1")).GivenBack);
        var over = Engine.Evolve(Run, new RunEnded(Later, RunOutcome.Aborted));
        Assert.Equal((RunOutcome.Aborted, Later.Utc), (over.Outcome, over.EndedAt));
    }

    [Fact]
    public void A_mend_is_an_action_from_its_asking_to_its_last_answer()
    {
        var asked = Engine.Evolve(Run, new MendAsked(Later, "a", 3, [new EndSession("db1", 7), new EndSession("db1", 8)]));
        Assert.Equal((3, Later), (asked.Mends, asked.LastAction));
        var heard = Engine.Evolve(asked, new MendHeard(Later + TimeSpan.FromSeconds(1), "a", 3, 1, Reception.Accepted));
        Assert.Equal([1], heard.Mending["a"].Heard);
        Assert.Equal(Later + TimeSpan.FromSeconds(1), heard.LastAction);
        Assert.Empty(Engine.Evolve(heard, new MendHeard(Later, "a", 3, 0, Reception.Accepted)).Mending);
    }

    /// <summary>What need not be judged again belongs to the state it was judged in.</summary>
    [Fact]
    public void Whatever_happens_moves_the_clock_and_clears_what_need_not_be_judged_again()
    {
        var run = Engine.DecideAndEvolve(Run, new Tick(Now)).State;
        Assert.NotNull(run.Settled);

        foreach (var e in (RunEvent[])[new Looked(Later, []), new StopAsked(Later), new Decision(Later, "a", Answer.Retry, "anna", "because")])
        {
            var after = Engine.Evolve(run, e);
            Assert.Equal(Later, after.Now);
            Assert.Null(after.Settled);
        }
    }

    [Fact]
    public void A_run_begins_with_what_it_was_started_with()
    {
        var started = new RunStarted(Later, "run", "controller", 4, PairedRun.Inventory, Run.Plan, [Gates.Quiet]);
        var run = Engine.Evolve(null, started);

        Assert.Equal(("run", "controller", 4), (run.Run, run.Controller, run.Epoch));
        Assert.Same(started.Inventory, run.Inventory);
        Assert.Same(started.Plan, run.Plan);
        Assert.Same(started.Plan.Baseline, run.Baseline);
        Assert.Equal([Gates.Quiet], run.Holds);
        Assert.Equal((Later, Later, Later.Utc), (run.Now, run.LastAction, run.StartedAt));
        Assert.All(run.Steps.Values, s => Assert.Equal(new StepState(StepStatus.Waiting, Later, Later), s));
        Assert.Equal(RunOutcome.Done, Engine.Fold([started, new RunEnded(Later, RunOutcome.Done)]).Outcome);
        Assert.Throws<InvalidOperationException>(() => Engine.Fold([]));
    }

    // ---- resume ----------------------------------------------------------------------------------------------------------------

    private static RunState Resumed(RunState state) => Engine.Evolve(state, new RunResumed(Later, "another", 2));

    [Fact]
    public void After_a_resume_everything_is_stale_and_has_its_time_anew()
    {
        var run = Engine.Evolve(Engine.Evolve(Engine.Evolve(Run, new Suspected(Now, "standing.s", true)), new StopAsked(Now)), new Looked(Now, [new(new(SubjectKind.Drbd, "st1"), null, Wrong, Now, Now)]));
        var resumed = Resumed(run);

        Assert.Equal(("another", 2, false, Later), (resumed.Controller, resumed.Epoch, resumed.Stopping, resumed.LastAction));
        Assert.Empty(resumed.Snapshot.All);
        Assert.Empty(resumed.Suspects);
        Assert.Same(run.Inventory, resumed.Inventory);
        Assert.Equal(Full with { Since = Later, LookFrom = Later, HeldSince = null, ProgressAt = null, ProgressMark = null, HeldUp = true }, resumed.Steps["a"]);
        Assert.Equal((StepStatus.Waiting, false, false), (resumed.Steps["b"].Status, resumed.Steps["b"].HeldUp, resumed.Steps["b"].Doubt));
        Assert.True(Resumed(Put(run, "b", Full with { Status = StepStatus.Done, HeldUp = true })).Steps["b"].HeldUp);
        var other = PairedRun.Inventory with { Cluster = "elsewhere" };
        Assert.Same(other, Engine.Evolve(run, new RunResumed(Later, "another", 2) { Inventory = other }).Inventory);
    }

    [Theory]
    [InlineData("b", StepStatus.Acting, StepStatus.Verifying, true)]
    [InlineData("b", StepStatus.Verifying, StepStatus.Verifying, false)]
    [InlineData("b", StepStatus.Checking, StepStatus.Checking, false)]
    [InlineData("c", StepStatus.Acting, StepStatus.Acting, false)]
    public void After_a_resume_only_what_the_program_was_doing_is_in_doubt(string step, StepStatus before, StepStatus after, bool doubt)
    {
        var s = Resumed(Run.With(step, before)).Steps[step];

        Assert.Equal((after, doubt), (s.Status, s.Doubt));
    }

    // ---- claims ----------------------------------------------------------------------------------------------------------------

    private static readonly RunState Claiming = Of(
        Deed("claim.st1", new TakeClaim("st1")), Deed("claim.st2", new TakeClaim("st2")), Deed("release.st1", new ReleaseClaim("st1")), Deed("release.st2", new ReleaseClaim("st2")),
        Off("st1"), On("st2"), Deed("off", new Instruct("st2", "switch it off", new SetPower("st2", "h2", On: false))));

    private static readonly RunState Claimed = Claiming.With("claim.st1", StepStatus.Done).With("claim.st2", StepStatus.Done);

    [Theory]
    [InlineData(StepStatus.Waiting, false, false, false)]
    [InlineData(StepStatus.Checking, false, false, false)]
    [InlineData(StepStatus.Acting, true, true, false)]
    [InlineData(StepStatus.Verifying, true, true, false)]
    [InlineData(StepStatus.Checking, true, true, false)]
    [InlineData(StepStatus.Done, true, true, true)]
    [InlineData(StepStatus.Done, false, true, true)]
    public void A_claim_is_held_once_it_was_asked_for_and_surely_once_it_was_seen(StepStatus status, bool acted, bool held, bool surely)
    {
        var run = Put(Claiming, "claim.st1", Claiming.Steps["claim.st1"] with { Status = status, Acted = acted });

        Assert.Equal(held, Engine.ClaimsHeld(run).Contains("st1"));
        Assert.DoesNotContain("st2", Engine.ClaimsHeld(run));
        Assert.Equal(surely, Resumed(run.With("claim.st2", StepStatus.Done)).SurelyHeld.Contains("st1"));
        Assert.Equal(held ? 1 : 0, Resumed(run).Renewing.Count);
        Assert.Equal(surely ? 1 : 0, Resumed(run).SurelyHeld.Count);
    }

    [Theory]
    [InlineData(StepStatus.Checking, false, false, true, true)]
    [InlineData(StepStatus.Acting, true, false, true, false)]
    [InlineData(StepStatus.Verifying, true, true, true, false)]
    [InlineData(StepStatus.Verifying, true, false, false, false)]
    [InlineData(StepStatus.Halted, true, false, true, false)]
    [InlineData(StepStatus.Done, false, false, false, false)]
    public void A_claim_is_held_until_it_was_seen_given_back_or_the_machine_said_so(StepStatus status, bool acted, bool doubt, bool held, bool surely)
    {
        var run = Put(Claimed, "release.st1", Claimed.Steps["release.st1"] with { Status = status, Acted = acted, Doubt = doubt });

        Assert.Equal(held ? ["st1", "st2"] : (string[])["st2"], Engine.ClaimsHeld(run));
        Assert.Equal(surely ? ["st1", "st2"] : (string[])["st2"], Resumed(run).SurelyHeld);
    }

    [Fact]
    public void A_claim_is_gone_with_the_power_and_when_it_was_given_back_by_a_refusal()
    {
        Assert.Equal(["st1", "st2"], Engine.ClaimsHeld(Claimed.With("poweron.st2", StepStatus.Done).With("poweroff.st1", StepStatus.Checking)));
        Assert.Equal(["st2"], Engine.ClaimsHeld(Claimed.With("poweroff.st1", StepStatus.Acting)));
        Assert.Equal(["st1"], Engine.ClaimsHeld(Claimed.With("off", StepStatus.Acting)));
        Assert.Equal(["st2"], Engine.ClaimsHeld(Claimed with { GivenBack = ["st1"] }));
    }

    [Fact]
    public void Claims_are_renewed_one_by_one()
    {
        var resumed = Resumed(Claimed);

        Assert.Equal(["st1", "st2"], resumed.Renewing);
        Assert.Equal(["st2"], Engine.Evolve(resumed, new ClaimRenewed(Later, "st1")).Renewing);
    }
}
