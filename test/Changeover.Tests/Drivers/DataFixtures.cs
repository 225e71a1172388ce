using System.Runtime.CompilerServices;
using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Tests.Drivers;

/// <summary>One balancer and two databases, and the files with what real ones answered.</summary>
internal static class DataFixtures
{
    /// <summary>The databases of the captures ran on a machine called vm, on ports 33061 to 33063.</summary>
    public static DriverContext Context(string hostName = "vm", int port = 33061, string optionFile = "") => new(
        new ClusterInventory
        {
            Cluster = "test",
            Machines = [Machine("acd-lb1", "lb", "acd-lb1"), Machine("acd-dbm1", "dbm", hostName)],
            Roles =
            [
                new() { Name = "lb", Balancer = new() { WriterBackend = "acd-dbm" } },
                new() { Name = "dbm", Redundancy = Redundancy.Replicated, Database = new() { Port = port, OptionFile = optionFile } },
            ],
        },
        Snapshot.Empty,
        new RunIdentity("run-1", "m-1", "controller", 2));

    public static string Text(string path) => File.ReadAllText(Path.Combine(Folder(), "Fixtures", path));

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(Path.GetDirectoryName(path))!;

    private static Machine Machine(string name, string role, string hostName) => new()
    {
        Name = name,
        Host = "host1",
        Address = "10.88.0.31",
        Roles = [role],
        NodeName = name,
        HostName = hostName,
        GuestName = name,
    };
}
