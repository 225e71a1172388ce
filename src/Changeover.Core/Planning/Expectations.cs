using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Planning;

/// <summary>What the System Health Check expects (F12, B15): the automatic list, per area.</summary>
public static class Expectations
{
    /// <summary>Both sides up, every pair whole, nothing of a maintenance left.</summary>
    /// <param name="found">Who held what: roles stay where they were found.</param>
    public static ImmutableArray<(string Area, Condition Condition)> Normal(ClusterInventory inventory, Baseline found, IReadOnlySet<string> without)
    {
        var list = ImmutableArray.CreateBuilder<(string, Condition)>();
        var machines = inventory.Machines.Where(m => !without.Contains(m.Name)).ToArray();
        Machines(list, inventory, machines, found);
        foreach (var pair in inventory.Pairs.Where(p => !p.Members.Any(without.Contains)))
        {
            var holder = found.HolderOf(pair, inventory);
            list.Add(("pairs", new PairHeld(pair.Name, holder ?? "", PeerExpectation.Online)));
            if (holder is null)
                continue;
            if (pair.HasStore)
            {
                list.Add(("store", new DrbdIs(holder, Primary: true, Alone: false)));
                list.Add(("store", new DrbdIs(pair.Other(holder), Primary: false, Alone: false)));
                list.Add(("store", new ScoresFull(pair.Name, holder)));
            }
            foreach (var address in pair.FloatingAddresses)
                list.Add(("pairs", new AddressAt(address, holder, pair.Members)));
        }
        // Of a pair with a machine left out the other one is judged by what callers need of it.
        foreach (var pair in inventory.Pairs.Where(p => p.Members.Count(without.Contains) == 1))
        {
            var left = pair.Members.First(m => !without.Contains(m));
            foreach (var address in pair.FloatingAddresses)
                list.Add(("pairs", new AddressAt(address, left, [left])));
        }
        var balancers = inventory.Balancers.Where(m => !without.Contains(m.Name)).Select(m => m.Name).ToArray();
        foreach (var balancer in balancers)
        {
            list.Add(("balancers", new BalancerObeys(balancer)));
            list.Add(("balancers", new ServersUp(balancer, ExceptHost: "", Except(without))));
            if (Writer(inventory, found, without) is { } writer)
                list.Add(("balancers", new WriterIs(balancer, writer)));
        }
        for (var i = 1; i < balancers.Length; i++)
            list.Add(("balancers", new BalancersAgree(balancers[0], balancers[i])));
        foreach (var database in inventory.Databases.Where(m => !without.Contains(m.Name)))
            list.Add(("databases", new Replicates(database.Name, Except(without))));
        return list.ToImmutable();
    }

    /// <summary>The database that the balancers choose when both sides are up: the one found, or its peer while that is left out; null: none.</summary>
    public static string? Writer(ClusterInventory inventory, Baseline found, IReadOnlySet<string> without) =>
        found.Writer(inventory) is { } writer && without.Contains(writer)
            ? inventory.Masters.Select(m => m.Name).FirstOrDefault(m => !without.Contains(m))
            : found.Writer(inventory);

    /// <summary>One host's machines are off, everything runs on the others (F10, F12).</summary>
    /// <param name="found">The baseline from before: which software has to run.</param>
    public static ImmutableArray<(string Area, Condition Condition)> Emptied(ClusterInventory inventory, string host, Baseline found, IReadOnlySet<string> without, bool serving)
    {
        var list = ImmutableArray.CreateBuilder<(string, Condition)>();
        var kept = inventory.Machines.Where(m => m.Host != host && !without.Contains(m.Name) && found.WasOn(m)).ToArray();
        foreach (var machine in inventory.MachinesOn(host).Where(m => !without.Contains(m.Name)))
            list.Add(("power", new PowerIs(machine.Name, On: false)));
        Machines(list, inventory, kept, found, serving);
        foreach (var (area, condition) in OneSided(inventory, host, without))
            list.Add((area, condition));
        return list.ToImmutable();
    }

    /// <summary>
    /// After an aborted run: every machine is on or off as it was seen, and whatever is to be built on is sound. Which side holds
    /// what, and which software runs, is what the plan is there for.
    /// </summary>
    public static ImmutableArray<(string Area, Condition Condition)> Partly(ClusterInventory inventory, Baseline found, Remainder remainder, IReadOnlySet<string> without)
    {
        var list = ImmutableArray.CreateBuilder<(string, Condition)>();
        var machines = inventory.Machines.Where(m => !without.Contains(m.Name) && found.WasOn(m)).ToLookup(remainder.IsOn);
        foreach (var machine in machines[false])
            list.Add(("power", new PowerIs(machine.Name, On: false)));
        Machines(list, inventory, [.. machines[true]], found, serving: false);
        foreach (var pair in inventory.Pairs.Where(p => !p.Members.Any(without.Contains)))
        {
            if (remainder.Now.HolderOf(pair, inventory) is not { } holder)
            {
                list.Add(("pairs", new PairHeld(pair.Name, "", PeerExpectation.Online)));
                continue;
            }
            var peer = !remainder.IsOn(inventory.Machine(pair.Other(holder))) ? PeerExpectation.Offline
                : remainder.InStandby(pair, inventory).Any(m => m.Name != holder) ? PeerExpectation.Standby
                : PeerExpectation.Online;
            list.Add(("pairs", new PairHeld(pair.Name, holder, peer)));
            if (pair.HasStore)
                list.Add(("store", new DrbdIs(holder, Primary: true, Alone: peer != PeerExpectation.Online)));
            foreach (var address in pair.FloatingAddresses)
                list.Add(("pairs", new AddressAt(address, holder, [.. pair.Members.Where(m => remainder.IsOn(inventory.Machine(m)))])));
        }
        foreach (var balancer in machines[true].Where(m => inventory.Balancers.Contains(m)))
            list.Add(("balancers", new BalancerObeys(balancer.Name)));
        var off = machines[false].Where(m => inventory.Databases.Contains(m)).Select(m => m.Name).ToImmutableArray();
        foreach (var database in machines[true].Where(m => inventory.Databases.Contains(m)))
        {
            list.Add(("databases", new Replicates(database.Name, [.. without.Order(StringComparer.Ordinal), .. off])));
            foreach (var source in off)
                list.Add(("databases", new WaitsForSource(database.Name, source)));
        }
        return list.ToImmutable();
    }

    /// <summary>F10: the degraded state that is right from the power-off until the resynchronisation, and a fault at any other time.</summary>
    public static IEnumerable<(string Area, Condition Condition)> OneSided(ClusterInventory inventory, string host, IReadOnlySet<string> without)
    {
        foreach (var pair in inventory.Pairs.Where(p => p.Members.Any(m => inventory.Machine(m).Host == host)))
        {
            if (pair.Members.All(m => inventory.Machine(m).Host == host))
                continue;
            var kept = pair.Members.First(m => inventory.Machine(m).Host != host);
            if (without.Contains(kept))
                continue;
            // What became of the other machine of the pair is nobody's business when it is left out.
            if (!pair.Members.Any(without.Contains))
            {
                yield return ("pairs", new PairHeld(pair.Name, kept, PeerExpectation.Offline));
                if (pair.HasStore)
                    yield return ("store", new DrbdIs(kept, Primary: true, Alone: true));
            }
            foreach (var address in pair.FloatingAddresses)
                yield return ("pairs", new AddressAt(address, kept, [kept]));
        }
        foreach (var balancer in inventory.Balancers.Where(m => m.Host != host && !without.Contains(m.Name)))
            yield return ("balancers", new BalancerObeys(balancer.Name));
        var keptMasters = inventory.Masters.Where(m => m.Host != host).Select(m => m.Name).ToArray();
        var emptiedDatabases = inventory.Databases.Where(m => m.Host == host && !without.Contains(m.Name)).Select(m => m.Name).ToArray();
        if (keptMasters.Length == 1)
        {
            foreach (var balancer in inventory.Balancers.Where(m => m.Host != host && !without.Contains(m.Name)))
                yield return ("balancers", new WriterIs(balancer.Name, keptMasters[0]));
        }
        foreach (var master in keptMasters.Where(m => !without.Contains(m)))
        {
            yield return ("databases", new JobsStandStill(master));
            foreach (var off in inventory.Masters.Where(m => m.Host == host && !without.Contains(m.Name)))
                yield return ("databases", new LogsKept(master, off.Name));
        }
        foreach (var database in inventory.Databases.Where(m => m.Host != host && !without.Contains(m.Name)))
        {
            foreach (var off in emptiedDatabases)
                yield return ("databases", new WaitsForSource(database.Name, off));
        }
    }

    /// <summary>B0: what the machines that are to be started stand on is there.</summary>
    public static IEnumerable<Condition> HostIsReady(ClusterInventory inventory, string host, IReadOnlySet<string> without) =>
        inventory.MachinesOn(host).Where(m => !without.Contains(m.Name)).Select(m => new HostReady(m.Name));

    /// <summary>B3: what there will be to synchronise, of the stores and masters on the side that stayed.</summary>
    public static SynchronisationAhead Ahead(ClusterInventory inventory, string host, IReadOnlySet<string> without) => new(
        [.. inventory.MachinesWith(r => r.Store is not null).Where(m => m.Host != host && !without.Contains(m.Name)).Select(m => m.Name)],
        [.. inventory.Masters.Where(m => m.Host != host && !without.Contains(m.Name)).Select(m => m.Name)]);

    /// <summary>The machines left out, as conditions name them.</summary>
    public static ImmutableArray<string>? Except(IReadOnlySet<string> without) => without.Count == 0 ? null : [.. without.Order(StringComparer.Ordinal)];

    private static void Machines(
        ImmutableArray<(string, Condition)>.Builder list, ClusterInventory inventory, IReadOnlyCollection<Machine> machines, Baseline found, bool serving = true)
    {
        foreach (var machine in machines)
        {
            list.Add(("power", new PowerIs(machine.Name, On: true)));
            list.Add(("power", new PlacedOn(machine.Name)));
        }
        foreach (var machine in machines)
        {
            list.Add(("machines", new MachineIs(machine.Name)));
            list.Add(("machines", new DisksHaveRoom(machine.Name)));
        }
        if (!serving)
            return;
        foreach (var machine in machines)
        {
            foreach (var service in inventory.ServicesOf(machine).Where(s => found.ServiceRan(machine.Name, s.Name)))
                list.Add(("services", new ServiceIs(machine.Name, service.Name, Running: true)));
        }
    }
}
