using Changeover.Inventory;

namespace Changeover.Knowledge;

/// <summary>Reading a balancer's facts.</summary>
public static class BalancerJudge
{
    /// <summary>
    /// The servers HAProxy would give a new session in a backend: the active ones that are up and ready; when there is none,
    /// the first backup that is. Source: HAProxy configuration manual, "backup"; seen on 2.6.
    /// </summary>
    public static ImmutableArray<BalancerServer> Chosen(BalancerFacts facts, string backend)
    {
        var usable = facts.Servers.Where(s => s.Backend == backend && s is { Admin: ServerAdmin.Ready, Up: true, Weight: > 0 }).ToArray();
        var active = usable.Where(s => !s.Backup).ToImmutableArray();
        return active.Length > 0 ? active : [.. usable.Where(s => s.Backup).Take(1)];
    }

    /// <summary>The machine that is the writer by this balancer, or null when it chooses none, several or one the inventory does not know.</summary>
    public static string? Writer(BalancerFacts facts, ClusterInventory inventory, string balancer)
    {
        var settings = Settings(inventory, balancer);
        if (settings is not { WriterBackend.Length: > 0 })
            return null;
        var chosen = Chosen(facts, settings.WriterBackend);
        return chosen.Length == 1 ? settings.MachineOf(chosen[0].Name, inventory) : null;
    }

    public static BalancerSettings? Settings(ClusterInventory inventory, string balancer) =>
        inventory.RolesOf(inventory.Machine(balancer)).Select(r => r.Balancer).FirstOrDefault(b => b is not null);

    /// <summary>The servers of a balancer that stand for machines on a host.</summary>
    public static IEnumerable<BalancerServer> ServersOn(BalancerFacts facts, ClusterInventory inventory, string balancer, string host)
    {
        var settings = Settings(inventory, balancer);
        return facts.Servers.Where(s => settings?.MachineOf(s.Name, inventory) is { } machine && inventory.Machine(machine).Host == host);
    }
}
