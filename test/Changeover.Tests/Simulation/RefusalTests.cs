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
        { "a socket that does not say what it may", new BalancerLevel("acd-lb1", ""), "balancer.rights-unknown", "acd-lb1" },
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
}
