using System.Globalization;
using Changeover.Findings;

namespace Changeover.Inventory;

/// <summary>What is wrong with an inventory as a whole: everything that one entry alone does not show.</summary>
public static class Validation
{
    /// <summary>G4's words: what the tool and the procedure stand on.</summary>
    public static readonly ImmutableArray<string> DependencyWords =
    [
        "controller", "journal", "jump-host", "name-server", "directory", "time-source", "hypervisor-management", "backup-target",
        "mail-relay", "licence-server", "quorum-device", "monitoring",
    ];

    /// <summary>The gates at which a site's own step can stand, in the order of a plan.</summary>
    public static readonly ImmutableArray<string> Gates =
        ["start", "quiet", "moved", "isolated", "empty", "booted", "synced", "checked", "serving", "done"];

    /// <summary>
    /// All findings, not the first. A finding's subject is the path of the entry it is about, as in <c>machines.acd-jb1.host</c>.
    /// An empty name is passed over: that it is missing is a finding of its reader.
    /// </summary>
    /// <param name="known">All roles that catalogue and inventory define, also those that no machine has; they may be referred to.
    /// Default: the inventory's.</param>
    public static ImmutableArray<Finding> Check(ClusterInventory inventory, ImmutableArray<Role> known = default)
    {
        known = known.IsDefault ? inventory.Roles : known;
        return
        [
            .. Hosts(inventory),
            .. References(inventory, known),
            .. Addresses(inventory),
            .. Names(inventory),
            .. RoleOrder(known),
            .. MachineOrder(inventory),
            .. Pairs(inventory),
            .. Replicated(inventory),
            .. ActiveActive(inventory),
            .. Platforms(inventory),
            .. Settings(inventory),
        ];
    }

    private static IEnumerable<Finding> Hosts(ClusterInventory inventory)
    {
        if (inventory.Hosts.Length == 1)
            yield return InventoryFindings.HostsTooFew.On("hosts", "count", "one");
        foreach (var host in inventory.Hosts.Where(h => IsPlainHttp(h.Url)))
            yield return InventoryFindings.PlainHttp.On($"hosts.{host.Name}.proxmox");
        if (inventory.Monitoring is { } monitoring && IsPlainHttp(monitoring.Url))
            yield return InventoryFindings.PlainHttp.On("monitoring.icinga2");

        static bool IsPlainHttp(string url) => url.StartsWith("http:", StringComparison.OrdinalIgnoreCase);
    }

    private static IEnumerable<Finding> References(ClusterInventory inventory, ImmutableArray<Role> known)
    {
        var hosts = inventory.Hosts.Select(h => h.Name).ToImmutableArray();
        var machines = inventory.Machines.Select(m => m.Name).ToImmutableArray();
        var roles = known.Select(r => r.Name).ToImmutableArray();
        var services = inventory.Services.Select(s => s.Name).ToImmutableArray();

        var all = new List<(string Path, string Kind, string Name, ImmutableArray<string> Known)>();
        foreach (var machine in inventory.Machines)
        {
            var path = $"machines.{machine.Name}";
            all.Add(($"{path}.host", "host", machine.Host, hosts));
            all.AddRange(machine.Roles.Select((r, i) => ($"{path}.roles[{i}]", "role", r, roles)));
            all.AddRange(machine.Services.Select((s, i) => ($"{path}.services[{i}]", "service", s, services)));
        }
        foreach (var role in known)
        {
            var path = $"roles.{role.Name}";
            all.AddRange(role.Requires.Select((r, i) => ($"{path}.requires[{i}]", "role", r, roles)));
            all.AddRange(role.Services.Select((s, i) => ($"{path}.services[{i}]", "service", s, services)));
            if (role.Balancer is { } balancer)
                all.AddRange(balancer.Servers.Select(s => ($"{path}.servers.{s.Key}", "machine", s.Value, machines)));
        }
        all.AddRange(inventory.Dependencies.Where(d => d.RunsOn.Length > 0).Select(d => ($"dependencies.{d.RunsOn}", "host", d.RunsOn, hosts)));

        foreach (var (path, kind, name, names) in all.Distinct())
        {
            if (name.Length > 0 && names.Length > 0 && !names.Contains(name))
                yield return InventoryFindings.UnknownReference.On(
                    path, "kind", kind, "name", name, "nearest", Spelling.Nearest(name, names), "known", string.Join(", ", names));
        }
        foreach (var machine in inventory.Machines)
        {
            foreach (var (list, names) in new[] { ("roles", machine.Roles), ("services", machine.Services) })
            {
                foreach (var twice in names.GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1))
                    yield return InventoryFindings.NamedTwice.On($"machines.{machine.Name}.{list}", "name", twice.Key);
            }
        }
    }

    private static IEnumerable<Finding> Addresses(ClusterInventory inventory)
    {
        var own = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var machine in inventory.Machines.Where(m => m.Address.Length > 0))
        {
            if (!own.TryAdd(machine.Address, machine.Name))
                yield return InventoryFindings.AddressTwice.On(
                    $"machines.{machine.Name}.address", "address", machine.Address, "other", $"machines.{own[machine.Address]}");
        }
        // Two roles that are one pair, as store and balancer on the same machines, may share the address that moves.
        var floating = new Dictionary<string, (string Role, string Members)>(StringComparer.OrdinalIgnoreCase);
        foreach (var role in inventory.Roles.Where(r => r.FloatingAddress.Length > 0))
        {
            var members = string.Join(
                '+', inventory.Machines.Where(m => m.Roles.Contains(role.Name)).Select(m => m.Name).Order(StringComparer.Ordinal));
            if (own.TryGetValue(role.FloatingAddress, out var machine))
                yield return InventoryFindings.FloatingIsOwn.On(
                    $"roles.{role.Name}.floatingAddress", "address", role.FloatingAddress, "other", machine);
            else if (!floating.TryAdd(role.FloatingAddress, (role.Name, members)) && floating[role.FloatingAddress].Members != members)
                yield return InventoryFindings.AddressTwice.On(
                    $"roles.{role.Name}.floatingAddress", "address", role.FloatingAddress, "other", $"roles.{floating[role.FloatingAddress].Role}");
        }
    }

    private static IEnumerable<Finding> Names(ClusterInventory inventory)
    {
        // Node names need to differ inside a pair only: two clusters may both have a node1 and a node2.
        var findings = inventory.Pairs.SelectMany(p => Twice([.. p.Members.Select(inventory.Machine)], "nodeName", m => m.NodeName)).ToList();
        findings.AddRange(Twice(inventory.Machines, "hostName", m => m.HostName));
        findings.AddRange(Twice(inventory.Machines, "guestName", m => m.GuestName));
        return findings;

        static IEnumerable<Finding> Twice(ImmutableArray<Machine> machines, string key, Func<Machine, string> name) =>
            machines.GroupBy(name, StringComparer.OrdinalIgnoreCase).Where(g => g.Key.Length > 0 && g.Count() > 1).SelectMany(g =>
            {
                // The one that has it by default is right; the others were written.
                var same = g.OrderBy(m => m.Name != g.Key).ToImmutableArray();
                return same.Skip(1).Select(m => InventoryFindings.NameTwice.On(
                    $"machines.{m.Name}.{key}", "name", name(m), "other", $"machines.{same[0].Name}"));
            });
    }

    private static IEnumerable<Finding> RoleOrder(ImmutableArray<Role> known)
    {
        var requires = known.DistinctBy(r => r.Name).ToImmutableDictionary(r => r.Name, r => r.Requires, StringComparer.Ordinal);
        foreach (var cycle in StartOrder.Cycles(requires.Keys, name => requires.GetValueOrDefault(name, []).Where(requires.ContainsKey)))
            yield return InventoryFindings.RoleCycle.On($"roles.{cycle[0]}.requires", "cycle", string.Join(" -> ", cycle));
    }

    /// <summary>
    /// Several roles on one machine can make a circle among machines where there is none among roles. Only machines of one host
    /// have an order among each other: hosts are emptied one at a time.
    /// </summary>
    private static IEnumerable<Finding> MachineOrder(ClusterInventory inventory)
    {
        var requires = inventory.Roles.DistinctBy(r => r.Name).ToImmutableDictionary(r => r.Name, r => r.Requires, StringComparer.Ordinal);
        foreach (var host in inventory.Machines.GroupBy(m => m.Host, StringComparer.Ordinal).Where(g => g.Key.Length > 0))
        {
            var machines = host.DistinctBy(m => m.Name).ToImmutableDictionary(m => m.Name, StringComparer.Ordinal);
            foreach (var cycle in StartOrder.Cycles(machines.Keys, Needs))
            {
                // Roles in a circle are told already, and every machine with them would repeat it.
                if (cycle.SelectMany(name => machines[name].Roles).Any(r => StartOrder.Cycle(r, x => requires.GetValueOrDefault(x, [])) is not null))
                    continue;
                yield return InventoryFindings.MachineCycle.On($"machines.{cycle[0]}", "host", host.Key, "cycle", string.Join(" -> ", cycle));
            }

            IEnumerable<string> Needs(string name) =>
                machines.Values.Where(m => m.Name != name && m.Roles.Any(r => Above(machines[name].Roles).Contains(r))).Select(m => m.Name);
        }

        HashSet<string> Above(ImmutableArray<string> roles)
        {
            var above = new HashSet<string>(StringComparer.Ordinal);
            var queue = new Queue<string>(roles);
            while (queue.TryDequeue(out var role))
            {
                foreach (var next in requires.GetValueOrDefault(role, []).Where(above.Add))
                    queue.Enqueue(next);
            }
            return above;
        }
    }

    /// <summary>Otherwise a pair that lacks a member only repeats that this member's host or role is wrong.</summary>
    private static bool EveryMachineHasItsPlace(ClusterInventory inventory) => inventory.Machines.All(m =>
        m.Roles.Length > 0 && m.Roles.All(r => inventory.Roles.Any(known => known.Name == r)) && inventory.FindHost(m.Host) is not null);

    private static IEnumerable<Finding> Pairs(ClusterInventory inventory)
    {
        if (!EveryMachineHasItsPlace(inventory))
            yield break;
        foreach (var machine in inventory.Machines.Where(m => m.Pair is not null))
        {
            if (!inventory.RolesOf(machine).Any(r => r.Redundancy == Redundancy.Pacemaker))
                yield return InventoryFindings.PairUnused.On($"machines.{machine.Name}.pair");
        }
        foreach (var pair in inventory.Pairs)
        {
            var role = pair.Roles[0];
            var first = inventory.Machine(pair.Members[0]);
            var named = first.Pair ?? pair.Name;
            if (pair.Members.Length != 2)
                yield return InventoryFindings.PairSize.On(
                    $"machines.{first.Name}",
                    "pair", named, "role", role.Name, "count", Text(pair.Members.Length), "machines", string.Join(", ", pair.Members));
            else if (first.Host == inventory.Machine(pair.Members[1]).Host)
                yield return OnOneHost(named, pair.Members, first.Host);
        }
        foreach (var machine in inventory.Machines)
        {
            var pairs = inventory.Pairs.Where(p => p.Members.Contains(machine.Name)).ToImmutableArray();
            if (pairs.Length > 1)
                yield return InventoryFindings.PairsOverlap.On($"machines.{machine.Name}", "pairs", string.Join(", ", pairs.Select(p => p.Name)));
        }
    }

    private static IEnumerable<Finding> Replicated(ClusterInventory inventory)
    {
        if (!EveryMachineHasItsPlace(inventory))
            yield break;
        foreach (var role in inventory.Roles.Where(r => r.Redundancy == Redundancy.Replicated))
        {
            var members = inventory.Machines.Where(m => m.Roles.Contains(role.Name)).ToImmutableArray();
            var names = members.Select(m => m.Name).ToImmutableArray();
            if (members.Length != 2)
                yield return InventoryFindings.ReplicatedSize.On(
                    $"machines.{names[0]}", "role", role.Name, "count", Text(members.Length), "machines", string.Join(", ", names));
            else if (members[0].Host == members[1].Host)
                yield return OnOneHost(role.Name, names, members[0].Host);
            if (!inventory.Roles.Any(r => r.FloatingAddress.Length > 0 && r.Balancer is { WriterBackend.Length: > 0 }))
            {
                var balancer = inventory.Roles.FirstOrDefault(r => r.Balancer is not null)?.Name;
                yield return InventoryFindings.WriterUnknown.On($"roles.{balancer ?? role.Name}", "machines", string.Join(", ", names));
            }
        }
    }

    private static Finding OnOneHost(string pair, ImmutableArray<string> members, string host) =>
        InventoryFindings.PairOnOneHost.On($"machines.{members[1]}.host", "pair", pair, "machines", string.Join(", ", members), "host", host);

    private static IEnumerable<Finding> ActiveActive(ClusterInventory inventory)
    {
        if (!EveryMachineHasItsPlace(inventory))
            yield break;
        foreach (var role in inventory.Roles.Where(r => r.Redundancy == Redundancy.ActiveActive))
        {
            var members = inventory.Machines.Where(m => m.Roles.Contains(role.Name)).ToImmutableArray();
            var hosts = members.Select(m => m.Host).Distinct(StringComparer.Ordinal).ToImmutableArray();
            if (hosts is [var host])
                yield return InventoryFindings.NoPeer.On(
                    $"machines.{members[0].Name}", "role", role.Name, "machines", string.Join(", ", members.Select(m => m.Name)), "host", host);
        }
    }

    private static IEnumerable<Finding> Platforms(ClusterInventory inventory)
    {
        foreach (var machine in inventory.Machines.Where(m => m.Platform == Platform.Windows))
        {
            foreach (var role in inventory.RolesOf(machine))
            {
                var what = role switch
                {
                    { Redundancy: Redundancy.Pacemaker } => "pacemaker",
                    { Store: not null } => "drbd",
                    { Balancer: not null } => "haproxy",
                    { Database: not null } => "mysql or mariadb on linux",
                    _ => null,
                };
                if (what is not null)
                    yield return InventoryFindings.PlatformUnfit.On($"machines.{machine.Name}.platform", "role", role.Name, "what", what);
            }
        }
    }

    private static IEnumerable<Finding> Settings(ClusterInventory inventory)
    {
        foreach (var role in inventory.Roles.Where(r => r is { Redundancy: Redundancy.Pacemaker, FloatingAddress: "" }))
            yield return InventoryFindings.NoFloatingAddress.On($"roles.{role.Name}", "role", role.Name);

        var used = inventory.Machines.SelectMany(inventory.ServicesOf).Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var service in inventory.Services.Where(s => s is { Form: ServiceForm.Desktop, Process: "" } && used.Contains(s.Name)))
            yield return InventoryFindings.DesktopUnproved.On($"services.{service.Name}");

        if (inventory.Budgets.QuietWindow >= inventory.Budgets.Quiet)
            yield return InventoryFindings.WindowTooLong.On(
                "budgets.quietWindow",
                "window", Durations.Text(inventory.Budgets.QuietWindow), "budget", "quiet", "limit", Durations.Text(inventory.Budgets.Quiet));

        var unnamed = DependencyWords.Except(inventory.Dependencies.Select(d => d.What)).ToImmutableArray();
        if (unnamed.Length > 0)
            yield return InventoryFindings.DependenciesUnnamed.On("dependencies", "words", string.Join(", ", unnamed));
    }

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);
}
