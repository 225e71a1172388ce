using System.Text.Json.Nodes;
using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Reporting;

/// <summary>A health check for people and for scripts.</summary>
public static class HealthText
{
    public static string Text(HealthCheck health)
    {
        var lines = new List<string>();
        foreach (var area in health.Areas)
        {
            lines.Add($"{(area.Judgement.Verdict switch { Verdict.Holds => "ok     ", Verdict.Fails => "NOT OK ", _ => "UNKNOWN" })} {area.Name}");
            lines.AddRange(area.Judgement.Findings.Select(f => $"        {f.Message}").Distinct());
        }
        lines.AddRange(health.Advice.Select(f => $"note    {f.Message}"));
        lines.Add(health.Verdict switch
        {
            Verdict.Holds => "healthy: every function is as expected",
            Verdict.Fails => "NOT HEALTHY: nothing may be started",
            _ => "UNKNOWN: what could not be seen counts as not healthy; nothing may be started",
        });
        return string.Join('\n', lines);
    }

    public static JsonObject Json(HealthCheck health, Language language = Language.English) => new()
    {
        ["schemaVersion"] = StatusJson.SchemaVersion,
        ["verdict"] = Word(health.Verdict),
        ["expected"] = health.Expected,
        ["areas"] = new JsonArray([.. health.Areas.Select(a => (JsonNode)new JsonObject
        {
            ["name"] = a.Name,
            ["verdict"] = Word(a.Judgement.Verdict),
            ["findings"] = new JsonArray([.. a.Judgement.Findings.Distinct().Select(f => (JsonNode)StatusJson.FindingJson(f, language))]),
        })]),
        ["advice"] = new JsonArray([.. health.Advice.Distinct().Select(f => (JsonNode)StatusJson.FindingJson(f, language))]),
        ["findings"] = new JsonArray([.. health.Areas.SelectMany(a => a.Judgement.Findings).Concat(health.Advice).Distinct().Select(f => (JsonNode)StatusJson.FindingJson(f, language))]),
    };

    private static string Word(Verdict verdict) => verdict switch { Verdict.Holds => "healthy", Verdict.Fails => "unhealthy", _ => "unknown" };
}
