using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Tests.Simulation;

/// <summary>The real planner, engine, drivers and parsers on the simulated cluster: the example, both directions.</summary>
public sealed class WholeRunTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero);

    internal static readonly ClusterInventory Example = Read("examples/two-hosts/cluster.yaml");

    private static ClusterInventory Read(string path)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Changeover.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("not inside the checkout");
        var reading = InventoryFile.Read(Path.Combine(folder, path));
        Assert.NotNull(reading.Inventory);
        return reading.Inventory;
    }

    internal static (RunState State, Simulator Simulator) Go(World world, Goal goal, Baseline? baseline, Func<RunState, Decided?>? decide = null)
    {
        var simulator = new Simulator(world, AllDrivers.Set);
        var snapshot = simulator.Observe(WhatToLookAt.Everything(Example), TimeSpan.FromMinutes(1));
        var found = baseline ?? Baseline.Take("m1", world.Utc, snapshot);
        var plan = Planner.Derive(Example, "digest", goal, found, PlanOptions.Default, world.Utc);
        var started = new RunStarted(simulator.Now, goal.Word, "controller", 1, Example, plan, []);
        simulator.Journal.Add(started);
        var state = simulator.Run(Engine.Evolve(null, started), TimeSpan.FromHours(4), decide ?? (_ => null));
        return (state, simulator);
    }

    private static string Story(RunState state, World world) =>
        string.Join('\n', state.Halted.Select(s => $"{s.Id}: {string.Join("; ", state.Steps[s.Id].Findings)}")
            .Concat(state.Broken.Select(b => $"{b.Key}: {string.Join("; ", b.Value)}"))
            .Concat(world.NotKnown.Select(n => $"not known: {n}"))
            .Append(string.Join(' ', state.Plan.Steps.Where(s => state.Steps[s.Id].Status is not StepStatus.Done and not StepStatus.Waiting).Select(s => $"{s.Id}={state.Steps[s.Id].Status}"))));

    [Theory]
    [InlineData("vm-host-1")]
    [InlineData("vm-host-2")]
    public void Failover_and_failback_end_done_with_everything_as_found(string host)
    {
        var world = World.Create(Example, 1, Start);

        var (over, _) = Go(world, new(GoalKind.Failover, host), null);
        Assert.True(over.Outcome == RunOutcome.Done, Story(over, world));
        var (back, _) = Go(world, new(GoalKind.Failback, host), over.Baseline);
        Assert.True(back.Outcome == RunOutcome.Done, Story(back, world));

        Assert.Empty(world.Truth.Violations);
        Assert.Empty(world.NotKnown);
    }
}
