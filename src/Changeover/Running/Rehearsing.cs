using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Simulation;

namespace Changeover.Running;

/// <summary>A rehearsal of an inventory's plan, ready to be played: the same for every face.</summary>
public static class Rehearsing
{
    /// <summary>Of the simulated cluster and of the first random combination, unless a person says another.</summary>
    public const ulong Seed = 1;

    /// <summary>Random combinations of faults, besides every single fault at every step, unless a person says how many.</summary>
    public const int Seeds = 20;

    /// <summary>Of the plan that was derived from what was seen just now, on clusters made like that.</summary>
    public static Rehearsal Of(ClusterInventory inventory, Plan plan, Snapshot seen, ulong seed) => Rehearsal.Of(inventory, Site.Drivers, plan, seen, seed);

    /// <summary>Without looking: on the cluster as the inventory describes it, everything well.</summary>
    /// <exception cref="CommandEnds">Refused: a failback cannot be rehearsed, because the failover before it does not end.</exception>
    public static Rehearsal Assume(ClusterInventory inventory, string digest, Goal goal, PlanOptions options, ulong seed)
    {
        // One seed is one history on every machine and every day.
        var (made, why) = Rehearsal.Of(inventory, digest, Site.Drivers, goal, options, seed, new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return made ?? throw new CommandEnds(ExitCodes.Refused,
            $"a failback is rehearsed from the end of a failover, and that does not end in the simulated cluster of this inventory: {string.Join("; ", why.Select(w => $"{w.Id}: {w.Finding.Message}").Distinct())}. Rehearse the failover first.");
    }
}
