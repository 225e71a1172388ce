using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using Changeover.Tests.Simulation;

namespace Changeover.Tests.Planning;

/// <summary>X1: machines left out on purpose.</summary>
public sealed class LeavingOutTests
{
    private static PlanOptions Without(params string[] machines) =>
        new(machines.ToImmutableSortedDictionary(m => m, _ => "broken since Monday", StringComparer.Ordinal));

    private static (HealthCheck Health, Baseline Found) Look(World world, string host, PlanOptions options)
    {
        world.AdvanceTo(world.Now + TimeSpan.FromSeconds(30));
        var simulator = new Simulator(world, AllDrivers.Set);
        var snapshot = SimulatedRun.Look(simulator);
        return (HealthCheck.Of(SimulatedRun.Example, snapshot, simulator.Now, "", null, new(GoalKind.Failover, host), options), Baseline.Take("m1", world.Utc, snapshot));
    }

    [Theory]
    [InlineData("acd-jb1")]
    [InlineData("acd-jb5")]
    public void A_broken_machine_with_a_peer_is_not_judged_and_none_of_its_steps_is_in_the_plan(string machine)
    {
        var world = World.Create(SimulatedRun.Example, 51, SimulatedRun.Start);
        world.Schedule(new MachineUnreachable(machine), world.Now);
        var (health, found) = Look(world, "vm-host-1", Without(machine));
        Assert.True(health.Verdict == Verdict.Holds, string.Join("; ", SimulatedRun.Reasons(health)));

        var state = SimulatedRun.Go(world, GoalKind.Failover, "vm-host-1", found, options: Without(machine));

        Assert.True(state.Outcome == RunOutcome.Done, SimulatedRun.Story(state, world));
        Assert.DoesNotContain(state.Plan.Steps, s => s.Machine == machine);
        Assert.Equal("broken since Monday", state.Plan.Without![machine]);
        Assert.Contains($"left out: {machine} (broken since Monday)", PlanText.Text(state.Plan), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_leaving_it_out_the_same_cluster_is_refused()
    {
        var world = World.Create(SimulatedRun.Example, 51, SimulatedRun.Start);
        world.Schedule(new MachineUnreachable("acd-jb5"), world.Now);

        Assert.NotEqual(Verdict.Holds, Look(world, "vm-host-1", PlanOptions.Default).Health.Verdict);
    }

    public static TheoryData<string, string, string> Refused() => new()
    {
        { "acd-dbm2", "vm-host-1", "left-out.no-peer" },
        { "acd-tel2", "vm-host-1", "left-out.no-peer" },
        { "acd-store2", "vm-host-1", "left-out.no-peer" },
        { "acd-store1", "vm-host-1", "left-out.holds-pair" },
        { "acd-lb1", "vm-host-1", "left-out.holds-pair" },
        { "acd-dbm1", "vm-host-1", "left-out.is-writer" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_machine_whose_function_would_be_gone_is_not_left_out(string machine, string host, string code)
    {
        var (health, _) = Look(World.Create(SimulatedRun.Example, 52, SimulatedRun.Start), host, Without(machine));

        Assert.Equal(Verdict.Fails, health.Verdict);
        Assert.Contains((code, machine), SimulatedRun.Reasons(health));
    }

    [Fact]
    public void The_last_peer_is_not_left_out_with_the_others()
    {
        var (health, _) = Look(World.Create(SimulatedRun.Example, 53, SimulatedRun.Start), "vm-host-1", Without("acd-jb4", "acd-jb5", "acd-jb6"));

        Assert.Contains(("left-out.no-peer", "acd-jb4"), SimulatedRun.Reasons(health));
    }

    [Fact]
    public void A_pair_that_stays_where_it_is_does_without_its_other_machine()
    {
        var world = World.Create(SimulatedRun.Example, 54, SimulatedRun.Start);
        var (health, found) = Look(world, "vm-host-2", Without("acd-store2"));
        Assert.True(health.Verdict == Verdict.Holds, string.Join("; ", SimulatedRun.Reasons(health)));

        var state = SimulatedRun.Go(world, GoalKind.Failover, "vm-host-2", found, options: Without("acd-store2"));

        Assert.True(state.Outcome == RunOutcome.Done, SimulatedRun.Story(state, world));
        Assert.DoesNotContain(state.Plan.Steps, s => s.Machine == "acd-store2");
        Assert.Equal(Changeover.Simulation.Power.On, world.Truth.Machine("acd-store2").Power);
    }

    [Fact]
    public void The_digest_covers_what_is_left_out_and_why()
    {
        var world = World.Create(SimulatedRun.Example, 55, SimulatedRun.Start);
        var (_, found) = Look(world, "vm-host-1", PlanOptions.Default);
        string Digest(PlanOptions options) => Planner.Derive(SimulatedRun.Example, "d", new(GoalKind.Failover, "vm-host-1"), found, options, world.Utc).Digest;

        string[] digests = [Digest(PlanOptions.Default), Digest(Without("acd-jb1")), Digest(new(Without("acd-jb1").Without.SetItem("acd-jb1", "another reason")))];

        Assert.Equal(3, digests.Distinct().Count());
    }

    [Theory]
    [InlineData("acd-jb2", "wildfly", true)]
    [InlineData("acd-tel2", "robot5", false)]
    public void On_the_way_a_machine_may_be_left_out_only_with_a_peer_on_the_side_that_stays(string machine, string service, bool allowed)
    {
        var world = World.Create(SimulatedRun.Example, 56, SimulatedRun.Start);
        world.Schedule(new ServiceSticks(machine, service), world.Now);

        var state = SimulatedRun.Go(world, GoalKind.Failover, "vm-host-1", null);

        Assert.Equal(allowed ? machine : null, Changeover.Running.Answers.MayBeLeftOut(state, $"stop.{machine}.{service}"));
    }
}
