using System.Globalization;

namespace Changeover.Knowledge;

/// <summary>
/// Whether one database has applied everything another one has, compared end to end: by GTID where both have them, by log file
/// and position otherwise. Never by seconds behind, which reads 0 on a server that does not know better (G1, B8).
/// </summary>
/// <remarks>Findings: those of <see cref="PositionFindings"/>.</remarks>
public static class Positions
{
    /// <summary>The channel follows this machine, by address or by a name of it.</summary>
    public static bool Follows(ReplicationChannel channel, Inventory.Machine source) =>
        channel.SourceHost == source.Address || Conditions.MachineIs.SameName(channel.SourceHost, source.HostName) || Conditions.MachineIs.SameName(channel.SourceHost, source.Name);

    /// <summary>
    /// Holds: the replica has everything the source had when it was asked, so the source's facts must be asked after its last
    /// writer left. Fails: something is surely missing. Unknown: it cannot be told, with the reason.
    /// </summary>
    public static Judgement Applied(string replica, DatabaseFacts replicaFacts, string source, DatabaseFacts sourceFacts)
    {
        var pair = new Comparison(replica, replicaFacts, source, sourceFacts);
        if (replicaFacts.Product == sourceFacts.Product && sourceFacts.Gtid.Length > 0)
            return sourceFacts.Product == "mariadb" ? ByMariaGtid(pair) : ByGtidSet(pair);
        return ByLogPosition(pair);
    }

    /// <summary>
    /// The same along a chain of replicas, from the writer to the last: equal neighbours prove nothing while a server between
    /// is behind, so every link must hold, with the same facts on both of its sides, and pass on what it received.
    /// </summary>
    /// <param name="chain">The writer first; at least two.</param>
    public static Judgement AppliedAlong(params ImmutableArray<(string Name, DatabaseFacts Facts)> chain)
    {
        var judgement = Judgement.Holds;
        for (var i = 1; i < chain.Length; i++)
        {
            judgement &= Applied(chain[i].Name, chain[i].Facts, chain[i - 1].Name, chain[i - 1].Facts);
            if (i < chain.Length - 1 && !chain[i].Facts.LogsReplicated)
            {
                judgement &= Judgement.Unknown(PositionFindings.NotComparable.On(
                    chain[^1].Name, "source", chain[0].Name, "why", $"{chain[i].Name} does not pass on what it received (log_slave_updates is off)"));
            }
        }
        return judgement;
    }

    private sealed record Comparison(string Replica, DatabaseFacts Has, string Source, DatabaseFacts Had)
    {
        public Judgement Behind(string missing) =>
            Judgement.Fails(PositionFindings.Behind.On(Replica, "source", Source, "missing", missing));

        public Judgement Apart(string at, string there, string missing) =>
            Judgement.Unknown(PositionFindings.Apart.On(Replica, "source", Source, "at", at, "there", there, "missing", missing));

        public Judgement NotComparable(string why) =>
            Judgement.Unknown(PositionFindings.NotComparable.On(Replica, "source", Source, "why", why));
    }

    private static Judgement ByGtidSet(Comparison pair)
    {
        if (GtidSet.Parse(pair.Has.Gtid) is not { } has || GtidSet.Parse(pair.Had.Gtid) is not { } had)
            return pair.NotComparable("a GTID set could not be read");
        if (pair.Has.Gtid.Length == 0)
            return pair.NotComparable($"{pair.Replica} works without GTIDs");
        var missing = had.Minus(has);
        return missing.IsEmpty ? Judgement.Holds : pair.Behind(missing.ToString());
    }

    /// <summary>
    /// A MariaDB position names one transaction a domain, so "a higher number" alone proves nothing once both servers wrote
    /// (0-1-105 does not contain 0-2-101). Two proofs are taken, per domain. Either the replica follows this source and nobody
    /// else, and its threads have applied exactly the transaction the source's log ends with (on a ring also one of its own
    /// that came back). Or, for every origin the source knows, the replica has that origin's number or a later one.
    /// </summary>
    private static Judgement ByMariaGtid(Comparison pair)
    {
        if (Everything(pair.Has) is not { } has || Everything(pair.Had) is not { } had
            || MariaGtid.Parse(pair.Has.GtidApplied) is not { } applied || MariaGtid.Parse(pair.Had.Gtid) is not { } ends)
            return pair.NotComparable("a GTID position could not be read");
        var follows = pair.Has.Channels is [var only] && only.SourceServerId == pair.Had.ServerId && only.SourceServerId > 0;
        return had
            .Select(g => g.Domain)
            .Distinct()
            .Select(d => follows && ends.Where(g => g.Domain == d).ToImmutableArray() is [var end] && applied.Contains(end)
                ? Judgement.Holds
                : InDomain(pair, [.. has.Where(g => g.Domain == d)], [.. had.Where(g => g.Domain == d)]))
            .Aggregate(Judgement.Holds, (all, one) => all & one);
    }

    private static Judgement InDomain(Comparison pair, ImmutableArray<MariaGtid> has, ImmutableArray<MariaGtid> had)
    {
        var missing = had.Distinct().Where(g => !has.Any(h => h.Server == g.Server && h.Sequence >= g.Sequence)).ToImmutableArray();
        if (missing.IsEmpty)
            return Judgement.Holds;
        var top = has.Select(g => g.Sequence).DefaultIfEmpty().Max();
        // A number above everything the replica has in the domain is surely missing; a lower one of another origin may be.
        return missing.Any(g => g.Sequence > top)
            ? pair.Behind(List(missing))
            : pair.Apart(List(has.Distinct()), List(had.Distinct()), List(missing));
    }

    /// <summary>
    /// Every GTID that stands for something the server has. The log's state of foreign origins counts only where the server
    /// logs what it receives; otherwise it is a remnant.
    /// </summary>
    private static ImmutableArray<MariaGtid>? Everything(DatabaseFacts facts) =>
        MariaGtid.Parse(facts.Gtid) is { } position
        && MariaGtid.Parse(facts.GtidApplied) is { } applied
        && MariaGtid.Parse(facts.GtidLogged) is { } logged
            ? [.. position, .. applied, .. logged.Where(g => facts.LogsReplicated || g.Server == facts.ServerId)]
            : null;

    private static string List(IEnumerable<MariaGtid> gtids) => string.Join(',', gtids.Select(g => g.ToString()));

    /// <summary>
    /// A log's names and positions mean something only between a source and the replica connected to it: after the logs were
    /// reset the same numbers come again.
    /// </summary>
    private static Judgement ByLogPosition(Comparison pair)
    {
        if (pair.Had.LogFile.Length == 0)
            return pair.NotComparable($"{pair.Source} keeps no binary log");
        var channels = pair.Has.Channels.Where(c => c.SourceServerId == pair.Had.ServerId && c.SourceServerId > 0).ToImmutableArray();
        if (channels is not [var channel])
            return pair.NotComparable($"{pair.Replica} has no connection that is known to follow {pair.Source}");
        var at = At(channel.ExecFile, channel.ExecPosition);
        var there = At(pair.Had.LogFile, pair.Had.LogPosition);
        if (at == there)
            return Judgement.Holds;
        if (LogNumber(channel.ExecFile) is not { } own || LogNumber(pair.Had.LogFile) is not { } other || own.Name != other.Name)
            return pair.NotComparable($"{at} and {there} are places in different logs");
        if ((own.Number, channel.ExecPosition).CompareTo((other.Number, pair.Had.LogPosition)) < 0)
            return pair.Behind($"{at} to {there}");
        return channel is { Io: ReplicationThread.Running, SqlRunning: true }
            ? Judgement.Holds
            : pair.NotComparable($"it stands at {at}, beyond {there}, but is not connected: the logs may have been reset");
    }

    private static string At(string file, long position) => string.Create(CultureInfo.InvariantCulture, $"{file}:{position}");

    /// <summary>Log names are a base name and a number that only grows: binlog.000012.</summary>
    public static (string Name, long Number)? LogNumber(string file)
    {
        var dot = file.LastIndexOf('.');
        return dot > 0 && long.TryParse(file[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (file[..dot], number)
            : null;
    }
}
