using Changeover.Drivers;
using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using static Changeover.Tests.Simulation.SimulatedRun;

namespace Changeover.Tests.Simulation;

/// <summary>B0: a failback begins by a person's word, where no run in the journal explains what is found.</summary>
public sealed class SignedTests
{
    private static readonly PlanOptions Signed = PlanOptions.Default with { Signed = new("operator", "the controller with the journal is gone") };

    /// <summary>The cluster with this host emptied, and the picture from before that.</summary>
    private static (World World, RunState Over) Emptied(string host, ulong seed)
    {
        var world = World.Create(Example, seed, Start);
        var over = Go(world, GoalKind.Failover, host, null);
        Assert.True(over.Outcome == RunOutcome.Done, Story(over, world));
        return (world, over);
    }

    private static Baseline Picture(World world) => Baseline.Take("m2", world.Utc, Look(new Simulator(world, AllDrivers.Set)));

    private static HealthCheck Judged(World world, string host, Baseline found, PlanOptions options, Remainder? remainder = null)
    {
        var simulator = new Simulator(world, AllDrivers.Set);
        return HealthCheck.Of(Example, Look(simulator), simulator.Now, host, found, new(GoalKind.Failback, host), options, remainder);
    }

    [Theory]
    [InlineData("vm-host-1")]
    [InlineData("vm-host-2")]
    public void Without_the_journal_of_the_failover_the_cluster_goes_back_to_the_signed_normal_state(string host)
    {
        var (world, over) = Emptied(host, 81);
        var outset = Outset.Of(Example, new(GoalKind.Failback, host), open: [], Picture(world), isSigned: true);
        var normal = outset.Baseline;
        Assert.True(outset is { Remainder: null, UsesSignature: true });
        Assert.Equal(Verdict.Holds, Judged(world, host, normal, Signed).Verdict);

        var back = Go(world, GoalKind.Failback, host, normal, options: Signed);

        Assert.True(back.Outcome == RunOutcome.Done, Story(back, world));
        Assert.Empty(Ours(world));
        Assert.Equal(StepOutcome.Done, back.Steps["check.as-found"].Outcome);
        Assert.Contains("signed by operator", PlanText.Text(back.Plan), StringComparison.Ordinal);
        // What nobody told it: the picture that the lost failover had taken.
        var now = Picture(world);
        Assert.All(AsFoundPicture.Subjects(Example).Where(s => s.Kind != SubjectKind.Downtimes), s => Assert.Empty(
            AsFoundPicture.Differences(over.Baseline.Facts<Facts>(s.Kind, s.Name)!, now.Facts<Facts>(s.Kind, s.Name)!)));
    }

    /// <summary>Seen in the lab: it stayed on the side that was never emptied.</summary>
    [Fact]
    public void A_singleton_goes_back_to_its_machine_of_the_host_named_first()
    {
        var site = FaultCatalogue.Site;
        var singleton = site.Services.Single(s => s.SingletonProbe.Length > 0).Singleton;
        var world = World.Create(site, 84, Start);
        Assert.Equal("acd-tel1", Seen().SingletonAt(site, singleton));
        Go(GoalKind.Failover, Seen(), PlanOptions.Default);
        Assert.Equal("acd-tel2", Seen().SingletonAt(site, singleton));

        Go(GoalKind.Failback, NormalState.Of(site, "vm-host-1", Seen()), Signed);

        Assert.Equal("acd-tel1", Seen().SingletonAt(site, singleton));

        Baseline Seen() => Baseline.Take("m", world.Utc, new Simulator(world, AllDrivers.Set).Observe(WhatToLookAt.Everything(site), TimeSpan.FromMinutes(2)));

        void Go(GoalKind kind, Baseline found, PlanOptions options)
        {
            var simulator = new Simulator(world, AllDrivers.Set);
            var plan = Planner.Derive(site, "digest", new(kind, "vm-host-1"), found, options, world.Utc);
            var state = simulator.Run(Engine.Evolve(null, new RunStarted(simulator.Now, $"{kind}", "controller", 1, site, plan, [])), Night, _ => null);
            Assert.True(state.Outcome == RunOutcome.Done, Story(state, world));
            Assert.Empty(Ours(world));
        }
    }

    /// <summary>Its machines are on because they are meant to be: that is no remainder of anything.</summary>
    [Fact]
    public void Under_a_failover_there_is_nothing_to_sign()
    {
        var outset = Outset.Of(Example, new(GoalKind.Failover, "vm-host-1"), open: [], Picture(World.Create(Example, 83, Start)), isSigned: true);

        Assert.True(outset is { Remainder: null, UsesSignature: false });
    }

    [Fact]
    public void Machines_that_came_up_by_themselves_are_gone_on_from()
    {
        var (world, over) = Emptied("vm-host-1", 82);
        foreach (var fault in (Fault[])[new SomebodyStartsGuest("acd-jb1"), new SomebodyStartsService("acd-jb1", "wildfly"), new SomebodyStartsGuest("acd-dbs1")])
        {
            world.Schedule(fault, world.Now);
            world.AdvanceTo(world.Now + TimeSpan.FromMinutes(3));
        }
        var (found, remainder) = Outset.Of(Example, new(GoalKind.Failback, "vm-host-1"), Maintenances.Open([over], "vm-host-1"), Picture(world), isSigned: true);
        Assert.Same(over.Baseline, found);
        Assert.Contains(Judged(world, "vm-host-1", over.Baseline, PlanOptions.Default).Areas.SelectMany(a => a.Judgement.Findings), f => f.Code == EvidenceFindings.Busy);
        var health = Judged(world, "vm-host-1", over.Baseline, Signed, remainder);
        Assert.True(health.Verdict == Verdict.Holds, string.Join('\n', health.Areas.SelectMany(a => a.Judgement.Findings)));

        var simulator = new Simulator(world, AllDrivers.Set);
        var started = Begin(world, simulator, GoalKind.Failback, "vm-host-1", over.Baseline, Signed, remainder);
        var back = simulator.Run(Engine.Evolve(null, started), Night, _ => null);

        Assert.True(back.Outcome == RunOutcome.Done, Story(back, world));
        Assert.Empty(Ours(world));
        Assert.DoesNotContain(back.Plan.Steps, s => s.Id is "poweron.acd-jb1" or "poweron.acd-dbs1");
        Assert.Equal(StepOutcome.Done, back.Steps["stop.acd-jb1.wildfly"].Outcome);
    }

    [Fact]
    public void There_is_nothing_to_sign_when_a_run_explains_what_is_found()
    {
        var (world, over) = Emptied("vm-host-1", 84);

        var outset = Outset.Of(Example, new(GoalKind.Failback, "vm-host-1"), Maintenances.Open([over], "vm-host-1"), Picture(world), isSigned: true);

        Assert.False(outset.UsesSignature);
        Assert.Null(outset.Remainder);
    }

    [Fact]
    public void Nobody_signs_a_master_that_wrote()
    {
        var (world, over) = Emptied("vm-host-1", 83);
        foreach (var fault in (Fault[])[new SomebodyStartsGuest("acd-dbm1"), new ReplicationStops("acd-dbm2"), new SessionForgotten("acd-jb5", "acd-dbm1", Direct: true, Writes: true)])
        {
            world.Schedule(fault, world.Now);
            world.AdvanceTo(world.Now + TimeSpan.FromMinutes(3));
        }

        var health = Judged(world, "vm-host-1", over.Baseline, Signed, new(Picture(world), []));

        Assert.Equal(Verdict.Fails, health.Verdict);
        Assert.Contains(health.Areas.SelectMany(a => a.Judgement.Findings), f => f.Code == EvidenceFindings.Wrote && f.Subject == "acd-dbm1");
    }
}
