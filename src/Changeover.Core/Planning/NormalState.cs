using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Planning;

/// <summary>
/// B0: nobody saw what the cluster was like before a host was emptied, and a person signs the inventory's normal state as what to
/// go back to: every machine is on, a pair's role stands on its machine of the host that the inventory names first, the host's
/// servers take part, on the host runs what runs on the other machines of the same role, and a singleton runs on its machine of the host
/// that is named first. Everything else is as it is seen now.
/// </summary>
public static class NormalState
{
    /// <param name="picture">The cluster as seen now, with this host emptied.</param>
    public static Baseline Of(ClusterInventory inventory, string host, Baseline picture)
    {
        var found = picture.Found.ToDictionary(s => Subject.Parse(s.Subject), s => s.Facts);
        foreach (var machine in inventory.MachinesOn(host))
        {
            // Where a person switches it, only its answer would have said that it was on.
            if (inventory.IsSwitchedByAPerson(machine.Name))
                found.TryAdd(new(SubjectKind.Machine, machine.Name), new MachineFacts(machine.Name, "", null, null, [], null));
            if (inventory.ServicesOf(machine).Any())
                found[new(SubjectKind.Services, machine.Name)] = Services(inventory, machine, picture);
            var balancer = new Subject(SubjectKind.Balancer, machine.Name);
            if (Partner(inventory, machine) is { } partner && !found.ContainsKey(balancer) && found.TryGetValue(balancer with { Name = partner }, out var facts))
                found[balancer] = facts;
        }
        foreach (var (machine, facts) in Singletons(inventory, machine => found.GetValueOrDefault(new(SubjectKind.Services, machine)) as ServiceFacts))
            found[new(SubjectKind.Singleton, machine)] = facts;
        return picture with
        {
            Found = [.. found.OrderBy(f => f.Key).Select(f => new SeenFacts(f.Key.ToString(), Normal(inventory, host, f.Key.Name, f.Value)))],
            Assumed = true,
        };
    }

    private static Facts Normal(ClusterInventory inventory, string host, string name, Facts facts) => facts switch
    {
        PowerFacts f => f with { Guests = [.. f.Guests.Select(g => inventory.MachinesOn(name).Any(m => m.GuestName == g.Name) ? g with { Power = PowerState.On } : g)] },
        PacemakerFacts f when Divided(inventory, host, name) is { } pair => Held(f, pair, inventory.Machine(Home(inventory, pair)).NodeName),
        DrbdFacts f when Divided(inventory, host, name) is { } pair => f with { Resources = [.. f.Resources.Select(r => Whole(r, Home(inventory, pair) == name))] },
        BalancerFacts f => f with { Servers = [.. f.Servers.Select(s => BalancerJudge.ServersOn(f, inventory, name, host).Contains(s) ? TakesPart(s) : s)] },
        DatabaseFacts f => f with
        {
            Channels = [.. f.Channels.Select(c => inventory.MachinesOn(host).Any(m => Positions.Follows(c, m)) ? c with { Io = ReplicationThread.Running, SqlRunning = true } : c)],
        },
        _ => facts,
    };

    private static Pair? Divided(ClusterInventory inventory, string host, string machine) =>
        inventory.Pairs.FirstOrDefault(p => p.Members.Contains(machine) && p.Members.Any(m => inventory.Machine(m).Host == host));

    private static string Home(ClusterInventory inventory, Pair pair) =>
        inventory.Hosts.Select(h => pair.Members.FirstOrDefault(m => inventory.Machine(m).Host == h.Name)).OfType<string>().First();

    private static PacemakerFacts Held(PacemakerFacts facts, Pair pair, string home)
    {
        var holder = PairJudge.HolderNode(facts);
        return facts with
        {
            Nodes = [.. facts.Nodes.Select(n => n with { Online = true, Standby = false, Pending = false })],
            Resources = [.. facts.Resources.Select(r => r.Role == ResourceRole.Unpromoted ? r : r.Node == holder ? r with { Node = home } : r)],
        };
    }

    private static DrbdResource Whole(DrbdResource resource, bool isHome) => resource with
    {
        Role = isHome ? DrbdRole.Primary : DrbdRole.Secondary,
        PeerRole = isHome ? DrbdRole.Secondary : DrbdRole.Primary,
        Connection = DrbdConnection.Connected,
        Disk = DrbdDisk.UpToDate,
        PeerDisk = DrbdDisk.UpToDate,
    };

    private static BalancerServer TakesPart(BalancerServer server) =>
        server with { Admin = server.Admin == ServerAdmin.Maint ? ServerAdmin.Ready : server.Admin, Up = true };

    /// <summary>As on the machines that share a role with it; where there is none, everything that the catalogue puts there runs.</summary>
    private static ServiceFacts Services(ClusterInventory inventory, Machine machine, Baseline picture)
    {
        var alike = inventory.Machines.Where(m => m.Host != machine.Host && m.Roles.Intersect(machine.Roles).Any())
            .Select(m => picture.Facts<ServiceFacts>(SubjectKind.Services, m.Name)).OfType<ServiceFacts>().ToArray();
        return new([.. inventory.ServicesOf(machine).Select(s => alike.Select(a => a.Find(s.Name)).OfType<ServiceState>() is var seen && seen.FirstOrDefault(x => x.Run == ServiceRun.Running) is { } runs
            ? runs
            : seen.FirstOrDefault() ?? new(s.Name, ServiceRun.Running, ServiceStart.Unknown, ""))]);
    }

    private static IEnumerable<(string Machine, SingletonFacts Facts)> Singletons(ClusterInventory inventory, Func<string, ServiceFacts?> running)
    {
        foreach (var service in inventory.Services.Where(s => s.Singleton.Length > 0 && s.SingletonProbe.Length > 0))
        {
            var carriers = inventory.Hosts.SelectMany(h => inventory.MachinesOn(h.Name)).Where(m => inventory.ServicesOf(m).Contains(service)).Select(m => m.Name).ToArray();
            var home = carriers.FirstOrDefault(m => running(m)?.Find(service.Name) is { Run: ServiceRun.Running });
            foreach (var machine in home is null ? [] : carriers)
                yield return (machine, new(service.Singleton, machine == home ? ServiceRun.Running : ServiceRun.Stopped));
        }
    }

    private static string? Partner(ClusterInventory inventory, Machine balancer) =>
        inventory.Pairs.FirstOrDefault(p => p.HasBalancer && p.Members.Contains(balancer.Name))?.Other(balancer.Name);
}
