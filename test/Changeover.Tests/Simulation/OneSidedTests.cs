using Changeover.Drivers;
using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Tests.Simulation;

/// <summary>While one-sided and on the way back: what stands still, what will have to be synchronised, and what can no longer be.</summary>
public sealed class OneSidedTests
{
    private static (World World, RunState Over) Emptied(ulong seed, params Fault[] faults)
    {
        var world = World.Create(SimulatedRun.Example, seed, SimulatedRun.Start);
        foreach (var fault in faults)
            world.Schedule(fault, world.Now);
        world.AdvanceTo(TimeSpan.FromSeconds(30));
        var over = SimulatedRun.Go(world, GoalKind.Failover, "vm-host-1", null);
        Assert.True(over.Outcome == RunOutcome.Done, SimulatedRun.Story(over, world));
        return (world, over);
    }

    private static IEnumerable<Finding> Notes(IEnumerable<RunEvent> journal, string step) =>
        journal.OfType<StepDone>().Single(d => d.Step == step).Notes ?? [];

    [Fact]
    public void Jobs_that_stand_still_are_listed_by_the_one_sided_check()
    {
        var world = World.Create(SimulatedRun.Example, 71, SimulatedRun.Start);
        world.Schedule(new JobStandsStill("acd-dbm2", "nightly_cleanup"), world.Now);
        var simulator = new Simulator(world, AllDrivers.Set);
        var started = SimulatedRun.Begin(world, simulator, GoalKind.Failover, "vm-host-1", null);

        var state = simulator.Run(Engine.Evolve(null, started), SimulatedRun.Night, _ => null);

        Assert.True(state.Outcome == RunOutcome.Done, SimulatedRun.Story(state, world));
        var note = Assert.Single(Notes(simulator.Journal, "check.databases"), f => f.Code == AheadFindings.JobsStandStill);
        Assert.Equal("acd-dbm2", note.Subject);
        Assert.Contains("nightly_cleanup", note.Message, StringComparison.Ordinal);
        Assert.Contains(note, Engine.Fold(simulator.Journal).Steps["check.databases"].Findings);
    }

    [Fact]
    public void What_has_to_be_synchronised_is_said_before_anything_is_stopped()
    {
        var (world, over) = Emptied(72);
        world.AdvanceTo(world.Now + TimeSpan.FromMinutes(30));
        var simulator = new Simulator(world, AllDrivers.Set);
        var health = HealthCheck.Of(SimulatedRun.Example, SimulatedRun.Look(simulator), simulator.Now, "vm-host-1", over.Baseline);
        var started = SimulatedRun.Begin(world, simulator, GoalKind.Failback, "vm-host-1", over.Baseline);

        var state = simulator.Run(Engine.Evolve(null, started), SimulatedRun.Night, _ => null);

        Assert.True(state.Outcome == RunOutcome.Done, SimulatedRun.Story(state, world));
        foreach (var notes in (IEnumerable<Finding>[])[health.Advice, Notes(simulator.Journal, "check.start")])
        {
            Assert.Contains(notes, f => f.Code == AheadFindings.ToSynchronise && f.Subject == "acd-store2");
            Assert.Contains(notes, f => f.Code == AheadFindings.ToCatchUp && f.Subject == "acd-dbm2");
        }
        var said = simulator.Journal.FindIndex(e => e is StepDone { Step: "check.start" });
        Assert.True(said < simulator.Journal.FindIndex(e => e is StepActing));
    }

    [Fact]
    public void A_kept_master_without_the_logs_is_not_brought_together_with_the_other()
    {
        var (world, over) = Emptied(73);
        world.Schedule(new LogsPurged("acd-dbm2"), world.Now);
        world.AdvanceTo(world.Now + TimeSpan.FromSeconds(10));

        var state = SimulatedRun.Go(world, GoalKind.Failback, "vm-host-1", over.Baseline);

        Assert.Equal("check.start", Assert.Single(state.Halted).Id);
        Assert.Contains(("database.logs-gone", "acd-dbm2"), SimulatedRun.Reasons(state));
        Assert.True(state.NothingChanged);
    }

    public static TheoryData<string, Fault[]> OnWithoutARun => new()
    {
        { "emptied.on", [new SomebodyStartsGuest("acd-dbs1")] },
        { "emptied.busy", [new SomebodyStartsGuest("acd-jb1"), new SomebodyStartsService("acd-jb1", "wildfly")] },
        { "emptied.wrote", [new SomebodyStartsGuest("acd-dbm1"), new ReplicationStops("acd-dbm2"), new SessionForgotten("acd-jb5", "acd-dbm1", Direct: true, Writes: true)] },
    };

    /// <summary>B0: what the machine did meanwhile is the evidence a person decides on.</summary>
    [Theory]
    [MemberData(nameof(OnWithoutARun))]
    public void A_machine_that_is_on_without_a_run_is_refused_with_what_it_has_done(string code, Fault[] faults)
    {
        var (world, over) = Emptied(75);
        foreach (var fault in faults)
        {
            world.Schedule(fault, world.Now);
            world.AdvanceTo(world.Now + TimeSpan.FromMinutes(3));
        }
        var simulator = new Simulator(world, AllDrivers.Set);
        var health = HealthCheck.Of(SimulatedRun.Example, SimulatedRun.Look(simulator), simulator.Now, "vm-host-1", over.Baseline);

        Assert.Equal(Verdict.Fails, health.Verdict);
        Assert.Contains(health.Areas.SelectMany(a => a.Judgement.Findings), f => f.Code.Code == code);
    }

    [Fact]
    public void A_reload_between_failover_and_failback_is_seen_before_the_failback_begins()
    {
        var (world, over) = Emptied(74);
        world.Schedule(new BalancerReloads("acd-lb2"), world.Now);
        world.AdvanceTo(world.Now + TimeSpan.FromSeconds(10));

        var state = SimulatedRun.Go(world, GoalKind.Failback, "vm-host-1", over.Baseline);

        Assert.Equal("check.start", Assert.Single(state.Halted).Id);
        Assert.Contains(("balancer.server-not-as-expected", "acd-lb2"), SimulatedRun.Reasons(state));
        Assert.True(state.NothingChanged);
    }
}
