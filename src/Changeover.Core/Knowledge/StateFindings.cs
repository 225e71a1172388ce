using Changeover.Findings;

namespace Changeover.Knowledge;

/// <summary>Why the state of a machine, service, balancer or database is not the one that is needed.</summary>
public static class StateFindings
{
    public static readonly FindingCode NotSeen = new("state.not-seen", Severity.Error,
        "{subject} has not been looked at yet ({asked}); unknown counts as not good.");

    public static readonly FindingCode Stale = new("state.stale", Severity.Error,
        "{subject} was last looked at ({asked}) too long ago to rely on; it is being asked again.");

    public static readonly FindingCode NotYet = new("state.not-yet", Severity.Info,
        "{subject} is not due before {time}.");

    public static readonly FindingCode TurnBack = new("state.turn-back", Severity.Error,
        "{subject}, {time}, has passed. Turn back with abort and the failback (or failover) that is derived then, or go on with accept and a reason.");

    public static readonly FindingCode PowerNotAs = new("power.not-as-expected", Severity.Error,
        "{subject} is {seen} by its hypervisor, expected {expected}. Look at it in the hypervisor's console.");

    public static readonly FindingCode NotPlaced = new("power.not-on-host", Severity.Error,
        "{subject} is not on {host} by the hypervisor, but the inventory says so. Move it there, or correct its host in the inventory; powering machines of the wrong host is the most damaging mistake of all.");

    public static readonly FindingCode HostNotReady = new("power.host-not-ready", Severity.Error,
        "{subject} needs the {kind} {part} of {host}, which is {seen}, expected active; it would not start, or start without it. Bring it up on the host first. If it is there and only not listed, the token lacks the right to see it (docs/rights.md).");

    public static readonly FindingCode GuestLocked = new("power.locked", Severity.Error,
        "{subject} is locked in the hypervisor ({lock}), so it cannot be switched. Wait until the backup, snapshot or migration has ended.");

    public static readonly FindingCode GuestManaged = new("power.managed", Severity.Error,
        "{subject} is under the hypervisor's own high availability, which may start it again by itself. Take it out of it for the maintenance.");

    public static readonly FindingCode GuestUnknown = new("power.guest-unknown", Severity.Warning,
        "{subject} runs guest {guest}, which the inventory does not know. It is not touched; know what happens to it when the host goes down.");

    public static readonly FindingCode Autostart = new("power.autostart", Severity.Warning,
        "{subject} starts by itself when {host} boots. It then comes up before its turn; set its start at boot to off in the hypervisor, or switch it on yourself in order.");

    public static readonly FindingCode WrongName = new("machine.wrong-name", Severity.Danger,
        "{subject} answers as {seen}, expected {expected}. Commands never go to a machine that is not the one meant; correct the address in the inventory.");

    public static readonly FindingCode ClockOff = new("machine.clock-off", Severity.Warning,
        "{subject} has a clock that differs by {seconds} s. Downtimes and logs will not fit together; correct its time source.");

    public static readonly FindingCode RebootPending = new("machine.reboot-pending", Severity.Warning,
        "{subject} waits for a reboot (updated packages). It may come back different from how it went; reboot and check it before the maintenance.");

    public static readonly FindingCode DiskFull = new("machine.disk-full", Severity.Error,
        "{subject} has no room left on {mount} ({free} MB free). A database on it waits without a word, a service does not start, a backup ends in the middle; make room.");

    public static readonly FindingCode DiskLow = new("machine.disk-low", Severity.Warning,
        "{subject} has little room left on {mount} ({free} MB free). Logs and a backup grow during a maintenance; make room before it.");

    public static readonly FindingCode ServiceNotAs = new("service.not-as-expected", Severity.Error,
        "{subject}: {service} is {seen}, expected {expected}.");

    public static readonly FindingCode SingletonNotAs = new("singleton.not-as-expected", Severity.Error,
        "{subject}: {singleton} is {seen}, expected {expected}; exactly one machine has to run it, or calls are not distributed.");

    public static readonly FindingCode AddressMissing = new("address.missing", Severity.Error,
        "{subject} does not hold the address {address}; clients that use it reach nothing.");

    public static readonly FindingCode AddressTwice = new("address.twice", Severity.Danger,
        "{subject} is held by {machines} at the same time; clients reach one or the other by chance. Stop at once and find out which one is right.");

    public static readonly FindingCode ShareUnusable = new("client.share-unusable", Severity.Error,
        "{subject} cannot use the store's share: {detail}. Software started now would fail or write into an empty folder. Mount it again.");

    public static readonly FindingCode DatabaseUnreachable = new("client.database-unreachable", Severity.Error,
        "{subject} cannot reach the database through the floating address: {detail}.");

    public static readonly FindingCode ClaimedByOther = new("claim.taken", Severity.Error,
        "{subject} is claimed by run {run} of {controller}. Two runs must never work on one cluster; finish or abort that one first, or take the claim over by your word.");

    public static readonly FindingCode ClaimNotHeld = new("claim.not-held", Severity.Error,
        "{subject} does not carry this run's claim.");

    public static readonly FindingCode DowntimeMissing = new("downtime.missing", Severity.Error,
        "{subject} has no downtime of this maintenance until {until}; people would be called for what is planned.");

    public static readonly FindingCode DowntimeLeft = new("downtime.left", Severity.Error,
        "{subject} still has a downtime of this maintenance; an unplanned fault would go unseen.");

    public static readonly FindingCode BackupNotComplete = new("backup.not-complete", Severity.Error,
        "{subject}: backup {id} is {seen}. Without a proved backup nothing is changed.");

    public static readonly FindingCode BackupLeft = new("backup.left", Severity.Error,
        "{subject}: backup {id} is still there.");

    public static readonly FindingCode DrbdNotAs = new("drbd.not-as-expected", Severity.Error,
        "{subject}: DRBD {resource} is {seen}, expected {expected}.");

    public static readonly FindingCode DrbdNone = new("drbd.none", Severity.Error,
        "{subject} shows no DRBD resource that is up; its copy of the data is not being kept.");

    public static readonly FindingCode DrbdSplit = new("drbd.stand-alone", Severity.Danger,
        "{subject}: DRBD {resource} stands alone and does not reconnect; the two copies may have split. Read docs/troubleshooting.md before touching it; choosing the wrong copy loses data.");

    public static readonly FindingCode ScoreLow = new("drbd.promotion-score", Severity.Error,
        "{subject}: node {node} has promotion score {seen}, expected 10000; its copy is not (yet) as good as the other.");

    public static readonly FindingCode SetupDaemonsDisabled = new("pacemaker.not-enabled", Severity.Error,
        "{subject} does not start corosync and pacemaker at boot (systemctl is-enabled); it would not come back into its pair.");

    public static readonly FindingCode ForecastMoves = new("pacemaker.forecast", Severity.Error,
        "{subject}: the cluster would run {resource} {seen} after {step} of {node}, needed: {expected}. Standby would not do what this procedure needs; look at stickiness and location constraints (pcs constraint, pcs resource defaults).");

    public static readonly FindingCode JoinMoves = new("pacemaker.join-forecast", Severity.Error,
        "{subject}: when node {node} joins again, the cluster would run {resource} {seen}, needed: {expected}. The role would move by itself, under whoever uses it, as soon as the machine is up or its copy synchronised. Raise the stickiness above every preference (pcs resource defaults, pcs constraint) before it is switched on.");

    public static readonly FindingCode LeftoverConstraint = new("pacemaker.leftover-constraint", Severity.Error,
        "{subject}: constraint {constraint} was left by a move, a ban or a fence handler and decides where {resource} goes. Remove it when it is not wanted (pcs resource clear {resource}).");

    public static readonly FindingCode StandbyLeft = new("pacemaker.standby-left", Severity.Error,
        "{subject}: node {node} carries a standby attribute.");

    internal static readonly ImmutableArray<FindingCode> All =
    [
        NotSeen, Stale, NotYet, TurnBack, PowerNotAs, NotPlaced, HostNotReady, GuestLocked, GuestManaged, GuestUnknown, Autostart, WrongName, ClockOff, RebootPending, DiskFull, DiskLow,
        ServiceNotAs, SingletonNotAs, AddressMissing, AddressTwice, ShareUnusable, DatabaseUnreachable, ClaimedByOther,
        ClaimNotHeld, DowntimeMissing, DowntimeLeft, BackupNotComplete, BackupLeft, DrbdNotAs, DrbdNone, DrbdSplit, ScoreLow,
        SetupDaemonsDisabled, ForecastMoves, JoinMoves, LeftoverConstraint, StandbyLeft,
    ];
}
