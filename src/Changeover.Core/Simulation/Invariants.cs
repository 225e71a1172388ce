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
            world.Violate(StaleCopy, machine, $"becomes primary with a copy of {set.DrbdName} that lacks what {pair.Other(machine)} wrote alone", by: Since(parted, set, world.Cause) ?? Since(leftAt, set, world.Cause));
    }

    internal void Parted(ResourceSetTruth set) => parted[set.Role] = (world.Now, world.Cause);

    private readonly Dictionary<string, (TimeSpan At, Cause By)> parted = new(StringComparer.Ordinal);

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
            world.Violate(TwoWriters, string.Join('+', writers), "clients write on both masters", by: Since(writerMoved, world.Cause) ?? Since(openedBeside, world.Cause));
    }

    /// <summary>
    /// Machines, software and moves take their time. When somebody parted the copies, took the store or the writer, or began to write on a master
    /// himself after the word was given, it is his doing: the word was right when it was given, and no look before it could have told.
    /// </summary>
    /// <param name="shows">What would have shown it, where a guard looks at that: then it is his doing from that look on.</param>
    private static Cause? Since((TimeSpan At, Cause By)? done, Cause cause, Subject? shows = null)
    {
        var from = shows is { } subject && cause.Looked?.TryGetValue(subject.ToString(), out var looked) == true ? looked : cause.At;
        return done is { } it && it.At > from && !it.By.IsOurs ? it.By : null;
    }

    private static Cause? Since(Dictionary<string, (TimeSpan At, Cause By)> done, ResourceSetTruth set, Cause cause) =>
        done.TryGetValue(set.Role, out var it) ? Since(it, cause) : null;

    internal void WriterMoves() => writerMoved = (world.Now, world.Cause);

    private (TimeSpan At, Cause By)? writerMoved;

    /// <summary>A set of resources leaves its machine.</summary>
    private void StopsServing(ResourceSetTruth set) => leftAt[set.Role] = (world.Now, world.Cause);

    /// <summary>A machine is not heard any more: what it holds serves nobody.</summary>
    internal void FallsSilent(MachineTruth machine)
    {
        foreach (var pair in world.Truth.Pairs.Where(p => p.First == machine.Name || p.Second == machine.Name))
        {
            foreach (var set in pair.Sets.Where(s => s.On(pair, machine.Name).Started == s.Resources.Count))
                StopsServing(set);
        }
    }

    /// <summary>
    /// Who took a client's store after the word was given to start it: the store served then, which is all that a look before the word can
    /// tell. Null: it did not, or it was taken on our word.
    /// </summary>
    internal Cause? StoreTakenSince(MachineTruth client, Cause cause)
    {
        Cause? by = null;
        foreach (var pair in world.Truth.Pairs)
        {
            foreach (var set in pair.Sets.Where(s => s.HasDrbd && world.NeedsSet(client, s) && !world.IsServing(pair, s)))
            {
                by = Since(leftAt, set, cause);
                if (by is null)
                    return null;
            }
        }
        return by;
    }

    private readonly Dictionary<string, (TimeSpan At, Cause By)> leftAt = new(StringComparer.Ordinal);

    /// <summary>A session that writes was opened on a master itself, past the balancers.</summary>
    internal void OpenedBeside() => openedBeside = (world.Now, world.Cause);

    private (TimeSpan At, Cause By)? openedBeside;

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

    internal void SoftwareBegins(MachineTruth machine, ServiceTruth service) => begun[(machine.Name, service.Name)] = (world.Now, world.Cause);

    private readonly Dictionary<(string Machine, string Service), (TimeSpan At, Cause By)> begun = [];

    /// <summary>Who started this software behind our last look at it, or after our word; null: it ran then, or runs on our word.</summary>
    private Cause? BegunSince(string machine, string service) =>
        begun.TryGetValue((machine, service), out var it) ? Since(it, world.Cause, new Subject(SubjectKind.Services, machine)) : null;

    internal void Reconfigured(PairTruth pair) => reconfigured[pair.Name] = (world.Now, world.Cause);

    private readonly Dictionary<string, (TimeSpan At, Cause By)> reconfigured = new(StringComparer.Ordinal);

    /// <summary>A role begins to leave a machine on our word: nobody may be using it.</summary>
    internal void MovesAway(MachineTruth machine, ResourceSetTruth set)
    {
        StopsServing(set);
        if (!world.Cause.IsOurs)
            return;
        // A node that joins, or a copy that is synchronised, takes the role long after our word when somebody gave it a reason meanwhile.
        var drawn = machine.Node is { Standby: false, Leaving: false } && world.Truth.PairOf(machine.Name) is { } pair && reconfigured.TryGetValue(pair.Name, out var it)
            ? Since(it, world.Cause, new Subject(SubjectKind.PacemakerSetup, machine.Name))
            : null;
        if (set.HasDrbd)
        {
            foreach (var client in world.Truth.Machines)
            {
                foreach (var service in client.Services)
                {
                    if (service is { NeedsShare: true, Run: ServiceRun.Running or ServiceRun.Starting } && world.NeedsSet(client, set))
                        world.Violate(MovedWhileUsed, machine.Name, $"the store moves while {service.Name} runs on {client.Name}", by: drawn ?? BegunSince(client.Name, service.Name));
                }
            }
        }
        if (machine.Balancer is { } balancer && balancer.Role == set.Role)
        {
            foreach (var session in world.Truth.Sessions)
            {
                if (session.Balancer == machine.Name && session.Writes)
                {
                    world.Violate(MovedWhileUsed, machine.Name, $"the address moves while {session.Service} on {session.Client} writes through it", by: drawn ?? BegunSince(session.Client, session.Service));
                    return;
                }
            }
        }
    }
}
