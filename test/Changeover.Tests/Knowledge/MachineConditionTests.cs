using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Tests.Knowledge;

/// <summary>Machines: their power, their software, their addresses, and what of a run lies on them.</summary>
public sealed class MachineConditionTests
{
    private static Sight Guest(Func<Guest, Guest> change) => Sight.Well.But<PowerFacts>("host1", f => f with { Guests = f.Guests.Change(g => g.Name == "vm-web1", change) });

    private static readonly Sight NotListed = Sight.Well.But<PowerFacts>("host1", f => f with { Guests = [.. f.Guests.Where(g => g.Name != "vm-web1")] });

    // ---- power and place -------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData(PowerState.On, true, true)]
    [InlineData(PowerState.Off, false, true)]
    [InlineData(PowerState.Off, true, false)]
    [InlineData(PowerState.On, false, false)]
    [InlineData(PowerState.Paused, true, false)]
    [InlineData(PowerState.Paused, false, false)]
    [InlineData(PowerState.Unknown, true, false)]
    [InlineData(PowerState.Unknown, false, false)]
    public void Power_is_what_the_hypervisor_says(PowerState seen, bool on, bool holds)
    {
        var sight = Guest(g => g with { Power = seen });
        if (holds)
            sight.Holds(new PowerIs("web1", on));
        else
            sight.Fails(new PowerIs("web1", on), $"power.not-as-expected web1: expected={(on ? "on" : "off")}, seen={seen.ToString().ToLowerInvariant()}");
    }

    [Fact]
    public void A_machine_that_is_not_on_its_host_is_neither_on_nor_off_nor_in_its_place()
    {
        foreach (var condition in (Condition[])[new PowerIs("web1", true), new PowerIs("web1", false), new PlacedOn("web1"), new HostReady("web1")])
            NotListed.Fails(condition, "power.not-on-host web1: host=host1");
    }

    private static readonly Subject Desk = new(SubjectKind.Machine, "desk");

    [Fact]
    public void A_machine_that_a_person_switches_is_on_when_it_answers()
    {
        Sight.Well.Fails(new PowerIs("desk", On: false), "power.not-as-expected desk: expected=off, seen=on");
        Sight.Well.Unreadable(Desk, silent: true).IsUnknown(new PowerIs("desk", On: true), "machine.reboot-pending unreadable");
    }

    [Fact]
    public void That_it_is_off_is_contradicted_by_nothing_but_an_answer()
    {
        var off = new PowerIs("desk", On: false);
        var silent = Sight.Well.Unreadable(Desk, silent: true);

        silent.Holds(off);
        silent.Stale(Desk).IsUnknown(off, "state.stale desk");
        Sight.Well.Unreadable(Desk).IsUnknown(off, "machine.reboot-pending unreadable");
        Sight.Well.Without(Desk).IsUnknown(off, "state.not-seen desk");
    }

    [Fact]
    public void No_hypervisor_is_asked_about_a_machine_that_a_person_switches()
    {
        foreach (var condition in (Condition[])[new PlacedOn("desk"), new HostReady("desk")])
        {
            Assert.Empty(condition.Subjects(Sight.Cluster));
            Sight.Well.Holds(condition);
        }
    }

    [Fact]
    public void A_machine_that_is_locked_or_managed_is_not_switched()
    {
        Guest(g => g with { Lock = "backup" }).Fails(new PlacedOn("web1"), "power.locked web1: lock=backup");
        Guest(g => g with { Managed = true }).Fails(new PlacedOn("web1"), "power.managed web1");
        Guest(g => g with { Lock = "backup", Managed = true }).Fails(new PlacedOn("web1"), "power.locked web1", "power.managed web1");
        Guest(g => g with { Managed = null }).IsUnknown(new PlacedOn("web1"), "state.not-seen web1: asked=its high availability and lock");
        Guest(g => g with { Lock = "backup", Managed = null }).Fails(new PlacedOn("web1"), "power.locked web1");
    }

    private static Sight Parts(Func<ImmutableArray<HostPart>, ImmutableArray<HostPart>?> change) => Sight.Well.But<PowerFacts>("host1", f => f with { Parts = change(f.Parts!.Value) });

    [Fact]
    public void Each_part_of_the_host_that_a_machine_stands_on_is_there_and_active()
    {
        var ready = new HostReady("web1");

        Parts(p => p.Change(x => x.Kind == HostPartKind.Storage, x => x with { Active = false })).Fails(ready, "power.host-not-ready web1: host=host1, kind=storage, part=disks, seen=not active");
        Parts(p => p.Change(x => x.Kind == HostPartKind.Network, x => x with { Name = "lan2" })).Fails(ready, "power.host-not-ready web1: host=host1, kind=network, part=lan, seen=not listed");
        Parts(p => p.Change(x => x.Kind == HostPartKind.Network, x => x with { Kind = HostPartKind.Storage })).Fails(ready, "power.host-not-ready web1: host=host1, kind=network, part=lan, seen=not listed");
        Parts(p => [.. p, new(HostPartKind.Storage, "cold", Active: false)]).Holds(ready);
        Parts(_ => []).Fails(ready, "power.host-not-ready web1: host=host1, kind=network", "power.host-not-ready web1: host=host1, kind=storage");
    }

    [Fact]
    public void A_host_or_a_guest_that_does_not_say_its_parts_is_not_known_to_be_ready()
    {
        Parts(_ => null).IsUnknown(new HostReady("web1"), "state.not-seen web1: asked=the storages and networks of host1");
        Guest(g => g with { StandsOn = null }).IsUnknown(new HostReady("web1"), "state.not-seen web1: asked=the storages and networks of host1");
    }

    // ---- the machine itself ----------------------------------------------------------------------------------------------

    [Theory]
    [InlineData("web1-host", true)]
    [InlineData("WEB1-HOST", true)]
    [InlineData("web1-host.example.org", true)]
    [InlineData("web2-host", false)]
    [InlineData("web1-host2", false)]
    [InlineData("web1", false)]
    [InlineData("", false)]
    [InlineData(".web1-host", false)]
    public void A_machine_answers_under_its_own_name(string seen, bool holds)
    {
        var sight = Sight.Well.But<MachineFacts>("web1", f => f with { HostName = seen });
        if (holds)
            sight.Holds(new MachineIs("web1"));
        else
            sight.Fails(new MachineIs("web1"), $"machine.wrong-name web1: expected=web1-host, seen={seen}");
    }

    [Theory]
    [InlineData("acd-web1", "ACD-WEB1.example.org", true)]
    [InlineData("acd-web1.one.org", "acd-web1.two.org", true)]
    [InlineData("acd-web1", "acd-web", false)]
    [InlineData(".one", ".two", false)]
    [InlineData("a.one", "a", true)]
    public void Names_are_the_same_whatever_their_case_and_domain(string a, string b, bool same)
    {
        Assert.Equal(same, MachineIs.SameName(a, b));
        Assert.Equal(same, MachineIs.SameName(b, a));
    }

    private static Sight Disks(string machine, ImmutableArray<Disk>? disks) => Sight.Well.But<MachineFacts>(machine, f => f with { Disks = disks });

    [Fact]
    public void A_full_disk_has_no_room()
    {
        Disks("web1", [new("/", 50 << 20, 20 << 20), new("/var", 200 << 20, 500 << 10)]).Fails(new DisksHaveRoom("web1"), "machine.disk-full web1: free=500, mount=/var");
        Disks("web1", []).Holds(new DisksHaveRoom("web1"));
    }

    [Fact]
    public void Disks_that_are_not_told_are_unknown_where_they_are_asked()
    {
        Disks("web1", null).IsUnknown(new DisksHaveRoom("web1"), "state.not-seen web1: asked=its disks (df)");
        Disks("tel1", null).Holds(new DisksHaveRoom("tel1"));
    }

    // ---- software --------------------------------------------------------------------------------------------------------

    private static Sight Service(string machine, string name, Func<ServiceState, ServiceState> change) =>
        Sight.Well.But<ServiceFacts>(machine, f => f with { Services = f.Services.Change(s => s.Name == name, change) });

    [Theory]
    [InlineData(ServiceRun.Running, true, true, "running")]
    [InlineData(ServiceRun.Running, false, false, "running")]
    [InlineData(ServiceRun.Stopped, true, false, "stopped")]
    [InlineData(ServiceRun.Stopped, false, true, "stopped")]
    [InlineData(ServiceRun.NotInstalled, true, false, "not installed")]
    [InlineData(ServiceRun.NotInstalled, false, true, "not installed")]
    [InlineData(ServiceRun.Starting, true, false, "starting")]
    [InlineData(ServiceRun.Starting, false, false, "starting")]
    [InlineData(ServiceRun.Stopping, true, false, "stopping")]
    [InlineData(ServiceRun.Stopping, false, false, "stopping")]
    public void A_service_runs_or_does_not(ServiceRun seen, bool running, bool holds, string said)
    {
        var condition = new ServiceIs("web1", "wildfly", running);
        var sight = Service("web1", "wildfly", s => s with { Run = seen });
        if (holds)
        {
            sight.Holds(condition);
            return;
        }
        var expected = running ? "running" : "stopped";
        sight.Fails(condition, $"service.not-as-expected web1: expected={expected}, seen={said}, service=wildfly");
        Service("web1", "wildfly", s => s with { Run = seen, Detail = "exit 1" }).Fails(condition, $"service.not-as-expected web1: expected={expected}, seen={said} (exit 1), service=wildfly");
    }

    [Theory]
    [InlineData(true, "running")]
    [InlineData(false, "stopped")]
    public void A_service_whose_state_is_not_told_neither_runs_nor_not(bool running, string expected)
    {
        var why = $"service.not-as-expected web1: expected={expected}, seen=unknown, service=wildfly";
        var condition = new ServiceIs("web1", "wildfly", running);

        Service("web1", "wildfly", s => s with { Run = ServiceRun.Unknown }).IsUnknown(condition, why);
        Sight.Well.But<ServiceFacts>("web1", f => f with { Services = [.. f.Services.Where(s => s.Name != "wildfly")] }).IsUnknown(condition, why);
        Service("web1", "wildfly", s => s with { Run = ServiceRun.Unknown, Problem = StateFindings.DiskFull.On("web1") }).IsUnknown(condition, "machine.disk-full web1");
    }

    [Fact]
    public void Software_is_stopped_when_none_of_it_runs()
    {
        Sight.Well.Fails(new ServicesStopped("web1"), "service.not-as-expected web1: expected=stopped, seen=running, service=listener", "service.not-as-expected web1: expected=stopped, seen=running, service=wildfly");
        Service("web2", "listener", s => s with { Run = ServiceRun.Running }).Fails(new ServicesStopped("web2"), "service.not-as-expected web2: expected=stopped, seen=running, service=listener");
        Service("web2", "listener", s => s with { Run = ServiceRun.Unknown }).IsUnknown(new ServicesStopped("web2"), "service.not-as-expected web2");
    }

    [Fact]
    public void A_machine_without_software_has_none_to_stop()
    {
        Assert.Empty(new ServicesStopped("db1").Subjects(Sight.Cluster));
        Sight.Well.Holds(new ServicesStopped("db1"));
    }

    private static readonly StoreUnused Unused = new(["web1", "web2"]);

    private static readonly Sight NoneUses = Service("web1", "wildfly", s => s with { Run = ServiceRun.Stopped });

    private static readonly Subject OfWeb1 = new(SubjectKind.Services, "web1");

    [Fact]
    public void A_store_is_unused_when_no_software_that_needs_the_share_runs()
    {
        NoneUses.Only(Unused.Subjects(Sight.Cluster)).Holds(Unused);
        Sight.Well.Fails(Unused, "service.not-as-expected web1: expected=stopped, seen=running, service=wildfly");
        Service("web1", "wildfly", s => s with { Run = ServiceRun.Unknown }).IsUnknown(Unused, "service.not-as-expected web1");
    }

    [Fact]
    public void A_machine_that_was_asked_and_gave_no_answer_does_not_hold_a_store_up_and_one_that_was_not_asked_does()
    {
        Sight.Well.Unreadable(OfWeb1).Holds(Unused);
        Sight.Well.Unreadable(OfWeb1).Stale(OfWeb1).IsUnknown(Unused, "state.stale web1");
        NoneUses.Stale(OfWeb1).IsUnknown(Unused, "state.stale web1");
        NoneUses.Without(OfWeb1).IsUnknown(Unused, "state.not-seen web1");
    }

    [Theory]
    [InlineData(ServiceRun.Running, true, true)]
    [InlineData(ServiceRun.Running, false, false)]
    [InlineData(ServiceRun.Stopped, false, true)]
    [InlineData(ServiceRun.Stopped, true, false)]
    [InlineData(ServiceRun.NotInstalled, false, true)]
    [InlineData(ServiceRun.NotInstalled, true, false)]
    [InlineData(ServiceRun.Starting, true, false)]
    [InlineData(ServiceRun.Starting, false, false)]
    [InlineData(ServiceRun.Stopping, false, false)]
    [InlineData(ServiceRun.Unknown, true, false)]
    [InlineData(ServiceRun.Unknown, false, false)]
    public void A_singleton_runs_or_does_not(ServiceRun seen, bool running, bool holds)
    {
        var condition = new SingletonIs("tel1", "AcdGroupDistribute", running);
        var sight = Sight.Well.But<SingletonFacts>("tel1", f => f with { Run = seen });
        if (holds)
            sight.Holds(condition);
        else
            sight.Fails(condition, $"singleton.not-as-expected tel1: expected={(running ? "running" : "stopped")}, seen={seen.ToString().ToLowerInvariant()}, singleton=AcdGroupDistribute");
    }

    // ---- addresses and what clients can use ------------------------------------------------------------------------------

    private static readonly AddressAt Address = new("10.0.0.30", "lb1", ["lb1", "lb2"]);

    private static Sight Addresses(string machine, params ImmutableArray<string> addresses) => Sight.Well.But<MachineFacts>(machine, f => f with { Addresses = addresses });

    [Fact]
    public void An_address_is_held_by_the_one_machine_that_should_have_it()
    {
        Addresses("lb1", "10.0.0.31").Fails(Address, "address.missing lb1: address=10.0.0.30");
        Sight.Well.Fails(Address with { Machine = "lb2" }, "address.missing lb2: address=10.0.0.30");
        Addresses("lb2", "10.0.0.32", "10.0.0.30").Fails(Address, "address.twice 10.0.0.30: machines=lb1 and lb2");
    }

    [Fact]
    public void Of_an_address_whose_machine_was_not_seen_nothing_is_said_but_what_is_sure()
    {
        Sight.Well.Without(new(SubjectKind.Machine, "lb1")).IsUnknown(Address, "state.not-seen lb1");
        Addresses("lb2", "10.0.0.30").Without(new(SubjectKind.Machine, "web1")).Fails(
            Address with { Asked = ["lb1", "lb2", "web1"] }, "address.twice 10.0.0.30: machines=lb1 and lb2", "state.not-seen web1");
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, null)]
    [InlineData(false, true)]
    [InlineData(null, true)]
    [InlineData(null, null)]
    public void A_client_that_cannot_read_and_write_the_share_is_not_ready(bool? readable, bool? writable)
    {
        var sight = Sight.Well.But<ClientFacts>("web1", f => f with { ShareReadable = readable, ShareWritable = writable });

        sight.Fails(new ClientReady("web1", Share: true, Database: true), "client.share-unusable web1: detail=tried");
        sight.Holds(new ClientReady("web1", Share: false, Database: true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(null)]
    public void A_client_that_does_not_reach_the_database_is_not_ready(bool? answers)
    {
        var sight = Sight.Well.But<ClientFacts>("web1", f => f with { DatabaseAnswers = answers });

        sight.Fails(new ClientReady("web1", Share: true, Database: true), "client.database-unreachable web1: detail=tried");
        sight.Holds(new ClientReady("web1", Share: true, Database: false));
    }

    // ---- what of a run lies there ----------------------------------------------------------------------------------------

    private static Sight Claimed(ClaimFacts by) => Sight.Well.But<ClaimFacts>("db1", _ => by);

    [Fact]
    public void A_claim_is_this_runs_or_it_is_free()
    {
        var (held, free) = (new ClaimIs("db1", Held: true), new ClaimIs("db1", Held: false));

        Claimed(ClaimFacts.Nobody).Fails(held, "claim.not-held db1");
        Claimed(ClaimFacts.Nobody).Holds(free);
        Claimed(new("run-2", "control2", 1)).Fails(held, "claim.taken db1: controller=control2, run=run-2");
        Claimed(new("run-2", "control2", 1)).Fails(free, "claim.taken db1: controller=control2, run=run-2");
        Sight.Well.Fails(free, "claim.taken db1: controller=control1, run=run-1");
    }

    [Fact]
    public void Outside_a_run_no_claim_is_held()
    {
        var outside = Claimed(ClaimFacts.Nobody) with { Run = "" };

        outside.Fails(new ClaimIs("db1", Held: true), "claim.not-held db1");
        outside.Holds(new ClaimIs("db1", Held: false));
    }

    private static Sight Downtimes(params ImmutableArray<Downtime> downtimes) => Sight.Well.But<DowntimeFacts>("monitoring", f => f with { Downtimes = downtimes });

    private static readonly Downtime Ours = new("1", "vm-web1", Sight.Noon.Utc, Sight.Noon.Utc.AddHours(1), "changeover", "m1");

    [Fact]
    public void A_downtime_covers_what_has_one_of_this_key_that_lasts_until_then()
    {
        var covers = new DowntimeCovers("m1", ["vm-web1"], Ours.End);
        const string Missing = "downtime.missing vm-web1: until=2026-11-22 13:00 UTC";

        Downtimes(Ours).Holds(covers);
        Downtimes(Ours with { End = Ours.End.AddSeconds(-1) }).Fails(covers, Missing);
        Downtimes(Ours with { Key = "m2" }).Fails(covers, Missing);
        Downtimes(Ours with { Object = "vm-web2" }).Fails(covers, Missing);
        Downtimes(Ours with { Key = "" }, Ours with { Object = "vm-web2" }).Fails(covers, Missing);
        Downtimes(Ours).Fails(covers with { Objects = ["vm-web1", "vm-web2"] }, "downtime.missing vm-web2");
    }

    [Fact]
    public void A_downtime_that_is_left_is_named_by_its_object() => Downtimes(Ours, Ours with { Key = "m2", Object = "vm-web2" }).Fails(new DowntimeGone("m1"), "downtime.left vm-web1");

    private static Sight Backup(Func<BackupState, BackupState> change) => Sight.Well.But<BackupFacts>("db1", f => f with { Backups = f.Backups.Change(change) });

    public static TheoryData<string, Func<BackupState, BackupState>> NoBackups() => new()
    {
        { "not there", b => b with { Id = "b2" } },
        { "running (1000 bytes so far)", b => b with { Running = true } },
        { "incomplete", b => b with { Complete = false } },
        { "incomplete (cut short)", b => b with { Complete = false, Detail = "cut short" } },
        { "incomplete", b => b with { Bytes = 0 } },
    };

    [Theory]
    [MemberData(nameof(NoBackups))]
    public void A_backup_is_there_has_ended_and_is_proved_complete(string seen, Func<BackupState, BackupState> change) =>
        Backup(change).Fails(new BackupIs("db1", "b1"), $"backup.not-complete db1: id=b1, seen={seen}");

    [Fact]
    public void A_backup_that_is_still_there_is_not_gone() => Sight.Well.Fails(new BackupGone("db1", "b1"), "backup.left db1: id=b1");
}
