using System.Text.Json;
using Changeover.Lab.Machines;

namespace Changeover.Lab.Breaks;

/// <summary>The breaks that can be made, and those that are in force.</summary>
public static class BreakList
{
    public static ImmutableArray<Break> All { get; } =
    [
        .. DatabaseBreaks.All, .. ClusterBreaks.All, .. MachineBreaks.All,
    ];

    public static IReadOnlyList<ActiveBreak> Active() =>
        Directory.Exists(LabPaths.Breaks)
            ? [.. Directory.EnumerateFiles(LabPaths.Breaks, "*.json").Select(f => JsonSerializer.Deserialize<ActiveBreak>(File.ReadAllText(f))!).OrderBy(b => b.Since)]
            : [];

    /// <param name="on">The machine; null: the one the break is usually wanted on.</param>
    public static async Task<ActiveBreak> Apply(string name, string? on)
    {
        var found = Find(name);
        var m = Topology.Find(on ?? found.Machine);
        if (!found.Fits(m)) throw new LabException(2, $"break {name} cannot be made on {m.Name}; it fits: {string.Join(", ", Topology.Machines.Where(found.Fits).Select(x => x.Name))}");
        if (Active().FirstOrDefault(b => b.Name == name && b.Machine == m.Name) is { } active) return active;
        var made = new ActiveBreak(name, m.Name, DateTimeOffset.UtcNow, await found.Apply(m, Power.Of(m)));
        File.WriteAllText(FileOf(made), JsonSerializer.Serialize(made));
        return made;
    }

    /// <summary>Undoes one break by name (on every machine it was made on), or all of them, the newest first.</summary>
    public static async Task<IReadOnlyList<ActiveBreak>> Mend(string? name)
    {
        if (name is not null) Find(name);
        var wanted = Active().Where(b => name is null || b.Name == name).Reverse().ToList();
        foreach (var b in wanted)
        {
            var m = Topology.Find(b.Machine);
            var found = Find(b.Name);
            if (found.Lasts || Power.Of(m).IsOn) await found.Mend(m, Power.Of(m), b.Memory);
            File.Delete(FileOf(b));
        }

        return wanted;
    }

    private static Break Find(string name) =>
        All.FirstOrDefault(b => b.Name == name) ?? throw new LabException(2, $"break {name} is not known; known: {string.Join(", ", All.Select(b => b.Name))}");

    private static string FileOf(ActiveBreak b) => $"{LabPaths.Breaks}/{b.Name}@{b.Machine}.json";
}
