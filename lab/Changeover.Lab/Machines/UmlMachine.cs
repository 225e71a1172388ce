namespace Changeover.Lab.Machines;

/// <summary>A store as a User-Mode Linux machine: a kernel of its own, because DRBD is a kernel module.</summary>
public sealed class UmlMachine(Machine machine) : Power(machine)
{
    private string Keys => $"{Folder}/keys.tar";

    /// <summary>The folder User-Mode Linux makes for its control socket.</summary>
    private string Control => $"{Folder}/{Machine.Name}";

    public override async Task Prepare(Images.ImageSet images)
    {
        var tree = $"{Folder}/keys";
        MachineKeys.Write(tree, Machine);
        // The account inside is found by name there; lab-net sets the owner.
        await Command.Must("tar", "-C", tree, "-cf", Keys, ".");
        File.WriteAllText($"{Folder}/images", $"{images.StoreRoot}\n{images.StoreData}\n{images.Kernel.Program}\n");
    }

    public override Task PressButton() => Mconsole.Send($"{Control}/mconsole", "cad");

    public override async Task<CommandResult> Execute(IEnumerable<string> words, string? input = null, TimeSpan? limit = null, Ct ct = default)
    {
        if (!IsOn) return new(255, "", $"{Machine.Name} is off\n");
        return await Command.Run([.. Credentials.Ssh(Machine), string.Join(' ', words.Select(Quote))], input, limit ?? TimeSpan.FromSeconds(90), ct: ct);
    }

    protected override async Task<ProcessIdentity> Launch()
    {
        var images = File.ReadAllLines($"{Folder}/images");
        // Pinned to one core: without it everything inside takes three to seven times as long. In real time where the machine allows it:
        // every system call inside is a change between two processes, and on a busy machine each change waits for its turn.
        var core = (Machine.Number - 1) % Environment.ProcessorCount;
        var process = await ProcessIdentity.Start(
            [
                "nsenter", $"--net={Network.NamespaceFile}", .. await Urgent(), "taskset", "-c", $"{core}", images[2], "seccomp=auto", "mem=384M", $"uml_dir={Folder}/", $"umid={Machine.Name}",
                $"ubda={LabPaths.CopyOnWrite(Machine, "root")},{images[0]}", $"ubdb={LabPaths.CopyOnWrite(Machine, "data")},{images[1]}", $"ubdcr={Keys}",
                "root=/dev/ubda", "rw", $"vec0:transport=tap,ifname={Machine.Link},depth=128,gro=1", $"lab.addr={Machine.Address}/24",
                $"systemd.hostname={Machine.Name}", $"systemd.machine_id={Machine.MachineId}", "net.ifnames=0", "con0=null,fd:1", "con=null", "ssl=null",
            ],
            ConsoleLog, Folder, new Dictionary<string, string> { ["TMPDIR"] = "/dev/shm", ["HOME"] = Folder });
        process.PreferSession();
        return process;
    }

    protected override void Kill(ProcessIdentity process) => process.SignalGroup(ProcessIdentity.Kill);

    protected override async Task CleanUpAfterEnd()
    {
        // A helper that outlived the kernel would hold the cable, and the next start would have no network.
        for (var wait = 0; wait < 100 && Rests() is { Count: > 0 } rests; wait++)
        {
            foreach (var pid in rests) ProcessIdentity.Send(pid, ProcessIdentity.Kill);
            await Task.Delay(50);
        }

        if (Directory.Exists(Control)) await Command.Must("rm", "-rf", Control);
    }

    /// <summary>In real time where the machine allows it.</summary>
    internal static async Task<string[]> Urgent() =>
        (await Command.Run(["chrt", "--rr", "1", "true"])).Good ? ["chrt", "--rr", "1"] : ["nice", "-n", "-10"];

    /// <summary>What holds the cable carries the machine's folder on its command line. Under seccomp the processes inside are others without a name; they have no cable, and end with the group.</summary>
    private List<int> Rests() =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(n => int.TryParse(n, out _)).Select(n => int.Parse(n!))
            .Where(pid => CommandLine(pid).Contains($"\0uml_dir={Folder}/\0", StringComparison.Ordinal) && ProcessIdentity.Read(pid) is not null)];

    private static string CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
