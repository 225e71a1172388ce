using Changeover.Drivers;
using Changeover.Drivers.Power;
using Changeover.Knowledge;
using static Changeover.Tests.Drivers.SmallCluster;

namespace Changeover.Tests.Drivers.Power;

public sealed class PowerDriverTests
{
    private static readonly PowerDriver Driver = new();
    private static readonly Subject Host1 = new(SubjectKind.Power, "host1");
    private static readonly DriverContext Known = Seen(Host1, new PowerFacts(
    [
        new("101", "acd-store1", PowerState.On, null, null, ""),
        new("103", "acd-jb1", PowerState.On, null, null, ""),
        new("190", "stranger", PowerState.On, null, null, ""),
    ]));

    private static readonly Reply.Answered Full = new(
    [
        new(PowerDriver.GuestsKey, 200, Fixture("proxmox/made-8.2-qemu-list.json")),
        new(PowerDriver.ConfigurationKey("101"), 200, """{"data":{"name":"acd-store1","onboot":1,"cipassword":"**********"}}"""),
        new(PowerDriver.StatusKey("101"), 200, Fixture("proxmox/made-8.2-status-current-running.json")),
        new(PowerDriver.ConfigurationKey("103"), 200, """{"data":{"name":"acd-jb1"}}"""),
        new(PowerDriver.StatusKey("103"), 200, Fixture("proxmox/made-8.2-status-current-paused-locked-managed.json")),
        new(PowerDriver.TasksKey, 200, Fixture("proxmox/made-8.2-tasks-shutdown-failed.json")),
    ]);

    private static PowerFacts Facts(Reply.Answered reply) => Assert.IsType<PowerFacts>(Driver.Read(Host1, reply, Context).Facts);

    [Fact]
    public void The_first_look_tells_power_and_the_second_all_else()
    {
        var first = (Request.Http)Driver.Ask(Host1, Context);
        var second = (Request.Http)Driver.Ask(Host1, Known);

        Assert.Equal(
            ["/api2/json/nodes/pve-1/qemu", "/api2/json/nodes/pve-1/tasks?limit=100", "/api2/json/nodes/pve-1/storage", "/api2/json/nodes/pve-1/network?type=any_bridge"],
            first.Calls.Select(c => c.Path));
        Assert.Equal(
            ["guests", "config.101", "status.101", "config.103", "status.103", "tasks", "storages", "networks"],
            second.Calls.Select(c => c.Key));
        Assert.Equal("host:host1", second.Endpoint);
    }

    [Fact]
    public void After_the_first_look_autostart_and_high_availability_are_unknown_and_not_off()
    {
        var facts = Facts(new([Full.Find(PowerDriver.GuestsKey)!]));

        Assert.Equal(new Guest("101", "acd-store1", PowerState.On, null, null, ""), facts.Find("acd-store1"));
        Assert.Equal(PowerState.Off, facts.Find("acd-lb1")!.Power);
    }

    [Fact]
    public void After_the_second_look_autostart_lock_and_high_availability_are_known()
    {
        var facts = Facts(Full);

        Assert.Equal((true, false), (facts.Find("acd-store1")!.Autostart, facts.Find("acd-store1")!.Managed));
        Assert.Equal(new Guest("103", "acd-jb1", PowerState.Paused, false, true, "backup"), facts.Find("acd-jb1")! with { StandsOn = null });
    }

    private static HostPart Storage(string name, bool active = true) => new(HostPartKind.Storage, name, active);

    private static HostPart Network(string name, bool active = true) => new(HostPartKind.Network, name, active);

    [Fact]
    public void What_a_guest_stands_on_is_read_from_its_disks_and_network_cards()
    {
        const string configuration = """
            {"data":{"name":"acd-store1","scsi0":"fast:vm-101-disk-0,iothread=1,size=32G","virtio1":"file=slow:101/vm-101-disk-1.qcow2","efidisk0":"fast:vm-101-disk-2,size=4M",
            "ide2":"none,media=cdrom","sata0":"iso:iso/debian.iso,media=cdrom","scsi1":"/dev/disk/by-id/ata-x,size=1G","unused0":"old:vm-101-disk-9","scsihw":"virtio-scsi-single",
            "net0":"virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=5","net1":"e1000=BC:24:11:00:00:02","memory":4096,"description":"net0 bridge=none"}}
            """;

        var guest = Facts(new([Full.Results[0], new(PowerDriver.ConfigurationKey("101"), 200, configuration)])).Find("acd-store1")!;

        Assert.Equal([Storage("fast"), Storage("iso"), Storage("slow"), Network("vmbr0")], guest.StandsOn!.Value);
        Assert.Null(Facts(new([Full.Results[0]])).Find("acd-store1")!.StandsOn);
    }

    private static Reply.Answered Parts(string storages, string networks, int code = 200) =>
        new([.. Full.Results, new(PowerDriver.StoragesKey, code, storages), new(PowerDriver.NetworksKey, code, networks)]);

    [Fact]
    public void What_is_disabled_not_active_or_without_a_word_on_it_is_not_active()
    {
        const string storages = """
            {"data":[{"storage":"fast","active":1,"enabled":1},{"storage":"nfs","active":0,"enabled":1},{"storage":"off","active":1,"enabled":0},{"storage":"mute"}]}
            """;

        Assert.Equal(
            [Storage("fast"), Storage("nfs", false), Storage("off", false), Storage("mute", false), Network("vmbr0"), Network("vmbr1", false)],
            Facts(Parts(storages, """{"data":[{"iface":"vmbr0","type":"bridge","active":1},{"iface":"vmbr1","type":"OVSBridge"}]}""")).Parts!.Value);
    }

    [Theory]
    [InlineData("", """{"data":[]}""", 200)]
    [InlineData("""{"data":[]}""", """{"data":null}""", 200)]
    [InlineData("""{"data":[{"active":1,"enabled":1}]}""", """{"data":[]}""", 200)]
    [InlineData("""{"data":[]}""", """{"data":[{"active":1}]}""", 200)]
    [InlineData("""{"data":[]}""", """{"data":[]}""", 403)]
    public void What_the_host_does_not_say_of_its_parts_is_unknown(string storages, string networks, int code) =>
        Assert.Null(Facts(Parts(storages, networks, code)).Parts);

    [Fact]
    public void The_newest_power_task_that_failed_is_told_with_its_words()
    {
        var facts = Facts(Full);

        Assert.Equal("qmshutdown: VM quit/powerdown failed - got timeout", facts.Find("acd-store1")!.LastFailure);
        Assert.Equal("", facts.Find("acd-jb1")!.LastFailure);
    }

    [Theory]
    [InlineData("running", "running", PowerState.On)]
    [InlineData("stopped", "stopped", PowerState.Off)]
    [InlineData("running", "paused", PowerState.Paused)]
    [InlineData("running", "io-error", PowerState.Unknown)]
    [InlineData("stopped", "running", PowerState.Unknown)]
    [InlineData("unknown", "", PowerState.Unknown)]
    public void What_qemu_says_outweighs_the_list(string status, string qmp, PowerState expected)
    {
        var reply = new Reply.Answered(
        [
            Full.Results[0],
            new(PowerDriver.StatusKey("101"), 200, $$$"""{"data":{"status":"{{{status}}}","qmpstatus":"{{{qmp}}}"}}"""),
        ]);

        Assert.Equal(expected, Facts(reply).Find("acd-store1")!.Power);
    }

    /// <summary>A paused guest runs in the list: when what qemu says of it cannot be read, the list must not speak for it.</summary>
    [Theory]
    [InlineData("", 200)]
    [InlineData("{\"data\":{\"status\":\"running\",\"qmpst", 200)]
    [InlineData("{\"data\":{\"status\":\"running\",\"qmpstatus\":\"\\ud800\"}}", 200)]
    [InlineData("", 500)]
    public void What_qemu_was_asked_and_cannot_be_read_is_unknown_whatever_the_list_says(string status, int code) =>
        Assert.Equal(PowerState.Unknown, Facts(new([Full.Results[0], new(PowerDriver.StatusKey("101"), code, status)])).Find("acd-store1")!.Power);

    /// <summary>Found by inserting half a character into a real answer: the parser lets it pass and throws when it is taken.</summary>
    [Theory]
    [InlineData("""{"data":[{"vmid":101,"name":"\ud800","status":"running"}]}""")]
    [InlineData("""{"data":[{"vmid":101,"na\udc00me":"acd-store1","status":"running"}]}""")]
    public void Half_a_character_in_json_makes_it_unreadable(string list) =>
        Assert.Equal("power.unreadable", Driver.Read(Host1, Answer(PowerDriver.GuestsKey, list, 200), Context).Problem?.Code.Code);

    [Fact]
    public void Two_guests_with_the_name_of_a_machine_make_the_host_unknown_and_a_template_is_none()
    {
        var list = Fixture("proxmox/made-8.2-qemu-list.json");
        Assert.Equal(2, list.Split("\"acd-jb1\"").Length - 1);

        Assert.NotNull(Driver.Read(Host1, Answer(PowerDriver.GuestsKey, list, 200), Context).Facts);
        Assert.Equal("power.name-twice", Driver.Read(Host1, Answer(PowerDriver.GuestsKey, list.Replace(",\"template\":1", ""), 200), Context).Problem?.Code.Code);
    }

    [Fact]
    public void A_list_cut_short_anywhere_is_unreadable()
    {
        var list = Fixture("proxmox/made-8.2-qemu-list.json").TrimEnd();
        for (var i = 0; i < list.Length; i++)
            Assert.Null(Driver.Read(Host1, Answer(PowerDriver.GuestsKey, list[..i], 200), Context).Facts);
    }

    [Theory]
    [InlineData("""{"data":null}""")]
    [InlineData("""{"data":[{"vmid":101,"status":"running"}]}""")]
    [InlineData("""{"data":[{"name":"acd-store1","status":"running"}]}""")]
    [InlineData("""{"data":[5]}""")]
    public void A_guest_without_number_or_name_makes_the_host_unreadable(string list) =>
        Assert.Equal("power.unreadable", Driver.Read(Host1, Answer(PowerDriver.GuestsKey, list, 200), Context).Problem?.Code.Code);

    [Fact]
    public void A_refused_look_is_told_with_its_words() =>
        Assert.Contains("401, No ticket", Driver.Read(Host1, Answer(PowerDriver.GuestsKey, """{"data":null,"message":"No ticket\n"}""", 401), Context).Problem!.Message);

    [Theory]
    [InlineData(true, false, "start", "{}")]
    [InlineData(false, true, "stop", "{}")]
    [InlineData(false, false, "shutdown", """{"timeout":300}""")]
    public void The_guest_is_told_by_the_number_the_last_look_found(bool on, bool hard, string verb, string body)
    {
        var call = ((Request.Http)Driver.Tell(new SetPower("acd-jb1", "host1", on, hard), Known)!).Calls.Single();

        Assert.Equal(new Call(PowerDriver.SetKey, "POST", $"/api2/json/nodes/pve-1/qemu/103/status/{verb}", body), call);
    }

    [Fact]
    public void While_the_number_is_not_known_nothing_is_sent()
    {
        var action = new SetPower("acd-lb1", "host1", On: false, Hard: true);

        var request = (Request.Http)Driver.Tell(action, Known)!;

        Assert.Equal("GET", request.Calls.Single().Method);
        Assert.Equal(ReceptionKind.NotSent, Driver.Heard(action, Answer(PowerDriver.GuestsKey, "{}", 200), Known).Kind);
    }

    [Fact]
    public void A_host_that_only_a_person_switches_is_not_told() =>
        Assert.Null(Driver.Tell(new SetPower("acd-jb1", "host2", On: false), Known));

    [Theory]
    [InlineData(200, """{"data":"UPID:host1:000FF1FD:10F9374C:630D702C:qmshutdown:103:root@pam:"}""", "", ReceptionKind.Accepted, "")]
    [InlineData(200, """{"data":null}""", "", ReceptionKind.Unclear, "without the number")]
    [InlineData(500, """{"data":null}""", "VM is locked (backup)", ReceptionKind.Refused, "VM is locked (backup)")]
    [InlineData(400, """{"data":null,"errors":{"timeout":"type check ('integer') failed"},"message":"Parameter verification failed.\n"}""", "", ReceptionKind.Refused, "timeout: type check")]
    [InlineData(403, """{"data":null}""", "Permission check failed (/vms/103, VM.PowerMgmt)", ReceptionKind.Refused, "VM.PowerMgmt")]
    [InlineData(596, "", "Connection timed out", ReceptionKind.Unclear, "timed out")]
    [InlineData(502, "<html>", "Bad Gateway", ReceptionKind.Unclear, "Bad Gateway")]
    public void What_the_hypervisor_says_to_an_action(int code, string body, string reason, ReceptionKind expected, string words)
    {
        var heard = Driver.Heard(new SetPower("acd-jb1", "host1", On: false), Answer(PowerDriver.SetKey, body, code, reason), Known);

        Assert.Equal(expected, heard.Kind);
        Assert.Contains(words, heard.Words);
    }
}
