using System.Text.Json.Nodes;
using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Reporting;

/// <summary>The <c>plan</c> contract of docs/json.md: what <see cref="PlanText.Json"/> says, and what each step will send.</summary>
public static class PlanJson
{
    public static JsonObject Of(ClusterInventory inventory, Plan plan)
    {
        var json = PlanText.Json(plan);
        var run = new RunIdentity("RUN", plan.Maintenance, "CONTROLLER", 1);
        foreach (var (step, own) in plan.Steps.Zip(json["steps"]!.AsArray()))
        {
            own!["expectedSeconds"] = step.Expected > TimeSpan.Zero ? step.Expected.TotalSeconds : null;
            own["holdSeconds"] = step.Hold.TotalSeconds;
            own["instruction"] = step.Action is Instruct instruct ? instruct.Text : null;
            own["sends"] = new JsonArray([.. step.IsManual ? [] : Sending.ByHand(inventory, run, step.Action).Select(l => (JsonNode)l)]);
        }
        return json;
    }
}
