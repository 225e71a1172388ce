using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Tests.Simulation;

/// <summary>F2: downtimes last as long as the run, however long that is.</summary>
public sealed class LeasesTests
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    /// <summary>Two hours of downtime, and a person who takes more than one for each word.</summary>
    private static Simulator Slow(World world) => new(world, AllDrivers.Set) { PersonTakes = TimeSpan.FromMinutes(70) };

    private static void AssertCoveredAllTheTime(RunState state, IEnumerable<RunEvent> journal)
    {
        var until = ((SetDowntime)state.Plan.Step("downtime.kept").Action!).Until;
        var extensions = journal.OfType<DowntimeExtending>().Where(e => e.Step == "downtime.kept").ToDictionary(e => e.Attempt, e => e.Until);
        Assert.NotEmpty(extensions);
        foreach (var e in journal)
        {
            Assert.True(e.At.Utc < until, $"{e}: the downtime was over at {until}");
            if (e is DowntimeExtended { Step: "downtime.kept", Reception.Kind: ReceptionKind.Accepted } extended)
                until = extensions[extended.Attempt];
            if (e is StepActing { Step: "downtime-end.kept" })
                return;
        }
        Assert.Fail("the downtime was never ended");
    }

    [Fact]
    public void A_downtime_is_extended_while_the_run_takes_longer_and_ended_with_it()
    {
        var world = World.Create(SimulatedRun.Example, 61, SimulatedRun.Start);
        var simulator = Slow(world);
        var started = SimulatedRun.Begin(world, simulator, GoalKind.Failover, "vm-host-1", null);

        var state = simulator.Run(Engine.Evolve(null, started), Day, _ => null);

        Assert.True(state.Outcome == RunOutcome.Done, SimulatedRun.Story(state, world));
        AssertCoveredAllTheTime(state, simulator.Journal);
        Assert.DoesNotContain(world.Truth.Downtimes, d => d.Object == "acd-dbm2");
    }

    /// <summary>The first word takes longer than the downtime was planned for.</summary>
    [Fact]
    public void A_downtime_lasts_from_when_it_is_set()
    {
        var world = World.Create(SimulatedRun.Example, 65, SimulatedRun.Start);
        var simulator = new Simulator(world, AllDrivers.Set) { PersonTakes = TimeSpan.FromHours(3) };
        var started = SimulatedRun.Begin(world, simulator, GoalKind.Failover, "vm-host-1", null);

        var state = simulator.Run(Engine.Evolve(null, started), TimeSpan.FromHours(3.5), _ => null);

        Assert.True(state.Steps["downtime.kept"] is { Status: StepStatus.Done, Outcome: StepOutcome.Done }, SimulatedRun.Story(state, world));
        Assert.All(world.Truth.Downtimes.Where(d => d.Object == "acd-dbm2"), d => Assert.True(d.End > world.Utc.ToUnixTimeSeconds()));
    }

    [Fact]
    public void A_monitoring_that_does_not_answer_is_asked_again_in_time()
    {
        var world = World.Create(SimulatedRun.Example, 62, SimulatedRun.Start);
        var simulator = Slow(world);
        var started = SimulatedRun.Begin(world, simulator, GoalKind.Failover, "vm-host-1", null);
        world.Schedule(new RequestLost("monitoring", 3), TimeSpan.FromMinutes(99));

        var state = simulator.Run(Engine.Evolve(null, started), Day, _ => null);

        Assert.True(state.Outcome == RunOutcome.Done, SimulatedRun.Story(state, world));
        Assert.Contains(simulator.Journal.OfType<DowntimeExtended>(), e => e.Reception.Kind != ReceptionKind.Accepted);
        AssertCoveredAllTheTime(state, simulator.Journal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_controller_that_dies_between_asking_and_hearing_goes_on_with_it(int after)
    {
        var world = World.Create(SimulatedRun.Example, 63, SimulatedRun.Start);
        var same = World.Create(SimulatedRun.Example, 63, SimulatedRun.Start);
        var rehearsal = Slow(same);
        rehearsal.Run(Engine.Evolve(null, SimulatedRun.Begin(same, rehearsal, GoalKind.Failover, "vm-host-1", null)), Day, _ => null);
        var asked = rehearsal.Journal.FindIndex(e => e is DowntimeExtending);
        var first = Slow(world);
        var started = SimulatedRun.Begin(world, first, GoalKind.Failover, "vm-host-1", null);
        first.Run(Engine.Evolve(null, started), Day, _ => null, asked + 1 + after);

        var second = Slow(world);
        var resumed = new RunResumed(second.Now, "controller", 2);
        var state = second.Run(Engine.Evolve(Engine.Fold(first.Journal), resumed), Day, _ => null);

        Assert.True(state.Outcome == RunOutcome.Done, SimulatedRun.Story(state, world));
        AssertCoveredAllTheTime(state, first.Journal.Concat(second.Journal));
    }
}
