using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>The ground truth of a cluster in its normal state, as its inventory describes it.</summary>
internal static class WorldBuilder
{
    public static GroundTruth Build(ClusterInventory inventory)
    {
        var truth = new GroundTruth
        {
            Hosts = [.. inventory.Hosts.Select(h => new HostTruth { Name = h.Name, Node = h.Node })],
            WriterBackend = inventory.Roles.Select(r => r.Balancer?.WriterBackend).FirstOrDefault(b => b is { Length: > 0 }) ?? "",
        };
        for (var i = 0; i < inventory.Machines.Length; i++)
            truth.Machines.Add(Machine(inventory, inventory.Machines[i], 101 + i));
        foreach (var pair in inventory.Pairs)
            truth.Pairs.Add(Pair(inventory, pair));
        Databases(inventory, truth);
        foreach (var machine in inventory.Balancers)
            truth.Machine(machine.Name).Balancer = Balancer(inventory, machine);
        Singletons(inventory, truth);
        return truth;
    }

    private static MachineTruth Machine(ClusterInventory inventory, Machine machine, int id) => new()
    {
        Name = machine.Name,
        Host = machine.Host,
        HostName = machine.HostName,
        NodeName = machine.NodeName,
        GuestName = machine.GuestName,
        Address = machine.Address,
        Platform = machine.Platform,
        GuestId = id,
        BootedAt = TimeSpan.FromDays(-40),
        Node = inventory.RolesOf(machine).Any(r => r.Redundancy == Redundancy.Pacemaker) ? new NodeTruth() : null,
        Services =
        [
            .. inventory.ServicesOf(machine).Select(s => new ServiceTruth
            {
                Name = s.Name,
                Form = s.Form,
                NeedsShare = s.NeedsShare,
                NeedsDatabase = s.NeedsDatabase,
                Singleton = s.Singleton,
                Enabled = s.Form == ServiceForm.Service,
            }),
        ],
    };

    private static PairTruth Pair(ClusterInventory inventory, Pair pair)
    {
        // By host order; the members' own order decides where both are on one host.
        var members = pair.Members.OrderBy(m => HostIndex(inventory, m)).ThenBy(m => m, StringComparer.Ordinal).ToArray();
        return new()
        {
            Name = pair.Name,
            First = members[0],
            Second = members[1],
            Sets = [.. pair.Roles.Select(Set)],
        };
    }

    private static int HostIndex(ClusterInventory inventory, string machine)
    {
        var host = inventory.Machine(machine).Host;
        for (var i = 0; i < inventory.Hosts.Length; i++)
        {
            if (inventory.Hosts[i].Name == host)
                return i;
        }
        return inventory.Hosts.Length;
    }

    private static ResourceSetTruth Set(Role role)
    {
        var name = role.Name.Replace('-', '_');
        var store = role.Store is not null;
        var drbd = role.Store is { DrbdResource.Length: > 0 } s ? s.DrbdResource : name;
        var resources = new List<ResourceTruth>();
        if (store)
            resources.Add(new($"fs_{drbd}", "ocf:heartbeat:Filesystem"));
        if (role.FloatingAddress.Length > 0)
            resources.Add(new($"ip_{(store ? drbd : name)}", "ocf:heartbeat:IPaddr2"));
        if (store)
            resources.Add(new($"smb_{drbd}", "systemd:smbd"));
        return new()
        {
            Role = role.Name,
            Clone = store ? $"drbd_{drbd}" : "",
            Group = store ? $"g_{name}" : "",
            DrbdName = store ? drbd : "",
            Resources = resources,
            FloatingAddress = role.FloatingAddress,
            Connected = store,
            First = new()
            {
                Role = store ? ResourceRole.Promoted : ResourceRole.Stopped,
                Started = resources.Count,
                Hold = true,
                Score = store ? 10000 : null,
            },
            Second = new()
            {
                Role = store ? ResourceRole.Unpromoted : ResourceRole.Stopped,
                Score = store ? 10000 : null,
            },
        };
    }

    /// <summary>Masters follow each other in a ring; a replica follows the master of its own host, or else the first.</summary>
    private static void Databases(ClusterInventory inventory, GroundTruth truth)
    {
        var masters = inventory.Masters.OrderBy(m => HostIndex(inventory, m.Name)).ThenBy(m => m.Name, StringComparer.Ordinal).ToArray();
        var replicas = inventory.Databases.Except(masters).ToArray();
        Machine[] all = [.. masters, .. replicas];
        for (var i = 0; i < all.Length; i++)
        {
            var isMaster = i < masters.Length;
            var source = masters.Length == 0 ? null
                : isMaster ? masters.Length > 1 ? masters[(i + masters.Length - 1) % masters.Length] : null
                : masters.FirstOrDefault(m => m.Host == all[i].Host) ?? masters[0];
            truth.Machine(all[i].Name).Database = new()
            {
                ServerId = i + 1,
                IsMaster = isMaster,
                ReadOnly = !isMaster,
                EventScheduler = isMaster,
                Has = new long[all.Length],
                Channel = source is null ? null : new() { Source = source.Name, Read = new long[all.Length] },
            };
        }
    }

    private static BalancerTruth Balancer(ClusterInventory inventory, Machine machine)
    {
        var role = inventory.RolesOf(machine).First(r => r.Balancer is not null);
        var settings = role.Balancer!;
        var balancer = new BalancerTruth { Role = role.Name, StartedAt = TimeSpan.FromDays(-40) };
        if (settings.WriterBackend.Length > 0)
        {
            var first = true;
            foreach (var m in inventory.Masters.OrderBy(m => HostIndex(inventory, m.Name)).ThenBy(m => m.Name, StringComparer.Ordinal))
            {
                balancer.Servers.Add(Server(settings, settings.WriterBackend, m, 3306, !first));
                first = false;
            }
        }
        // Software that works side by side on several Linux machines is what a balancer stands in front of.
        foreach (var pool in inventory.Roles.Where(r => r is { Redundancy: Redundancy.ActiveActive, Database: null } && r.Services.Length > 0))
        {
            foreach (var m in inventory.Machines.Where(m => m.Platform == Platform.Linux && m.Roles.Contains(pool.Name)))
                balancer.Servers.Add(Server(settings, pool.Name, m, 8080, false));
        }
        return balancer;
    }

    private static ServerTruth Server(BalancerSettings settings, string backend, Machine machine, int port, bool backup) => new()
    {
        Backend = backend,
        Name = ServerName(settings, machine.Name),
        Machine = machine.Name,
        Port = port,
        Backup = backup,
        ChangedAt = TimeSpan.FromDays(-39),
    };

    public static string ServerName(BalancerSettings settings, string machine)
    {
        foreach (var (server, of) in settings.Servers)
        {
            if (of == machine)
                return server;
        }
        return machine;
    }

    /// <summary>Normal state: the singleton runs on the first machine that carries it.</summary>
    private static void Singletons(ClusterInventory inventory, GroundTruth truth)
    {
        var placed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var machine in truth.Machines.OrderBy(m => HostIndex(inventory, m.Name)).ThenBy(m => m.Name, StringComparer.Ordinal))
        {
            foreach (var service in machine.Services.Where(s => s.Singleton.Length > 0))
            {
                var runs = placed.Add(service.Singleton);
                machine.Singletons.Add(new() { Name = service.Singleton, Service = service.Name, Running = runs, Wanted = runs });
            }
        }
    }

    /// <summary>Roles with a store that a machine's roles require, directly or through others.</summary>
    public static ImmutableHashSet<string> RequiredStores(ClusterInventory inventory, string machine)
    {
        var found = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(inventory.FindMachine(machine)?.Roles ?? []);
        while (open.TryPop(out var name))
        {
            if (!seen.Add(name) || inventory.Roles.FirstOrDefault(r => r.Name == name) is not { } role)
                continue;
            if (role.Store is not null)
                found.Add(name);
            foreach (var required in role.Requires)
                open.Push(required);
        }
        return found.ToImmutable();
    }
}
