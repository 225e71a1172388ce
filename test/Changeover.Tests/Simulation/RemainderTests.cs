using Changeover.Drivers;
using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using static Changeover.Tests.Simulation.SimulatedRun;

namespace Changeover.Tests.Simulation;

/// <summary>DESIGN §5, partly emptied by a known run: the way on and the way back from wherever a run was aborted.</summary>
public sealed class RemainderTests
{
    private const string Host = "vm-host-1";

    /// <summary>Every twelfth part of the journal; every position belongs to the long check.</summary>
    private static readonly int Parts = int.TryParse(Environment.GetEnvironmentVariable("ABORTS"), out var parts) ? parts : 12;

    /// <summary>The baseline that the aborted run left, and the run; null: its journal is shorter than that.</summary>
    private static (World World, RunState Run)? Aborted(World world, GoalKind kind, Baseline? baseline, int after)
    {
        var simulator = new Simulator(world, AllDrivers.Set);
        var state = simulator.Run(Engine.Evolve(null, Begin(world, simulator, kind, Host, baseline)), Night, _ => null, after);
        if (state.IsOver)
            return null;
        state = Engine.Evolve(state, new RunEnded(simulator.Now, RunOutcome.Aborted));
        // What was in flight comes to its end; then a person decides.
        world.AdvanceTo(world.Now + TimeSpan.FromMinutes(5));
        return (world, state);
    }

    /// <param name="runs">Of the maintenance so far, the aborted one last.</param>
    private static RunState Remains(World world, GoalKind kind, params RunState[] runs)
    {
        var simulator = new Simulator(world, AllDrivers.Set);
        var snapshot = Look(simulator);
        var goal = new Goal(kind, Host);
        var (found, remainder) = Outset.Of(Example, goal, Maintenances.Open(runs, Host), Baseline.Take("", world.Utc, snapshot), isSigned: false);
        var health = HealthCheck.Of(Example, snapshot, simulator.Now, kind == GoalKind.Failback ? Host : "", found, goal, PlanOptions.Default, remainder);
        Assert.True(health.Verdict == Verdict.Holds, string.Join('\n', health.Areas.SelectMany(a => a.Judgement.Findings)));
        var started = Begin(world, simulator, kind, Host, found, remainder: remainder);
        var state = simulator.Run(Engine.Evolve(null, started), Night, _ => null);
        Assert.True(state.Outcome == RunOutcome.Done, $"{kind} after {runs[^1].Run}\n{Story(state, world)}");
        return state;
    }

    private static int Length(GoalKind kind)
    {
        var world = World.Create(Example, 5, Start);
        var baseline = kind == GoalKind.Failback ? Go(world, GoalKind.Failover, Host, null).Baseline : null;
        var simulator = new Simulator(world, AllDrivers.Set);
        simulator.Run(Engine.Evolve(null, Begin(world, simulator, kind, Host, baseline)), Night, _ => null);
        return simulator.Journal.Count;
    }

    [Theory]
    [InlineData(GoalKind.Failover)]
    [InlineData(GoalKind.Failback)]
    public void From_wherever_a_run_is_aborted_there_is_a_way_back(GoalKind kind)
    {
        var length = Length(kind);
        for (var part = 1; part <= Parts; part++)
        {
            var world = World.Create(Example, 5, Start);
            RunState[] before = kind == GoalKind.Failback ? [Go(world, GoalKind.Failover, Host, null)] : [];
            if (Aborted(world, kind, before.LastOrDefault()?.Baseline, length * part / (Parts + 1)) is not { Run: var aborted })
                continue;

            // The last step of a failback proves that the cluster is as found.
            Remains(world, GoalKind.Failback, [.. before, aborted]);

            Assert.Empty(Ours(world));
            Assert.All(world.Truth.Machines, m => Assert.Null(m.Claim));
        }
    }

    [Theory]
    [InlineData(GoalKind.Failover)]
    [InlineData(GoalKind.Failback)]
    public void From_wherever_a_run_is_aborted_there_is_a_way_on_to_the_emptied_host(GoalKind kind)
    {
        var length = Length(kind);
        for (var part = 1; part <= Parts; part++)
        {
            var world = World.Create(Example, 5, Start);
            RunState[] before = kind == GoalKind.Failback ? [Go(world, GoalKind.Failover, Host, null)] : [];
            if (Aborted(world, kind, before.LastOrDefault()?.Baseline, length * part / (Parts + 1)) is not { Run: var aborted })
                continue;

            var on = Remains(world, GoalKind.Failover, [.. before, aborted]);
            var back = Go(world, GoalKind.Failback, Host, on.Baseline);

            Assert.True(back.Outcome == RunOutcome.Done, Story(back, world));
            Assert.Empty(Ours(world));
        }
    }

    [Fact]
    public void What_needs_no_doing_is_not_in_the_plan()
    {
        var world = World.Create(Example, 5, Start);
        var simulator = new Simulator(world, AllDrivers.Set);
        var started = Begin(world, simulator, GoalKind.Failover, Host, null);
        var state = Engine.Evolve(null, started);
        // Some software is stopped, nothing was moved.
        while (state.Plan.Steps.Count(s => s.Id.StartsWith("stop.", StringComparison.Ordinal) && state.Steps[s.Id].Status == StepStatus.Done) < 3)
            state = simulator.Run(state, Night, _ => null, simulator.Journal.Count + 1);
        state = Engine.Evolve(state, new RunEnded(simulator.Now, RunOutcome.Aborted));
        world.AdvanceTo(world.Now + TimeSpan.FromMinutes(5));

        var back = Remains(world, GoalKind.Failback, state);

        Assert.DoesNotContain(back.Plan.Steps, s => s.Action is SetStandby or SetPower || s.Id.StartsWith("stop.", StringComparison.Ordinal));
        Assert.Contains(back.Plan.Steps, s => s.Action is SetService { Run: true } && back.Steps[s.Id].Outcome == StepOutcome.Done);
    }

    [Fact]
    public void A_claim_is_taken_over_only_from_the_runs_that_are_named()
    {
        var world = World.Create(Example, 5, Start);
        var aborted = Aborted(world, GoalKind.Failover, null, 120)!.Value.Run;
        world.Schedule(new SomebodyClaims("acd-dbm2", "somebody-else"), world.Now);
        world.AdvanceTo(world.Now + TimeSpan.FromSeconds(1));
        var simulator = new Simulator(world, AllDrivers.Set);
        var remainder = new Remainder(Baseline.Take("", world.Utc, Look(simulator)), [aborted.Run]);

        var started = Begin(world, simulator, GoalKind.Failback, Host, aborted.Baseline, remainder: remainder);
        var state = simulator.Run(Engine.Evolve(null, started), Night, _ => null);
        Assert.Equal(RunOutcome.Refused, state.Outcome);
        Assert.True(state.NothingChanged);

        var word = Begin(world, simulator, GoalKind.Failback, Host, aborted.Baseline, PlanOptions.Default with { TakeOver = "somebody-else" }, remainder) with { Run = "after" };
        Assert.Contains("takes the claims of somebody-else over", PlanText.Text(word.Plan), StringComparison.Ordinal);
        state = simulator.Run(Engine.Evolve(null, word), Night, _ => null);
        Assert.True(state.Outcome == RunOutcome.Done, Story(state, world));
    }
}
