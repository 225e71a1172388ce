using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Planning;

/// <summary>
/// Where a plan begins when a run of the same maintenance was aborted on its way, or when a person signs what no run explains:
/// the cluster as it is now, which is neither whole nor emptied. The rules come to the same steps as ever, without what needs no doing.
/// </summary>
/// <param name="Now">Facts of every subject as seen last; what is not in it is not known.</param>
/// <param name="Runs">The runs that were aborted or left a machine behind, the newest last: their claims are taken over; empty: a person signed.</param>
public sealed record Remainder(Baseline Now, ImmutableArray<string> Runs)
{
    public bool IsOn(Machine machine) => Now.WasOn(machine);

    /// <summary>The machines of a pair whose nodes are in standby, as far as its cluster says.</summary>
    public IEnumerable<Machine> InStandby(Pair pair, ClusterInventory inventory) => Standing(Now, pair, inventory);

    internal static IEnumerable<Machine> Standing(Baseline picture, Pair pair, ClusterInventory inventory) =>
        pair.Members.Select(inventory.Machine).Where(m => pair.Members.Any(asked =>
            picture.Facts<PacemakerFacts>(SubjectKind.Pacemaker, asked)?.Node(m.NodeName) is { Standby: true }));

    /// <summary>A balancer's servers are set otherwise than they were as found.</summary>
    public bool IsSet(string balancer, Baseline found) =>
        Now.Facts<BalancerFacts>(SubjectKind.Balancer, balancer) is { } now && found.QuietedBalancer(balancer) is { } before
        && before.Servers.Any(s => now.Servers.FirstOrDefault(n => n.Backend == s.Backend && n.Name == s.Name) is { } server && server.Admin != s.Admin);
}

/// <summary>What a plan keeps of the remainder it was derived for.</summary>
/// <param name="On">Machines of the host that are on when it begins.</param>
/// <param name="After">The runs that it goes on from: aborted ones, and failbacks that left a machine behind; empty: none.</param>
public sealed record Beginning(ImmutableArray<string> On, ImmutableArray<string> After);
