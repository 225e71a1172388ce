using System.Text.Json.Nodes;
using Changeover.Drivers;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;

namespace Changeover.Reporting;

/// <summary>The <c>plan</c> contract of docs/json.md: what <see cref="PlanText.Json"/> says, and what each step will send.</summary>
public static class PlanJson
{
    public static JsonObject Of(ClusterInventory inventory, Plan plan, Schedule schedule, Language language = Language.English)
    {
        var json = PlanText.Json(plan, language);
        json["schedule"] = new JsonObject
        {
            ["seconds"] = schedule.Takes.TotalSeconds,
            ["budgetSeconds"] = schedule.Budget.TotalSeconds,
            ["interruptionSeconds"] = schedule.Interruption?.TotalSeconds,
            ["interruptionBudgetSeconds"] = schedule.InterruptionBudget?.TotalSeconds,
            ["measuredSteps"] = schedule.Steps.Values.Count(s => s.Measured > 0),
            ["runs"] = new JsonArray([.. schedule.Runs.Select(r => (JsonNode)r)]),
        };
        var run = new RunIdentity("RUN", plan.Maintenance, "CONTROLLER", 1);
        foreach (var (step, own) in plan.Steps.Zip(json["steps"]!.AsArray()))
        {
            own!["expectedSeconds"] = step.Expected > TimeSpan.Zero ? step.Expected.TotalSeconds : null;
            own["beginsSeconds"] = schedule.Steps[step.Id].Begins.TotalSeconds;
            own["endsSeconds"] = schedule.Steps[step.Id].Ends.TotalSeconds;
            own["measuredIn"] = schedule.Steps[step.Id].Measured;
            own["holdSeconds"] = step.Hold.TotalSeconds;
            own["instruction"] = step.Action is Instruct instruct ? language.Say(instruct.Text) : null;
            own["sends"] = new JsonArray([.. step.IsManual ? [] : Sending.ByHand(inventory, run, step.Action).Select(l => (JsonNode)language.Say(l))]);
        }
        return json;
    }
}
