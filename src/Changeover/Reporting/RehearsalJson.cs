using System.Text.Json.Nodes;
using Changeover.Findings;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Reporting;

/// <summary>The <c>rehearse</c> contract of docs/json.md, and what is told of it beside a plan.</summary>
public static class RehearsalJson
{
    public const string Done = "done";
    public const string Stays = "halted for good";
    public const string NotStruck = "never came to it";

    public static string Word(RehearsalEnd end) => end.Broken.Length > 0 ? "BROKEN"
        : !end.Struck ? NotStruck
        : end.Outcome == RunOutcome.None ? Stays
        : end.Halts.IsEmpty ? end.Outcome.ToString().ToLowerInvariant()
        : $"halted, then {end.Outcome.ToString().ToLowerInvariant()}";

    public static JsonObject Of(Goal goal, Rehearsal rehearsal, ImmutableArray<RehearsalEnd> ends, int planned) => new()
    {
        ["schemaVersion"] = StatusJson.SchemaVersion,
        ["goal"] = goal.ToString(),
        ["digest"] = rehearsal.Plan.Digest,
        ["verdict"] = ends.Any(e => e.Broken.Length > 0) ? "broken" : ends.Length < planned ? "unfinished" : "kept",
        ["planned"] = planned,
        ["beginning"] = Beginning(rehearsal),
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
                ["races"] = new JsonArray([.. e.Races.Select(r => (JsonNode)r.Code)]),
                ["seconds"] = Math.Round(e.Took.TotalSeconds),
                ["interruptionSeconds"] = e.Interruption is { } span ? Math.Round(span.TotalSeconds) : null,
            }),
        ]),
    };

    /// <summary>What every run begins with, and where that is not, or may not be, like the cluster that was seen.</summary>
    public static JsonObject Beginning(Rehearsal rehearsal, Language language = Language.English) => new()
    {
        ["seenAt"] = rehearsal.SeenAt is { } at ? StatusJson.Time(at) : null,
        ["drawn"] = new JsonArray([.. rehearsal.Drawn.Select(s => (JsonNode)s.ToString())]),
        ["notCarriedOver"] = new JsonArray(
        [
            .. rehearsal.NotCarriedOver.Select(n => (JsonNode)new JsonObject { ["subject"] = n.Subject.ToString(), ["what"] = n.What, ["seen"] = language.Word(n.Seen), ["played"] = language.Word(n.Played) }),
        ]),
    };

    /// <summary>What a person beside a plan needs of so many runs: whether any did harm, and what stays halted with what to do about it.</summary>
    /// <param name="json">Where it is put: what is known of the rehearsal itself stands there already.</param>
    public static void Ends(JsonObject json, ImmutableArray<RehearsalEnd> ends, Language language)
    {
        json["played"] = ends.Length;
        json["broken"] = new JsonArray([.. ends.Where(e => e.Broken.Length > 0).Select(e => (JsonNode)new JsonObject { ["name"] = e.Mishap.ToString(), ["text"] = Broken(e, language) })]);
        json["plain"] = ends.FirstOrDefault(e => e.Mishap.Kind == MishapKind.None) is { } plain ? Times(plain) : null;
        // Only of runs that came to their end: what is halted for good is as long as somebody lets it be.
        json["worst"] = ends.Where(e => e.Outcome == RunOutcome.Done).MaxBy(e => e.Interruption ?? TimeSpan.Zero) is { } worst ? Times(worst) : null;
        json["kinds"] = new JsonArray(
        [
            .. ends.GroupBy(e => e.Mishap.Kind).OrderBy(k => k.Key).Select(kind => (JsonNode)new JsonObject
            {
                ["kind"] = Mishap.Word(kind.Key),
                ["runs"] = kind.Count(),
                ["done"] = kind.Count(e => Word(e) == Done),
                ["stays"] = kind.Count(e => Word(e) == Stays),
                ["notStruck"] = kind.Count(e => Word(e) == NotStruck),
            }),
        ]);
        var races = ends.SelectMany(e => e.Races.Select(r => (r.Code, e.Mishap))).Distinct().GroupBy(r => r.Code).OrderByDescending(g => g.Count());
        json["raced"] = ends.Count(e => e.Races.Length > 0);
        json["races"] = new JsonArray([.. races.Select(g => (JsonNode)new JsonObject { ["code"] = g.Key, ["runs"] = g.Count(), ["name"] = g.First().Mishap.ToString() })]);
        // The reason at the first thing that waits says what a person has to do.
        json["stays"] = new JsonArray(
        [
            .. ends.Where(e => Word(e) == Stays).GroupBy(e => e.Left[0].Finding.Code).OrderByDescending(g => g.Count()).Select(g => (JsonNode)new JsonObject
            {
                ["runs"] = g.Count(),
                ["name"] = g.First().Mishap.ToString(),
                ["id"] = g.First().Left[0].Id,
                ["finding"] = StatusJson.FindingJson(g.First().Left[0].Finding, language),
            }),
        ]);
    }

    /// <summary>As <see cref="RehearsalEnd.Broken"/>; whose hand it was is a command or a fault, and stays as it is.</summary>
    private static string Broken(RehearsalEnd end, Language language) => end.Harm.IsEmpty
        ? language.Harm(end.Broken)
        : string.Join("; ", end.Harm.Select(h => $"{h.Code} {h.Subject}: {language.Harm(h.Text)} ({(language == Language.German ? "durch" : "by")} {h.Cause.By})"));

    private static JsonObject Times(RehearsalEnd end) => new()
    {
        ["name"] = end.Mishap.ToString(),
        ["seconds"] = Math.Round(end.Took.TotalSeconds),
        ["interruptionSeconds"] = end.Interruption is { } span ? Math.Round(span.TotalSeconds) : null,
    };
}
