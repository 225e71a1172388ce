using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Simulation;

namespace Changeover.Tests.Simulation;

public sealed class WorldTests
{
    private static Cluster Busy(ulong seed)
    {
        var cluster = new Cluster(seed);
        cluster.World.Apply(FaultPlan.Draw(seed, Cluster.TwoHosts, TimeSpan.FromMinutes(3)));
        cluster.World.Schedule(new MachineDies("acd-jb2"), TimeSpan.FromSeconds(3));
        cluster.World.Person(new SetStandby("acd-store1", true, "acd-store1"));
        cluster.World.Person(new SetPower("acd-tel1", "vm-host-1", false));
        return cluster;
    }

    [Fact]
    public void One_seed_gives_one_history()
    {
        var hashes = Enumerable.Range(0, 3).Select(i =>
        {
            var cluster = Busy(i < 2 ? 5UL : 6UL);
            cluster.Wait(120);
            return cluster.World.TraceHash;
        }).ToArray();

        Assert.Equal(hashes[0], hashes[1]);
        Assert.NotEqual(hashes[0], hashes[2]);
    }

    [Fact]
    public void Dice_fall_the_same_on_every_machine()
    {
        // SplitMix64 with seed 1234567, the generator's published test vector.
        var dice = new Dice(1234567);

        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL], [dice.Next(), dice.Next(), dice.Next()]);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(21)]
    [InlineData(60)]
    public void A_cluster_saved_and_loaded_goes_on_as_if_nothing_had_been(double seconds)
    {
        var straight = Busy(11);
        straight.Wait(seconds);
        var saved = straight.World.Save();
        var loaded = new Cluster(World.Load(saved, Cluster.TwoHosts));
        straight.Wait(300);
        loaded.Wait(300);

        Assert.Equal(straight.World.TraceHash, loaded.World.TraceHash);
        Assert.Equal(straight.World.Save(), loaded.World.Save());
    }

    [Fact]
    public void What_is_no_saved_cluster_or_another_one_is_refused_with_a_sentence()
    {
        var saved = new Cluster().World.Save();

        Assert.Throws<FormatException>(() => World.Load("{", Cluster.TwoHosts));
        Assert.Throws<FormatException>(() => World.Load(saved, Cluster.TwoHosts with { Cluster = "other" }));
    }

    private static readonly Request.Shell Uname = new("acd-jb1", [new("n", ["/bin/uname", "-n"], Root: true)], TimeSpan.FromSeconds(30));

    [Fact]
    public void A_lost_request_does_nothing_and_a_lost_reply_did_it()
    {
        var cluster = new Cluster();
        var standby = new SetStandby("acd-store1", true, "acd-store1");
        cluster.World.Schedule(new RequestLost("acd-store1"), TimeSpan.Zero);
        cluster.Wait(0);
        Assert.Equal(ReceptionKind.Unclear, cluster.Tell(standby).Kind);
        Assert.False(cluster["acd-store1"].Node!.Standby);

        cluster.World.Schedule(new ReplyLost("acd-store1"), cluster.World.Now);
        cluster.Wait(0);
        Assert.Equal(ReceptionKind.Unclear, cluster.Tell(standby).Kind);
        Assert.True(cluster["acd-store1"].Node!.Standby);
    }

    [Fact]
    public void A_slow_answer_is_overtaken_by_a_later_one()
    {
        var cluster = new Cluster();
        cluster.World.Schedule(new ReplySlow("acd-jb1", TimeSpan.FromSeconds(5)), TimeSpan.Zero);
        cluster.Wait(0);
        var order = new List<int>();
        cluster.World.Submit(Uname, _ => order.Add(1));
        cluster.Wait(0.5);
        cluster.World.Submit(Uname, _ => order.Add(2));
        cluster.Wait(10);

        Assert.Equal([2, 1], order);
    }

    [Fact]
    public void The_way_to_a_machine_can_be_closed_in_every_way_that_is_known()
    {
        var cluster = new Cluster();
        cluster.World.Schedule(new SudoGone("acd-jb1"), TimeSpan.Zero);
        cluster.Wait(0);
        Assert.Equal(RefusalKind.SudoAsksPassword, Assert.IsType<Reply.Refused>(cluster.Send(Uname)).Kind);
        cluster.World.Schedule(new HostKeyChanged("acd-jb1"), cluster.World.Now);
        cluster.Wait(0);
        Assert.Equal(RefusalKind.HostKeyChanged, Assert.IsType<Reply.Refused>(cluster.Send(Uname)).Kind);
        cluster.World.Schedule(new MachineUnreachable("acd-jb1"), cluster.World.Now);
        cluster.Wait(0);
        Assert.True(cluster.Send(Uname) is Reply.NotSent or Reply.NoAnswer);
        cluster.World.Schedule(new MachineDies("acd-jb1"), cluster.World.Now);
        cluster.World.Schedule(new MachineUnreachable("acd-jb1", false), cluster.World.Now);
        cluster.Wait(0);
        Assert.IsType<Reply.NotSent>(cluster.Send(Uname));
    }

    [Fact]
    public void A_command_the_cluster_does_not_know_is_answered_127_and_noted()
    {
        var cluster = new Cluster();
        var answer = Assert.IsType<Reply.Answered>(cluster.Send(Uname with { Commands = [new("x", ["/bin/frobnicate"])] }));

        Assert.Equal(127, Assert.Single(answer.Results).Code);
        Assert.Equal("acd-jb1: /bin/frobnicate", Assert.Single(cluster.World.NotKnown));
    }

    [Fact]
    public void The_claim_guards_changes_and_a_boot_forgets_it()
    {
        var cluster = new Cluster { Run = new("run-1", "maintenance-1", "controller", 1) };
        var stop = new SetService("acd-dbm2", "jtel-listener", false);
        Assert.Equal(ReceptionKind.Refused, cluster.Tell(stop).Kind);

        cluster.Do(new TakeClaim("acd-dbm2"));
        cluster.Do(stop);
        cluster.Run = cluster.Run with { Id = "run-2" };
        Assert.Equal(ReceptionKind.Refused, cluster.Tell(new TakeClaim("acd-dbm2")).Kind);
        cluster.Run = cluster.Run with { Id = "run-1", Epoch = 2 };
        cluster.Do(new TakeClaim("acd-dbm2"));
        Assert.Equal(2, cluster.Facts<ClaimFacts>(SubjectKind.Claim, "acd-dbm2").Epoch);
        cluster.World.Schedule(new MachineDies("acd-dbm2"), cluster.World.Now);
        cluster.Wait(1);
        cluster.World.Person(new SetPower("acd-dbm2", "vm-host-2", true));
        cluster.Until(() => cluster["acd-dbm2"].Power == Power.On, "on");
        Assert.True(cluster.Facts<ClaimFacts>(SubjectKind.Claim, "acd-dbm2").Free);
    }

    [Fact]
    public void A_downtime_is_set_moved_and_removed_by_its_key()
    {
        var cluster = new Cluster();
        cluster.See(SubjectKind.Downtimes, "monitoring");
        cluster.Do(new SetDowntime("m1", ["acd-jb1", "acd-portal"], Cluster.Start.AddHours(2), "failover"));
        cluster.Do(new SetDowntime("m1", ["acd-jb1", "acd-portal"], Cluster.Start.AddHours(3), "failover"));
        var ours = cluster.Facts<DowntimeFacts>(SubjectKind.Downtimes, "monitoring").Downtimes.Where(d => d.Key == "m1").ToArray();

        Assert.Equal(["acd-jb1", "acd-portal"], ours.Select(d => d.Object).Distinct().Order());
        Assert.All(ours, d => Assert.Equal(Cluster.Start.AddHours(3), d.End));
        cluster.Do(new RemoveDowntime("m1"));
        Assert.Empty(cluster.Truth.Downtimes);
    }

    [Fact]
    public void A_stuck_service_and_a_deaf_guest_stay_as_they_are()
    {
        var cluster = new Cluster();
        cluster.World.Schedule(new ServiceSticks("acd-jb1", "wildfly"), TimeSpan.Zero);
        cluster.World.Schedule(new GuestIgnoresShutdown("acd-jb2"), TimeSpan.Zero);
        cluster.Wait(0);
        cluster.Do(new SetService("acd-jb1", "wildfly", false));
        cluster.Power("acd-jb2", false);
        cluster.Wait(120);

        Assert.Equal(ServiceRun.Stopping, cluster.Facts<ServiceFacts>(SubjectKind.Services, "acd-jb1").Find("wildfly")!.Run);
        var guest = cluster.Facts<PowerFacts>(SubjectKind.Power, "vm-host-2").Find("acd-jb2")!;
        Assert.Equal(PowerState.On, guest.Power);
        Assert.Contains("timeout", guest.LastFailure, StringComparison.Ordinal);
    }

    [Fact]
    public void Software_started_without_its_store_fails_and_is_a_violation()
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.World.Schedule(new MachineDies("acd-store1"), cluster.World.Now);
        cluster.World.Schedule(new MachineDies("acd-store2"), cluster.World.Now);
        cluster.Wait(1);
        Assert.False(cluster.Facts<ClientFacts>(SubjectKind.Client, "acd-jb1").ShareReadable);

        cluster.Do(new SetService("acd-jb1", "wildfly", true));
        cluster.Wait(20);
        Assert.Equal(ServiceRun.Stopped, cluster.Facts<ServiceFacts>(SubjectKind.Services, "acd-jb1").Find("wildfly")!.Run);
        Assert.Contains(cluster.Truth.Violations, v => v.Code == Invariants.ServiceWithoutStore && v.Cause.IsOurs);
    }

    /// <summary>Its software starts with it, half a minute after our word: whoever took the store in between did it.</summary>
    [Theory]
    [InlineData(-1, true)]
    [InlineData(1, false)]
    public void A_machine_switched_on_without_its_store_is_our_doing_unless_somebody_took_it_since(int seconds, bool isOurs)
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.Power("acd-jb1", false);
        cluster.Until(() => cluster["acd-jb1"].Power == Changeover.Simulation.Power.Off, "off");
        cluster.Wait(5);
        foreach (var store in new[] { "acd-store1", "acd-store2" })
            cluster.World.Schedule(new MachineDies(store), cluster.World.Now + TimeSpan.FromSeconds(3 + seconds));
        cluster.Wait(3);
        cluster.Power("acd-jb1", true);
        cluster.Wait(120);

        Assert.Equal(Changeover.Simulation.Power.On, cluster["acd-jb1"].Power);
        Assert.Equal(isOurs, cluster.Truth.Violations.Any(v => v is { Code: Invariants.ServiceWithoutStore, Subject: "acd-jb1" }));
    }

    /// <summary>A store boots for half a minute: whoever takes the role from the other one in that time gives it to the old copy.</summary>
    [Theory]
    [InlineData(-1, true)]
    [InlineData(10, false)]
    public void An_old_copy_that_takes_the_role_as_it_joins_is_our_doing_unless_somebody_took_it_since(int seconds, bool isOurs)
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.Move("acd-store1", "acd-store2");
        cluster.Power("acd-store1", false);
        cluster.Until(() => cluster["acd-store1"].Power == Changeover.Simulation.Power.Off, "off");
        cluster.Wait(5);
        cluster.World.Schedule(new SomebodySetsStandby("acd-store2"), cluster.World.Now + TimeSpan.FromSeconds(3 + seconds));
        cluster.Wait(3);
        cluster.Power("acd-store1", true);
        cluster.Wait(300);

        var stale = Assert.Single(cluster.Truth.Violations, v => v.Code == Invariants.StaleCopy);
        Assert.Equal(isOurs, stale.Cause.IsOurs);
    }

    /// <summary>A guard and its action are two requests. What it knew was right when it was asked, or it was not.</summary>
    /// <param name="looked">When the services of the client were asked, in seconds from the start of its software; null: never.</param>
    [Theory]
    [InlineData(-1.0, false)]
    [InlineData(1.0, true)]
    [InlineData(null, true)]
    public void A_store_that_moves_under_running_software_is_our_doing_unless_somebody_started_it_behind_our_last_look(double? looked, bool isOurs)
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.Wait(30);
        var begun = cluster.World.Now;
        cluster.World.Schedule(new SomebodyStartsService("acd-jb1", "wildfly"), begun);
        cluster.Wait(2);

        var asked = looked is { } seconds ? ImmutableSortedDictionary<string, TimeSpan>.Empty.Add("services:acd-jb1", begun + TimeSpan.FromSeconds(seconds)) : null;
        Assert.Equal(ReceptionKind.Accepted, cluster.Tell(new SetStandby("acd-store1", true, "acd-store1"), asked).Kind);
        cluster.Wait(30);

        var moved = Assert.Single(cluster.Truth.Violations, v => v is { Code: Invariants.MovedWhileUsed, Subject: "acd-store1" });
        Assert.Equal(isOurs, moved.Cause.IsOurs);
        Assert.Equal(!isOurs, moved.Race.Contains("standby", StringComparison.Ordinal));
    }

    /// <summary>A store that joins is synchronised minutes after our word: whoever takes the stickiness meanwhile sends the role to it.</summary>
    [Theory]
    [InlineData(-1, true)]
    [InlineData(10, false)]
    public void A_store_that_is_drawn_to_the_one_that_joins_is_our_doing_unless_somebody_changed_the_cluster_since(int seconds, bool isOurs)
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.Move("acd-store1", "acd-store2");
        cluster.Power("acd-store1", false);
        cluster.Until(() => cluster["acd-store1"].Power == Changeover.Simulation.Power.Off, "off");
        cluster.World.Schedule(new SomebodyStartsService("acd-jb2", "wildfly"), cluster.World.Now);
        cluster.World.Schedule(new StickinessZero("acd-store2"), cluster.World.Now + TimeSpan.FromSeconds(8 + seconds));
        cluster.Wait(8);
        cluster.Power("acd-store1", true);
        cluster.Wait(600);

        var moved = Assert.Single(cluster.Truth.Violations, v => v is { Code: Invariants.MovedWhileUsed, Subject: "acd-store2" });
        Assert.Equal(isOurs, moved.Cause.IsOurs);
        Assert.Equal(isOurs, moved.Race.Length == 0);
    }

    [Fact]
    public void Software_that_starts_at_boot_of_a_machine_whose_network_was_cut_is_no_violation_of_ours()
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.Power("acd-jb1", false);
        cluster.Until(() => cluster["acd-jb1"].Power == Power.Off, "off");
        cluster.World.Schedule(new MachineUnreachable("acd-jb1"), cluster.World.Now);
        cluster.Wait(1);

        cluster.Power("acd-jb1", true);
        cluster.Until(() => cluster["acd-jb1"].Service("wildfly")!.Run != ServiceRun.Stopped, "wildfly starts");

        Assert.Empty(cluster.Truth.Violations);
    }

    [Fact]
    public void Two_singletons_are_a_violation_after_the_time_of_a_hand_over()
    {
        var cluster = new Cluster();
        Assert.Equal(ServiceRun.Running, cluster.Facts<SingletonFacts>(SubjectKind.Singleton, "acd-tel1").Run);
        Assert.Equal(ServiceRun.Stopped, cluster.Facts<SingletonFacts>(SubjectKind.Singleton, "acd-tel2").Run);
        cluster.Do(new SetSingleton("acd-tel2", "AcdGroupDistribute", true));
        cluster.Wait(60);
        Assert.Empty(cluster.Truth.Violations);

        cluster.Wait(300);
        Assert.Equal(Invariants.TwoSingletons, Assert.Single(cluster.Truth.Violations).Code);
    }

    /// <summary>One of each kind.</summary>
    internal static readonly ImmutableArray<Fault> EveryFault =
    [
        new RequestLost("acd-jb1"), new ReplyLost(""), new ReplySlow("acd-jb1", TimeSpan.FromSeconds(1)), new BalancerRefuses("acd-lb1"),
        new PromotionFails("acd-store1"), new FallsBack("acd-store1"), new BalancerReloads("acd-lb1"), new ServiceSticks("acd-jb1", "wildfly"),
        new GuestIgnoresShutdown("acd-jb1"), new ReplicationStops("acd-dbm1", 1062), new ReplicationLags("acd-dbm1"),
        new SessionForgotten("acd-jb1", "acd-dbm1", true), new MachineUnreachable("acd-dbm1"), new MachineDies("acd-lb1"), new DiskFills("acd-jb1"), new SudoGone("acd-jb1"),
        new HostKeyChanged("acd-jb1"), new SomebodyMoves("acd-store2"), new SomebodySetsServer("acd-lb2", "mysql", "acd-dbm1", ServerAdmin.Maint),
        new SomebodyStartsGuest("acd-lb1"), new SomebodyStartsService("acd-jb1", "wildfly"), new StaleBan("acd-lb2"), new StickinessZero("acd-store1"),
        new DrbdDisconnected("acd-store1"), new ResyncSlow("acd-store1"), new LinkCut("acd-store1"), new MaintenanceMode("acd-store1"),
        new BalancerLevel("acd-lb1", "operator"), new BalancerFileWritten("acd-lb1"), new NotAtBoot("acd-dbm1", BootPart.Database), new NoCrmSimulate("acd-lb1"),
        new RuleConstraint("acd-store1"), new SomebodySetsStandby("acd-store2"),
        new LogsPurged("acd-dbm1"), new JobStandsStill("acd-dbm2", "nightly_cleanup"),
        new SomebodySetsDowntime("acd-jb1"), new SomebodyClaims("acd-dbm1", "other"),
        new SplitBrain("acd-store1"), new CopyInvalidated("acd-store2"), new ScoresLag("acd-store1"), new SomebodyCleansUp("acd-store1"), new SomebodyClears("acd-lb1"),
        new ReplicationPassword("acd-dbm2"), new ReplicaRebuilt("acd-dbs1"), new ServiceRestarts("acd-jb1", "wildfly"), new SingletonRefuses("acd-tel1"), new MountLost("acd-jb1"),
        new CopyAnswers("acd-jb1"), new ClockOff("monitoring", TimeSpan.FromHours(3)), new DiskReadOnly("acd-dbm1"), new GuestLocked("acd-jb1"), new GuestBootsAgain("acd-jb1"),
        new MonitoringRefuses(), new HostPartDown("vm-host-1", "vmbr0"),
    ];

    [Fact]
    public void Every_fault_can_be_saved_and_strikes_a_cluster_without_breaking_it()
    {
        Assert.Equal(
            typeof(Fault).Assembly.GetTypes().Where(t => t.BaseType == typeof(Fault)).Select(t => t.Name).Order(),
            EveryFault.Select(f => f.GetType().Name).Order());
        foreach (var fault in EveryFault)
        {
            var cluster = new Cluster();
            cluster.World.Schedule(fault, TimeSpan.FromSeconds(1));
            var loaded = new Cluster(World.Load(cluster.World.Save(), Cluster.TwoHosts));
            var quiet = loaded.World.Save();
            loaded.Wait(60);
            var untouched = new Cluster();
            untouched.Wait(60);
            Assert.NotEqual(quiet, loaded.World.Save());
            Assert.NotEqual(untouched.World.Save(), loaded.World.Save());
        }
    }

    [Fact]
    public void A_fall_back_comes_after_the_unstandby_or_after_the_resync()
    {
        foreach (var afterSync in new[] { false, true })
        {
            var cluster = new Cluster();
            cluster.StopAll();
            cluster.World.Schedule(new FallsBack("acd-store1", afterSync), cluster.World.Now);
            cluster.Wait(0);
            Assert.True(cluster.Holds(cluster.Store, "acd-store1"));
            cluster.Do(new SetStandby("acd-store1", true, "acd-store1"));
            cluster.Until(() => cluster.Holds(cluster.Store, "acd-store2"), "moved");
            cluster.Do(new SetStandby("acd-store1", false, "acd-store1"));
            cluster.Until(() => cluster.Store.Second.Doing == "stop", "it leaves again");
            Assert.Equal(afterSync, cluster.Store.First.Score == 10000);
        }
    }

    [Fact]
    public void Seeds_draw_different_plans_and_each_seed_the_same()
    {
        var plans = Enumerable.Range(1, 50).Select(s => FaultPlan.Draw((ulong)s, Cluster.TwoHosts, TimeSpan.FromMinutes(10))).ToArray();

        Assert.True(plans.Select(p => string.Join(';', p.Scheduled)).Distinct().Count() > 25);
        Assert.Contains(plans, p => p.Scheduled.IsEmpty || p.RequestLost == 0);
        Assert.Equal(plans[6].Scheduled, FaultPlan.Draw(7, Cluster.TwoHosts, TimeSpan.FromMinutes(10)).Scheduled);
    }

    [Fact]
    public void Healing_opens_every_way_and_ends_what_is_stuck()
    {
        var cluster = new Cluster();
        foreach (var fault in (ReadOnlySpan<Fault>)
            [new SudoGone("acd-jb1"), new HostKeyChanged("acd-jb1"), new MachineUnreachable("acd-jb1"), new RequestLost("", 9), new ServiceSticks("acd-jb2", "wildfly")])
            cluster.World.Schedule(fault, TimeSpan.Zero);
        cluster.World.Schedule(new MachineDies("acd-jb1"), TimeSpan.FromMinutes(1));
        cluster.Wait(0);
        cluster.World.Person(new SetService("acd-jb2", "wildfly", false));
        cluster.Wait(30);
        cluster.World.Heal();
        cluster.Wait(60);

        Assert.IsType<Reply.Answered>(cluster.Send(Uname));
        Assert.Equal(1, cluster["acd-jb1"].Boot);
        Assert.Equal(ServiceRun.Stopped, cluster["acd-jb2"].Service("wildfly")!.Run);
    }

    [Fact]
    public void One_standby_moves_both_roles_of_a_pair_that_is_store_and_balancer()
    {
        var world = World.Create(Cluster.Build(together: true), 1, Cluster.Start);
        world.Person(new SetStandby("acd-store1", true, "acd-store1"));
        world.AdvanceTo(TimeSpan.FromSeconds(30));

        foreach (var role in new[] { "store", "lb" })
        {
            var set = world.Truth.SetOf("acd-store1", role)!;
            Assert.Equal((role, 0, set.Resources.Count), (role, set.First.Started, set.Second.Started));
        }
        Assert.Equal("acd-store2", Assert.Single(world.Truth.Sessions.Select(s => s.Balancer).Distinct()));
    }
}
