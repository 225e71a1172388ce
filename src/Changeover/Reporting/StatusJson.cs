using System.Globalization;
using System.Text.Json.Nodes;
using Changeover.Findings;
using Changeover.Running;

namespace Changeover.Reporting;

/// <summary>The <c>status</c> contract of docs/json.md.</summary>
public static class StatusJson
{
    public const int SchemaVersion = 1;

    public static JsonObject Of(RunState state, Language language = Language.English)
    {
        var view = RunView.Of(state, language);
        JsonArray Left() => new([.. LeftBehind.Of(state).Lines().Select(l => (JsonNode)language.Say(l))]);
        return new()
        {
            ["schemaVersion"] = SchemaVersion,
            ["run"] = state.Run,
            ["maintenance"] = state.Plan.Maintenance,
            ["goal"] = state.Plan.Goal.ToString(),
            ["state"] = Word(state),
            ["epoch"] = state.Epoch,
            ["startedAt"] = Time(state.StartedAt),
            ["endedAt"] = state.EndedAt is { } ended ? Time(ended) : null,
            ["writer"] = view.Writer.Length > 0 ? view.Writer : null,
            ["interruptionSeconds"] = view.Interruption?.TotalSeconds,
            ["interrupted"] = view.Interrupted,
            ["safeToLeave"] = view.SafeToLeave,
            ["steps"] = new JsonArray(
            [
                .. state.Plan.Steps.Select(step =>
                {
                    var s = state.Steps[step.Id];
                    return (JsonNode)new JsonObject
                    {
                        ["id"] = step.Id,
                        ["title"] = step.Title.In(language),
                        ["state"] = s.Status == StepStatus.Done ? s.Outcome.ToString().ToLowerInvariant() : s.Status.ToString().ToLowerInvariant(),
                        ["reason"] = s.Findings.IsDefaultOrEmpty ? null : string.Join(' ', s.Findings.Select(f => f.In(language))),
                        ["answers"] = new JsonArray([.. Answers.For(state, step.Id).Where(_ => s.Status == StepStatus.Halted || (s.Status == StepStatus.Acting && step.IsManual)).Select(a => (JsonNode)a.ToString().ToLowerInvariant())]),
                        ["attempts"] = s.Attempt,
                        ["startedAt"] = s.StartedAt is { } at ? Time(at) : null,
                        ["endedAt"] = s.EndedAt is { } end ? Time(end) : null,
                    };
                }),
            ]),
            ["leftBehind"] = state.Outcome == RunOutcome.Aborted ? Left() : null,
            ["abortWouldLeave"] = state.IsOver ? null : Left(),
            ["halts"] = new JsonArray(
            [
                .. view.Halts.Select(h => (JsonNode)new JsonObject
                {
                    ["id"] = h.Step,
                    ["about"] = Answers.About(state, h.Step),
                    ["findings"] = new JsonArray([.. h.Findings.Select(f => (JsonNode)FindingJson(f, language))]),
                    ["answers"] = new JsonArray([.. h.Answers.Select(a => (JsonNode)a.ToString().ToLowerInvariant())]),
                    ["without"] = h.Without,
                    ["mend"] = new JsonArray([.. h.Mend.Select(m => (JsonNode)language.Say(Mends.Text(m)))]),
                }),
            ]),
        };
    }

    /// <summary>The <c>exchanges</c> contract: what was sent for one step, and what came back.</summary>
    public static JsonObject Exchanges(RunHistory run, string step, Language language = Language.English) => new()
    {
        ["schemaVersion"] = SchemaVersion,
        ["run"] = run.State.Run,
        ["step"] = step,
        ["exchanges"] = new JsonArray([.. run.Exchanges.Where(x => x.Step == step).Select(x => (JsonNode)Exchange(x, language))]),
    };

    public static JsonObject Exchange(ExchangeHistory x, Language language) => new()
    {
        ["step"] = x.Step,
        ["word"] = x.Word,
        ["number"] = x.Number,
        ["at"] = Time(x.At),
        ["sent"] = new JsonArray([.. x.Sent.Select(l => (JsonNode)language.Say(l))]),
        ["heardAt"] = x.HeardAt is { } at ? Time(at) : null,
        ["reception"] = x.Heard?.Kind.ToString().ToLowerInvariant(),
        ["words"] = x.Heard is { Words.Length: > 0 } heard ? language.Answer(heard.Words) : null,
    };

    /// <summary>The <c>runs</c> contract.</summary>
    public static JsonObject List(ImmutableArray<RunState> runs) => new()
    {
        ["schemaVersion"] = SchemaVersion,
        ["runs"] = new JsonArray([.. runs.Select(r => (JsonNode)new JsonObject { ["run"] = r.Run, ["maintenance"] = r.Plan.Maintenance, ["goal"] = r.Plan.Goal.ToString(), ["state"] = Word(r), ["startedAt"] = Time(r.StartedAt), ["endedAt"] = r.EndedAt is { } ended ? Time(ended) : null })]),
    };

    public static JsonObject FindingJson(Finding f, Language language = Language.English) => new()
    {
        ["code"] = f.Code.Code,
        ["severity"] = f.Severity.ToString().ToLowerInvariant(),
        ["subject"] = f.Subject,
        ["arguments"] = new JsonObject(f.Arguments.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value))),
        ["message"] = f.In(language),
    };

    /// <summary>running, halted, waiting (for a person), stopped, done, refused, aborted.</summary>
    public static string Word(RunState state) => state switch
    {
        { Outcome: RunOutcome.Done } => "done",
        { Outcome: RunOutcome.Refused } => "refused",
        { Outcome: RunOutcome.Aborted } => "aborted",
        { IsHalted: true } => "halted",
        { WaitsAtHold: true } => "waiting",
        { Stopping: true } => "stopped",
        _ => "running",
    };

    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
