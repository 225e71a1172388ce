using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Tests.Knowledge;

/// <summary>G3: what of each kind of facts makes up the picture as found, and what does not.</summary>
public sealed class AsFoundConditionTests
{
    private static readonly AsFound Condition = new();

    private static Sight But<T>(string name, Func<T, T> change)
        where T : Facts => Sight.Well.Found().But(name, change);

    [Fact]
    public void Without_a_picture_as_found_nothing_is_as_found() => Sight.Well.IsUnknown(Condition, "state.not-seen the picture as found: asked=baseline");

    public static TheoryData<string, Sight> Differences()
    {
        var data = new TheoryData<string, Sight>
        {
            { "host1: expected=on, seen=off, what=power of vm-web1", But<PowerFacts>("host1", f => f with { Guests = f.Guests.Change(g => g.Name == "vm-web1", g => g with { Power = PowerState.Off }) }) },
            { "host1: expected=off, seen=on, what=start at boot of vm-web1", But<PowerFacts>("host1", f => f with { Guests = f.Guests.Change(g => g.Name == "vm-web1", g => g with { Autostart = true }) }) },
            { "host1: expected=off, seen=unknown, what=start at boot of vm-web1", But<PowerFacts>("host1", f => f with { Guests = f.Guests.Change(g => g.Name == "vm-web1", g => g with { Autostart = null }) }) },
            { "store1: expected=off, seen=on, what=maintenance mode", But<PacemakerFacts>("store1", f => f with { MaintenanceMode = true }) },
            { "store1: expected=store1-node, seen=none, what=holder of the pair", But<PacemakerFacts>("store1", f => f with { Resources = [] }) },
            { "store1: expected=online, seen=standby, what=node store2-node", But<PacemakerFacts>("store1", f => f with { Nodes = f.Nodes.Change(n => n.Name == "store2-node", n => n with { Standby = true, ResourcesRunning = 0 }) }) },
            { "store1: expected=online, seen=absent, what=node store2-node", But<PacemakerFacts>("store1", f => f with { Nodes = f.Nodes[..1] }) },
            { "store1: expected=absent, seen=fs off store2-node, what=constraint cli-ban", But<PacemakerFacts>("store1", f => f with { Bans = [new("cli-ban", "fs", "store2-node", false)] }) },
            { "store1: expected=digest, seen=other, what=cluster configuration", But<PacemakerSetupFacts>("store1", f => f with { Digest = "other" }) },
            { "store1: expected=absent, seen=fs on store2-node 50, what=constraint location-fs", But<PacemakerSetupFacts>("store1", f => f with { Locations = [new("location-fs", "fs", "store2-node", 50, "")] }) },
            { "store1: expected=, seen=a, b, what=nodes with a standby attribute", But<PacemakerSetupFacts>("store1", f => f with { StandbyNodes = ["b", "a"] }) },
            { "store1: expected=primary, Connected, UpToDate/UpToDate, seen=primary, Busy, UpToDate/Outdated, what=DRBD r0", But<DrbdFacts>("store1", f => f with { Resources = f.Resources.Change(r => r with { Connection = DrbdConnection.Busy, PeerDisk = DrbdDisk.Outdated }) }) },
            { "lb1: expected=ready with weight 100, seen=drain with weight 100, what=server web/web1", But<BalancerFacts>("lb1", f => f with { Servers = f.Servers.Change(s => s.Name == "web1", s => s with { Admin = ServerAdmin.Drain }) }) },
            { "lb1: expected=ready with weight 100, seen=ready with weight 1, what=server web/web1", But<BalancerFacts>("lb1", f => f with { Servers = f.Servers.Change(s => s.Name == "web1", s => s with { Weight = 1 }) }) },
            { "db1: expected=off, seen=on, what=read_only", But<DatabaseFacts>("db1", f => f with { ReadOnly = true }) },
            { "db1: expected=on, seen=off, what=event scheduler", But<DatabaseFacts>("db1", f => f with { EventScheduler = false }) },
            { "db1: expected=running, seen=absent, what=replication  from 10.0.0.42", But<DatabaseFacts>("db1", f => f with { Channels = [] }) },
            { "db1: expected=running, seen=not running, what=replication  from 10.0.0.42", But<DatabaseFacts>("db1", f => f with { Channels = f.Channels.Change(c => c with { SqlRunning = false }) }) },
            { "db1: expected=running, seen=not running, what=replication  from 10.0.0.42", But<DatabaseFacts>("db1", f => f with { Channels = f.Channels.Change(c => c with { Io = ReplicationThread.Connecting }) }) },
            { "web1: expected=automatic, seen=disabled, what=start at boot of wildfly", But<ServiceFacts>("web1", f => f with { Services = f.Services.Change(s => s.Name == "wildfly", s => s with { Start = ServiceStart.Disabled }) }) },
            { "lb1: expected=automatic, seen=manual, what=start at boot of haproxy", But<BootFacts>("lb1", f => f with { Units = [new("haproxy", ServiceStart.Manual)] }) },
            { "db1: expected=free, seen=run run-2 of control2, what=claim", But<ClaimFacts>("db1", _ => new("run-2", "control2", 1)) },
            { "tel1: expected=running, seen=stopped, what=singleton AcdGroupDistribute", But<SingletonFacts>("tel1", f => f with { Run = ServiceRun.Stopped }) },
        };
        foreach (var (run, said) in ((ServiceRun, string)[])[(ServiceRun.Stopped, "stopped"), (ServiceRun.NotInstalled, "not installed"), (ServiceRun.Starting, "stopped")])
            data.Add($"web1: expected=running, seen={said}, what=service wildfly", But<ServiceFacts>("web1", f => f with { Services = f.Services.Change(s => s.Name == "wildfly", s => s with { Run = run }) }));
        return data;
    }

    [Theory]
    [MemberData(nameof(Differences))]
    public void What_a_person_would_have_to_set_back_is_a_difference(string why, Sight sight) => sight.Fails(Condition, $"as-found.differs {why}");

    [Fact]
    public void All_that_differs_is_named() => But<DatabaseFacts>("db1", f => f with { ReadOnly = true, EventScheduler = false }).But<ClaimFacts>("db2", _ => new("run-2", "control2", 1)).Fails(
        Condition,
        "as-found.differs db1: expected=off, seen=on, what=read_only",
        "as-found.differs db1: expected=on, seen=off, what=event scheduler",
        "as-found.differs db2: expected=free, seen=run run-2 of control2, what=claim");

    [Fact]
    public void Positions_counters_and_sessions_are_not_compared()
    {
        But<DatabaseFacts>("db1", f => f with { LogFile = "binlog.000099", LogPosition = 7, Gtid = "", LogBytes = 1, Sessions = [new(1, "acd", "web1", "", "Sleep", 1)] }).Holds(Condition);
        But<BalancerFacts>("lb1", f => f with { Uptime = TimeSpan.Zero, Servers = f.Servers.Change(s => s with { Up = false, Sessions = 3 }) }).Holds(Condition);
        But<DrbdFacts>("store1", f => f with { Resources = f.Resources.Change(r => r with { OutOfSyncKiB = 3 }) }).Holds(Condition);
        But<PacemakerFacts>("store1", f => f with { Quorate = false }).Holds(Condition);
    }

    [Fact]
    public void What_is_told_in_another_order_is_no_difference() => But<ServiceFacts>("web1", f => f with { Services = [.. f.Services.Reverse()] }).Holds(Condition);

    [Fact]
    public void A_balancer_is_compared_with_what_it_was_when_the_software_had_been_stopped()
    {
        var maint = Sight.Well.But<BalancerFacts>("lb1", f => f with { Servers = f.Servers.Change(s => s.Name == "web1", s => s with { Admin = ServerAdmin.Maint }) });
        var quieted = Baseline.Seen([maint.Seen[new(SubjectKind.Balancer, "lb1")]]);

        maint.Found(Sight.Well.Found().AsFound! with { Quieted = quieted }).Holds(Condition);
        Sight.Well.Found(Sight.Well.Found().AsFound! with { Quieted = quieted }).Fails(Condition, "as-found.differs lb1: expected=maint with weight 100, seen=ready with weight 100, what=server web/web1");
    }

    [Fact]
    public void What_was_not_found_then_is_not_missed() =>
        But<DatabaseFacts>("db1", f => f with { ReadOnly = true }).Found(Sight.Well.Without(new(SubjectKind.Database, "db1")).Found().AsFound!).Holds(Condition);

    private static Sight Downtimes(params ImmutableArray<Downtime> now) => Sight.Well.Found().But<DowntimeFacts>("monitoring", _ => new(now));

    private static readonly Downtime Somebodys = new("7", "vm-web1", Sight.Noon.Utc, Sight.Noon.Utc.AddHours(1), "somebody", "");

    [Fact]
    public void A_downtime_is_told_by_its_object_and_its_ends()
    {
        Downtimes(Somebodys with { End = Somebodys.End.AddHours(1) }, Somebodys, Somebodys with { Id = "8" }).Fails(
            Condition, "as-found.differs monitoring: expected=absent, seen=until 2026-11-22 13:00 UTC, until 2026-11-22 14:00 UTC, what=downtime of vm-web1");
        Downtimes(Somebodys with { Key = "m2" }).Fails(Condition, "as-found.differs monitoring: expected=absent, seen=until 2026-11-22 13:00 UTC, what=downtime of vm-web1");
    }

    [Fact]
    public void This_maintenances_downtimes_and_those_whose_time_is_over_are_not_compared()
    {
        Downtimes(Somebodys with { Key = "m1-kept" }, Somebodys with { End = Sight.Noon.Utc }).Holds(Condition);
        Downtimes(Somebodys with { Key = "M1-kept" }).Fails(Condition, "as-found.differs monitoring");
        Downtimes(Somebodys with { End = Sight.Noon.Utc.AddMinutes(1) }).Fails(Condition, "as-found.differs monitoring: expected=absent, seen=until 2026-11-22 12:01 UTC, what=downtime of vm-web1");
    }

    [Fact]
    public void A_machine_that_is_left_out_is_not_asked()
    {
        var condition = new AsFound(["db1"]);

        Assert.Equal(AsFoundPicture.Subjects(Sight.Cluster).Where(s => s.Name != "db1"), condition.Subjects(Sight.Cluster));
        But<DatabaseFacts>("db1", f => f with { ReadOnly = true }).Holds(condition);
        But<DatabaseFacts>("db2", f => f with { ReadOnly = true }).Fails(condition, "as-found.differs db2");
    }

    [Fact]
    public void The_picture_is_of_all_that_is_there_to_ask() => Assert.Equal(
        [
            "power:host1", "power:host2", "downtimes:monitoring",
            "pacemaker:store1", "pacemaker-setup:store1", "drbd:store1", "claim:store1", "boot:store1",
            "pacemaker:store2", "pacemaker-setup:store2", "drbd:store2", "claim:store2", "boot:store2",
            "pacemaker:lb1", "pacemaker-setup:lb1", "balancer:lb1", "claim:lb1", "boot:lb1",
            "pacemaker:lb2", "pacemaker-setup:lb2", "balancer:lb2", "claim:lb2", "boot:lb2",
            "database:db1", "claim:db1", "boot:db1", "database:db2", "claim:db2", "boot:db2", "database:report", "claim:report", "boot:report",
            "services:web1", "services:web2", "services:desk", "services:tel1", "singleton:tel1",
        ],
        AsFoundPicture.Subjects(Sight.Cluster).Select(s => s.ToString()));

    [Theory]
    [InlineData(MonitoringKind.Person)]
    [InlineData(null)]
    public void Monitoring_that_cannot_be_asked_is_not_asked(MonitoringKind? kind) => Assert.DoesNotContain(
        AsFoundPicture.Subjects(Sight.Cluster with { Monitoring = kind is { } k ? new() { Kind = k } : null }), s => s.Kind == SubjectKind.Downtimes);
}
