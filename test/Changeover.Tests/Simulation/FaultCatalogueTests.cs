using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Tests.Simulation;

/// <summary>
/// A guard that no fault trips is not proved. Every break of the catalogue halts the run with its cause, harms nothing, and once it
/// is mended the run goes on to its end; and every guard and every condition has a break that trips it.
/// </summary>
public sealed class FaultCatalogueTests
{
    public static TheoryData<string> Breaks()
    {
        var data = new TheoryData<string>();
        foreach (var it in FaultCatalogue.Breaks)
            data.Add(it.What);
        return data;
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public void It_halts_with_its_cause_harms_nothing_and_goes_on_when_it_is_mended(string what)
    {
        var it = FaultCatalogue.Breaks.Single(b => b.What == what);
        var (world, halted, _, ended) = FaultCatalogue.Of(what);

        Assert.True(halted.IsHalted, $"{halted.Outcome} {SimulatedRun.Story(halted, world)}");
        Assert.True(
            SimulatedRun.Reasons(halted).Any(r => r.Subject == it.Subject && (it.Code.EndsWith('.') ? r.Code.StartsWith(it.Code, StringComparison.Ordinal) : r.Code == it.Code)),
            SimulatedRun.Story(halted, world));
        if (it.Guarded)
            Assert.True(halted.Steps[it.At] is { Acted: false }, SimulatedRun.Story(halted, world));
        Assert.Empty(SimulatedRun.Ours(world));
        Assert.Empty(world.NotKnown);
        Assert.True(ended.Outcome == (it.ForGood ? RunOutcome.None : RunOutcome.Done), SimulatedRun.Story(ended, world));
    }

    /// <summary>By the kind of step: what is a guard of a standby is proved at a standby.</summary>
    [Fact]
    public void Every_guard_of_every_kind_of_step_is_tripped_by_a_break()
    {
        var guards = FaultCatalogue.Plans()
            .SelectMany(p => p.Steps)
            .SelectMany(s => FaultCatalogue.Leaves(s.Before).Select(c => $"{FaultCatalogue.Verb(s.Id)}: {c.GetType().Name}"));
        var tripped = AllTripped().Where(t => t.Place == "Before").Select(t => $"{t.Verb}: {t.Condition}");

        Assert.Empty(guards.Distinct().Except(tripped).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_condition_is_tripped_by_a_break()
    {
        string[] others =
        [
            nameof(All), // Its parts are.
            nameof(JobsStandStill), nameof(SynchronisationAhead), // Always so: they only say something. OneSidedTests.
            nameof(TimeReached), nameof(TimeLeft), // A person's own times. HoldsAndTimesTests.
        ];
        var conditions = typeof(Condition).Assembly.GetTypes().Where(t => t.BaseType == typeof(Condition)).Select(t => t.Name);

        Assert.Empty(conditions.Except(others).Except(AllTripped().Select(t => t.Condition)).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<Tripped> AllTripped() => FaultCatalogue.Breaks.SelectMany(b => FaultCatalogue.Of(b.What).Tripped);

    /// <summary>It takes longer than the budget, and goes on all the time.</summary>
    [Fact]
    public void A_resync_that_takes_its_time_is_waited_for()
    {
        var world = World.Create(SimulatedRun.Example, 92, SimulatedRun.Start);
        world.Schedule(new ResyncSlow("acd-store1", KiBPerSecond: 4), world.Now);
        var simulator = new Simulator(world, AllDrivers.Set);
        var started = SimulatedRun.Begin(world, simulator, GoalKind.Failover, "vm-host-1", null);

        var state = simulator.Run(Engine.Evolve(null, started), SimulatedRun.Night, _ => null);

        Assert.True(state.Outcome == RunOutcome.Done, SimulatedRun.Story(state, world));
        var step = state.Steps["unstandby.acd-store1"];
        Assert.True(step.EndedAt - step.StartedAt > SimulatedRun.Example.Budgets.Synchronise, $"{step.EndedAt - step.StartedAt}");
    }

    /// <summary>What machines say of the time decides nothing: it is said once, before anything is done.</summary>
    [Fact]
    public void Clocks_that_disagree_by_hours_mislead_nothing()
    {
        var world = World.Create(SimulatedRun.Example, 93, SimulatedRun.Start);
        var hours = -11;
        foreach (var machine in SimulatedRun.Example.Machines)
            world.Schedule(new ClockOff(machine.Name, TimeSpan.FromMinutes((hours++ * 60) + 7)), world.Now);

        var health = SimulatedRun.Health(world);
        Assert.Equal(Verdict.Holds, health.Verdict);
        Assert.Equal(
            SimulatedRun.Example.Machines.Select(m => m.Name).Order(StringComparer.Ordinal),
            health.Advice.Where(f => f.Code == StateFindings.ClockOff).Select(f => f.Subject).Order(StringComparer.Ordinal));
        var over = SimulatedRun.Go(world, GoalKind.Failover, "vm-host-1", null);
        Assert.True(over.Outcome == RunOutcome.Done, SimulatedRun.Story(over, world));
        var back = SimulatedRun.Go(world, GoalKind.Failback, "vm-host-1", over.Baseline);
        Assert.True(back.Outcome == RunOutcome.Done, SimulatedRun.Story(back, world));
        Assert.Empty(world.Truth.Violations);
    }

    /// <summary>A refused login is the word of a server: whoever is off by design cannot have said it.</summary>
    [Fact]
    public void Connecting_with_a_wrong_password_is_not_waiting_for_a_source_that_is_off()
    {
        var cluster = new Cluster();
        cluster.World.Schedule(new ReplicationPassword("acd-dbm2"), TimeSpan.Zero);
        cluster.Wait(5);
        var refused = Judged();
        cluster.StopAll();
        cluster.Power("acd-dbm1", false);
        cluster.Until(() => cluster["acd-dbm1"].Power == Changeover.Simulation.Power.Off, "off");
        cluster.Wait(5);

        Assert.Equal(Verdict.Fails, refused.Verdict);
        Assert.Contains("error 1045", Assert.Single(refused.Findings).Message, StringComparison.Ordinal);
        Assert.Equal(Verdict.Holds, Judged().Verdict);

        Judgement Judged()
        {
            var seen = cluster.See(new Subject(SubjectKind.Database, "acd-dbm2"));
            Assert.Equal(ReplicationThread.Connecting, Assert.Single(((DatabaseFacts)seen[0].Facts!).Channels).Io);
            return new WaitsForSource("acd-dbm2", "acd-dbm1").Judge(new View(Cluster.TwoHosts, Snapshot.Of(seen), seen[0].AnsweredAt, seen[0].AskedAt));
        }
    }

    /// <summary>The logs hold less than what it lacks, so it ends; after it was built anew it follows.</summary>
    [Fact]
    public void A_replica_whose_source_has_removed_what_it_lacks_cannot_follow()
    {
        var cluster = new Cluster();
        cluster.World.Schedule(new ReplicationStops("acd-dbm2"), TimeSpan.Zero);
        cluster.Wait(20);
        cluster.World.Schedule(new LogsPurged("acd-dbm1"), cluster.World.Now);
        cluster.Wait(1);
        cluster.Do(new SetReplication("acd-dbm2", true));
        cluster.Wait(5);

        var channel = Assert.Single(cluster.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm2").Channels);
        Assert.Equal((ReplicationThread.Stopped, 1236), (channel.Io, channel.IoErrno));
        cluster.World.Schedule(new ReplicaRebuilt("acd-dbm2"), cluster.World.Now);
        cluster.Wait(5);
        Assert.Equal(ReplicationThread.Running, Assert.Single(cluster.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm2").Channels).Io);
    }

    [Fact]
    public void A_copy_that_lacks_what_the_other_wrote_alone_and_becomes_primary_is_a_violation()
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.World.Schedule(new DrbdDisconnected("acd-store1"), cluster.World.Now);
        cluster.Wait(60);
        cluster.Do(new SetStandby("acd-store1", true, "acd-store2"));
        cluster.Until(() => cluster.Holds(cluster.Store, "acd-store2"), "moved");

        Assert.Contains(cluster.Truth.Violations, v => v is { Code: Invariants.StaleCopy, Subject: "acd-store2" } && v.Cause.IsOurs);
    }

    [Fact]
    public void An_address_that_comes_to_a_balancer_whose_backend_is_empty_is_a_violation()
    {
        var cluster = new Cluster();
        foreach (var machine in new[] { "acd-jb1", "acd-jb2" })
            cluster.World.Schedule(new SomebodySetsServer("acd-lb2", "jb", machine, ServerAdmin.Maint), TimeSpan.Zero);
        cluster.Wait(1);
        Assert.Empty(cluster.Truth.Violations);
        cluster.Do(new SetStandby("acd-lb1", true, "acd-lb1"));
        cluster.Wait(20);

        Assert.Contains(cluster.Truth.Violations, v => v is { Code: Invariants.PoolEmptied, Subject: "acd-lb2/jb" } && v.Cause.IsOurs);
    }
}
