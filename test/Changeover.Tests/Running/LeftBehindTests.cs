using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.PairedRun;

namespace Changeover.Tests.Running;

/// <summary>What an aborted run leaves in the cluster: what was asked for and not seen undone.</summary>
public sealed class LeftBehindTests
{
    /// <summary>A deed, what undoes it, something that undoes another, and the line.</summary>
    public static TheoryData<ClusterAction, ClusterAction?, ClusterAction, string> Deeds() => new()
    {
        { new SetStandby("lb1", true, "lb2"), new SetStandby("lb1", false, "lb2"), new SetStandby("st1", false, "st2"), "in standby, or about to be: lb1" },
        { new SetPower("st1", "h1", On: false), null, new SetPower("st1", "h1", On: true), "switched off: st1" },
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
        var run = Of(Deed("deed", deed), Deed("undone", undone ?? new RemoveDowntime("none")), Deed("other", other));

        Assert.Empty(Lines(run));
        Assert.Empty(Lines(run.With("deed", StepStatus.Checking)));
        var acting = run.With("deed", StepStatus.Acting);
        Assert.Equal([line], Lines(acting));
        Assert.Equal([line], Lines(acting.With("deed", StepStatus.Done).With("other", StepStatus.Done)));
        Assert.Equal([line], Lines(acting.With("undone", StepStatus.Acting)));
        string[] left = undone is null ? [line] : [];
        Assert.Equal(left, Lines(acting.With("undone", StepStatus.Done)));
    }

    private static string[] Lines(RunState state) => [.. LeftBehind.Of(state).Lines()];
}
