using Changeover.Inventory;

namespace Changeover.Planning;

/// <summary>
/// Order among machines, from the one relation of the inventory: which role requires which. A role that no machine has is
/// passed through.
/// </summary>
public static class MachineOrder
{
    /// <summary>True: <paramref name="machine"/> stands on <paramref name="other"/>, so it comes up after it and goes down before it.</summary>
    public static bool StandsOn(ClusterInventory inventory, Machine machine, Machine other) =>
        machine != other
        && other.Roles.Any(role => machine.Roles.Any(r => r != role && Requires(inventory, r, role, [])))
        // Where roles share machines both may stand on each other by different roles; the machine of the earlier role wins.
        && !(machine.Roles.Any(role => other.Roles.Any(r => r != role && Requires(inventory, r, role, []))) && Rank(inventory, machine) <= Rank(inventory, other));

    /// <summary>Its roles all allow that what it stands on goes down once its own shutdown has begun (F9).</summary>
    public static bool GoesAlongside(ClusterInventory inventory, Machine machine) => inventory.RolesOf(machine).All(r => r.PowersOffAlongside);

    private static bool Requires(ClusterInventory inventory, string role, string required, HashSet<string> seen) =>
        seen.Add(role) && inventory.Roles.FirstOrDefault(r => r.Name == role) is { } found
        && found.Requires.Any(r => r == required || Requires(inventory, r, required, seen));

    private static int Rank(ClusterInventory inventory, Machine machine) =>
        machine.Roles.Select(r => inventory.Roles.IndexOf(inventory.Role(r))).DefaultIfEmpty(int.MaxValue).Min();
}
