namespace Changeover.Lab.Images;

/// <summary>A tree of Debian packages as they come, nothing of the lab in it: the slow part, built once.</summary>
/// <param name="Suite">The Debian release they are from.</param>
/// <param name="Installed">Installed, so that a machine can run from the tree; else only unpacked.</param>
public sealed record PackageTree(string Name, string Suite, bool Installed, ImmutableArray<string> Packages)
{
    /// <summary>The release the machines run.</summary>
    public const string Release = "bookworm";

    public static PackageTree Containers { get; } = new("containers", Release, true,
    [
        .. Common, "haproxy", "mariadb-server", "mariadb-client", "mariadb-backup", "smbclient", "sshfs", "icinga2-bin", "zstd",
    ]);

    public static PackageTree Stores { get; } = new("stores", Release, true, [.. Common, "kmod", "drbd-utils", "samba", "smbclient", "e2fsprogs", "iptables"]);

    public string Path => $"{LabPaths.Cache}/packages/{Name}-{BuildInputs.Digest([Suite, .. Packages])}";

    public bool Exists => Directory.Exists(Path);

    private static string[] Common =>
    [
        "systemd", "systemd-sysv", "dbus", "openssh-server", "iproute2", "iputils-ping", "procps", "psmisc", "sudo", "curl", "socat",
        "python3", "pacemaker", "pacemaker-cli-utils", "corosync", "pcs", "resource-agents",
    ];

    public async Task Build(Progress progress)
    {
        progress.Say($"packages of {Name}: built once{(Installed ? ", about a minute and a half" : "")}");
        var unfinished = Path + ".unfinished";
        await Command.Must("rm", "-rf", unfinished);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        var options = await AptOptions();
        var done = await Command.Run(
            ["mmdebstrap", "--quiet", $"--variant={(Installed ? "minbase" : "extract")}", .. options, $"--include={string.Join(',', Packages)}", Suite, unfinished, .. await Mirrors()],
            limit: TimeSpan.FromMinutes(20));
        if (!done.Good) throw new LabException(1, $"mmdebstrap could not build the tree of {Name}:\n{done.Text}");
        Directory.Move(unfinished, Path);
        progress.Say($"packages of {Name}: done");
    }

    /// <summary>The machine's own Debian mirrors; other origins it may have configured are of no use here.</summary>
    private async Task<IEnumerable<string>> Mirrors()
    {
        var mirrors = await Known();
        // The lists may never have been fetched on a fresh machine: then apt does not know the origins yet.
        if (mirrors.Count == 0)
        {
            await Command.MustWithin(TimeSpan.FromMinutes(5), "apt-get", "-q", "update");
            mirrors = await Known();
        }

        if (mirrors.Count == 0) throw new LabException(3, $"apt knows no Debian {Release} source; expected one with component main in /etc/apt; add it and run apt-get update");
        // A mirror has every release; the machine's own updates of its release are of no use for another.
        return (Suite == Release ? mirrors : mirrors.Where(m => m.Suite == Release).Select(m => m with { Suite = Suite })).Select(m => $"deb {m.Uri} {m.Suite} main").Distinct();
    }

    private static async Task<List<(string Uri, string Suite)>> Known()
    {
        var lines = await Command.Must("apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)", "Identifier: Packages");
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('|'))
            .Where(f => f is ["Debian", _, _, "main"] && (f[2] == Release || f[2].StartsWith(Release + "-", StringComparison.Ordinal)))
            .Select(f => (f[1], f[2]))];
    }

    /// <summary>How this machine reaches its mirror (proxy, old snapshots) holds for the tree too.</summary>
    private static async Task<IEnumerable<string>> AptOptions()
    {
        var dump = await Command.Must("apt-config", "dump");
        return dump.Split('\n')
            .Where(l => l.StartsWith("Acquire::http", StringComparison.Ordinal) || l.StartsWith("Acquire::Check-Valid-Until", StringComparison.Ordinal))
            .Where(l => !l.EndsWith(" \"\";", StringComparison.Ordinal))
            .Select(l => $"--aptopt={l.TrimEnd(';')}");
    }
}
