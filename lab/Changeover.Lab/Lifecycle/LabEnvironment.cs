using System.Text.Json;

namespace Changeover.Lab.Lifecycle;

/// <summary>What a test or a person needs to reach the lab: paths and names, no secrets themselves.</summary>
public static class LabEnvironment
{
    public static void Print() => Console.WriteLine(JsonSerializer.Serialize(
        new
        {
            Namespace = Topology.Namespace,
            State = LabPaths.State,
            Key = LabPaths.Key,
            KnownHosts = LabPaths.KnownHosts,
            CaCertificate = LabPaths.CaCertificate,
            Token = LabPaths.Token,
            IcingaCaCertificate = LabPaths.IcingaCaCertificate,
            IcingaPassword = LabPaths.IcingaPassword,
            Users = (string[])["root", "changeover"],
            Hosts = Topology.Hosts.Select(h => new { h.Name, h.Url, Machines = Topology.Machines.Where(m => m.Host == h.Name).ToDictionary(m => m.Name, m => m.VmId) }),
            Machines = Topology.Machines.ToDictionary(m => m.Name, m => m.Address),
            Floating = Topology.Floating.ToDictionary(f => f.Name, f => f.Address),
            Icinga = $"https://{Topology.Find("acd-mon").Address}:5665",
        },
        new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true }));
}
