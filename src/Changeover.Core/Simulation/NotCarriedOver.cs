using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>Something that was seen and that the simulated cluster has no model of.</summary>
/// <param name="What">Where it stands in the facts: <c>disks[/data].free</c>.</param>
/// <param name="Played">What the simulated cluster says in its place.</param>
public sealed record NotCarriedOver(Subject Subject, string What, string Seen, string Played)
{
    private static readonly ImmutableArray<string> Keys = ["backend", "name", "id", "resource", "object", "node", "sourceHost", "mount", "kind", "host"];

    /// <summary>
    /// Compares what was seen with what the same drivers see of the likeness. Where nothing was known nothing can be missing; what is
    /// left out of the comparison stands, with the reason, in <c>Still</c>.
    /// </summary>
    public static ImmutableArray<NotCarriedOver> Between(ClusterInventory inventory, Snapshot seen, Snapshot again)
    {
        var missing = ImmutableArray.CreateBuilder<NotCarriedOver>();
        foreach (var then in seen.All)
        {
            if (then.Facts is null)
                continue;
            if (again.Find(then.Subject) is not { Facts: not null } now)
            {
                missing.Add(new(then.Subject, "", "known", again.Find(then.Subject)?.Problem?.Code.Code ?? "not asked"));
                continue;
            }
            var (before, after) = (Entries(inventory, then), Entries(inventory, now));
            foreach (var what in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
            {
                var (was, isNow) = (before.GetValueOrDefault(what, "absent"), after.GetValueOrDefault(what, "absent"));
                if (was != isNow)
                    missing.Add(new(then.Subject, what, was, isNow));
            }
        }
        return missing.ToImmutable();
    }

    /// <summary>Facts without what moves by itself and without what is the simulated cluster's own.</summary>
    private static Facts Still(ClusterInventory inventory, Observation observation) => observation.Facts! switch
    {
        // A boot id is a number drawn anew; uptime and clock go on. A clock that is wrong is wrong by some seconds more or less.
        MachineFacts f => f with
        {
            BootId = "",
            Uptime = null,
            Clock = f.Clock is { } clock ? DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(10 * Math.Round((clock - observation.AskedAt.Utc) / TimeSpan.FromSeconds(10))) : null,
            Addresses = [.. f.Addresses.Order(StringComparer.Ordinal)],
        },
        // Versions decide what a tool prints, and the simulated tools print as theirs do. Who answers first is coordinator.
        PacemakerFacts f => f with
        {
            Version = "",
            LegacyForm = false,
            Nodes = [.. f.Nodes.OrderBy(n => n.Name, StringComparer.Ordinal)],
            Resources = [.. f.Resources.OrderBy(r => r.Id, StringComparer.Ordinal).ThenBy(r => r.Node, StringComparer.Ordinal)],
            PromotionScores = [.. f.PromotionScores.OrderBy(s => s.Node, StringComparer.Ordinal)],
        },
        // Constraints have names of their own, and so the configuration has another digest.
        PacemakerSetupFacts f => f with
        {
            Digest = "",
            Locations = [.. f.Locations.Select(l => l with { Id = "" }).OrderBy(l => l.Resource, StringComparer.Ordinal).ThenBy(l => l.Node, StringComparer.Ordinal).ThenBy(l => l.Score)],
        },
        // What is out of sync grows and shrinks by itself.
        DrbdFacts f => f with
        {
            Resources = [.. f.Resources.Select(r => r with { OutOfSyncKiB = r.OutOfSyncKiB is { } kib ? Math.Min(kib, 1) : null, SyncPercent = r.SyncPercent is null ? null : 0 })],
        },
        DatabaseFacts f => Still(f),
        // A process has an uptime and a checksum of its own; only sessions of the writer are simulated.
        BalancerFacts f => f with
        {
            Version = "",
            Uptime = TimeSpan.Zero,
            ConfigurationChecksum = "",
            Servers = [.. f.Servers.Select(s => s with { Sessions = Writers(inventory).Contains(s.Backend) ? s.Sessions : 0 })],
        },
        // Of its own words only whether it ended badly counts.
        ServiceFacts f => f with { Services = [.. f.Services.Select(s => s with { Detail = s.Detail.StartsWith("failed", StringComparison.Ordinal) ? "failed" : "" })] },
        // Guests of nobody's are not simulated.
        PowerFacts f => f with { Guests = [.. f.Guests.Where(g => inventory.Machines.Any(m => m.GuestName == g.Name))] },
        BootFacts f => f with { Kernels = [.. f.Kernels.Select((k, i) => k with { Version = i.ToString(CultureInfo.InvariantCulture) })] },
        var facts => facts,
    };

    /// <summary>Logs, positions and numbers are the simulated cluster's own; of sessions it counts how many come from where.</summary>
    private static DatabaseFacts Still(DatabaseFacts f) => f with
    {
        Version = "",
        ServerId = 0,
        LogFile = "",
        LogPosition = 0,
        LogBytes = 0,
        OldestLog = "",
        Gtid = "",
        GtidApplied = "",
        GtidLogged = "",
        LogRetention = null,
        Channels =
        [
            .. f.Channels.Select(c => c with
            {
                ReadFile = "", ReadPosition = 0, ExecFile = "", ExecPosition = 0, GtidIo = "", SourceServerId = 0, IoState = "", IoError = "", SqlError = "",
                Lag = c.Lag is { } lag ? lag > TimeSpan.FromSeconds(4) ? TimeSpan.FromSeconds(5) : TimeSpan.Zero : null,
            }),
        ],
        Sessions = [.. f.Sessions.GroupBy(s => s.Host).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new DatabaseSession(g.Count(), "", g.Key, "", "", 0))],
    };

    private static IEnumerable<string> Writers(ClusterInventory inventory) => inventory.Roles.Select(r => r.Balancer?.WriterBackend).OfType<string>();

    private static Dictionary<string, string> Entries(ClusterInventory inventory, Observation observation)
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        Flatten(JsonSerializer.SerializeToNode(Still(inventory, observation), CoreJson.Default.Facts), "", entries);
        return entries;
    }

    private static void Flatten(JsonNode? node, string path, Dictionary<string, string> entries)
    {
        switch (node)
        {
            case JsonObject o:
                foreach (var (name, value) in o)
                    Flatten(value, path.Length > 0 ? $"{path}.{name}" : name, entries);
                break;
            case JsonArray { Count: > 0 } list when list[0] is JsonObject:
                foreach (var item in list.OfType<JsonObject>())
                {
                    // One that is there twice is another one.
                    var place = $"{path}[{string.Join(' ', Keys.Where(k => item[k] is JsonValue).Select(k => item[k]))}]";
                    var once = place;
                    for (var n = 2; entries.Keys.Any(k => k.StartsWith(once + ".", StringComparison.Ordinal)); n++)
                        once = $"{place}#{n}";
                    Flatten(item, once, entries);
                }
                break;
            case JsonArray list:
                if (list.Count > 0)
                    entries[path] = string.Join(", ", list.Select(i => i?.ToString()).Order(StringComparer.Ordinal));
                break;
            default:
                entries[path] = node?.ToString() ?? "absent";
                break;
        }
    }
}
