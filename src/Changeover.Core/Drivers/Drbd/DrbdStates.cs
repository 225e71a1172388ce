using System.Globalization;
using Changeover.Knowledge;

namespace Changeover.Drivers.Drbd;

/// <summary>DRBD's words for its states, of every generation. A word that is not known is Unknown.</summary>
internal static class DrbdStates
{
    public static DrbdRole Role(string text) => text switch
    {
        "Primary" => DrbdRole.Primary,
        "Secondary" => DrbdRole.Secondary,
        _ => DrbdRole.Unknown,
    };

    /// <summary>8.4 has one state for connection and replication; 9 has two, of which the worse counts.</summary>
    public static DrbdConnection Connection(string text) => text switch
    {
        "StandAlone" => DrbdConnection.StandAlone,
        "Disconnecting" or "Unconnected" or "Timeout" or "BrokenPipe" or "NetworkFailure" or "ProtocolError" or "TearDown" =>
            DrbdConnection.Disconnected,
        "WFConnection" or "Connecting" => DrbdConnection.Connecting,
        "WFReportParams" or "StartingSyncS" or "StartingSyncT" or "WFBitMapS" or "WFBitMapT" or "WFSyncUUID" or "PausedSyncS" or "PausedSyncT"
            or "VerifyS" or "VerifyT" or "Ahead" or "Behind" or "Off" => DrbdConnection.Busy,
        "SyncSource" => DrbdConnection.SyncSource,
        "SyncTarget" => DrbdConnection.SyncTarget,
        "Connected" or "Established" => DrbdConnection.Connected,
        _ => DrbdConnection.Unknown,
    };

    public static DrbdDisk Disk(string text) => text switch
    {
        "Diskless" => DrbdDisk.Diskless,
        "Failed" or "Detaching" => DrbdDisk.Failed,
        "Attaching" or "Negotiating" => DrbdDisk.Attaching,
        "Inconsistent" => DrbdDisk.Inconsistent,
        "Outdated" => DrbdDisk.Outdated,
        "Consistent" => DrbdDisk.Consistent,
        "UpToDate" => DrbdDisk.UpToDate,
        _ => DrbdDisk.Unknown,
    };

    /// <summary>How far a resync is; null where the text is no share of a hundred.</summary>
    public static double? Percent(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is >= 0 and <= 100 ? percent : null;

    /// <summary>Connected, but writes are suspended or not replicated: nothing may be built on it.</summary>
    public static DrbdConnection Suspended(DrbdConnection connection) =>
        connection > DrbdConnection.Busy ? DrbdConnection.Busy : connection;

    /// <summary>
    /// A resource with several volumes or peers as one: the worst of each. A primary anywhere counts as primary, because
    /// that is what must never be overlooked.
    /// </summary>
    public static DrbdResource Worst(string name, IReadOnlyCollection<DrbdResource> parts) => new(
        name,
        Role(parts.Select(p => p.Role)),
        Role(parts.Select(p => p.PeerRole)),
        parts.Select(p => p.Connection).DefaultIfEmpty().Min(),
        parts.Select(p => p.Disk).DefaultIfEmpty().Min(),
        parts.Select(p => p.PeerDisk).DefaultIfEmpty().Min(),
        parts.All(p => p.OutOfSyncKiB is not null) ? parts.Sum(p => p.OutOfSyncKiB) : null,
        parts.Min(p => p.SyncPercent));

    public static DrbdRole Role(IEnumerable<DrbdRole> roles)
    {
        var all = roles.ToImmutableArray();
        return all.Contains(DrbdRole.Primary) ? DrbdRole.Primary : all.DefaultIfEmpty().Min();
    }
}
