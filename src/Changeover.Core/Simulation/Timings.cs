namespace Changeover.Simulation;

/// <summary>
/// How long things take in the simulated cluster. "Lab" means seen on the trial cluster (Debian 12, two cores, the stores
/// under User-Mode Linux, so the stores there are slower than real ones); "chosen" means between lab and field experience.
/// </summary>
internal static class Timings
{
    // One exchange over a ControlMaster connection. Lab: 10 to 50 ms in the same room.
    public static readonly TimeSpan LatencyLeast = TimeSpan.FromMilliseconds(5);
    public static readonly TimeSpan LatencyMost = TimeSpan.FromMilliseconds(40);

    /// <summary>An answer that comes after the answers to later questions; beyond most budgets of a single request it is none.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromSeconds(40);

    // Lab: crm_mon 0.55 s, cibadmin 0.2 s, crm_simulate 0.7 s, pcs 5.5 to 6.8 s under User-Mode Linux; a tenth of it here.
    public static readonly TimeSpan QuickCommand = TimeSpan.FromMilliseconds(8);
    public static readonly TimeSpan CrmMon = TimeSpan.FromMilliseconds(55);
    public static readonly TimeSpan Pcs = TimeSpan.FromMilliseconds(650);
    public static readonly TimeSpan CrmSimulate = TimeSpan.FromMilliseconds(70);

    // ConnectTimeout of the transport; lab: a busy store can take more than 3 s to accept ssh.
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    // Power. Lab: containers 2 s off and 0.1 s on, stores 10.4 s off and 7 s to ssh; real guests are slower (chosen).
    public static readonly TimeSpan ShutdownLeast = TimeSpan.FromSeconds(3);
    public static readonly TimeSpan ShutdownMost = TimeSpan.FromSeconds(20);
    public static readonly TimeSpan BootLeast = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan BootMost = TimeSpan.FromSeconds(40);

    // What starts a guest that is off (a manager of the hypervisor, a watchdog) looks every minute or so (chosen).
    public static readonly TimeSpan BootsAgain = TimeSpan.FromSeconds(30);

    // A guest that goes down takes no new logins soon after it began (lab: sshd is gone while other jobs still wait).
    public static readonly TimeSpan SshGone = TimeSpan.FromSeconds(2);

    // Pacemaker after boot. Lab: 1 to 3.5 s to the address with dc-deadtime=2s; default dc-deadtime is 20 s (chosen between).
    public static readonly TimeSpan NodeJoinLeast = TimeSpan.FromSeconds(3);
    public static readonly TimeSpan NodeJoinMost = TimeSpan.FromSeconds(8);

    // Corosync's token in the lab's corosync.conf.
    public static readonly TimeSpan Token = TimeSpan.FromSeconds(5);

    // From a changed CIB to the first action (lab: one scheduler round takes well under a second).
    public static readonly TimeSpan Scheduler = TimeSpan.FromMilliseconds(300);

    // Resource actions. Lab exec-times: promote 0.77 to 0.86 s, Filesystem 1.1 to 1.3 s, IPaddr2 1.0 to 1.1 s, smbd start
    // 3.8 to 5.9 s and stop 4.8 s under User-Mode Linux; smbd a third of it here. One way comes to about 8 s.
    public static readonly TimeSpan Promote = TimeSpan.FromMilliseconds(800);
    public static readonly TimeSpan Demote = TimeSpan.FromMilliseconds(700);
    public static readonly TimeSpan CloneStart = TimeSpan.FromMilliseconds(2800);
    public static readonly TimeSpan CloneStop = TimeSpan.FromMilliseconds(600);
    public static readonly TimeSpan FilesystemStart = TimeSpan.FromMilliseconds(1200);
    public static readonly TimeSpan FilesystemStop = TimeSpan.FromMilliseconds(600);
    public static readonly TimeSpan AddressStart = TimeSpan.FromMilliseconds(1050);
    public static readonly TimeSpan AddressStop = TimeSpan.FromMilliseconds(400);
    public static readonly TimeSpan ShareStart = TimeSpan.FromMilliseconds(1500);
    public static readonly TimeSpan ShareStop = TimeSpan.FromMilliseconds(1600);

    // The promotion score is refreshed by the agent's monitor. Lab: intervals of 29 s (promoted) and 31 s (unpromoted).
    public static readonly TimeSpan ScoreLeast = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan ScoreMost = TimeSpan.FromSeconds(31);

    // DRBD. Lab: 0.7 to 1.5 MB/s under User-Mode Linux; 40 MB/s is a common resync rate (public listings: 38,656 K/sec).
    public const long ResyncKiBPerSecond = 40_000;
    public const long SlowResyncKiBPerSecond = 200;
    public static readonly TimeSpan ResyncLeast = TimeSpan.FromMilliseconds(1500);

    // What recordings and logs write to the store while it is alone (chosen; lab: 24 MB in about half a minute of dd).
    public const long AloneKiBPerSecond = 300;
    public const long StoreKiB = 65_496;

    // HAProxy checks of the lab's configuration: every 2 s, fall 3, rise 2.
    public static readonly TimeSpan CheckFall = TimeSpan.FromSeconds(6);
    public static readonly TimeSpan CheckRise = TimeSpan.FromSeconds(4);
    public static readonly TimeSpan HaproxyStart = TimeSpan.FromMilliseconds(800);

    // The database. Lab: replication runs by itself within 3.5 s of the boot; MASTER_CONNECT_RETRY 2.
    public static readonly TimeSpan DatabaseStart = TimeSpan.FromMilliseconds(2500);
    public static readonly TimeSpan DatabaseStop = TimeSpan.FromMilliseconds(1500);
    public static readonly TimeSpan ReplicaConnect = TimeSpan.FromSeconds(2);

    // MySQL 8.4 where nobody said otherwise: SOURCE_CONNECT_RETRY, and SOURCE_RETRY_COUNT after which the thread ends (manual).
    public static readonly TimeSpan MysqlConnectRetry = TimeSpan.FromSeconds(60);
    public const int MysqlRetryCount = 10;

    // A source that vanished without a word is noticed after slave_net_timeout (lab: 10 s; the default is 60 s).
    public static readonly TimeSpan ReplicaTimeout = TimeSpan.FromSeconds(10);

    // One transaction a session every second (lab: the stand-in runs "select 1" every second); applied far faster.
    public static readonly TimeSpan Transaction = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Apply = TimeSpan.FromMilliseconds(1);

    // With the lag fault a transaction takes as long to apply as ten sessions need to write twenty.
    public static readonly TimeSpan ApplyLagging = TimeSpan.FromSeconds(2);
    public const int TransactionBytes = 214;

    // Services. Lab stand-ins take 1 s; a real Wildfly takes 20 to 60 s to start (chosen shorter: budgets are tested elsewhere).
    public static readonly TimeSpan ServiceStartLeast = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan ServiceStartMost = TimeSpan.FromSeconds(12);
    public static readonly TimeSpan ServiceStopLeast = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan ServiceStopMost = TimeSpan.FromSeconds(9);
    public static readonly TimeSpan ServiceRestarts = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan AutostartLeast = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan AutostartMost = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan Reconnect = TimeSpan.FromSeconds(2);

    // Lab: three connections a stand-in.
    public const int SessionsPerService = 3;

    // Two singletons this long are no hand-over any more (chosen: a person needs minutes).
    public static readonly TimeSpan SingletonHandOver = TimeSpan.FromMinutes(5);

    // A dump of the lab's empty database takes under a second; a real one minutes (chosen).
    public static readonly TimeSpan BackupLeast = TimeSpan.FromSeconds(8);
    public static readonly TimeSpan BackupMost = TimeSpan.FromSeconds(40);

    public static readonly TimeSpan PersonWalk = TimeSpan.FromSeconds(2);
}
