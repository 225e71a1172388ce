using System.Collections.Frozen;

namespace Changeover.Inventory;

/// <summary>
/// The static truth a customer writes: hosts, machines, what each is for, and what the tool itself stands on.
/// The program reads it from YAML, merges the software catalogue into it and hands it in complete: every default is filled
/// in here, so nothing in Core asks "what if it is missing".
/// </summary>
public sealed record ClusterInventory
{
    /// <summary>The cluster's name. It names the journal file and the claim, so it must not change during a maintenance.</summary>
    public required string Cluster { get; init; }

    public ImmutableArray<Host> Hosts { get; init; } = [];
    public ImmutableArray<Machine> Machines { get; init; } = [];

    /// <summary>Roles that at least one machine has, in start order (a role comes after every role it requires).</summary>
    public ImmutableArray<Role> Roles { get; init; } = [];

    /// <summary>The software catalogue, merged with the site's own entries.</summary>
    public ImmutableArray<Service> Services { get; init; } = [];

    public Monitoring? Monitoring { get; init; }
    public BackupSettings Backup { get; init; } = new();
    public Budgets Budgets { get; init; } = new();

    /// <summary>G4: what the tool and this procedure stand on, and where it runs.</summary>
    public ImmutableArray<Dependency> Dependencies { get; init; } = [];

    /// <summary>X11: a site's own manual steps.</summary>
    public ImmutableArray<SiteStep> SiteSteps { get; init; } = [];

    /// <summary>F12, B15: what a person must have seen work.</summary>
    public ImmutableArray<AcceptanceItem> Acceptance { get; init; } = [];

    public Machine Machine(string name) => FindMachine(name) ?? throw new KeyNotFoundException($"no machine {name} in the inventory");

    public Role Role(string name) =>
        Roles.FirstOrDefault(r => r.Name == name) ?? throw new KeyNotFoundException($"no role {name} in the inventory");

    public Host? FindHost(string name) => Hosts.FirstOrDefault(h => h.Name == name);

    public Machine? FindMachine(string name) => Derived.ByName.GetValueOrDefault(name);

    public IEnumerable<Machine> MachinesOn(string host) => Machines.Where(m => m.Host == host);

    public IEnumerable<Role> RolesOf(Machine machine) =>
        Derived.Known(machine) is { } known ? known.Roles : DeriveRoles(machine);

    /// <summary>No hypervisor can be asked: a person switches it, and finds out where it is.</summary>
    public bool IsSwitchedByAPerson(string machine) => FindHost(Machine(machine).Host)?.Hypervisor == HypervisorKind.Person;

    /// <summary>Every machine one of whose roles satisfies the predicate.</summary>
    public IEnumerable<Machine> MachinesWith(Func<Role, bool> role) => Machines.Where(m => RolesOf(m).Any(role));

    /// <summary>Machines with a HAProxy of their own.</summary>
    public IEnumerable<Machine> Balancers => MachinesWith(r => r.Balancer is not null);

    /// <summary>Machines with a database server.</summary>
    public IEnumerable<Machine> Databases => MachinesWith(r => r.Database is not null);

    /// <summary>Machines on which a run claims the cluster: those whose change could split it.</summary>
    public bool CarriesClaim(Machine machine) =>
        machine.Platform == Platform.Linux && RolesOf(machine).Any(r => r.Redundancy == Redundancy.Pacemaker || r.Database is not null);

    /// <summary>Machines of a database master pair, between which the balancer chooses the writer.</summary>
    public IEnumerable<Machine> Masters => MachinesWith(r => r is { Database: not null, Redundancy: Redundancy.Replicated });

    /// <summary>The services a machine should have, in catalogue order. Whether each is installed there is an observation.</summary>
    public IEnumerable<Service> ServicesOf(Machine machine) =>
        Derived.Known(machine) is { } known ? known.Services : DeriveServices(machine);

    /// <summary>
    /// The Pacemaker pairs. Roles whose members are the same machines (store and balancer on one machine) are one pair,
    /// because one standby moves both.
    /// </summary>
    public ImmutableArray<Pair> Pairs => Derived.Pairs;

    /// <summary>What follows from machines, roles and services; asked many times a second, so worked out once.</summary>
    private sealed record Answers(ImmutableArray<Machine> Machines, ImmutableArray<Role> Roles, ImmutableArray<Service> Services)
    {
        public required ImmutableArray<Pair> Pairs { get; init; }
        public required FrozenDictionary<string, Machine> ByName { get; init; }
        public required FrozenDictionary<string, OfMachine> Of { get; init; }

        /// <summary>Null for a machine that is not one of these, though it may have the name of one.</summary>
        public OfMachine? Known(Machine machine) => Of.TryGetValue(machine.Name, out var known) && ReferenceEquals(known.Machine, machine) ? known : null;
    }

    private sealed record OfMachine(Machine Machine, ImmutableArray<Role> Roles, ImmutableArray<Service> Services);

    private Answers? derived;

    private Answers Derived
    {
        get
        {
            // A copy made with other machines, roles or services must not keep the answers of the original.
            if (derived is not { } kept || kept.Machines != Machines || kept.Roles != Roles || kept.Services != Services)
            {
                // Of two machines of one name, which validation refuses, the first counts.
                var firsts = Machines.DistinctBy(m => m.Name).ToArray();
                derived = kept = new(Machines, Roles, Services)
                {
                    Pairs = DerivePairs(),
                    ByName = firsts.ToFrozenDictionary(m => m.Name, StringComparer.Ordinal),
                    Of = firsts.ToFrozenDictionary(m => m.Name, m => new OfMachine(m, [.. DeriveRoles(m)], [.. DeriveServices(m)]), StringComparer.Ordinal),
                };
            }
            return kept;
        }
    }

    private IEnumerable<Role> DeriveRoles(Machine machine) => Roles.Where(r => machine.Roles.Contains(r.Name));

    private IEnumerable<Service> DeriveServices(Machine machine) =>
        Services.Where(s => machine.Services.Contains(s.Name) || DeriveRoles(machine).Any(r => r.Services.Contains(s.Name)));

    private ImmutableArray<Pair> DerivePairs() =>
    [
        .. Roles
            .Where(r => r.Redundancy == Redundancy.Pacemaker)
            .SelectMany(r => Machines
                .Where(m => m.Roles.Contains(r.Name))
                .GroupBy(m => m.Pair ?? r.Name)
                .Select(g => (Role: r, Members: g.OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => m.Name).ToImmutableArray())))
            .GroupBy(x => string.Join('+', x.Members))
            .Select(g => new Pair(string.Join('+', g.Select(x => x.Role.Name)), [.. g.Select(x => x.Role)], g.First().Members)),
    ];
}

/// <summary>A hypervisor and how to reach its interface.</summary>
public sealed record Host
{
    public required string Name { get; init; }
    public required HypervisorKind Hypervisor { get; init; }

    /// <summary>Base address of its API; empty for <see cref="HypervisorKind.Person"/>.</summary>
    public string Url { get; init; } = "";

    /// <summary>The host's own name inside its hypervisor (the Proxmox node). Default: <see cref="Name"/>.</summary>
    public required string Node { get; init; }

    /// <summary>Reference to the API secret (env:, file:, command:), never the secret.</summary>
    public string Secret { get; init; } = "";

    /// <summary>File with the certificate authority this API is pinned to; empty: the system's.</summary>
    public string CertificateAuthority { get; init; } = "";
}

public enum HypervisorKind
{
    /// <summary>No interface: a person switches machines on and off and confirms it.</summary>
    Person,
    Proxmox,
}

/// <summary>A guest. One machine may have several roles.</summary>
public sealed record Machine
{
    public required string Name { get; init; }

    /// <summary>The host the inventory expects it on. Placement is read from the hypervisor and compared (X2).</summary>
    public required string Host { get; init; }

    /// <summary>The machine's own address, never a floating one (X9).</summary>
    public required string Address { get; init; }

    public int Port { get; init; } = 22;
    public string User { get; init; } = "root";

    /// <summary>True: commands that need root run as <c>sudo -n</c>. False: the user is root.</summary>
    public bool Sudo { get; init; }

    public Platform Platform { get; init; } = Platform.Linux;
    public ImmutableArray<string> Roles { get; init; } = [];

    /// <summary>Services beyond those of its roles.</summary>
    public ImmutableArray<string> Services { get; init; } = [];

    /// <summary>Which pair of its role it belongs to, where a role has more than two machines; null: the role is the pair.</summary>
    public string? Pair { get; init; }

    /// <summary>Its name in Pacemaker, where that differs (X9).</summary>
    public required string NodeName { get; init; }

    /// <summary>What the machine calls itself, checked before anything is set (X9).</summary>
    public required string HostName { get; init; }

    /// <summary>Its name in the hypervisor and in monitoring, where that differs.</summary>
    public required string GuestName { get; init; }
}

public enum Platform
{
    Linux,
    Windows,
}

/// <summary>What a machine is for. <see cref="Requires"/> is the only source of order between machines.</summary>
public sealed record Role
{
    public required string Name { get; init; }

    /// <summary>Roles that must be up before this one, and go down after it.</summary>
    public ImmutableArray<string> Requires { get; init; } = [];

    /// <summary>
    /// F9: what it requires need not wait until this machine is down, only until its software is proved stopped and its
    /// shutdown was asked for (edge strength "begun").
    /// </summary>
    public bool PowersOffAlongside { get; init; }

    public Redundancy Redundancy { get; init; }

    /// <summary>The address that moves with a Pacemaker pair; empty if it has none.</summary>
    public string FloatingAddress { get; init; } = "";

    public StoreSettings? Store { get; init; }
    public BalancerSettings? Balancer { get; init; }
    public DatabaseSettings? Database { get; init; }
    public ImmutableArray<string> Services { get; init; } = [];
}

public enum Redundancy
{
    /// <summary>Nothing takes over for it.</summary>
    None,

    /// <summary>All members work at once, behind a balancer or side by side.</summary>
    ActiveActive,

    /// <summary>Two nodes of a Pacemaker cluster; one holds the role.</summary>
    Pacemaker,

    /// <summary>Two databases replicating both ways; the balancer chooses the writer.</summary>
    Replicated,
}

/// <summary>The DRBD store and the share on it.</summary>
/// <param name="DrbdResource">DRBD resource name; empty: every resource on the machine counts.</param>
/// <param name="Share">How clients name the share, for example <c>//10.0.0.20/acd</c>; empty: the share is not proved.</param>
/// <param name="Mount">Where Linux clients have it mounted; empty: reached with smbclient.</param>
public sealed record StoreSettings(string DrbdResource = "", string Share = "", string Mount = "");

/// <summary>A HAProxy on each machine of the role.</summary>
public sealed record BalancerSettings
{
    public string Socket { get; init; } = "/run/haproxy/admin.sock";
    public string Configuration { get; init; } = "/etc/haproxy/haproxy.cfg";

    /// <summary>The backend whose chosen server is the writer.</summary>
    public string WriterBackend { get; init; } = "";

    /// <summary>HAProxy server name → machine, where the names differ. A server of the same name needs no entry.</summary>
    public ImmutableSortedDictionary<string, string> Servers { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The machine a HAProxy server stands for, or null if the inventory does not know it.</summary>
    public string? MachineOf(string server, ClusterInventory inventory) =>
        Servers.TryGetValue(server, out var machine) ? machine : inventory.FindMachine(server)?.Name;
}

/// <summary>A MySQL or MariaDB server on each machine of the role, asked by its own client on the machine.</summary>
public sealed record DatabaseSettings
{
    /// <summary>Option file with the login for the client; empty: the socket as root.</summary>
    public string OptionFile { get; init; } = "";

    public int Port { get; init; } = 3306;

    /// <summary>F4: sessions that may stay, each with a reason.</summary>
    public ImmutableArray<AllowedSession> AllowedSessions { get; init; } = [];

    /// <summary>The login with which clients prove the database through the floating address (F11): an option file on the client.</summary>
    public string ClientOptionFile { get; init; } = "";
}

/// <param name="User">Exact user name.</param>
/// <param name="HostPattern">Client host as the server shows it, without port; <c>*</c> at the end matches any rest.</param>
/// <param name="Reason">Why it may stay; shown in plan and report.</param>
public sealed record AllowedSession(string User, string HostPattern, string Reason);

/// <summary>An entry of the software catalogue.</summary>
public sealed record Service
{
    /// <summary>Systemd unit, SysV script, or Windows service: short name or display name.</summary>
    public required string Name { get; init; }

    /// <summary>What people call it.</summary>
    public required string Title { get; init; }

    public ServiceForm Form { get; init; }

    /// <summary>Desktop form: exact instructions for the person.</summary>
    public string StartInstruction { get; init; } = "";
    public string StopInstruction { get; init; } = "";

    /// <summary>Desktop form: the program whose process proves it (exactly one running, or none).</summary>
    public string Process { get; init; } = "";

    /// <summary>Before its start the machine proves the share and the database through the floating address (F11).</summary>
    public bool NeedsShare { get; init; }
    public bool NeedsDatabase { get; init; }

    /// <summary>F8: carries the singleton (AcdGroupDistribute), of which exactly one machine may run one.</summary>
    public string Singleton { get; init; } = "";

    /// <summary>Command on the machine that prints <c>running</c> or <c>stopped</c> for the singleton; empty: no step is planned for it.</summary>
    public string SingletonProbe { get; init; } = "";

    /// <summary>Command on the machine that starts or stops the singleton (<c>start</c> or <c>stop</c> is appended); empty: a person does.</summary>
    public string SingletonControl { get; init; } = "";
}

public enum ServiceForm
{
    /// <summary>Systemd, SysV or Windows service.</summary>
    Service,

    /// <summary>A program on the desktop of a logged-on user: only a person can start it.</summary>
    Desktop,
}

/// <summary>Two machines, one of which holds the pair's roles.</summary>
public sealed record Pair(string Name, ImmutableArray<Role> Roles, ImmutableArray<string> Members)
{
    public string Other(string member) => Members.First(m => m != member);
    public bool HasStore => Roles.Any(r => r.Store is not null);
    public bool HasBalancer => Roles.Any(r => r.Balancer is not null);
    public IEnumerable<string> FloatingAddresses => Roles.Select(r => r.FloatingAddress).Where(a => a.Length > 0);
}

/// <summary>The monitoring whose alarms are silenced (F2, B2).</summary>
public sealed record Monitoring
{
    public required MonitoringKind Kind { get; init; }
    public string Url { get; init; } = "";
    public string User { get; init; } = "";
    public string Secret { get; init; } = "";
    public string CertificateAuthority { get; init; } = "";

    /// <summary>Objects that belong to no host but go red by design: floating addresses, portal URL, test call.</summary>
    public ImmutableArray<string> SharedObjects { get; init; } = [];
}

public enum MonitoringKind
{
    Person,
    Icinga2,
}

public sealed record BackupSettings
{
    /// <summary>Folder on the database machine; it must exist and have room.</summary>
    public string Directory { get; init; } = "/var/backups/changeover";
    public bool Snapshots { get; init; }
}

/// <param name="What">One word of G4: controller, journal, jump-host, name-server, directory, time-source, hypervisor-management,
/// backup-target, mail-relay, licence-server, quorum-device, monitoring.</param>
/// <param name="RunsOn">Host it runs on, or empty: outside the cluster.</param>
public sealed record Dependency(string What, string RunsOn, string Note = "");

/// <param name="Gate">The gate before which it is done, see <c>Planning.Gates</c>.</param>
/// <param name="Goal">failover, failback or both.</param>
public sealed record SiteStep(string Id, string Gate, string Goal, string Instruction);

public sealed record AcceptanceItem(string Id, string Instruction);

/// <summary>
/// How long things may take before a person is asked, and how long they usually take. All are visible in the plan.
/// </summary>
public sealed record Budgets
{
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(60);
    public TimeSpan ServiceStop { get; init; } = TimeSpan.FromMinutes(3);
    public TimeSpan ServiceStart { get; init; } = TimeSpan.FromMinutes(5);
    public TimeSpan Quiet { get; init; } = TimeSpan.FromMinutes(2);
    public TimeSpan QuietWindow { get; init; } = TimeSpan.FromSeconds(10);
    public TimeSpan Move { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How long a moved role must stay where it is before the step counts as done.</summary>
    public TimeSpan StayWindow { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Without progress; a resync that goes on has no limit.</summary>
    public TimeSpan Synchronise { get; init; } = TimeSpan.FromMinutes(5);
    public TimeSpan PowerOff { get; init; } = TimeSpan.FromMinutes(5);
    public TimeSpan PowerOn { get; init; } = TimeSpan.FromMinutes(10);
    public TimeSpan Backup { get; init; } = TimeSpan.FromMinutes(30);
    public TimeSpan Person { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>F2: the downtime of the machines that stay up.</summary>
    public TimeSpan Downtime { get; init; } = TimeSpan.FromHours(2);
}
