using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.PairedRun;

namespace Changeover.Tests.Running;

/// <summary>What an aborted run leaves in the cluster: what was asked for and not seen undone.</summary>
public sealed class LeftBehindTests
{
    /// <summary>A deed, what undoes it, what undoes another, and the line.</summary>
    public static TheoryData<ClusterAction, ClusterAction?, ClusterAction, string> Deeds() => new()
    {
        { new SetStandby("lb1", true, "lb2"), new SetStandby("lb1", false, "lb2"), new SetStandby("st1", false, "st2"), "in standby, or about to be: lb1" },
        { new SetPower("st1", "h1", On: false), new SetPower("st1", "h1", On: true), new SetPower("st2", "h1", On: true), "switched off: st1" },
        { new SetServers("lb1", []), null, new RemoveDowntime("k"), "servers set in HAProxy on lb1" },
        { new SetService("st1", "a", Run: false), new SetService("st1", "a", Run: true), new SetService("st1", "b", Run: true), "stopped: a on st1" },
        { new SetService("st1", "a", Run: false), new SetService("st1", "a", Run: true), new SetService("st2", "a", Run: true), "stopped: a on st1" },
        { new TakeClaim("st1"), new ReleaseClaim("st1"), new ReleaseClaim("st2"), "claimed for this run: st1" },
        { new SetDowntime("k", ["o"], Start, ""), new RemoveDowntime("k"), new RemoveDowntime("j"), "downtimes: k" },
        { new StartBackup("db1", "b"), null, new RemoveBackup("db1", "c"), "backups: b on db1" },
    };

    [Theory]
    [MemberData(nameof(Deeds))]
    public void What_was_asked_for_is_left_until_its_opposite_was_seen(ClusterAction deed, ClusterAction? undone, ClusterAction other, string line)
    {
        var run = Of(Deed("other", other), Deed("deed", deed), Deed("undone", undone ?? new RemoveBackup("db1", "none"))).With("other", StepStatus.Done);

        Assert.Empty(Lines(run));
        Assert.Empty(Lines(run.With("deed", StepStatus.Checking)));
        var acting = run.With("deed", StepStatus.Acting);
        Assert.Equal([line], Lines(acting));
        Assert.Equal([line], Lines(acting.With("deed", StepStatus.Done)));
        Assert.Equal([line], Lines(acting.With("undone", StepStatus.Acting)));
        string[] left = undone is null ? [line] : [];
        Assert.Equal(left, Lines(acting.With("undone", StepStatus.Done)));
    }

    /// <summary>What a run found and was going to undo is left too: the host of a failback is off until it is not.</summary>
    public static TheoryData<ClusterAction, string> Undoing() => new()
    {
        { new SetStandby("lb1", false, "lb2"), "in standby, or about to be: lb1" },
        { new SetPower("st1", "h1", On: true), "switched off: st1" },
        { new SetServers("lb1", []), "servers set in HAProxy on lb1" },
        { new SetService("st1", "a", Run: true), "stopped: a on st1" },
        { new RemoveDowntime("k"), "downtimes: k" },
    };

    [Theory]
    [MemberData(nameof(Undoing))]
    public void What_a_failback_was_going_to_undo_is_left_until_that_was_seen(ClusterAction undone, string line)
    {
        var run = Of(GoalKind.Failback, Deed("undone", undone));

        Assert.Equal([line], Lines(run));
        Assert.Equal([line], Lines(run.With("undone", StepStatus.Acting)));
        Assert.Empty(Lines(run.With("undone", StepStatus.Done)));
    }

    [Fact]
    public void What_a_failover_starts_did_not_run_before_and_its_servers_are_never_set_back()
    {
        var run = Of(Deed("start", new SetService("st2", "a", Run: true)), Deed("servers", new SetServers("lb1", [])));

        Assert.Empty(Lines(run));
        Assert.Equal(["servers set in HAProxy on lb1"], Lines(run.With("servers", StepStatus.Done)));
    }

    /// <summary>Only the last line for a balancer sets its servers as they were found.</summary>
    [Fact]
    public void The_servers_of_a_balancer_that_booted_are_left_until_they_are_as_found()
    {
        var run = Of(GoalKind.Failback, Deed("maint", new SetServers("lb1", [new("b", "s", ServerAdmin.Maint)])), Deed("restore", new SetServers("lb1", [])));

        Assert.Empty(Lines(run));
        Assert.Equal(["servers set in HAProxy on lb1"], Lines(run.With("maint", StepStatus.Done)));
        Assert.Empty(Lines(run.With("maint", StepStatus.Done).With("restore", StepStatus.Done)));
    }

    /// <summary>Undone and then done again, as on the way back of a way back.</summary>
    [Fact]
    public void What_was_undone_and_is_done_again_is_left()
    {
        var run = Of(GoalKind.Failback, Deed("un", new SetStandby("lb1", false, "lb2")), Deed("standby", new SetStandby("lb1", true, "lb2")));

        Assert.Empty(Lines(run.With("un", StepStatus.Done)));
        Assert.Equal(["in standby, or about to be: lb1"], Lines(run.With("un", StepStatus.Done).With("standby", StepStatus.Acting)));
    }

    [Fact]
    public void The_software_of_a_machine_that_is_off_is_not_listed_beside_it()
    {
        var run = Of(GoalKind.Failback, On("st1"), Deed("start", new SetService("st1", "a", Run: true)));

        Assert.Equal(["switched off: st1"], Lines(run));
        Assert.Equal(["stopped: a on st1"], Lines(run.With("poweron.st1", StepStatus.Done)));
    }

    private static string[] Lines(RunState state) => [.. LeftBehind.Of(state).Lines()];
}
