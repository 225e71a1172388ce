namespace Changeover.Lab;

/// <summary>The only three places the lab writes to: its state, its cache of built images, and copy-on-write files in memory.</summary>
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

    /// <summary>Says which images this lab runs from; exists while a lab is up or was not taken down.</summary>
    public static string Marker => $"{State}/lab.json";

    public static string MachineDirectory(Machine m) => $"{State}/machines/{m.Name}";

    public static string HostDirectory(VmHost h) => $"{State}/hosts/{h.Name}";

    public static string Breaks => $"{State}/breaks";

    /// <summary>Changes of a store's disk since the image; gone after a reset.</summary>
    public static string CopyOnWrite(Machine m, string disk) => $"/dev/shm/changeover-lab.{m.Name}.{disk}.cow";
}
