using System.Globalization;
using Changeover.Drivers.Services;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers.Machines;

/// <summary>
/// Who answers at a machine's address, since which boot, with which addresses and how much room (X8, X9, F6). It changes nothing.
/// </summary>
/// <remarks>
/// Finding: machine.unreadable. The paths below /bin and /sbin exist on merged and unmerged systems alike.
/// Source: uname(1), proc(5), date(1), ip-address(8), df(1).
/// </remarks>
public sealed class MachineDriver : IDriver
{
    public const string HostNameKey = "host-name";
    public const string BootKey = "boot";
    public const string ClockKey = "clock";
    public const string AddressesKey = "addresses";
    public const string RebootKey = "reboot";
    public const string DisksKey = "disks";

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

    /// <summary>Local file systems with data; images that are full by nature and memory are left out. A remote one could hang.</summary>
    public static readonly ImmutableArray<string> DisksCommand =
        ["/bin/df", "-P", "-k", "-l", "-x", "tmpfs", "-x", "devtmpfs", "-x", "squashfs", "-x", "iso9660", "-x", "efivarfs"];

    private const string RebootFile = "/run/reboot-required";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public ImmutableArray<SubjectKind> Subjects => [SubjectKind.Machine];

    public Request Ask(Subject subject, DriverContext context) => new Request.Shell(
        subject.Name,
        context.Inventory.Machine(subject.Name).Platform == Platform.Windows
            ? [new(WindowsKey, WindowsServices.Look, Limit: WindowsServices.Limit)]
            :
            [
                // What the kernel knows by heart cannot hang by itself, and timeout would be a process more.
                new(HostNameKey, HostNameCommand),
                new(BootKey, BootCommand),
                new(ClockKey, ClockCommand),
                new(AddressesKey, AddressesCommand, Limit: Limit),
                new(RebootKey, RebootCommand, Limit: Limit),
                new(DisksKey, DisksCommand, Limit: Limit),
            ],
        context.Inventory.Budgets.Look);

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context)
    {
        if (context.Inventory.Machine(subject.Name).Platform == Platform.Windows)
            return ReadWindows(subject.Name, reply);

        if (reply.Find(HostNameKey) is not { Code: 0 } name || Line(name.Output) is not { Length: > 0 } hostName)
            return Bad(subject, "its name", reply.Find(HostNameKey));
        if (reply.Find(BootKey) is not { Code: 0 } boot || Boot(boot.Output) is not ({ } bootId, { } uptime))
            return Bad(subject, "its boot", reply.Find(BootKey));
        if (reply.Find(ClockKey) is not { Code: 0 } clock || Clock(clock.Output) is not { } now)
            return Bad(subject, "its clock", reply.Find(ClockKey));
        if (reply.Find(AddressesKey) is not { Code: 0 } addresses || Addresses(addresses.Output) is not { } held)
            return Bad(subject, "its addresses", reply.Find(AddressesKey));
        return Reading.Of(new MachineFacts(hostName, bootId, uptime, now, held, RebootPending(reply.Find(RebootKey))) { Disks = Disks(reply.Find(DisksKey)) });
    }

    public Request? Tell(ClusterAction action, DriverContext context) => null;

    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context) => new(ReceptionKind.Unclear);

    private static Reading ReadWindows(string machine, Reply.Answered reply)
    {
        var subject = new Subject(SubjectKind.Machine, machine);
        using var answer = reply.Find(WindowsKey) is { Code: 0 } result ? PowerShell.Answer(result.Output) : null;
        if (answer?.RootElement is not { } root
            || root.Text("computer") is not { Length: > 0 } name
            || Instant(root.Text("bootTime")) is not { } booted
            || root.Member("services") is not { ValueKind: System.Text.Json.JsonValueKind.Array or System.Text.Json.JsonValueKind.Object })
            return Bad(subject, "its line", reply.Find(WindowsKey));
        var now = Instant(root.Text("now"));
        return Reading.Of(new MachineFacts(
            name, booted.ToString("O", CultureInfo.InvariantCulture), now is { } clock && clock >= booted ? clock - booted : null, now, [], null));
    }

    private static Reading Bad(Subject subject, string what, Result? result) =>
        Reading.Unreadable(MachineFindings.Unreadable.On(subject.Name, "what", what, "text", Excerpt.Of(result)));

    /// <summary>One whole line, without its end; null if it is not exactly one.</summary>
    private static string? Line(string text) =>
        text.EndsWith('\n') && text.IndexOf('\n', StringComparison.Ordinal) == text.Length - 1 ? text[..^1].Trim() : null;

    /// <summary>The boot's UUID, and behind it seconds of uptime and of idling.</summary>
    private static (string? Id, TimeSpan? Uptime) Boot(string text) =>
        text.Split('\n') is [var id, var uptime, ""]
        && Guid.TryParseExact(id, "D", out _)
        && uptime.Split(' ') is [var seconds, { Length: > 0 } idle]
        && Seconds(seconds) is { } up
        && Seconds(idle) is not null
            ? (id, up)
            : (null, null);

    private static TimeSpan? Seconds(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < 1e10m
            ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : null;

    private static DateTimeOffset? Clock(string text) =>
        Line(text) is { } line && line.IndexOf('.', StringComparison.Ordinal) == line.Length - 10 && Seconds(line) is { } since
            ? DateTimeOffset.UnixEpoch + since
            : null;

    private static DateTimeOffset? Instant(string? text) =>
        text is { Length: >= 20 } && text.EndsWith('Z')
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? instant
            : null;

    /// <summary>Every line is <c>N: DEVICE inet ADDRESS/LENGTH …</c>; anything else makes the whole list unknown.</summary>
    private static ImmutableArray<string>? Addresses(string text)
    {
        if (text.Length > 0 && !text.EndsWith('\n'))
            return null;
        var addresses = ImmutableArray.CreateBuilder<string>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var number, _, "inet", var held, ..]
                || !number.EndsWith(':')
                || held.Split('/')[0] is not { } address
                || !IsAddress(address))
                return null;
            if (!address.StartsWith("127.", StringComparison.Ordinal))
                addresses.Add(address);
        }
        return addresses.ToImmutable();
    }

    /// <summary>A head line, then <c>SOURCE BLOCKS USED AVAILABLE CAPACITY% MOUNT</c>; null unless every line is whole.</summary>
    private static ImmutableArray<Disk>? Disks(Result? result)
    {
        // df says 1 when one file system could not be asked; the others stand.
        if (result is not { Code: 0 or 1 } || !result.Output.EndsWith('\n') || result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries) is not [_, .. var lines])
            return null;
        var disks = ImmutableArray.CreateBuilder<Disk>();
        foreach (var line in lines)
        {
            if (line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries) is not [_, var blocks, _, var available, var capacity, var mount]
                || !capacity.EndsWith('%')
                || !long.TryParse(blocks, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                || !long.TryParse(available, NumberStyles.None, CultureInfo.InvariantCulture, out var free))
                return null;
            disks.Add(new(mount, size, free));
        }
        return disks.ToImmutable();
    }

    private static bool IsAddress(string text) =>
        text.Split('.') is { Length: 4 } parts && parts.All(p => byte.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out _));

    private static bool? RebootPending(Result? result)
    {
        // ls says 2 when one of them is not there, which is the usual case.
        if (result is not { Code: 0 or 2 })
            return null;
        var there = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return there.Contains(RebootFile) ? true
            : RebootCommand.Skip(3).Any(hook => there.Contains(hook)) ? false
            : null;
    }
}
