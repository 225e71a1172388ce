using Changeover.Lab.Lifecycle;
using Changeover.Lab.Machines;

namespace Changeover.Lab.Breaks;

/// <summary>Pairs that do not behave: DRBD, Pacemaker, HAProxy.</summary>
internal static class ClusterBreaks
{
    private static readonly TimeSpan PcsLimit = TimeSpan.FromMinutes(2);

    public static ImmutableArray<Break> All { get; } =
    [
        new("drbd-disconnected", "the pair's storage no longer replicates", "acd-store2", false, m => m.IsStore,
            async (_, power) => await power.Must("drbdadm disconnect jtel"), (_, power, _) => power.Must("drbdadm connect jtel")),
        new("stale-ban", "a constraint left by \"pcs resource ban\": the resource may not run on this node", "acd-lb2", true, IsPair,
            (m, power) => power.Must($"pcs resource ban {Resource(m)} {m.Name}", PcsLimit), (m, _, _) => OneOf(m).Must($"pcs resource clear {Resource(m)}", PcsLimit)),
        new("stickiness-zero", "resource-stickiness 0 while a preference for node 1 exists: what was moved falls back", "acd-lb1", true, IsPair,
            (_, power) => power.Must("pcs resource defaults update resource-stickiness=0", PcsLimit),
            (m, _, _) => OneOf(m).Must("pcs resource defaults update resource-stickiness=100", PcsLimit)),
        new("standby-by-hand", "somebody sets the node to standby with pcs", "acd-lb2", true, IsPair,
            (m, power) => power.Must($"pcs node standby {m.Name}", PcsLimit), (m, _, _) => OneOf(m).Must($"pcs node unstandby {m.Name}", PcsLimit)),
        new("haproxy-reloaded", "HAProxy reloaded: it forgets which servers were in MAINT", "acd-lb2", false, m => m.Kind == MachineKind.Balancer, Reload, PutBack),
        new("balancers-disagree", "one server is in MAINT on this balancer only", "acd-lb2", false, m => m.Kind == MachineKind.Balancer,
            (m, _) => Balancer.Ask(m, "set server web/acd-jb5 state maint"), (m, _, _) => Balancer.Ask(m, "set server web/acd-jb5 state ready")),
    ];

    private static bool IsPair(Machine m) => m.Kind is MachineKind.Store or MachineKind.Balancer;

    /// <summary>The cluster's configuration belongs to both: whichever node is on can mend it.</summary>
    private static Power OneOf(Machine m) =>
        Topology.Machines.Where(x => x.Kind == m.Kind).OrderByDescending(x => x == m).Select(Power.Of).FirstOrDefault(p => p.IsOn)
        ?? throw new LabException(1, $"{m.Name} and its peer are off; switch one on first");

    private static string Resource(Machine m) => m.IsStore ? "g_store" : "ip_lb";

    private static async Task<string> Reload(Machine m, Power power)
    {
        var inMaintenance = (await Balancer.Read(m)).Where(r => r.Status.StartsWith("MAINT", StringComparison.Ordinal)).Select(r => $"{r.Backend}/{r.Server}").ToList();
        await power.Must("systemctl reload haproxy");
        return string.Join(' ', inMaintenance);
    }

    private static async Task PutBack(Machine m, Power power, string inMaintenance)
    {
        foreach (var server in inMaintenance.Split(' ', StringSplitOptions.RemoveEmptyEntries)) await Balancer.Ask(m, $"set server {server} state maint");
    }
}
