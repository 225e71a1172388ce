using System.Globalization;
using Changeover.Drivers.Services;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers.Machines;

/// <summary>
/// Who answers at a machine's address, since which boot, with which addresses (X8, X9, F6). It changes nothing.
/// </summary>
/// <remarks>
/// Finding: machine.unreadable. The paths below /bin and /sbin exist on merged and unmerged systems alike.
/// Source: uname(1), proc(5), date(1), ip-address(8).
/// </remarks>
public sealed class MachineDriver : IDriver
{
    public const string HostNameKey = "host-name";
    public const string BootKey = "boot";
    public const string ClockKey = "clock";
    public const string AddressesKey = "addresses";
    public const string RebootKey = "reboot";

    /// <summary>Windows answers with <see cref="WindowsServices.LookScript"/>, which knows computer, boot time and clock.</summary>
    public const string WindowsKey = "windows";

    public static readonly ImmutableArray<string> HostNameCommand = ["/bin/uname", "-n"];
    public static readonly ImmutableArray<string> BootCommand = ["/bin/cat", "/proc/sys/kernel/random/boot_id", "/proc/uptime"];
    public static readonly ImmutableArray<string> ClockCommand = ["/bin/date", "-u", "+%s.%N"];
    public static readonly ImmutableArray<string> AddressesCommand = ["/sbin/ip", "-4", "-o", "address", "show"];

    /// <summary>
    /// Lists which of these exist. The first says that a reboot is pending; the others are the hooks that would write it, so
    /// that its absence means something.
    /// </summary>
    public static readonly ImmutableArray<string> RebootCommand =
        ["/bin/ls", "-d", RebootFile, "/etc/kernel/postinst.d/unattended-upgrades", "/etc/kernel/postinst.d/update-notifier"];

    private const string RebootFile = "/run/reboot-required";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public ImmutableArray<SubjectKind> Subjects => [SubjectKind.Machine];

    public Request Ask(Subject subject, DriverContext context) => new Request.Shell(
        subject.Name,
        context.Inventory.Machine(subject.Name).Platform == Platform.Windows
            ? [new(WindowsKey, WindowsServices.Look, Limit: WindowsServices.Limit)]
            :
            [
                new(HostNameKey, HostNameCommand, Limit: Limit),
                new(BootKey, BootCommand, Limit: Limit),
                new(ClockKey, ClockCommand, Limit: Limit),
                new(AddressesKey, AddressesCommand, Limit: Limit),
                new(RebootKey, RebootCommand, Limit: Limit),
            ],
        context.Inventory.Budgets.Look);

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context) => throw new NotImplementedException();

    public Request? Tell(ClusterAction action, DriverContext context) => null;

    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context) => new(ReceptionKind.Unclear);
}
