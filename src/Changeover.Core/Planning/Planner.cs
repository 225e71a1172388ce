using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning.Rules;

namespace Changeover.Planning;

/// <summary>Derives a plan: a short list of rules around named gates. Pure; works for any host of any inventory.</summary>
public static class Planner
{
    /// <summary>Changes when a rule comes to other steps for the same input; part of the digest.</summary>
    public const string RuleVersion = "5";

    /// <param name="remainder">The plan goes on from what is found; null: it begins where the goal usually does.</param>
    public static Plan Derive(
        ClusterInventory inventory, string inventoryDigest, Goal goal, Baseline baseline, PlanOptions options, DateTimeOffset now, Remainder? remainder = null)
    {
        var b = new PlanBuilder(inventory, goal, baseline, options, now, remainder);
        switch (goal.Kind)
        {
            case GoalKind.Failover:
                Failover(b);
                break;
            case GoalKind.Failback:
                Failback(b);
                break;
            default:
                Close(b);
                break;
        }
        // Until the software starts again: turning back after that would only interrupt once more.
        if (options.TurnBack is { } at && goal.Kind != GoalKind.Close)
            b.Watch(new("turn-back", Gates.Id(Gates.Start), Gates.Id(b.IsFailback ? Gates.Restored : Gates.Checked), new TimeLeft(at), ["X10"]));
        var (steps, standing) = b.Build();
        var beginning = remainder is null ? null : new Beginning([.. inventory.MachinesOn(goal.Host).Where(remainder.IsOn).Select(m => m.Name)], remainder.Runs);
        var plan = new Plan(
            goal, inventory.Cluster, baseline.Maintenance, inventoryDigest, RuleVersion, baseline, steps, standing, "", options.Without.IsEmpty ? null : options.Without, beginning, options.Signed);
        return plan with { Digest = Digest(plan) };
    }

    private static void Failover(PlanBuilder b)
    {
        b.Open(Gates.Start);
        CheckStartRule.Contribute(b);
        ClaimRule.Contribute(b);
        b.SiteSteps(ClaimRule.Last(b));
        BackupRule.Contribute(b);
        DowntimeRule.Contribute(b);
        b.Close();

        b.Open(Gates.Quiet);
        StopRule.Contribute(b);
        var stops = b.InGate();
        var quiet = QuietRule.Contribute(b, "quiet.sessions", emptiedSideIsUp: true, "F4", stops);
        BalancerRule.Picture(b, quiet is null ? stops : [quiet]);
        b.Close();

        b.Open(Gates.Moved);
        SwitchoverRule.Contribute(b);
        b.Close();
        SwitchoverRule.Watch(b);

        b.Open(Gates.Isolated);
        BalancerRule.Isolate(b);
        b.Close();
        BalancerRule.Watch(b, Gates.Id(Gates.Isolated), until: "");

        b.Open(Gates.Empty);
        PowerRule.Off(b);
        b.Close();

        b.Open(Gates.Checked);
        CheckRule.OneSided(b);
        b.Close();

        Serve(b);
    }

    private static void Failback(PlanBuilder b)
    {
        b.Open(Gates.Start);
        CheckStartRule.Contribute(b);
        ClaimRule.Contribute(b);
        b.SiteSteps(ClaimRule.Last(b));
        BackupRule.Contribute(b);
        DowntimeRule.Contribute(b);
        b.Close();
        if (b.Remainder is null)
            BalancerRule.Watch(b, Gates.Id(Gates.Start), until: Gates.Id(Gates.Moved));
        SwitchoverRule.Watch(b);

        b.Open(Gates.Quiet);
        StopRule.Contribute(b);
        QuietRule.Contribute(b, "quiet.sessions", emptiedSideIsUp: false, "B4", b.InGate());
        b.Close();

        b.Open(Gates.Booted);
        PowerRule.On(b);
        b.Close();
        if (b.Remainder is not null && b.Emptied.Any(m => !b.IsOn(m)))
            BalancerRule.Watch(b, Gates.Id(Gates.Booted), until: Gates.Id(Gates.Moved));

        b.Open(Gates.Synced);
        var silenced = StopRule.Silence(b).ToArray();
        var quiet = QuietRule.Contribute(b, "quiet.again", emptiedSideIsUp: true, "B7", silenced);
        string[] silent = quiet is null ? silenced : [quiet];
        CheckRule.Synchronised(b, [.. silent, .. SwitchoverRule.Wake(b, silent)]);
        b.Close();

        b.Open(Gates.Moved);
        SwitchoverRule.Contribute(b);
        b.Close();

        b.Open(Gates.Restored);
        BalancerRule.Restore(b);
        b.Close();

        Serve(b);
    }

    /// <summary>The end of both: software serves, health is proved, monitoring is active again, the claims are given back last.</summary>
    private static void Serve(PlanBuilder b)
    {
        b.Open(Gates.Serving);
        StartRule.Contribute(b);
        SingletonRule.Contribute(b);
        b.Close();

        b.Open(Gates.Done);
        HealthRule.Contribute(b);
        var healthy = b.InGate();
        DowntimeRule.End(b);
        b.After(b.InGate().Except(healthy), healthy);
        ClaimRule.Release(b);
        b.After(b.InGate().Where(id => id.StartsWith("release.", StringComparison.Ordinal)), b.InGate().Where(id => !id.StartsWith("release.", StringComparison.Ordinal)));
        b.Close();
    }

    private static void Close(PlanBuilder b)
    {
        b.Open(Gates.Start);
        CheckStartRule.Contribute(b);
        ClaimRule.Contribute(b);
        HealthRule.AsFound(b, ClaimRule.Last(b));
        b.Close();

        b.Open(Gates.Done);
        CloseRule.Contribute(b);
        var removed = b.InGate();
        ClaimRule.Release(b);
        b.After(b.InGate().Except(removed), removed);
        b.Close();
    }

    /// <summary>Over everything that will be done, not over readings that change by themselves (positions, sessions, times).</summary>
    private static string Digest(Plan plan)
    {
        var text = new StringBuilder()
            .AppendLine(plan.Goal.ToString()).AppendLine(plan.Cluster).AppendLine(plan.InventoryDigest).AppendLine(plan.RuleVersion);
        foreach (var step in plan.Steps)
            text.AppendLine(JsonSerializer.Serialize(PlanDigest.Stable(step), CoreJson.Default.Step));
        if (plan.Baseline.Assumed)
            text.AppendLine("assumed");
        if (plan.Beginning is { } beginning)
            text.AppendLine($"on {string.Join(' ', beginning.On)} after {string.Join(' ', beginning.After)}");
        if (plan.Signed is { } signed)
            text.AppendLine($"signed {signed.Who}: {signed.Why}");
        foreach (var (machine, reason) in plan.Without ?? ImmutableSortedDictionary<string, string>.Empty)
            text.AppendLine($"without {machine}: {reason}");
        foreach (var standing in plan.Standing)
            text.AppendLine(JsonSerializer.Serialize(standing, CoreJson.Default.Standing));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }
}
