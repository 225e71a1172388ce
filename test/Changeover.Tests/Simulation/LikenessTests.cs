using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Tests.Simulation;

/// <summary>A cluster made like another one is seen as that one was, by the same drivers, wherever anything was known.</summary>
public sealed class LikenessTests
{
    public static TheoryData<string> Inventories => ["example", "apart", "together", "mysql"];

    private static ClusterInventory Inventory(string name) => name switch
    {
        "example" => SimulatedRun.Example,
        "apart" or "mysql" => Cluster.TwoHosts,
        _ => Cluster.Build(together: true),
    };

    /// <summary>MySQL has GTIDs or has none.</summary>
    private static World Create(string name, ulong seed) =>
        World.Create(Inventory(name), seed, SimulatedRun.Start) is var world && name == "mysql" ? MysqlTests.Mysql(world, gtids: seed % 2 == 0) : world;

    [Theory]
    [MemberData(nameof(Inventories))]
    public void A_cluster_in_its_normal_state_has_a_likeness(string name)
    {
        foreach (var seed in (ulong[])[5, 6])
        {
            var world = Create(name, seed);
            world.AdvanceTo(TimeSpan.FromMinutes(2));

            IsAlike(world, name);
        }
    }

    /// <summary>Whatever random faults made of it, soon after they struck, in the middle of what follows, and long after.</summary>
    [Theory]
    [MemberData(nameof(Inventories))]
    public void A_cluster_after_random_faults_has_a_likeness(string name)
    {
        var differ = new List<string>();
        for (var seed = 1UL; seed <= 60; seed++)
        {
            var world = Create(name, seed);
            world.Apply(FaultPlan.Draw(seed, Inventory(name), TimeSpan.FromMinutes(3)) with { RequestLost = 0, ReplyLost = 0, Slow = 0 });
            foreach (var minutes in (double[])[1, 2.2, 3.05, 4, 30])
            {
                world.AdvanceTo(TimeSpan.FromMinutes(minutes));
                differ.AddRange(Differences(world).Select(d => $"seed {seed} at {minutes} min: {d}"));
            }
        }

        Assert.True(differ.Count == 0, string.Join('\n', differ));
    }

    /// <summary>Each kind of fault by itself, at once, while what follows is under way, and after it.</summary>
    [Theory]
    [InlineData("apart")]
    [InlineData("mysql")]
    public void A_cluster_after_any_one_fault_has_a_likeness(string name)
    {
        var differ = new List<string>();
        foreach (var fault in WorldTests.EveryFault)
        {
            var world = Create(name, 3);
            world.AdvanceTo(TimeSpan.FromSeconds(30));
            world.Schedule(fault, world.Now);
            foreach (var seconds in (double[])[30.2, 33, 36, 45, 90])
            {
                world.AdvanceTo(TimeSpan.FromSeconds(seconds));
                differ.AddRange(Differences(world).Select(d => $"{fault.GetType().Name} {seconds - 30:0.0} s later: {d}"));
            }
        }

        Assert.True(differ.Count == 0, string.Join('\n', differ));
    }

    /// <summary>A failover and a failback left at some event of their journals, with and without faults.</summary>
    [Theory]
    [InlineData(GoalKind.Failover, false)]
    [InlineData(GoalKind.Failover, true)]
    [InlineData(GoalKind.Failback, false)]
    [InlineData(GoalKind.Failback, true)]
    public void A_cluster_on_its_way_has_a_likeness(GoalKind kind, bool withFaults)
    {
        var differ = new List<string>();
        for (var events = 3; events < 420; events += 13)
        {
            var world = World.Create(SimulatedRun.Example, (ulong)events, SimulatedRun.Start);
            world.AdvanceTo(TimeSpan.FromSeconds(30));
            Baseline? found = null;
            if (kind == GoalKind.Failback)
                found = SimulatedRun.Go(world, GoalKind.Failover, "vm-host-1", null).Baseline;
            if (withFaults)
                world.Apply((FaultPlan.Draw((ulong)events, SimulatedRun.Example, TimeSpan.FromMinutes(8)) with { RequestLost = 0, ReplyLost = 0, Slow = 0 }).Later(world.Now));
            var simulator = new Simulator(world, AllDrivers.Set);
            var started = SimulatedRun.Begin(world, simulator, kind, "vm-host-1", found);
            simulator.Run(Engine.Evolve(null, started), SimulatedRun.Night, _ => null, crashAfter: events);
            differ.AddRange(Differences(world).Select(d => $"left after {events} events: {d}"));
        }

        Assert.True(differ.Count == 0, string.Join('\n', differ));
    }

    /// <summary>
    /// The plan is derived from what is seen of the one cluster and carried out on its likeness: the same plan comes out there, and it ends.
    /// </summary>
    [Theory]
    [InlineData(GoalKind.Failover, int.MaxValue)]
    [InlineData(GoalKind.Failback, int.MaxValue)]
    [InlineData(GoalKind.Failback, 150)]
    [InlineData(GoalKind.Failback, 260)]
    [InlineData(GoalKind.Failover, int.MaxValue, true)]
    [InlineData(GoalKind.Failback, int.MaxValue, true)]
    public void The_plan_of_what_was_seen_is_the_plan_of_its_likeness_and_comes_to_its_end_there(GoalKind kind, int abortedAfter, bool mysql = false)
    {
        var world = World.Create(SimulatedRun.Example, 8, SimulatedRun.Start);
        if (mysql)
            MysqlTests.Mysql(world);
        // What somebody prefers and keeps otherwise than the inventory's normal state has it.
        world.Schedule(new SomebodySetsServer("acd-lb1", "portal", "acd-jb3", ServerAdmin.Drain), world.Now);
        world.Schedule(new SomebodySetsDowntime("acd-jb4"), world.Now);
        world.AdvanceTo(TimeSpan.FromMinutes(2));
        var (baseline, remainder) = kind == GoalKind.Failover ? (null, null) : Over(world, abortedAfter);
        var seen = SimulatedRun.Look(new Simulator(world, AllDrivers.Set));
        baseline ??= Baseline.Take("m1", world.Utc, seen);
        Assert.Equal(abortedAfter < int.MaxValue, remainder is not null);
        if (remainder is not null)
            remainder = remainder with { Now = Baseline.Take("m1", world.Utc, seen) };
        var plan = Planner.Derive(SimulatedRun.Example, "digest", new(kind, "vm-host-1"), baseline, PlanOptions.Default, world.Utc, remainder);

        var rehearsal = Rehearsal.Of(SimulatedRun.Example, AllDrivers.Set, plan, seen, 1);
        var end = rehearsal.Play(new(MishapKind.None));

        Assert.Empty(rehearsal.NotCarriedOver);
        Assert.Empty(rehearsal.Drawn);
        Assert.Equal("", end.Broken);
        Assert.True(end is { Outcome: RunOutcome.Done, Halts.IsEmpty: true }, string.Join('\n', end.Halts));
        var again = SimulatedRun.Look(new Simulator(Likeness.Of(SimulatedRun.Example, [seen], 1, world.Utc).World, AllDrivers.Set));
        var found = kind == GoalKind.Failover ? Baseline.Take("m1", world.Utc, again) : rehearsal.Plan.Baseline;
        var same = Planner.Derive(SimulatedRun.Example, "digest", plan.Goal, found, PlanOptions.Default, world.Utc, remainder is null ? null : remainder with { Now = Baseline.Take("m1", world.Utc, again) });
        Assert.Equal(plan.Digest, same.Digest);
    }

    private static string Why(Observation o) => o.Silent ? "silent" : o.Problem?.Code.Code ?? "known";

    /// <summary>A failover carried out, whole or aborted after some events of its journal.</summary>
    private static (Baseline? Found, Remainder? Remainder) Over(World world, int abortedAfter)
    {
        var simulator = new Simulator(world, AllDrivers.Set);
        var started = SimulatedRun.Begin(world, simulator, GoalKind.Failover, "vm-host-1", null);
        var state = simulator.Run(Engine.Evolve(null, started), SimulatedRun.Night, _ => null, crashAfter: abortedAfter);
        world.AdvanceTo(world.Now + TimeSpan.FromMinutes(3));
        return (state.Baseline, state.IsOver ? null : new(state.Baseline, [state.Run]));
    }

    /// <summary>No model has these. Each is said with what is played in its place, and nothing else is.</summary>
    [Fact]
    public void What_the_simulated_cluster_knows_nothing_of_is_listed()
    {
        var seen = Likeness.Look(World.Create(Cluster.TwoHosts, 5, SimulatedRun.Start), AllDrivers.Set);
        var drbd = seen.Facts<DrbdFacts>(SubjectKind.Drbd, "acd-store1")!;
        var setup = seen.Facts<PacemakerSetupFacts>(SubjectKind.PacemakerSetup, "acd-store1")!;
        var balancer = seen.Facts<BalancerFacts>(SubjectKind.Balancer, "acd-lb1")!;
        var services = seen.Facts<ServiceFacts>(SubjectKind.Services, "acd-jb1")!;
        seen = With(seen, SubjectKind.Drbd, "acd-store1", drbd with { Resources = [.. drbd.Resources, drbd.Resources[0] with { Name = "second" }] });
        seen = With(seen, SubjectKind.PacemakerSetup, "acd-store1", setup with { Stickiness = setup.Stickiness.SetItem("g_store", 700) });
        seen = With(seen, SubjectKind.Balancer, "acd-lb1", balancer with { Servers = [.. balancer.Servers, new("mail", "mx9", "192.0.2.9:25", ServerAdmin.Ready, true, "UP", 1, false, 0)] });
        seen = With(seen, SubjectKind.Services, "acd-jb1", services with { Manager = ServiceManager.SysV });

        var missing = NotCarriedOver.Between(Cluster.TwoHosts, seen, Likeness.Look(Likeness.Of(Cluster.TwoHosts, [seen], 1, SimulatedRun.Start).World, AllDrivers.Set));

        Assert.Equal(["balancer:acd-lb1", "drbd:acd-store1", "pacemaker-setup:acd-store1", "services:acd-jb1"], missing.Select(m => m.Subject.ToString()).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains(missing, m => m is { What: "stickiness.g_store", Seen: "700", Played: "absent" });
        Assert.Contains(missing, m => m is { What: "manager", Seen: "SysV", Played: "Systemd" });
        Assert.Contains(missing, m => m.What.StartsWith("resources[second]", StringComparison.Ordinal));
        Assert.Contains(missing, m => m.What.StartsWith("servers[mail mx9]", StringComparison.Ordinal));
    }

    /// <summary>A machine that is on and silent: one seed is one cluster, and another one is another.</summary>
    [Fact]
    public void What_nobody_has_seen_is_drawn_from_the_seed()
    {
        var world = World.Create(Cluster.TwoHosts, 5, SimulatedRun.Start);
        world.Schedule(new MachineUnreachable("acd-tel2"), world.Now);
        world.AdvanceTo(TimeSpan.FromSeconds(20));
        var seen = Likeness.Look(world, AllDrivers.Set);
        Likeness Of(ulong seed) => Likeness.Of(Cluster.TwoHosts, [seen], seed, world.Utc);
        string State(ulong seed) => string.Join(' ', Of(seed).World.Truth.Machine("acd-tel2").Services.Select(s => s.Run));

        Assert.Equal(["machine:acd-tel2", "services:acd-tel2", "singleton:acd-tel2"], Of(1).Drawn.Select(s => s.ToString()).Order(StringComparer.Ordinal));
        Assert.True(Of(1).World.Truth.Machine("acd-tel2") is { Power: Changeover.Simulation.Power.On, Unreachable: true });
        Assert.Equal(4, Enumerable.Range(1, 40).Select(s => State((ulong)s)).Distinct().Count());
        Assert.Equal(Of(7).World.Save(), Of(7).World.Save());
    }

    private static Snapshot With(Snapshot seen, SubjectKind kind, string name, Facts facts) => seen.With([seen.Find(kind, name)! with { Facts = facts }]);

    private static void IsAlike(World world, string what)
    {
        var differ = Differences(world);
        Assert.True(differ.Length == 0, $"{what}\n{string.Join('\n', differ)}");
    }

    private static string[] Differences(World world)
    {
        var seen = Likeness.Look(world, AllDrivers.Set);
        var likeness = Likeness.Of(world.Inventory, [seen], 1, world.Utc);
        var again = Likeness.Look(likeness.World, AllDrivers.Set);
        return
        [
            .. NotCarriedOver.Between(world.Inventory, seen, again).Select(n => n.ToString()),
            // What was unknown is unknown for the same reason; silence has two words.
            .. seen.All.Where(o => o.Facts is null && Why(o) != Why(again.Find(o.Subject)!)).Select(o => $"{o.Subject} was unknown: {Why(o)}, now {Why(again.Find(o.Subject)!)}"),
            .. likeness.Drawn.Where(s => seen.Find(s)?.Facts is not null).Select(s => $"{s} was drawn, and known"),
            .. likeness.World.NotKnown,
        ];
    }
}
