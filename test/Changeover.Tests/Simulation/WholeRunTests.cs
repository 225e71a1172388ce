using System.Collections.Concurrent;
using System.Globalization;
using Changeover.Drivers;
using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using static Changeover.Tests.Simulation.SimulatedRun;

namespace Changeover.Tests.Simulation;

/// <summary>The real planner, engine, drivers and parsers on the simulated cluster: the example, both directions.</summary>
public sealed class WholeRunTests
{
    [Theory]
    [InlineData("vm-host-1")]
    [InlineData("vm-host-2")]
    public void Failover_and_failback_end_done_with_everything_as_found(string host)
    {
        var world = World.Create(Example, 1, Start);

        var over = Go(world, GoalKind.Failover, host, null);
        Assert.True(over.Outcome == RunOutcome.Done, Story(over, world));
        var back = Go(world, GoalKind.Failback, host, over.Baseline);
        Assert.True(back.Outcome == RunOutcome.Done, Story(back, world));
        Assert.NotEmpty(world.Truth.Machines.SelectMany(m => m.Backups));

        var closed = Go(world, GoalKind.Close, host, back.Baseline, options: PlanOptions.Default with { Leftovers = Maintenances.Left([over, back]) });
        Assert.True(closed.Outcome == RunOutcome.Done, Story(closed, world));
        Assert.Empty(world.Truth.Machines.SelectMany(m => m.Backups));

        Assert.Empty(world.Truth.Violations);
        Assert.Empty(world.NotKnown);
    }

    [Fact]
    public void Two_controllers_never_both_work_on_one_cluster()
    {
        var world = World.Create(Example, 3, Start);
        var first = new Simulator(world, AllDrivers.Set);
        var started = Begin(world, first, GoalKind.Failover, "vm-host-1", null);
        first.Run(Engine.Evolve(null, started), Night, _ => null, crashAfter: 60);

        var second = new Simulator(world, AllDrivers.Set);
        var other = Begin(world, second, GoalKind.Failover, "vm-host-1", started.Plan.Baseline) with { Run = "other", Controller = "elsewhere" };
        var state = second.Run(Engine.Evolve(null, other), Night, _ => null);

        Assert.NotEqual(RunOutcome.Done, state.Outcome);
        Assert.True(state.NothingChanged);
    }

    public static TheoryData<string, Fault, string> Breaks() => new()
    {
        { "a session left open through the balancer", new SessionForgotten("acd-jb1", "acd-dbm1", Direct: false), "quiet.session" },
        { "a session left open directly", new SessionForgotten("acd-jb1", "acd-dbm1", Direct: true), "quiet.session" },
        { "a service that will not stop", new ServiceSticks("acd-jb2", "wildfly"), "service.not-as-expected" },
        { "a guest that ignores its shutdown", new GuestIgnoresShutdown("acd-chat1"), "power.not-as-expected" },
        { "HAProxy that refuses with exit 0", new BalancerRefuses("acd-lb2", Count: 999), "run.refused" },
        { "HAProxy that refuses one command of several", new BalancerRefuses("acd-lb2", Count: 999, FirstOnly: true), "balancer." },
        { "a promotion that fails", new PromotionFails("acd-store2", Count: 99), "pacemaker." },
        { "a resource that falls back after unstandby", new FallsBack("acd-store1"), "pacemaker." },
    };

    [Theory]
    [MemberData(nameof(Breaks))]
    public void A_fault_halts_the_run_with_its_cause_and_harms_nothing(string what, Fault fault, string finding)
    {
        var world = World.Create(Example, 11, Start);
        var simulator = new Simulator(world, AllDrivers.Set);
        var started = Begin(world, simulator, GoalKind.Failover, "vm-host-1", null);
        world.Schedule(fault, world.Now);

        var state = simulator.Run(Engine.Evolve(null, started), Night, Retries(2));

        Assert.True(state.IsHalted, $"{what}: {state.Outcome}");
        var codes = state.Halted.SelectMany(s => state.Steps[s.Id].Findings).Concat(state.Broken.Values.SelectMany(f => f)).Select(f => f.Code.Code);
        Assert.Contains(codes, c => c.StartsWith(finding, StringComparison.Ordinal));
        Assert.Empty(Ours(world));
    }

    /// <summary>The other servers were set, so it is not told as refused: it is looked at, and the whole line is said once more.</summary>
    [Fact]
    public void A_line_that_HAProxy_took_in_part_is_said_again_without_asking_a_person()
    {
        var world = World.Create(Example, 11, Start);
        var simulator = new Simulator(world, AllDrivers.Set);
        var started = Begin(world, simulator, GoalKind.Failover, "vm-host-1", null);
        world.Schedule(new BalancerRefuses("acd-lb2", FirstOnly: true), world.Now);

        var state = simulator.Run(Engine.Evolve(null, started), Night, _ => null);

        Assert.True(state.Outcome == RunOutcome.Done, Story(state, world));
        Assert.Equal(2, state.Steps["maint.acd-lb2"].Attempt);
        var first = Assert.Single(simulator.Journal.OfType<StepHeard>(), h => h is { Step: "maint.acd-lb2", Attempt: 1 });
        Assert.Equal(ReceptionKind.Unclear, first.Reception.Kind);
        Assert.Empty(Ours(world));
    }

    /// <summary>Seen with seed 36 of the random faults: positions that grew counted as progress, so nobody was ever asked.</summary>
    [Fact]
    public void Software_that_somebody_starts_after_the_quiet_gate_halts_the_run()
    {
        var world = World.Create(Example, 36, Start);
        var simulator = new Simulator(world, AllDrivers.Set);
        var started = Begin(world, simulator, GoalKind.Failover, "vm-host-1", null);
        world.Schedule(new SomebodyStartsService("acd-api2", "jtelrest"), world.Now + TimeSpan.FromSeconds(95));

        var state = simulator.Run(Engine.Evolve(null, started), Night, _ => null);

        Assert.True(state.IsHalted, state.Outcome.ToString());
        var halted = Assert.Single(state.Halted);
        Assert.StartsWith("nothing-lost.", halted.Id, StringComparison.Ordinal);
        Assert.Contains(state.Steps[halted.Id].Findings, f => f.Code == WritingFindings.Session);
    }

    /// <summary>
    /// Seen with seed 117 of the random faults: one replica fell behind and applied for hours, the other was stopped, and nobody was asked.
    /// </summary>
    [Fact]
    public void A_stopped_replication_is_asked_about_while_another_catches_up()
    {
        var world = World.Create(Example, 38, Start);
        var over = Go(world, GoalKind.Failover, "vm-host-1", null);
        world.Schedule(new ReplicationLags("acd-dbm1"), world.Now);
        world.Schedule(new ReplicationStops("acd-dbm2"), world.Now + TimeSpan.FromMinutes(4));

        var state = Go(world, GoalKind.Failback, "vm-host-1", over.Baseline);

        var halted = Assert.Single(state.Halted);
        Assert.Equal("check.replication", halted.Id);
        Assert.Contains(state.Steps[halted.Id].Findings, f => f.Code == WritingFindings.ReplicationOff && f.Subject == "acd-dbm2");
        Assert.InRange(state.Now.Utc - state.Steps[halted.Id].StartedAt!.Value, Example.Budgets.Synchronise, Example.Budgets.Synchronise * 2);
    }

    public static TheoryData<string, Fault> ForeseenBreaks() => new()
    {
        { "stopped replication", new ReplicationStops("acd-dbm2", 1062) },
        { "DRBD disconnected", new DrbdDisconnected("acd-store1") },
        { "an unreachable machine", new MachineUnreachable("acd-jb5") },
        { "maintenance mode", new MaintenanceMode("acd-store1") },
        { "a stale ban", new StaleBan("acd-store2") },
    };

    [Theory]
    [MemberData(nameof(ForeseenBreaks))]
    public void A_cluster_that_is_not_healthy_is_refused_before_anything_is_changed(string what, Fault fault)
    {
        var world = World.Create(Example, 11, Start);
        world.Schedule(fault, world.Now);
        world.AdvanceTo(TimeSpan.FromSeconds(30));
        var simulator = new Simulator(world, AllDrivers.Set);

        var snapshot = simulator.Observe(WhatToLookAt.Everything(Example), TimeSpan.FromMinutes(2));
        var health = HealthCheck.Of(Example, snapshot, simulator.Now, "", null);

        Assert.True(health.Verdict != Verdict.Holds, what);
        Assert.Contains(health.Areas.SelectMany(a => a.Judgement.Findings), f => f.Severity >= Severity.Error);
    }

    /// <summary>
    /// Random combinations of faults, by seed, in both directions: done, halted, or refused with a reason before anything was changed; never harm by our own hand. Where
    /// faults kept the failover from its end, the failback begins in a cluster that was emptied without any. PAIRS=5000 for the long
    /// check; FROM=1100 begins at that seed, so that it can be played in parts.
    /// </summary>
    [Fact]
    public void Under_random_faults_both_runs_end_done_or_halted_and_harm_nothing()
    {
        var pairs = int.Parse(Environment.GetEnvironmentVariable("PAIRS") ?? "200", CultureInfo.InvariantCulture);
        var from = int.Parse(Environment.GetEnvironmentVariable("FROM") ?? "100", CultureInfo.InvariantCulture);
        var broken = new ConcurrentDictionary<(ulong Seed, GoalKind Kind), string>();
        var example = World.Create(Example, 1, Start);
        var baseline = Go(example, GoalKind.Failover, "vm-host-1", null).Baseline;
        var emptied = example.Save();
        Parallel.For(from, from + pairs, n =>
        {
            var seed = (ulong)n;
            var world = World.Create(Example, seed, Start);
            var over = GoUnderFaults(world, GoalKind.Failover, null, seed);
            if (over.Outcome == RunOutcome.Done)
                GoUnderFaults(world, GoalKind.Failback, over.Baseline, seed + 1_000_000);
            else
                GoUnderFaults(World.Load(emptied, Example), GoalKind.Failback, baseline, seed + 1_000_000);
        });
        Assert.True(broken.IsEmpty, string.Join('\n', broken.OrderBy(b => b.Key).Select(b => $"seed {b.Key.Seed} {b.Key.Kind}: {b.Value}")));

        RunState GoUnderFaults(World world, GoalKind kind, Baseline? baseline, ulong seed)
        {
            var simulator = new Simulator(world, AllDrivers.Set);
            var started = Begin(world, simulator, kind, "vm-host-1", baseline);
            world.Apply(FaultPlan.Draw(seed, Example, TimeSpan.FromMinutes(8)).Later(world.Now));
            var state = simulator.Run(Engine.Evolve(null, started), Night, Retries(6));
            var refused = state is { Outcome: RunOutcome.Refused, NothingChanged: true, Refusal.Length: > 0 };
            if (state.Outcome != RunOutcome.Done && !state.IsHalted && !refused)
                broken[(seed, kind)] = $"neither done nor halted\n{Story(state, world)}";
            else if (Ours(world).Any())
                broken[(seed, kind)] = string.Join("; ", Ours(world));
            return state;
        }
    }
}
