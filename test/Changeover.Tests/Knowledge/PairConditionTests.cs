using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Tests.Knowledge;

/// <summary>Pairs: who holds one, what its cluster is going to do, and whether both copies are good.</summary>
public sealed class PairConditionTests
{
    private static readonly PairHeld Held = new("store", "store1", PeerExpectation.Online);

    /// <summary>Both members say so.</summary>
    private static Sight Store(Func<PacemakerFacts, PacemakerFacts> change) => Sight.Well.But("store1", change).But("store2", change);

    private static Sight Node(string name, Func<PacemakerNode, PacemakerNode> change) => Store(f => f with { Nodes = f.Nodes.Change(n => n.Name == name, change) });

    private static Sight Resource(string id, Func<PacemakerResource, PacemakerResource> change, string? on = null) =>
        Store(f => f with { Resources = f.Resources.Change(r => r.Id == id && (on is null || r.Node == on), change) });

    // ---- the cluster is able to act --------------------------------------------------------------------------------------

    [Fact]
    public void A_cluster_without_a_coordinator_tells_nothing() => Store(f => f with { HasCoordinator = false, Quorate = false }).IsUnknown(
        new PairHeld("store", "store1", PeerExpectation.Any), "pacemaker.no-coordinator store");

    public static TheoryData<string, Func<PacemakerFacts, PacemakerFacts>> Hindered() => new()
    {
        { "pacemaker.no-quorum store", f => f with { Quorate = false } },
        { "pacemaker.maintenance-mode store", f => f with { MaintenanceMode = true } },
        { "pacemaker.stop-all store", f => f with { StopAllResources = true } },
        { "pacemaker.failure store: node=store1-node, operation=monitor, reason=timed out, resource=fs", f => f with { Failures = [new("fs", "store1-node", "monitor", "timed out", 1)] } },
        { "pacemaker.banned store: ban=cli-ban, node=store2-node, resource=fs", f => f with { Bans = [new("cli-ban", "fs", "store2-node", false)] } },
    };

    [Theory]
    [MemberData(nameof(Hindered))]
    public void A_pair_whose_cluster_is_not_able_or_allowed_to_act_is_not_held(string why, Func<PacemakerFacts, PacemakerFacts> change) => Store(change).Fails(Held, why);

    public static TheoryData<string, Func<PacemakerNode, PacemakerNode>> HinderedNodes() => new()
    {
        { "pacemaker.node-maintenance store: node=store2-node", n => n with { Maintenance = true } },
        { "pacemaker.standby-on-fail store: node=store2-node", n => n with { StandbyOnFail = true } },
    };

    [Theory]
    [MemberData(nameof(HinderedNodes))]
    public void A_pair_with_a_node_that_is_held_back_is_not_held(string why, Func<PacemakerNode, PacemakerNode> change) => Node("store2-node", change).Fails(Held, why);

    public static TheoryData<string, Func<PacemakerResource, PacemakerResource>> HinderedResources() => new()
    {
        { "pacemaker.resource-failed store: node=started on store1-node, resource=fs", r => r with { Failed = true } },
        { "pacemaker.resource-failed store: node=started on store1-node, resource=fs", r => r with { Blocked = true } },
        { "pacemaker.resource-unmanaged store: resource=fs", r => r with { Managed = false } },
        { "pacemaker.resource-disabled store: resource=fs", r => r with { TargetRole = "Stopped" } },
        { "pacemaker.resource-disabled store: resource=fs", r => r with { TargetRole = "stopped" } },
    };

    [Theory]
    [MemberData(nameof(HinderedResources))]
    public void A_pair_with_a_resource_the_cluster_leaves_alone_is_not_held(string why, Func<PacemakerResource, PacemakerResource> change) => Resource("fs", change).Fails(Held, why);

    [Fact]
    public void A_resource_that_is_told_to_be_started_is_no_reason() => Resource("fs", r => r with { TargetRole = "Started" }).Holds(Held);

    [Fact]
    public void All_reasons_are_given_at_once() => Store(f => f with { Quorate = false, MaintenanceMode = true, Bans = [new("cli-ban", "fs", "store2-node", false)] }).Fails(
        Held, "pacemaker.no-quorum store", "pacemaker.maintenance-mode store", "pacemaker.banned store");

    // ---- the holder ------------------------------------------------------------------------------------------------------

    public static TheoryData<Func<PacemakerNode, PacemakerNode>> NoMember() => new()
    {
        n => n with { Online = false },
        n => n with { Standby = true },
        n => n with { Pending = true },
    };

    [Theory]
    [MemberData(nameof(NoMember))]
    public void A_holder_is_an_online_member_without_standby(Func<PacemakerNode, PacemakerNode> change) =>
        Node("store1-node", change).Fails(Held, "pacemaker.holder-not-online store: node=store1-node");

    [Fact]
    public void An_unclean_holder_holds_nothing() => Node("store1-node", n => n with { Unclean = true }).Fails(Held, "pacemaker.node-unclean store: node=store1-node", "pacemaker.holder-not-online store");

    [Fact]
    public void A_holder_that_the_cluster_does_not_know_holds_nothing() => Store(f => f with { Nodes = [.. f.Nodes.Where(n => n.Name != "store1-node")] }).Fails(Held, "pacemaker.holder-not-online store");

    [Fact]
    public void A_store_that_is_promoted_nowhere_is_not_held() => Resource("drbd", r => r with { Role = ResourceRole.Unpromoted }).Fails(
        Held, "pacemaker.not-promoted store: node=store1-node, resource=drbd, seen=nowhere");

    [Fact]
    public void A_store_that_is_promoted_on_both_is_held_by_nobody() => Resource("drbd", r => r with { Role = ResourceRole.Promoted }).Fails(
        Held with { Other = PeerExpectation.Any }, "pacemaker.two-promoted store: nodes=store1-node, store2-node, resource=drbd");

    [Fact]
    public void A_store_that_is_on_the_other_node_is_not_held_here()
    {
        var elsewhere = Store(f => f with { Resources = f.Resources.Change(r => r with { Node = r.Node == "store1-node" ? "store2-node" : "store1-node" }) });

        elsewhere.Fails(
            Held,
            "pacemaker.not-promoted store: node=store1-node, resource=drbd, seen=store2-node",
            "pacemaker.peer-instance store: node=store2-node, resource=drbd, seen=promoted",
            "pacemaker.not-running-there store: node=store1-node, resource=fs, seen=started on store2-node",
            "pacemaker.not-running-there store: node=store1-node, resource=share, seen=started on store2-node");
        elsewhere.Holds(Held with { Holder = "store2" });
    }

    public static TheoryData<string, Func<PacemakerResource, PacemakerResource>> NotRunning() => new()
    {
        { "nowhere", r => r with { Node = "", Role = ResourceRole.Stopped, Active = false } },
        { "started on store2-node", r => r with { Node = "store2-node" } },
        { "started on store1-node", r => r with { Active = false } },
        { "started on store1-node", r => r with { Pending = true } },
        { "stopping on store1-node", r => r with { Role = ResourceRole.Stopping } },
        { "unknown on store1-node", r => r with { Role = ResourceRole.Unknown } },
    };

    [Theory]
    [MemberData(nameof(NotRunning))]
    public void A_pair_is_held_when_everything_of_it_runs_there(string seen, Func<PacemakerResource, PacemakerResource> change) =>
        Resource("fs", change).Fails(Held, $"pacemaker.not-running-there store: node=store1-node, resource=fs, seen={seen}");

    [Fact]
    public void A_cluster_that_manages_nothing_holds_nothing() => Store(f => f with { Resources = [] }).Fails(Held, "pacemaker.no-resources store");

    [Fact]
    public void Members_that_differ_do_not_hold_a_pair_together() => Sight.Well.But<PacemakerFacts>("store2", f => f with { Quorate = false }).Fails(Held, "pacemaker.no-quorum store");

    // ---- the other node --------------------------------------------------------------------------------------------------

    public static TheoryData<PeerExpectation, bool, bool, bool, bool, int, string> Peers() => new()
    {
        // Expected; online, standby, pending, unclean, running there; seen, empty: as expected.
        { PeerExpectation.Online, true, false, false, false, 1, "" },
        { PeerExpectation.Online, false, false, false, false, 0, "offline" },
        { PeerExpectation.Online, true, true, false, false, 0, "standby" },
        { PeerExpectation.Online, true, false, true, false, 0, "pending" },
        { PeerExpectation.Standby, true, true, false, false, 0, "" },
        { PeerExpectation.Standby, true, true, false, false, 1, "standby with active resources" },
        { PeerExpectation.Standby, true, false, false, false, 0, "online" },
        { PeerExpectation.Standby, false, true, false, false, 0, "offline" },
        { PeerExpectation.Offline, false, false, false, false, 0, "" },
        { PeerExpectation.Offline, true, false, false, false, 0, "online" },
        { PeerExpectation.Offline, true, true, false, false, 0, "standby" },
        { PeerExpectation.Any, false, false, false, false, 0, "" },
        { PeerExpectation.Any, true, true, true, false, 3, "" },
    };

    [Theory]
    [MemberData(nameof(Peers))]
    public void The_other_node_is_as_expected(PeerExpectation expected, bool online, bool standby, bool pending, bool unclean, int running, string seen)
    {
        var condition = new PairHeld("store", "store1", expected);
        var sight = Node("store2-node", n => n with { Online = online, Standby = standby, Pending = pending, Unclean = unclean, ResourcesRunning = running });

        if (seen.Length == 0)
            sight.Holds(condition);
        else
            sight.Fails(condition, $"pacemaker.peer-not-as-expected store: expected={expected.ToString().ToLowerInvariant()}, node=store2-node, seen={seen}");
    }

    [Theory]
    [InlineData(PeerExpectation.Online, true, false)]
    [InlineData(PeerExpectation.Standby, true, true)]
    [InlineData(PeerExpectation.Offline, false, false)]
    public void An_unclean_node_is_never_as_expected(PeerExpectation expected, bool online, bool standby) =>
        Node("store2-node", n => n with { Online = online, Standby = standby, Unclean = true, ResourcesRunning = 0 }).Fails(
            new PairHeld("store", "store1", expected), "pacemaker.node-unclean store: node=store2-node", "pacemaker.peer-not-as-expected store");

    [Theory]
    [InlineData(PeerExpectation.Online)]
    [InlineData(PeerExpectation.Standby)]
    [InlineData(PeerExpectation.Offline)]
    public void A_node_that_the_cluster_does_not_know_is_not_as_expected(PeerExpectation expected) =>
        Store(f => f with { Nodes = [.. f.Nodes.Where(n => n.Name != "store2-node")] }).Fails(
            new PairHeld("store", "store1", expected), $"pacemaker.peer-not-as-expected store: expected={expected.ToString().ToLowerInvariant()}, node=store2-node, seen=not known to the cluster");

    public static TheoryData<string, Func<PacemakerResource, PacemakerResource>> NoInstance() => new()
    {
        { "stopped", r => r with { Node = "", Role = ResourceRole.Stopped, Active = false } },
        { "unpromoted", r => r with { Active = false } },
        { "starting", r => r with { Role = ResourceRole.Starting } },
    };

    [Theory]
    [MemberData(nameof(NoInstance))]
    public void The_other_copy_is_kept_by_an_unpromoted_instance_where_its_node_is_to_be_online(string seen, Func<PacemakerResource, PacemakerResource> change)
    {
        var sight = Resource("drbd", change, on: "store2-node");

        sight.Fails(Held, $"pacemaker.peer-instance store: node=store2-node, resource=drbd, seen={seen}");
        sight.Holds(Held with { Other = PeerExpectation.Any });
    }

    [Theory]
    [InlineData(PeerExpectation.Offline)]
    [InlineData(PeerExpectation.Any)]
    public void A_member_whose_word_is_not_needed_is_not_asked(PeerExpectation expected) => Node("store2-node", n => n with { Online = false })
        .Unreadable(new(SubjectKind.Pacemaker, "store2")).Holds(new PairHeld("store", "store1", expected));

    // ---- either of the two -----------------------------------------------------------------------------------------------

    private static readonly PairHeld ByEither = new("store", "", PeerExpectation.Online);

    [Fact]
    public void Either_may_hold_a_pair_but_one_of_them_does()
    {
        Resource("drbd", r => r with { Role = ResourceRole.Promoted }).Fails(ByEither, "pacemaker.no-holder store");
        Store(f => f with { Resources = f.Resources.Change(r => r with { Role = r.Promotable ? ResourceRole.Unpromoted : r.Role, Node = r.Id == "fs" ? "store2-node" : r.Node }) })
            .Fails(ByEither, "pacemaker.no-holder store");
    }

    [Fact]
    public void A_pair_without_a_holder_says_what_else_is_wrong_with_it() =>
        Store(f => f with { Resources = [], Quorate = false }).Fails(ByEither, "pacemaker.no-holder store", "pacemaker.no-quorum store");

    [Fact]
    public void The_promoted_node_is_the_holder_wherever_the_rest_runs() => Resource("fs", r => r with { Node = "store2-node" }).Fails(
        ByEither, "pacemaker.not-running-there store: node=store1-node, resource=fs, seen=started on store2-node");

    [Fact]
    public void Where_nothing_is_promotable_the_node_that_everything_runs_on_is_the_holder()
    {
        Assert.Equal("lb1-node", PairJudge.HolderNode(Balancer(r => r)));
        Assert.Null(PairJudge.HolderNode(Balancer(r => r with { Active = false })));
        Assert.Null(PairJudge.HolderNode(Balancer(r => r with { Node = "" })));
    }

    [Fact]
    public void Where_nothing_is_promoted_the_instances_of_both_nodes_do_not_count()
    {
        var facts = (PacemakerFacts)Resource("drbd", r => r with { Role = ResourceRole.Unpromoted }).Seen[new(SubjectKind.Pacemaker, "store1")].Facts!;
        Assert.Equal("store1-node", PairJudge.HolderNode(facts));
    }

    private static PacemakerFacts Balancer(Func<PacemakerResource, PacemakerResource> change) =>
        (PacemakerFacts)Sight.Well.But<PacemakerFacts>("lb1", f => f with { Resources = f.Resources.Change(change) }).Seen[new(SubjectKind.Pacemaker, "lb1")].Facts!;

    // ---- what the cluster is going to do ---------------------------------------------------------------------------------

    private static readonly MoveForecast Moves = new("store", "store1");

    private static readonly JoinMovesNothing Joins = new("store", "store2");

    private static Sight Setup(Func<PacemakerSetupFacts, PacemakerSetupFacts> change) => Sight.Well.But("store1", change);

    [Theory]
    [InlineData("cli-prefer-fs", true)]
    [InlineData("drbd-fence-by-handler-r0", true)]
    [InlineData("location-fs", false)]
    public void What_a_move_a_ban_or_a_fence_handler_left_behind_is_refused_by_name(string id, bool isLeftover)
    {
        var sight = Setup(f => f with { Locations = [new(id, "fs", "store1-node", 10, "")] });
        if (isLeftover)
            sight.Fails(Moves, $"pacemaker.leftover-constraint store: constraint={id}, resource=fs");
        else
            sight.Holds(Moves);
    }

    [Fact]
    public void A_standby_that_somebody_left_is_refused() =>
        Setup(f => f with { StandbyNodes = ["store2-node"] }).Fails(Moves, "pacemaker.standby-left store: node=store2-node");

    private static Sight After(Func<ImmutableArray<ForecastPlacement>, ImmutableArray<ForecastPlacement>> standby, Func<ImmutableArray<ForecastPlacement>, ImmutableArray<ForecastPlacement>> unstandby) =>
        Sight.Well.But<ForecastFacts>("store1", f => f with { AfterStandby = standby(f.AfterStandby), AfterUnstandby = unstandby(f.AfterUnstandby) });

    [Fact]
    public void Standby_has_to_move_everything_to_the_other_node()
    {
        After(s => s.Change(p => p.Resource == "fs", p => p with { Node = "" }), u => u).Fails(
            Moves, "pacemaker.forecast store: expected=store2-node, node=store1-node, resource=fs, seen=nowhere, step=standby");
        After(s => s.Change(p => p.Resource == "fs", p => p with { Node = "store1-node" }), u => u).Fails(
            Moves, "pacemaker.forecast store: expected=store2-node, node=store1-node, resource=fs, seen=on store1-node, step=standby");
    }

    [Fact]
    public void Everything_has_to_stay_there_after_unstandby() => After(s => s, u => u.Change(p => p.Resource == "fs", p => p with { Node = "store1-node" })).Fails(
        Moves, "pacemaker.forecast store: expected=store2-node, node=store1-node, resource=fs, seen=on store1-node, step=unstandby");

    [Fact]
    public void Only_after_unstandby_may_the_node_have_its_unpromoted_instance()
    {
        ForecastPlacement instance = new("drbd", "store1-node", ResourceRole.Unpromoted);
        After(s => [.. s, instance], u => u).Fails(Moves, "pacemaker.forecast store: expected=store2-node, node=store1-node, resource=drbd, seen=on store1-node, step=standby");
        After(s => s, u => [.. u, instance with { Node = "store3-node" }]).Fails(Moves, "pacemaker.forecast store: expected=store2-node, node=store1-node, resource=drbd, seen=on store3-node, step=unstandby");
        After(s => s, u => [.. u, instance with { Role = ResourceRole.Promoted }]).Fails(Moves, "pacemaker.forecast store: expected=store2-node, node=store1-node, resource=drbd, seen=on store1-node, step=unstandby");
    }

    [Fact]
    public void A_forecast_that_says_nothing_is_no_forecast()
    {
        After(_ => [], u => u).IsUnknown(Moves, "pacemaker.forecast store: expected=store2-node, node=store1-node, resource=nothing, seen=nowhere, step=standby");
        After(s => s, _ => default).IsUnknown(Moves, "pacemaker.forecast store: expected=store2-node, node=store1-node, resource=nothing, seen=nowhere, step=unstandby");
    }

    [Fact]
    public void A_node_that_joins_moves_nothing_to_itself()
    {
        var forecast = (ForecastFacts)Sight.Well.Seen[new(SubjectKind.JoinForecast, "store1")].Facts!;
        var pulled = forecast with { AfterUnstandby = forecast.AfterUnstandby.Change(p => p.Resource == "fs", p => p with { Node = "store2-node" }) };

        Sight.Well.With(SubjectKind.JoinForecast, "store1", pulled).Fails(Joins, "pacemaker.join-forecast store: expected=store1-node, node=store2-node, resource=fs, seen=on store2-node");
    }

    [Theory]
    [InlineData("store1-node", 50, true)]
    [InlineData("store1-node", 100, false)]
    [InlineData("store2-node", 500, true)]
    public void Where_the_scheduler_cannot_be_asked_stickiness_has_to_outweigh_what_prefers_the_node_that_comes(string preferred, int score, bool holds)
    {
        var sight = Setup(f => f with { CanForecast = false, Locations = [new("location-fs", "fs", preferred, score, "")] }).Without(new(SubjectKind.Forecast, "store1"));
        if (holds)
            sight.Holds(Moves);
        else
            sight.IsUnknown(Moves, "pacemaker.not-plainly-safe store: node=store2-node, resource=fs");
    }

    [Fact]
    public void What_is_no_plain_preference_is_the_only_reason_given() =>
        Setup(f => f with { CanForecast = false, Locations = [new("location-fs", "fs", "store1-node", LocationConstraint.Infinity, "")] }).IsUnknown(
            Moves, "pacemaker.not-plainly-safe store: node=store2-node, resource=fs, why=constraint location-fs ties it to store1-node");

    // ---- both copies -----------------------------------------------------------------------------------------------------

    public static TheoryData<bool, bool, DrbdResource, bool> Copies()
    {
        DrbdResource primary = new("r0", DrbdRole.Primary, DrbdRole.Secondary, DrbdConnection.Connected, DrbdDisk.UpToDate, DrbdDisk.UpToDate, 0, null);
        var secondary = primary with { Role = DrbdRole.Secondary, PeerRole = DrbdRole.Primary };
        var alone = primary with { Connection = DrbdConnection.Connecting, PeerRole = DrbdRole.Unknown, PeerDisk = DrbdDisk.Unknown };
        var data = new TheoryData<bool, bool, DrbdResource, bool>
        {
            // Primary, alone; seen; as needed.
            { true, false, primary, true },
            { false, false, secondary, true },
            { true, true, alone, true },
            { false, true, alone with { Role = DrbdRole.Secondary }, true },
            { true, false, secondary, false },
            { false, false, primary, false },
            { true, false, alone, false },
            { true, true, primary, false },
            { false, true, alone, false },
            { true, true, alone with { Role = DrbdRole.Secondary }, false },
            { true, false, primary with { PeerRole = DrbdRole.Primary }, false },
            { false, false, secondary with { PeerRole = DrbdRole.Secondary }, false },
            { true, false, primary with { PeerRole = DrbdRole.Unknown }, false },
            { true, true, alone with { Connection = DrbdConnection.Disconnected }, false },
        };
        foreach (var disk in Enum.GetValues<DrbdDisk>().Where(d => d is not (DrbdDisk.UpToDate or DrbdDisk.Unknown)))
        {
            data.Add(true, false, primary with { Disk = disk }, false);
            data.Add(true, false, primary with { PeerDisk = disk }, false);
            data.Add(true, true, alone with { Disk = disk }, false);
        }
        foreach (var connection in Enum.GetValues<DrbdConnection>().Where(c => c is not (DrbdConnection.Connected or DrbdConnection.Unknown or DrbdConnection.StandAlone)))
            data.Add(true, false, primary with { Connection = connection }, false);
        return data;
    }

    private static Sight Drbd(params ImmutableArray<DrbdResource> resources) => Sight.Well.But<DrbdFacts>("store1", f => f with { Resources = resources });

    [Theory]
    [MemberData(nameof(Copies))]
    public void A_copy_has_its_role_its_peer_and_its_disk_as_needed(bool primary, bool alone, DrbdResource seen, bool holds)
    {
        var condition = new DrbdIs("store1", primary, alone);
        if (holds)
            Drbd(seen).Holds(condition);
        else
            Drbd(seen).Fails(condition, "drbd.not-as-expected store1");
    }

    private static readonly DrbdIs Both = new("store1", Primary: true, Alone: false);

    private static DrbdResource Connected => ((DrbdFacts)Sight.Well.Seen[new(SubjectKind.Drbd, "store1")].Facts!).Resources[0];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_copy_that_stands_alone_may_have_split(bool alone) => Drbd(Connected with { Connection = DrbdConnection.StandAlone, Role = DrbdRole.Unknown }).Fails(
        Both with { Alone = alone }, "drbd.stand-alone store1: resource=r0");

    [Fact]
    public void A_copy_that_does_not_tell_its_state_is_unknown()
    {
        Drbd(Connected with { Connection = DrbdConnection.Unknown }).IsUnknown(Both, "drbd.not-as-expected store1");
        Drbd(Connected with { Disk = DrbdDisk.Unknown }).IsUnknown(Both, "drbd.not-as-expected store1");
        Drbd(Connected with { Role = DrbdRole.Unknown }).IsUnknown(
            Both, "drbd.not-as-expected store1: expected=primary, connected, up to date on both sides, resource=r0, seen=unknown, Connected, UpToDate/UpToDate");
    }

    [Fact]
    public void What_is_said_of_a_copy_is_what_is_seen_and_what_is_needed() => Drbd(Connected with { Connection = DrbdConnection.SyncSource, PeerDisk = DrbdDisk.Inconsistent, OutOfSyncKiB = 70 }).Fails(
        new DrbdIs("store1", Primary: false, Alone: true),
        "drbd.not-as-expected store1: expected=secondary, waiting for its peer, resource=r0, seen=primary, SyncSource, UpToDate/Inconsistent, 70 KiB out of sync");

    [Fact]
    public void A_machine_without_a_resource_keeps_no_copy() => Drbd().Fails(Both, "drbd.none store1");

    [Fact]
    public void Only_the_stores_own_resource_counts_where_names_are_seen()
    {
        var other = Connected with { Name = "scratch", Connection = DrbdConnection.StandAlone };
        Drbd(Connected, other).Holds(Both);
        Drbd(Connected with { Name = "minor 0" }, other with { Name = "minor 1" }).Fails(Both, "drbd.stand-alone store1: resource=minor 1");
    }

    [Theory]
    [InlineData(10000, "")]
    [InlineData(20000, "")]
    [InlineData(9999, "9999")]
    [InlineData(10, "10")]
    [InlineData(null, "none")]
    public void Both_nodes_have_the_full_promotion_score(int? score, string seen)
    {
        foreach (var node in (string[])["store1-node", "store2-node"])
        {
            var sight = Store(f => f with { PromotionScores = f.PromotionScores.Change(s => s.Node == node, s => s with { Score = score }) });
            if (seen.Length == 0)
                sight.Holds(new ScoresFull("store", "store1"));
            else
                sight.Fails(new ScoresFull("store", "store1"), $"drbd.promotion-score store: node={node}, seen={seen}");
        }
    }

    [Fact]
    public void A_node_without_a_score_of_this_resource_has_none() => Store(f => f with { PromotionScores = f.PromotionScores.Change(s => s.Node == "store2-node", s => s with { Resource = "other" }) })
        .Fails(new ScoresFull("store", "store1"), "drbd.promotion-score store: node=store2-node, seen=none");

    [Fact]
    public void A_store_in_which_nothing_can_be_promoted_has_no_score() => Store(f => f with { Resources = f.Resources.Change(r => r.Promotable, r => r with { Promotable = false }) }).Fails(
        new ScoresFull("store", "store1"), "drbd.promotion-score store: node=store1-node, seen=none", "drbd.promotion-score store: node=store2-node, seen=none");
}
