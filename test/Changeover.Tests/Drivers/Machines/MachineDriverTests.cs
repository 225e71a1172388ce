using Changeover.Drivers;
using Changeover.Drivers.Machines;
using Changeover.Knowledge;
using static Changeover.Tests.Drivers.SmallCluster;

namespace Changeover.Tests.Drivers.Machines;

public sealed class MachineDriverTests
{
    private static readonly MachineDriver Driver = new();
    private static readonly Subject Linux = new(SubjectKind.Machine, "acd-lb1");
    private static readonly Subject Windows = new(SubjectKind.Machine, "acd-tel1");

    private static Reply.Answered Debian(string? name = null, string? boot = null, string? clock = null, string? addresses = null, string reboot = "", int rebootCode = 2, string disks = "") => new(
    [
        new(MachineDriver.HostNameKey, 0, name ?? "acd-lb1\n"),
        new(MachineDriver.BootKey, 0, boot ?? Fixture("machine/linux-6.18-boot-id-and-uptime.txt")),
        new(MachineDriver.ClockKey, 0, clock ?? Fixture("machine/coreutils-9.1-date.txt")),
        new(MachineDriver.AddressesKey, 0, addresses ?? Fixture("machine/iproute2-6.1-debian-12-loopback-and-one.txt")),
        new(MachineDriver.RebootKey, rebootCode, reboot),
        new(MachineDriver.DisksKey, 0, disks),
    ]);

    private static MachineFacts Facts(Reply.Answered reply) => Assert.IsType<MachineFacts>(Driver.Read(Linux, reply, Context).Facts);

    [Fact]
    public void A_machine_tells_name_boot_clock_and_addresses_without_loopback()
    {
        var facts = Facts(Debian());

        Assert.Equal("acd-lb1", facts.HostName);
        Assert.True(Guid.TryParse(facts.BootId, out _));
        Assert.True(facts.Uptime > TimeSpan.FromMinutes(30));
        Assert.Equal(2026, facts.Clock!.Value.Year);
        Assert.Equal(["10.99.0.1"], facts.Addresses);
    }

    [Fact]
    public void What_this_machine_answers_for_real_is_read()
    {
        var request = (Request.Shell)Driver.Ask(Linux, Context);
        var reply = new Reply.Answered([.. request.Commands.Where(c => c.Key != MachineDriver.AddressesKey).Select(c => Execute(c.Arguments, c.Key)),
            new(MachineDriver.AddressesKey, 0, "")]);

        var facts = Facts(reply);

        Assert.Equal(System.Net.Dns.GetHostName(), facts.HostName);
        Assert.True(Math.Abs((facts.Clock!.Value - DateTimeOffset.UtcNow).TotalMinutes) < 1);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("/etc/kernel/postinst.d/unattended-upgrades\n", false)]
    [InlineData("/run/reboot-required\n/etc/kernel/postinst.d/update-notifier\n", true)]
    [InlineData("/run/reboot-required\n", true)]
    public void No_reboot_file_means_something_only_where_somebody_would_write_it(string listed, bool? expected) =>
        Assert.Equal(expected, Facts(Debian(reboot: listed)).RebootPending);

    private const string Head = "Filesystem     1024-blocks    Used Available Capacity Mounted on\n";

    /// <summary>What df of coreutils 9.1 says of a machine of the lab whose disk was filled, and of one with a blank in a name.</summary>
    [Theory]
    [InlineData(Head + "overlay             524288  524288         0     100% /\n", "/", true, true)]
    [InlineData(Head + "/dev/sda1         31457280 15728640  15728640      50% /srv/a b\n", "/srv/a b", false, false)]
    [InlineData(Head + "/dev/sda1         31457280 30457280   1000000      97% /\n", "/", false, true)]
    [InlineData(Head + "/dev/sdb1      2147483648 2130000000 17483648     100% /data\n", "/data", false, false)]
    public void A_disk_without_room_is_seen(string df, string mount, bool full, bool low)
    {
        var disk = Assert.Single(Facts(Debian(disks: df)).Disks!.Value);

        Assert.Equal((mount, full, low), (disk.Mount, disk.IsFull, disk.IsLow));
    }

    [Theory]
    [InlineData("")]
    [InlineData(Head + "overlay             524288  524288         0     100% /")]
    [InlineData(Head + "overlay             524288  524288\n")]
    [InlineData(Head + "overlay             524288  524288         -     100% /\n")]
    public void Disks_cut_short_are_not_known(string df) => Assert.Null(Facts(Debian(disks: df)).Disks);

    [Fact]
    public void A_file_cut_short_anywhere_is_no_machine()
    {
        var boot = Fixture("machine/linux-6.18-boot-id-and-uptime.txt");
        var clock = Fixture("machine/coreutils-9.1-date.txt");
        for (var i = 0; i < boot.Length; i++)
            Assert.Equal("machine.unreadable", Driver.Read(Linux, Debian(boot: boot[..i]), Context).Problem?.Code.Code);
        for (var i = 0; i < clock.Length; i++)
            Assert.Equal("machine.unreadable", Driver.Read(Linux, Debian(clock: clock[..i]), Context).Problem?.Code.Code);
        for (var i = 0; i < "acd-lb1\n".Length; i++)
            Assert.Equal("machine.unreadable", Driver.Read(Linux, Debian(name: "acd-lb1\n"[..i]), Context).Problem?.Code.Code);
    }

    [Fact]
    public void An_address_list_cut_inside_a_line_is_unreadable()
    {
        var list = Fixture("machine/iproute2-6.1-debian-12-loopback-and-one.txt");
        for (var i = 1; i < list.Length; i++)
        {
            if (list[i - 1] != '\n')
                Assert.Null(Driver.Read(Linux, Debian(addresses: list[..i]), Context).Facts);
        }
    }

    [Fact]
    public void A_missing_or_failed_answer_is_unreadable_whatever_the_others_say()
    {
        var whole = Debian();
        foreach (var key in new[] { MachineDriver.HostNameKey, MachineDriver.BootKey, MachineDriver.ClockKey, MachineDriver.AddressesKey })
        {
            Assert.Null(Driver.Read(Linux, new([.. whole.Results.Where(r => r.Key != key)]), Context).Facts);
            Assert.Null(Driver.Read(Linux, new([.. whole.Results.Select(r => r.Key == key ? r with { Code = 1 } : r)]), Context).Facts);
        }
    }

    [Fact]
    public void Windows_answers_with_the_line_of_its_services()
    {
        var reply = Answer(MachineDriver.WindowsKey, Fixture("windows/made-powershell-5.1-get-services.txt"));

        var facts = Assert.IsType<MachineFacts>(Driver.Read(Windows, reply, Context).Facts);

        Assert.Equal("ACD-TEL1", facts.HostName);
        Assert.Equal(TimeSpan.FromDays(2) + TimeSpan.FromSeconds(1), facts.Uptime);
        Assert.Empty(facts.Addresses);
        Assert.Null(facts.RebootPending);
    }

    [Fact]
    public void A_Windows_answer_without_a_clock_leaves_clock_and_uptime_unknown()
    {
        var reply = Answer(MachineDriver.WindowsKey, Fixture("windows/made-stand-in-get-services-without-now.txt"));

        var facts = Assert.IsType<MachineFacts>(Driver.Read(Windows, reply, Context).Facts);

        Assert.Null(facts.Clock);
        Assert.Null(facts.Uptime);
    }

    [Fact]
    public void A_Windows_line_cut_short_anywhere_is_unreadable()
    {
        var text = Fixture("windows/made-stand-in-get-services-without-now.txt").TrimEnd();
        for (var i = 0; i < text.Length; i++)
            Assert.Null(Driver.Read(Windows, Answer(MachineDriver.WindowsKey, text[..i]), Context).Facts);
    }
}
