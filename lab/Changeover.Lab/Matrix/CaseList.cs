using Changeover.Lab.Breaks;
using Changeover.Lab.Machines;

namespace Changeover.Lab.Matrix;

/// <summary>Everything that is shown on the real cluster, and the part of it that every commit has to show.</summary>
public static class CaseList
{
    private const string Over = "failover", Back = "failback";

    /// <summary>Breaks that are seen before anything is changed.</summary>
    public static ImmutableArray<Refusal> Refusals { get; } =
    [
        new("replication-stopped", "acd-dbm2", "replication.", "acd-dbm2"),
        new("drbd-disconnected", "acd-store2", "drbd.", "acd-store"),
        new("machine-unreachable", "acd-jb3", "exchange.", "acd-jb3"),
        new("replication-lag", "acd-dbs1", "replication.", "acd-dbs1"),
        new("replication-error", "acd-dbs2", "replication.", "acd-dbs2"),
        new("stale-ban", "acd-lb2", "pacemaker.", "acd-lb2"),
        new("balancers-disagree", "acd-lb2", "balancer", "acd-jb5"),
        new("disk-full", "acd-dbs2", "machine.disk-full", "acd-dbs2"),
    ];

    /// <summary>Breaks that a run meets on its way.</summary>
    public static ImmutableArray<Trouble> Troubles { get; } =
    [
        new(Over, "", "", "service-will-not-stop", "acd-jb4", "stop.acd-jb4", "service."),
        new(Over, "", "", "left-session-balancer", "acd-chat2", "quiet.", "quiet.session"),
        new(Over, "", "", "left-session-direct", "acd-api2", "quiet.", "quiet.session"),
        new(Over, "step-done", "gate.quiet", "stickiness-zero", "acd-lb1", "forecast.acd-lb1", "pacemaker."),
        new(Over, "", "", "guest-ignores-shutdown", "acd-chat1", "poweroff.acd-chat1", "power."),
        new(Over, "step-done", "gate.isolated", "haproxy-reloaded", "acd-lb2", "standing.|invariant.one-writer", "balancer|run.two-writers"),
        new(Over, "step-done", "gate.checked", "machine-unreachable", "acd-jb5", "prove.acd-jb5", ""),
        new(Back, "step-done", "poweron.acd-dbm1", "replication-stopped", "acd-dbm1", "check.replication", "replication."),
        new(Back, "step-done", "claim.", "host-storage-down", "acd-jb1", "poweron.", "power.host-not-ready"),
        new(Back, "step-done", "gate.booted", "drbd-disconnected", "acd-store2", "check.pair.store", "drbd."),
        new(Back, "step-done", "gate.synced", "stale-ban", "acd-store1", "forecast.acd-store2", "pacemaker."),
    ];

    /// <summary>Between an action and its verification, and with a node in standby.</summary>
    private static readonly ImmutableArray<Incident> TwoKills =
    [
        new Kill(Over, "step-done", "standby.acd-store1", "with a node in standby"),
        new Kill(Back, "step-heard", "poweron.acd-dbm1", "between action and verification of a power-on"),
    ];

    private static readonly ImmutableArray<Incident> TenKills =
    [
        new Kill(Over, "step-acting", "claim.acd-lb2", "while the claim is taken"),
        new Kill(Over, "step-heard", "backup.", "while the backup runs"),
        new Kill(Over, "step-acting", "stop.", "as the first service is asked to stop"),
        new Kill(Over, "step-acting", "standby.acd-store1", "as the store is set to standby"),
        new Kill(Over, "step-done", "standby.acd-lb1", "with a node in standby"),
        new Kill(Over, "step-heard", "poweroff.acd-dbm1", "between action and verification of a power-off"),
        new Kill(Back, "step-acting", "poweron.acd-store1", "as the store is powered on"),
        new Kill(Back, "step-heard", "standby.acd-store2", "between action and verification of the way back"),
        new Kill(Back, "step-acting", "restore.", "as the servers are set as found"),
        new Kill(Back, "step-heard", "start.", "as the first service has been asked to start"),
    ];

    public static ImmutableArray<Case> All { get; } =
    [
        .. Refusals.Select(r => r.Case),
        new Night("host-1", "vm-host-1 is emptied and brought back", "vm-host-1").Case,
        new Night("host-1-again", "and once more", "vm-host-1").Case,
        new Night("host-2", "vm-host-2 is emptied and brought back; two controllers start at the same moment", "vm-host-2", new Rivals(Over)).Case,
        new Night("host-2-again", "and once more", "vm-host-2").Case,
        new Night("killed-twice", "the controller is killed with a node in standby, and between action and verification", "vm-host-1", TwoKills).Case,
        new Night("killed", "the controller is killed at ten moments", "vm-host-1", TenKills).Case,
        new Night("aborted", "the program ends a session by a person's word; then the failover is called off half way and the way back is derived", "vm-host-1",
            new Trouble(Over, "", "", "left-session-direct", "acd-api2", "quiet.", "quiet.session", "mend"), new Abort(Over, "step-done", "poweroff.acd-dbs1")).Case,
        new Night("aborted-on", "the failover is called off half way, and a second one goes on from there; a guest that ignores its shutdown is forced", "vm-host-1",
            new Trouble(Over, "", "", "guest-ignores-shutdown", "acd-chat1", "poweroff.acd-chat1", "power.", "force"), new Abort(Over, "step-done", "poweroff.acd-dbs1"))
        {
            Course = async (night, stage) =>
            {
                Stage.Must(!await night.Over(stage).Play(), "the failover was not called off");
                Stage.Must(await (night with { Incidents = [.. night.Incidents.OfType<Trouble>()] }).Over(stage).Play(), "the second failover was called off");
                await night.MustBeEmptied(stage);
                await night.Back(stage).Play();
            },
        }.Case,
        new Night("left-out", "a machine does not come back: aborted, gone on without it, and brought back by a later failback", "vm-host-1",
            new Trouble(Back, "", "", "guest-locked", "acd-jb1", "poweron.acd-jb1", "power.", "abort"))
        {
            Course = async (night, stage) =>
            {
                Stage.Must(await night.Over(stage).Play() && !await night.Back(stage).Play(), "the failback was not called off");
                var signed = new Trouble(Back, "", "", "guest-locked", "acd-jb1", "check.as-found", "", "accept");
                await (night with { Incidents = [signed] }).Back(stage).Play("--without", "acd-jb1", "--reason", "does not boot");
                Stage.Must(!Power.Of(Topology.Find("acd-jb1")).IsOn, "acd-jb1 is on");
                await BreakList.Mend("guest-locked");
                stage.Say("mended: guest-locked");
                await (night with { Incidents = [] }).Back(stage).Play();
            },
        }.Case,
        new Night("signed", "the controller is gone with its journal: another goes back by a person's word", "vm-host-1")
        {
            Course = async (night, stage) =>
            {
                await night.Over(stage).Play();
                stage.Forget();
                var refused = await stage.Program.Run(Stage.Limit, "run", "failback", night.Host, "--yes");
                foreach (var line in refused.Error.Split('\n').TakeLast(4)) stage.Say($"  {line}");
                Stage.Must(refused.ExitCode == 3, $"a failback without a journal ended with {refused.ExitCode} and not refused (3): {refused.Text}");
                await night.Back(stage).Play("--sign", "the controller with the journal is gone");
            },
        }.Case,
        new Night("broken-over", "everything breaks once on the way over", "vm-host-1", [.. Troubles.Where(t => t.Goal == Over)]).Case,
        new Night("broken-back", "everything breaks once on the way back", "vm-host-1", [.. Troubles.Where(t => t.Goal == Back)]).Case,
    ];

    /// <summary>
    /// What every commit shows: three refusals, both hosts emptied and brought back, the controller killed twice, two controllers
    /// at once; and three breaks more that change from commit to commit, before a run or in the middle of it.
    /// </summary>
    /// <param name="turn">A number that differs from commit to commit; from 0.</param>
    public static ImmutableArray<Case> OfCommit(int turn)
    {
        const int always = 3, inTurn = 3;
        var refusals = Refusals.Skip(always).ToArray();
        var count = refusals.Length + Troubles.Length;
        // Neighbours in the lists are alike; a third of them apart, a turn has breaks of different kinds.
        var now = Enumerable.Range(0, inTurn).Select(i => (turn + (i * count / inTurn)) % count).ToArray();
        return
        [
            .. Refusals.Take(always).Select(r => r.Case),
            .. now.Where(n => n < refusals.Length).Select(n => refusals[n].Case),
            new Night("host-1", "vm-host-1 is emptied and brought back; two kills, and the breaks whose turn it is", "vm-host-1",
                [.. TwoKills, .. now.Where(n => n >= refusals.Length).Select(n => Troubles[n - refusals.Length])]).Case,
            All.Single(c => c.Name == "host-2"),
        ];
    }
}
