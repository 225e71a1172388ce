using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

public sealed record PlannedFault(TimeSpan At, Fault Fault);

/// <summary>
/// What goes wrong in one rehearsal. Swarm style: each seed enables a random subset of the kinds of faults, so that some runs
/// meet one kind alone and some meet many at once.
/// </summary>
/// <param name="RequestLost">Probability that a request never arrives.</param>
/// <param name="ReplyLost">Probability that an answer never comes back.</param>
/// <param name="Slow">Probability that an answer is late by up to <paramref name="SlowMost"/>.</param>
public sealed record FaultPlan(
    ulong Seed, double RequestLost, double ReplyLost, double Slow, TimeSpan SlowMost, ImmutableArray<PlannedFault> Scheduled)
{
    public static readonly FaultPlan None = new(0, 0, 0, 0, TimeSpan.Zero, []);

    /// <param name="horizon">Faults strike between now and then; a whole failover takes the simulated cluster some ten minutes.</param>
    public static FaultPlan Draw(ulong seed, ClusterInventory inventory, TimeSpan horizon)
    {
        // Not the world's own dice: the same seed with and without faults is otherwise the same cluster.
        var dice = new Dice(seed ^ 0x5EED_FA17_5EED_FA17);
        var lost = dice.Chance(0.5) ? 0.02 : 0;
        var silent = dice.Chance(0.5) ? 0.02 : 0;
        var slow = dice.Chance(0.3) ? 0.05 : 0;
        var scheduled = ImmutableArray.CreateBuilder<PlannedFault>();
        foreach (var draw in Kinds)
        {
            if (!dice.Chance(0.12) || draw(dice, inventory) is not { } fault)
                continue;
            scheduled.Add(new(TimeSpan.FromMilliseconds((long)(dice.Next() % (ulong)Math.Max(1, horizon.TotalMilliseconds))), fault));
        }
        return new(seed, lost, silent, slow, TimeSpan.FromSeconds(25), scheduled.ToImmutable());
    }

    /// <summary>The same faults, each this much later.</summary>
    public FaultPlan Later(TimeSpan by) => this with { Scheduled = [.. Scheduled.Select(f => f with { At = f.At + by })] };

    private static readonly ImmutableArray<Func<Dice, ClusterInventory, Fault?>> Kinds =
    [
        (d, i) => Pick(d, i.Balancers) is { } m ? new BalancerRefuses(m) : null,
        (d, i) => Pick(d, Stores(i)) is { } m ? new PromotionFails(m) : null,
        (d, i) => Pick(d, Members(i)) is { } m ? new FallsBack(m, d.Chance(0.5)) : null,
        (d, i) => Pick(d, i.Balancers) is { } m ? new BalancerReloads(m) : null,
        (d, i) => Pick(d, i.Machines.Where(m => i.ServicesOf(m).Any())) is { } m
            ? new ServiceSticks(m, i.ServicesOf(i.Machine(m)).First().Name) : null,
        (d, i) => Pick(d, i.Machines) is { } m ? new GuestIgnoresShutdown(m) : null,
        (d, i) => Pick(d, i.Databases) is { } m ? new ReplicationStops(m, d.Chance(0.5) ? 1062 : 0) : null,
        (d, i) => Pick(d, i.Masters) is { } m ? new ReplicationLags(m) : null,
        (d, i) => Pick(d, i.Masters) is { } m && Pick(d, i.MachinesWith(r => r.Services.Length > 0)) is { } client
            ? new SessionForgotten(client, m, d.Chance(0.5), d.Chance(0.3)) : null,
        (d, i) => Pick(d, i.Machines) is { } m ? new MachineUnreachable(m) : null,
        (d, i) => Pick(d, i.Machines) is { } m ? new SudoGone(m) : null,
        (d, i) => Pick(d, i.Machines) is { } m ? new HostKeyChanged(m) : null,
        (d, i) => Pick(d, Members(i)) is { } m ? new SomebodyMoves(m) : null,
        (d, i) => Pick(d, i.Balancers) is { } b && i.RolesOf(i.Machine(b)).First(r => r.Balancer is not null).Balancer is { WriterBackend.Length: > 0 } s
            && Pick(d, i.Masters) is { } m
            ? new SomebodySetsServer(b, s.WriterBackend, WorldBuilder.ServerName(s, m), d.Chance(0.5) ? ServerAdmin.Ready : ServerAdmin.Maint) : null,
        (d, i) => Pick(d, i.Machines) is { } m ? new SomebodyStartsGuest(m) : null,
        (d, i) => Pick(d, i.Machines.Where(m => i.ServicesOf(m).Any())) is { } m
            ? new SomebodyStartsService(m, i.ServicesOf(i.Machine(m)).First().Name) : null,
        (d, i) => Pick(d, Members(i)) is { } m ? new StaleBan(m) : null,
        (d, i) => Pick(d, Members(i)) is { } m ? new StickinessZero(m) : null,
        (d, i) => Pick(d, Stores(i)) is { } m ? new DrbdDisconnected(m) : null,
        (d, i) => Pick(d, Stores(i)) is { } m ? new ResyncSlow(m) : null,
        (d, i) => Pick(d, i.Machines) is { } m ? new ReplyLost(m, 3) : null,
        (d, i) => Pick(d, i.Machines) is { } m ? new ReplySlow(m, TimeSpan.FromSeconds(d.Below(40)), 3) : null,
        (d, i) => Pick(d, Stores(i)) is { } m ? new SplitBrain(m) : null,
        (d, i) => Pick(d, Stores(i)) is { } m ? new CopyInvalidated(m) : null,
        (d, i) => Pick(d, Stores(i)) is { } m ? new ScoresLag(m) : null,
        (d, i) => Pick(d, i.Masters) is { } m ? new LogsPurged(m) : null,
        (d, i) => Pick(d, i.Databases) is { } m ? new ReplicationPassword(m) : null,
        (d, i) => Pick(d, i.Balancers) is { } m ? new BalancerLevel(m, d.Chance(0.5) ? "operator" : "user") : null,
        (d, i) => Pick(d, i.Machines) is { } m ? new ClockOff(m, TimeSpan.FromMinutes(d.Below(20 * 60) - (10 * 60))) : null,
        (d, i) => Pick(d, i.Machines) is { } m ? new GuestBootsAgain(m) : null,
        (d, i) => Pick(d, i.Machines) is { } m ? new GuestLocked(m) : null,
        (d, i) => Pick(d, i.Machines.Where(m => i.ServicesOf(m).Any())) is { } m
            ? new ServiceRestarts(m, i.ServicesOf(i.Machine(m)).First().Name) : null,
        (d, i) => Pick(d, i.Machines.Where(m => i.ServicesOf(m).Any(s => s.NeedsShare))) is { } m ? new MountLost(m) : null,
        (d, i) => Pick(d, Members(i)) is { } m ? new SomebodySetsStandby(m, d.Chance(0.7)) : null,
        (d, i) => Pick(d, Members(i)) is { } m ? new SomebodyCleansUp(m) : null,
        (d, i) => Pick(d, i.Machines) is { } m ? new CopyAnswers(m) : null,
        (d, i) => Pick(d, i.Machines) is { } m ? new DiskFills(m) : null,
        (_, i) => i.Monitoring is not null ? new MonitoringRefuses() : null,
        (d, i) => i.Hosts.FirstOrDefault(h => h.Hypervisor == HypervisorKind.Proxmox) is { } h ? new HostPartDown(h.Name, d.Chance(0.5) ? "local-lvm" : "vmbr0") : null,
    ];

    private static IEnumerable<Machine> Members(ClusterInventory inventory) => inventory.MachinesWith(r => r.Redundancy == Redundancy.Pacemaker);

    private static IEnumerable<Machine> Stores(ClusterInventory inventory) => inventory.MachinesWith(r => r.Store is not null);

    private static string? Pick(Dice dice, IEnumerable<Machine> machines)
    {
        var names = machines.Select(m => m.Name).ToArray();
        return names.Length == 0 ? null : names[dice.Below(names.Length)];
    }
}
