using Changeover.Drivers;
using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using static Changeover.Tests.Simulation.SimulatedRun;

namespace Changeover.Tests.Simulation;

/// <summary>B0: a machine that does not come back. The others go back without it, and a later plan brings it after them.</summary>
public sealed class MissingMachineTests
{
    private const string Host = "vm-host-1";

    public static TheoryData<string> Machines => [.. Example.MachinesOn(Host).Select(m => m.Name)];

    private static (HealthCheck Health, RunStarted? Started, Simulator Simulator) Derive(World world, PlanOptions options, params RunState[] runs)
    {
        var simulator = new Simulator(world, AllDrivers.Set);
        var snapshot = Look(simulator);
        var goal = new Goal(GoalKind.Failback, Host);
        var (found, remainder) = Outset.Of(Example, goal, Maintenances.Open(runs, Host), Baseline.Take("", world.Utc, snapshot), isSigned: false);
        var health = HealthCheck.Of(Example, snapshot, simulator.Now, Host, found, goal, options, remainder);
        return (health, health.Verdict == Verdict.Holds ? Begin(world, simulator, GoalKind.Failback, Host, found, options, remainder) : null, simulator);
    }

    private static RunState Go(World world, PlanOptions options, params RunState[] runs)
    {
        var (health, started, simulator) = Derive(world, options, runs);
        Assert.True(started is not null, string.Join('\n', health.Areas.SelectMany(a => a.Judgement.Findings)));
        var state = simulator.Run(Engine.Evolve(null, started), Night, Signs);
        Assert.True(state.Outcome == RunOutcome.Done, Story(state, world));
        return state;
    }

    /// <summary>What is not as found because a machine is left out is named, and a person signs it.</summary>
    private static Decided? Signs(RunState state) =>
        state.Plan.Without is not null && state.Halted.Select(s => s.Id).SequenceEqual(["check.as-found"])
            ? new(state.Now, "check.as-found", Answer.Accept, "operator", "comes back tomorrow")
            : null;

    private static PlanOptions Without(string machine) => new(ImmutableSortedDictionary<string, string>.Empty.Add(machine, "does not boot"));

    [Theory]
    [MemberData(nameof(Machines))]
    public void The_others_go_back_without_it_and_a_later_plan_brings_it_back(string machine)
    {
        var world = World.Create(Example, 91, Start);
        var over = SimulatedRun.Go(world, GoalKind.Failover, Host, null);
        world.Schedule(new GuestLocked(machine, "snapshot"), world.Now);
        var halted = SimulatedRun.Go(world, GoalKind.Failback, Host, over.Baseline);
        Assert.Equal([$"poweron.{machine}"], halted.Halted.Select(s => s.Id));
        Assert.Equal(machine, Changeover.Running.Answers.MayBeLeftOut(halted, $"poweron.{machine}"));
        var aborted = Engine.Evolve(halted, new RunEnded(halted.Now, RunOutcome.Aborted));

        var partly = Go(world, Without(machine), over, aborted);

        Assert.DoesNotContain(partly.Plan.Steps, s => s.Machine == machine);
        Assert.Equal(StepOutcome.Accepted, partly.Steps["check.as-found"].Outcome);
        Assert.Equal(Changeover.Simulation.Power.Off, world.Truth.Machine(machine).Power);
        Assert.Null(Maintenances.Emptied([over, aborted, partly], Host));

        world.Schedule(new GuestLocked(machine, ""), world.Now);
        world.AdvanceTo(world.Now + TimeSpan.FromHours(1));
        var whole = Go(world, PlanOptions.Default, over, aborted, partly);

        // Its last step proves that the cluster is as it was found before the failover.
        Assert.Equal(StepOutcome.Done, whole.Steps["check.as-found"].Outcome);
        Assert.Empty(Maintenances.Open([over, aborted, partly, whole], Host));
        Assert.Empty(Ours(world));
        Assert.All(world.Truth.Machines, m => Assert.Null(m.Claim));
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void Known_before_it_begins_it_is_left_out_from_the_start(string machine)
    {
        var world = World.Create(Example, 92, Start);
        var over = SimulatedRun.Go(world, GoalKind.Failover, Host, null);
        world.Schedule(new GuestLocked(machine, "snapshot"), world.Now);

        var partly = Go(world, Without(machine), over);

        Assert.Equal(Changeover.Simulation.Power.Off, world.Truth.Machine(machine).Power);
        Assert.Empty(Ours(world));
        Assert.NotEmpty(Maintenances.Open([over, partly], Host));
    }

    [Fact]
    public void A_machine_that_was_left_out_all_along_keeps_no_maintenance_open()
    {
        var world = World.Create(Example, 93, Start);
        world.Schedule(new MachineUnreachable("acd-jb1"), world.Now);
        world.AdvanceTo(world.Now + TimeSpan.FromSeconds(30));
        var simulator = new Simulator(world, AllDrivers.Set);
        var options = Without("acd-jb1");
        var over = SimulatedRun.Go(world, GoalKind.Failover, Host, Baseline.Take("m1", world.Utc, Look(simulator)), options: options);
        Assert.Equal(RunOutcome.Done, over.Outcome);

        var back = SimulatedRun.Go(world, GoalKind.Failback, Host, over.Baseline, Signs, options);

        Assert.True(back.Outcome == RunOutcome.Done, Story(back, world));
        Assert.Empty(Maintenances.Open([over, back], Host));
    }
}
