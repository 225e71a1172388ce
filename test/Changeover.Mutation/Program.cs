using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Changeover.Mutation;

// changeover-mutation [--shard I/N] [--tests NAME,…] FILE-OR-FOLDER …
var root = AppContext.BaseDirectory;
while (!File.Exists(Path.Combine(root, "Changeover.slnx")))
    root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("not inside a checkout");
return args switch
{
    ["--base", var folder] => Trial.Base(root, folder),
    ["--play", var folder] => Trial.Play(root, folder),
    _ when Options.Of(root, args) is { } options => Trial.All(root, options),
    _ => 2,
};

/// <param name="Shard">From 0.</param>
/// <param name="Tests">Parts of the names of the tests that take part; empty: all.</param>
internal sealed record Options(string[] Files, int Shard, int Shards, string[] Tests)
{
    public static Options? Of(string root, string[] args)
    {
        var (shard, shards, files, tests) = (0, 1, new List<string>(), Array.Empty<string>());
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--shard" && i + 1 < args.Length && args[++i].Split('/') is [var one, var of] && int.TryParse(one, out shard) && int.TryParse(of, out shards) && shard >= 1 && shard <= shards)
                shard--;
            else if (args[i] == "--tests" && i + 1 < args.Length)
                tests = args[++i].Split(',');
            else if (!args[i].StartsWith('-') && Path.Combine(root, args[i]) is var path && (File.Exists(path) || Directory.Exists(path)))
                files.AddRange(File.Exists(path) ? [path] : Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories));
            else
                return Wrong($"not understood: {args[i]}");
        }
        return files.Count > 0 ? new([.. files.Select(f => Path.GetRelativePath(root, f)).Distinct().Order(StringComparer.Ordinal)], shard, shards, tests) : Wrong("no file named");
    }

    private static Options? Wrong(string what)
    {
        Console.Error.WriteLine($"{what}\nusage: changeover-mutation [--shard I/N] [--tests NAME,…] FILE-OR-FOLDER …   (of src/Changeover.Core)");
        return null;
    }
}

/// <summary>What became of a mutant.</summary>
/// <param name="End">killed; endless (by the count of turns); crashed (the process ended); survived; unreached (no test comes there).</param>
/// <param name="By">The test that saw it.</param>
internal sealed record Result(string File, string Hash, int Number, string End, string By, string Why);

/// <summary>A test as it is without mutants.</summary>
/// <param name="Milliseconds">Only decides which is played first.</param>
internal sealed record Reach(string Test, long Turns, long Milliseconds, int[] Mutants);

internal static class Trial
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private static string Kept(string root) => Path.Combine(root, "artifacts", "mutation");

    /// <summary>Builds, sees what reaches what, and plays every mutant that no earlier run killed. Each part is a process of its own.</summary>
    public static int All(string root, Options options)
    {
        var folder = Path.Combine(Kept(root), string.Create(CultureInfo.InvariantCulture, $"{options.Shard + 1}-of-{options.Shards}"));
        Directory.CreateDirectory(folder);
        var sources = MutatedCore.Sources(root, options.Files);
        var made = Path.Combine(folder, "made-of");
        if (!File.Exists(made) || File.ReadAllText(made) != sources)
        {
            Write(folder, "mutants.json", MutatedCore.Build(root, options.Files, folder));
            File.WriteAllText(made, sources);
        }
        var mutants = Read<Mutant[]>(folder, "mutants.json");
        Write(folder, "options.json", options);
        Console.WriteLine($"{mutants.Length} mutants in {options.Files.Length} files");
        if (Child("--base", folder) != 0)
            return 1;
        var begun = Path.Combine(folder, "begun");
        File.Delete(begun);
        while (Child("--play", folder) != 0)
        {
            if (!File.Exists(begun))
                return 1;
            var mutant = mutants.Single(m => m.Id == int.Parse(File.ReadAllText(begun), CultureInfo.InvariantCulture));
            Append(folder, new(mutant.File, mutant.Hash, mutant.Number, "crashed", "", "the process ended"));
            File.Delete(begun);
        }
        return Report(root, options, mutants);
    }

    /// <summary>Every test once without mutants, each by itself: what it keeps for the others counts for each of them.</summary>
    public static int Base(string root, string folder)
    {
        var mutants = Read<Mutant[]>(folder, "mutants.json");
        var options = Read<Options>(folder, "options.json");
        var scenarios = Of(root, folder);
        var reaches = new List<Reach>();
        var count = mutants.Length == 0 ? 0 : mutants.Max(m => m.Id) + 1;
        foreach (var test in scenarios.All().Where(t => options.Tests.Length == 0 || options.Tests.Any(w => t.Contains(w, StringComparison.Ordinal))))
        {
            var watch = Stopwatch.StartNew();
            if (scenarios.Reach(test, count) is not var (reached, turns))
                Console.WriteLine($"does not take part, it fails without mutants: {test}: {scenarios.Play(test, -1, long.MaxValue)}");
            else if (reached.Any(r => r))
                reaches.Add(new(test, turns, watch.ElapsedMilliseconds, [.. Enumerable.Range(0, count).Where(i => reached[i])]));
        }
        Write(folder, "reach.json", reaches.OrderBy(r => r.Milliseconds).ToArray());
        Console.WriteLine($"{reaches.Count} tests reach mutants, {reaches.Sum(r => r.Milliseconds) / 1000} s");
        return reaches.Count > 0 ? 0 : 1;
    }

    public static int Play(string root, string folder)
    {
        var options = Read<Options>(folder, "options.json");
        var reaches = Read<Reach[]>(folder, "reach.json");
        var scenarios = Of(root, folder);
        var earlier = Earlier(root);
        // The tests as they are built, and which of them.
        var now = $"{string.Join(',', options.Tests)} of {File.GetLastWriteTimeUtc(Path.Combine(Tests(root), "Changeover.Tests.dll")):O}";
        foreach (var mutant in Read<Mutant[]>(folder, "mutants.json").Where(m => m.Number % options.Shards == options.Shard))
        {
            // A survivor is played again: there may be a new test.
            if (earlier.TryGetValue((mutant.File, mutant.Hash, mutant.Number), out var kept) && (kept.End is not ("survived" or "unreached") || kept.By == now))
                continue;
            File.WriteAllText(Path.Combine(folder, "begun"), mutant.Id.ToString(CultureInfo.InvariantCulture));
            scenarios.Renew();
            var able = reaches.Where(r => Array.BinarySearch(r.Mutants, mutant.Id) >= 0).ToArray();
            var result = able.Select(r => (r.Test, Why: scenarios.Play(r.Test, mutant.Id, (r.Turns * 10) + 100_000))).FirstOrDefault(p => p.Why is not null);
            var end = able.Length == 0 ? "unreached" : result.Why is null ? "survived" : result.Why.StartsWith("InsufficientExecutionStackException: endless", StringComparison.Ordinal) ? "endless" : "killed";
            Append(folder, new(mutant.File, mutant.Hash, mutant.Number, end, result.Test ?? now, result.Why?.Split('\n')[0] ?? ""));
            if (end is "survived" or "unreached")
                Console.WriteLine($"{end}: {mutant.File}:{mutant.Line} {mutant.Kind}: {mutant.Was} -> {mutant.Is}");
        }
        File.Delete(Path.Combine(folder, "begun"));
        scenarios.Renew();
        // A mutant that left something behind in what is loaded once would have judged the others.
        foreach (var reach in reaches.Take(20))
        {
            if (scenarios.Play(reach.Test, -1, long.MaxValue) is { } why)
                throw new InvalidOperationException($"{reach.Test} fails after the mutants, without any: {why}");
        }
        return 0;
    }

    private static int Report(string root, Options options, Mutant[] mutants)
    {
        var earlier = Earlier(root);
        Console.WriteLine("\n| file | mutants | killed | endless | crashed | survived | unreached | not played |\n|---|---|---|---|---|---|---|---|");
        foreach (var file in options.Files)
        {
            var ends = mutants.Where(m => m.File == file).Select(m => earlier.GetValueOrDefault((m.File, m.Hash, m.Number))?.End ?? "").ToLookup(e => e);
            Console.WriteLine($"| {file} | {ends.Sum(e => e.Count())} | {string.Join(" | ", ((string[])["killed", "endless", "crashed", "survived", "unreached", ""]).Select(e => ends[e].Count()))} |");
        }
        foreach (var mutant in mutants)
        {
            if (earlier.GetValueOrDefault((mutant.File, mutant.Hash, mutant.Number)) is { End: "survived" or "unreached" or "crashed" } result)
                Console.WriteLine($"{result.End}: {mutant.File}:{mutant.Line} {mutant.Kind}: {mutant.Was} -> {mutant.Is}");
        }
        return 0;
    }

    /// <summary>The last word on every mutant of a file as it was, from all shards.</summary>
    private static Dictionary<(string, string, int), Result> Earlier(string root) => Directory.EnumerateFiles(Kept(root), "results.jsonl", SearchOption.AllDirectories)
        .SelectMany(File.ReadLines).Select(l => JsonSerializer.Deserialize<Result>(l, Json)!)
        .GroupBy(r => (r.File, r.Hash, r.Number)).ToDictionary(g => g.Key, g => g.FirstOrDefault(r => r.End is not ("survived" or "unreached")) ?? g.Last());

    private static string Tests(string root) =>
        Path.Combine(root, "test", "Changeover.Tests", Path.GetRelativePath(Path.Combine(root, "test", "Changeover.Mutation"), AppContext.BaseDirectory));

    private static Scenarios Of(string root, string folder) => new(Tests(root), Path.Combine(folder, "Changeover.Core.dll"));

    private static int Child(string mode, string folder)
    {
        using var process = Process.Start(Environment.ProcessPath!, [mode, folder]);
        process.WaitForExit();
        return process.ExitCode;
    }

    private static void Append(string folder, Result result) => File.AppendAllText(Path.Combine(folder, "results.jsonl"), JsonSerializer.Serialize(result, Json) + "\n");

    private static void Write<T>(string folder, string name, T value) => File.WriteAllText(Path.Combine(folder, name), JsonSerializer.Serialize(value, Json));

    private static T Read<T>(string folder, string name) => JsonSerializer.Deserialize<T>(File.ReadAllText(Path.Combine(folder, name)), Json)!;
}
