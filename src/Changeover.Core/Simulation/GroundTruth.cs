using System.Text.Json.Serialization;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>
/// What is really so in the simulated cluster, apart from what is printed about it. Only the models of this namespace write
/// it; tests and the rehearsal read it. Quantities that grow by themselves (transactions, out-of-sync) are right as of the
/// last <see cref="World.Settle"/>.
/// </summary>
public sealed class GroundTruth
{
    /// <summary>Time of the newest event.</summary>
    public TimeSpan Now { get; set; }

    /// <summary>The backend whose chosen server is the writer; empty: no balancer chooses one.</summary>
    public string WriterBackend { get; set; } = "";
    public List<HostTruth> Hosts { get; set; } = [];
    public List<MachineTruth> Machines { get; set; } = [];
    public List<PairTruth> Pairs { get; set; } = [];

    /// <summary>Client connections to databases, those through a balancer and direct ones.</summary>
    public List<SessionTruth> Sessions { get; set; } = [];
    public List<DowntimeTruth> Downtimes { get; set; } = [];
    public TimeSpan MonitoringClockOffset { get; set; }

    /// <summary>Its login may only look.</summary>
    public bool MonitoringRefuses { get; set; }

    /// <summary>Everything that must never have been so, in the order it came.</summary>
    public List<Violation> Violations { get; set; } = [];

    private Dictionary<string, MachineTruth>? byName;

    public MachineTruth? Find(string machine)
    {
        byName ??= Machines.ToDictionary(m => m.Name, StringComparer.Ordinal);
        return byName.GetValueOrDefault(machine);
    }

    public MachineTruth Machine(string name) => Find(name) ?? throw new KeyNotFoundException($"no machine {name} in the simulated cluster");

    public PairTruth? PairOf(string machine)
    {
        foreach (var pair in Pairs)
        {
            if (pair.First == machine || pair.Second == machine)
                return pair;
        }
        return null;
    }

    /// <summary>The set of resources that carries a role on a machine's pair.</summary>
    public ResourceSetTruth? SetOf(string machine, string role)
    {
        foreach (var set in PairOf(machine)?.Sets ?? [])
        {
            if (set.Role == role)
                return set;
        }
        return null;
    }
}

public sealed class HostTruth
{
    public required string Name { get; init; }
    public required string Node { get; init; }

    /// <summary>Finished and running tasks of its interface, newest last.</summary>
    public List<TaskTruth> Tasks { get; set; } = [];
}

public sealed class TaskTruth
{
    public required string Id { get; init; }
    public required string Kind { get; init; }
    public required string Machine { get; init; }
    public bool Running { get; set; } = true;

    /// <summary><c>OK</c>, or what went wrong.</summary>
    public string Outcome { get; set; } = "";
}

public enum Power
{
    Off,
    Starting,
    On,
    Stopping,
}

public sealed class MachineTruth
{
    public required string Name { get; init; }
    public required string Host { get; set; }
    public required string HostName { get; init; }
    public required string NodeName { get; init; }
    public required string GuestName { get; init; }
    public required string Address { get; init; }
    public required Platform Platform { get; init; }
    public int GuestId { get; init; }

    public Power Power { get; set; } = Power.On;

    /// <summary>Counts boots; what was pending for an earlier one does not happen.</summary>
    public int Boot { get; set; } = 1;
    public TimeSpan BootedAt { get; set; }
    public TimeSpan StoppingSince { get; set; }
    public bool StartsWithHost { get; set; }
    public TimeSpan ClockOffset { get; set; }

    /// <summary>The network to it is cut; it lives on.</summary>
    public bool Unreachable { get; set; }
    public bool SudoGone { get; set; }
    public bool DiskFull { get; set; }
    public bool DiskReadOnly { get; set; }
    public bool HostKeyChanged { get; set; }

    /// <summary>What answers at its address is a copy of it under another name.</summary>
    public bool CopyAnswers { get; set; }

    /// <summary>Its mount of the share is dead.</summary>
    public bool MountLost { get; set; }

    /// <summary>The site's own control of its singleton fails.</summary>
    public bool SingletonRefuses { get; set; }

    /// <summary>Who holds its lock in the hypervisor; empty: nobody.</summary>
    public string Lock { get; set; } = "";

    /// <summary>Fault: the next time it goes off, something starts it again.</summary>
    public bool BootsAgain { get; set; }

    /// <summary>Fault: its guest does not react to a shutdown request.</summary>
    public bool IgnoresShutdown { get; set; }

    /// <summary>Of the module: 8.4 says everything in /proc/drbd, 9 in JSON.</summary>
    public string DrbdVersion { get; set; } = "8.4.11";

    /// <summary>The newest installed kernel has DRBD's module.</summary>
    public bool NewKernelHasDrbd { get; set; } = true;

    public ClaimTruth? Claim { get; set; }
    public NodeTruth? Node { get; set; }
    public BalancerTruth? Balancer { get; set; }
    public DatabaseTruth? Database { get; set; }
    public List<ServiceTruth> Services { get; set; } = [];
    public List<SingletonTruth> Singletons { get; set; } = [];
    public List<BackupTruth> Backups { get; set; } = [];

    [JsonIgnore]
    public string BootId => $"{GuestId:x8}-0000-4000-8000-{Boot:x12}";

    [JsonIgnore]
    public bool IsUp => Power is Power.On or Power.Stopping;

    public ServiceTruth? Service(string name)
    {
        foreach (var service in Services)
        {
            if (service.Name == name)
                return service;
        }
        return null;
    }
}

public sealed record ClaimTruth(string Run, string Controller, int Epoch);

/// <summary>A machine's membership of its Pacemaker cluster.</summary>
public sealed class NodeTruth
{
    public bool StartsAtBoot { get; set; } = true;

    public bool HasCrmSimulate { get; set; } = true;

    /// <summary>0.9 says standby with the cluster form, later ones with the node form only.</summary>
    public string PcsVersion { get; set; } = "0.11.5";

    /// <summary>Corosync and Pacemaker run on this machine.</summary>
    public bool Running { get; set; } = true;

    /// <summary>Joined: it takes part in decisions.</summary>
    public bool Online { get; set; } = true;

    /// <summary>Lost without a word and not fenced.</summary>
    public bool Unclean { get; set; }

    /// <summary>The node attribute. Kept in the CIB: it survives boots.</summary>
    public bool Standby { get; set; }

    /// <summary>Its shutdown was begun: everything leaves it.</summary>
    public bool Leaving { get; set; }

    /// <summary>Has seen its peer since it started; until then wait_for_all denies it quorum.</summary>
    public bool SeenPeer { get; set; } = true;
}

/// <summary>A Pacemaker cluster of two machines.</summary>
public sealed class PairTruth
{
    public required string Name { get; init; }

    /// <summary>The preferred one: on the first host.</summary>
    public required string First { get; init; }
    public required string Second { get; init; }
    public List<ResourceSetTruth> Sets { get; set; } = [];
    public int Stickiness { get; set; } = 100;

    /// <summary>Score of the location constraint for <see cref="First"/>; 0: no constraint.</summary>
    public int Preference { get; set; } = 50;

    /// <summary>A location constraint with a rule about an attribute that no node has.</summary>
    public bool HasRule { get; set; }
    public bool MaintenanceMode { get; set; }
    public string NoQuorumPolicy { get; set; } = "ignore";
    public List<BanTruth> Bans { get; set; } = [];
    public List<FailureTruth> Failures { get; set; } = [];

    /// <summary>The two do not hear each other, on no link.</summary>
    public bool LinkCut { get; set; }

    /// <summary>Fault: something that no constraint shows pulls everything to this machine; empty: nothing does.</summary>
    public string PulledTo { get; set; } = "";

    /// <summary>The pull waits for an unstandby; and then for the promotion score to be whole again.</summary>
    public bool PullArmed { get; set; }
    public bool PullAfterSync { get; set; }

    /// <summary>Rises with every change: rendered texts are kept per version.</summary>
    public int Version { get; set; }
    public TimeSpan ChangedAt { get; set; }

    /// <summary>Rises with every change of the configuration.</summary>
    public int Epoch { get; set; } = 16;

    public string Other(string machine) => machine == First ? Second : First;
}

/// <param name="Machine">From which it is kept away.</param>
/// <param name="Prefers">True: an INFINITY preference for it instead (crm_resource --move).</param>
public sealed record BanTruth(string Id, string Resource, string Machine, bool PromotedOnly, bool Prefers = false);

public sealed record FailureTruth(string Resource, string Machine, string Operation, int Code, string Reason, TimeSpan At);

/// <summary>The resources of one role on a pair: a DRBD clone with a group on it, or an address alone.</summary>
public sealed class ResourceSetTruth
{
    public required string Role { get; init; }

    /// <summary>Id of the DRBD primitive; empty: none.</summary>
    public string Clone { get; init; } = "";

    /// <summary>Id of the group; empty: its resources stand alone.</summary>
    public string Group { get; init; } = "";

    /// <summary>In start order.</summary>
    public List<ResourceTruth> Resources { get; init; } = [];
    public string FloatingAddress { get; init; } = "";
    public string DrbdName { get; init; } = "";

    public InstanceTruth First { get; set; } = new();
    public InstanceTruth Second { get; set; } = new();

    /// <summary>The two DRBD nodes talk to each other.</summary>
    public bool Connected { get; set; }

    /// <summary>While a resync runs: the machine that has the good data; empty: none runs.</summary>
    public string SyncSource { get; set; } = "";
    public TimeSpan SyncStart { get; set; }
    public TimeSpan SyncEnd { get; set; }
    public long SyncTotalKiB { get; set; }
    public long ResyncRate { get; set; } = Timings.ResyncKiBPerSecond;

    /// <summary>Fault: the agents no longer refresh the promotion scores.</summary>
    public bool ScoresLag { get; set; }

    /// <summary>Fault: promotions still to fail.</summary>
    public int PromotionsToFail { get; set; }

    [JsonIgnore]
    public bool HasDrbd => Clone.Length > 0;

    public InstanceTruth On(PairTruth pair, string machine) => machine == pair.First ? First : Second;
}

public sealed record ResourceTruth(string Id, string Agent);

/// <summary>One machine's share of a resource set.</summary>
public sealed class InstanceTruth
{
    /// <summary>Of the DRBD clone: Stopped, Unpromoted or Promoted (in between while <see cref="Doing"/> says so).</summary>
    public ResourceRole Role { get; set; } = ResourceRole.Stopped;

    /// <summary>How many resources of the set are started here, counted in start order.</summary>
    public int Started { get; set; }

    /// <summary>The action that runs now; empty: none.</summary>
    public string Doing { get; set; } = "";

    /// <summary>Wanted by the last decision.</summary>
    public bool Hold { get; set; }

    /// <summary>Promotion score as last refreshed by the agent; null: none.</summary>
    public int? Score { get; set; }

    /// <summary>A promotion failed here: not tried again until somebody cleans up.</summary>
    public bool Failed { get; set; }

    public DrbdDisk Disk { get; set; } = DrbdDisk.UpToDate;

    /// <summary>Will not connect until told: disconnected by hand, or after a split brain.</summary>
    public bool StandAlone { get; set; }

    /// <summary>Was primary while it had no peer, so it holds writes the other does not.</summary>
    public bool WroteAlone { get; set; }
    public long DirtyKiB { get; set; }

    /// <summary>Since when it writes alone (as of the last settling); null: it does not.</summary>
    public TimeSpan? AloneSince { get; set; }

    [JsonIgnore]
    public bool Up => Role is not (ResourceRole.Stopped or ResourceRole.Unknown);
}

public sealed class BalancerTruth
{
    public required string Role { get; init; }
    public bool Running { get; set; } = true;
    public bool StartsAtBoot { get; set; } = true;
    public TimeSpan StartedAt { get; set; }

    /// <summary>Its configuration file.</summary>
    public TimeSpan FileWrittenAt { get; set; } = TimeSpan.FromDays(-50);
    public bool FileValid { get; set; } = true;

    /// <summary>Of its socket: admin, operator or user; empty: it does not say.</summary>
    public string Level { get; set; } = "admin";
    public List<ServerTruth> Servers { get; set; } = [];
    public int Version { get; set; }

    public ServerTruth? Server(string backend, string name)
    {
        foreach (var server in Servers)
        {
            if (server.Name == name && server.Backend == backend)
                return server;
        }
        return null;
    }
}

public sealed class ServerTruth
{
    public required string Backend { get; init; }
    public required string Name { get; init; }
    public required string Machine { get; init; }
    public required int Port { get; init; }
    public bool Backup { get; init; }

    /// <summary>In the memory of the process only.</summary>
    public ServerAdmin Admin { get; set; } = ServerAdmin.Ready;
    public int Weight { get; set; } = 1;
    public bool Up { get; set; } = true;
    public TimeSpan ChangedAt { get; set; }
    public bool CheckPending { get; set; }

    /// <summary>Takes new sessions now.</summary>
    [JsonIgnore]
    public bool IsReady => Up && Admin == ServerAdmin.Ready && Weight > 0;
}

public sealed class DatabaseTruth
{
    public int ServerId { get; init; }
    public bool IsMaster { get; init; }
    public bool Running { get; set; } = true;
    public bool StartsAtBoot { get; set; } = true;
    public bool ReadOnly { get; set; }
    public int LogNumber { get; set; } = 2;

    /// <summary>Older logs than this one were removed.</summary>
    public int OldestLogNumber { get; set; } = 2;

    /// <summary>Events before the oldest log.</summary>
    public long OldestLogBase { get; set; }

    /// <summary>Events that came by replication and stand still here.</summary>
    public List<string> StandingJobs { get; set; } = [];

    /// <summary>Events before the current log.</summary>
    public long LogBase { get; set; }

    /// <summary>Transactions held, by the server that first committed them (index: server id − 1).</summary>
    public long[] Has { get; set; } = [];

    /// <summary>Whose transaction was the last one here.</summary>
    public int LastOrigin { get; set; } = 1;

    /// <summary>Sessions that write here now.</summary>
    public int Writers { get; set; }
    public long WriteCredit { get; set; }
    public long ApplyCredit { get; set; }
    public bool Lagging { get; set; }
    public long NextSession { get; set; } = 100;
    public ChannelTruth? Channel { get; set; }

    [JsonIgnore]
    public long Total
    {
        get
        {
            long total = 0;
            foreach (var n in Has)
                total += n;
            return total;
        }
    }

    [JsonIgnore]
    public string LogFile => $"binlog.{LogNumber:d6}";

    [JsonIgnore]
    public long LogPosition => 325 + ((Total - LogBase) * Timings.TransactionBytes);
}

/// <summary>The one source a database follows.</summary>
public sealed class ChannelTruth
{
    public required string Source { get; init; }

    /// <summary>What START and STOP set; also at boot.</summary>
    public bool Io { get; set; } = true;
    public bool Sql { get; set; } = true;

    public ReplicationThread IoState { get; set; } = ReplicationThread.Running;
    public bool ConnectPending { get; set; }
    public bool PasswordWrong { get; set; }
    public int IoErrno { get; set; }
    public int SqlErrno { get; set; }

    /// <summary>Read from the source and not applied yet, by first server.</summary>
    public long[] Read { get; set; } = [];
    public string ReadFile { get; set; } = "binlog.000002";
    public long ReadPosition { get; set; } = 325;
}

public sealed class SessionTruth
{
    public required long Id { get; init; }

    /// <summary>The machine with the client, and the service there that holds it.</summary>
    public required string Client { get; init; }
    public required string Service { get; init; }

    /// <summary>The balancer it goes through; empty: direct.</summary>
    public required string Balancer { get; init; }
    public required string Database { get; init; }
    public required TimeSpan Since { get; init; }

    /// <summary>Writes transactions. A forgotten session only sits there.</summary>
    public bool Writes { get; set; } = true;

    /// <summary>Nobody ends it when the service ends.</summary>
    public bool Forgotten { get; set; }
}

public sealed class ServiceTruth
{
    public required string Name { get; init; }
    public required ServiceForm Form { get; init; }
    public bool NeedsShare { get; init; }
    public bool NeedsDatabase { get; init; }
    public string Singleton { get; init; } = "";
    public bool Installed { get; set; } = true;

    /// <summary>Starts at boot.</summary>
    public bool Enabled { get; set; } = true;
    public ServiceRun Run { get; set; } = ServiceRun.Running;

    /// <summary>Ended badly (a unit in state failed); it counts as stopped.</summary>
    public bool Failed { get; set; }

    /// <summary>Fault: its next stop does not end by itself.</summary>
    public bool SticksStopping { get; set; }

    /// <summary>Fault: something starts it again each time it has been stopped.</summary>
    public bool Restarts { get; set; }
    public bool ConnectPending { get; set; }

    /// <summary>What is pending for an earlier start or stop does not happen.</summary>
    public int Turn { get; set; }
    public TimeSpan ChangedAt { get; set; }
}

public sealed class SingletonTruth
{
    public required string Name { get; init; }
    public required string Service { get; init; }
    public bool Running { get; set; }

    /// <summary>It starts together with its service.</summary>
    public bool Wanted { get; set; }
}

public sealed class BackupTruth
{
    public required string Id { get; init; }
    public required string File { get; init; }
    public required string Unit { get; init; }
    public bool Running { get; set; } = true;
    public bool Complete { get; set; }
    public TimeSpan StartedAt { get; set; }
    public TimeSpan EndsAt { get; set; }
    public long Bytes { get; set; }
}

/// <param name="Parent">Name of the host downtime a service downtime came with; empty: it is one of its own.</param>
public sealed record DowntimeTruth(
    int Id, string Name, string Object, long Start, long End, string Author, string Comment, string Parent = "");
