using System.Text.RegularExpressions;
using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Simulation;
using Changeover.Tests.Inventory;

namespace Changeover.Tests.Planning;

/// <summary>docs/runbook-coverage.md has every requirement of the runbook, and plans cite no other.</summary>
public sealed partial class CoverageDocTests
{
    private static readonly ImmutableArray<string> Ids =
    [
        .. Enumerable.Range(1, 11).Select(n => $"X{n}"), .. Enumerable.Range(1, 13).Select(n => $"F{n}"),
        .. Enumerable.Range(0, 17).Select(n => $"B{n}"), .. Enumerable.Range(1, 4).Select(n => $"G{n}"),
    ];

    public static TheoryData<string> Examples => [.. RepositoryFile.Examples.Select(p => Path.GetRelativePath(RepositoryFile.Root, p))];

    [GeneratedRegex(@"^\| (?<id>[XFBG]\d+) \|(?<rest>.*)\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    private static Match[] Rows() => Row().Matches(File.ReadAllText(RepositoryFile.Path("docs", "runbook-coverage.md")).ReplaceLineEndings("\n")).ToArray();

    [Fact]
    public void Every_requirement_has_exactly_one_row_in_order() => Assert.Equal(Ids, Rows().Select(r => r.Groups["id"].Value));

    [Fact]
    public void Every_row_is_filled_in_and_claims_a_level() => Assert.All(Rows(), row =>
    {
        var cells = row.Groups["rest"].Value.Split('|').Select(c => c.Trim()).ToArray();
        Assert.Equal(7, cells.Length);
        Assert.DoesNotContain("", cells);
        Assert.Contains(cells[5], (string[])["proved", "captured", "documented", "none"]);
    });

    [Theory]
    [MemberData(nameof(Examples))]
    public void A_derived_plan_cites_only_requirements_of_the_runbook(string example)
    {
        var inventory = InventoryFile.Read(RepositoryFile.Path(example)).Inventory!;
        var plans = Plans(inventory).ToArray();

        Assert.All(plans, plan => Assert.Contains(plan.Steps, s => s.Covers.Length > 0));
        Assert.All(plans.SelectMany(p => p.Steps).SelectMany(s => s.Covers), id => Assert.Contains(id, Ids));
        Assert.All(plans.SelectMany(p => p.Standing).SelectMany(s => s.Covers), id => Assert.Contains(id, Ids));
    }

    private static IEnumerable<Plan> Plans(ClusterInventory inventory)
    {
        var world = World.Create(inventory, 1, new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero));
        var found = Baseline.Take("m1", world.Utc, new Simulator(world, AllDrivers.Set).Observe(WhatToLookAt.Everything(inventory), TimeSpan.FromMinutes(1)));
        foreach (var host in inventory.Hosts)
        {
            yield return Planner.Derive(inventory, "digest", new(GoalKind.Failover, host.Name), found, PlanOptions.Default, world.Utc);
            yield return Planner.Derive(inventory, "digest", new(GoalKind.Failback, host.Name), found, PlanOptions.Default, world.Utc);
        }
    }
}
