using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using Changeover.Tests.Running;
using static Changeover.Tests.Simulation.SimulatedRun;

namespace Changeover.Tests.Simulation;

/// <summary>A step that is left alone because nothing seen concerns it is one of which nothing would have come.</summary>
public sealed class SettledTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(5, true)]
    public void A_turn_that_judges_everything_comes_to_the_same_events(int seed, bool faults)
    {
        var world = World.Create(Example, (ulong)seed, Start);
        var (turns, left) = (0, 0);
        Baseline? baseline = null;
        foreach (var kind in new[] { GoalKind.Failover, GoalKind.Failback })
        {
            var simulator = new Simulator(world, AllDrivers.Set)
            {
                Comes = (state, input) =>
                {
                    turns++;
                    left += state.Settled is null ? 0 : 1;
                    // And the turn before left nothing over by leaving steps alone.
                    if (state.Settled is not null)
                        Assert.DoesNotContain(Engine.Decide(state with { Settled = null }, new Tick(state.Now)), e => e.IsDurable);
                    Assert.Equal(
                        EventText.Of(Engine.Decide(state with { Settled = null }, input)),
                        EventText.Of(Engine.Decide(state, input)));
                },
            };
            var started = Begin(world, simulator, kind, "vm-host-1", baseline);
            if (faults)
                world.Apply(FaultPlan.Draw((ulong)seed + (kind == GoalKind.Failback ? 1_000_000UL : 0), Example, TimeSpan.FromMinutes(8)).Later(world.Now));
            var run = simulator.Run(Engine.Evolve(null, started), Night, Retries(6));
            if (run.Outcome != RunOutcome.Done)
                break;
            baseline = run.Baseline;
        }
        Assert.True(turns > 500, $"{turns} turns");
        Assert.True(left > turns * 9 / 10, $"{left} of {turns} turns knew what to leave alone");
    }
}
