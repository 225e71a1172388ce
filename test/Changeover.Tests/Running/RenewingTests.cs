using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using Changeover.Tests.Simulation;

namespace Changeover.Tests.Running;

/// <summary>After a resume the claims are taken again before anything else leaves: another controller may hold the cluster by now.</summary>
public sealed class RenewingTests
{
    [Fact]
    public void A_persons_word_to_pull_the_plug_waits_for_the_claims()
    {
        const string step = "poweroff.acd-jb1";
        var world = World.Create(SimulatedRun.Example, 31, SimulatedRun.Start);
        world.Schedule(new GuestIgnoresShutdown("acd-jb1"), world.Now);
        var halted = SimulatedRun.Go(world, GoalKind.Failover, "vm-host-1", null);
        Assert.Equal([step], halted.Halted.Select(s => s.Id));
        var resumed = Engine.Evolve(halted, new RunResumed(halted.Now, "controller", 2));

        var (events, forced) = Engine.DecideAndEvolve(resumed, new Decided(resumed.Now, step, Answer.Force, "operator", "it hangs"));

        Assert.Contains(events, e => e is StepActing { Hard: true });
        Assert.NotEmpty(forced.Renewing);
        Assert.All(Performs(forced), p => Assert.IsType<TakeClaim>(p.Action));
        var renewed = forced.Renewing.Aggregate(forced, (state, machine) => Engine.Evolve(state, new ClaimRenewed(state.Now, machine)));
        Assert.Equal([new SetPower("acd-jb1", "vm-host-1", On: false, Hard: true)], Performs(renewed).Select(p => p.Action));
    }

    private static IEnumerable<Effect.Perform> Performs(RunState state) => Engine.Pending(state).OfType<Effect.Perform>();
}
