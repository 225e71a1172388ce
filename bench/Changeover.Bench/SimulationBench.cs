using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Bench;

/// <summary>Whole failover and failback pairs of an inventory on the simulated cluster, on one thread.</summary>
internal static class SimulationBench
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddYears(56);

    /// <summary>Without faults. Processor time is given beside the clock on the wall, which says little on a machine with other work.</summary>
    public static void Pairs(string inventoryFile, int pairs)
    {
        var inventory = Read(inventoryFile);
        for (ulong seed = 1000; seed < 1010; seed++)
            Pair(inventory, seed, faults: false);
        var watch = Stopwatch.StartNew();
        var (before, allocated) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
        for (var seed = 0; seed < pairs; seed++)
        {
            foreach (var run in Pair(inventory, (ulong)seed + 2, faults: false))
            {
                if (run.State.Outcome != RunOutcome.Done)
                    throw new InvalidOperationException($"seed {seed + 2}: {run.State.Plan.Goal} ended {run.State.Outcome}, halted at {string.Join(", ", run.State.Halted.Select(s => s.Id))}");
            }
        }
        var processor = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{pairs} pairs: {pairs / processor:F1} a second of processor time, {pairs / watch.Elapsed.TotalSeconds:F1} a second by the clock; {(GC.GetTotalAllocatedBytes() - allocated) / pairs / 1_000_000} MB allocated each"));
    }

    /// <summary>
    /// A digest of each run's journal, with the hash of the cluster's history: what must be the same before and after a change that
    /// is only to make it faster.
    /// </summary>
    public static void Traces(string inventoryFile, int seeds)
    {
        var inventory = Read(inventoryFile);
        foreach (var faults in new[] { false, true })
        {
            for (ulong seed = 1; seed <= (ulong)seeds; seed++)
            {
                foreach (var run in Pair(inventory, seed, faults))
                {
                    var journal = string.Join('\n', run.Journal.Select(e => JsonSerializer.Serialize(e, CoreJson.Default.RunEvent)));
                    var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(journal)));
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"{seed} {(faults ? "faults" : "plain")} {run.State.Plan.Goal.Word} {(run.State.IsOver ? run.State.Outcome : run.State.IsHalted ? "Halted" : "Neither")} events {run.Journal.Count} journal {digest} history {run.History:x16}"));
                }
            }
        }
    }

    private static ClusterInventory Read(string file) =>
        InventoryFile.Read(file).Inventory ?? throw new InvalidOperationException($"{file} has findings; see changeover validate");

    private sealed record Ran(RunState State, IReadOnlyList<RunEvent> Journal, ulong History);

    /// <summary>A failover and, if it came to its end, the failback.</summary>
    private static IEnumerable<Ran> Pair(ClusterInventory inventory, ulong seed, bool faults)
    {
        var world = World.Create(inventory, seed, Start);
        Baseline? baseline = null;
        foreach (var kind in new[] { GoalKind.Failover, GoalKind.Failback })
        {
            var simulator = new Simulator(world, AllDrivers.Set);
            baseline ??= Baseline.Take("m1", world.Utc, simulator.Observe(WhatToLookAt.Everything(inventory), TimeSpan.FromMinutes(1)));
            var plan = Planner.Derive(inventory, "digest", new(kind, inventory.Hosts[0].Name), baseline, PlanOptions.Default, world.Utc);
            var started = new RunStarted(simulator.Now, kind.ToString(), "bench", 1, inventory, plan, []);
            simulator.Journal.Add(started);
            if (faults)
                world.Apply(FaultPlan.Draw(seed + (kind == GoalKind.Failback ? 1_000_000UL : 0), inventory, TimeSpan.FromMinutes(8)).Later(world.Now));
            var retries = 6;
            var state = simulator.Run(Engine.Evolve(null, started), TimeSpan.FromHours(6), s => faults && retries-- > 0
                ? new Decided(default, s.Halted.Select(h => h.Id).Concat(s.Broken.Keys).First(), Answer.Retry, "bench", "")
                : null);
            yield return new(state, simulator.Journal, world.TraceHash);
            if (state.Outcome != RunOutcome.Done)
                yield break;
            baseline = state.Baseline;
        }
    }
}
