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
    /// <param name="keep">Whether the controller's journal of a passed case is kept too, to measure it.</param>
    public static async Task<int> Run(string log, IReadOnlyCollection<string> names, bool keep)
    {
        foreach (var name in names.Where(n => CaseList.All.All(c => c.Name != n)))
            throw new LabException(2, $"case {name} is not known; known: {string.Join(", ", CaseList.All.Select(c => c.Name))}");
        var done = File.Exists(log) ? File.ReadLines(log).Where(l => l.StartsWith(PassedMark, StringComparison.Ordinal)).Select(l => l[PassedMark.Length..].Split(' ')[0]).ToHashSet() : [];
        await using var said = new Saying(log);
        var wanted = CaseList.All.Where(c => names.Count == 0 ? !done.Contains(c.Name) : names.Contains(c.Name)).ToArray();
        var failed = 0;
        foreach (var one in wanted)
            failed += await Passes(one, said, keep) ? 0 : 1;
        said.Line($"== {wanted.Length - failed} of {wanted.Length} cases passed");
        return failed == 0 ? 0 : 1;
    }

    /// <summary>Rounds of chaos, one seed each from <paramref name="first"/> on; ends at the first that fails.</summary>
    public static async Task<int> RunChaos(string log, int rounds, int first)
    {
        await using var said = new Saying(log);
        foreach (var seed in Enumerable.Range(first, rounds))
        {
            if (!await Passes(Chaos.Round(seed), said, keep: false))
                return 1;
        }
        return 0;
    }

    private static async Task<bool> Passes(Case one, Saying said, bool keep)
    {
        said.Line($"== {one.Name}: {one.Summary}; {DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
        try
        {
            await Play(one, said.Line, keep);
            said.Line($"{PassedMark}{one.Name}");
            return true;
        }
        catch (LabException e)
        {
            said.Line($"== FAILED {one.Name}: {e.Message}");
            return false;
        }
    }

    /// <summary>Plays one case in a lab that is up. What a failed case leaves behind must not fail the next: the lab is made anew.</summary>
    public static async Task Play(Case wanted, Action<string> say, bool keep = false)
    {
        if (LabState.Running() is null)
            await Up.Run(new Progress());
        var folder = Path.Combine(Path.GetTempPath(), $"changeover-matrix-{wanted.Name}-{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}");
        try
        {
            await wanted.Play(new Stage(folder, say));
            if (keep)
                say($"the controller's journal is kept in {folder}");
            else
                Directory.Delete(folder, recursive: true);
        }
        catch (LabException e)
        {
            var kept = Directory.Exists(folder) ? $"\n  the controller's journal is kept in {folder}" : "";
            try
            {
                await Down.Run(new Progress());
            }
            catch (LabException down)
            {
                kept += $"\n  and the lab does not go down: {down.Message}";
            }
            throw new LabException(e.ExitCode, e.Message + kept);
        }
    }

    /// <summary>What is said goes to the log and to the terminal.</summary>
    private sealed class Saying(string log) : IAsyncDisposable
    {
        private readonly StreamWriter writer = new(log, append: true) { AutoFlush = true };

        public void Line(string line)
        {
            writer.WriteLine(line);
            Console.WriteLine(line);
        }

        public ValueTask DisposeAsync() => writer.DisposeAsync();
    }
}
