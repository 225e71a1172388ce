using System.Collections.Concurrent;
using System.Globalization;
using Changeover.Drivers;
using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using static Changeover.Tests.Simulation.SimulatedRun;

namespace Changeover.Tests.Simulation;

/// <summary>The example with MySQL 8.4 in place of MariaDB.</summary>
public sealed class MysqlTests
{
    /// <summary>Makes every database of a fresh cluster a MySQL 8.4.</summary>
    /// <param name="gtids">False: gtid_mode is OFF, as it is where nobody set it.</param>
    internal static World Mysql(World world, bool gtids = true)
    {
        foreach (var machine in world.Truth.Machines)
        {
            if (machine.Database is not { } db)
                continue;
            (db.Version, db.GtidMode) = ("8.4.7", gtids);
            if (db.Channel is { } channel)
                channel.UsesGtid = gtids;
        }
        return world;
    }

    private static DatabaseFacts[] Databases(World world) =>
        [.. Likeness.Look(world, AllDrivers.Set).All.Select(o => o.Facts).OfType<DatabaseFacts>()];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Failover_and_failback_end_done_with_everything_as_found(bool gtids)
    {
        var world = Mysql(World.Create(Example, 1, Start), gtids);
        world.AdvanceTo(TimeSpan.FromMinutes(1));
        var found = Databases(world);
        Assert.All(found, f => Assert.Equal(("mysql", gtids), (f.Product, f.Gtid.Length > 0)));
        Assert.All(found.SelectMany(f => f.Channels), c => Assert.Equal((gtids, 0, 0), (c.UsesGtid, c.IoErrno, c.SqlErrno)));

        var over = Go(world, GoalKind.Failover, "vm-host-1", null);
        Assert.True(over.Outcome == RunOutcome.Done, Story(over, world));
        var back = Go(world, GoalKind.Failback, "vm-host-1", over.Baseline);
        Assert.True(back.Outcome == RunOutcome.Done, Story(back, world));

        Assert.Equal(found.Length, Databases(world).Count(f => f.Product == "mysql"));
        Assert.Empty(world.Truth.Violations);
        Assert.Empty(world.NotKnown);
    }

    /// <summary>
    /// As <see cref="WholeRunTests"/> does it for MariaDB, and with faults of databases alone, under which more of them come to their end;
    /// MYSQLPAIRS=500 for the long check.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Under_random_faults_both_runs_end_done_or_halted_and_harm_nothing(bool ofDatabases)
    {
        var pairs = int.Parse(Environment.GetEnvironmentVariable("MYSQLPAIRS") ?? "10", CultureInfo.InvariantCulture);
        var broken = new ConcurrentBag<string>();
        var done = new ConcurrentBag<GoalKind>();
        var example = Mysql(World.Create(Example, 1, Start));
        var baseline = Go(example, GoalKind.Failover, "vm-host-1", null).Baseline;
        var emptied = example.Save();
        Parallel.For(3000, 3000 + pairs, n =>
        {
            var seed = (ulong)n;
            var world = Mysql(World.Create(Example, seed, Start), gtids: n % 2 == 0);
            var over = UnderFaults(world, GoalKind.Failover, null, seed);
            if (over.Outcome == RunOutcome.Done)
                UnderFaults(world, GoalKind.Failback, over.Baseline, seed + 1_000_000);
            else
                UnderFaults(World.Load(emptied, Example), GoalKind.Failback, baseline, seed + 1_000_000);
        });

        Assert.True(broken.IsEmpty, string.Join('\n', broken.Order(StringComparer.Ordinal)));
        if (ofDatabases)
            Assert.Equal([GoalKind.Failover, GoalKind.Failback], done.Distinct().Order());

        RunState UnderFaults(World world, GoalKind kind, Baseline? baseline, ulong seed)
        {
            var simulator = new Simulator(world, AllDrivers.Set);
            var started = Begin(world, simulator, kind, "vm-host-1", baseline);
            world.Apply((ofDatabases ? OfDatabases(seed) : FaultPlan.Draw(seed, Example, TimeSpan.FromMinutes(8))).Later(world.Now));
            var left = 6;
            var state = simulator.Run(Engine.Evolve(null, started), Night, s => left-- > 0 ? Mended(s) : null);
            var refused = state is { Outcome: RunOutcome.Refused, NothingChanged: true, Refusal.Length: > 0 };
            if (state.Outcome == RunOutcome.Done)
                done.Add(kind);
            if (state.Outcome != RunOutcome.Done && !state.IsHalted && !refused)
                broken.Add($"seed {seed} {kind}: neither done nor halted\n{Story(state, world)}");
            else if (Ours(world).Any())
                broken.Add($"seed {seed} {kind}: {string.Join("; ", Ours(world))}");
            return state;
        }
    }

    /// <summary>Some minutes apart: all that can befall replication, and two sessions nobody closes.</summary>
    private static FaultPlan OfDatabases(ulong seed)
    {
        Fault[] kinds =
        [
            new ReplicationStops("acd-dbm2"), new ReplicationStops("acd-dbm1"), new ReplicationStops("acd-dbm2", 1062), new ReplicationLags("acd-dbm1"), new ReplicationLags("acd-dbm2"),
            new LogsPurged("acd-dbm1"), new LogsPurged("acd-dbm2"), new ReplicationPassword("acd-dbm1"), new ReplicationPassword("acd-dbm2"), new JobStandsStill("acd-dbm2", "nightly"),
            new SessionForgotten("acd-jb1", "acd-dbm1", Direct: true), new SessionForgotten("acd-jb1", "acd-dbm1", Direct: false), new MachineUnreachable("acd-dbm2"), new MachineDies("acd-dbm1"),
        ];
        var dice = new Random((int)seed);
        return FaultPlan.None with
        {
            Seed = seed,
            Scheduled = [.. Enumerable.Range(0, 2).Select(_ => new PlannedFault(TimeSpan.FromSeconds(dice.Next(480)), kinds[dice.Next(kinds.Length)]))],
        };
    }

    /// <summary>A person who takes what is offered, and otherwise tries again.</summary>
    private static Decided Mended(RunState state) => Stands(state) is var id && Mends.For(state, id).IsEmpty
        ? new(default, id, Answer.Retry, "test", "") : new(default, id, Answer.Mend, "test", "offered");

    private static string Stands(RunState state) => state.Halted.Select(s => s.Id).Concat(state.Broken.Keys).First();

    /// <summary>
    /// A host that is off for longer than ten minutes: the replica's thread has ended when its source comes back, and that is no fault. The
    /// failback starts it.
    /// </summary>
    [Fact]
    public void A_replica_that_gave_up_waits_as_it_should_and_is_started_when_its_source_is_back()
    {
        var world = Mysql(World.Create(Example, 1, Start));
        var over = Go(world, GoalKind.Failover, "vm-host-1", null);
        Assert.True(over.Outcome == RunOutcome.Done, Story(over, world));
        var channel = world.Truth.Machine("acd-dbm2").Database!.Channel!;
        Assert.Equal(ReplicationThread.Connecting, channel.IoState);
        world.AdvanceTo(world.Now + TimeSpan.FromMinutes(11));

        var seen = Look(new(world, AllDrivers.Set));
        var facts = Assert.Single(seen.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm2")!.Channels);
        Assert.Equal((ReplicationThread.Stopped, true, 2003), (facts.Io, facts.SqlRunning, facts.IoErrno));
        Assert.Contains("attempt 10/10", facts.IoError, StringComparison.Ordinal);
        Assert.Equal(Verdict.Holds, Judge(new WaitsForSource("acd-dbm2", "acd-dbm1"), seen, world).Verdict);

        var back = Go(world, GoalKind.Failback, "vm-host-1", over.Baseline);

        Assert.True(back.Outcome == RunOutcome.Done, Story(back, world));
        Assert.Empty(world.Truth.Violations);
    }

    /// <summary>skip_replica_start: what a machine does not start at its boot was stopped by nobody.</summary>
    [Fact]
    public void Replicas_that_do_not_start_by_themselves_are_started_after_their_boot()
    {
        var world = Mysql(World.Create(Example, 1, Start));
        foreach (var machine in Example.Databases)
            world.Truth.Machine(machine.Name).Database!.ReplicatesAtBoot = false;
        var over = Go(world, GoalKind.Failover, "vm-host-1", null);
        var back = Go(world, GoalKind.Failback, "vm-host-1", over.Baseline);

        Assert.True(back.Outcome == RunOutcome.Done, Story(back, world));
        Assert.Empty(world.Truth.Violations);
        Assert.Equal(2, back.Plan.Steps.Count(s => s.Id is "replicate.acd-dbm1" or "replicate.acd-dbs1" && back.Steps[s.Id].Attempt == 1));
    }

    /// <summary>A server spoke at the address of a source that should be off, even if the two could not agree on a plug-in.</summary>
    [Theory]
    [InlineData(2003, true)]
    [InlineData(2005, true)]
    [InlineData(2013, true)]
    [InlineData(2061, false)]
    [InlineData(1045, false)]
    public void Only_a_source_that_does_not_answer_is_waited_for(int errno, bool waits)
    {
        var world = Mysql(World.Create(Example, 1, Start));
        world.AdvanceTo(TimeSpan.FromMinutes(1));
        (world.Truth.Machine("acd-dbm2").Database!.Channel!.IoState, world.Truth.Machine("acd-dbm2").Database!.Channel!.IoErrno) = (ReplicationThread.Connecting, errno);

        Assert.Equal(waits ? Verdict.Holds : Verdict.Fails, Judge(new WaitsForSource("acd-dbm2", "acd-dbm1"), Likeness.Look(world, AllDrivers.Set), world).Verdict);
    }

    /// <summary>What the drivers read of it is what is really so: in its normal state, and whatever stopped its replication.</summary>
    [Fact]
    public void Whatever_becomes_of_replication_is_read_as_it_is()
    {
        var cluster = new Cluster(Mysql(World.Create(Cluster.TwoHosts, 3, Start)));
        cluster.Wait(60);
        SeenIsTrue.Everywhere(cluster);
        Assert.Equal("", Channel().IoError);

        cluster.World.Schedule(new ReplicationStops("acd-dbm2", 1062), cluster.World.Now);
        cluster.World.Schedule(new JobStandsStill("acd-dbm2", "nightly"), cluster.World.Now);
        cluster.Wait(5);
        SeenIsTrue.Everywhere(cluster);
        Assert.Equal((false, 1062), (Channel().SqlRunning, Channel().SqlErrno));
        Assert.Equal(["jtel.nightly"], cluster.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm2").StandingJobs);
        Assert.Equal(Verdict.Fails, Applied().Verdict);

        cluster.Do(new SetReplication("acd-dbm2", Run: false));
        cluster.Wait(5);
        cluster.World.Schedule(new LogsPurged("acd-dbm1"), cluster.World.Now);
        cluster.Wait(5);
        cluster.Do(new SetReplication("acd-dbm2", Run: true));
        cluster.Wait(5);
        SeenIsTrue.Everywhere(cluster);
        // MySQL 8 gives what MariaDB calls 1236 a number of its own.
        Assert.Equal((ReplicationThread.Stopped, 13114), (Channel().Io, Channel().IoErrno));

        ReplicationChannel Channel() => Assert.Single(cluster.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm2").Channels);

        Judgement Applied() => Positions.Applied(
            "acd-dbm2", cluster.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm2"), "acd-dbm1", cluster.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm1"));
    }

    private static Judgement Judge(Condition condition, Snapshot seen, World world) =>
        condition.Judge(new View(Example, seen, new(world.Now, world.Utc), new(TimeSpan.MinValue, default), null, "", AnyAge: true));
}
