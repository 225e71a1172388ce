using System.Runtime.CompilerServices;
using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Tests.Drivers.Pacemaker;

/// <summary>Two stores and two balancers, whose Pacemaker names are those of the captures, and the captures.</summary>
internal static class StoreInventory
{
    public static readonly ClusterInventory Cluster = new()
    {
        Cluster = "acd",
        Roles = [new() { Name = "store", Redundancy = Redundancy.Pacemaker }],
        Machines = [Machine("acd-store1") with { Roles = ["store"] }, Machine("acd-store2") with { Roles = ["store"] }, Machine("acd-lb1"), Machine("acd-lb2"), Machine("odd") with { NodeName = "node-a" }],
    };

    public static DriverContext Knowing(params Observation[] seen) => new(Cluster, Snapshot.Of(seen));

    public static Observation Seen(SubjectKind kind, string machine, Facts facts) => new(new(kind, machine), facts, null, default, default);

    public static string Fixture(string folder, string name, [CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "Fixtures", folder, name));

    private static Machine Machine(string name) => new()
    {
        Name = name,
        Host = "host1",
        Address = "10.0.0.1",
        NodeName = name,
        HostName = name,
        GuestName = name,
    };
}
