using System.Text.Json.Nodes;
using Changeover.Findings;
using Changeover.Running;

namespace Changeover.Reporting;

/// <summary>The <c>live</c> contract of docs/json.md: what a person watching a run must have in view, small enough for every second.</summary>
public static class LiveJson
{
    public static JsonObject Of(RunState state, Language language = Language.English)
    {
        var view = RunView.Of(state, language);
        return new()
        {
            ["schemaVersion"] = StatusJson.SchemaVersion,
            ["run"] = state.Run,
            ["goal"] = state.Plan.Goal.ToString(),
            ["state"] = StatusJson.Word(state),
            ["at"] = StatusJson.Time(state.Now.Utc),
            ["done"] = view.Done,
            ["total"] = view.Total,
            ["interruptionSeconds"] = view.Interruption?.TotalSeconds,
            ["interrupted"] = view.Interrupted,
            ["writer"] = view.Writer.Length > 0 ? view.Writer : null,
            ["holders"] = new JsonObject(view.Holders.Select(h => KeyValuePair.Create(h.Pair, h.Machine.Length > 0 ? (JsonNode?)h.Machine : null))),
            ["safeToLeave"] = view.SafeToLeave,
            ["leaveReason"] = view.LeaveReason,
            ["waiting"] = new JsonArray([.. view.Waiting.Select(Waiting)]),
            ["persons"] = new JsonArray([.. view.Persons.Select(Waiting)]),
            ["holds"] = new JsonArray([.. state.Plan.Steps.Where(s => s.IsGate && state.Holds.Contains(s.Gate)).Select(s => (JsonNode)s.Gate)]),
            ["next"] = new JsonArray([.. view.Next.Select(s => (JsonNode)s.Id)]),
        };
    }

    private static JsonNode Waiting(WaitingFor w) => new JsonObject
    {
        ["step"] = w.Step,
        ["title"] = w.Title,
        ["state"] = w.Status.ToString().ToLowerInvariant(),
        ["forSeconds"] = w.For.TotalSeconds,
        ["expectedSeconds"] = w.Expected > TimeSpan.Zero ? w.Expected.TotalSeconds : null,
        ["budgetSeconds"] = w.Budget.TotalSeconds,
        ["reason"] = w.Reason.Length > 0 ? w.Reason : null,
        ["instruction"] = w.Instruction.Length > 0 ? w.Instruction : null,
    };
}
