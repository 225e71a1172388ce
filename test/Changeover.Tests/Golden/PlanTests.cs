using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Simulation;
using Changeover.Tests.Inventory;
using Changeover.Tests.Simulation;

namespace Changeover.Tests.Golden;

/// <summary>
/// Plans for what a cluster is seldom found like, or is seldom asked for, word for word in a file each. Nothing is run here; that such
/// plans come to their end is proved where the runs are (RemainderTests, SignedTests, LeavingOutTests …).
/// </summary>
public sealed class PlanTests
{
    private static readonly ClusterInventory Example = SimulatedRun.Example;

    private static readonly ImmutableArray<PlanCase> All =
    [
        new("failover-with-all-times", GoalKind.Failover) { Options = PlanOptions.Default with { NotBefore = At(20), TurnBack = At(24), BackBy = At(50) } },
        new("failback-with-all-times", GoalKind.Failback) { Options = PlanOptions.Default with { NotBefore = At(20), TurnBack = At(24) } },
        new("failover-without-machines", GoalKind.Failover) { Options = Without("acd-jb1", "acd-jb5", "acd-dbs1") },
        new("failback-without-machines", GoalKind.Failback) { Options = Without("acd-jb1", "acd-jb5", "acd-dbs1") },
        new("failover-without-half-of-a-pair", GoalKind.Failover) { Host = "vm-host-2", Options = Without("acd-store2") },
        new("failover-without-half-of-the-balancers", GoalKind.Failover) { Host = "vm-host-2", Options = Without("acd-lb2") },
        new("failback-without-half-of-the-balancers", GoalKind.Failback) { Host = "vm-host-2", Options = Without("acd-lb2") },
        new("failover-of-a-host-without-servers", GoalKind.Failover) { Inventory = Only(m => m.Host == "vm-host-2" || m.Name is "acd-store1" or "acd-lb1") },
        new("failback-of-a-host-without-servers", GoalKind.Failback) { Inventory = Only(m => m.Host == "vm-host-2" || m.Name is "acd-store1" or "acd-lb1") },
        new("failover-of-a-host-with-one-server", GoalKind.Failover) { Inventory = Only(m => m.Host == "vm-host-2" || m.Name is "acd-store1" or "acd-lb1" or "acd-jb1") },
        new("failback-of-a-host-with-one-server", GoalKind.Failback) { Inventory = Only(m => m.Host == "vm-host-2" || m.Name is "acd-store1" or "acd-lb1" or "acd-jb1") },
        new("failover-without-databases", GoalKind.Failover) { Inventory = Only(m => !m.Name.StartsWith("acd-db", StringComparison.Ordinal)) },
        new("failback-without-databases", GoalKind.Failback) { Inventory = Only(m => !m.Name.StartsWith("acd-db", StringComparison.Ordinal)) },
        new("failover-without-balancers", GoalKind.Failover) { Inventory = Only(m => !m.Name.StartsWith("acd-lb", StringComparison.Ordinal)) },
        new("failback-without-balancers", GoalKind.Failback) { Inventory = Only(m => !m.Name.StartsWith("acd-lb", StringComparison.Ordinal)) },
        new("failback-without-a-master", GoalKind.Failback) { Options = Without("acd-dbm1") },
        new("failover-software-that-needs-little", GoalKind.Failover) { Inventory = NeedsLittle },
        new("failback-software-that-needs-little", GoalKind.Failback) { Inventory = NeedsLittle },
        new("failover-store-only-mounted", GoalKind.Failover) { Inventory = Roles(r => r with { Store = r.Store is { } store ? store with { Share = "" } : null }) },
        new("failover-no-writer-backend", GoalKind.Failover) { Inventory = Roles(r => r with { Balancer = r.Balancer is { } balancer ? balancer with { WriterBackend = "" } : null }) },
        new("failover-over-another-claim", GoalKind.Failover) { Options = PlanOptions.Default with { TakeOver = "failover-of-somebody" } },
        new("close", GoalKind.Close) { Options = Leftovers },
        new("close-nothing", GoalKind.Close),
        new("close-silenced-by-a-person", GoalKind.Close) { Inventory = SilencedByAPerson, Options = Leftovers },
        new("failover-silenced-by-a-person", GoalKind.Failover) { Inventory = SilencedByAPerson },
        new("failback-silenced-by-a-person", GoalKind.Failback) { Inventory = SilencedByAPerson },
        new("failover-without-monitoring", GoalKind.Failover) { Inventory = Example with { Monitoring = null } },
        new("failback-without-monitoring", GoalKind.Failback) { Inventory = Example with { Monitoring = null } },
        new("failover-singleton", GoalKind.Failover) { Inventory = FaultCatalogue.Site },
        new("failback-singleton", GoalKind.Failback) { Inventory = FaultCatalogue.Site },
        new("failover-singleton-by-a-person", GoalKind.Failover) { Inventory = SingletonByAPerson },
        new("failback-singleton-by-a-person", GoalKind.Failback) { Inventory = SingletonByAPerson },
        new("failover-singleton-stays", GoalKind.Failover) { Host = "vm-host-2", Inventory = FaultCatalogue.Site },
        new("failover-singleton-on-the-other-side", GoalKind.Failover) { Inventory = FaultCatalogue.Site, Found = SingletonOnTheOtherSide },
        new("failback-singleton-on-the-other-side", GoalKind.Failback) { Inventory = FaultCatalogue.Site, Found = SingletonOnTheOtherSide },
        new("failover-singleton-nowhere", GoalKind.Failover) { Inventory = FaultCatalogue.Site, Found = [SingletonOnTheOtherSide[0]] },
        new("failover-on-from-half-way", GoalKind.Failover) { Since = HalfWay },
        new("failover-on-with-the-picture-taken", GoalKind.Failover) { Since = HalfWay, IsPictured = true },
        new("failback-from-half-way", GoalKind.Failback) { Since = HalfWay },
        new("failover-on-from-one-balancer-set", GoalKind.Failover) { Since = OneBalancerSet },
        new("failback-from-one-balancer-set", GoalKind.Failback) { Since = OneBalancerSet },
        new("failover-on-from-the-address-moved", GoalKind.Failover) { Since = AddressMoved },
        new("failback-from-the-address-moved", GoalKind.Failback) { Since = AddressMoved },
        new("failover-on-from-the-store-in-standby", GoalKind.Failover) { Since = [.. SoftwareStopped, [new SetStandby("acd-store1", true, "acd-store1")]] },
        new("failover-on-from-stopped-software", GoalKind.Failover) { Since = SoftwareStopped },
        new("failback-from-stopped-software", GoalKind.Failback) { Since = SoftwareStopped },
        new("failback-of-the-second-host-from-a-machine-off", GoalKind.Failback) { Host = "vm-host-2", Since = [[Stop("acd-jb4", "wildfly")], [new SetPower("acd-jb4", "vm-host-2", On: false)]] },
        new("failback-from-machines-off", GoalKind.Failback) { Since = MachinesOff },
        new("failover-on-from-machines-off", GoalKind.Failover) { Since = MachinesOff },
    ];

    private static ClusterInventory Only(Func<Machine, bool> machines) => Example with { Machines = [.. Example.Machines.Where(machines)] };

    private static ClusterInventory Roles(Func<Role, Role> change) => Example with { Roles = [.. Example.Roles.Select(change)] };

    /// <summary>On chat nothing, on api only the share.</summary>
    private static ClusterInventory NeedsLittle => Example with
    {
        Roles = [.. Example.Roles.Select(r => r.Name switch { "chat" => r with { Services = ["greeter"] }, "api" => r with { Services = ["archive"] }, _ => r })],
        Services = [.. Example.Services, new() { Name = "greeter", Title = "Greeter" }, new() { Name = "archive", Title = "Archive", NeedsShare = true }],
    };

    private static ClusterInventory SilencedByAPerson => Example with { Monitoring = new() { Kind = MonitoringKind.Person, SharedObjects = ["acd-portal"] } };

    private static ClusterInventory SingletonByAPerson => FaultCatalogue.Site with
    {
        Services = [.. FaultCatalogue.Site.Services.Select(s => s.Singleton.Length > 0 ? s with { SingletonControl = "" } : s)],
    };

    private static ImmutableArray<ImmutableArray<ClusterAction>> SingletonOnTheOtherSide =>
        [[new SetSingleton("acd-tel1", "AcdGroupDistribute", false)], [new SetSingleton("acd-tel2", "AcdGroupDistribute", true)]];

    private static PlanOptions Leftovers => PlanOptions.Default with
    {
        Leftovers = new([new("acd-dbm1", "m1-failover"), new("acd-dbm2", "m1-failback")], ["m1-kept", "m1-emptied"]),
    };

    private static ImmutableArray<ImmutableArray<ClusterAction>> SoftwareStopped => [[Stop("acd-jb1", "wildfly"), Stop("acd-jb4", "wildfly"), Stop("acd-tel2", "robot5")]];

    private static ImmutableArray<ImmutableArray<ClusterAction>> OneBalancerSet =>
        [.. SoftwareStopped, [new SetServers("acd-lb2", [new("jb", "acd-jb1", ServerAdmin.Maint)])]];

    /// <summary>The address has moved, the store has not, and one server of one balancer is set.</summary>
    private static ImmutableArray<ImmutableArray<ClusterAction>> AddressMoved =>
    [
        .. SoftwareStopped,
        [new SetStandby("acd-lb1", true, "acd-lb1")],
        [new SetStandby("acd-lb1", false, "acd-lb1")],
        [new SetServers("acd-lb2", [new("jb", "acd-jb1", ServerAdmin.Maint)])],
    ];

    /// <summary>The store has moved, the address too, but its node is still in standby.</summary>
    private static ImmutableArray<ImmutableArray<ClusterAction>> HalfWay =>
    [
        .. SoftwareStopped,
        [new SetStandby("acd-store1", true, "acd-store1"), new SetStandby("acd-lb1", true, "acd-lb1")],
        [new SetStandby("acd-store1", false, "acd-store1")],
    ];

    private static ImmutableArray<ImmutableArray<ClusterAction>> MachinesOff =>
    [
        .. HalfWay,
        [new SetStandby("acd-lb1", false, "acd-lb1")],
        [new SetPower("acd-jb1", "vm-host-1", On: false), new SetPower("acd-dbm1", "vm-host-1", On: false), new SetPower("acd-lb1", "vm-host-1", On: false)],
    ];

    public static TheoryData<string> Names => [.. All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_plan_is_word_for_word_as_kept(string name)
    {
        var plan = Derive(All.Single(c => c.Name == name));

        GoldenTests.Same(RepositoryFile.Path("test", "Changeover.Tests", "Golden", "plans"), $"{name}.txt", PlanText.Text(plan));
    }

    public static TheoryData<string> Failbacks => [.. All.Where(c => c.Goal == GoalKind.Failback).Select(c => c.Name)];

    /// <summary>Of the guards only the digest is in the text.</summary>
    [Theory]
    [MemberData(nameof(Failbacks))]
    public void A_machine_that_is_switched_on_pulls_no_role_and_its_software_finds_what_it_needs(string name)
    {
        var it = All.Single(c => c.Name == name);
        foreach (var step in Derive(it).Steps.Where(s => s.Deed is SetPower { On: true }))
        {
            var guards = FaultCatalogue.Leaves(step.Before).ToArray();
            var services = it.Inventory.ServicesOf(it.Inventory.Machine(step.Machine)).ToArray();
            bool IsUsed(Pair pair) => !pair.Members.Contains(step.Machine)
                && services.Any(s => (pair.HasStore && s.NeedsShare) || (pair.HasBalancer && s.NeedsDatabase));

            Assert.Equal(
                it.Inventory.Pairs.Where(p => p.Members.Contains(step.Machine) && !p.Members.Any(it.Options.Machines.Contains)).Select(p => new JoinMovesNothing(p.Name, step.Machine)),
                guards.OfType<JoinMovesNothing>());
            Assert.Equal(
                it.Inventory.Pairs.Where(IsUsed).Select(p => p.Name),
                guards.OfType<PairHeld>().Where(g => g.Other == PeerExpectation.Any).Select(g => g.Pair));
            Assert.Equal(
                services.Any(s => s.NeedsDatabase) && it.Inventory.Masters.Any() && it.Inventory.Balancers.Any(),
                guards.OfType<WriterIs>().Any());
        }
    }

    // Ids and times are neither in the text nor in the digest.

    [Fact]
    public void A_plan_that_goes_on_makes_a_backup_of_its_own()
    {
        var first = Derive(new("", GoalKind.Failover));
        var on = Derive(new("", GoalKind.Failover) { Since = SoftwareStopped });

        Assert.Equal(new StartBackup("acd-dbm1", "m1-failover"), first.Step("backup.acd-dbm1").Action);
        Assert.Equal(new StartBackup("acd-dbm1", "m1-failover-2"), on.Step("backup.acd-dbm1").Action);
    }

    [Fact]
    public void A_downtime_lasts_as_its_side_needs_it()
    {
        var world = World.Create(Example, 1, GoldenTests.Start);
        GoldenTests.Find(world);
        var now = world.Utc;
        DateTimeOffset[] Untils(PlanCase it) => [.. Derive(it).Steps.Select(s => s.Action).OfType<SetDowntime>().OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => d.Until)];

        // First the emptied side's, then the kept one's.
        Assert.Equal([now + TimeSpan.FromDays(1), now + Example.Budgets.Downtime], Untils(new("", GoalKind.Failover)));
        Assert.Equal([At(50), now + Example.Budgets.Downtime], Untils(new("", GoalKind.Failover) { Options = PlanOptions.Default with { BackBy = At(50) } }));
        Assert.Equal([now + Example.Budgets.Downtime, now + Example.Budgets.Downtime], Untils(new("", GoalKind.Failback)));
    }

    private static Plan Derive(PlanCase it)
    {
        var world = World.Create(it.Inventory, 1, GoldenTests.Start);
        GoldenTests.Do(world, it.Found);
        var found = GoldenTests.Find(world);
        if (it.IsPictured)
            found = found with { Quieted = [.. found.Found.Where(f => f.Facts is BalancerFacts)] };
        GoldenTests.Do(world, it.Since);
        var remainder = it.Since.IsEmpty ? null : new Remainder(GoldenTests.Find(world), ["failover-1"]);
        return Planner.Derive(it.Inventory, "inventory", new(it.Goal, it.Host), found, it.Options, world.Utc, remainder);
    }

    private static SetService Stop(string machine, string service) => new(machine, service, false);

    private static DateTimeOffset At(int hours) => GoldenTests.Start + TimeSpan.FromHours(hours);

    private static PlanOptions Without(params string[] machines) => new(machines.ToImmutableSortedDictionary(m => m, _ => "broken since Monday", StringComparer.Ordinal));
}

internal sealed record PlanCase(string Name, GoalKind Goal)
{
    public string Host { get; init; } = "vm-host-1";

    public ClusterInventory Inventory { get; init; } = SimulatedRun.Example;

    public PlanOptions Options { get; init; } = PlanOptions.Default;

    /// <summary>What is not as in a fresh cluster; two minutes pass after each group.</summary>
    public ImmutableArray<ImmutableArray<ClusterAction>> Found { get; init; } = [];

    /// <summary>The aborted run had taken the second picture.</summary>
    public bool IsPictured { get; init; }

    /// <summary>What an aborted run has done since the cluster was found whole; two minutes pass after each group.</summary>
    public ImmutableArray<ImmutableArray<ClusterAction>> Since { get; init; } = [];
}
