using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>
/// What must never be so, judged on the ground truth. <see cref="Broken"/> looks at a state; the rest is asked at the moment
/// something happens and is recorded in <see cref="GroundTruth.Violations"/> with the hand that caused it.
/// </summary>
public sealed class Invariants
{
    public const string TwoPrimaries = "two-primaries";
    public const string TwoOwners = "two-owners";
    public const string TwoWriters = "two-writers";
    public const string SplitBrain = "split-brain";
    public const string StaleCopy = "stale-copy";
    public const string LostTransactions = "lost-transactions";
    public const string PowerOffPrimary = "power-off-primary";
    public const string PowerOffLastCopy = "power-off-last-copy";
    public const string PoolEmptied = "pool-emptied";
    public const string TwoSingletons = "two-singletons";
    public const string ServiceWithoutStore = "service-without-store";
    public const string MovedWhileUsed = "moved-while-used";

    private readonly World world;

    internal Invariants(World world) => this.world = world;

    /// <summary>What is broken in this state, whoever broke it. Two singletons are not judged here: a hand-over may take its time.</summary>
    public static ImmutableArray<Violation> Broken(GroundTruth truth)
    {
        var broken = ImmutableArray.CreateBuilder<Violation>();
        void Add(string code, string subject, string text) => broken.Add(new(truth.Now, code, subject, text, Cause.Nobody));
        foreach (var pair in truth.Pairs)
        {
            foreach (var set in pair.Sets)
            {
                if (HasTwoPrimaries(set))
                    Add(TwoPrimaries, pair.Name, $"{set.DrbdName} is primary on {pair.First} and {pair.Second}");
                if (HasTwoOwners(set))
                    Add(TwoOwners, pair.Name, $"{set.FloatingAddress} is on {pair.First} and {pair.Second}");
            }
        }
        if (WritingMasters(truth) is { Count: > 1 } writers)
            Add(TwoWriters, string.Join('+', writers), "clients write on both masters");
        if (BalancerModel.HolderOfAddress(truth) is { } holder)
        {
            foreach (var backend in EmptiedPools(truth, holder.Balancer!))
                Add(PoolEmptied, $"{holder.Name}/{backend}", "no server of it takes callers, and its software runs");
        }
        return broken.ToImmutable();
    }

    private static bool HasTwoPrimaries(ResourceSetTruth set) =>
        set.First.Role == ResourceRole.Promoted && set.Second.Role == ResourceRole.Promoted;

    private static bool HasTwoOwners(ResourceSetTruth set) =>
        set.First.Started > 0 && set.Second.Started > 0
        && BalancerModel.AddressStarted(set, set.First) && BalancerModel.AddressStarted(set, set.Second);

    private static List<string> WritingMasters(GroundTruth truth)
    {
        var writers = new List<string>();
        foreach (var machine in truth.Machines)
        {
            if (machine.Database is { IsMaster: true, Running: true, Writers: > 0 })
                writers.Add(machine.Name);
        }
        return writers;
    }

    /// <summary>Backends all of whose servers are set aside while software of theirs, or a client of the database, runs.</summary>
    private static IEnumerable<string> EmptiedPools(GroundTruth truth, BalancerTruth balancer)
    {
        string backend = "";
        foreach (var server in balancer.Servers)
        {
            if (server.Backend == backend)
                continue;
            backend = server.Backend;
            var ready = false;
            var used = backend == truth.WriterBackend && truth.Sessions.Count > 0;
            foreach (var s in balancer.Servers)
            {
                if (s.Backend != backend)
                    continue;
                ready |= s is { Admin: ServerAdmin.Ready, Weight: > 0 };
                used |= backend != truth.WriterBackend && truth.Machine(s.Machine).Services.Exists(x => x.Run == ServiceRun.Running);
            }
            if (used && !ready)
                yield return backend;
        }
    }

    internal void AfterPromotion(PairTruth pair, ResourceSetTruth set)
    {
        if (HasTwoPrimaries(set))
            world.Violate(TwoPrimaries, pair.Name, $"{set.DrbdName} is primary on {pair.First} and {pair.Second}");
    }

    /// <summary>DRBD itself lets a copy become primary that does not know what it lacks.</summary>
    internal void BeforePromotion(PairTruth pair, ResourceSetTruth set, string machine)
    {
        if (!set.Connected && set.On(pair, pair.Other(machine)).WroteAlone && !set.On(pair, machine).WroteAlone)
            world.Violate(StaleCopy, machine, $"becomes primary with a copy of {set.DrbdName} that lacks what {pair.Other(machine)} wrote alone", by: world.Doings.TakenSince(set));
    }

    internal void AfterAddresses()
    {
        foreach (var pair in world.Truth.Pairs)
        {
            foreach (var set in pair.Sets)
            {
                if (HasTwoOwners(set))
                    world.Violate(TwoOwners, pair.Name, $"{set.FloatingAddress} is on {pair.First} and {pair.Second}");
            }
        }
    }

    internal void AfterWriter(MachineTruth machine)
    {
        if (machine.Database!.IsMaster && WritingMasters(world.Truth) is { Count: > 1 } writers)
            world.Violate(TwoWriters, string.Join('+', writers), "clients write on both masters", by: world.Doings.WriterTakenSince());
    }

    internal void AfterServers(MachineTruth balancer)
    {
        if (BalancerModel.HolderOfAddress(world.Truth) != balancer)
            return;
        foreach (var backend in EmptiedPools(world.Truth, balancer.Balancer!))
            world.Violate(PoolEmptied, $"{balancer.Name}/{backend}", "no server of it takes callers, and its software runs");
    }

    internal void BeforePowerOff(MachineTruth machine)
    {
        if (machine.Power != Power.On)
            return;
        if (world.Truth.PairOf(machine.Name) is { } pair)
        {
            foreach (var set in pair.Sets)
            {
                var here = set.On(pair, machine.Name);
                if (here.Role == ResourceRole.Promoted || here.Started > 0)
                    world.Violate(PowerOffPrimary, machine.Name, $"is switched off while it holds {set.Role}");
                if (set.HasDrbd && here.Disk == DrbdDisk.UpToDate && (here.WroteAlone || set.On(pair, pair.Other(machine.Name)).Disk != DrbdDisk.UpToDate))
                    world.Violate(PowerOffLastCopy, machine.Name, $"is switched off while it has the only good copy of {set.DrbdName}");
            }
        }
        if (machine.Database is not { IsMaster: true, Running: true } db)
            return;
        if (world.Balancers.Writer == machine)
            world.Violate(PowerOffPrimary, machine.Name, "is switched off while the balancer sends the writers there");
        world.Databases.Settle();
        foreach (var other in world.DatabaseOrder)
        {
            if (other != machine && other.Database is { IsMaster: true } o && o.Has[db.ServerId - 1] < db.Has[db.ServerId - 1])
                world.Violate(PowerOffLastCopy, machine.Name, $"is switched off with {db.Has[db.ServerId - 1] - o.Has[db.ServerId - 1]} transactions {other.Name} does not have");
        }
    }

    /// <summary>A role begins to leave a machine on our word: nobody may be using it.</summary>
    internal void MovesAway(MachineTruth machine, ResourceSetTruth set)
    {
        if (!world.Cause.IsOurs)
            return;
        var drawn = world.Doings.DrawnSince(machine);
        if (set.HasDrbd)
        {
            foreach (var client in world.Truth.Machines)
            {
                foreach (var service in client.Services)
                {
                    if (service is { NeedsShare: true, Run: ServiceRun.Running or ServiceRun.Starting } && world.NeedsSet(client, set))
                        world.Violate(MovedWhileUsed, machine.Name, $"the store moves while {service.Name} runs on {client.Name}", by: drawn ?? world.Doings.BegunSince(client.Name, service.Name));
                }
            }
        }
        if (machine.Balancer is { } balancer && balancer.Role == set.Role)
        {
            foreach (var session in world.Truth.Sessions)
            {
                if (session.Balancer == machine.Name && session.Writes)
                {
                    world.Violate(MovedWhileUsed, machine.Name, $"the address moves while {session.Service} on {session.Client} writes through it", by: drawn ?? world.Doings.BegunSince(session.Client, session.Service));
                    return;
                }
            }
        }
    }
}
