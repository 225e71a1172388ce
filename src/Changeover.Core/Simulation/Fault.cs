using System.Text.Json.Serialization;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>Something that goes wrong, as data. Where a target is asked for, it is a machine's name, <c>host:NAME</c> or <c>monitoring</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "fault")]
[JsonDerivedType(typeof(RequestLost), "request-lost")]
[JsonDerivedType(typeof(ReplyLost), "reply-lost")]
[JsonDerivedType(typeof(ReplySlow), "reply-slow")]
[JsonDerivedType(typeof(BalancerRefuses), "balancer-refuses")]
[JsonDerivedType(typeof(BalancerLevel), "balancer-level")]
[JsonDerivedType(typeof(BalancerFileWritten), "balancer-file-written")]
[JsonDerivedType(typeof(NotAtBoot), "not-at-boot")]
[JsonDerivedType(typeof(PromotionFails), "promotion-fails")]
[JsonDerivedType(typeof(FallsBack), "falls-back")]
[JsonDerivedType(typeof(BalancerReloads), "balancer-reloads")]
[JsonDerivedType(typeof(ServiceSticks), "service-sticks")]
[JsonDerivedType(typeof(GuestIgnoresShutdown), "guest-ignores-shutdown")]
[JsonDerivedType(typeof(ReplicationStops), "replication-stops")]
[JsonDerivedType(typeof(ReplicationLags), "replication-lags")]
[JsonDerivedType(typeof(LogsPurged), "logs-purged")]
[JsonDerivedType(typeof(JobStandsStill), "job-stands-still")]
[JsonDerivedType(typeof(SessionForgotten), "session-forgotten")]
[JsonDerivedType(typeof(MachineUnreachable), "machine-unreachable")]
[JsonDerivedType(typeof(DiskFills), "disk-fills")]
[JsonDerivedType(typeof(MachineDies), "machine-dies")]
[JsonDerivedType(typeof(SudoGone), "sudo-gone")]
[JsonDerivedType(typeof(HostKeyChanged), "host-key-changed")]
[JsonDerivedType(typeof(SomebodyMoves), "somebody-moves")]
[JsonDerivedType(typeof(SomebodySetsServer), "somebody-sets-server")]
[JsonDerivedType(typeof(SomebodySetsStandby), "somebody-sets-standby")]
[JsonDerivedType(typeof(SomebodyStartsGuest), "somebody-starts-guest")]
[JsonDerivedType(typeof(SomebodyStartsService), "somebody-starts-service")]
[JsonDerivedType(typeof(StaleBan), "stale-ban")]
[JsonDerivedType(typeof(StickinessZero), "stickiness-zero")]
[JsonDerivedType(typeof(NoCrmSimulate), "no-crm-simulate")]
[JsonDerivedType(typeof(RuleConstraint), "rule-constraint")]
[JsonDerivedType(typeof(SomebodySetsDowntime), "somebody-sets-downtime")]
[JsonDerivedType(typeof(SomebodyClaims), "somebody-claims")]
[JsonDerivedType(typeof(DrbdDisconnected), "drbd-disconnected")]
[JsonDerivedType(typeof(ResyncSlow), "resync-slow")]
[JsonDerivedType(typeof(LinkCut), "link-cut")]
[JsonDerivedType(typeof(MaintenanceMode), "maintenance-mode")]
[JsonDerivedType(typeof(SplitBrain), "split-brain")]
[JsonDerivedType(typeof(CopyInvalidated), "copy-invalidated")]
[JsonDerivedType(typeof(ScoresLag), "scores-lag")]
[JsonDerivedType(typeof(SomebodyCleansUp), "somebody-cleans-up")]
[JsonDerivedType(typeof(SomebodyClears), "somebody-clears")]
[JsonDerivedType(typeof(ReplicationPassword), "replication-password")]
[JsonDerivedType(typeof(ReplicaRebuilt), "replica-rebuilt")]
[JsonDerivedType(typeof(ServiceRestarts), "service-restarts")]
[JsonDerivedType(typeof(SingletonRefuses), "singleton-refuses")]
[JsonDerivedType(typeof(MountLost), "mount-lost")]
[JsonDerivedType(typeof(CopyAnswers), "copy-answers")]
[JsonDerivedType(typeof(ClockOff), "clock-off")]
[JsonDerivedType(typeof(DiskReadOnly), "disk-read-only")]
[JsonDerivedType(typeof(GuestLocked), "guest-locked")]
[JsonDerivedType(typeof(GuestBootsAgain), "guest-boots-again")]
[JsonDerivedType(typeof(HostPartDown), "host-part-down")]
[JsonDerivedType(typeof(MonitoringRefuses), "monitoring-refuses")]
public abstract record Fault;

/// <summary>The next requests to a target never arrive; the asker hears nothing.</summary>
/// <param name="Target">Empty: any.</param>
public sealed record RequestLost(string Target, int Count = 1) : Fault;

/// <summary>The next requests to a target take effect, but their answers never come back.</summary>
public sealed record ReplyLost(string Target, int Count = 1) : Fault;

/// <summary>The next answers of a target come this much later, so that later questions are answered before them.</summary>
public sealed record ReplySlow(string Target, TimeSpan Delay, int Count = 1) : Fault;

/// <summary>The next lines of <c>set server</c> to a balancer are refused in text, with exit 0.</summary>
/// <param name="FirstOnly">Only the first command of each line, and the others are taken.</param>
public sealed record BalancerRefuses(string Balancer, int Count = 1, bool FirstOnly = false) : Fault;

/// <summary>HAProxy's socket has this level: admin, operator or user. Empty: an HAProxy that does not know the question.</summary>
public sealed record BalancerLevel(string Balancer, string Level) : Fault;

/// <summary>Somebody writes HAProxy's file and does not reload it.</summary>
/// <param name="Valid">False: with a mistake in it.</param>
public sealed record BalancerFileWritten(string Balancer, bool Valid = true) : Fault;

/// <summary>A part of the machine will not come back with its next boot, or will again.</summary>
public sealed record NotAtBoot(string Machine, BootPart Part, bool Missing = true) : Fault;

public enum BootPart
{
    Cluster,
    Balancer,
    Database,

    /// <summary>An update brought a kernel without DRBD's module.</summary>
    DrbdModule,
}

public sealed record PromotionFails(string Machine, int Count = 1) : Fault;

/// <summary>After the next unstandby, or when the resync after it has ended, everything goes back to the machine that was in standby.</summary>
public sealed record FallsBack(string Machine, bool AfterSync = false) : Fault;

/// <summary>HAProxy is reloaded: its administrative states are forgotten.</summary>
public sealed record BalancerReloads(string Balancer) : Fault;

public sealed record ServiceSticks(string Machine, string Service) : Fault;

/// <summary>Something on the machine starts the service again each time it has been stopped.</summary>
public sealed record ServiceRestarts(string Machine, string Service, bool Restarts = true) : Fault;

/// <summary>The site's own control of the singleton fails on this machine.</summary>
public sealed record SingletonRefuses(string Machine, bool Refuses = true) : Fault;

/// <summary>The machine's mount of the share is dead, although the share is there.</summary>
public sealed record MountLost(string Machine, bool Lost = true) : Fault;

public sealed record GuestIgnoresShutdown(string Machine) : Fault;

/// <summary>The next time it goes off, something starts it again a little later.</summary>
public sealed record GuestBootsAgain(string Machine) : Fault;

/// <summary>A backup or snapshot holds the guest's lock in the hypervisor; empty: none does any more.</summary>
public sealed record GuestLocked(string Machine, string Lock = "backup") : Fault;

/// <summary>A storage or network of a VM host is not there: what runs goes on, what is off does not start; or it is there again.</summary>
/// <param name="Part"><c>local-lvm</c> or <c>vmbr0</c>.</param>
public sealed record HostPartDown(string Host, string Part, bool Down = true) : Fault;

/// <summary>The login of the monitoring may only look.</summary>
public sealed record MonitoringRefuses(bool Refuses = true) : Fault;

/// <param name="SqlError">0: both threads are stopped by hand; otherwise the error the applying thread stopped with.</param>
public sealed record ReplicationStops(string Machine, int SqlError = 0) : Fault;

public sealed record ReplicationLags(string Machine, bool Lags = true) : Fault;

/// <summary>The database begins new logs and removes every older one, whoever still needs it.</summary>
public sealed record LogsPurged(string Machine) : Fault;

/// <summary>The password this database follows its source with is not valid there any more, and its connection was dropped; or it is valid again.</summary>
public sealed record ReplicationPassword(string Machine, bool Wrong = true) : Fault;

/// <summary>A person has built this database anew from its source, and it follows.</summary>
public sealed record ReplicaRebuilt(string Machine) : Fault;

/// <summary>A job (event) made on the other master is known here and does not run here, as always.</summary>
public sealed record JobStandsStill(string Machine, string Job) : Fault;

/// <summary>A client connection nobody closes.</summary>
/// <param name="Direct">Past the balancer.</param>
/// <param name="Writes">It also goes on writing.</param>
public sealed record SessionForgotten(string Client, string Database, bool Direct, bool Writes = false) : Fault;

/// <summary>No room is left on its disk, or there is again.</summary>
public sealed record DiskFills(string Machine, bool Full = true) : Fault;

/// <summary>Its file system was mounted read-only after an error, or is writable again.</summary>
public sealed record DiskReadOnly(string Machine, bool ReadOnly = true) : Fault;

/// <summary>The network to a machine is cut, or mended.</summary>
public sealed record MachineUnreachable(string Machine, bool Unreachable = true) : Fault;

public sealed record MachineDies(string Machine) : Fault;

public sealed record SudoGone(string Machine, bool Gone = true) : Fault;

public sealed record HostKeyChanged(string Machine) : Fault;

/// <summary>A restored copy of the machine, with its host key, answers at its address under another name.</summary>
public sealed record CopyAnswers(string Machine, bool Answers = true) : Fault;

/// <summary>A clock is off by this much: a machine's, or that of the monitoring.</summary>
public sealed record ClockOff(string Target, TimeSpan By) : Fault;

/// <summary>Somebody moves the pair's resources to this machine (crm_resource --move), which leaves a preference behind.</summary>
public sealed record SomebodyMoves(string Machine) : Fault;

public sealed record SomebodySetsServer(string Balancer, string Backend, string Server, ServerAdmin Admin) : Fault;

/// <summary>Somebody types <c>pcs node standby</c> (or unstandby) for this machine.</summary>
public sealed record SomebodySetsStandby(string Machine, bool Standby = true) : Fault;

public sealed record SomebodyStartsGuest(string Machine) : Fault;

public sealed record SomebodyStartsService(string Machine, string Service) : Fault;

/// <summary>Somebody types <c>pcs resource cleanup</c> on this machine.</summary>
public sealed record SomebodyCleansUp(string Machine) : Fault;

/// <summary>Somebody removes what moves and bans left behind (<c>pcs resource clear</c>).</summary>
public sealed record SomebodyClears(string Machine) : Fault;

/// <summary>An old ban keeps the pair's resources off this machine.</summary>
public sealed record StaleBan(string Machine) : Fault;

/// <summary>Somebody sets the stickiness of this machine's pair to 0, or back.</summary>
public sealed record StickinessZero(string Machine, bool Zero = true) : Fault;

/// <summary>crm_simulate is not installed on this machine.</summary>
public sealed record NoCrmSimulate(string Machine) : Fault;

/// <summary>The pair has a location constraint whose rule asks for a node's attribute. No node has it, so it moves nothing.</summary>
public sealed record RuleConstraint(string Machine) : Fault;

/// <summary>Somebody puts a monitoring object into downtime for a day.</summary>
public sealed record SomebodySetsDowntime(string Object) : Fault;

/// <summary>Another run claims this machine, or leaves its claim there.</summary>
public sealed record SomebodyClaims(string Machine, string Run) : Fault;

/// <summary>DRBD on this machine is disconnected by hand: StandAlone here, the cluster shows everything green.</summary>
public sealed record DrbdDisconnected(string Machine, bool Disconnected = true) : Fault;

/// <summary>Both copies were written while the two did not hear each other: both stand alone. Or a person ends it in favour of this machine's copy.</summary>
public sealed record SplitBrain(string Machine, bool Split = true) : Fault;

/// <summary>This machine's copy of the store is made anew from its peer's (drbdadm invalidate).</summary>
public sealed record CopyInvalidated(string Machine) : Fault;

public sealed record ResyncSlow(string Machine, long KiBPerSecond = Timings.SlowResyncKiBPerSecond) : Fault;

/// <summary>The agents of this machine's store no longer say how good the copies are: promotion scores stay as they are.</summary>
public sealed record ScoresLag(string Machine, bool Lag = true) : Fault;

/// <summary>The two machines of a pair do not hear each other any more.</summary>
public sealed record LinkCut(string Machine, bool Cut = true) : Fault;

public sealed record MaintenanceMode(string Machine, bool On = true) : Fault;
