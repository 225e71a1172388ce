using System.Collections.Concurrent;
using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Tests.Simulation;

/// <summary>Something that goes wrong right when a step begins, after everything before it was checked and found good.</summary>
/// <param name="At">The step; its beginning where the id ends with what only a run knows.</param>
/// <param name="Code">What the run halts with, its beginning where it ends with a dot (a question that is lost, or one that cannot be sent any more, is luck), and <paramref name="Subject"/> what it is about.</param>
internal sealed record Break(string What, GoalKind Goal, string At, ImmutableArray<Fault> Faults, string Code, string Subject)
{
    /// <summary>It strikes this much after the step began.</summary>
    public TimeSpan Later { get; init; }

    /// <summary>The step is not begun: its guard sees it.</summary>
    public bool Guarded { get; init; } = true;

    /// <summary>What a person does about it, besides what heals by itself.</summary>
    public Action<World> Mend { get; init; } = _ => { };

    /// <summary>What the person then says.</summary>
    public Answer Says { get; init; } = Answer.Retry;

    /// <summary>No procedure mends it: the run stays halted.</summary>
    public bool ForGood { get; init; }
}

/// <param name="Place">Before (a guard), After (a verification) or Standing (watched all the time).</param>
internal sealed record Tripped(string Verb, string Place, string Condition);

/// <summary>How a run with a break went.</summary>
internal sealed record Played(World World, RunState Halted, ImmutableArray<Tripped> Tripped, RunState Ended);

/// <summary>Breaks for every guard and every condition, and how they are played. See <see cref="FaultCatalogueTests"/>.</summary>
internal static class FaultCatalogue
{
    /// <summary>Shows files of the store and needs no database: nothing but its own state tells that it uses the store.</summary>
    private const string Archive = "jtel-archive";

    /// <summary>The example with a singleton that can be asked and set, and software that uses only the share.</summary>
    public static readonly ClusterInventory Site = SimulatedRun.Example with
    {
        Roles = [.. SimulatedRun.Example.Roles.Select(r => r.Name == "api" ? r with { Services = [.. r.Services, Archive] } : r)],
        Services =
        [
            .. SimulatedRun.Example.Services.Select(s => s.Singleton.Length > 0
                ? s with { SingletonProbe = "C:\\site\\daemon.cmd probe", SingletonControl = "C:\\site\\daemon.cmd" }
                : s),
            new() { Name = Archive, Title = "Archive", NeedsShare = true },
        ],
    };

    /// <summary>Everything before a goal is done without faults, and the cluster kept.</summary>
    private static readonly Lazy<(string World, RunState Over)> Emptied = new(() =>
    {
        var world = World.Create(Site, 91, SimulatedRun.Start);
        var over = Run(world, GoalKind.Failover, null, PlanOptions.Default, new(world, AllDrivers.Set), _ => null);
        Assert.True(over.Outcome == RunOutcome.Done, SimulatedRun.Story(over, world));
        // Long enough that the side that stayed has written what the other lacks.
        world.AdvanceTo(world.Now + TimeSpan.FromMinutes(2));
        return (world.Save(), over);
    });

    private static readonly Lazy<(string World, RunState Over, RunState Back)> Whole = new(() =>
    {
        var world = World.Load(Emptied.Value.World, Site);
        var back = Run(world, GoalKind.Failback, Emptied.Value.Over.Baseline, PlanOptions.Default, new(world, AllDrivers.Set), _ => null);
        Assert.True(back.Outcome == RunOutcome.Done, SimulatedRun.Story(back, world));
        return (world.Save(), Emptied.Value.Over, back);
    });

    private static readonly ConcurrentDictionary<string, Lazy<Played>> Results = new(StringComparer.Ordinal);

    public static Played Of(string what) => Results.GetOrAdd(what, w => new(() => Play(Breaks.Single(b => b.What == w)))).Value;

    /// <summary>The plans whose guards have to be seen at work.</summary>
    public static IEnumerable<Plan> Plans()
    {
        yield return Emptied.Value.Over.Plan;
        yield return Whole.Value.Back.Plan;
        var (world, over, back) = Whole.Value;
        var simulator = new Simulator(World.Load(world, Site), AllDrivers.Set);
        yield return Started(simulator, World.Load(world, Site), GoalKind.Close, back.Baseline, Closing(over, back)).Plan;
    }

    public static IEnumerable<Condition> Leaves(Condition? condition) => condition switch
    {
        null => [],
        All all => all.Conditions.SelectMany(Leaves),
        _ => [condition],
    };

    public static string Verb(string step) => step.Split('.')[0];

    private static PlanOptions Closing(RunState over, RunState back) => PlanOptions.Default with { Leftovers = Maintenances.Left([over, back]) };

    private static Played Play(Break it)
    {
        var (world, baseline, options) = it.Goal switch
        {
            GoalKind.Failover => (World.Create(Site, 91, SimulatedRun.Start), (Baseline?)null, PlanOptions.Default),
            GoalKind.Failback => (World.Load(Emptied.Value.World, Site), Emptied.Value.Over.Baseline, PlanOptions.Default),
            _ => (World.Load(Whole.Value.World, Site), Whole.Value.Back.Baseline, Closing(Whole.Value.Over, Whole.Value.Back)),
        };
        var struck = false;
        var simulator = new Simulator(world, AllDrivers.Set)
        {
            Happened = e =>
            {
                if (struck || e is not StepReady ready || !(ready.Step == it.At || (it.At.EndsWith('.') && ready.Step.StartsWith(it.At, StringComparison.Ordinal))))
                    return;
                struck = true;
                foreach (var fault in it.Faults)
                    world.Schedule(fault, world.Now + it.Later);
            },
        };
        var halted = Run(world, it.Goal, baseline, options, simulator, _ => null);
        Assert.True(struck, $"{it.What}: {it.At} never began; {SimulatedRun.Story(halted, world)}");
        var tripped = Trips(halted).ToImmutableArray();
        if (!halted.IsHalted || it.ForGood)
            return new(world, halted, tripped, halted);
        it.Mend(world);
        world.Heal();
        world.AdvanceTo(world.Now + TimeSpan.FromMinutes(2));
        var words = 60;
        var ended = simulator.Run(halted, SimulatedRun.Night, state =>
        {
            if (words-- == 0)
                return null;
            var id = state.Halted.Select(s => s.Id).Concat(state.Broken.Keys).First();
            var answer = Changeover.Running.Answers.For(state, id).Contains(it.Says) ? it.Says : Answer.Retry;
            return new Decided(default, id, answer, "test", answer == Answer.Retry ? "" : "seen and known");
        });
        return new(world, halted, tripped, ended);
    }

    private static RunState Run(World world, GoalKind goal, Baseline? baseline, PlanOptions options, Simulator simulator, Func<RunState, Decided?> decide) =>
        simulator.Run(Engine.Evolve(null, Started(simulator, world, goal, baseline, options)), SimulatedRun.Night, decide);

    private static RunStarted Started(Simulator simulator, World world, GoalKind goal, Baseline? baseline, PlanOptions options)
    {
        var found = baseline ?? Baseline.Take("m1", world.Utc, simulator.Observe(WhatToLookAt.Everything(Site), TimeSpan.FromMinutes(2)));
        var plan = Planner.Derive(Site, "digest", new(goal, "vm-host-1"), found, options, world.Utc);
        return new(simulator.Now, goal.ToString(), "controller", 1, Site, plan, []);
    }

    /// <summary>The conditions that do not hold by what was last seen, of what is halted.</summary>
    private static IEnumerable<Tripped> Trips(RunState state)
    {
        var view = state.View(default) with { AnyAge = true };
        IEnumerable<Tripped> Failing(string verb, string place, Condition? condition) =>
            Leaves(condition).Where(c => c.Judge(view).Verdict == Verdict.Fails).Select(c => new Tripped(verb, place, c.GetType().Name));
        // What is watched may halt the run first: the guard of a step that was about to act counts all the same.
        foreach (var step in state.Plan.Steps.Where(s => state.Steps[s.Id].Status == StepStatus.Halted || (state.Steps[s.Id].Status == StepStatus.Checking && s.Action is not null)))
        {
            var guarded = step.Action is not null && !state.Steps[step.Id].Acted;
            foreach (var tripped in Failing(Verb(step.Id), guarded ? "Before" : "After", guarded ? step.Before : step.After))
                yield return tripped;
        }
        foreach (var watched in Watch.Conditions(state).Where(w => state.Broken.ContainsKey(w.Id)))
        {
            foreach (var tripped in Failing(Verb(watched.Id), "Standing", watched.Condition))
                yield return tripped;
        }
    }

    private static void Wait(World world, double minutes) => world.AdvanceTo(world.Now + TimeSpan.FromMinutes(minutes));

    /// <summary>Faults that undo others, each with the time it takes.</summary>
    private static Action<World> Then(params ImmutableArray<Fault> faults) => world =>
    {
        foreach (var fault in faults)
        {
            world.Schedule(fault, world.Now);
            Wait(world, 1);
        }
    };

    private static Action<World> ByHand(ClusterAction action) => world =>
    {
        world.Person(action);
        Wait(world, 1);
    };

    private static Action<World> Silenced(string machine, string service) => world =>
    {
        Then(new ServiceRestarts(machine, service, false))(world);
        ByHand(new SetService(machine, service, false))(world);
    };

    private static Break Over(string what, string at, Fault[] faults, string code, string subject) => new(what, GoalKind.Failover, at, [.. faults], code, subject);

    private static Break Back(string what, string at, Fault[] faults, string code, string subject) => new(what, GoalKind.Failback, at, [.. faults], code, subject);

    private static SomebodySetsServer Sets(string balancer, string backend, string server, ServerAdmin admin) => new(balancer, backend, server, admin);

    /// <summary>The master that stays lacks what somebody writes on the other.</summary>
    private static Fault[] Writing(string on, string behind) => [new ReplicationStops(behind), new SessionForgotten("acd-jb5", on, Direct: true, Writes: true)];

    public static readonly ImmutableArray<Break> Breaks =
    [
        // ---- guards of the failover, in its order -------------------------------------------------------------------
        Over("a copy of the machine answers when its software is stopped", "stop.acd-api1.jtelrest", [new CopyAnswers("acd-api1")], "machine.wrong-name", "acd-api1"),
        Over("a copy of the machine answers when its backup is made", "backup.acd-dbm1", [new CopyAnswers("acd-dbm1")], "machine.wrong-name", "acd-dbm1"),
        Over("a person puts the other node into standby before the store moves", "standby.acd-store1", [new SomebodySetsStandby("acd-store2")], "pacemaker.peer-not-as-expected", "store")
            with { Mend = Then(new SomebodySetsStandby("acd-store2", false)) },
        Over("a person bans the store from where it is to go", "standby.acd-store1", [new StaleBan("acd-store2")], "pacemaker.leftover-constraint", "store")
            with { Mend = Then(new SomebodyClears("acd-store2")) },
        Over("a person moves the store with pcs", "standby.acd-store1", [new SomebodyMoves("acd-store2")], "pacemaker.leftover-constraint", "store")
            with { Mend = Then(new SomebodyMoves("acd-store1"), new SomebodyClears("acd-store1")) },
        Over("the copy that is to take over is made anew, slowly", "standby.acd-store1", [new ResyncSlow("acd-store2"), new CopyInvalidated("acd-store2")], "drbd.promotion-score", "store"),
        Over("DRBD is disconnected by hand before the store moves", "standby.acd-store1", [new DrbdDisconnected("acd-store2")], "drbd.stand-alone", "acd-store2")
            with { Mend = Then(new DrbdDisconnected("acd-store2", false)) },
        Over("DRBD has a split brain before the store moves", "standby.acd-store1", [new SplitBrain("acd-store1")], "drbd.stand-alone", "acd-store1")
            with { Mend = Then(new SplitBrain("acd-store1", false)) },
        Over("software that uses only the share is started before the store moves", "standby.acd-store1", [new SomebodyStartsService("acd-api2", Archive)], "service.not-as-expected", "acd-api2")
            with { Mend = ByHand(new SetService("acd-api2", Archive, false)) },
        Over("a session is opened before the store moves", "standby.acd-store1", [new SessionForgotten("acd-jb1", "acd-dbm1", Direct: true)], "quiet.session", "acd-dbm1") with { Says = Answer.Mend },
        Over("a person sets a server of one balancer before the address moves", "standby.acd-lb1", [Sets("acd-lb2", "jb", "acd-jb1", ServerAdmin.Maint)], "balancer.differ", "acd-lb1")
            with { Mend = Then(Sets("acd-lb2", "jb", "acd-jb1", ServerAdmin.Ready)) },
        Over("a person puts the new holder into standby too", "unstandby.acd-store1", [new SomebodySetsStandby("acd-store2")], "address.missing", "acd-store2")
            with { Mend = Then(new SomebodySetsStandby("acd-store2", false)) },
        Over("a person takes the last other server of a backend", "maint.acd-lb2", [Sets("acd-lb2", "chat", "acd-chat2", ServerAdmin.Maint)], "balancer.last-server", "acd-lb2")
            with { Mend = Then(Sets("acd-lb2", "chat", "acd-chat2", ServerAdmin.Ready)) },
        Over("somebody writes on the old master before it is set aside", "maint.acd-lb2", Writing("acd-dbm1", "acd-dbm2"), "database.behind", "acd-dbm2") with { Says = Answer.Mend },
        Over("a backup of the hypervisor holds the guest", "poweroff.acd-jb1", [new GuestLocked("acd-jb1")], "power.locked", "acd-jb1"),
        Over("software is started on a machine that is to go off", "poweroff.acd-jb1", [new SomebodyStartsService("acd-jb1", "wildfly")], "service.not-as-expected", "acd-jb1")
            with { Mend = ByHand(new SetService("acd-jb1", "wildfly", false)) },
        Over("the cluster's daemons are disabled on a machine that is to go off", "poweroff.acd-store1", [new NotAtBoot("acd-store1", BootPart.Cluster)], "pacemaker.not-enabled", "acd-store1")
            with { Mend = Then(new NotAtBoot("acd-store1", BootPart.Cluster, false)) },
        Over("a person puts the cluster into maintenance mode before a store goes off", "poweroff.acd-store1", [new MaintenanceMode("acd-store1")], "pacemaker.maintenance-mode", "store")
            with { Mend = Then(new MaintenanceMode("acd-store1", false)) },
        Over("DRBD has a split brain before the second copy goes off", "poweroff.acd-store1", [new SplitBrain("acd-store2")], "drbd.stand-alone", "acd-store2")
            with { Mend = Then(new SplitBrain("acd-store2", false)) },
        Over("a person makes the old master ready before it goes off", "poweroff.acd-dbm1", [Sets("acd-lb2", "mysql", "acd-dbm1", ServerAdmin.Ready)], "balancer.server-not-as-expected", "acd-lb2")
            with { Mend = Then(Sets("acd-lb2", "mysql", "acd-dbm1", ServerAdmin.Maint)) },
        Over("somebody writes on the old master before it goes off", "poweroff.acd-dbm1", Writing("acd-dbm1", "acd-dbm2"), "database.behind", "acd-dbm2") with { Says = Answer.Mend },
        Over("a mount of the share is dead before software starts on it", "start.acd-jb4.wildfly", [new MountLost("acd-jb4")], "client.share-unusable", "acd-jb4"),
        Over("a person takes the writer before software starts", "start.acd-jb4.wildfly", [Sets("acd-lb2", "mysql", "acd-dbm2", ServerAdmin.Maint)], "run.pool-emptied", "acd-lb2")
            with { Mend = Then(Sets("acd-lb2", "mysql", "acd-dbm2", ServerAdmin.Ready)) },

        // ---- guards that only the failback has ----------------------------------------------------------------------
        Back("a snapshot of the hypervisor holds a guest that is to start", "poweron.acd-jb1", [new GuestLocked("acd-jb1", "snapshot")], "power.locked", "acd-jb1"),
        Back("a storage of the host is gone when its machines are to start", "poweron.acd-store1", [new HostPartDown("vm-host-1", "local-lvm")], "power.host-not-ready", "acd-store1")
            with { Mend = Then(new HostPartDown("vm-host-1", "local-lvm", false)) },
        Back("the store that stayed stands alone when the other is to start", "poweron.acd-store1", [new DrbdDisconnected("acd-store2")], "drbd.stand-alone", "acd-store2")
            with { Mend = Then(new DrbdDisconnected("acd-store2", false)) },
        Back("a person puts the cluster into maintenance mode before the other balancer starts", "poweron.acd-lb1", [new MaintenanceMode("acd-lb2")], "pacemaker.maintenance-mode", "lb")
            with { Mend = Then(new MaintenanceMode("acd-lb2", false)) },
        Back("a person takes the stores' stickiness before the other one starts", "poweron.acd-store1", [new StickinessZero("acd-store2")], "pacemaker.join-forecast", "store")
            with { Mend = Then(new StickinessZero("acd-store2", false)) },
        Back("a person takes the balancers' stickiness before the other one starts", "poweron.acd-lb1", [new StickinessZero("acd-lb2")], "pacemaker.join-forecast", "lb")
            with { Mend = Then(new StickinessZero("acd-lb2", false)) },
        Back("crm_simulate is gone and the stickiness too before the other balancer starts", "poweron.acd-lb1", [new NoCrmSimulate("acd-lb2"), new StickinessZero("acd-lb2")], "pacemaker.not-plainly-safe", "lb")
            with { Mend = Then(new StickinessZero("acd-lb2", false)) },
        Back("the store cannot be reached when software that starts with its machine would", "poweron.acd-tel1", [new MachineUnreachable("acd-store2")], "exchange.", "acd-store2"),
        Back("a person takes the writer before software that starts with its machine would", "poweron.acd-jb1", [Sets("acd-lb2", "mysql", "acd-dbm2", ServerAdmin.Maint)], "run.pool-emptied", "acd-lb2")
            with { Mend = Then(Sets("acd-lb2", "mysql", "acd-dbm2", ServerAdmin.Ready)) },
        Back("a network of the host is gone when a machine is to start", "poweron.acd-lb1", [new HostPartDown("vm-host-1", "vmbr0")], "power.host-not-ready", "acd-lb1")
            with { Mend = Then(new HostPartDown("vm-host-1", "vmbr0", false)) },
        Back("a person makes the old master ready before it boots", "poweron.acd-dbm1", [Sets("acd-lb2", "mysql", "acd-dbm1", ServerAdmin.Ready)], "balancer.server-not-as-expected", "acd-lb2")
            with { Mend = Then(Sets("acd-lb2", "mysql", "acd-dbm1", ServerAdmin.Maint)) },
        Back("a copy of the machine answers when its software is silenced", "silence.acd-jb1.wildfly", [new CopyAnswers("acd-jb1")], "machine.wrong-name", "acd-jb1"),
        Back("somebody writes on the old master before it is made ready", "restore.acd-lb1", Writing("acd-dbm2", "acd-dbm1"), "quiet.session", "acd-dbm2") with { Says = Answer.Mend },
        Back("a session stays on the other master when software starts", "start.acd-jb1.wildfly", [new SessionForgotten("acd-jb5", "acd-dbm2", Direct: true)], "quiet.session", "acd-dbm2")
            with { Says = Answer.Mend },

        // ---- what a first look, a verification or the watch sees ----------------------------------------------------
        Over("a full disk", "check.start", [new DiskFills("acd-dbs2")], "machine.disk-full", "acd-dbs2") with { Guarded = false, Mend = Then(new DiskFills("acd-dbs2", false)) },
        Over("a dead machine", "check.start", [new MachineDies("acd-chat2")], "power.not-as-expected", "acd-chat2") with { Guarded = false, Mend = Then(new SomebodyStartsGuest("acd-chat2")) },
        Over("a statistics user on HAProxy's socket", "check.start", [new BalancerLevel("acd-lb2", "operator")], "balancer.read-only", "acd-lb2")
            with { Guarded = false, Mend = Then(new BalancerLevel("acd-lb2", "admin")) },
        Over("a replica that stopped with an error", "check.start", [new ReplicationStops("acd-dbs2", 1062)], "replication.not-running", "acd-dbs2")
            with { Guarded = false, Mend = Then(new ReplicaRebuilt("acd-dbs2")) },
        Over("a replica whose password is wrong", "check.start", [new ReplicationPassword("acd-dbs2")], "replication.not-running", "acd-dbs2")
            with { Guarded = false, Mend = Then(new ReplicationPassword("acd-dbs2", false)) },
        Over("the monitoring's login may only look", "downtime.kept", [new MonitoringRefuses()], "run.refused", "downtime.kept") with { Guarded = false },
        Over("the monitoring's clock is days ahead", "downtime.emptied", [new ClockOff("monitoring", TimeSpan.FromDays(20))], "downtime.missing", "acd-dbm1") with { Guarded = false },
        Over("the disk fills while the backup is made", "backup.acd-dbm1", [new DiskFills("acd-dbm1")], "backup.not-complete", "acd-dbm1")
            with { Guarded = false, Later = TimeSpan.FromSeconds(3), Mend = Then(new DiskFills("acd-dbm1", false)) },
        Over("a service will not stop", "stop.acd-jb2.wildfly", [new ServiceSticks("acd-jb2", "wildfly")], "service.not-as-expected", "acd-jb2") with { Guarded = false },
        Over("sudo asks for a password", "stop.acd-jb5.wildfly", [new SudoGone("acd-jb5")], "run.refused", "stop.acd-jb5.wildfly") with { Guarded = false },
        Over("another host key", "stop.acd-jb5.wildfly", [new HostKeyChanged("acd-jb5")], "exchange.host-key-changed", "acd-jb5"),
        Over("a service that starts itself again", "stop.acd-jb5.wildfly", [new ServiceRestarts("acd-jb5", "wildfly")], "quiet.session", "acd-dbm1")
            with { Guarded = false, Mend = Silenced("acd-jb5", "wildfly") },
        Over("software of the share that starts itself again", "stop.acd-api2.jtel-archive", [new ServiceRestarts("acd-api2", Archive)], "service.not-as-expected", "acd-api2")
            with { Guarded = false, Mend = Silenced("acd-api2", Archive) },
        Over("the promotion fails", "standby.acd-store1", [new PromotionFails("acd-store2")], "pacemaker.failure", "store") with { Guarded = false, Mend = Then(new SomebodyCleansUp("acd-store2")) },
        Over("promotion scores that are not refreshed", "standby.acd-store1", [new ScoresLag("acd-store1")], "drbd.promotion-score", "store") with { Guarded = false },
        Over("HAProxy's socket loses its level in the middle", "maint.acd-lb2", [new BalancerLevel("acd-lb2", "user")], "run.refused", "maint.acd-lb2")
            with { Guarded = false, Mend = Then(new BalancerLevel("acd-lb2", "admin")) },
        Over("a person takes the writer from one balancer", "quiet.sessions", [Sets("acd-lb1", "mysql", "acd-dbm1", ServerAdmin.Maint)], "run.two-writers", "acd-lb1 and acd-lb2")
            with { Guarded = false, Mend = Then(Sets("acd-lb1", "mysql", "acd-dbm1", ServerAdmin.Ready)) },
        Over("a person empties a backend", "quiet.sessions", [Sets("acd-lb2", "chat", "acd-chat1", ServerAdmin.Maint), Sets("acd-lb2", "chat", "acd-chat2", ServerAdmin.Drain)], "run.pool-emptied", "acd-lb2")
            with { Guarded = false, Mend = Then(Sets("acd-lb2", "chat", "acd-chat1", ServerAdmin.Ready), Sets("acd-lb2", "chat", "acd-chat2", ServerAdmin.Ready)) },
        Over("the stores do not hear each other", "quiet.sessions", [new LinkCut("acd-store1")], "run.two-primaries", "acd-store1 and acd-store2")
            with { Guarded = false, Mend = Then(new LinkCut("acd-store1", false), new SplitBrain("acd-store1", false), new SomebodyCleansUp("acd-store1")) },
        Over("the balancers do not hear each other", "quiet.sessions", [new LinkCut("acd-lb1")], "address.twice", "10.20.0.30") with { Guarded = false, Mend = Then(new LinkCut("acd-lb1", false)) },
        Over("a person sends the store back while one-sided", "poweroff.acd-api1", [new SomebodySetsStandby("acd-store2")], "address.missing", "acd-store2")
            with { Guarded = false, Mend = Then(new SomebodySetsStandby("acd-store2", false), new SomebodyMoves("acd-store2"), new SomebodyClears("acd-store2")) },
        Over("a guest that boots by itself after it went off", "poweroff.acd-jb2", [new GuestBootsAgain("acd-jb2")], "power.not-as-expected", "acd-jb2")
            with { Guarded = false, Mend = ByHand(new SetPower("acd-jb2", "vm-host-1", false)) },
        Over("the side that stays stopped applying", "check.databases", [new ReplicationStops("acd-dbm2", 1062)], "replication.not-waiting", "acd-dbm2")
            with { Guarded = false, Mend = Then(new ReplicaRebuilt("acd-dbm2")) },
        Over("somebody switches a carrier of the singleton on again before it runs on the other side", "singleton.acd-tel2.acdgroupdistribute", [new SomebodyStartsGuest("acd-tel1")], "power.not-as-expected", "acd-tel1")
            with
        { Mend = w => w.Person(new SetPower("acd-tel1", "vm-host-1", On: false)) },
        Over("the singleton's control fails", "singleton.acd-tel2.", [new SingletonRefuses("acd-tel2")], "singleton.not-as-expected", "acd-tel2") with { Guarded = false },
        Over("the monitoring's login may only look when the downtimes end", "downtime-end.kept", [new MonitoringRefuses()], "run.refused", "downtime-end.kept") with { Guarded = false },
        Over("somebody takes the claim before it is given back", "release.acd-store2", [new SomebodyClaims("acd-store2", "somebody")], "run.refused", "release.acd-store2")
            with { Guarded = false, Says = Answer.Accept },
        Back("a machine is on without a run", "check.start", [new SomebodyStartsGuest("acd-jb1")], "power.not-as-expected", "acd-jb1")
            with { Guarded = false, Mend = ByHand(new SetPower("acd-jb1", "vm-host-1", false)) },
        Back("the logs that the other master needs are gone", "check.start", [new LogsPurged("acd-dbm2")], "database.logs-gone", "acd-dbm2") with { Guarded = false, ForGood = true },
        Back("the logs are removed before the other master boots", "poweron.acd-dbm1", [new LogsPurged("acd-dbm2")], "replication.not-running", "acd-dbm1")
            with { Guarded = false, Mend = Then(new ReplicaRebuilt("acd-dbm1")) },
        Back("the password of the replication has changed meanwhile", "poweron.acd-dbm1", [new ReplicationPassword("acd-dbm1")], "replication.not-running", "acd-dbm1")
            with { Guarded = false, Mend = Then(new ReplicationPassword("acd-dbm1", false)) },
        Back("somebody stops a replica whose source comes back", "replicate.acd-dbm2", [new ReplicationStops("acd-dbm2")], "replication.not-running", "acd-dbm2") with { Says = Answer.Mend },
        Back("somebody's downtime in the end", "check.as-found", [new SomebodySetsDowntime("acd-jb1")], "as-found.differs", "monitoring") with { Guarded = false, Says = Answer.Accept },
        new("the disk with the backup is read-only", GoalKind.Close, "remove-backup.acd-dbm1.m1-failover", [new DiskReadOnly("acd-dbm1")], "run.refused", "remove-backup.acd-dbm1.m1-failover")
        {
            Guarded = false,
            Mend = Then(new DiskReadOnly("acd-dbm1", false)),
        },
    ];
}
