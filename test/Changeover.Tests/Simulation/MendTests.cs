using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using static Changeover.Tests.Simulation.SimulatedRun;

namespace Changeover.Tests.Simulation;

/// <summary>What the tool offers to do about a halt, and does only when a person says so.</summary>
public sealed class MendTests
{
    private static (World World, Simulator Simulator, RunState Halted) Halt(Fault fault)
    {
        var world = World.Create(Example, 4, Start);
        var simulator = new Simulator(world, AllDrivers.Set);
        var started = Begin(world, simulator, GoalKind.Failover, "vm-host-1", null);
        world.Schedule(fault, world.Now + TimeSpan.FromSeconds(20));
        var halted = simulator.Run(Engine.Evolve(null, started), Night, _ => null);
        Assert.True(halted.IsHalted, Story(halted, world));
        return (world, simulator, halted);
    }

    private static string Id(RunState state) => state.Halted.Select(s => s.Id).Concat(state.Broken.Keys).Single(id => !Mends.For(state, id).IsEmpty);

    private static Func<RunState, Decided?> Once(Answer answer, string reason)
    {
        var left = 1;
        return state => left-- > 0 ? new(default, Id(state), answer, "operator", reason) : null;
    }

    public static TheoryData<Fault, Type> Offered => new()
    {
        { new SessionForgotten("acd-jb1", "acd-dbm1", Direct: true), typeof(EndSession) },
        { new ReplicationStops("acd-dbm2"), typeof(SetReplication) },
    };

    [Theory]
    [MemberData(nameof(Offered))]
    public void It_is_offered_with_what_it_will_do_and_then_the_run_goes_on(Fault fault, Type what)
    {
        var (world, simulator, halted) = Halt(fault);

        Assert.All(Mends.For(halted, Id(halted)), m => Assert.IsType(what, m));
        Assert.Contains(Answer.Mend, Changeover.Running.Answers.For(halted, Id(halted)));
        var state = simulator.Run(halted, Night, Once(Answer.Mend, "asked the agent"));

        Assert.True(state.Outcome == RunOutcome.Done, Story(state, world));
        Assert.Empty(Ours(world));
        Assert.Contains(simulator.Journal, e => e is MendAsked);
        Assert.Equal(RunOutcome.Done, Engine.Fold(simulator.Journal).Outcome);
    }

    [Fact]
    public void Without_a_reason_nothing_is_done()
    {
        var (_, simulator, halted) = Halt(new SessionForgotten("acd-jb1", "acd-dbm1", Direct: true));

        Assert.Empty(Engine.Decide(halted, new Decided(simulator.Now, Id(halted), Answer.Mend, "operator", " ")).OfType<MendAsked>());
    }

    [Fact]
    public void Replication_that_stopped_with_an_error_is_left_to_a_person()
    {
        var (_, _, halted) = Halt(new ReplicationStops("acd-dbm2", 1062));

        Assert.All(halted.Halted.Select(s => s.Id).Concat(halted.Broken.Keys), id => Assert.DoesNotContain(Answer.Mend, Changeover.Running.Answers.For(halted, id)));
    }

    [Fact]
    public void A_controller_that_dies_in_between_does_it_after_its_claims_are_renewed()
    {
        var (world, simulator, halted) = Halt(new SessionForgotten("acd-jb1", "acd-dbm1", Direct: true));
        var id = Id(halted);
        var events = Engine.Decide(halted, new Decided(simulator.Now, id, Answer.Mend, "operator", "asked the agent")).Where(e => e.IsDurable).ToArray();
        var journal = simulator.Journal.Concat(events).ToArray();

        var second = new Simulator(world, AllDrivers.Set);
        var resumed = Engine.Evolve(Engine.Fold(journal), new RunResumed(second.Now, "controller", 2));
        Assert.Empty(Mends.Pending(resumed));
        var state = second.Run(resumed, Night, _ => null);

        Assert.True(state.Outcome == RunOutcome.Done, Story(state, world));
    }
}
