using System.Collections.Concurrent;
using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Changeover.Inventory;
using Changeover.Planning;
using Changeover.Reporting;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Cli;

/// <summary><c>rehearse</c>: the plan of one's own inventory on the simulated cluster, with every fault at every step.</summary>
public static class RehearseCommand
{
    public static Command Rehearse(CommonOptions common)
    {
        var goal = RunCommands.GoalArgument();
        var host = RunCommands.HostArgument();
        var seeds = new Option<int>("--seeds") { Description = "Random combinations of faults, besides every single fault at every step.", DefaultValueFactory = _ => 20 };
        var seed = new Option<ulong>("--seed") { Description = "Of the simulated cluster and of the first random combination.", DefaultValueFactory = _ => 1 };
        var only = new Option<string>("--only") { Description = "Play one again: as the table names it (killed-during@standby.acd-store1, seed-7).", DefaultValueFactory = _ => "" };
        var trace = new Option<bool>("--trace") { Description = "With --only: print everything that happens." };
        var command = new Command("rehearse", "Play the plan on the simulated cluster with faults, before the night.") { goal, host, seeds, seed, only, trace };
        common.AddTo(command);
        command.SetAction((parse, ct) => Task.FromResult(Run(
            InventoryFile.Read(common.Read(parse).Inventory), parse.GetValue(goal)!, parse.GetValue(host)!, Math.Max(0, parse.GetValue(seeds)), parse.GetValue(seed),
            parse.GetValue(only)!, parse.GetValue(trace), common.Json(parse), ct)));
        return command;
    }

    private static int Run(InventoryReading reading, string goal, string host, int seeds, ulong seed, string only, bool trace, bool json, Ct ct)
    {
        if (reading.Inventory is not { } inventory)
            throw new CommandEnds(reading.ExitCode, string.Join('\n', reading.Findings));
        if (inventory.FindHost(host) is null)
            throw new CommandEnds(ExitCodes.Usage, $"no host {host} in the inventory; it has {string.Join(", ", inventory.Hosts.Select(h => h.Name))}");
        var wanted = new Goal(goal == "failover" ? GoalKind.Failover : GoalKind.Failback, host);
        // One seed is one history on every machine and every day.
        var (made, why) = Rehearsal.Of(inventory, reading.Digest, Site.Drivers, wanted, PlanOptions.Default, seed, new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var rehearsal = made ?? throw new CommandEnds(ExitCodes.Refused,
            $"a failback is rehearsed from the end of a failover, and that does not end in the simulated cluster of this inventory: {string.Join("; ", why.Select(w => $"{w.Id}: {w.Finding.Message}").Distinct())}. Rehearse the failover first.");
        var mishaps = rehearsal.Single().Concat(Rehearsal.Random(seed, seeds)).ToArray();
        if (only.Length > 0)
        {
            mishaps = [.. mishaps.Concat(Seed(only)).Where(m => m.ToString() == only).Take(1)];
            if (mishaps.Length == 0)
                throw new CommandEnds(ExitCodes.Usage, $"--only {only}: nothing is called so; a rehearsal of {wanted} has for example {rehearsal.Single().Skip(1).FirstOrDefault()} and seed-{seed}");
            if (trace)
                rehearsal.Play(mishaps[0], (at, what) => Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds,10:0.000}  {what}")));
        }
        var ends = new ConcurrentBag<(int Place, RehearsalEnd End)>();
        var progress = LookCommands.Progress(json);
        try
        {
            Parallel.ForEach(mishaps.Select((m, i) => (m, i)), new ParallelOptions { CancellationToken = ct }, m =>
            {
                ends.Add((m.i, rehearsal.Play(m.m)));
                progress($"rehearsing: {ends.Count} of {mishaps.Length}, {ends.Count(e => e.End.Broken.Length > 0)} broke a promise");
            });
        }
        catch (OperationCanceledException)
        {
            // What is known so far is worth saying.
        }
        progress("");
        var played = ends.OrderBy(e => e.Place).Select(e => e.End).ToImmutableArray();
        Console.Out.WriteLine(json ? Json(wanted, rehearsal, played, mishaps.Length).ToJsonString() : Text(wanted, rehearsal, played, mishaps.Length));
        return played.Any(e => e.Broken.Length > 0) ? ExitCodes.Refused : played.Length < mishaps.Length ? ExitCodes.Halted : ExitCodes.Done;
    }

    private static IEnumerable<Mishap> Seed(string only) =>
        only.StartsWith("seed-", StringComparison.Ordinal) && ulong.TryParse(only["seed-".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Rehearsal.Random(number, 1)
            : [];

    private static string Word(RehearsalEnd end) => end.Broken.Length > 0 ? "BROKEN"
        : !end.Struck ? "never came to it"
        : end.Outcome == RunOutcome.None ? "halted for good"
        : end.Halts.IsEmpty ? end.Outcome.ToString().ToLowerInvariant()
        : $"halted, then {end.Outcome.ToString().ToLowerInvariant()}";

    private static string Text(Goal goal, Rehearsal rehearsal, ImmutableArray<RehearsalEnd> ends, int planned)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"rehearsal of {goal}: {rehearsal.Plan.Steps.Count(s => !s.IsGate)} steps, {ends.Length} of {planned} runs played on the simulated cluster, as the inventory describes it");
        if (ends.FirstOrDefault(e => e.Mishap.Kind == MishapKind.None) is { } plain)
            text.AppendLine($"without a fault: {Word(plain)}, {RunText.Span(plain.Took)}, callers without service {(plain.Interruption is { } span ? RunText.Span(span) : "never")} (simulated times, see docs/simulation.md)");
        text.AppendLine();
        foreach (var kind in ends.Where(e => e.Mishap.Kind != MishapKind.None).GroupBy(e => e.Mishap.Kind).OrderBy(k => k.Key))
            text.AppendLine($"{Mishap.Word(kind.Key),-22} {string.Join(", ", kind.GroupBy(Word).OrderByDescending(g => g.Count()).Select(g => $"{g.Count()} {g.Key}"))}");
        var halts = ends.SelectMany(e => e.Halts.Select(h => (h.Finding.Code, e.Mishap))).GroupBy(h => h.Code).OrderByDescending(g => g.Count()).ToArray();
        if (halts.Length > 0)
            text.AppendLine().AppendLine("what it halts with, and one to look at (rehearse ... --only NAME --trace):");
        foreach (var halt in halts)
            text.AppendLine($"  {halt.Select(h => h.Mishap).Distinct().Count(),4}  {halt.Key.Code,-34} {halt.First().Mishap}");
        // One of each kind of end: the reason at the first thing that waits says what a person has to do.
        var forGood = ends.Where(e => e.Outcome == RunOutcome.None && e.Broken.Length == 0).GroupBy(e => e.Left[0].Finding.Code).OrderByDescending(g => g.Count()).ToArray();
        if (forGood.Length > 0)
            text.AppendLine().AppendLine("what stays halted until a person mends it, by its first reason:");
        foreach (var end in forGood)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {end.Count(),4}  {end.Key.Code}, as in {end.First().Mishap}");
            text.AppendLine($"        {end.First().Left[0].Id}: {end.First().Left[0].Finding.Message}");
        }
        foreach (var end in ends.Where(e => e.Broken.Length > 0))
            text.AppendLine().AppendLine($"BROKEN by {end.Mishap}: {end.Broken}");
        text.AppendLine().Append(ends.Any(e => e.Broken.Length > 0)
            ? "A promise is broken: do not run this plan, and report it with the name above."
            : "Every run ended or halted with its reason, and none did harm.");
        return text.ToString();
    }

    private static JsonObject Json(Goal goal, Rehearsal rehearsal, ImmutableArray<RehearsalEnd> ends, int planned) => new()
    {
        ["schemaVersion"] = StatusJson.SchemaVersion,
        ["goal"] = goal.ToString(),
        ["digest"] = rehearsal.Plan.Digest,
        ["verdict"] = ends.Any(e => e.Broken.Length > 0) ? "broken" : ends.Length < planned ? "unfinished" : "kept",
        ["planned"] = planned,
        ["ends"] = new JsonArray(
        [
            .. ends.Select(e => (JsonNode)new JsonObject
            {
                ["name"] = e.Mishap.ToString(),
                ["struck"] = e.Struck,
                ["kind"] = Mishap.Word(e.Mishap.Kind),
                ["step"] = e.Mishap.Step.Length > 0 ? e.Mishap.Step : null,
                ["outcome"] = e.Outcome == RunOutcome.None ? "halted" : e.Outcome.ToString().ToLowerInvariant(),
                ["halts"] = new JsonArray([.. e.Halts.Select(h => (JsonNode)new JsonObject { ["id"] = h.Id, ["code"] = h.Finding.Code.Code, ["subject"] = h.Finding.Subject })]),
                ["broken"] = e.Broken.Length > 0 ? e.Broken : null,
                ["seconds"] = Math.Round(e.Took.TotalSeconds),
                ["interruptionSeconds"] = e.Interruption is { } span ? Math.Round(span.TotalSeconds) : null,
            }),
        ]),
    };
}
