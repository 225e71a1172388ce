using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using Changeover.Tests.Tidy;

namespace Changeover.Tests.Simulation;

/// <summary>The real planner, engine, drivers and parsers on the simulated example.</summary>
internal static class SimulatedRun
{
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero);
    public static readonly TimeSpan Night = TimeSpan.FromHours(6);
    public static readonly ClusterInventory Example = InventoryFile.Read(Path.Combine(Checkout.Root, "examples/two-hosts/cluster.yaml")).Inventory!;

    public static RunStarted Begin(World world, Simulator simulator, GoalKind kind, string host, Baseline? baseline, PlanOptions? options = null, Remainder? remainder = null)
    {
        var found = baseline ?? Baseline.Take("m1", world.Utc, Look(simulator));
        var plan = Planner.Derive(Example, "digest", new(kind, host), found, options ?? PlanOptions.Default, world.Utc, remainder);
        var started = new RunStarted(simulator.Now, remainder is null ? kind.ToString() : $"{kind}-after-{string.Join('-', remainder.Runs)}", "controller", 1, Example, plan, []);
        simulator.Journal.Add(started);
        return started;
    }

    public static RunState Go(
        World world, GoalKind kind, string host, Baseline? baseline, Func<RunState, Decided?>? decide = null, PlanOptions? options = null)
    {
        var simulator = new Simulator(world, AllDrivers.Set);
        return simulator.Run(Engine.Evolve(null, Begin(world, simulator, kind, host, baseline, options)), Night, decide ?? (_ => null));
    }

    public static Snapshot Look(Simulator simulator) => simulator.Observe(WhatToLookAt.Everything(Example), TimeSpan.FromMinutes(2));

    /// <summary>The System Health Check in this world, some time after what was scheduled has struck.</summary>
    public static HealthCheck Health(World world)
    {
        world.AdvanceTo(world.Now + TimeSpan.FromSeconds(30));
        var simulator = new Simulator(world, AllDrivers.Set);
        return HealthCheck.Of(Example, Look(simulator), simulator.Now, "", null);
    }

    /// <summary>Code and subject of everything that stands against going on.</summary>
    public static (string Code, string Subject)[] Reasons(RunState state) =>
    [
        .. state.Halted.SelectMany(s => state.Steps[s.Id].Findings).Concat(state.Broken.Values.SelectMany(f => f)).Select(f => (f.Code.Code, f.Subject)),
    ];

    public static (string Code, string Subject)[] Reasons(HealthCheck health) =>
        [.. health.Areas.SelectMany(a => a.Judgement.Findings).Select(f => (f.Code.Code, f.Subject))];

    /// <summary>A person who tries again a few times and then leaves it.</summary>
    public static Func<RunState, Decided?> Retries(int times)
    {
        var left = times;
        return state => left-- > 0 ? new Decided(default, state.Halted.Select(s => s.Id).Concat(state.Broken.Keys).First(), Answer.Retry, "test", "") : null;
    }

    public static string Story(RunState state, World world) => string.Join('\n',
        state.Halted.Select(s => $"{s.Id}: {string.Join("; ", state.Steps[s.Id].Findings)}")
            .Concat(state.Broken.Select(b => $"{b.Key}: {string.Join("; ", b.Value)}"))
            .Concat(world.NotKnown.Select(n => $"not known: {n}"))
            .Concat(state.Plan.Steps.Where(s => state.Steps[s.Id].Status is not StepStatus.Done and not StepStatus.Waiting).Select(s => $"{s.Id} {state.Steps[s.Id].Status}")));

    /// <summary>What our hand began.</summary>
    public static IEnumerable<Violation> Ours(World world) => world.Truth.FirstViolations().Where(v => v.Cause.IsOurs);
}
