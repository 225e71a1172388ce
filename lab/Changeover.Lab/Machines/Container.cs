namespace Changeover.Lab.Machines;

/// <summary>A machine as a systemd-nspawn container with its own systemd, sshd, address and disk.</summary>
public sealed class Container(Machine machine) : Power(machine)
{
    /// <summary>Every machine may fill its own disk and no other's.</summary>
    private const string DiskSize = "512m";

    private string Disk => $"{Folder}/disk";

    private string Root => $"{Folder}/root";

    public override async Task Prepare(Images.ImageSet images)
    {
        Directory.CreateDirectory(Disk);
        Directory.CreateDirectory(Root);
        await Command.Must("mount", "-t", "tmpfs", "-o", $"size={DiskSize},mode=755", "changeover-lab", Disk);
        Directory.CreateDirectory($"{Disk}/upper");
        Directory.CreateDirectory($"{Disk}/work");
        await Command.Must("mount", "-t", "overlay", "overlay", "-o",
            $"lowerdir={string.Join(':', images.LayersOf(Machine))},upperdir={Disk}/upper,workdir={Disk}/work", Root);
        File.WriteAllText($"{Root}/etc/machine-id", Machine.MachineId + "\n");
        File.WriteAllText($"{Root}/etc/hostname", Machine.Name + "\n");
        MachineKeys.Write(Root, Machine);
        await MachineKeys.Own(Root);
        if (Machine is { Kind: MachineKind.Telephony, Number: 1 })
        {
            Directory.CreateDirectory($"{Root}/var/lib/robot5");
            File.WriteAllText($"{Root}/var/lib/robot5/acd-group-distribute", "");
        }
    }

    public override Task PressButton()
    {
        // nspawn hands it on to the guest's systemd as "halt"; a guest may ignore it.
        Process?.Signal(ProcessIdentity.Term);
        return Task.CompletedTask;
    }

    public override async Task<CommandResult> Execute(IEnumerable<string> words, string? input = null, TimeSpan? limit = null, Ct ct = default)
    {
        if (Process is not { IsAlive: true } process || process.Children().FirstOrDefault() is not (> 0 and var first))
            return new(255, "", $"{Machine.Name} is off\n");
        return await Command.Run(["nsenter", "-t", $"{first}", "-m", "-u", "-i", "-n", "-p", "--", "/usr/bin/env", "-i", "LC_ALL=C", "HOME=/root", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", .. words], input, limit, ct: ct);
    }

    protected override Task<ProcessIdentity> Launch()
    {
        ControlGroups.Create(Machine);
        return ProcessIdentity.Start(
            [
                "systemd-nspawn", "--quiet", "-D", Root, $"--network-namespace-path=/run/netns/{Machine.Namespace}", $"--hostname={Machine.Name}",
                $"--machine={Machine.Namespace}", $"--uuid={Machine.MachineId}", "--boot", "--register=no", "--keep-unit", "--resolv-conf=off",
                "--timezone=off", "--console=pipe", "--capability=CAP_NET_ADMIN,CAP_NET_RAW", .. Fuse(),
            ],
            ConsoleLog, Folder, joined: ControlGroups.Of(Machine));
    }

    protected override void Kill(ProcessIdentity process)
    {
        // Its first process takes all others with it; killing only nspawn would leave the guest running.
        foreach (var child in process.Children()) ProcessIdentity.Send(child, ProcessIdentity.Kill);
        process.Signal(ProcessIdentity.Kill);
    }

    protected override async Task CleanUpAfterEnd()
    {
        // Whatever still lives in the machine's network namespace is a rest of it: for a start it would be a second owner of the address.
        if (!File.Exists($"/run/netns/{Machine.Namespace}")) return;
        var pids = await Command.Must("ip", "netns", "pids", Machine.Namespace);
        foreach (var pid in pids.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)) ProcessIdentity.Send(pid, ProcessIdentity.Kill);
    }

    private static IEnumerable<string> Fuse() => File.Exists("/dev/fuse") ? ["--bind=/dev/fuse"] : [];
}
