using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Planning;

/// <summary>
/// X1: a machine that is broken or unreachable is left out on purpose only if its function has a peer on the side that stays.
/// That the peer is healthy is proved by the health check, which judges everything that is not left out.
/// </summary>
public static class LeavingOut
{
    /// <summary>The roles of a machine for which no other machine stands on the side that stays.</summary>
    /// <param name="host">The host that is emptied or comes back; machines elsewhere stay.</param>
    /// <param name="notCounted">Machines that are left out too, or have troubles of their own.</param>
    public static IEnumerable<Role> Peerless(ClusterInventory inventory, string host, string machine, IReadOnlySet<string> notCounted) =>
        inventory.RolesOf(inventory.Machine(machine)).Where(role =>
            role.Redundancy == Redundancy.None
            || !inventory.Machines.Any(m => m.Name != machine && m.Host != host && m.Roles.Contains(role.Name) && !notCounted.Contains(m.Name)));

    /// <summary>Everything that stands against leaving these machines out; empty: nothing.</summary>
    public static ImmutableArray<Finding> Against(ClusterInventory inventory, Goal goal, Baseline found, PlanOptions options)
    {
        var against = ImmutableArray.CreateBuilder<Finding>();
        foreach (var machine in options.Without.Keys)
        {
            foreach (var role in Peerless(inventory, goal.Host, machine, options.Machines))
                against.Add(LeavingOutFindings.NoPeer.On(machine, "role", role.Name, "host", goal.Host));
            // A failback may leave its pair and the writer where they are.
            if (goal.Kind == GoalKind.Failback)
                continue;
            foreach (var pair in inventory.Pairs.Where(p => p.Members.Contains(machine) && found.HolderOf(p, inventory) is var holder && (holder is null || holder == machine)))
                against.Add(LeavingOutFindings.HoldsPair.On(machine, "pair", pair.Name));
            if (found.Writer(inventory) == machine)
                against.Add(LeavingOutFindings.IsWriter.On(machine));
        }
        return against.ToImmutable();
    }
}

public static class LeavingOutFindings
{
    public static readonly FindingCode NoPeer = new("left-out.no-peer", Severity.Error,
        "{subject} cannot be left out: no other machine that stays when {host} goes is {role}, expected at least one that takes over its function. Repair it first, or do without {role} by your own decision and outside this program.");

    public static readonly FindingCode HoldsPair = new("left-out.holds-pair", Severity.Error,
        "{subject} cannot be left out: it holds the pair {pair}, or nobody can tell who does, and a pair is moved only with both of its machines. Repair it, or let the cluster move the pair first.");

    public static readonly FindingCode IsWriter = new("left-out.is-writer", Severity.Error,
        "{subject} cannot be left out: it is the writer, and what it has must be proved on the other master before anything else writes (G1). Repair it first.");

    internal static readonly ImmutableArray<FindingCode> All = [NoPeer, HoldsPair, IsWriter];
}
