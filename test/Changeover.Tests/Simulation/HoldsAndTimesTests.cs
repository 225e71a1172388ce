using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Tests.Simulation;

/// <summary>X10, F2: the hold points and times a person sets beforehand.</summary>
public sealed class HoldsAndTimesTests
{
    private static readonly DateTimeOffset At = SimulatedRun.Start + TimeSpan.FromHours(2);

    [Fact]
    public void A_hold_point_waits_for_a_word_before_anything_behind_it_begins()
    {
        var world = World.Create(SimulatedRun.Example, 70, SimulatedRun.Start);
        var simulator = new Simulator(world, AllDrivers.Set);
        var started = SimulatedRun.Begin(world, simulator, GoalKind.Failover, "vm-host-1", null) with { Holds = [Gates.Empty] };

        var held = simulator.Run(Engine.Evolve(null, started), SimulatedRun.Night, _ => null);

        Assert.True(held.WaitsAtHold && !held.IsHalted && !held.IsOver, SimulatedRun.Story(held, world));
        Assert.Equal([Answer.Continue, Answer.Abort], Changeover.Running.Answers.For(held, Gates.Id(Gates.Empty)));
        Assert.Equal(StepStatus.Done, held.Steps[Gates.Id(Gates.Isolated)].Status);
        Assert.DoesNotContain(simulator.Journal.OfType<StepActing>(), e => e.Step.StartsWith("poweroff.", StringComparison.Ordinal));

        var done = simulator.Run(held, SimulatedRun.Night, _ => new Decided(default, Gates.Id(Gates.Empty), Answer.Continue, "test", ""));
        Assert.True(done.Outcome == RunOutcome.Done, SimulatedRun.Story(done, world));
    }

    [Fact]
    public void A_pause_waits_before_the_next_gate_of_which_nothing_has_begun()
    {
        var world = World.Create(SimulatedRun.Example, 75, SimulatedRun.Start);
        var simulator = new Simulator(world, AllDrivers.Set);
        var started = SimulatedRun.Begin(world, simulator, GoalKind.Failover, "vm-host-1", null) with { Holds = [Gates.Quiet] };
        var held = simulator.Run(Engine.Evolve(null, started), SimulatedRun.Night, _ => null);
        Assert.Empty(Engine.Decide(held, new Pause(simulator.Now, "anna", "")).OfType<PauseAsked>());
        var going = Engine.DecideAndEvolve(held, new Decided(simulator.Now, Gates.Id(Gates.Quiet), Answer.Continue, "anna", "")).State;

        var (events, asked) = Engine.DecideAndEvolve(going, new Pause(simulator.Now, "anna", "the hotline calls"));

        Assert.Equal(new PauseAsked(simulator.Now, Gates.Moved, "anna", "the hotline calls"), Assert.Single(events.OfType<PauseAsked>()));
        Assert.Empty(Engine.Decide(asked, new Pause(simulator.Now, "bert", "")).OfType<PauseAsked>());
        var waits = simulator.Run(asked, SimulatedRun.Night, _ => null);
        Assert.True(waits.WaitsAtHold && !waits.IsHalted && !waits.IsOver, SimulatedRun.Story(waits, world));
        Assert.Equal([Gates.Moved], waits.HoldsReached);
        Assert.All(waits.Plan.Steps.Where(s => s.Gate == Gates.Moved), s => Assert.Equal(StepStatus.Waiting, waits.Steps[s.Id].Status));

        var done = simulator.Run(waits, SimulatedRun.Night, _ => new Decided(default, Gates.Id(Gates.Moved), Answer.Continue, "anna", ""));
        Assert.True(done.Outcome == RunOutcome.Done, SimulatedRun.Story(done, world));
        Assert.Equal("", done.NextGate);
    }

    [Fact]
    public void Backup_and_downtimes_run_ahead_and_nothing_is_stopped_before_its_time()
    {
        var world = World.Create(SimulatedRun.Example, 71, SimulatedRun.Start);
        var simulator = new Simulator(world, AllDrivers.Set);
        var started = SimulatedRun.Begin(world, simulator, GoalKind.Failover, "vm-host-1", null, PlanOptions.Default with { NotBefore = At });

        var state = simulator.Run(Engine.Evolve(null, started), SimulatedRun.Night, _ => null);

        Assert.True(state.Outcome == RunOutcome.Done, SimulatedRun.Story(state, world));
        var acted = simulator.Journal.OfType<StepActing>().ToDictionary(e => e.Step, e => e.At.Utc);
        Assert.All(acted.Where(a => a.Key.StartsWith("stop.", StringComparison.Ordinal)), a => Assert.InRange(a.Value, At, At + TimeSpan.FromMinutes(1)));
        Assert.All(acted.Where(a => a.Key.StartsWith("backup.", StringComparison.Ordinal) || a.Key == "downtime.kept"), a => Assert.True(a.Value < At));
    }

    [Theory]
    [InlineData(GoalKind.Failover)]
    [InlineData(GoalKind.Failback)]
    public void When_the_latest_time_to_turn_back_has_passed_a_person_is_asked(GoalKind kind)
    {
        var world = World.Create(SimulatedRun.Example, 73, SimulatedRun.Start);
        var baseline = kind == GoalKind.Failback ? SimulatedRun.Go(world, GoalKind.Failover, "vm-host-1", null).Baseline : null;
        var simulator = new Simulator(world, AllDrivers.Set);
        var at = world.Utc + TimeSpan.FromSeconds(100);
        var started = SimulatedRun.Begin(world, simulator, kind, "vm-host-1", baseline, PlanOptions.Default with { TurnBack = at });

        var halted = simulator.Run(Engine.Evolve(null, started), SimulatedRun.Night, _ => null);

        Assert.Equal("state.turn-back", Assert.Single(halted.Broken["standing.turn-back"]).Code.Code);
        Assert.Equal([Answer.Retry, Answer.Accept, Answer.Abort], Changeover.Running.Answers.For(halted, "standing.turn-back"));
        Assert.All(simulator.Journal.OfType<StepActing>(), e => Assert.True(e.At.Utc <= at + TimeSpan.FromSeconds(1), e.Step));

        var done = simulator.Run(halted, SimulatedRun.Night, _ => new Decided(default, "standing.turn-back", Answer.Accept, "operator", "until six is enough"));
        Assert.True(done.Outcome == RunOutcome.Done, SimulatedRun.Story(done, world));
    }

    [Fact]
    public void A_run_that_is_past_its_interruption_is_not_asked_to_turn_back()
    {
        var world = World.Create(SimulatedRun.Example, 74, SimulatedRun.Start);
        var plain = SimulatedRun.Go(World.Create(SimulatedRun.Example, 74, SimulatedRun.Start), GoalKind.Failover, "vm-host-1", null);
        var late = SimulatedRun.Start + (plain.EndedAt!.Value - plain.StartedAt) - TimeSpan.FromSeconds(5);

        var state = SimulatedRun.Go(world, GoalKind.Failover, "vm-host-1", null, options: PlanOptions.Default with { TurnBack = late });

        Assert.True(state.Outcome == RunOutcome.Done, SimulatedRun.Story(state, world));
    }

    [Fact]
    public void The_emptied_side_is_silent_until_it_is_expected_back()
    {
        var world = World.Create(SimulatedRun.Example, 72, SimulatedRun.Start);
        var back = SimulatedRun.Start + TimeSpan.FromHours(40);

        var state = SimulatedRun.Go(world, GoalKind.Failover, "vm-host-1", null, options: PlanOptions.Default with { BackBy = back });

        Assert.True(state.Outcome == RunOutcome.Done, SimulatedRun.Story(state, world));
        Assert.Equal(back, ((SetDowntime)state.Plan.Step("downtime.emptied").Action!).Until);
        Assert.Contains(world.Truth.Downtimes, d => d.Object == "acd-dbm1" && d.End == back.ToUnixTimeSeconds());
    }
}
