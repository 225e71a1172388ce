using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Simulation;

namespace Changeover.Tests.Simulation;

/// <summary>A simulated cluster and the real drivers before it.</summary>
internal sealed class Cluster
{
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero);

    private Snapshot snapshot = Snapshot.Empty;

    public Cluster(ulong seed = 1)
        : this(World.Create(TwoHosts, seed, Start))
    {
    }

    public Cluster(World world) => World = world;

    public World World { get; }
    public GroundTruth Truth => World.Truth;
    public RunIdentity? Run { get; set; }
    private DriverContext Context => new(TwoHosts, snapshot, Run);
    private Moment Now => new(World.Now, World.Utc);

    public MachineTruth this[string machine] => Truth.Machine(machine);

    /// <summary>The two hosts of the runbook's example, with one machine less of each kind that only repeats.</summary>
    public static readonly ClusterInventory TwoHosts = Build(false);

    /// <param name="together">Store and balancer are on the same two machines.</param>
    public static ClusterInventory Build(bool together)
    {
        var machines = ImmutableArray.CreateBuilder<Machine>();
        void Add(string name, int host, int address, string role, Platform platform = Platform.Linux) => machines.Add(new Machine
        {
            Name = name,
            Host = $"vm-host-{host}",
            Address = $"10.20.0.{address}",
            NodeName = name,
            HostName = name,
            GuestName = name,
            Roles = together && role == "store" ? ["store", "lb"] : [role],
            Platform = platform,
            Sudo = platform == Platform.Linux,
        });
        for (var host = 1; host <= 2; host++)
        {
            Add($"acd-store{host}", host, 20 + host, "store");
            if (!together)
                Add($"acd-lb{host}", host, 30 + host, "lb");
            Add($"acd-dbm{host}", host, 40 + host, "dbm");
            Add($"acd-dbs{host}", host, 50 + host, "dbs");
            Add($"acd-tel{host}", host, 60 + host, "tel", Platform.Windows);
            Add($"acd-jb{host}", host, 70 + host, "jb");
        }
        return new()
        {
            Cluster = "acd",
            Hosts =
            [
                new() { Name = "vm-host-1", Hypervisor = HypervisorKind.Proxmox, Node = "pve1" },
                new() { Name = "vm-host-2", Hypervisor = HypervisorKind.Proxmox, Node = "pve2" },
            ],
            Machines = machines.ToImmutable(),
            Roles =
            [
                new() { Name = "store", Redundancy = Redundancy.Pacemaker, FloatingAddress = "10.20.0.20", Store = new("jtel", "//10.20.0.20/acd", "/mnt/acd") },
                new() { Name = "lb", Requires = ["store"], Redundancy = Redundancy.Pacemaker, FloatingAddress = "10.20.0.30", Balancer = new() { WriterBackend = "mysql" } },
                new() { Name = "dbm", Requires = ["lb"], Redundancy = Redundancy.Replicated, Database = new(), Services = ["jtel-listener"] },
                new() { Name = "dbs", Requires = ["dbm"], Redundancy = Redundancy.ActiveActive, Database = new() },
                new() { Name = "tel", Requires = ["dbs"], Redundancy = Redundancy.ActiveActive, Services = ["robot5", "presence"] },
                new() { Name = "jb", Requires = ["dbs"], Redundancy = Redundancy.ActiveActive, Services = ["wildfly"] },
            ],
            Services =
            [
                new()
                {
                    Name = "robot5", Title = "8-Server", NeedsShare = true, NeedsDatabase = true, Singleton = "AcdGroupDistribute",
                    SingletonProbe = "C:\\jtel\\daemon.cmd probe", SingletonControl = "C:\\jtel\\daemon.cmd",
                },
                new() { Name = "presence", Title = "Presence Aggregator", Form = ServiceForm.Desktop, Process = "presence.exe" },
                new() { Name = "wildfly", Title = "Wildfly", NeedsShare = true, NeedsDatabase = true },
                new() { Name = "jtel-listener", Title = "Platform UDP Listener" },
            ],
            Monitoring = new() { Kind = MonitoringKind.Icinga2, SharedObjects = ["acd-portal"] },
        };
    }

    public void Wait(double seconds) => World.AdvanceTo(World.Now + TimeSpan.FromSeconds(seconds));

    /// <summary>Lets time go on until it is so; fails after ten minutes of the cluster's time.</summary>
    public void Until(Func<bool> holds, string what)
    {
        var end = World.Now + TimeSpan.FromMinutes(10);
        while (!holds())
        {
            Assert.True(World.Now < end, $"never came: {what}");
            Wait(0.25);
        }
    }

    /// <param name="looked">When what stands behind an action was asked; see <see cref="Cause.Looked"/>.</param>
    public Reply Send(Request request, ImmutableSortedDictionary<string, TimeSpan>? looked = null)
    {
        Reply? reply = null;
        World.Submit(request, r => reply = r, looked: looked);
        while (reply is null)
            World.AdvanceTo(World.NextDue ?? throw new InvalidOperationException("nothing is going to happen"));
        return reply;
    }

    public ImmutableArray<Observation> See(params ImmutableArray<Subject> subjects)
    {
        var asked = Now;
        var reply = Send(AllDrivers.Set.Ask(subjects, Context));
        var seen = AllDrivers.Set.Read(subjects, reply, asked, Now, Context);
        snapshot = snapshot.With(seen);
        return seen;
    }

    public Observation See(SubjectKind kind, string name) => Assert.Single(See(new Subject(kind, name)));

    public T Facts<T>(SubjectKind kind, string name)
        where T : Facts
    {
        var seen = See(kind, name);
        return Assert.IsType<T>(seen.Facts ?? throw new Xunit.Sdk.XunitException($"{seen.Subject}: {seen.Problem}"));
    }

    public Reception Tell(ClusterAction action, ImmutableSortedDictionary<string, TimeSpan>? looked = null) =>
        AllDrivers.Set.Heard(action, Send(AllDrivers.Set.Tell(action, Context), looked), Context);

    public void Do(ClusterAction action) => Assert.Equal(ReceptionKind.Accepted, Tell(action).Kind);

    public void Power(string machine, bool on)
    {
        var host = this[machine].Host;
        See(SubjectKind.Power, host);
        Do(new SetPower(machine, host, on));
    }

    /// <summary>Stops every service, desktop programs by a person.</summary>
    public void StopAll()
    {
        foreach (var machine in Truth.Machines)
        {
            foreach (var service in machine.Services.Where(s => s.Run == ServiceRun.Running).ToArray())
            {
                if (service.Form == ServiceForm.Desktop)
                    World.Person(new SetService(machine.Name, service.Name, false));
                else
                    Do(new SetService(machine.Name, service.Name, false));
            }
        }
        Until(() => Truth.Machines.TrueForAll(m => m.Services.TrueForAll(s => s.Run == ServiceRun.Stopped)), "all software stopped");
    }

    public ResourceSetTruth Store => Truth.SetOf("acd-store1", "store")!;

    /// <summary>Standby, wait, unstandby, synchronised: F5, F6, B9, B10.</summary>
    public void Move(string from, string to)
    {
        var set = Truth.PairOf(from)!.Sets[0];
        Do(new SetStandby(from, true, from));
        Until(() => Holds(set, to), $"{to} holds {set.Role}");
        Do(new SetStandby(from, false, from));
        Until(() => !set.HasDrbd || (set.First.Score == 10000 && set.Second.Score == 10000), $"{set.Role} synchronised");
    }

    public bool Holds(ResourceSetTruth set, string machine) =>
        set.On(Truth.PairOf(machine)!, machine).Started == set.Resources.Count;

    public void SetHost1(string balancer, ServerAdmin admin) => Do(new SetServers(
        balancer,
        [.. this[balancer].Balancer!.Servers.Where(s => this[s.Machine].Host == "vm-host-1").Select(s => new ServerSetting(s.Backend, s.Name, admin))]));
}
