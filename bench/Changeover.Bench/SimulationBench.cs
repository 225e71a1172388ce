using System.Diagnostics;
using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Bench;

/// <summary>Whole failover and failback pairs of the example on the simulated cluster, on one thread.</summary>
internal static class SimulationBench
{
    public static void Pairs(string inventoryFile, int pairs)
    {
        var inventory = InventoryFile.Read(inventoryFile).Inventory ?? throw new InvalidOperationException($"{inventoryFile} has findings; see changeover validate");
        Pair(inventory, 1);
        var watch = Stopwatch.StartNew();
        var derive = TimeSpan.Zero;
        for (var seed = 0; seed < pairs; seed++)
            derive += Pair(inventory, (ulong)seed + 2);
        Console.WriteLine($"{pairs} pairs in {watch.Elapsed.TotalSeconds:F1} s: {pairs / watch.Elapsed.TotalSeconds:F2} a second on one thread; deriving a plan {derive.TotalMilliseconds / pairs / 2:F2} ms");
    }

    private static TimeSpan Pair(ClusterInventory inventory, ulong seed)
    {
        var world = World.Create(inventory, seed, DateTimeOffset.UnixEpoch.AddYears(56));
        Baseline? baseline = null;
        var derive = TimeSpan.Zero;
        foreach (var kind in new[] { GoalKind.Failover, GoalKind.Failback })
        {
            var simulator = new Simulator(world, AllDrivers.Set);
            baseline ??= Baseline.Take("m1", world.Utc, simulator.Observe(WhatToLookAt.Everything(inventory), TimeSpan.FromMinutes(1)));
            var watch = Stopwatch.StartNew();
            var plan = Planner.Derive(inventory, "digest", new(kind, "vm-host-1"), baseline, PlanOptions.Default, world.Utc);
            derive += watch.Elapsed;
            var state = simulator.Run(Engine.Evolve(null, new RunStarted(simulator.Now, kind.ToString(), "bench", 1, inventory, plan, [])), TimeSpan.FromHours(4), _ => null);
            if (state.Outcome != RunOutcome.Done)
                throw new InvalidOperationException($"seed {seed}: {kind} ended {state.Outcome}, halted at {string.Join(", ", state.Halted.Select(s => s.Id))}");
            baseline = state.Baseline;
        }
        return derive;
    }
}
