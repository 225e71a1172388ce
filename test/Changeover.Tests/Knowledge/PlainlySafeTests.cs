using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using Changeover.Tests.Simulation;

namespace Changeover.Tests.Knowledge;

/// <summary>G2 without crm_simulate.</summary>
public sealed class PlainlySafeTests
{
    private static PacemakerSetupFacts Setup(int? stickiness, params ImmutableArray<LocationConstraint> locations) =>
        new("d", "0.11.5", stickiness, ImmutableSortedDictionary<string, int>.Empty, locations, [], true, CanForecast: false);

    private static LocationConstraint Prefers(string node, int score) => new($"location-{node}", "ip", node, score, "");

    private static Verdict Judge(PacemakerSetupFacts setup) => PlainlySafe.Judge("lb", setup, "n1", "n2").Verdict;

    [Fact]
    public void Nothing_that_prefers_a_node_moves_nothing_back() => Assert.Equal(Verdict.Holds, Judge(Setup(null)));

    [Theory]
    [InlineData(100, 50, Verdict.Holds)]
    [InlineData(50, 50, Verdict.Unknown)]
    [InlineData(null, 1, Verdict.Unknown)]
    public void Stickiness_must_outweigh_what_prefers_the_other_node(int? stickiness, int preference, Verdict expected) =>
        Assert.Equal(expected, Judge(Setup(stickiness, Prefers("n1", preference))));

    [Fact]
    public void Preferences_of_one_resource_add_up() =>
        Assert.Equal(Verdict.Unknown, Judge(Setup(100, Prefers("n1", 60), Prefers("n1", 60))));

    [Fact]
    public void Preferences_for_both_nodes_are_weighed_against_each_other()
    {
        Assert.Equal(Verdict.Holds, Judge(Setup(50, Prefers("n1", 100), Prefers("n2", 60))));
        Assert.Equal(Verdict.Unknown, Judge(Setup(40, Prefers("n1", 100), Prefers("n2", 60))));
        Assert.Equal(Verdict.Holds, Judge(Setup(0, Prefers("n1", 50), Prefers("n2", 50))));
        Assert.Equal(Verdict.Holds, Judge(Setup(0, Prefers("n3", 50))));
    }

    [Fact]
    public void A_preference_for_the_target_is_in_its_favour() => Assert.Equal(Verdict.Holds, Judge(Setup(0, Prefers("n2", 60))));

    [Fact]
    public void The_least_sticky_resource_counts() => Assert.Equal(
        Verdict.Unknown,
        Judge(Setup(100, Prefers("n1", 50)) with { Stickiness = ImmutableSortedDictionary<string, int>.Empty.Add("fs", 10) }));

    [Theory]
    [InlineData("*", 1)]
    [InlineData("n2", -LocationConstraint.Infinity)]
    [InlineData("n1", -LocationConstraint.Infinity)]
    [InlineData("n2", LocationConstraint.Infinity)]
    public void A_rule_a_ban_and_a_tie_are_not_plain(string node, int score) => Assert.Equal(Verdict.Unknown, Judge(Setup(1000, Prefers(node, score))));

    public static TheoryData<string, Fault[], bool> Clusters() => new()
    {
        { "plain stickiness above the preference", [], true },
        { "no stickiness", [new StickinessZero("acd-store1")], false },
        { "a rule that cannot be read", [new RuleConstraint("acd-store1")], false },
    };

    [Theory]
    [MemberData(nameof(Clusters))]
    public void A_run_without_crm_simulate_moves_only_what_is_plainly_safe(string what, Fault[] faults, bool moves)
    {
        var world = World.Create(SimulatedRun.Example, 31, SimulatedRun.Start);
        foreach (var machine in (string[])["acd-store1", "acd-store2", "acd-lb1", "acd-lb2"])
            world.Schedule(new NoCrmSimulate(machine), world.Now);
        foreach (var fault in faults)
            world.Schedule(fault, world.Now);
        world.AdvanceTo(TimeSpan.FromSeconds(1));

        var state = SimulatedRun.Go(world, GoalKind.Failover, "vm-host-1", null);

        if (moves)
        {
            Assert.True(state.Outcome == RunOutcome.Done, $"{what}: {SimulatedRun.Story(state, world)}");
            return;
        }
        Assert.Equal("forecast.acd-store1", Assert.Single(state.Halted).Id);
        Assert.Contains(("pacemaker.not-plainly-safe", "store"), SimulatedRun.Reasons(state));
        Assert.False(state.Steps["standby.acd-store1"].Acted);
    }

    [Fact]
    public void With_crm_simulate_its_forecast_rules_over_a_rule_that_cannot_be_read()
    {
        var world = World.Create(SimulatedRun.Example, 32, SimulatedRun.Start);
        world.Schedule(new RuleConstraint("acd-store1"), world.Now);
        world.AdvanceTo(TimeSpan.FromSeconds(1));

        var state = SimulatedRun.Go(world, GoalKind.Failover, "vm-host-1", null);

        Assert.True(state.Outcome == RunOutcome.Done, SimulatedRun.Story(state, world));
    }
}
