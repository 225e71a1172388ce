using Changeover.Knowledge;
using Changeover.Simulation;

namespace Changeover.Tests.Simulation;

public sealed class PacemakerModelTests
{
    [Fact]
    public void A_standby_moves_the_store_in_steps_and_the_drivers_see_each_of_them()
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.Do(new SetStandby("acd-store1", true, "acd-store2"));
        var moved = cluster.World.Now;
        var stages = new HashSet<string>();
        while (!cluster.Holds(cluster.Store, "acd-store2"))
        {
            SeenIsTrue.Pacemaker(cluster, cluster["acd-store2"]);
            stages.Add($"{cluster.Store.First.Role} {cluster.Store.First.Started} {cluster.Store.Second.Role} {cluster.Store.Second.Started}");
            cluster.Wait(0.1);
        }
        var took = cluster.World.Now - moved;
        SeenIsTrue.Everywhere(cluster);

        Assert.True(stages.Count >= 4, string.Join(", ", stages));
        Assert.Contains(cluster.Facts<MachineFacts>(SubjectKind.Machine, "acd-store2").Addresses, a => a == "10.20.0.20");
        Assert.InRange(took.TotalSeconds, 5, 15);
        Assert.Empty(cluster.Truth.Violations);
    }

    [Fact]
    public void After_the_unstandby_the_store_stays_and_the_score_comes_back_only_after_the_resync()
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.Do(new SetStandby("acd-store1", true, "acd-store1"));
        cluster.Until(() => cluster.Holds(cluster.Store, "acd-store2"), "moved");
        cluster.Wait(30);
        cluster.Do(new SetStandby("acd-store1", false, "acd-store1"));
        cluster.Until(() => cluster.Store.SyncSource == "acd-store2", "resync");

        Assert.Equal(10, cluster.Store.First.Score);
        SeenIsTrue.Everywhere(cluster);
        cluster.Until(() => cluster.Store.First.Score == 10000, "score");
        cluster.Wait(60);
        Assert.True(cluster.Holds(cluster.Store, "acd-store2"));
        SeenIsTrue.Everywhere(cluster);
        Assert.Empty(cluster.Truth.Violations);
    }

    [Fact]
    public void Without_stickiness_the_address_falls_back_at_once_and_the_store_when_its_resync_has_ended()
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.World.Schedule(new StickinessZero("acd-store1"), cluster.World.Now);
        cluster.World.Schedule(new StickinessZero("acd-lb1"), cluster.World.Now);
        cluster.Do(new SetStandby("acd-lb1", true, "acd-lb1"));
        cluster.Do(new SetStandby("acd-store1", true, "acd-store1"));
        cluster.Until(() => cluster.Holds(cluster.Store, "acd-store2"), "moved");
        cluster.Do(new SetStandby("acd-lb1", false, "acd-lb1"));
        cluster.Do(new SetStandby("acd-store1", false, "acd-store1"));
        cluster.Wait(4);

        Assert.True(cluster.Holds(cluster.Truth.SetOf("acd-lb1", "lb")!, "acd-lb1"));
        Assert.True(cluster.Holds(cluster.Store, "acd-store2"));
        cluster.Until(() => cluster.Holds(cluster.Store, "acd-store1"), "the store falls back");
    }

    [Theory]
    [InlineData(100, "acd-store2")]
    [InlineData(0, "acd-store1")]
    public void The_forecast_says_what_really_happens(int stickiness, string ends)
    {
        var cluster = new Cluster();
        cluster.StopAll();
        if (stickiness == 0)
            cluster.World.Schedule(new StickinessZero("acd-store1"), cluster.World.Now);
        cluster.Wait(1);
        var forecast = cluster.Facts<ForecastFacts>(SubjectKind.Forecast, "acd-store1");
        cluster.Move("acd-store1", "acd-store2");
        cluster.Wait(60);

        Assert.Equal("acd-store2", forecast.AfterStandby.Single(p => p.Role == ResourceRole.Promoted).Node);
        Assert.Equal(ends, forecast.AfterUnstandby.Single(p => p.Role == ResourceRole.Promoted).Node);
        Assert.True(cluster.Holds(cluster.Store, ends));
    }

    [Theory]
    [InlineData(100, "acd-store2")]
    [InlineData(0, "acd-store1")]
    public void The_forecast_of_a_node_that_joins_says_what_really_happens(int stickiness, string ends)
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.Move("acd-store1", "acd-store2");
        cluster.Power("acd-store1", false);
        cluster.Until(() => cluster["acd-store1"].Power == Changeover.Simulation.Power.Off, "off");
        if (stickiness == 0)
            cluster.World.Schedule(new StickinessZero("acd-store2"), cluster.World.Now);
        cluster.Wait(1);
        var forecast = cluster.Facts<ForecastFacts>(SubjectKind.JoinForecast, "acd-store2");
        cluster.Power("acd-store1", true);
        cluster.Wait(300);

        Assert.Equal("acd-store1", forecast.Node);
        Assert.Equal("acd-store2", forecast.AfterStandby.Single(p => p.Role == ResourceRole.Promoted).Node);
        Assert.Equal(ends, forecast.AfterUnstandby.Single(p => p.Role == ResourceRole.Promoted).Node);
        Assert.True(cluster.Holds(cluster.Store, ends));
    }

    [Fact]
    public void A_standby_while_the_peer_has_no_usable_score_stops_everything()
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.Do(new SetStandby("acd-store1", true, "acd-store1"));
        cluster.Until(() => cluster.Holds(cluster.Store, "acd-store2"), "moved");
        cluster.Do(new SetStandby("acd-store2", true, "acd-store2"));
        cluster.Wait(20);

        Assert.Equal((0, 0), (cluster.Store.First.Started, cluster.Store.Second.Started));
        SeenIsTrue.Everywhere(cluster);
    }

    [Fact]
    public void A_failed_promotion_is_seen_and_the_resources_stay_stopped()
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.World.Schedule(new PromotionFails("acd-store2"), cluster.World.Now);
        cluster.Do(new SetStandby("acd-store1", true, "acd-store1"));
        cluster.Wait(30);
        var facts = cluster.Facts<PacemakerFacts>(SubjectKind.Pacemaker, "acd-store2");

        Assert.Equal("promote", Assert.Single(facts.Failures).Operation);
        Assert.Equal((0, 0), (cluster.Store.First.Started, cluster.Store.Second.Started));
    }

    [Fact]
    public void A_ban_is_seen_and_keeps_the_store_away()
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.World.Schedule(new StaleBan("acd-store2"), cluster.World.Now);
        cluster.Wait(1);

        Assert.Equal("acd-store2", Assert.Single(cluster.Facts<PacemakerFacts>(SubjectKind.Pacemaker, "acd-store1").Bans).Node);
        cluster.Do(new SetStandby("acd-store1", true, "acd-store1"));
        cluster.Wait(30);
        Assert.Equal(0, cluster.Store.Second.Started);
    }

    [Fact]
    public void In_maintenance_mode_a_standby_moves_nothing()
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.World.Schedule(new MaintenanceMode("acd-store1"), cluster.World.Now);
        cluster.Do(new SetStandby("acd-store1", true, "acd-store1"));
        cluster.Wait(60);

        Assert.True(cluster.Holds(cluster.Store, "acd-store1"));
        Assert.True(cluster.Facts<PacemakerFacts>(SubjectKind.Pacemaker, "acd-store1").MaintenanceMode);
    }

    [Fact]
    public void A_cut_link_makes_two_primaries_and_its_repair_a_split_brain()
    {
        var cluster = new Cluster();
        cluster.World.Schedule(new LinkCut("acd-store1"), TimeSpan.FromSeconds(1));
        cluster.Wait(60);

        Assert.Contains(Invariants.Broken(cluster.Truth), v => v.Code == Invariants.TwoPrimaries);
        SeenIsTrueOnDrbd(cluster);
        cluster.World.Schedule(new LinkCut("acd-store1", false), cluster.World.Now);
        cluster.Wait(1);
        Assert.Contains(cluster.Truth.Violations, v => v.Code == Invariants.SplitBrain && !v.Cause.IsOurs);
        Assert.Equal(DrbdConnection.StandAlone, Assert.Single(cluster.Facts<DrbdFacts>(SubjectKind.Drbd, "acd-store1").Resources).Connection);
    }

    private static void SeenIsTrueOnDrbd(Cluster cluster)
    {
        foreach (var store in new[] { "acd-store1", "acd-store2" })
            Assert.Equal(DrbdRole.Primary, Assert.Single(cluster.Facts<DrbdFacts>(SubjectKind.Drbd, store).Resources).Role);
    }
}
