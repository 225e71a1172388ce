using System.Collections.Concurrent;
using System.CommandLine;
using System.Globalization;
using System.Text;
using Changeover.Knowledge;
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
        var seeds = new Option<int>("--seeds") { Description = "Random combinations of faults, besides every single fault at every step.", DefaultValueFactory = _ => Rehearsing.Seeds };
        var seed = new Option<ulong>("--seed") { Description = "Of what nobody has seen, and of the first random combination.", DefaultValueFactory = _ => Rehearsing.Seed };
        var only = new Option<string>("--only") { Description = "Play one again: as the table names it (killed-during@standby.acd-store1, seed-7).", DefaultValueFactory = _ => "" };
        var trace = new Option<bool>("--trace") { Description = "With --only: print everything that happens." };
        var assume = new Option<bool>("--assume") { Description = "Without looking: on a simulated cluster as the inventory describes it, everything well." };
        var planning = new PlanningOptions();
        var command = new Command("rehearse", "Look, and play the plan with faults on a simulated cluster like the one that was seen.") { goal, host, seeds, seed, only, trace, assume };
        planning.AddTo(command);
        common.AddTo(command);
        command.SetAction(async (parse, ct) =>
        {
            var (rehearsal, refused) = await Prepare(common.Read(parse), parse.GetValue(goal)!, parse.GetValue(host)!, s => planning.Read(parse, s), parse.GetValue(assume), parse.GetValue(seed), LookCommands.Progress(common.Json(parse)), ct);
            return refused is null
                ? Run(rehearsal!, Math.Max(0, parse.GetValue(seeds)), parse.GetValue(seed), parse.GetValue(only)!, parse.GetValue(trace), common.Json(parse), ct)
                : LookCommands.Refuse(refused, common.Json(parse));
        });
        return command;
    }

    /// <summary>The way to the cluster is closed again before anything is played.</summary>
    /// <returns>Where plan would refuse there is nothing to rehearse: what stands against it.</returns>
    private static async Task<(Rehearsal? Rehearsal, HealthCheck? Refused)> Prepare(
        SiteOptions site, string goal, string host, Func<Site, PlanOptions> words, bool assume, ulong seed, Action<string> progress, Ct ct)
    {
        await using var open = Site.Open(site);
        var wanted = Deriving.Goal(open.Inventory, goal, host);
        if (assume)
            return (Rehearsing.Assume(open.Inventory, open.Digest, wanted, words(open), seed), null);
        try
        {
            var derived = await Deriving.Derive(open, wanted, LookCommands.Runs(open), words(open), progress, ct);
            return derived.Plan is { } plan ? (Rehearsing.Of(open.Inventory, plan, derived.Snapshot, seed), null) : (null, derived.Health);
        }
        catch (CommandEnds refused) when (refused.ExitCode == ExitCodes.Refused)
        {
            throw new CommandEnds(refused.ExitCode, $"{refused.Message} Without looking it can be rehearsed with --assume.");
        }
    }

    private static int Run(Rehearsal rehearsal, int seeds, ulong seed, string only, bool trace, bool json, Ct ct)
    {
        var wanted = rehearsal.Plan.Goal;
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
        Console.Out.WriteLine(json ? RehearsalJson.Of(wanted, rehearsal, played, mishaps.Length).ToJsonString() : Text(wanted, rehearsal, played, mishaps.Length));
        return played.Any(e => e.Broken.Length > 0) ? ExitCodes.Refused : played.Length < mishaps.Length ? ExitCodes.Halted : ExitCodes.Done;
    }

    private static IEnumerable<Mishap> Seed(string only) =>
        only.StartsWith("seed-", StringComparison.Ordinal) && ulong.TryParse(only["seed-".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Rehearsal.Random(number, 1)
            : [];

    private static string Text(Goal goal, Rehearsal rehearsal, ImmutableArray<RehearsalEnd> ends, int planned)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"rehearsal of {goal}: {rehearsal.Plan.Steps.Count(s => !s.IsGate)} steps, {ends.Length} of {planned} runs played on a simulated cluster {Beginning(rehearsal)}");
        if (ends.FirstOrDefault(e => e.Mishap.Kind == MishapKind.None) is { } plain)
            text.AppendLine($"without a fault: {RehearsalJson.Word(plain)}, {RunText.Span(plain.Took)}, callers without service {(plain.Interruption is { } span ? RunText.Span(span) : "never")} (simulated times, see docs/simulation.md)");
        Limits(text, rehearsal);
        text.AppendLine();
        foreach (var kind in ends.Where(e => e.Mishap.Kind != MishapKind.None).GroupBy(e => e.Mishap.Kind).OrderBy(k => k.Key))
            text.AppendLine($"{Mishap.Word(kind.Key),-22} {string.Join(", ", kind.GroupBy(RehearsalJson.Word).OrderByDescending(g => g.Count()).Select(g => $"{g.Count()} {g.Key}"))}");
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
        var races = ends.Where(e => e.Races.Length > 0).ToArray();
        if (races.Length > 0)
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"races lost in {races.Length} of {ends.Length} runs (somebody came between the last look and the action; docs/simulation.md lists them), by what it came to:");
        foreach (var race in races.SelectMany(e => e.Races.Select(r => (r.Code, e.Mishap))).GroupBy(r => r.Code).OrderByDescending(g => g.Count()))
            text.AppendLine($"  {race.Count(),4}  {race.Key,-34} {race.First().Mishap}");
        foreach (var end in ends.Where(e => e.Broken.Length > 0))
            text.AppendLine().AppendLine($"BROKEN by {end.Mishap}: {end.Broken}");
        text.AppendLine().Append(ends.Any(e => e.Broken.Length > 0)
            ? "A promise is broken: do not run this plan, and report it with the name above."
            : "Every run ended or halted with its reason, and none did harm.");
        return text.ToString();
    }

    private static string Beginning(Rehearsal rehearsal) => rehearsal.SeenAt is { } at
        ? string.Create(CultureInfo.InvariantCulture, $"made like yours as seen at {TimeZoneInfo.ConvertTime(at, TimeZoneInfo.Local):yyyy-MM-dd HH:mm:ss zzz}")
        : "as the inventory describes it, everything well (--assume)";

    /// <summary>Where the simulated cluster is not, or may not be, like the one that was seen.</summary>
    private static void Limits(StringBuilder text, Rehearsal rehearsal)
    {
        if (!rehearsal.Drawn.IsEmpty)
            text.AppendLine().AppendLine($"nothing is known of {string.Join(", ", rehearsal.Drawn)}: how they are was drawn from the seed, another one a random run");
        if (!rehearsal.NotCarriedOver.IsEmpty)
            text.AppendLine().AppendLine("not carried over, because the simulated cluster knows nothing of the kind:");
        foreach (var same in rehearsal.NotCarriedOver.GroupBy(n => (n.Subject.Kind, n.What, n.Seen, n.Played)))
            text.AppendLine($"  {string.Join(", ", same.Select(n => n.Subject.Name))}: {SubjectKinds.Text(same.Key.Kind)} {same.Key.What} is {same.Key.Seen}, in the rehearsal {same.Key.Played}");
    }
}
