namespace Changeover.Lab;

/// <summary>
/// The only places the lab writes to: its state, its cache of built images, copy-on-write files in memory, and the names that
/// <c>ip netns exec</c> gives to what runs in its network.
/// </summary>
public static class LabPaths
{
    public const string State = "/run/changeover-lab";
    public const string Cache = "/var/cache/changeover-lab";

    public static string Tree => Path.Combine(AppContext.BaseDirectory, "tree");

    public static string Key => $"{State}/id_ed25519";

    public static string KnownHosts => $"{State}/known_hosts";

    public static string CaCertificate => $"{State}/ca.pem";

    /// <summary>The API token as it goes behind "PVEAPIToken=".</summary>
    public static string Token => $"{State}/api-token";

    /// <summary>The authority of Icinga's certificate; it is made with the image.</summary>
    public static string IcingaCaCertificate => $"{State}/icinga-ca.pem";

    public static string IcingaPassword => $"{State}/icinga-password";

    /// <summary>/etc/hosts for what is run with <c>ip netns exec</c>: Icinga's certificate names acd-mon, not its address.</summary>
    public static string Names => $"/etc/netns/{Topology.Namespace}";

    /// <summary>Says which images this lab runs from; exists while a lab is up or was not taken down.</summary>
    public static string Marker => $"{State}/lab.json";

    public static string MachineDirectory(Machine m) => $"{State}/machines/{m.Name}";

    public static string HostDirectory(VmHost h) => $"{State}/hosts/{h.Name}";

    /// <summary>While it exists, the host's storage for machines is not active.</summary>
    public static string StorageDown(VmHost h) => $"{HostDirectory(h)}/storage-down";

    public static string Breaks => $"{State}/breaks";

    /// <summary>Changes of a store's disk since the image; gone after a reset.</summary>
    public static string CopyOnWrite(Machine m, string disk) => $"/dev/shm/changeover-lab.{m.Name}.{disk}.cow";
}
