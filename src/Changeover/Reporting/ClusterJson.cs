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

    /// <summary>
    /// Everything that is known of one machine, raw, and with which words it is asked: what the machine says itself, and what its host, the balancers
    /// and the monitoring say of it.
    /// </summary>
    public static JsonObject Machine(ClusterInventory inventory, Snapshot snapshot, Moment now, string machine, Language language = Language.English) => new()
    {
        ["schemaVersion"] = StatusJson.SchemaVersion,
        ["machine"] = machine,
        ["host"] = inventory.Machine(machine).Host,
        ["observations"] = new JsonArray([.. About(inventory, snapshot, inventory.Machine(machine)).Select(about => (JsonNode)new JsonObject
        {
            ["subject"] = about.Seen.Subject.ToString(),
            ["from"] = about.Seen.Subject.Target,
            ["onlyThisMachine"] = about.OnlyThisMachine,
            ["ageSeconds"] = Age(about.Seen, now),
            ["fresh"] = now <= View.FreshUntil(about.Seen),
            ["freshForSeconds"] = FreshFor(about.Seen, now),
            ["answeredAfterSeconds"] = (about.Seen.AnsweredAt - about.Seen.AskedAt).TotalSeconds,
            ["asked"] = new JsonArray([.. RequestText.Lines(AllDrivers.Set.Ask([about.Seen.Subject], new(inventory, snapshot))).Select(l => (JsonNode)language.Say(l))]),
            ["problem"] = about.Seen.Problem is { } problem ? StatusJson.FindingJson(problem, language) : null,
            ["facts"] = about.Facts is { } facts ? JsonSerializer.SerializeToNode(facts, CoreJson.Default.Facts) : null,
        })]),
    };

    /// <summary>What others say is cut to what is said of this machine; where that is nothing, the empty list says so.</summary>
    private static IEnumerable<(Observation Seen, Facts? Facts, bool OnlyThisMachine)> About(ClusterInventory inventory, Snapshot snapshot, Machine machine)
    {
        foreach (var o in snapshot.All)
        {
            if (o.Subject.Target == machine.Name)
                yield return (o, o.Facts, false);
            else if (o.Subject == new Subject(SubjectKind.Power, machine.Host))
                yield return (o, o.Facts is PowerFacts power ? new PowerFacts([.. power.Guests.Where(g => g.Name == machine.GuestName)]) : null, true);
            else if (o.Subject.Kind == SubjectKind.Balancer && o.Facts is null)
                yield return (o, null, true);
            else if (o.Facts is BalancerFacts balancer && Servers(balancer, o.Subject.Name) is { IsEmpty: false } servers)
                yield return (o, balancer with { Servers = servers }, true);
            else if (o.Subject.Kind == SubjectKind.Downtimes)
                yield return (o, o.Facts is DowntimeFacts downtimes ? new DowntimeFacts([.. downtimes.Downtimes.Where(d => d.Object == machine.GuestName)]) : null, true);
        }

        ImmutableArray<BalancerServer> Servers(BalancerFacts facts, string balancer) =>
            [.. facts.Servers.Where(s => BalancerJudge.Settings(inventory, balancer)?.MachineOf(s.Name, inventory) == machine.Name)];
    }

    private static double Age(Observation o, Moment now) => Math.Max(0, Math.Round((now - o.AskedAt).TotalSeconds, 1));

    /// <returns>Seconds until it is too old to count; 0: it is.</returns>
    private static double FreshFor(Observation o, Moment now) => Math.Max(0, Math.Round((View.FreshUntil(o) - now).TotalSeconds, 1));

    private sealed class Picture(ClusterInventory inventory, Snapshot snapshot, Moment now, Language language)
    {
        public JsonObject Json(string run) => new()
        {
            ["schemaVersion"] = StatusJson.SchemaVersion,
            ["cluster"] = inventory.Cluster,
            ["at"] = StatusJson.Time(now.Utc),
            ["run"] = run.Length > 0 ? run : null,
            ["writer"] = Writer.Length > 0 ? Writer : null,
            ["writerSeen"] = Seen(Choosing),
            ["hosts"] = Array(inventory.Hosts, h => new() { ["name"] = h.Name, ["seen"] = Seen(SubjectKind.Power, h.Name) }),
            ["machines"] = Array(inventory.Machines, Machine),
            ["pairs"] = Array(inventory.Pairs, Pair),
            ["databases"] = Array(inventory.Databases, Database),
            ["balancers"] = Array(inventory.Balancers, Balancer),
            ["downtimes"] = snapshot.Facts<DowntimeFacts>(SubjectKind.Downtimes, "monitoring") is { } facts
                ? Array(
                    facts.Downtimes,
                    d => new() { ["object"] = d.Object, ["start"] = StatusJson.Time(d.Start), ["end"] = StatusJson.Time(d.End), ["author"] = d.Author, ["own"] = d.Key.Length > 0 })
                : null,
            ["downtimesSeen"] = Seen(SubjectKind.Downtimes, "monitoring"),
        };

        /// <summary>The newest answer of a balancer: what it chooses is the writer.</summary>
        private Observation? Choosing => Newest(SubjectKind.Balancer, inventory.Balancers.Select(b => b.Name));

        private string Writer => Choosing is { Facts: BalancerFacts facts } o
            ? BalancerJudge.Writer(facts, inventory, o.Subject.Name) ?? ""
            : "";

        private static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonObject> json) => new([.. items.Select(i => (JsonNode)json(i))]);

        /// <summary>Null: it was never asked.</summary>
        private JsonObject? Seen(SubjectKind kind, string name) => Seen(snapshot.Find(kind, name));

        private JsonObject? Seen(Observation? o) => o is null
            ? null
            : new() { ["ageSeconds"] = Age(o, now), ["fresh"] = now <= View.FreshUntil(o), ["freshForSeconds"] = FreshFor(o, now), ["problem"] = o.Problem?.In(language) };

        private JsonObject Machine(Machine machine)
        {
            var services = snapshot.Facts<ServiceFacts>(SubjectKind.Services, machine.Name);
            var standsOn = StandsOn(machine).Select(snapshot.Find).ToArray();
            return new()
            {
                ["name"] = machine.Name,
                ["host"] = machine.Host,
                ["roles"] = new JsonArray([.. machine.Roles.Select(r => (JsonNode)r)]),
                ["pair"] = inventory.Pairs.FirstOrDefault(p => p.Members.Contains(machine.Name))?.Name,
                ["partner"] = Partner(machine),
                ["power"] = Word(snapshot.Facts<PowerFacts>(SubjectKind.Power, machine.Host)?.Find(machine.GuestName)?.Power ?? PowerState.Unknown),
                ["answers"] = snapshot.Find(SubjectKind.Machine, machine.Name) is { } o ? o.Facts is not null : null,
                ["part"] = Part(machine),
                ["partFresh"] = standsOn.Length > 0 && standsOn.All(o => o is not null && now <= View.FreshUntil(o)),
                // As old as the oldest of them.
                ["partSeen"] = standsOn.Length == 0 || standsOn.Contains(null) ? null : Seen(standsOn.MinBy(o => View.FreshUntil(o!))),
                ["services"] = services is not null
                    ? Array(services.Services.Where(s => s.Run != ServiceRun.NotInstalled), s => new() { ["name"] = s.Name, ["run"] = Word(s.Run), ["detail"] = s.Detail })
                    : inventory.ServicesOf(machine).Any() ? null : new JsonArray(),
                ["servicesSeen"] = Seen(SubjectKind.Services, machine.Name),
                ["seen"] = Seen(SubjectKind.Machine, machine.Name),
            };
        }

        /// <summary>The machine that takes over from it, and the other way round; null: there is none, or more than one could.</summary>
        private string? Partner(Machine machine)
        {
            string[] others = inventory.Pairs.FirstOrDefault(p => p.Members.Contains(machine.Name)) is { } pair ? [.. pair.Members.Where(m => m != machine.Name)]
                : inventory.Masters.Contains(machine) ? [.. inventory.Masters.Where(m => m != machine && m.Pair == machine.Pair).Select(m => m.Name)]
                : [];
            return others.Length == 1 ? others[0] : null;
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
                return Asked(pair) is { } o ? [o.Subject] : [];
            if (inventory.Masters.Contains(machine))
                return [new(SubjectKind.Database, machine.Name), .. Choosing is { } b ? [b.Subject] : System.Array.Empty<Subject>()];
            return [new(SubjectKind.Machine, machine.Name)];
        }

        private PacemakerFacts? Cluster(Pair pair) => Asked(pair)?.Facts as PacemakerFacts;

        /// <summary>The newest answer of a member: its word on the whole pair counts here.</summary>
        private Observation? Asked(Pair pair) => Newest(SubjectKind.Pacemaker, pair.Members);

        /// <summary>The newest answer that could be read; null: none could.</summary>
        private Observation? Newest(SubjectKind kind, IEnumerable<string> names) =>
            names.Select(n => snapshot.Find(kind, n)).Where(o => o?.Facts is not null).MaxBy(o => o!.AskedAt);

        private string Holder(Pair pair) =>
            Cluster(pair) is { } facts && PairJudge.HolderNode(facts) is { } node ? pair.Members.FirstOrDefault(m => inventory.Machine(m).NodeName == node) ?? "" : "";

        private JsonObject Pair(Pair pair) => new()
        {
            ["name"] = pair.Name,
            ["holder"] = Holder(pair) is { Length: > 0 } holder ? holder : null,
            ["holderSeen"] = Seen(Asked(pair)),
            ["store"] = pair.HasStore,
            ["addresses"] = new JsonArray([.. pair.FloatingAddresses.Select(a => (JsonNode)a)]),
            ["members"] = Array(pair.Members, m => new()
            {
                ["machine"] = m,
                ["node"] = Cluster(pair) is { } facts ? language.Word(PairJudge.Text(facts.Node(inventory.Machine(m).NodeName))) : null,
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
