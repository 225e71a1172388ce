namespace Changeover.Lab;

/// <summary>What the machine must have before a lab can be built. Missing Debian packages are installed; the rest is named and ends with 3.</summary>
public static class Requirements
{
    /// <summary>Program → the Debian package it is in.</summary>
    private static readonly (string Program, string Package)[] Programs =
    [
        ("mmdebstrap", "mmdebstrap"), ("patchelf", "patchelf"), ("systemd-nspawn", "systemd-container"),
        ("ip", "iproute2"), ("mke2fs", "e2fsprogs"), ("losetup", "mount"), ("mount", "mount"), ("nsenter", "util-linux"),
        ("taskset", "util-linux"), ("chrt", "util-linux"), ("setsid", "util-linux"), ("depmod", "kmod"), ("ssh", "openssh-client"), ("ssh-keygen", "openssh-client"), ("tar", "tar"),
    ];

    /// <summary>Why a lab cannot live on this machine, or null. Packages are no reason: they can be installed.</summary>
    public static string? Reason()
    {
        if (!OperatingSystem.IsLinux()) return "the lab needs Linux";
        if (Environment.UserName != "root") return $"the lab needs root; this is {Environment.UserName}; run it with sudo";
        if (!Directory.Exists("/proc/self/ns") || !File.Exists("/proc/self/ns/net")) return "the lab needs a kernel with network namespaces (CONFIG_NET_NS); /proc/self/ns/net is not there";
        if (!File.Exists("/proc/self/ns/pid")) return "the lab needs a kernel with process namespaces (CONFIG_PID_NS); /proc/self/ns/pid is not there";
        var fileSystems = File.ReadAllText("/proc/filesystems");
        foreach (var wanted in (string[])["overlay", "tmpfs"])
            if (!fileSystems.Contains($"\t{wanted}\n", StringComparison.Ordinal))
                return $"the lab needs a kernel with {wanted}; /proc/filesystems does not list it";
        if (!File.Exists("/dev/net/tun")) return "the lab needs /dev/net/tun for the two stores (CONFIG_TUN)";
        if (!File.Exists("/dev/loop-control")) return "the lab needs /dev/loop-control to write DRBD metadata (CONFIG_BLK_DEV_LOOP)";
        if (!Directory.Exists("/dev/shm")) return "the lab needs /dev/shm for the copy-on-write files of the stores";
        return Find("apt-get") is null ? "the lab needs a Debian machine: apt-get is not there" : null;
    }

    public static void Check()
    {
        if (Reason() is { } reason) throw new LabException(3, reason);
    }

    /// <summary>Installs the Debian packages whose programs are missing.</summary>
    public static async Task Install(Progress progress)
    {
        var missing = Programs.Where(p => Find(p.Program) is null).Select(p => p.Package).ToHashSet();
        if (missing.Count == 0) return;
        var words = string.Join(' ', missing.Order());
        progress.Say($"install from Debian: {words}");
        var environment = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" };
        await Command.Run(["apt-get", "-q", "update"], limit: TimeSpan.FromMinutes(5), environment: environment);
        var done = await Command.Run(
            ["apt-get", "-q", "-y", "--no-install-recommends", "install", .. missing.Order()], limit: TimeSpan.FromMinutes(15), environment: environment);
        if (!done.Good) throw new LabException(3, $"apt-get could not install {words}:\n{done.Text}");
    }

    private static string? Find(string program) =>
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".Split(':').Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists);
}
