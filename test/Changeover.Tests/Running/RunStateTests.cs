using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.PairedRun;

namespace Changeover.Tests.Running;

/// <summary>What is read off the books: whether anything may be done, whether anything was, what comes next.</summary>
public sealed class RunStateTests
{
    private static readonly Step Service = Deed("a", new SetService("tel1", "a", Run: true));

    [Fact]
    public void Something_may_be_done_unless_one_thing_speaks_against_it()
    {
        var run = Of(Service);

        Assert.True(run.MayAct);
        Assert.False((run with { Outcome = RunOutcome.Aborted }).MayAct);
        Assert.False((run with { Stopping = true }).MayAct);
        Assert.False((run with { IsRefusing = true }).MayAct);
        Assert.False((run with { Renewing = ["st1"] }).MayAct);
        Assert.False((run with { Broken = run.Broken.Add("standing.s", []) }).MayAct);
        Assert.False(run.With("a", StepStatus.Halted).MayAct);
    }

    [Fact]
    public void Claims_and_looks_change_nothing_and_every_other_deed_does()
    {
        var run = Of(Deed("claim", new TakeClaim("st1")), Deed("release", new ReleaseClaim("st1")), Service with { Id = "look", Action = null }, Service, Off("tel1"));

        Assert.True(run.NothingChanged);
        Assert.True(run.With("claim", StepStatus.Done).With("release", StepStatus.Done).With("look", StepStatus.Done).NothingChanged);
        Assert.False(run.With("a", StepStatus.Acting).NothingChanged);
        Assert.False(run.With("poweroff.tel1", StepStatus.Done).NothingChanged);
    }

    [Fact]
    public void The_next_gate_is_the_first_of_which_no_step_has_begun()
    {
        var run = Of(
            Service with { Id = "gate.empty", Gate = "empty", Action = null, IsGate = true },
            Service with { Gate = Gates.Start },
            Service with { Id = "gate.start", Gate = Gates.Start, Action = null, IsGate = true },
            Service with { Id = "b", Gate = Gates.Quiet },
            Service with { Id = "c", Gate = Gates.Quiet });

        Assert.Equal(Gates.Start, run.With("a", StepStatus.Waiting).NextGate);
        Assert.Equal(Gates.Quiet, run.With("a", StepStatus.Done).With("b", StepStatus.Waiting).With("c", StepStatus.Waiting).NextGate);
        Assert.Equal("", run.With("a", StepStatus.Done).With("b", StepStatus.Checking).With("c", StepStatus.Waiting).NextGate);
    }

    /// <summary>Begun is what was heard to be taken.</summary>
    [Theory]
    [InlineData(StepStatus.Waiting, false, false, false)]
    [InlineData(StepStatus.Acting, false, false, false)]
    [InlineData(StepStatus.Verifying, false, false, true)]
    [InlineData(StepStatus.Verifying, true, false, false)]
    [InlineData(StepStatus.Halted, false, false, false)]
    [InlineData(StepStatus.Done, false, true, true)]
    public void A_step_waits_for_what_is_done_or_for_what_has_begun(StepStatus status, bool doubt, bool done, bool begun)
    {
        var run = Of(Service).With("a", status);
        run = run with { Steps = run.Steps.With("a", run.Steps["a"] with { Doubt = doubt }) };

        Assert.Equal(done, run.Fulfilled(new("a")));
        Assert.Equal(begun, run.Fulfilled(new("a", RequirementKind.Begun)));
    }

    [Fact]
    public void Books_of_the_same_status_keep_what_follows_from_it_and_others_work_it_out_anew()
    {
        var run = Of(Service).With("a", StepStatus.Checking);

        Assert.Same(run.Steps.ByStatus, run.Steps.With("a", run.Steps["a"] with { Attempt = 2 }).ByStatus);
        var acted = run.Steps.With("a", run.Steps["a"] with { Acted = true });
        Assert.NotSame(run.Steps.ByStatus, acted.ByStatus);
        Assert.NotSame(acted.ByStatus, acted.With("a", acted["a"] with { Acted = false }).ByStatus);
        Assert.NotSame(run.Steps.ByStatus, run.Steps.With("a", run.Steps["a"] with { Status = StepStatus.Acting }).ByStatus);
    }
}
