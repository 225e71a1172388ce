using Changeover.Knowledge;

namespace Changeover.Drivers.Drbd;

/// <summary>
/// <c>drbdadm status</c>: a resource, below it (two blanks) its volumes and peers, below those (four blanks) the volumes of
/// the peer. It leaves out what is well: no <c>connection:</c> means connected, no <c>replication:</c> established.
/// </summary>
internal static class DrbdStatus
{
    /// <exception cref="FormatException">The text broke off or a line is not known.</exception>
    public static ImmutableArray<DrbdResource> Resources(string text)
    {
        if (!text.EndsWith('\n'))
            throw new FormatException("drbdadm status broke off");
        var blocks = new List<List<string>>();
        foreach (var line in text.Split('\n').Where(l => l.Trim().Length > 0 && !l.StartsWith('#')))
        {
            if (!line.StartsWith(' '))
                blocks.Add([]);
            if (blocks.Count == 0)
                throw new FormatException("drbdadm status does not begin with a resource");
            blocks[^1].Add(line);
        }
        return [.. blocks.Select(Resource).OrderBy(r => r.Name, StringComparer.Ordinal)];
    }

    private static DrbdResource Resource(List<string> lines)
    {
        var (name, own) = Line(lines[0]);
        if (name.Length == 0 || !own.TryGetValue("role", out var roleText))
            throw new FormatException("a line of drbdadm status is not known: " + lines[0].Trim());
        var role = DrbdStates.Role(roleText);
        var disks = lines.Where(l => Depth(l) == 2).Select(Line).Where(l => l.Name.Length == 0)
            .Select(l => DrbdStates.Disk(l.Fields.GetValueOrDefault("disk", ""))).ToImmutableArray();
        var disk = disks.DefaultIfEmpty().Min();
        var paths = new List<DrbdResource>();
        for (var i = 1; i < lines.Count; i++)
        {
            if (Depth(lines[i]) == 2 && Line(lines[i]) is { Name.Length: > 0 } peer)
                paths.AddRange(Paths(peer.Fields, [.. lines.Skip(i + 1).TakeWhile(l => Depth(l) == 4).Select(l => Line(l).Fields)], role, disk));
            else if (Depth(lines[i]) is not (2 or 4))
                throw new FormatException("a line of drbdadm status is not known: " + lines[i].Trim());
        }
        var whole = paths.Count > 0
            ? DrbdStates.Worst(name, paths)
            : new(name, role, DrbdRole.Unknown, DrbdConnection.Unknown, disk, DrbdDisk.Unknown, null, null);
        return own.GetValueOrDefault("suspended", "no") == "no" ? whole : whole with { Connection = DrbdStates.Suspended(whole.Connection) };
    }

    private static IEnumerable<DrbdResource> Paths(
        Dictionary<string, string> peer, ImmutableArray<Dictionary<string, string>> volumes, DrbdRole role, DrbdDisk disk)
    {
        var state = DrbdStates.Connection(peer.GetValueOrDefault("connection", "Connected"));
        var peerRole = DrbdStates.Role(peer.GetValueOrDefault("role", ""));
        if (volumes.Length == 0)
            return [new("", role, peerRole, DrbdStates.Suspended(state), disk, DrbdDisk.Unknown, null, null)];
        return volumes.Select(v => new DrbdResource(
            "",
            role,
            peerRole,
            state == DrbdConnection.Connected ? DrbdStates.Connection(v.GetValueOrDefault("replication", "Established")) : state,
            disk,
            v.GetValueOrDefault("peer-client", "no") is "yes" or "true" ? DrbdDisk.UpToDate : PeerDisk(v),
            null,
            DrbdStates.Percent(v.GetValueOrDefault("done", ""))));
    }

    /// <summary>Early 9.0 writes <c>disk:</c> for the peer's disk too.</summary>
    private static DrbdDisk PeerDisk(Dictionary<string, string> volume) =>
        DrbdStates.Disk(volume.GetValueOrDefault("peer-disk", volume.GetValueOrDefault("disk", "")));

    private static int Depth(string line) => line.Length - line.TrimStart(' ').Length;

    /// <summary>A name, where the line begins with one, and its fields <c>key:value</c>.</summary>
    private static (string Name, Dictionary<string, string> Fields) Line(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var name = words[0].Contains(':', StringComparison.Ordinal) ? "" : words[0];
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in name.Length > 0 ? words[1..] : words)
        {
            var colon = word.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
                throw new FormatException("a line of drbdadm status is not known: " + line.Trim());
            fields[word[..colon]] = word[(colon + 1)..];
        }
        return (name, fields);
    }
}
