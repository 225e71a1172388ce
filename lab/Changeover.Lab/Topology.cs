namespace Changeover.Lab;

/// <summary>What a machine is for; decides which layer of files it gets and what its health means.</summary>
public enum MachineKind
{
    Store,
    Balancer,
    Database,
    Replica,
    Telephony,
    Web,
    Chat,
    Api,
    Monitoring,
}

/// <summary>One machine of the lab.</summary>
/// <param name="Name">Its host name, and its name everywhere else.</param>
/// <param name="Octet">The last octet of its address.</param>
/// <param name="Host">The VM host that owns it; null: on neither (monitoring).</param>
/// <param name="Number">Its number among its kind, from 1.</param>
public sealed record Machine(string Name, MachineKind Kind, int Octet, string? Host, int Number)
{
    public string Address => Topology.AddressOf(Octet);

    /// <summary>The number the VM host knows it by.</summary>
    public int VmId => 100 + Octet;

    public bool IsStore => Kind == MachineKind.Store;

    /// <summary>Its end of the cable on the lab's bridge; a kernel name has at most 15 characters.</summary>
    public string Link => (IsStore ? "t-" : "v-") + Name;

    /// <summary>Its network namespace; the stores have none, their network is inside User-Mode Linux.</summary>
    public string Namespace => $"{Topology.Namespace}-{Name}";

    /// <summary>32 hex digits that stay the same over every start.</summary>
    public string MachineId => Convert.ToHexStringLower(
        System.Security.Cryptography.MD5.HashData(System.Text.Encoding.UTF8.GetBytes($"changeover-lab {Name}")));
}

/// <summary>A VM host: owns machines, answers the Proxmox VE API at its address.</summary>
public sealed record VmHost(string Name, int Octet)
{
    public string Address => Topology.AddressOf(Octet);

    public string Url => $"https://{Address}:{Topology.ApiPort}";
}

/// <summary>The example cluster of the runbook, its addresses, and a monitoring machine on neither host.</summary>
public static class Topology
{
    public const string Namespace = "changeover-lab";
    public const string Bridge = "br0";
    public const int ApiPort = 8006;
    public const string StoreAddress = "10.88.0.20";
    public const string BalancerAddress = "10.88.0.30";

    public static string AddressOf(int octet) => $"10.88.0.{octet}";

    public static ImmutableArray<VmHost> Hosts { get; } = [new("vm-host-1", 11), new("vm-host-2", 12)];

    public static ImmutableArray<Machine> Machines { get; } =
    [
        .. Pair("acd-store", MachineKind.Store, 21),
        .. Pair("acd-lb", MachineKind.Balancer, 31),
        .. Pair("acd-dbm", MachineKind.Database, 41),
        .. Pair("acd-dbs", MachineKind.Replica, 43),
        .. Pair("acd-tel", MachineKind.Telephony, 51),
        .. Enumerable.Range(1, 6).Select(n => new Machine($"acd-jb{n}", MachineKind.Web, 60 + n, n <= 3 ? "vm-host-1" : "vm-host-2", n)),
        .. Pair("acd-chat", MachineKind.Chat, 71),
        .. Pair("acd-api", MachineKind.Api, 81),
        new Machine("acd-mon", MachineKind.Monitoring, 91, null, 1),
    ];

    /// <summary>Names that are no machine: the floating addresses.</summary>
    public static ImmutableArray<(string Name, string Address)> Floating { get; } =
        [("acd-store", StoreAddress), ("acd-lb", BalancerAddress)];

    public static Machine Find(string name) =>
        Machines.FirstOrDefault(m => m.Name == name || m.Name == $"acd-{name}")
        ?? throw new LabException(2, $"machine {name} is not in the lab; known: {string.Join(", ", Machines.Select(m => m.Name))}");

    public static VmHost FindHost(string name) =>
        Hosts.FirstOrDefault(h => h.Name == name)
        ?? throw new LabException(2, $"VM host {name} is not in the lab; known: {string.Join(", ", Hosts.Select(h => h.Name))}");

    /// <summary>The /etc/hosts every machine gets; there is no name server.</summary>
    public static string HostsFile() =>
        "127.0.0.1 localhost\n"
        + string.Concat(Floating.Select(f => $"{f.Address} {f.Name}\n"))
        + string.Concat(Hosts.Select(h => $"{h.Address} {h.Name}\n"))
        + string.Concat(Machines.Select(m => $"{m.Address} {m.Name}\n"));

    private static IEnumerable<Machine> Pair(string stem, MachineKind kind, int octet) =>
        [new($"{stem}1", kind, octet, "vm-host-1", 1), new($"{stem}2", kind, octet + 1, "vm-host-2", 2)];
}
