using System.Diagnostics;
using Changeover.Lab.Machines;
using Changeover.Lab.VmHosts;

namespace Changeover.Lab.Lifecycle;

/// <summary>Ends what the lab started, by process id and namespace, and removes what it made. Works on rests of any kind.</summary>
public static class Down
{
    public static bool HasRests() =>
        Directory.Exists(LabPaths.State) || Network.Namespaces().Length > 0 || MountsBelow(LabPaths.State).Any() || CopyOnWriteFiles().Any();

    public static async Task Run(Progress progress)
    {
        foreach (var host in Topology.Hosts) await new VmHostServer(host).Stop();
        await Task.WhenAll(Topology.Machines.Select(m => Power.Of(m).Cut()));
        progress.Say("VM hosts and machines are off");
        foreach (var ns in Network.Namespaces())
        {
            await EndProcesses(ns);
            await Command.Must("ip", "netns", "delete", ns);
        }

        progress.Say("network is gone");
        foreach (var mount in MountsBelow(LabPaths.State).Reverse()) await Command.Run(["umount", "-l", mount]);
        if (MountsBelow(LabPaths.State).Any()) throw new LabException(1, $"mounts below {LabPaths.State} cannot be removed: {string.Join(' ', MountsBelow(LabPaths.State))}");
        foreach (var file in CopyOnWriteFiles()) File.Delete(file);
        ControlGroups.Remove();
        KernelLimits.PutBack();
        if (Directory.Exists(LabPaths.Names)) Directory.Delete(LabPaths.Names, recursive: true);
        if (Directory.Exists(LabPaths.State)) await Command.Must("rm", "-rf", "--one-file-system", LabPaths.State);
    }

    /// <summary>Mount points below a folder, in the order they were made.</summary>
    public static IEnumerable<string> MountsBelow(string folder) =>
        File.ReadLines("/proc/self/mountinfo").Select(l => l.Split(' ')[4]).Where(p => p.StartsWith(folder + "/", StringComparison.Ordinal)).ToList();

    private static async Task EndProcesses(string ns)
    {
        // A killed store gives back hundreds of megabytes in hundreds of processes; on a busy machine that takes its time.
        for (var since = Stopwatch.StartNew(); since.Elapsed < TimeSpan.FromMinutes(1); await Task.Delay(50))
        {
            var pids = await Processes(ns);
            if (pids.Count == 0) return;
            foreach (var pid in pids) ProcessIdentity.Send(pid, ProcessIdentity.Kill);
        }

        var left = string.Join(' ', await Processes(ns));
        if (left.Length > 0)
            throw new LabException(1, $"network namespace {ns}: processes in it do not end within a minute:\n{(await Command.Run(["ps", "-o", "pid,ppid,stat,wchan:20,etime,args", "-p", left])).Output}");
    }

    private static async Task<List<int>> Processes(string ns) =>
        [.. (await Command.Must("ip", "netns", "pids", ns)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).Where(p => p != Environment.ProcessId)];

    private static IEnumerable<string> CopyOnWriteFiles() => Directory.EnumerateFiles("/dev/shm", "changeover-lab.*.cow");
}
