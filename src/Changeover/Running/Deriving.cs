using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Simulation;

namespace Changeover.Running;

/// <summary>A plan, or the findings that stand against one.</summary>
/// <param name="Snapshot">What was seen.</param>
public sealed record Derived(Plan? Plan, HealthCheck Health, Snapshot Snapshot);

/// <summary>Looks, judges and derives: the same for every face.</summary>
public static class Deriving
{
    public static Goal Goal(ClusterInventory inventory, string goal, string host) => inventory.FindHost(host) is null
        ? throw new CommandEnds(ExitCodes.Usage, $"no host {host} in the inventory; it has {string.Join(", ", inventory.Hosts.Select(h => h.Name))}")
        : goal switch
        {
            "failover" => new(GoalKind.Failover, host),
            "failback" => new(GoalKind.Failback, host),
            _ => throw new CommandEnds(ExitCodes.Usage, $"no goal {goal}; there are failover and failback"),
        };

    public static async Task<Derived> Derive(
        Site site, Goal goal, ImmutableArray<RunState> runs, PlanOptions options, Action<string> progress, Ct ct)
    {
        Branch(site, goal);
        var open = Maintenances.Open(runs, goal.Host);
        if (Outset.NeedsSignature(goal, open) && options.Signed is null)
            throw new CommandEnds(ExitCodes.Refused,
                $"{goal.Host}: no failover of it is in the journal {site.Journal}, so nobody knows the state to go back to. Name the journal of that run (--journal), or sign the normal state of the inventory as that state (--sign REASON).");
        if (goal.Kind == GoalKind.Failover && Maintenances.Emptied(runs, goal.Host) is { } emptied)
            throw new CommandEnds(ExitCodes.Refused, $"{goal.Host} was emptied by {emptied.Run} and has not been brought back: changeover run failback {goal.Host}");
        var snapshot = await site.Look(progress, ct);
        var now = site.Clock.Now;
        var picture = Baseline.Take($"m{now.Utc:yyyyMMdd-HHmmss}", now.Utc, snapshot);
        var outset = Outset.Of(site.Inventory, goal, open, picture, options.Signed is not null);
        if (options.Signed is not null && !outset.UsesSignature)
            throw new CommandEnds(ExitCodes.Usage, $"--sign: there is nothing to sign for; the journal and what is seen explain everything that a {goal} begins with. Leave it out.");
        var (baseline, remainder) = outset;
        var health = HealthCheck.Of(site.Inventory, snapshot, now, goal.Kind == GoalKind.Failback ? goal.Host : "", baseline, goal, options, remainder);
        return health.Verdict == Verdict.Holds
            ? new(Planner.Derive(site.Inventory, site.Digest, goal, baseline, options, now.Utc, remainder), health, snapshot)
            : new(null, health, snapshot);
    }

    /// <summary>The health check of what was seen, by what the journal says to expect, unless a person says it.</summary>
    /// <param name="expect">normal, emptied:HOST, or empty: from the open maintenance.</param>
    public static HealthCheck Health(Site site, Snapshot snapshot, ImmutableArray<RunState> runs, string expect)
    {
        var open = site.Inventory.Hosts.Select(h => Maintenances.Emptied(runs, h.Name)).FirstOrDefault(r => r is not null);
        var host = expect.StartsWith("emptied:", StringComparison.Ordinal) ? expect["emptied:".Length..] : expect.Length == 0 ? open?.Plan.Goal.Host ?? "" : "";
        if (host.Length > 0 && site.Inventory.FindHost(host) is null)
            throw new CommandEnds(ExitCodes.Usage, $"no host {host} in the inventory; it has {string.Join(", ", site.Inventory.Hosts.Select(h => h.Name))}");
        if (expect.Length > 0 && expect != "normal" && host.Length == 0)
            throw new CommandEnds(ExitCodes.Usage, $"--expect {expect} is not known; give normal or emptied:HOST");
        return HealthCheck.Of(site.Inventory, snapshot, site.Clock.Now, host, open?.Baseline);
    }

    /// <summary>A preview from the state this procedure expects: the inventory's cluster as the simulation builds it, every function well.</summary>
    public static Plan Assume(Site site, Goal goal, PlanOptions options)
    {
        Branch(site, goal);
        var simulator = new Simulator(World.Create(site.Inventory, seed: 1, site.Clock.Now.Utc), Site.Drivers);
        var found = Baseline.Take("preview", site.Clock.Now.Utc, simulator.Observe(WhatToLookAt.Everything(site.Inventory), TimeSpan.FromMinutes(2)));
        return Planner.Derive(site.Inventory, site.Digest, goal, found with { Assumed = true }, options, site.Clock.Now.Utc);
    }

    /// <summary>B16. What is removed comes from the records of the maintenance's own runs.</summary>
    public static async Task<Derived> Close(Site site, string wanted, ImmutableArray<RunState> runs, Action<string> progress, Ct ct)
    {
        var maintenance = wanted.Length > 0 ? wanted : Maintenances.Closable(runs)
            ?? throw new CommandEnds(ExitCodes.Refused, $"no maintenance in the journal {site.Journal} waits to be closed: one is closed after its failback ended done (changeover runs)");
        var own = Maintenances.OfMaintenance(runs, maintenance);
        if (own.IsEmpty)
            throw new CommandEnds(ExitCodes.Usage, $"no maintenance {maintenance} in the journal; there are {string.Join(", ", runs.Select(r => r.Plan.Maintenance).Distinct())}");
        if (own.LastOrDefault(r => r.Outcome == RunOutcome.Done) is not { } last || last.Plan.Goal.Kind == GoalKind.Failover)
            throw new CommandEnds(ExitCodes.Refused, $"maintenance {maintenance} is not brought back: changeover run failback {own[0].Plan.Goal.Host} first");
        if (last.Plan.Goal.Kind == GoalKind.Close)
            throw new CommandEnds(ExitCodes.Refused, $"maintenance {maintenance} was closed by {last.Run}");
        var snapshot = await site.Look(progress, ct);
        var now = site.Clock.Now;
        var health = HealthCheck.Of(site.Inventory, snapshot, now, "", null);
        var options = PlanOptions.Default with { Leftovers = Maintenances.Left(own) };
        return health.Verdict == Verdict.Holds
            ? new(Planner.Derive(site.Inventory, site.Digest, new(GoalKind.Close, last.Plan.Goal.Host), last.Baseline, options, now.Utc), health, snapshot)
            : new(null, health, snapshot);
    }

    /// <summary>G4: the branch we sit on.</summary>
    private static void Branch(Site site, Goal goal)
    {
        var lost = site.Inventory.Dependencies.Where(d => d.RunsOn == goal.Host).Select(d => d.What).ToArray();
        if (goal.Kind == GoalKind.Failover && lost.Length > 0)
            throw new CommandEnds(ExitCodes.Refused,
                $"{goal.Host} carries what this procedure stands on: {string.Join(", ", lost)}. Move it to another host first (dependencies: in the inventory).");
    }
}
