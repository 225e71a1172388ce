using System.Globalization;
using Changeover.Lab.Lifecycle;

namespace Changeover.Lab.Matrix;

/// <summary>
/// <c>lab matrix</c>: every case, one after the other, into one log. The log is also the memory: a matrix that was cut off goes
/// on behind the last case that the log says passed.
/// </summary>
public static class Matrix
{
    private const string PassedMark = "== passed ";

    /// <param name="log">Continued when it is there.</param>
    /// <param name="names">Only these cases; empty: all.</param>
    public static async Task<int> Run(string log, IReadOnlyCollection<string> names)
    {
        foreach (var name in names.Where(n => CaseList.All.All(c => c.Name != n)))
            throw new LabException(2, $"case {name} is not known; known: {string.Join(", ", CaseList.All.Select(c => c.Name))}");
        var done = File.Exists(log) ? File.ReadLines(log).Where(l => l.StartsWith(PassedMark, StringComparison.Ordinal)).Select(l => l[PassedMark.Length..].Split(' ')[0]).ToHashSet() : [];
        await using var writer = new StreamWriter(log, append: true) { AutoFlush = true };
        var failed = 0;
        foreach (var wanted in CaseList.All.Where(c => names.Count == 0 ? !done.Contains(c.Name) : names.Contains(c.Name)))
        {
            Say($"== {wanted.Name}: {wanted.Summary}; {DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores, load {Load()}");
            try
            {
                await Play(wanted, Say);
                Say($"{PassedMark}{wanted.Name}");
            }
            catch (LabException e)
            {
                failed++;
                Say($"== FAILED {wanted.Name}: {e.Message}");
            }
        }
        Say($"== {CaseList.All.Length - failed} of {CaseList.All.Length} cases not failed");
        return failed == 0 ? 0 : 1;

        void Say(string line)
        {
            writer.WriteLine(line);
            Console.WriteLine(line);
        }
    }

    /// <summary>Plays one case in a lab that is up. What a failed case leaves behind must not fail the next: the lab is made anew.</summary>
    public static async Task Play(Case wanted, Action<string> say)
    {
        if (LabState.Running() is null)
            await Up.Run(new Progress());
        var folder = Path.Combine(Path.GetTempPath(), $"changeover-matrix-{wanted.Name}-{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}");
        try
        {
            await wanted.Play(new Stage(folder, say));
            Directory.Delete(folder, recursive: true);
        }
        catch (LabException e)
        {
            var kept = Directory.Exists(folder) ? $"\n  the controller's journal is kept in {folder}" : "";
            await Down.Run(new Progress());
            throw new LabException(e.ExitCode, e.Message + kept);
        }
    }

    private static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0].ToString(CultureInfo.InvariantCulture);
}
