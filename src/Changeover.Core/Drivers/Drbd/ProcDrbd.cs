using System.Globalization;
using System.Text.RegularExpressions;
using Changeover.Knowledge;

namespace Changeover.Drivers.Drbd;

/// <summary>/proc/drbd of 8.x, with the names that <c>drbdsetup events2</c> adds to its minor numbers.</summary>
internal static partial class ProcDrbd
{
    /// <summary>Version of the module, or empty when the text is not /proc/drbd's.</summary>
    public static string Version(string text) => VersionLine().Match(text).Groups["version"].Value;

    /// <param name="events">What events2 printed; empty: not asked or not known to these utils.</param>
    /// <exception cref="FormatException">A line broke off or is not known.</exception>
    public static ImmutableArray<DrbdResource> Resources(string text, string events)
    {
        if (!text.EndsWith('\n') || text.Split('\n').Length < 3)
            throw new FormatException("/proc/drbd broke off");
        var names = Names(events);
        var seen = Devices(text);
        // A device that only events2 shows came up or went down in between: it must not vanish from the picture.
        var missed = names.Keys.Where(minor => seen.All(d => d.Minor != minor))
            .Select(minor => (Minor: minor, Resource: new DrbdResource("", default, default, default, default, default, null, null)));
        return
        [
            .. seen.Concat(missed)
                .GroupBy(d => names.TryGetValue(d.Minor, out var name) ? name : $"minor {d.Minor}")
                .OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => DrbdStates.Worst(g.Key, [.. g.Select(d => d.Resource)])),
        ];
    }

    private static Dictionary<int, string> Names(string events) =>
        DeviceEvent().Matches(events)
            .GroupBy(m => int.Parse(m.Groups["minor"].Value, CultureInfo.InvariantCulture))
            .ToDictionary(g => g.Key, g => g.Last().Groups["name"].Value);

    private static List<(int Minor, DrbdResource Resource)> Devices(string text)
    {
        var devices = new List<(int Minor, DrbdResource Resource)>();
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (!MinorLine().IsMatch(lines[i]) || Unconfigured().IsMatch(lines[i]))
                continue;
            if (DeviceLine().Match(lines[i]) is not { Success: true } device)
                throw new FormatException("a line of /proc/drbd is not known: " + lines[i].Trim());
            var details = string.Join('\n', lines.Skip(i + 1).TakeWhile(l => !MinorLine().IsMatch(l)));
            var outOfSync = OutOfSync().Match(details);
            // Before 8.3 (st: instead of ro:) there was no count; later its absence means that the text broke off.
            if (!outOfSync.Success && device.Groups["word"].Value == "ro")
                throw new FormatException("/proc/drbd broke off before the out-of-sync count");
            var connection = DrbdStates.Connection(device.Groups["cs"].Value);
            devices.Add((
                int.Parse(device.Groups["minor"].Value, CultureInfo.InvariantCulture),
                new(
                    "",
                    DrbdStates.Role(device.Groups["role"].Value),
                    DrbdStates.Role(device.Groups["peer"].Value),
                    device.Groups["flags"].Value.StartsWith('r') ? connection : DrbdStates.Suspended(connection),
                    DrbdStates.Disk(device.Groups["disk"].Value),
                    DrbdStates.Disk(device.Groups["peerDisk"].Value),
                    outOfSync.Success ? long.Parse(outOfSync.Groups[1].Value, CultureInfo.InvariantCulture) : null,
                    DrbdStates.Percent(Synced().Match(details).Groups[1].Value))));
        }
        return devices;
    }

    [GeneratedRegex(@"^version: (?<version>\d+\.\d+\.\S+) \(api:[^)]*\)", RegexOptions.Multiline)]
    private static partial Regex VersionLine();

    [GeneratedRegex(@"^ *\d{1,7}: cs:")]
    private static partial Regex MinorLine();

    [GeneratedRegex(@"^ *\d+: cs:Unconfigured\s*$")]
    private static partial Regex Unconfigured();

    [GeneratedRegex(@"^ *(?<minor>\d+): cs:(?<cs>\S+) (?<word>ro|st):(?<role>[^/\s]+)/(?<peer>\S+) ds:(?<disk>[^/\s]+)/(?<peerDisk>\S+)\s+(?:[ABC]\s+)?(?<flags>[rs]\S*)\s*$")]
    private static partial Regex DeviceLine();

    [GeneratedRegex(@"\boos:(\d{1,18})\s")]
    private static partial Regex OutOfSync();

    [GeneratedRegex(@"sync'ed:\s*(\d+(?:\.\d+)?)%")]
    private static partial Regex Synced();

    [GeneratedRegex(@"^exists device name:(?<name>\S+) volume:\d+ minor:(?<minor>\d{1,7})\b", RegexOptions.Multiline)]
    private static partial Regex DeviceEvent();
}
