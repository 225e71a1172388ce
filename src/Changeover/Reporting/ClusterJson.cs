using System.Text.Json;
using System.Text.Json.Nodes;
using Changeover.Drivers;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Reporting;

/// <summary>The <c>cluster</c> contract of docs/json.md: the picture as it was seen, with the age of everything in it.</summary>
public static class ClusterJson
{
    /// <param name="run">The run that looks; empty: none does.</param>
    public static JsonObject Of(ClusterInventory inventory, Snapshot snapshot, Moment now, string run, Language language = Language.English) =>
        new Picture(inventory, snapshot, now, language).Json(run);

    /// <summary>Everything that was asked about one machine, raw, and with which words.</summary>
    public static JsonObject Machine(ClusterInventory inventory, Snapshot snapshot, Moment now, string machine, Language language = Language.English) => new()
    {
        ["schemaVersion"] = StatusJson.SchemaVersion,
        ["machine"] = machine,
        ["host"] = inventory.Machine(machine).Host,
        ["observations"] = new JsonArray(
        [
            .. snapshot.All.Where(o => o.Subject.Target == machine).Select(o => (JsonNode)new JsonObject
            {
                ["subject"] = o.Subject.ToString(),
                ["ageSeconds"] = Age(o, now),
                ["answeredAfterSeconds"] = (o.AnsweredAt - o.AskedAt).TotalSeconds,
                ["asked"] = new JsonArray([.. RequestText.Lines(AllDrivers.Set.Ask([o.Subject], new(inventory, snapshot))).Select(l => (JsonNode)l)]),
                ["problem"] = o.Problem is { } problem ? StatusJson.FindingJson(problem, language) : null,
                ["facts"] = o.Facts is { } facts ? JsonSerializer.SerializeToNode(facts, CoreJson.Default.Facts) : null,
            }),
        ]),
    };

    private static double Age(Observation o, Moment now) => Math.Max(0, Math.Round((now - o.AskedAt).TotalSeconds, 1));

    private sealed class Picture(ClusterInventory inventory, Snapshot snapshot, Moment now, Language language)
    {
        public JsonObject Json(string run) => new()
        {
            ["schemaVersion"] = StatusJson.SchemaVersion,
            ["cluster"] = inventory.Cluster,
            ["at"] = StatusJson.Time(now.Utc),
            ["run"] = run.Length > 0 ? run : null,
            ["writer"] = Writer.Length > 0 ? Writer : null,
            ["hosts"] = Array(inventory.Hosts, h => new() { ["name"] = h.Name, ["seen"] = Seen(SubjectKind.Power, h.Name) }),
            ["machines"] = Array(inventory.Machines, Machine),
            ["pairs"] = Array(inventory.Pairs, Pair),
            ["databases"] = Array(inventory.Databases, Database),
            ["balancers"] = Array(inventory.Balancers, Balancer),
            ["downtimes"] = Array(
                snapshot.Facts<DowntimeFacts>(SubjectKind.Downtimes, "monitoring")?.Downtimes ?? [],
                d => new() { ["object"] = d.Object, ["start"] = StatusJson.Time(d.Start), ["end"] = StatusJson.Time(d.End), ["author"] = d.Author, ["own"] = d.Key.Length > 0 }),
        };

        private string Writer => Newest(SubjectKind.Balancer, inventory.Balancers.Select(b => b.Name)) is { Facts: BalancerFacts facts } o
            ? BalancerJudge.Writer(facts, inventory, o.Subject.Name) ?? ""
            : "";

        private static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonObject> json) => new([.. items.Select(i => (JsonNode)json(i))]);

        /// <summary>Null: it was never asked.</summary>
        private JsonObject? Seen(SubjectKind kind, string name) => snapshot.Find(kind, name) is { } o
            ? new() { ["ageSeconds"] = Age(o, now), ["fresh"] = now <= View.FreshUntil(o), ["problem"] = o.Problem?.In(language) }
            : null;

        private JsonObject Machine(Machine machine)
        {
            var services = snapshot.Facts<ServiceFacts>(SubjectKind.Services, machine.Name);
            return new()
            {
                ["name"] = machine.Name,
                ["host"] = machine.Host,
                ["roles"] = new JsonArray([.. machine.Roles.Select(r => (JsonNode)r)]),
                ["pair"] = inventory.Pairs.FirstOrDefault(p => p.Members.Contains(machine.Name))?.Name,
                ["power"] = Word(snapshot.Facts<PowerFacts>(SubjectKind.Power, machine.Host)?.Find(machine.GuestName)?.Power ?? PowerState.Unknown),
                ["answers"] = snapshot.Find(SubjectKind.Machine, machine.Name) is { } o ? o.Facts is not null : null,
                ["part"] = Part(machine),
                ["partFresh"] = StandsOn(machine).All(s => snapshot.Find(s) is { } o && now <= View.FreshUntil(o)),
                ["services"] = services is null
                    ? null
                    : Array(services.Services.Where(s => s.Run != ServiceRun.NotInstalled), s => new() { ["name"] = s.Name, ["run"] = Word(s.Run), ["detail"] = s.Detail }),
                ["seen"] = Seen(SubjectKind.Machine, machine.Name),
            };
        }

        /// <summary>primary, standby, in-standby, writer, active, off, unknown: what it is to its peers now.</summary>
        private string Part(Machine machine)
        {
            if (snapshot.Facts<PowerFacts>(SubjectKind.Power, machine.Host)?.Find(machine.GuestName)?.Power == PowerState.Off)
                return "off";
            if (inventory.Pairs.FirstOrDefault(p => p.Members.Contains(machine.Name)) is { } pair)
            {
                var node = Cluster(pair)?.Node(machine.NodeName);
                return Holder(pair) == machine.Name ? "primary"
                    : node is { Standby: true } ? "in-standby"
                    : node is { Online: true, Unclean: false, Pending: false } && Holder(pair).Length > 0 ? "standby"
                    : "unknown";
            }
            if (inventory.Masters.Contains(machine))
            {
                return Writer == machine.Name ? "writer"
                    : Writer.Length > 0 && snapshot.Facts<DatabaseFacts>(SubjectKind.Database, machine.Name) is not null ? "standby"
                    : "unknown";
            }
            return snapshot.Find(SubjectKind.Machine, machine.Name) is { Facts: not null } ? "active" : "unknown";
        }

        /// <summary>What <see cref="Part"/> was read from: an old answer says what it was, not what it is.</summary>
        private IEnumerable<Subject> StandsOn(Machine machine)
        {
            if (Part(machine) == "off")
                return [new(SubjectKind.Power, machine.Host)];
            if (inventory.Pairs.FirstOrDefault(p => p.Members.Contains(machine.Name)) is { } pair)
                return Newest(SubjectKind.Pacemaker, pair.Members) is { } o ? [o.Subject] : [];
            if (inventory.Masters.Contains(machine))
                return [new(SubjectKind.Database, machine.Name), .. Newest(SubjectKind.Balancer, inventory.Balancers.Select(b => b.Name)) is { } b ? [b.Subject] : System.Array.Empty<Subject>()];
            return [new(SubjectKind.Machine, machine.Name)];
        }

        private PacemakerFacts? Cluster(Pair pair) => Newest(SubjectKind.Pacemaker, pair.Members)?.Facts as PacemakerFacts;

        /// <summary>The newest answer that could be read; null: none could.</summary>
        private Observation? Newest(SubjectKind kind, IEnumerable<string> names) =>
            names.Select(n => snapshot.Find(kind, n)).Where(o => o?.Facts is not null).MaxBy(o => o!.AskedAt);

        private string Holder(Pair pair) =>
            Cluster(pair) is { } facts && PairJudge.HolderNode(facts) is { } node ? pair.Members.FirstOrDefault(m => inventory.Machine(m).NodeName == node) ?? "" : "";

        private JsonObject Pair(Pair pair) => new()
        {
            ["name"] = pair.Name,
            ["holder"] = Holder(pair) is { Length: > 0 } holder ? holder : null,
            ["addresses"] = new JsonArray([.. pair.FloatingAddresses.Select(a => (JsonNode)a)]),
            ["members"] = Array(pair.Members, m => new()
            {
                ["machine"] = m,
                ["node"] = Cluster(pair) is { } facts ? PairJudge.Text(facts.Node(inventory.Machine(m).NodeName)) : null,
                ["seen"] = Seen(SubjectKind.Pacemaker, m),
                ["drbd"] = pair.HasStore ? Drbd(m) : null,
                ["drbdSeen"] = pair.HasStore ? Seen(SubjectKind.Drbd, m) : null,
            }),
        };

        private JsonArray? Drbd(string machine) => snapshot.Facts<DrbdFacts>(SubjectKind.Drbd, machine) is { } facts
            ? Array(facts.Resources, r => new()
            {
                ["resource"] = r.Name,
                ["role"] = Word(r.Role),
                ["connection"] = Word(r.Connection),
                ["disk"] = Word(r.Disk),
                ["peerDisk"] = Word(r.PeerDisk),
                ["outOfSyncKiB"] = r.OutOfSyncKiB,
                ["syncPercent"] = r.SyncPercent,
            })
            : null;

        private JsonObject Database(Machine machine)
        {
            var facts = snapshot.Facts<DatabaseFacts>(SubjectKind.Database, machine.Name);
            return new()
            {
                ["machine"] = machine.Name,
                ["readOnly"] = facts?.ReadOnly,
                ["sessions"] = facts is { SeesAllSessions: true } ? facts.Sessions.Length : null,
                ["channels"] = facts is null
                    ? null
                    : Array(facts.Channels, c => new()
                    {
                        ["source"] = c.SourceHost,
                        ["receiving"] = Word(c.Io),
                        ["applying"] = c.SqlRunning,
                        ["lagSeconds"] = c.Lag?.TotalSeconds,
                        ["error"] = (c.IoError + c.SqlError) is { Length: > 0 } error ? error : null,
                    }),
                ["seen"] = Seen(SubjectKind.Database, machine.Name),
            };
        }

        private JsonObject Balancer(Machine machine)
        {
            var facts = snapshot.Facts<BalancerFacts>(SubjectKind.Balancer, machine.Name);
            return new()
            {
                ["machine"] = machine.Name,
                ["servers"] = facts is null
                    ? null
                    : Array(facts.Servers, s => new()
                    {
                        ["backend"] = s.Backend,
                        ["name"] = s.Name,
                        ["machine"] = BalancerJudge.Settings(inventory, machine.Name)?.MachineOf(s.Name, inventory),
                        ["admin"] = Word(s.Admin),
                        ["up"] = s.Up,
                        ["status"] = s.Status,
                        ["backup"] = s.Backup,
                        ["sessions"] = s.Sessions,
                    }),
                ["seen"] = Seen(SubjectKind.Balancer, machine.Name),
            };
        }

        private static string Word<T>(T value)
            where T : struct, Enum => value.ToString().ToLowerInvariant();
    }
}
