using Changeover.Inventory;

namespace Changeover.Drivers.Claim;

/// <summary>The machines on which a run claims the cluster: those whose change could split it.</summary>
public static class ClaimMachines
{
    /// <summary>Linux machines with a Pacemaker or database role, in name order: the order in which claims are taken.</summary>
    public static ImmutableArray<string> Of(ClusterInventory inventory) =>
    [
        .. inventory.Machines
            .Where(inventory.CarriesClaim)
            .Select(m => m.Name)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>What every changing request to this machine has to test first; null on machines without a claim and outside a run.</summary>
    public static ClaimGuard? Guard(string machine, DriverContext context) =>
        context.Run is { } run && context.Inventory.CarriesClaim(context.Inventory.Machine(machine)) ? new(run.Id, run.Epoch) : null;
}
