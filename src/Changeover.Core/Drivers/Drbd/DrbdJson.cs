using System.Text;
using System.Text.Json;
using Changeover.Knowledge;

namespace Changeover.Drivers.Drbd;

/// <summary><c>drbdsetup status --json</c> of DRBD 9.</summary>
internal static class DrbdJson
{
    /// <exception cref="FormatException">Not one whole document, or not what drbdsetup writes.</exception>
    public static ImmutableArray<DrbdResource> Resources(string text)
    {
        using var document = JsonReading.Parse(WithoutNan(text));
        if (((JsonElement?)document?.RootElement).Items() is not { } resources)
            throw new FormatException("drbdsetup wrote no list");
        return
        [
            .. resources
                .Select(Resource)
                .OrderBy(r => r.Name, StringComparer.Ordinal),
        ];
    }

    private static DrbdResource Resource(JsonElement resource)
    {
        var name = Text(resource, "name") is { Length: > 0 } given ? given : throw new FormatException("a resource without a name");
        var role = DrbdStates.Role(Text(resource, "role"));
        var disk = Items(resource, "devices").Select(d => DrbdStates.Disk(Text(d, "disk-state"))).DefaultIfEmpty().Min();
        var paths = Items(resource, "connections").SelectMany(c => Paths(c, role, disk)).ToImmutableArray();
        var whole = paths.Length > 0
            ? DrbdStates.Worst(name, paths)
            : new(name, role, DrbdRole.Unknown, DrbdConnection.Unknown, disk, DrbdDisk.Unknown, null, null);
        return True(resource, "suspended") ? whole with { Connection = DrbdStates.Suspended(whole.Connection) } : whole;
    }

    /// <summary>One for each volume of one peer.</summary>
    private static IEnumerable<DrbdResource> Paths(JsonElement connection, DrbdRole role, DrbdDisk disk)
    {
        var peer = DrbdStates.Role(Text(connection, "peer-role"));
        var state = DrbdStates.Connection(Text(connection, "connection-state"));
        foreach (var volume in Items(connection, "peer_devices").Select(v => (JsonElement?)v).DefaultIfEmpty(null))
        {
            var replication = volume is { } v ? DrbdStates.Connection(Text(v, "replication-state")) : DrbdConnection.Unknown;
            yield return new(
                "",
                role,
                peer,
                // Without a connection replication is off anyway; the connection says more.
                state == DrbdConnection.Connected ? replication : state,
                disk,
                // A peer that has no disk on purpose (a third node for quorum) lacks nothing.
                volume is { } p ? True(p, "peer-client") ? DrbdDisk.UpToDate : DrbdStates.Disk(Text(p, "peer-disk-state")) : DrbdDisk.Unknown,
                volume is { } o && Number(o, "out-of-sync") is { } amount ? (long)amount : null,
                replication is DrbdConnection.SyncSource or DrbdConnection.SyncTarget && volume is { } s
                    ? Number(s, "percent-resync-done") ?? Number(s, "done") ?? Number(s, "percent-in-sync")
                    : null);
        }
    }

    private static string Text(JsonElement element, string name) => element.Text(name) ?? "";

    private static double? Number(JsonElement element, string name) => element.Number(name) is { } value and >= 0 and < 1e15 ? value : null;

    /// <summary>Utils before 9.4 wrote these flags as text.</summary>
    private static bool True(JsonElement element, string name) => element.Member(name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.String } text => text.GetString() is not ("no" or "false"),
        _ => false,
    };

    private static ImmutableArray<JsonElement> Items(JsonElement element, string name) => element.Member(name).Items() ?? [];

    /// <summary>Utils before 9.6 can write NaN and Infinity, which are no JSON: they become null.</summary>
    private static string WithoutNan(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var end = i + 1;
            if (text[i] == '"')
            {
                while (end < text.Length && text[end] != '"')
                    end += text[end] == '\\' ? 2 : 1;
                end = Math.Min(end + 1, text.Length);
                clean.Append(text, i, end - i);
            }
            else if (char.IsAsciiLetter(text[i]) || (text[i] == '-' && end < text.Length && char.IsAsciiLetter(text[end])))
            {
                while (end < text.Length && char.IsAsciiLetter(text[end]))
                    end++;
                var word = text[i..end].TrimStart('-').ToLowerInvariant();
                clean.Append(word is "nan" or "inf" or "infinity" ? "null" : text[i..end]);
            }
            else
            {
                clean.Append(text[i]);
            }
            i = end;
        }
        return clean.ToString();
    }
}
