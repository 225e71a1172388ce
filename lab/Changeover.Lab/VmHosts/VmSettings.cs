using System.Text.Json;

namespace Changeover.Lab.VmHosts;

public sealed record Snapshot(string Name, string Description, long Time, bool WithMemory);

/// <summary>What a VM host knows about one of its machines besides its processes. On a new lab no machine starts with its host.</summary>
/// <param name="Lock">Why it is locked, <c>backup</c>; empty: it is not.</param>
public sealed record VmSettings(bool OnBoot, ImmutableArray<Snapshot> Snapshots, string Lock = "")
{
    private static readonly Lock Gate = new();

    public static VmSettings Load(Machine m) =>
        File.Exists(FileOf(m)) ? JsonSerializer.Deserialize<VmSettings>(File.ReadAllText(FileOf(m)))! : new(false, []);

    public static void Change(Machine m, Func<VmSettings, VmSettings> change)
    {
        lock (Gate)
        {
            File.WriteAllText(FileOf(m) + ".new", JsonSerializer.Serialize(change(Load(m))));
            File.Move(FileOf(m) + ".new", FileOf(m), overwrite: true);
        }
    }

    private static string FileOf(Machine m) => $"{LabPaths.MachineDirectory(m)}/settings.json";
}
