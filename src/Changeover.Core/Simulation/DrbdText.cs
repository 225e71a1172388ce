using System.Globalization;
using System.Text;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>What DRBD 8.4 or 9 prints on a simulated machine. A node in standby prints its version and nothing else.</summary>
internal sealed class DrbdText(World world)
{
    public static bool IsNine(MachineTruth machine) => machine.DrbdVersion.StartsWith("9.", StringComparison.Ordinal);

    /// <summary>One DRBD resource as one side sees it, in the words of 8.4.</summary>
    private readonly record struct View(string Connection, string Role, string PeerRole, string Disk, string PeerDisk, long OutOfSync);

    private View See(PairTruth pair, ResourceSetTruth set, string machine)
    {
        var here = set.On(pair, machine);
        var there = set.On(pair, pair.Other(machine));
        var role = here.Role == ResourceRole.Promoted ? "Primary" : "Secondary";
        var oos = world.Drbd.OutOfSync(pair, set, machine);
        if (!set.Connected)
            return new(here.StandAlone ? "StandAlone" : "WFConnection", role, "Unknown", here.Disk.ToString(), "DUnknown", oos);
        var connection = set.SyncSource.Length == 0 ? "Connected" : set.SyncSource == machine ? "SyncSource" : "SyncTarget";
        return new(connection, role, there.Role == ResourceRole.Promoted ? "Primary" : "Secondary", here.Disk.ToString(), there.Disk.ToString(), oos);
    }

    private IEnumerable<(PairTruth Pair, ResourceSetTruth Set)> Up(MachineTruth machine)
    {
        if (world.Truth.PairOf(machine.Name) is not { } pair)
            yield break;
        foreach (var set in pair.Sets)
        {
            if (set.HasDrbd && set.On(pair, machine.Name).Up)
                yield return (pair, set);
        }
    }

    public string Proc(MachineTruth machine)
    {
        if (IsNine(machine))
            return $"version: {machine.DrbdVersion} (api:2/proto:110-121)\nGIT-hash: 0000000000000000000000000000000000000000 build by made@up, 2026-01-01 00:00:00\nTransports (api:18): tcp ({machine.DrbdVersion})\n";
        var text = new StringBuilder($"version: {machine.DrbdVersion} (api:1/proto:86-101)\nsrcversion: 059B1B470318F053F5077D5 \n");
        var minor = 0;
        foreach (var (pair, set) in Up(machine))
        {
            var v = See(pair, set, machine.Name);
            // Protocol letter only where there is a connection to have one.
            text.Append(CultureInfo.InvariantCulture,
                $" {minor++}: cs:{v.Connection} ro:{v.Role}/{v.PeerRole} ds:{v.Disk}/{v.PeerDisk} {(v.Connection == "StandAlone" ? ' ' : 'C')} r-----\n");
            text.Append(CultureInfo.InvariantCulture, $"    ns:0 nr:0 dw:0 dr:0 al:0 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:{v.OutOfSync}\n");
            if (set.SyncSource.Length == 0)
                continue;
            var share = 100.0 * (set.SyncTotalKiB - v.OutOfSync) / set.SyncTotalKiB;
            var arrow = Math.Clamp((int)(share / 5), 0, 20);
            text.Append(CultureInfo.InvariantCulture,
                $"\t[{new string('=', arrow)}>{new string('.', 20 - arrow)}] sync'ed: {share:0.0}% ({v.OutOfSync}/{set.SyncTotalKiB})K\n");
            text.Append(CultureInfo.InvariantCulture,
                $"\tfinish: {set.SyncEnd - world.Now:h\\:mm\\:ss} speed: {set.ResyncRate:N0} ({set.ResyncRate:N0}) K/sec\n");
        }
        return text.ToString();
    }

    /// <summary>What <c>drbdsetup status --json</c> of DRBD 9 says; only the members that drivers of any kind could need.</summary>
    public string Json(MachineTruth machine)
    {
        var resources = new List<string>();
        foreach (var (pair, set) in Up(machine))
        {
            var v = See(pair, set, machine.Name);
            var (connection, replication) = Words(set, v);
            var percent = 100.0 * (Timings.StoreKiB - v.OutOfSync) / Timings.StoreKiB;
            resources.Add(string.Create(
                CultureInfo.InvariantCulture,
                $$"""
                {
                  "name": "{{set.DrbdName}}", "node-id": 0, "role": "{{v.Role}}", "suspended": false, "write-ordering": "flush",
                  "devices": [ { "volume": 0, "minor": {{resources.Count}}, "disk-state": "{{v.Disk}}", "client": false, "quorum": true, "size": {{Timings.StoreKiB}} } ],
                  "connections": [
                    { "peer-node-id": 1, "name": "{{pair.Other(machine.Name)}}", "connection-state": "{{connection}}", "congested": false, "peer-role": "{{v.PeerRole}}",
                      "peer_devices": [
                        { "volume": 0, "replication-state": "{{replication}}", "peer-disk-state": "{{v.PeerDisk}}", "peer-client": false, "resync-suspended": "no",
                          "out-of-sync": {{v.OutOfSync}}, "percent-in-sync": {{percent:0.00}} } ] } ]
                }
                """));
        }
        return $"[\n{string.Join(",\n", resources)}\n]\n";
    }

    /// <summary>Connection and replication apart, as 9 and events2 have them.</summary>
    private static (string Connection, string Replication) Words(ResourceSetTruth set, View v) => (
        set.Connected ? "Connected" : v.Connection == "StandAlone" ? "StandAlone" : "Connecting",
        !set.Connected ? "Off" : set.SyncSource.Length == 0 ? "Established" : v.Connection);

    public string Events(MachineTruth machine)
    {
        var text = new StringBuilder();
        var minor = 0;
        foreach (var (pair, set) in Up(machine))
        {
            var v = See(pair, set, machine.Name);
            var (connection, replication) = Words(set, v);
            text.Append(CultureInfo.InvariantCulture, $"exists resource name:{set.DrbdName} role:{v.Role} suspended:no write-ordering:flush\n");
            if (connection != "StandAlone")
                text.Append(CultureInfo.InvariantCulture, $"exists connection name:{set.DrbdName} peer-node-id:0 conn-name:peer connection:{connection} role:{v.PeerRole} congested:no\n");
            text.Append(CultureInfo.InvariantCulture, $"exists device name:{set.DrbdName} volume:0 minor:{minor++} disk:{v.Disk} size:{Timings.StoreKiB} read:21 written:4 al-writes:1 bm-writes:0 upper-pending:0 lower-pending:0 al-suspended:no blocked:no\n");
            if (connection != "StandAlone")
                text.Append(CultureInfo.InvariantCulture, $"exists peer-device name:{set.DrbdName} peer-node-id:0 conn-name:peer volume:0 replication:{replication} peer-disk:{v.PeerDisk} resync-suspended:no received:0 sent:4 out-of-sync:{v.OutOfSync} pending:0 unacked:0\n");
        }
        return text.Append("exists -\n").ToString();
    }

    public (int Code, string Text) Status(MachineTruth machine)
    {
        var text = new StringBuilder();
        foreach (var (pair, set) in Up(machine))
        {
            var v = See(pair, set, machine.Name);
            text.Append(CultureInfo.InvariantCulture, $"{set.DrbdName} role:{v.Role}\n  disk:{v.Disk}\n");
            if (set.Connected)
                text.Append(CultureInfo.InvariantCulture, $"  peer role:{v.PeerRole}\n    replication:{(set.SyncSource.Length == 0 ? "Established" : v.Connection)} peer-disk:{v.PeerDisk}\n");
            else if (v.Connection != "StandAlone")
                text.Append("  peer connection:Connecting\n");
            text.Append('\n');
        }
        return text.Length > 0 ? (0, text.ToString()) : (10, "");
    }
}
