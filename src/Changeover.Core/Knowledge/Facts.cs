using System.Text.Json.Serialization;
using Changeover.Findings;

namespace Changeover.Knowledge;

/// <summary>
/// What one answer said about one subject, in our own words and types. Legacy words (master, slave) end here.
/// Every enumeration's default is its worst state: ignorance never reads as health.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "facts")]
[JsonDerivedType(typeof(MachineFacts), "machine")]
[JsonDerivedType(typeof(PacemakerFacts), "pacemaker")]
[JsonDerivedType(typeof(PacemakerSetupFacts), "pacemaker-setup")]
[JsonDerivedType(typeof(ForecastFacts), "forecast")]
[JsonDerivedType(typeof(DrbdFacts), "drbd")]
[JsonDerivedType(typeof(DatabaseFacts), "database")]
[JsonDerivedType(typeof(BalancerFacts), "balancer")]
[JsonDerivedType(typeof(ServiceFacts), "services")]
[JsonDerivedType(typeof(ClientFacts), "client")]
[JsonDerivedType(typeof(SingletonFacts), "singleton")]
[JsonDerivedType(typeof(ClaimFacts), "claim")]
[JsonDerivedType(typeof(BackupFacts), "backup")]
[JsonDerivedType(typeof(PowerFacts), "power")]
[JsonDerivedType(typeof(DowntimeFacts), "downtimes")]
[JsonDerivedType(typeof(BootFacts), "boot")]
public abstract record Facts;

/// <param name="HostName">What the machine calls itself.</param>
/// <param name="BootId">Changes with every boot.</param>
/// <param name="Uptime">Since its boot; null when it does not say.</param>
/// <param name="Clock">Its own clock when it answered; null when it does not say. Whoever judges it compares it with the moments of
/// question and answer.</param>
/// <param name="Addresses">IPv4 addresses it holds now, floating ones included, loopback not; empty on Windows, where they are not asked.</param>
/// <param name="RebootPending">The distribution says so; null when it does not say.</param>
public sealed record MachineFacts(
    string HostName, string BootId, TimeSpan? Uptime, DateTimeOffset? Clock, ImmutableArray<string> Addresses, bool? RebootPending) : Facts
{
    /// <summary>Local file systems that hold data; null where they are not asked (Windows) or do not say.</summary>
    public ImmutableArray<Disk>? Disks { get; init; }
}

/// <param name="Mount">Where it is mounted.</param>
/// <param name="Size">In KiB.</param>
/// <param name="Free">In KiB, for anybody but root.</param>
public sealed record Disk(string Mount, long Size, long Free)
{
    private const long Gibibyte = 1L << 20;

    /// <summary>Nothing that writes works any more, or will not for long: under 1 % and under 1 GiB.</summary>
    [JsonIgnore]
    public bool IsFull => Free * 100 < Size && Free < Gibibyte;

    /// <summary>Under 5 % and under 5 GiB.</summary>
    [JsonIgnore]
    public bool IsLow => Free * 20 < Size && Free < 5 * Gibibyte;
}

/// <summary>Cluster state as one node sees it (crm_mon).</summary>
/// <param name="LocalNode">The name of the node that answered, empty if it does not say.</param>
/// <param name="LegacyForm">Read from the form of crm_mon before Pacemaker 2.0.3; only that one is asked for next time.</param>
public sealed record PacemakerFacts(
    string Version,
    string LocalNode,
    bool Quorate,
    bool HasCoordinator,
    bool MaintenanceMode,
    bool StopAllResources,
    bool FencingEnabled,
    string NoQuorumPolicy,
    ImmutableArray<PacemakerNode> Nodes,
    ImmutableArray<PacemakerResource> Resources,
    ImmutableArray<PacemakerFailure> Failures,
    ImmutableArray<PacemakerBan> Bans,
    ImmutableArray<PromotionScore> PromotionScores,
    bool LegacyForm = false) : Facts
{
    public PacemakerNode? Node(string name) => Nodes.FirstOrDefault(n => n.Name == name);
}

public sealed record PacemakerNode(
    string Name, bool Online, bool Standby, bool StandbyOnFail, bool Maintenance, bool Pending, bool Unclean, int ResourcesRunning);

/// <summary>One resource or one instance of a clone.</summary>
/// <param name="Id">As the cluster names it, without an instance number.</param>
/// <param name="Parent">Id of the clone or group it belongs to, empty for a plain one.</param>
/// <param name="Node">Where it runs; empty when stopped.</param>
/// <param name="TargetRole">Set by disable or by a person; empty when not set.</param>
public sealed record PacemakerResource(
    string Id, string Agent, string Parent, bool Promotable, string Node, ResourceRole Role, string TargetRole,
    bool Active, bool Managed, bool Blocked, bool Orphaned, bool Failed, bool Pending);

public enum ResourceRole
{
    Unknown,
    Stopped,
    Starting,
    Stopping,
    Started,
    Unpromoted,
    Promoting,
    Demoting,
    Promoted,
}

public sealed record PacemakerFailure(string Resource, string Node, string Operation, string Reason, int FailCount);

/// <summary>A location constraint that keeps a resource off a node (pcs ban, DRBD fence handler).</summary>
public sealed record PacemakerBan(string Id, string Resource, string Node, bool PromotedOnly);

/// <param name="Score">10000 on both nodes of a healthy DRBD pair; null when the attribute is not a number.</param>
public sealed record PromotionScore(string Node, string Resource, int? Score);

/// <summary>Cluster configuration as one node holds it (CIB) and the state of the node's daemons.</summary>
/// <param name="Digest">Of the configuration part of the CIB without standby attributes, for G3.</param>
/// <param name="PcsVersion">Decides the dialect (X4).</param>
/// <param name="DefaultStickiness">Null: not set (the default of Pacemaker is 0 for ordinary resources).</param>
/// <param name="Stickiness">Resource → its own stickiness.</param>
/// <param name="DaemonsEnabled">corosync and pacemaker start at boot (X6); null: unknown.</param>
/// <param name="CanForecast">crm_simulate is installed.</param>
public sealed record PacemakerSetupFacts(
    string Digest,
    string PcsVersion,
    int? DefaultStickiness,
    ImmutableSortedDictionary<string, int> Stickiness,
    ImmutableArray<LocationConstraint> Locations,
    ImmutableArray<string> StandbyNodes,
    bool? DaemonsEnabled,
    bool CanForecast) : Facts;

/// <param name="Score">±<see cref="Infinity"/> for ±INFINITY.</param>
/// <param name="Node">Or <see cref="AnyNode"/>.</param>
public sealed record LocationConstraint(string Id, string Resource, string Node, int Score, string Role)
{
    /// <summary>A constraint whose rule is not one this program reads may hold for any node.</summary>
    public const string AnyNode = "*";

    /// <summary>What ±INFINITY counts as.</summary>
    public const int Infinity = 1_000_000;
}

/// <summary>
/// What crm_simulate on a node's own CIB says standby and unstandby of <see cref="Node"/> will do. One that joins goes the same way: as a
/// member that may not run anything yet, then as one that may.
/// </summary>
/// <param name="AfterStandby">Resource instance → node it would run on (empty: stopped), promoted or not.</param>
/// <param name="AfterUnstandby">The same after unstandby, once the DRBD scores are 10000 on both.</param>
public sealed record ForecastFacts(
    string Node, ImmutableArray<ForecastPlacement> AfterStandby, ImmutableArray<ForecastPlacement> AfterUnstandby) : Facts;

public sealed record ForecastPlacement(string Resource, string Node, ResourceRole Role);

/// <param name="Version">Of the module: 8.4.x or 9.x.</param>
/// <param name="Loaded">False: the module is not loaded, or no resource is up (a node in standby).</param>
public sealed record DrbdFacts(string Version, bool Loaded, ImmutableArray<DrbdResource> Resources) : Facts;

/// <param name="Name">Resource name, or <c>minor N</c> where only /proc/drbd speaks.</param>
/// <param name="OutOfSyncKiB">Null: not known.</param>
/// <param name="SyncPercent">While a resync runs; null otherwise.</param>
public sealed record DrbdResource(
    string Name, DrbdRole Role, DrbdRole PeerRole, DrbdConnection Connection, DrbdDisk Disk, DrbdDisk PeerDisk,
    long? OutOfSyncKiB, double? SyncPercent);

public enum DrbdRole
{
    Unknown,
    Secondary,
    Primary,
}

/// <summary>Connection and replication state in one, in the order of how much is wrong.</summary>
public enum DrbdConnection
{
    Unknown,
    StandAlone,
    Disconnected,

    /// <summary>Waits for the peer (8.4: WFConnection).</summary>
    Connecting,

    /// <summary>Connected, handshake or bitmap exchange, verify, ahead or behind.</summary>
    Busy,
    SyncSource,
    SyncTarget,

    /// <summary>Connected and replication established.</summary>
    Connected,
}

public enum DrbdDisk
{
    Unknown,
    Diskless,
    Failed,
    Attaching,
    Inconsistent,
    Outdated,
    Consistent,
    UpToDate,
}

/// <summary>A MySQL or MariaDB server.</summary>
/// <param name="Product">mysql or mariadb.</param>
/// <param name="LogFile">Current binary log and position; empty and 0 when logging is off.</param>
/// <param name="Gtid">
/// MySQL: everything this server has (gtid_executed). MariaDB: where it stands in each domain (gtid_current_pos and
/// gtid_binlog_pos). Empty: no GTIDs. Compared by <see cref="Positions"/>, never as text.
/// </param>
/// <param name="SeesAllSessions">False: without the PROCESS privilege only its own rows show, so an empty list proves nothing.</param>
/// <param name="LogRetention">How long binary logs are kept; null: for ever or unknown.</param>
/// <param name="StandingJobs">Events that are disabled because they came by replication (SLAVESIDE_DISABLED, from MySQL 8.2 on REPLICA_SIDE_DISABLED).</param>
/// <param name="GtidApplied">MariaDB: the last transaction its replica threads applied in each domain (gtid_slave_pos).</param>
/// <param name="GtidLogged">MariaDB: the last transaction of every origin in its binary log (gtid_binlog_state).</param>
/// <param name="LogsReplicated">Passes on what it received (log_slave_updates, log_replica_updates).</param>
/// <param name="OldestLog">The oldest binary log it still has: a replica that needs an older one cannot come back (B0).</param>
public sealed record DatabaseFacts(
    string Product,
    string Version,
    long ServerId,
    bool ReadOnly,
    bool EventScheduler,
    string LogFile,
    long LogPosition,
    string Gtid,
    bool SeesAllSessions,
    TimeSpan? LogRetention,
    long LogBytes,
    ImmutableArray<ReplicationChannel> Channels,
    ImmutableArray<DatabaseSession> Sessions,
    ImmutableArray<string> StandingJobs,
    string GtidApplied = "",
    string GtidLogged = "",
    bool LogsReplicated = false,
    string OldestLog = "") : Facts;

/// <summary>One source this server follows.</summary>
/// <param name="ReadFile">How far it has read its source's log, and <paramref name="ExecFile"/> how far it has applied it.</param>
/// <param name="GtidIo">MariaDB: how far it has read by GTID. MySQL: retrieved set. Empty: no GTIDs.</param>
/// <param name="IoError">The server's words without statements and values, which are customers' data; so is <paramref name="SqlError"/>.</param>
/// <param name="SourceServerId">server_id of the source it last spoke with; 0: none yet since it started.</param>
/// <param name="Lag">As the server says; null is unknown, never zero. Never used to prove that nothing is lost (G1).</param>
public sealed record ReplicationChannel(
    string Name,
    string SourceHost,
    int SourcePort,
    ReplicationThread Io,
    bool SqlRunning,
    string IoState,
    int IoErrno,
    string IoError,
    int SqlErrno,
    string SqlError,
    string ReadFile,
    long ReadPosition,
    string ExecFile,
    long ExecPosition,
    string GtidIo,
    bool UsesGtid,
    TimeSpan? Lag,
    TimeSpan Delay,
    long SourceServerId = 0);

public enum ReplicationThread
{
    Unknown,
    Stopped,
    Connecting,
    Running,
}

/// <summary>A row of the process list that is neither replication nor the server's own nor ours.</summary>
/// <param name="Host">Client without port.</param>
/// <param name="Seconds">In its present state; 0 where the server does not say (a client that has not logged in yet).</param>
public sealed record DatabaseSession(long Id, string User, string Host, string Database, string Command, long Seconds);

/// <param name="ConfigurationChecksum">Of the file on disk.</param>
/// <param name="ConfigurationValid">haproxy -c accepts the file on disk; null: not asked.</param>
/// <param name="Uptime">Of this process: a reload or restart shows as a short one.</param>
/// <param name="MayChange">The socket has level admin, so servers can be set (F7); null: this version does not say.</param>
/// <param name="ConfigurationNewer">The file on disk was written after this process started, so a restart may change it (X6); null: unknown.</param>
public sealed record BalancerFacts(
    string Version,
    TimeSpan Uptime,
    string ConfigurationChecksum,
    bool? ConfigurationValid,
    ImmutableArray<BalancerServer> Servers,
    bool? MayChange = null,
    bool? ConfigurationNewer = null) : Facts
{
    public BalancerServer? Server(string backend, string name) => Servers.FirstOrDefault(s => s.Backend == backend && s.Name == name);
}

/// <param name="Admin">What was set by hand or configuration.</param>
/// <param name="Up">The checks say it is up and it takes part (or would).</param>
/// <param name="Backup">Takes over only when no active server of its backend is up.</param>
/// <param name="Sessions">Current sessions on it.</param>
public sealed record BalancerServer(
    string Backend, string Name, string Address, ServerAdmin Admin, bool Up, string Status, int Weight, bool Backup, int Sessions);

public enum ServerAdmin
{
    Unknown,
    Maint,
    Drain,
    Ready,
}

public sealed record ServiceFacts(ImmutableArray<ServiceState> Services) : Facts
{
    /// <summary>What starts and stops services there; decides the dialect of the next action (X5).</summary>
    public ServiceManager Manager { get; init; }

    public ServiceState? Find(string name) => Services.FirstOrDefault(s => s.Name == name);
}

/// <param name="Name">As the catalogue calls it.</param>
/// <param name="Start">How it starts at boot.</param>
/// <param name="Detail">The subsystem's own words, for example <c>failed (exit-code)</c>.</param>
public sealed record ServiceState(string Name, ServiceRun Run, ServiceStart Start, string Detail)
{
    /// <summary>Why the run state is unknown, where a person can do something about it; null otherwise.</summary>
    public Finding? Problem { get; init; }
}

public enum ServiceManager
{
    Unknown,
    Systemd,
    SysV,
    Windows,
}

public enum ServiceRun
{
    Unknown,
    NotInstalled,
    Starting,
    Stopping,
    Running,

    /// <summary>Not running, whatever it says of the way it ended (a Java service often ends as failed).</summary>
    Stopped,
}

public enum ServiceStart
{
    Unknown,
    Disabled,
    Manual,
    Automatic,
}

/// <summary>F11: what a client machine can use, tried through the floating addresses. Null: not asked for.</summary>
public sealed record ClientFacts(bool? ShareReadable, bool? ShareWritable, bool? DatabaseAnswers, string Detail) : Facts;

public sealed record SingletonFacts(string Name, ServiceRun Run) : Facts;

/// <summary>What a machine starts by itself at its next boot (X6): the units it has of those that matter there, and its kernels.</summary>
public sealed record BootFacts(ImmutableArray<BootUnit> Units, ImmutableArray<BootKernel> Kernels) : Facts;

/// <param name="Name">Of the unit without its suffix, or of the init script.</param>
public sealed record BootUnit(string Name, ServiceStart Start);

/// <summary>The running kernel or the newest installed one.</summary>
/// <param name="HasDrbd">Has the module, or DRBD built in; null: its list of modules is not there.</param>
public sealed record BootKernel(string Version, bool? HasDrbd);

/// <summary>Who has claimed this machine; all empty: nobody.</summary>
public sealed record ClaimFacts(string Run, string Controller, int Epoch) : Facts
{
    public static readonly ClaimFacts Nobody = new("", "", 0);

    public bool Free => Run.Length == 0;
}

public sealed record BackupFacts(ImmutableArray<BackupState> Backups) : Facts
{
    public BackupState? Find(string id) => Backups.FirstOrDefault(b => b.Id == id);
}

/// <param name="Complete">The dump ended well, its last line says so and it can be read to the end.</param>
public sealed record BackupState(string Id, string File, bool Running, bool Complete, long Bytes, string Detail);

/// <summary>The guests of one host as its hypervisor says.</summary>
public sealed record PowerFacts(ImmutableArray<Guest> Guests) : Facts
{
    /// <summary>The storages and networks that the host has; null: it did not say.</summary>
    public ImmutableArray<HostPart>? Parts { get; init; }

    public Guest? Find(string name) => Guests.FirstOrDefault(g => g.Name == name);
}

public enum HostPartKind
{
    Storage,
    Network,
}

/// <summary>Something of a host that its guests stand on.</summary>
/// <param name="Active">It can be used now.</param>
public sealed record HostPart(HostPartKind Kind, string Name, bool Active = true);

/// <param name="Autostart">Starts when the host boots (X3); null: not known.</param>
/// <param name="Managed">A high-availability manager of the hypervisor may start it by itself; null: not known.</param>
/// <param name="Lock">A backup, snapshot or migration blocks it; empty: none.</param>
public sealed record Guest(string Id, string Name, PowerState Power, bool? Autostart, bool? Managed, string Lock)
{
    /// <summary>Why its newest start, shutdown or stop failed, in the hypervisor's words; empty: it did not, or it is not known.</summary>
    public string LastFailure { get; init; } = "";

    /// <summary>The storages its disks are on and the networks its cards are in; null: not known.</summary>
    public ImmutableArray<HostPart>? StandsOn { get; init; }
}

public enum PowerState
{
    Unknown,
    Paused,
    On,
    Off,
}

public sealed record DowntimeFacts(ImmutableArray<Downtime> Downtimes) : Facts;

/// <param name="Object">Host object in the monitoring.</param>
/// <param name="Key">Our lease key, from the comment; empty: somebody else's.</param>
public sealed record Downtime(string Id, string Object, DateTimeOffset Start, DateTimeOffset End, string Author, string Key);
