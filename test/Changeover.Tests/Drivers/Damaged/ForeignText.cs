using Changeover.Drivers;
using Changeover.Drivers.Backup;
using Changeover.Drivers.Database;
using Changeover.Drivers.Downtimes;
using Changeover.Drivers.Drbd;
using Changeover.Drivers.HaProxy;
using Changeover.Drivers.Machines;
using Changeover.Drivers.Pacemaker;
using Changeover.Drivers.Power;
using Changeover.Drivers.Services;
using Changeover.Drivers.Singleton;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using Changeover.Tests.Inventory;
using Changeover.Tests.Simulation;

namespace Changeover.Tests.Drivers.Damaged;

/// <summary>One answer to one question, what else is known with it, and everything that could be judged on it.</summary>
/// <param name="Claims">Both ways: the holder and the other, running and stopped. What damage may not make true.</param>
internal sealed record ForeignText(
    string Name, Subject Subject, DriverContext Context, Reply.Answered Reply, Snapshot Others, Baseline? Baseline, ImmutableArray<Condition> Claims)
{
    private static readonly Moment At = new(TimeSpan.FromHours(1), SimulatedRun.Start);

    public Reading Read(Reply.Answered reply) => DriverOf(Subject.Kind).Read(Subject, reply, Context);

    public Reply.Answered Damaged(Damage damage) => damage.Of(Reply);

    /// <summary>What holds of the whole text.</summary>
    public ImmutableArray<Condition> HeldWhole => heldWhole.IsDefault ? heldWhole = Held(Read(Reply)) : heldWhole;

    private ImmutableArray<Condition> heldWhole;

    public override string ToString() => Name;

    /// <summary>Which of the claims hold when this is what was read.</summary>
    public ImmutableArray<Condition> Held(Reading reading)
    {
        var seen = Others.With([Observed(Subject, reading)]);
        var view = new View(Context.Inventory, seen, At, new(TimeSpan.MinValue, default), Baseline, Context.Run?.Id ?? "", AnyAge: true);
        return [.. Claims.Where(c => c.Judge(view).Verdict == Verdict.Holds)];
    }

    public static IDriver DriverOf(SubjectKind kind) => Drivers[kind];

    private static readonly ImmutableDictionary<SubjectKind, IDriver> Drivers =
        AllDrivers.Each.SelectMany(d => d.Subjects.Select(k => KeyValuePair.Create(k, d))).ToImmutableDictionary();

    public static Observation Observed(Subject subject, Reading reading) => new(subject, reading.Facts, reading.Problem, At, At);

    /// <summary>Everything real that was captured, and what the simulated cluster prints in many states.</summary>
    public static readonly Lazy<ImmutableArray<ForeignText>> All = new(() => [.. Captures(), .. SimulatedStates.All()]);

    // ---- captures --------------------------------------------------------------------------------------------------------

    /// <summary>The example, with the names and ports of the servers that were captured.</summary>
    private static readonly ClusterInventory Cluster = SimulatedRun.Example with
    {
        Machines = [.. SimulatedRun.Example.Machines.Select(m => m.Roles.Contains("dbm") ? m with { HostName = "vm" } : m)],
        Roles =
        [
            .. SimulatedRun.Example.Roles.Select(r => r.Name switch
            {
                "dbm" => r with { Database = r.Database! with { Port = 33061 } },
                "lb" => r with { Balancer = r.Balancer! with { WriterBackend = "acd-dbm" } },
                _ => r,
            }),
        ],
    };

    private static readonly DriverContext Looking = new(Cluster, Snapshot.Empty, SmallCluster.Run);

    private static IEnumerable<(string Name, string Text)> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(RepositoryFile.Path("test", "Changeover.Tests", "Fixtures", folder), pattern).Order(StringComparer.Ordinal)
            .Select(f => (Path.GetFileName(f), File.ReadAllText(f)));

    private static string FileText(string folder, string name) => Files(folder, name).Single().Text;

    private static IEnumerable<ForeignText> Captures() =>
        PacemakerStates().Concat(Setups()).Concat(Forecasts()).Concat(DrbdStates()).Concat(Databases()).Concat(Balancers()).Concat(Rest());

    private static ForeignText Captured(
        string name, Subject subject, Reply.Answered reply, DriverContext? context = null, Snapshot? others = null, Baseline? baseline = null, Facts? typical = null)
    {
        var with = context ?? Looking;
        var text = new ForeignText(name, subject, with, reply, others ?? Snapshot.Empty, baseline, []);
        var facts = typical ?? text.Read(reply).Facts;
        return text with { Claims = facts is null ? [] : Everything.AboutOne(subject, facts, with.Inventory) };
    }

    private static IEnumerable<ForeignText> PacemakerStates()
    {
        var normal = FileText("pacemaker", "crm_mon-2.1.5-store1-normal.xml");
        var typical = DriverOf(SubjectKind.Pacemaker).Read(new(SubjectKind.Pacemaker, "acd-store1"), new([new(PacemakerCommands.CrmMonKey, 0, normal)]), Looking).Facts;
        return Files("pacemaker", "*crm_mon-*.xml").Select(f => Captured(
            f.Name,
            new(SubjectKind.Pacemaker, f.Name.Contains("lb1", StringComparison.Ordinal) ? "acd-lb1" : "acd-store1"),
            new(
            [
                new(f.Text.Contains("<crm_mon", StringComparison.Ordinal) ? PacemakerCommands.CrmMonLegacyKey : PacemakerCommands.CrmMonKey, 0, f.Text),
                new(PacemakerCommands.CrmNodeKey, 0, "acd-store1\n"),
            ]),
            typical: f.Name.Contains("lb1", StringComparison.Ordinal) ? null : typical));
    }

    private static Reply.Answered Setup(string cib) => new(
    [
        new(PacemakerCommands.CibKey, 0, cib), new(PacemakerCommands.PcsVersionKey, 0, "0.11.5\n"),
        new(PacemakerCommands.DaemonsEnabledKey, 0, "enabled\nenabled\n"), new(PacemakerCommands.CanForecastKey, 0, ""),
    ]);

    private static Snapshot Known(SubjectKind kind, Reply.Answered reply) =>
        new Subject(kind, "acd-store1") is var subject ? Snapshot.Of([Observed(subject, DriverOf(kind).Read(subject, reply, Looking))]) : Snapshot.Empty;

    private static Reply.Answered Predicted(string text) => new([new(PacemakerCommands.ForecastKey, 0, text)]);

    private static IEnumerable<ForeignText> Setups() => Files("pacemaker", "*cib-*.xml").Select(f => Captured(
        f.Name, new(SubjectKind.PacemakerSetup, "acd-store1"), Setup(f.Text),
        others: Known(SubjectKind.Forecast, Predicted(FileText("pacemaker", "forecast-2.1.5-store1-normal.txt")))));

    private static IEnumerable<ForeignText> Forecasts()
    {
        var setup = Known(SubjectKind.PacemakerSetup, Setup(FileText("pacemaker", "cib-2.1.5-store1-normal.xml")));
        return Files("pacemaker", "*forecast-*.txt").Select(f => Captured(
            f.Name,
            // What becomes of the second store's node is said by the first.
            new(f.Name.Contains("store2", StringComparison.Ordinal) ? SubjectKind.JoinForecast : SubjectKind.Forecast, f.Name.Contains("lb1", StringComparison.Ordinal) ? "acd-lb1" : "acd-store1"),
            Predicted(f.Text),
            others: setup));
    }

    private static IEnumerable<ForeignText> DrbdStates()
    {
        var subject = new Subject(SubjectKind.Drbd, "acd-store1");
        var typical = new DrbdFacts("", false, []);
        foreach (var (name, text) in Files("drbd", "*proc*"))
        {
            var events = Files("drbd", name.Replace(".proc.", ".events2.", StringComparison.Ordinal)).Select(f => f.Text).Where(t => t != text).FirstOrDefault("");
            yield return Captured(name, subject, new([new(DrbdCommands.ProcKey, 0, text), new(DrbdCommands.EventsKey, 0, events)]), typical: typical);
        }
        var nine = new Result(DrbdCommands.ProcKey, 0, FileText("drbd", "made-proc-drbd-9.1.13.txt"));
        foreach (var (name, text) in Files("drbd", "*drbdsetup*.json"))
            yield return Captured(name, subject, new([nine, new(DrbdCommands.JsonKey, 0, text)]), typical: typical);
        foreach (var (name, text) in Files("drbd", "*drbdadm-status*"))
            yield return Captured(name, subject, new([nine, new(DrbdCommands.JsonKey, 20, "", "unknown option"), new(DrbdCommands.StatusKey, 0, text)]), typical: typical);
    }

    private static IEnumerable<ForeignText> Databases()
    {
        static Reply.Answered Look(string text) => new([new(DatabaseDriver.Look, 0, text)]);
        static string Here(string text) => text.Replace("hostname\tacd-dbm2", "hostname\tvm", StringComparison.Ordinal)
            .Replace("port\t33062\n", "port\t33061\n", StringComparison.Ordinal).Replace("port\t33063\n", "port\t33061\n", StringComparison.Ordinal)
            .Replace("port\t3306\n", "port\t33061\n", StringComparison.Ordinal);
        Observation Seen(string machine, string file) => new Subject(SubjectKind.Database, machine) is var s
            ? Observed(s, DriverOf(s.Kind).Read(s, Look(Here(FileText("mariadb", file))), Looking)) : null!;
        var both = Snapshot.Of([Seen("acd-dbm1", "look-10.11-dbm1-normal.txt"), Seen("acd-dbm2", "look-10.11-dbm2-normal.txt")]);
        return Files("mariadb", "look-*").Concat(Files("mysql", "*look-*")).Select(f => Captured(
            f.Name, new(SubjectKind.Database, f.Name.Contains("dbm1", StringComparison.Ordinal) ? "acd-dbm1" : "acd-dbm2"), Look(Here(f.Text)),
            others: both, baseline: Baseline.Take("m", SimulatedRun.Start, both)));
    }

    private static IEnumerable<ForeignText> Balancers()
    {
        static ForeignText Of(string name, string info, string stat, string state) => Captured(name, new(SubjectKind.Balancer, "acd-lb1"), new(
        [
            new(HaProxyDriver.Info, 0, info), new(HaProxyDriver.Stat, 0, stat), new(HaProxyDriver.State, 0, state), new(HaProxyDriver.Level, 0, "admin\n\n"),
            new(HaProxyDriver.Checksum, 0, $"{new string('a', 64)}  /etc/haproxy/haproxy.cfg\n"), new(HaProxyDriver.Check, 0, ""), new(HaProxyDriver.Age, 0, "900\n"),
        ]));
        var info = FileText("haproxy", "haproxy-2.6-show-info.txt");
        yield return Of("haproxy-2.6-show-stat", info, FileText("haproxy", "haproxy-2.6-show-stat.csv"), FileText("haproxy", "haproxy-2.6-show-servers-state.txt"));
        yield return Of("haproxy-2.6-after-maint", info, FileText("haproxy", "haproxy-2.6-show-stat-after-maint-session-still-open.csv"), FileText("haproxy", "haproxy-2.6-show-servers-state-after-maint.txt"));
        foreach (var state in (string[])["drained-tracked-disabled", "just-set-ready"])
            yield return Of($"haproxy-2.6-{state}", info, FileText("haproxy", $"haproxy-2.6-{state}.stat.csv"), FileText("haproxy", $"haproxy-2.6-{state}.state.txt"));
    }

    private static IEnumerable<ForeignText> Rest()
    {
        var small = SmallCluster.Context;
        string[] units = ["trial-run", "trial-java", "trial-slow", "trial-pid", "trial-sysv", "no-such"];
        yield return Captured("systemd-252-six-units", new(SubjectKind.Services, "acd-jb1"), SmallCluster.Answer(ServicesDriver.LookKey, FileText("services", "systemd-252-debian-12-six-units.txt")), small with
        {
            Inventory = SmallCluster.Cluster with
            {
                Services = [.. units.Select(n => new Service { Name = n, Title = n })],
                Roles = [.. SmallCluster.Cluster.Roles.Select(r => r.Name == "web" ? r with { Services = [.. units] } : r)],
            },
        });
        var windows = FileText("windows", "made-powershell-5.1-get-services.txt");
        yield return Captured("powershell-services", new(SubjectKind.Services, "acd-tel1"), SmallCluster.Answer(ServicesDriver.LookKey, windows), small);
        yield return Captured("powershell-machine", new(SubjectKind.Machine, "acd-tel1"), SmallCluster.Answer(MachineDriver.WindowsKey, windows), small);
        yield return Captured("debian", new(SubjectKind.Machine, "acd-lb1"), new(
        [
            new(MachineDriver.HostNameKey, 0, "acd-lb1\n"), new(MachineDriver.BootKey, 0, FileText("machine", "linux-6.18-boot-id-and-uptime.txt")),
            new(MachineDriver.ClockKey, 0, FileText("machine", "coreutils-9.1-date.txt")), new(MachineDriver.AddressesKey, 0, FileText("machine", "iproute2-6.1-debian-12-loopback-and-one.txt")),
            new(MachineDriver.RebootKey, 2, ""),
            new(MachineDriver.DisksKey, 0, "Filesystem     1024-blocks    Used Available Capacity Mounted on\n/dev/sda1           97867   97867         0     100% /\n"),
        ]), small);
        var (host, guests) = (new Subject(SubjectKind.Power, "host1"), new Reply.Answered(
        [
            new(PowerDriver.GuestsKey, 200, FileText("proxmox", "made-8.2-qemu-list.json")),
            new(PowerDriver.ConfigurationKey("101"), 200, """{"data":{"name":"acd-store1","onboot":1,"cipassword":"**********","scsi0":"local-lvm:vm-101-disk-0,size=32G","net0":"virtio=BC:24:11:00:00:01,bridge=vmbr0"}}"""),
            new(PowerDriver.StatusKey("101"), 200, FileText("proxmox", "made-8.2-status-current-running.json")),
            new(PowerDriver.ConfigurationKey("103"), 200, """{"data":{"name":"acd-jb1"}}"""),
            new(PowerDriver.StatusKey("103"), 200, FileText("proxmox", "made-8.2-status-current-paused-locked-managed.json")),
            new(PowerDriver.TasksKey, 200, FileText("proxmox", "made-8.2-tasks-shutdown-failed.json")),
            new(PowerDriver.StoragesKey, 200, """{"data":[{"storage":"local-lvm","type":"lvmthin","enabled":1,"active":0}]}"""),
            new(PowerDriver.NetworksKey, 200, """{"data":[{"iface":"vmbr0","type":"bridge"}]}"""),
        ]));
        // The look before it found the guests, so each was asked about.
        yield return Captured("proxmox", host, guests, small with { Snapshot = Snapshot.Of([Observed(host, DriverOf(host.Kind).Read(host, guests, small))]) });
        foreach (var word in (string[])["running", "stopped"])
            yield return Captured($"singleton {word}", new(SubjectKind.Singleton, "acd-tel1"), SmallCluster.Answer(SingletonDriver.LookKey, $"looking\n{word}\n"), small);
        foreach (var (name, text) in Files("icinga2", "*downtimes*.json"))
            yield return Captured(name, new(SubjectKind.Downtimes, "monitoring"), new([new(DowntimesDriver.ListKey, 200, text)]), small);
        foreach (var (name, text) in Files("backup", "backups-*"))
            yield return Captured(name, new(SubjectKind.Backup, "acd-dbm1"), new([new(BackupDriver.Look, 0, text)]));
    }
}

/// <summary>Everything that a plan could ask of one subject, both ways.</summary>
internal static class Everything
{
    public static ImmutableArray<Condition> AboutOne(Subject subject, Facts facts, ClusterInventory inventory) => [.. About(subject.Name, facts, inventory)];

    private static IEnumerable<Condition> About(string name, Facts facts, ClusterInventory inventory)
    {
        var machine = inventory.FindMachine(name);
        var pair = inventory.Pairs.FirstOrDefault(p => p.Members.Contains(name));
        var masters = inventory.Machines.Where(m => inventory.RolesOf(m).Any(r => r is { Database: not null, Redundancy: Redundancy.Replicated })).Select(m => m.Name).ToArray();
        if (facts is PacemakerFacts && pair is not null)
        {
            foreach (var holder in (string[])[.. pair.Members, ""])
            {
                yield return new PairHeld(pair.Name, holder, PeerExpectation.Online);
                yield return new PairHeld(pair.Name, holder, PeerExpectation.Standby);
                yield return new PairHeld(pair.Name, holder, PeerExpectation.Any);
                if (holder.Length > 0)
                    yield return new PairHeld(pair.Name, holder, PeerExpectation.Offline);
            }
            yield return new ScoresFull(pair.Name, name);
        }
        if (facts is PacemakerSetupFacts or ForecastFacts && pair is not null)
        {
            yield return new MoveForecast(pair.Name, name);
            yield return new JoinMovesNothing(pair.Name, pair.Other(name));
        }
        if (machine is not null && ComesBack.AsksBoot(inventory, machine) && facts is PacemakerSetupFacts or PacemakerFacts or BalancerFacts or BootFacts)
            yield return new ComesBack(name);
        if (facts is DrbdFacts)
        {
            foreach (var (primary, alone) in ((bool, bool)[])[(true, true), (true, false), (false, true), (false, false)])
                yield return new DrbdIs(name, primary, alone);
        }
        foreach (var condition in facts switch
        {
            MachineFacts f => Machine(name, f),
            DatabaseFacts => Database(name, masters),
            BalancerFacts f => Balancer(name, f, masters),
            ServiceFacts f => f.Services.SelectMany(s => Both(run => new ServiceIs(name, s.Name, run))).Append(new ServicesStopped(name)),
            ClientFacts => [new ClientReady(name, true, false), new ClientReady(name, false, true)],
            SingletonFacts f => Both(run => new SingletonIs(name, f.Name, run)),
            ClaimFacts => Both(held => new ClaimIs(name, held)),
            BackupFacts f => f.Backups.SelectMany(b => (Condition[])[new BackupIs(name, b.Id), new BackupGone(name, b.Id)]),
            PowerFacts => inventory.MachinesOn(name).SelectMany(m => (Condition[])[new PowerIs(m.Name, true), new PowerIs(m.Name, false), new PlacedOn(m.Name), new HostReady(m.Name)]),
            DowntimeFacts f => f.Downtimes.SelectMany(d => (Condition[])[new DowntimeCovers(d.Key, [d.Object], d.End), new DowntimeGone(d.Key)]).Distinct(),
            _ => [],
        })
            yield return condition;
    }

    private static IEnumerable<Condition> Both(Func<bool, Condition> of) => [of(true), of(false)];

    private static IEnumerable<Condition> Machine(string name, MachineFacts facts) =>
        [new MachineIs(name), new DisksHaveRoom(name), .. facts.Addresses.Select(a => new AddressAt(a, name, [name]))];

    private static IEnumerable<Condition> Database(string name, string[] masters)
    {
        yield return new NoSessions([name], []);
        yield return new Replicates(name);
        foreach (var other in masters.Where(m => m != name))
        {
            yield return new CaughtUp(name, other);
            yield return new CaughtUp(other, name);
            yield return new WaitsForSource(name, other);
            yield return new LogsKept(name, other);
        }
    }

    private static IEnumerable<Condition> Balancer(string name, BalancerFacts facts, string[] masters)
    {
        yield return new BalancerObeys(name);
        yield return new ServersUp(name, "");
        yield return new NoSessions([], [name]);
        foreach (var master in masters)
            yield return new WriterIs(name, master);
        foreach (var s in facts.Servers)
        {
            foreach (var admin in (ServerAdmin[])[ServerAdmin.Ready, ServerAdmin.Drain, ServerAdmin.Maint])
                yield return new ServersAre(name, [new(s.Backend, s.Name, admin, s.Weight)]);
            yield return new PoolsSurvive(name, [new(s.Backend, s.Name, ServerAdmin.Maint)]);
        }
    }
}

/// <summary>What the simulated example prints to every question: as it is found, in the middle of both runs, and with much that is wrong.</summary>
internal static class SimulatedStates
{
    public static IEnumerable<ForeignText> All()
    {
        var world = World.Create(SimulatedRun.Example, 1, SimulatedRun.Start);
        var baseline = Baseline.Take("m1", world.Utc, SimulatedRun.Look(new(world, AllDrivers.Set)));
        var normal = Answers(world, "as found", baseline, Snapshot.Empty).ToArray();
        var typical = Snapshot.Of(normal.Select(t => ForeignText.Observed(t.Subject, t.Read(t.Reply))));
        foreach (var text in normal)
            yield return text;

        foreach (var kind in (GoalKind[])[GoalKind.Failover, GoalKind.Failback])
        {
            foreach (var after in (int[])[60, 110, 150, 190])
            {
                world = World.Create(SimulatedRun.Example, 1, SimulatedRun.Start);
                var found = kind == GoalKind.Failback ? SimulatedRun.Go(world, GoalKind.Failover, "vm-host-1", null).Baseline : baseline;
                var simulator = new Simulator(world, AllDrivers.Set);
                simulator.Run(Engine.Evolve(null, SimulatedRun.Begin(world, simulator, kind, "vm-host-1", found)), SimulatedRun.Night, _ => null, after);
                foreach (var text in Answers(world, $"{kind} after {after} events", found, typical))
                    yield return text;
            }
        }
        foreach (var text in Answers(Ill(), "ill", baseline, typical))
            yield return text;
        foreach (var text in Mysql())
            yield return text;
    }

    /// <summary>The same databases as MySQL: as found, with one of them off, and ill, with GTIDs and without.</summary>
    private static IEnumerable<ForeignText> Mysql()
    {
        foreach (var gtids in (bool[])[true, false])
        {
            var world = MysqlTests.Mysql(World.Create(SimulatedRun.Example, 1, SimulatedRun.Start), gtids);
            var baseline = Baseline.Take("m1", world.Utc, SimulatedRun.Look(new(world, AllDrivers.Set)));
            var found = Answers(world, "MySQL as found", baseline, Snapshot.Empty).ToArray();
            var typical = Snapshot.Of(found.Select(t => ForeignText.Observed(t.Subject, t.Read(t.Reply))));
            SimulatedRun.Go(world, GoalKind.Failover, "vm-host-1", baseline);
            foreach (var text in found.Concat(Answers(world, "MySQL over", baseline, typical)).Concat(Answers(Ill(w => MysqlTests.Mysql(w, gtids)), "MySQL ill", baseline, typical)))
            {
                if (text.Subject.Kind == SubjectKind.Database)
                    yield return text with { Name = $"{text.Name}, GTIDs {(gtids ? "on" : "off")}" };
            }
        }
    }

    private static World Ill(Func<World, World>? arrange = null)
    {
        var world = World.Create(SimulatedRun.Example, 1, SimulatedRun.Start);
        arrange?.Invoke(world);
        Fault[] faults =
        [
            new DrbdDisconnected("acd-store2"), new ReplicationStops("acd-dbm2", 1062), new StaleBan("acd-lb2"), new MaintenanceMode("acd-store1"), new SomebodySetsStandby("acd-lb1"),
            new SessionForgotten("acd-jb1", "acd-dbm1", Direct: true), new BalancerLevel("acd-lb2", "user"), new BalancerFileWritten("acd-lb1", Valid: false), new NotAtBoot("acd-store1", BootPart.DrbdModule),
            new NotAtBoot("acd-dbm1", BootPart.Database), new SomebodyClaims("acd-dbm2", "other"), new DiskFills("acd-jb2"), new SomebodySetsDowntime("acd-tel1"), new LogsPurged("acd-dbm1"),
        ];
        foreach (var fault in faults)
            world.Schedule(fault, TimeSpan.Zero);
        world.AdvanceTo(TimeSpan.FromMinutes(2));
        return world;
    }

    private static IEnumerable<ForeignText> Answers(World world, string state, Baseline baseline, Snapshot typical)
    {
        var inventory = SimulatedRun.Example;
        var asked = WhatToLookAt.Everything(inventory)
            .Concat(inventory.Machines.Where(m => inventory.ServicesOf(m).Any()).Select(m => new Subject(SubjectKind.Client, m.Name)))
            .Concat(inventory.Pairs.SelectMany(p => p.Members).SelectMany(m => (Subject[])[new(SubjectKind.Forecast, m), new(SubjectKind.JoinForecast, m)]))
            .Concat(inventory.Machines.Where(m => inventory.RolesOf(m).Any(r => r.Database is not null)).Select(m => new Subject(SubjectKind.Backup, m.Name)))
            .ToArray();
        var context = new DriverContext(inventory, Snapshot.Empty, new("Failover", "m1", "controller", 1));
        var replies = new Dictionary<Subject, Reply>();
        // Twice: what depends on a first answer (a guest's autostart on its number) is asked with the second.
        for (var pass = 0; pass < 2; pass++)
        {
            foreach (var subject in asked)
                world.Submit(ForeignText.DriverOf(subject.Kind).Ask(subject, context), reply => replies[subject] = reply);
            world.AdvanceTo(world.Now + TimeSpan.FromMinutes(1));
            context = context with
            {
                Snapshot = Snapshot.Of(replies.Where(r => r.Value is Reply.Answered)
                    .Select(r => ForeignText.Observed(r.Key, ForeignText.DriverOf(r.Key.Kind).Read(r.Key, (Reply.Answered)r.Value, context)))),
            };
        }
        foreach (var (subject, reply) in replies)
        {
            if (reply is not Reply.Answered answered)
                continue;
            // What it usually says and what it says now: of a list that is empty at first nothing could be claimed.
            Facts?[] said = [typical.Find(subject)?.Facts, context.Snapshot.Find(subject)?.Facts];
            yield return new($"{state}: {subject}", subject, context, answered, context.Snapshot, baseline,
                [.. said.OfType<Facts>().SelectMany(f => Everything.AboutOne(subject, f, inventory)).DistinctBy(c => System.Text.Json.JsonSerializer.Serialize(c, CoreJson.Default.Condition))]);
        }
    }
}
