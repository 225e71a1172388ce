using System.Text.Json.Nodes;
using Changeover.Findings;
using Changeover.Running;

namespace Changeover.Reporting;

/// <summary>The <c>report</c> contract of docs/json.md: what <see cref="StatusJson"/> says, and all else that the report tells people.</summary>
public static class ReportJson
{
    public static JsonObject Of(RunHistory run, Language language = Language.English)
    {
        var (state, plan) = (run.State, run.State.Plan);
        var json = StatusJson.Of(state, language);
        json["cluster"] = plan.Cluster;
        json["controller"] = state.Controller;
        json["who"] = Text(run.Who);
        json["approvedBy"] = Text(run.ApprovedBy);
        json["digest"] = plan.Digest;
        json["ruleVersion"] = plan.RuleVersion;
        json["inventoryDigest"] = plan.InventoryDigest;
        json["signed"] = plan.Signed is { } signed ? new JsonObject { ["who"] = signed.Who, ["why"] = signed.Why } : null;
        json["after"] = Texts(plan.Beginning?.After ?? []);
        json["without"] = new JsonObject((plan.Without ?? ImmutableSortedDictionary<string, string>.Empty).Select(w => KeyValuePair.Create(w.Key, (JsonNode?)w.Value)));
        json["tookSeconds"] = run.Took.TotalSeconds;
        json["interruptions"] = List(run.Interruptions, Interruption);
        json["asFound"] = AsFound(run.AsFound, language);
        json["deviations"] = List(run.Deviations, d => new()
        {
            ["step"] = d.Step.Id,
            ["title"] = d.Step.Title.In(language),
            ["who"] = Text(d.Who),
            ["reason"] = Text(d.Reason),
            ["findings"] = Findings(d.Notes, language),
        });
        json["halted"] = List(run.Halts, h => new() { ["at"] = StatusJson.Time(h.At), ["id"] = h.Id, ["title"] = run.What(h.Id, language), ["findings"] = Findings(h.Findings, language) });
        json["holds"] = List(run.Holds, h => new() { ["gate"] = h.Gate, ["reachedAt"] = StatusJson.Time(h.Reached), ["releasedAt"] = Time(h.Released) });
        json["decisions"] = List(run.Decisions, d => new()
        {
            ["at"] = StatusJson.Time(d.At),
            ["who"] = Text(d.Who),
            ["word"] = d.Word,
            ["id"] = Text(d.Id),
            ["reason"] = Text(d.Reason),
            ["confirmed"] = d.Confirmed is { } c ? new JsonObject { ["who"] = c.Who, ["saidAt"] = StatusJson.Time(c.SaidAt) } : null,
        });
        json["exchanges"] = List(run.Exchanges, x => StatusJson.Exchange(x, language));
        foreach (var (own, step) in json["steps"]!.AsArray().Zip(plan.Steps))
        {
            own!["gate"] = step.Gate;
            own["covers"] = Texts(step.Covers);
            own["notes"] = Findings(run.Steps.FirstOrDefault(s => s.Step.Id == step.Id)?.Notes ?? [], language);
        }
        if (!run.Measured.IsEmpty)
            json["measured"] = List(run.Measured, m => m.Json());
        return json;
    }

    private static JsonObject Interruption(FunctionInterruption i) => new()
    {
        ["kind"] = i.Kind.ToString().ToLowerInvariant(),
        ["name"] = i.Name,
        ["title"] = i.Title,
        ["from"] = Time(i.From),
        ["goneFrom"] = Time(i.GoneFrom),
        ["backAt"] = Time(i.BackAt),
        ["until"] = Time(i.Until),
        ["withoutAnySeconds"] = i.WithoutAny?.TotalSeconds,
        ["servedOn"] = Texts(i.ServedOn),
    };

    private static JsonObject AsFound(AsFoundHistory found, Language language) => new()
    {
        ["verdict"] = found.Verdict.ToString().ToLowerInvariant(),
        ["findings"] = Findings(found.Findings, language),
        ["signed"] = found.Signed is { } step ? new JsonObject { ["who"] = Text(step.Who), ["why"] = step.Reason } : null,
        ["without"] = Texts(found.Except),
    };

    private static JsonArray Findings(ImmutableArray<Finding> findings, Language language) => List(findings, f => StatusJson.FindingJson(f, language));

    private static JsonArray List<T>(IEnumerable<T> all, Func<T, JsonObject> one) => new([.. all.Select(a => (JsonNode)one(a))]);

    private static JsonArray Texts(IEnumerable<string> all) => new([.. all.Select(t => (JsonNode)t)]);

    /// <summary>Null: not recorded, or nobody.</summary>
    private static string? Text(string text) => text.Length > 0 ? text : null;

    private static string? Time(DateTimeOffset? at) => at is { } time ? StatusJson.Time(time) : null;
}
