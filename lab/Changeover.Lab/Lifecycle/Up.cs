using Changeover.Lab.Images;
using Changeover.Lab.Machines;
using Changeover.Lab.VmHosts;

namespace Changeover.Lab.Lifecycle;

/// <summary>From nothing to a whole cluster in its normal state.</summary>
public static class Up
{
    public static async Task Run(Progress progress)
    {
        if (LabState.Running() is { } running)
        {
            Console.WriteLine($"the lab is up since {running.StartedAt:HH:mm:ss} UTC; see lab/lab status");
            return;
        }

        await Requirements.Install(progress);
        if (Down.HasRests())
        {
            progress.Say("clean up after a lab that was not taken down");
            await Down.Run(progress);
        }

        await RemoveBuildMounts();
        var images = await ImageSet.Ensure(progress);
        await images.Prune();

        try
        {
            await Start(images, progress);
            await Readiness.Whole(progress, images.Kernel.TimesAsLong);
            await StartDesktops();
            progress.Say("a person has started the programs on the desktops");
        }
        catch (LabException e)
        {
            // Left as it is: the console logs and the running machines are what explains it. The next start cleans up first.
            throw new LabException(e.ExitCode, $"the lab did not come up: {e.Message}\nwhat is there is left for a look; lab/lab down removes it");
        }

        await Credentials.OfMonitoring();
        new LabState(images.Path, DateTimeOffset.UtcNow, true).Save();
        progress.Say("the lab is up");
    }

    private static async Task Start(ImageSet images, Progress progress)
    {
        Directory.CreateDirectory(LabPaths.State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(LabPaths.Breaks);
        new LabState(images.Path, DateTimeOffset.UtcNow, false).Save();
        KernelLimits.Raise();
        await Credentials.Create();
        await Network.Create();
        Directory.CreateDirectory(LabPaths.Names);
        File.WriteAllText($"{LabPaths.Names}/hosts", Topology.HostsFile());
        foreach (var m in Topology.Machines) await Power.Of(m).Prepare(images);
        VmHostServer.CopyProgram();
        progress.Say("network, keys and disks are there");

        var first = Topology.Machines.First(m => m.IsStore);
        await Task.WhenAll(Topology.Hosts.Select(h => new VmHostServer(h).Start(booted: false)));
        progress.Say("VM hosts answer");
        await SwitchOn(first);
        // Node 1 first, in both pairs: with stickiness above every preference the first of a pair keeps what it takes, and which of two that start side by side
        // comes first is luck (both seen). So the second balancer is the last container, and the second store waits for the first.
        foreach (var m in Topology.Machines.Where(m => !m.IsStore).OrderBy(m => m.Name == "acd-lb2")) await SwitchOn(m);
        progress.Say("containers are on");
        await Readiness.FirstStoreHolds(images.Kernel.TimesAsLong);
        progress.Say($"{first.Name} is primary");
        await SwitchOn(Topology.Machines.Last(m => m.IsStore));
        progress.Say("all machines are on");
    }

    public static async Task SwitchOn(Machine m)
    {
        if (m.Host is null)
        {
            await Power.Of(m).On();
            return;
        }

        using var client = new ProxmoxClient(Topology.FindHost(m.Host));
        await client.Do(m, "start", TimeSpan.FromSeconds(60));
    }

    /// <summary>Nothing but a person starts them.</summary>
    private static Task StartDesktops() => Task.WhenAll(
        Topology.Machines.Where(m => m.Kind == MachineKind.Telephony).Select(m => Power.Of(m).Must("systemctl start presence")));

    /// <summary>A build that was cut off leaves its overlay mounted over the unfinished layer.</summary>
    private static async Task RemoveBuildMounts()
    {
        foreach (var mount in Down.MountsBelow(LabPaths.Cache)) await Command.Run(["umount", "-l", mount]);
    }
}
