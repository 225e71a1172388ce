using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Tests.Simulation;

/// <summary>What a run refuses before its first change: a state of the cluster, the finding's code, and what it is about.</summary>
public sealed class RefusalTests
{
    /// <summary>Seen by the System Health Check too.</summary>
    public static TheoryData<string, Fault, string, string> Unhealthy() => new()
    {
        { "a socket that only shows", new BalancerLevel("acd-lb2", "operator"), "balancer.read-only", "acd-lb2" },
        { "a full disk", new DiskFills("acd-dbs2"), "machine.disk-full", "acd-dbs2" },
        { "a socket that does not say what it may", new BalancerLevel("acd-lb1", ""), "balancer.rights-unknown", "acd-lb1" },
    };

    /// <summary>X6: what would not come back of a machine that is to be switched off.</summary>
    public static TheoryData<string, Fault, string, string> WouldNotComeBack() => new()
    {
        { "a file written and not loaded", new BalancerFileWritten("acd-lb1"), "balancer.configuration-newer", "acd-lb1" },
        { "a file with a mistake", new BalancerFileWritten("acd-lb1", Valid: false), "balancer.configuration-invalid", "acd-lb1" },
        { "HAProxy disabled", new NotAtBoot("acd-lb1", BootPart.Balancer), "boot.not-started", "acd-lb1" },
        { "the database disabled", new NotAtBoot("acd-dbm1", BootPart.Database), "boot.not-started", "acd-dbm1" },
        { "the cluster's daemons disabled", new NotAtBoot("acd-store1", BootPart.Cluster), "pacemaker.not-enabled", "acd-store1" },
        { "a new kernel without DRBD", new NotAtBoot("acd-store1", BootPart.DrbdModule), "boot.no-drbd", "acd-store1" },
    };

    [Theory]
    [MemberData(nameof(Unhealthy))]
    public void The_health_check_says_so(string what, Fault fault, string code, string subject)
    {
        var world = World.Create(SimulatedRun.Example, 21, SimulatedRun.Start);
        world.Schedule(fault, world.Now);

        var health = SimulatedRun.Health(world);

        Assert.True(health.Verdict != Verdict.Holds, what);
        Assert.Contains((code, subject), SimulatedRun.Reasons(health));
    }

    [Theory]
    [MemberData(nameof(Unhealthy))]
    [MemberData(nameof(WouldNotComeBack))]
    public void A_run_that_meets_it_changes_nothing(string what, Fault fault, string code, string subject)
    {
        var world = World.Create(SimulatedRun.Example, 22, SimulatedRun.Start);
        var simulator = new Simulator(world, AllDrivers.Set);
        var started = SimulatedRun.Begin(world, simulator, GoalKind.Failover, "vm-host-1", null);
        world.Schedule(fault, world.Now);

        var state = simulator.Run(Engine.Evolve(null, started), SimulatedRun.Night, _ => null);

        Assert.True(state.IsHalted && state.NothingChanged, $"{what}: {SimulatedRun.Story(state, world)}");
        Assert.Contains((code, subject), SimulatedRun.Reasons(state));
    }

    /// <summary>The guard of the power-off: what was so at the start has changed in the middle.</summary>
    [Theory]
    [MemberData(nameof(WouldNotComeBack))]
    public void What_would_not_come_back_is_not_switched_off(string what, Fault fault, string code, string subject)
    {
        var world = World.Create(SimulatedRun.Example, 23, SimulatedRun.Start);
        var simulator = new Simulator(world, AllDrivers.Set);
        var started = SimulatedRun.Begin(world, simulator, GoalKind.Failover, "vm-host-1", null);
        world.Schedule(fault, world.Now + TimeSpan.FromSeconds(45));

        var state = simulator.Run(Engine.Evolve(null, started), SimulatedRun.Night, _ => null);

        Assert.True(state.Steps[$"poweroff.{subject}"] is { Status: StepStatus.Halted, Acted: false }, $"{what}: {SimulatedRun.Story(state, world)}");
        Assert.Contains((code, subject), SimulatedRun.Reasons(state));
        Assert.Equal(Changeover.Simulation.Power.On, world.Truth.Machine(subject).Power);
    }

    [Fact]
    public void On_the_kept_side_it_stops_nothing()
    {
        var world = World.Create(SimulatedRun.Example, 24, SimulatedRun.Start);
        world.Schedule(new NotAtBoot("acd-dbm2", BootPart.Database), world.Now);

        var state = SimulatedRun.Go(world, GoalKind.Failover, "vm-host-1", null);

        Assert.True(state.Outcome == RunOutcome.Done, SimulatedRun.Story(state, world));
    }
}
