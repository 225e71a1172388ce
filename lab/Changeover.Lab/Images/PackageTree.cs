namespace Changeover.Lab.Images;

/// <summary>A tree of Debian packages as they come, nothing of the lab in it: the slow part, built once.</summary>
public sealed record PackageTree(string Name, ImmutableArray<string> Packages)
{
    private const string Suite = "bookworm";

    public static PackageTree Containers { get; } = new("containers",
    [
        .. Common, "haproxy", "mariadb-server", "mariadb-client", "mariadb-backup", "smbclient", "sshfs", "icinga2-bin", "zstd",
    ]);

    public static PackageTree Stores { get; } = new("stores", [.. Common, "kmod", "drbd-utils", "samba", "smbclient", "e2fsprogs", "iptables"]);

    public string Path => $"{LabPaths.Cache}/packages/{Name}-{BuildInputs.Digest([Suite, .. Packages])}";

    public bool Exists => Directory.Exists(Path);

    private static string[] Common =>
    [
        "systemd", "systemd-sysv", "dbus", "openssh-server", "iproute2", "iputils-ping", "procps", "psmisc", "sudo", "curl", "socat",
        "python3", "pacemaker", "pacemaker-cli-utils", "corosync", "pcs", "resource-agents",
    ];

    public async Task Build(Progress progress)
    {
        progress.Say($"packages of {Name}: built once, about a minute and a half");
        var unfinished = Path + ".unfinished";
        await Command.Must("rm", "-rf", unfinished);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        var options = await AptOptions();
        var done = await Command.Run(
            ["mmdebstrap", "--quiet", "--variant=minbase", .. options, $"--include={string.Join(',', Packages)}", Suite, unfinished, .. await Mirrors()],
            limit: TimeSpan.FromMinutes(20));
        if (!done.Good) throw new LabException(1, $"mmdebstrap could not build the tree of {Name}:\n{done.Text}");
        Directory.Move(unfinished, Path);
        progress.Say($"packages of {Name}: done");
    }

    /// <summary>The machine's own Debian mirrors; other origins it may have configured are of no use here.</summary>
    private static async Task<IEnumerable<string>> Mirrors()
    {
        string[] question = ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)", "Identifier: Packages"];
        var lines = await Command.Must(question);
        var mirrors = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('|'))
            .Where(f => f is ["Debian", _, _, "main"] && (f[2] == Suite || f[2].StartsWith(Suite + "-", StringComparison.Ordinal)))
            .Select(f => $"deb {f[1]} {f[2]} {f[3]}").Distinct().ToList();
        if (mirrors.Count > 0) return mirrors;

        // The lists may never have been fetched on a fresh machine: then apt does not know the origins yet.
        await Command.MustWithin(TimeSpan.FromMinutes(5), "apt-get", "-q", "update");
        lines = await Command.Must(question);
        mirrors = [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('|'))
            .Where(f => f is ["Debian", _, _, "main"] && f[2].StartsWith(Suite, StringComparison.Ordinal))
            .Select(f => $"deb {f[1]} {f[2]} {f[3]}").Distinct()];
        return mirrors.Count > 0
            ? mirrors
            : throw new LabException(3, $"apt knows no Debian {Suite} source; expected one with component main in /etc/apt; add it and run apt-get update");
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
