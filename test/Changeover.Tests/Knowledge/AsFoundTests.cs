using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using Changeover.Tests.Simulation;

namespace Changeover.Tests.Knowledge;

/// <summary>G3: what differs from the picture as found, for downtimes and claims.</summary>
public sealed class AsFoundTests
{
    private static readonly DateTimeOffset Now = SimulatedRun.Start;

    private static Downtime Of(string machine, string key, double hours) => new("1", machine, Now, Now.AddHours(hours), "somebody", key);

    private static ImmutableArray<Difference> Differences(Facts then, Facts now)
    {
        var view = new View(SimulatedRun.Example, Snapshot.Empty, new(default, Now), default, new("m1", Now, [], []), Run: "run-1");
        return AsFoundPicture.Differences(AsFoundPicture.Expected(then, view), AsFoundPicture.Others(now, view));
    }

    [Fact]
    public void The_maintenances_own_downtimes_are_not_compared() =>
        Assert.Empty(Differences(new DowntimeFacts([]), new DowntimeFacts([Of("acd-jb1", "m1-kept", 1)])));

    [Fact]
    public void Somebody_elses_new_downtime_is_a_difference() =>
        Assert.Equal("downtime of acd-jb1", Assert.Single(Differences(new DowntimeFacts([]), new DowntimeFacts([Of("acd-jb1", "", 1)]))).What);

    [Fact]
    public void A_downtime_that_was_ended_early_is_a_difference_and_one_whose_time_was_over_is_not()
    {
        Assert.Equal("absent", Assert.Single(Differences(new DowntimeFacts([Of("acd-jb1", "", 1)]), new DowntimeFacts([]))).Now);
        Assert.Empty(Differences(new DowntimeFacts([Of("acd-jb1", "", -1)]), new DowntimeFacts([])));
    }

    [Fact]
    public void A_claim_of_this_run_is_not_compared_and_one_of_another_is()
    {
        Assert.Empty(Differences(ClaimFacts.Nobody, new ClaimFacts("run-1", "control1", 2)));
        Assert.Equal("run other of elsewhere", Assert.Single(Differences(ClaimFacts.Nobody, new ClaimFacts("other", "elsewhere", 1))).Now);
    }

    [Fact]
    public void A_claim_of_a_run_that_was_taken_over_is_not_missed_and_one_that_stayed_is_a_difference()
    {
        Assert.Empty(Differences(new ClaimFacts("aborted", "control1", 1), new ClaimFacts("run-1", "control1", 2)));
        Assert.Equal("run aborted of control1", Assert.Single(Differences(new ClaimFacts("aborted", "control1", 1), new ClaimFacts("aborted", "control1", 1))).Now);
    }

    [Fact]
    public void A_failback_names_somebody_elses_downtime_and_asks_a_person()
    {
        var world = World.Create(SimulatedRun.Example, 81, SimulatedRun.Start);
        var over = SimulatedRun.Go(world, GoalKind.Failover, "vm-host-1", null);
        world.Schedule(new SomebodySetsDowntime("acd-jb4"), world.Now);

        var back = SimulatedRun.Go(world, GoalKind.Failback, "vm-host-1", over.Baseline);

        Assert.Equal("check.as-found", Assert.Single(back.Halted).Id);
        Assert.Equal(("as-found.differs", "monitoring"), Assert.Single(SimulatedRun.Reasons(back)));
        Assert.Contains(Answer.Accept, Changeover.Running.Answers.For(back, "check.as-found"));
    }
}
