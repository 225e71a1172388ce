using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.PairedRun;

namespace Changeover.Tests.Running;

/// <summary>What may be said to what waits for a person.</summary>
public sealed class AnswersTests
{
    private static readonly Finding Wrong = StateFindings.NotSeen.On("st1", "asked", "it");
    private static readonly Finding Danger = RunFindings.TwoPrimaries.On("st1 and st2");
    private static readonly Finding Open = WritingFindings.Session.On("db1", "user", "u", "client", "c", "id", "7", "command", "Sleep");

    private static readonly Step Set = Deed("set", new SetService("st1", "a", Run: true)) with { Machine = "st1" };

    private static Answer[] For(RunState state, string id) => [.. Answers.For(state, id)];

    [Fact]
    public void Only_going_on_with_what_is_not_so_and_cutting_somebody_off_need_a_reason() =>
        Assert.Equal([Answer.Accept, Answer.Mend], Enum.GetValues<Answer>().Where(Answers.NeedsReason));

    [Fact]
    public void Only_a_judgement_in_the_place_of_what_was_seen_and_what_no_plan_has_need_two_people() =>
        Assert.Equal([Answer.Accept, Answer.Force, Answer.Mend], Enum.GetValues<Answer>().Where(Answers.Overrides));

    [Fact]
    public void What_an_answer_is_about_is_another_with_other_findings_and_with_another_try()
    {
        var halted = Of(Set).Halted("set", Wrong);
        var tried = halted with { Steps = halted.Steps.With("set", halted.Steps["set"] with { Attempt = 2 }) };
        var broken = halted with { Broken = halted.Broken.Add("standing.x", [Wrong]) };

        Assert.Equal(Answers.About(halted, "set"), Answers.About(Of(Set).Halted("set", Wrong), "set"));
        Assert.Equal(4, new[] { Answers.About(halted, "set"), Answers.About(tried, "set"), Answers.About(Of(Set).Halted("set", Danger), "set"), Answers.About(Of(Set).Halted("set", Wrong, Danger), "set") }.Distinct().Count());
        Assert.NotEqual(Answers.About(broken, "standing.x"), Answers.About(broken with { Broken = broken.Broken.SetItem("standing.x", [Danger]) }, "standing.x"));
        Assert.Equal(Answers.About(Of(Set), "set"), Answers.About(halted, "gate.quiet"));
        Assert.Matches("^0-[0-9a-f]{16}$", Answers.About(broken, "standing.x"));
        Assert.Matches("^0-[0-9a-f]{16}$", Answers.About(broken, "nothing"));
    }

    [Theory]
    [InlineData(StepStatus.Waiting)]
    [InlineData(StepStatus.Checking)]
    [InlineData(StepStatus.Acting)]
    [InlineData(StepStatus.Verifying)]
    [InlineData(StepStatus.Done)]
    public void To_a_step_that_waits_for_nobody_only_the_end_can_be_said(StepStatus status) =>
        Assert.Equal([Answer.Abort], For(Of(Set with { Acceptable = true }).With("set", status), "set"));

    [Fact]
    public void Nothing_can_be_said_to_what_is_not_there_or_after_the_end()
    {
        Assert.Empty(For(Of(Set), "another"));
        Assert.Empty(For(Of(Set).Halted("set", Wrong) with { Outcome = RunOutcome.Done }, "set"));
    }

    [Theory]
    [InlineData(StepStatus.Checking, false)]
    [InlineData(StepStatus.Acting, true)]
    [InlineData(StepStatus.Verifying, false)]
    public void A_deed_by_hand_is_confirmed_when_it_was_asked_for(StepStatus status, bool confirm)
    {
        var run = Of(Deed("hand", new Instruct("st1", "do it"))).With("hand", status);

        Answer[] answers = confirm ? [Answer.Confirm, Answer.Abort] : [Answer.Abort];
        Assert.Equal(answers, For(run, "hand"));
    }

    [Fact]
    public void A_halt_is_accepted_where_the_step_allows_it_and_never_in_danger()
    {
        Assert.Equal([Answer.Retry, Answer.Abort], For(Of(Set).Halted("set", Wrong), "set"));
        Assert.Equal([Answer.Retry, Answer.Accept, Answer.Abort], For(Of(Set with { Acceptable = true }).Halted("set", Wrong), "set"));
        Assert.Equal([Answer.Retry, Answer.Abort], For(Of(Set with { Acceptable = true }).Halted("set", Wrong, Danger), "set"));
        Assert.Equal([Answer.Retry, Answer.Mend, Answer.Abort], For(Of(Set).Halted("set", Open), "set"));
    }

    [Theory]
    [InlineData(false, true, false, false, true)]
    [InlineData(false, false, false, false, false)]
    [InlineData(false, true, true, false, false)]
    [InlineData(false, true, false, true, false)]
    [InlineData(true, true, false, false, false)]
    public void The_plug_is_offered_for_a_guest_that_was_asked_to_shut_down_once_and_without_danger(bool on, bool acted, bool hard, bool danger, bool offered)
    {
        var halted = Of(on ? On("st1") : Off("st1")).Halted(on ? "poweron.st1" : "poweroff.st1", danger ? Danger : Wrong);
        var id = halted.Plan.Steps[0].Id;
        var run = halted with { Steps = halted.Steps.With(id, halted.Steps[id] with { Acted = acted, Hard = hard }) };

        Assert.Equal(offered, For(run, id).Contains(Answer.Force));
    }

    [Fact]
    public void The_plug_is_offered_for_nothing_but_a_machine()
    {
        var halted = Of(Set).Halted("set", Wrong);
        Assert.DoesNotContain(Answer.Force, For(halted with { Steps = halted.Steps.With("set", halted.Steps["set"] with { Acted = true }) }, "set"));
    }

    [Fact]
    public void Of_what_broke_only_a_time_that_has_passed_can_be_accepted()
    {
        var run = Of(Set);
        run = run with
        {
            Plan = run.Plan with { Standing = [new("back-by", "set", "", new TimeLeft(Start), []), new("runs", "set", "", new ServiceIs("st1", "a", true), [])] },
            Broken = run.Broken.Add("standing.back-by", [Wrong]).Add("standing.runs", [Wrong]).Add("invariant.x", [Danger]).Add("standing.open", [Open]),
        };

        Assert.Equal([Answer.Retry, Answer.Accept, Answer.Abort], For(run, "standing.back-by"));
        Assert.Equal([Answer.Retry, Answer.Abort], For(run, "standing.runs"));
        Assert.Equal([Answer.Retry, Answer.Abort], For(run, "invariant.x"));
        Assert.Equal([Answer.Retry, Answer.Mend, Answer.Abort], For(run, "standing.open"));
        Assert.Empty(For(run, "standing.another"));
    }

    [Fact]
    public void While_a_mend_is_on_its_way_only_the_end_can_be_said()
    {
        var run = Of(Set).Halted("set", Open);
        Assert.Equal([Answer.Abort], For(run with { Mending = run.Mending.Add("set", new(1, [new EndSession("db1", 7)], [])) }, "set"));
    }

    [Fact]
    public void To_a_hold_one_says_go_on_where_it_was_reached()
    {
        var run = Of(Set) with { HoldsReached = [Gates.Quiet] };

        Assert.Equal([Answer.Continue, Answer.Abort], For(run, Gates.Id(Gates.Quiet)));
        Assert.Empty(For(run, Gates.Id(Gates.Start)));
    }

    // ---- leaving out -----------------------------------------------------------------------------------------------------------

    private static readonly Step Other = Deed("other", new SetService("st2", "a", Run: true)) with { Machine = "st2" };
    private static readonly Step Phone = Deed("phone", new SetService("tel1", "a", Run: true)) with { Machine = "tel1" };

    private static string? LeftOut(Step step, Finding why, GoalKind kind = GoalKind.Failback) => Answers.MayBeLeftOut(Of(kind, step).Halted(step.Id, why), step.Id);

    [Fact]
    public void A_machine_with_a_peer_may_be_left_out_when_its_step_is_halted()
    {
        Assert.Equal("st1", LeftOut(Set, Wrong));
        Assert.Null(Answers.MayBeLeftOut(Of(GoalKind.Failback, Set).With("set", StepStatus.Checking), "set"));
        Assert.Null(Answers.MayBeLeftOut(Of(GoalKind.Failback, Set), "another"));
    }

    [Fact]
    public void It_may_not_in_danger_nor_for_a_claim_nor_without_a_machine_nor_at_the_close()
    {
        Assert.Null(LeftOut(Set, Danger));
        Assert.Null(LeftOut(Set with { Action = new TakeClaim("st1") }, Wrong));
        Assert.Null(LeftOut(Set with { Machine = "" }, Wrong));
        var database = Deed("database", new SetService("db1", "a", Run: true)) with { Machine = "db1" };
        Assert.Equal("db1", LeftOut(database, Wrong, GoalKind.Failover));
        Assert.Null(LeftOut(database, Wrong, GoalKind.Close));
    }

    [Fact]
    public void It_may_not_when_its_peer_waits_for_a_person_too_or_was_left_out()
    {
        var both = Of(GoalKind.Failback, Set, Other).Halted("set", Wrong).Halted("other", Wrong);
        Assert.Null(Answers.MayBeLeftOut(both, "set"));

        var without = Of(GoalKind.Failback, Set).Halted("set", Wrong);
        without = without with { Plan = without.Plan with { Without = ImmutableSortedDictionary<string, string>.Empty.Add("st2", "broken") } };
        Assert.Null(Answers.MayBeLeftOut(without, "set"));
    }

    [Fact]
    public void That_another_machine_cannot_be_left_out_or_another_halt_has_no_machine_does_not_matter()
    {
        var run = Of(GoalKind.Failback, Set, Phone, Deed("all", new RemoveDowntime("k"))).Halted("set", Wrong).Halted("phone", Wrong).Halted("all", Wrong);

        Assert.Equal("st1", Answers.MayBeLeftOut(run, "set"));
        Assert.Null(Answers.MayBeLeftOut(run, "phone"));
    }
}
