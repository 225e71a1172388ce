using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Changeover.Findings;
using Changeover.Knowledge;

namespace Changeover.Planning;

/// <summary>A plan for people (text, markdown), for scripts (JSON) and as a drawing (dot).</summary>
public static class PlanText
{
    private const int SchemaVersion = 1;

    public static string Text(Plan plan)
    {
        var text = new StringBuilder();
        text.AppendLine(Head(plan));
        foreach (var line in Special(plan))
            text.AppendLine(line);
        var number = 0;
        foreach (var gate in plan.Steps.Where(s => !s.IsGate).GroupBy(s => s.Gate))
        {
            text.AppendLine().AppendLine($"== {gate.Key}");
            foreach (var step in gate)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"{++number,4}  {step.Title}{(step.IsManual ? "  [a person]" : "")}{(step.Covers.IsEmpty ? "" : $"  ({string.Join(' ', step.Covers)})")}");
                text.AppendLine($"      {step.Id}{After(step)}  up to {Span(step.Budget)}{(step.Hold > TimeSpan.Zero ? $", held {Span(step.Hold)}" : "")}");
                if (step.Action is Instruct instruct)
                    text.AppendLine($"      > {instruct.Text}");
            }
        }
        foreach (var standing in plan.Standing)
            text.AppendLine().AppendLine($"watched from {standing.From}{(standing.Until.Length > 0 ? $" until {standing.Until}" : "")}: {standing.Id} ({string.Join(' ', standing.Covers)})");
        text.AppendLine().Append($"digest {plan.Digest}");
        return text.ToString();
    }

    public static string Markdown(Plan plan)
    {
        var text = new StringBuilder().AppendLine($"# {Head(plan)}").AppendLine();
        foreach (var line in Special(plan))
            text.AppendLine($"- {line}");
        var number = 0;
        foreach (var gate in plan.Steps.Where(s => !s.IsGate).GroupBy(s => s.Gate))
        {
            text.AppendLine($"## {gate.Key}").AppendLine().AppendLine("| # | step | waits for | up to | runbook |").AppendLine("|---|---|---|---|---|");
            foreach (var step in gate)
                text.AppendLine(CultureInfo.InvariantCulture, $"| {++number} | {step.Title}{(step.IsManual ? " (a person)" : "")} | {string.Join(", ", step.Requires.Select(r => r.Step))} | {Span(step.Budget)} | {string.Join(' ', step.Covers)} |");
            text.AppendLine();
        }
        return text.Append($"digest `{plan.Digest}`").ToString();
    }

    public static string Dot(Plan plan)
    {
        var text = new StringBuilder("digraph plan {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n");
        foreach (var step in plan.Steps)
            text.AppendLine($"  \"{step.Id}\" [label=\"{(step.IsGate ? step.Gate : step.Title.ToString().Replace("\"", "'", StringComparison.Ordinal))}\"{(step.IsGate ? ", shape=diamond" : step.IsManual ? ", style=dashed" : "")}];");
        foreach (var step in plan.Steps)
        {
            foreach (var requirement in step.Requires)
                text.AppendLine($"  \"{requirement.Step}\" -> \"{step.Id}\"{(requirement.Kind == RequirementKind.Begun ? " [style=dashed, label=\"begun\"]" : "")};");
        }
        return text.Append('}').ToString();
    }

    public static JsonObject Json(Plan plan, Language language = Language.English) => new()
    {
        ["schemaVersion"] = SchemaVersion,
        ["goal"] = plan.Goal.ToString(),
        ["digest"] = plan.Digest,
        ["maintenance"] = plan.Maintenance,
        ["assumed"] = plan.IsPreview,
        ["signed"] = plan.Signed is { } signed ? new JsonObject { ["who"] = signed.Who, ["why"] = signed.Why } : null,
        ["after"] = new JsonArray([.. (plan.Beginning?.After ?? []).Select(r => (JsonNode)r)]),
        ["without"] = new JsonObject(LeftOut(plan).Select(w => KeyValuePair.Create(w.Key, (JsonNode?)w.Value))),
        ["steps"] = new JsonArray(
        [
            .. plan.Steps.Select(s => (JsonNode)new JsonObject
            {
                ["id"] = s.Id,
                ["title"] = s.Title.In(language),
                ["gate"] = s.Gate,
                ["machine"] = s.Machine.Length > 0 ? s.Machine : null,
                ["requires"] = new JsonArray([.. s.Requires.Select(r => (JsonNode)new JsonObject { ["step"] = r.Step, ["kind"] = r.Kind.ToString().ToLowerInvariant() })]),
                ["timeoutSeconds"] = s.Budget.TotalSeconds,
                ["automatic"] = !s.IsManual,
                ["covers"] = new JsonArray([.. s.Covers.Select(c => (JsonNode)c)]),
            }),
        ]),
    };

    private static ImmutableSortedDictionary<string, string> LeftOut(Plan plan) => plan.Without ?? ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>What is not as in every plan of its goal.</summary>
    private static IEnumerable<string> Special(Plan plan)
    {
        if (plan.IsPreview)
            yield return "a preview: the cluster was not looked at, and this plan cannot be run";
        if (plan.Signed is { } signed)
            yield return $"signed by {signed.Who} where no run explains what is found: {signed.Why}";
        if (plan.Baseline.Assumed && plan.Signed is not null)
            yield return "goes back to the normal state of the inventory: nobody saw what it was like before";
        if (plan.Beginning is { After.IsEmpty: false } beginning)
            yield return $"goes on from {string.Join(", ", beginning.After)}: what is so already is left as it is, and the claims of that run are taken over";
        else if (plan.Beginning is { On.IsEmpty: false } found)
            yield return $"goes on from machines that are on already: {string.Join(", ", found.On)}";
        foreach (var run in plan.Steps.Select(s => s.Action).OfType<Knowledge.TakeClaim>().SelectMany(c => c.From ?? []).Distinct().Except(plan.Beginning?.After ?? []))
            yield return $"takes the claims of {run} over: nobody else may be working with them";
        foreach (var (machine, reason) in LeftOut(plan))
            yield return $"left out: {machine} ({reason})";
    }

    private static string Head(Plan plan) =>
        $"{plan.Goal} on {plan.Cluster}: {plan.Steps.Count(s => !s.IsGate)} steps, {plan.Steps.Count(s => s.IsManual)} of them by a person";

    private static string After(Step step) =>
        step.Requires.Length == 0 ? "" : "  after " + string.Join(", ", step.Requires.Select(r => r.Kind == RequirementKind.Begun ? $"{r.Step} (begun)" : r.Step));

    private static string Span(TimeSpan span) => span.TotalMinutes >= 1 && span.Seconds == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} min")
        : string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s");
}
