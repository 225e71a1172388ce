using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Tests.Knowledge;

/// <summary>
/// What was seen of a small cluster, to judge conditions on: at first all is well on it, and a test changes what it is about. No two names
/// of a machine are the same, and every machine has a role that says nothing, so that one taken for another shows.
/// </summary>
public sealed record Sight(ImmutableDictionary<Subject, Observation> Seen)
{
    public static readonly Moment Noon = new(TimeSpan.FromHours(12), new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    public static readonly ClusterInventory Cluster = new()
    {
        Cluster = "acd",
        Hosts =
        [
            new() { Name = "host1", Node = "pve1", Hypervisor = HypervisorKind.Proxmox }, new() { Name = "host2", Node = "pve2", Hypervisor = HypervisorKind.Proxmox },
            new() { Name = "host3", Node = "host3", Hypervisor = HypervisorKind.Person },
        ],
        Roles =
        [
            new() { Name = "any" },
            new()
            {
                Name = "balancer", Redundancy = Redundancy.Pacemaker, FloatingAddress = "10.0.0.30",
                Balancer = new() { WriterBackend = "mysql", Servers = ImmutableSortedDictionary<string, string>.Empty.Add("first", "db1").Add("second", "db2") },
            },
            new() { Name = "store", Redundancy = Redundancy.Pacemaker, Store = new("r0", Share: "//10.0.0.20/acd") },
            new()
            {
                Name = "master", Redundancy = Redundancy.Replicated,
                Database = new() { AllowedSessions = [new("monitor", "10.0.0.9", "looks only"), new("backup", "10.0.1.*", "reads only")] },
            },
            new() { Name = "report", Database = new() },
            new() { Name = "web", Services = ["wildfly", "listener"] },
            new() { Name = "telephony", Services = ["robot5"] },
        ],
        Machines =
        [
            Machine("store1", "host1", 11, "store"), Machine("store2", "host2", 12, "store"), Machine("lb1", "host1", 31, "balancer"), Machine("lb2", "host2", 32, "balancer"),
            Machine("db1", "host1", 41, "master"), Machine("db2", "host2", 42, "master"), Machine("report", "host2", 43, "report"),
            Machine("web1", "host1", 51, "web"), Machine("web2", "host2", 52, "web"), Machine("desk", "host3", 53, "web"),
            Machine("tel1", "host1", 61, "telephony") with { Platform = Platform.Windows },
        ],
        Services =
        [
            new() { Name = "wildfly", Title = "Wildfly", NeedsShare = true },
            new() { Name = "listener", Title = "Listener" },
            new() { Name = "robot5", Title = "8-Server", NeedsShare = true, Singleton = "AcdGroupDistribute", SingletonProbe = "acd-group-distribute status" },
        ],
        Monitoring = new() { Kind = MonitoringKind.Icinga2 },
    };

    public Baseline? AsFound { get; init; }

    public string Run { get; init; } = "run-1";

    public Moment Now { get; init; } = Noon;

    /// <summary>Store and address are on the first machines, the first database is the writer, web1 serves and web2 has been stopped.</summary>
    public static Sight Well { get; } = new(AllWell().Select(w => new Observation(w.Of, w.Facts, null, Noon, Noon)).ToImmutableDictionary(o => o.Subject));

    /// <summary>The same, with other facts of this kind.</summary>
    public Sight But<T>(string name, Func<T, T> change)
        where T : Facts
    {
        var was = Seen.Values.Single(o => o.Subject.Name == name && o.Facts is T && o.Subject.Kind != SubjectKind.JoinForecast);
        return With(was with { Facts = change((T)was.Facts!) });
    }

    public Sight With(Observation observation) => this with { Seen = Seen.SetItem(observation.Subject, observation) };

    public Sight With(SubjectKind kind, string name, Facts facts) => With(new(new(kind, name), facts, null, Noon, Noon));

    public Sight Without(Subject subject) => this with { Seen = Seen.Remove(subject) };

    public Sight Only(IEnumerable<Subject> subjects) => this with { Seen = Seen.RemoveRange(Seen.Keys.Except(subjects)) };

    /// <summary>Asked so long ago that nothing counts any more.</summary>
    public Sight Stale(Subject subject) => With(Seen[subject] with { AskedAt = Noon + TimeSpan.FromMinutes(-5), AnsweredAt = Noon + TimeSpan.FromMinutes(-5) });

    public Sight Unreadable(Subject subject, bool silent = false) => With(new(subject, null, StateFindings.RebootPending.On("unreadable"), Noon, Noon, silent));

    public Sight Found(Baseline picture) => this with { AsFound = picture };

    /// <summary>The picture as found is what is seen here.</summary>
    public Sight Found() => Found(Baseline.Take("m1", Noon.Utc, Snapshot.Of(Seen.Values)));

    public Judgement Of(Condition condition) => condition.Judge(new(Cluster, Snapshot.Of(Seen.Values), Now, Noon, AsFound, Run));

    /// <param name="saying">Code and subject of what is worth knowing, and where it matters its arguments.</param>
    public void Holds(Condition condition, params string[] saying) => Is(Verdict.Holds, condition, saying);

    /// <inheritdoc cref="Holds"/>
    public void Fails(Condition condition, params string[] why) => Is(Verdict.Fails, condition, why);

    /// <inheritdoc cref="Holds"/>
    public void IsUnknown(Condition condition, params string[] why) => Is(Verdict.Unknown, condition, why);

    private void Is(Verdict expected, Condition condition, string[] findings)
    {
        var judgement = Of(condition);
        var all = judgement.Findings.Select(Text).Order(StringComparer.Ordinal).ToArray();
        var story = $"{condition.GetType().Name}: {judgement.Verdict}\n{string.Join('\n', all)}";
        Assert.True(judgement.Verdict == expected, story);
        Assert.True(all.Length == findings.Length, story);
        foreach (var (seen, wanted) in all.Zip(findings.Order(StringComparer.Ordinal)))
            Assert.True(seen == wanted || seen.StartsWith($"{wanted}: ", StringComparison.Ordinal) || seen.StartsWith($"{wanted}, ", StringComparison.Ordinal), $"{story}\nexpected: {wanted}");
    }

    private static string Text(Finding f) => f.Arguments.IsEmpty ? $"{f.Code.Code} {f.Subject}" : $"{f.Code.Code} {f.Subject}: {string.Join(", ", f.Arguments.Select(a => $"{a.Key}={a.Value}"))}";

    private static IEnumerable<(Subject Of, Facts Facts)> AllWell() =>
        [.. Cluster.Machines.SelectMany(OfMachine), .. Stores(), .. Balancers(), .. Databases(), .. Others()];

    private static IEnumerable<(Subject, Facts)> OfMachine(Machine m)
    {
        ImmutableArray<string> addresses = m.Name == "lb1" ? [m.Address, "10.0.0.30"] : [m.Address];
        yield return (new(SubjectKind.Machine, m.Name), new MachineFacts(m.HostName, "b1", TimeSpan.FromDays(3), Noon.Utc, addresses, false) { Disks = [new("/", 50 << 20, 20 << 20)] });
        var run = m.Name == "web2" ? ServiceRun.Stopped : ServiceRun.Running;
        if (Cluster.ServicesOf(m).Any())
            yield return (new(SubjectKind.Services, m.Name), new ServiceFacts([.. Cluster.ServicesOf(m).Select(s => new ServiceState(s.Name, run, ServiceStart.Automatic, ""))]));
        if (Cluster.CarriesClaim(m))
            yield return (new(SubjectKind.Claim, m.Name), new ClaimFacts("run-1", "control1", 1));
    }

    private static IEnumerable<(Subject, Facts)> Stores()
    {
        foreach (var (at, other) in ((string, string)[])[("store1", "store2"), ("store2", "store1")])
        {
            yield return (new(SubjectKind.Pacemaker, at), Pacemaker(
                ["store1-node", "store2-node"],
                Resource("drbd", "ocf:linbit:drbd", "store1-node") with { Promotable = true, Role = ResourceRole.Promoted },
                Resource("drbd", "ocf:linbit:drbd", "store2-node") with { Promotable = true, Role = ResourceRole.Unpromoted },
                Resource("fs", "ocf:heartbeat:Filesystem", "store1-node"), Resource("share", "systemd:smbd", "store1-node")));
            var (role, peer) = at == "store1" ? (DrbdRole.Primary, DrbdRole.Secondary) : (DrbdRole.Secondary, DrbdRole.Primary);
            yield return (new(SubjectKind.Drbd, at), new DrbdFacts("9.2", true, [new("r0", role, peer, DrbdConnection.Connected, DrbdDisk.UpToDate, DrbdDisk.UpToDate, 0, null)]));
            yield return (new(SubjectKind.PacemakerSetup, at), Setup);
            yield return (new(SubjectKind.Forecast, at), Forecast(at, other));
            // The one that is asked stays, the other one joins.
            yield return (new(SubjectKind.JoinForecast, at), Forecast(other, at));
            yield return (new(SubjectKind.Boot, at), new BootFacts([], [new("6.1", true), new("6.2", true)]));
        }
    }

    private static IEnumerable<(Subject, Facts)> Balancers()
    {
        foreach (var at in (string[])["lb1", "lb2"])
        {
            yield return (new(SubjectKind.Pacemaker, at), Pacemaker(["lb1-node", "lb2-node"], Resource("ip", "ocf:heartbeat:IPaddr2", "lb1-node")));
            yield return (new(SubjectKind.PacemakerSetup, at), Setup);
            yield return (new(SubjectKind.Balancer, at), new BalancerFacts(
                "2.6", TimeSpan.FromDays(1), "sum", true,
                [Server("mysql", "first"), Server("mysql", "second") with { Backup = true }, Server("web", "web1"), Server("web", "web2")], MayChange: true, ConfigurationNewer: false));
            yield return (new(SubjectKind.Boot, at), new BootFacts([new("haproxy", ServiceStart.Automatic)], []));
        }
    }

    private static IEnumerable<(Subject, Facts)> Databases()
    {
        foreach (var (at, id, source) in ((string, long, string)[])[("db1", 1, "db2"), ("db2", 2, "db1"), ("report", 3, "db2")])
        {
            var channel = new ReplicationChannel(
                "", Cluster.Machine(source).Address, 3306, ReplicationThread.Running, true, "", 0, "", 0, "", "binlog.000012", 100, "binlog.000012", 100, "", true,
                TimeSpan.Zero, TimeSpan.Zero, source == "db1" ? 1 : 2);
            yield return (new(SubjectKind.Database, at), new DatabaseFacts(
                "mysql", "8.4", id, false, true, "binlog.000012", 100, "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-10", true, null, 4 << 20, [channel], [], [],
                LogsReplicated: true, OldestLog: "binlog.000010"));
            yield return (new(SubjectKind.Boot, at), new BootFacts([new("mariadb", ServiceStart.Automatic)], []));
        }
    }

    private static IEnumerable<(Subject, Facts)> Others()
    {
        foreach (var host in (string[])["host1", "host2"])
        {
            ImmutableArray<HostPart> parts = [new(HostPartKind.Storage, "disks"), new(HostPartKind.Network, "lan")];
            yield return (new(SubjectKind.Power, host), new PowerFacts([.. Cluster.MachinesOn(host).Select(m => new Guest("1", m.GuestName, PowerState.On, false, false, "") { StandsOn = parts })]) { Parts = parts });
        }
        yield return (new(SubjectKind.Client, "web1"), new ClientFacts(true, true, true, "tried"));
        yield return (new(SubjectKind.Singleton, "tel1"), new SingletonFacts("AcdGroupDistribute", ServiceRun.Running));
        yield return (new(SubjectKind.Backup, "db1"), new BackupFacts([new("b1", "b1.sql.gz", false, true, 1000, "")]));
        yield return (new(SubjectKind.Downtimes, "monitoring"), new DowntimeFacts([new("1", "vm-web1", Noon.Utc, Noon.Utc.AddHours(2), "changeover", "m1")]));
    }

    private static PacemakerSetupFacts Setup => new("digest", "0.11.5", 100, ImmutableSortedDictionary<string, int>.Empty, [], [], true, true);

    private static PacemakerFacts Pacemaker(ImmutableArray<string> nodes, params ImmutableArray<PacemakerResource> resources) => new(
        "2.1.5", nodes[0], true, true, false, false, false, "ignore", [.. nodes.Select(n => new PacemakerNode(n, true, false, false, false, false, false, 1))], resources, [], [],
        [.. resources.Where(r => r.Promotable).Select(r => new PromotionScore(r.Node, r.Id, 10000))]);

    private static PacemakerResource Resource(string id, string agent, string node) => new(id, agent, "", false, node, ResourceRole.Started, "", true, true, false, false, false, false);

    private static BalancerServer Server(string backend, string name) => new(backend, name, "10.0.0.1", ServerAdmin.Ready, true, "UP", 100, false, 0);

    /// <summary>Everything goes to the target and stays there.</summary>
    private static ForecastFacts Forecast(string comes, string target)
    {
        ImmutableArray<ForecastPlacement> there = [new("drbd", $"{target}-node", ResourceRole.Promoted), new("fs", $"{target}-node", ResourceRole.Started)];
        return new($"{comes}-node", [.. there, new("drbd", "", ResourceRole.Stopped)], [.. there, new("drbd", $"{comes}-node", ResourceRole.Unpromoted)]);
    }

    private static Machine Machine(string name, string host, int number, string role) => new()
    {
        Name = name,
        Host = host,
        Address = $"10.0.0.{number}",
        Roles = ["any", role],
        NodeName = $"{name}-node",
        HostName = $"{name}-host",
        GuestName = $"vm-{name}",
    };
}

internal static class Changes
{
    /// <summary>The same, those otherwise that are meant.</summary>
    public static ImmutableArray<T> Change<T>(this ImmutableArray<T> all, Func<T, bool> which, Func<T, T> change) => [.. all.Select(i => which(i) ? change(i) : i)];

    public static ImmutableArray<T> Change<T>(this ImmutableArray<T> all, Func<T, T> change) => all.Change(_ => true, change);
}
