using System.Diagnostics;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>Deals out what happens to the models: happenings that are due, faults that strike, things done by hand.</summary>
internal sealed class FaultModel(World world)
{
    /// <summary>Faults that wait for the next exchange with their target.</summary>
    public List<Fault> Armed { get; } = [];

    public void Happens(Happening happening)
    {
        switch (happening)
        {
            case ActionEnds h: world.Pacemaker.ActionEnds(h); break;
            case ClusterDecides h: world.Pacemaker.Decide(world.Pair(h.Pair)); break;
            case ScoreRefreshes h: world.Pacemaker.ScoreRefreshes(h); break;
            case NodeJoins h: world.Pacemaker.Joins(h); break;
            case NodeMissed h: world.Pacemaker.Missed(h); break;
            case SyncEnds h: world.Drbd.SyncEnds(h); break;
            case CheckEnds h: world.Balancers.CheckEnds(h); break;
            case ServiceTurns h: world.Services.Turns(h); break;
            case ClientConnects h: world.Services.Connects(h); break;
            case SingletonsCounted h: world.Services.CountSingletons(h); break;
            case ReplicaConnects h: world.Databases.Connects(h); break;
            case ReplicaNotices h: world.Databases.Notices(h); break;
            case BootEnds h: world.Machines.BootEnds(h); break;
            case BootStarts h: world.Machines.BootStarts(h); break;
            case PowerGoes h: world.Machines.PowerGoes(h); break;
            case BackupEnds h: BackupEnds(h); break;
            case FaultStrikes h: Strikes(h.Fault); break;
            default: throw new UnreachableException(happening.GetType().Name);
        }
    }

    private void BackupEnds(BackupEnds ends)
    {
        var machine = world.Truth.Machine(ends.Machine);
        if (machine.Backups.Find(b => b.Id == ends.Backup) is not { Running: true } backup)
            return;
        backup.Running = false;
        backup.Complete = machine is { DiskFull: false, DiskReadOnly: false, Database.Running: true };
    }

    // ---- faults of the exchange ----------------------------------------------------------------------------------------

    public bool LosesRequest(string target) =>
        Take<RequestLost>(f => Fits(f.Target, target), f => f.Count > 1 ? f with { Count = f.Count - 1 } : null) is not null
        || (world.Plan.RequestLost > 0 && world.Dice.Chance(world.Plan.RequestLost));

    public bool LosesReply(string target) =>
        Take<ReplyLost>(f => Fits(f.Target, target), f => f.Count > 1 ? f with { Count = f.Count - 1 } : null) is not null
        || (world.Plan.ReplyLost > 0 && world.Dice.Chance(world.Plan.ReplyLost));

    public TimeSpan Delay(string target)
    {
        if (Take<ReplySlow>(f => Fits(f.Target, target), f => f.Count > 1 ? f with { Count = f.Count - 1 } : null) is { } slow)
            return slow.Delay;
        return world.Plan.Slow > 0 && world.Dice.Chance(world.Plan.Slow)
            ? world.Dice.Between(TimeSpan.FromSeconds(1), world.Plan.SlowMost)
            : TimeSpan.Zero;
    }

    public BalancerRefuses? RefusesServers(string balancer) =>
        Take<BalancerRefuses>(f => f.Balancer == balancer, f => f.Count > 1 ? f with { Count = f.Count - 1 } : null);

    private static bool Fits(string wanted, string target) => wanted.Length == 0 || wanted == target;

    private T? Take<T>(Predicate<T> fits, Func<T, Fault?> rest)
        where T : Fault
    {
        for (var i = 0; i < Armed.Count; i++)
        {
            if (Armed[i] is not T fault || !fits(fault))
                continue;
            if (rest(fault) is { } left)
                Armed[i] = left;
            else
                Armed.RemoveAt(i);
            return fault;
        }
        return null;
    }

    // ---- faults of the cluster -----------------------------------------------------------------------------------------

    private void Strikes(Fault fault)
    {
        switch (fault)
        {
            case RequestLost or ReplyLost or ReplySlow or BalancerRefuses: Armed.Add(fault); break;
            case BalancerLevel f: world.Truth.Machine(f.Balancer).Balancer!.Level = f.Level; break;
            case BalancerFileWritten f: WriteFile(f); break;
            case NotAtBoot f: Disable(f); break;
            case PromotionFails f: StoreOf(f.Machine).Set.PromotionsToFail += f.Count; break;
            case FallsBack f: SetPull(f); break;
            case BalancerReloads f: Reload(f.Balancer); break;
            case ServiceSticks f: SetSticks(f); break;
            case GuestIgnoresShutdown f: world.Truth.Machine(f.Machine).IgnoresShutdown = true; break;
            case ReplicationStops f: StopReplication(f); break;
            case ReplicationLags f: SetLag(f); break;
            case LogsPurged f: PurgeLogs(f.Machine); break;
            case ReplicationPassword f: world.Databases.SetPassword(world.Truth.Machine(f.Machine), f.Wrong); break;
            case ReplicaRebuilt f: world.Databases.Rebuild(world.Truth.Machine(f.Machine)); break;
            case JobStandsStill f: world.Truth.Machine(f.Machine).Database!.StandingJobs.Add(f.Job); break;
            case SessionForgotten f: Forget(f); break;
            case MachineUnreachable f: world.Machines.SetUnreachable(world.Truth.Machine(f.Machine), f.Unreachable); break;
            case DiskFills f: world.Truth.Machine(f.Machine).DiskFull = f.Full; break;
            case DiskReadOnly f: world.Truth.Machine(f.Machine).DiskReadOnly = f.ReadOnly; break;
            case MachineDies f: world.Machines.Dies(world.Truth.Machine(f.Machine)); break;
            case SudoGone f: world.Truth.Machine(f.Machine).SudoGone = f.Gone; break;
            case HostKeyChanged f: world.Truth.Machine(f.Machine).HostKeyChanged = true; break;
            case CopyAnswers f: world.Truth.Machine(f.Machine).CopyAnswers = f.Answers; break;
            case ClockOff f: SetClock(f); break;
            case GuestLocked f: world.Truth.Machine(f.Machine).Lock = f.Lock; break;
            case HostPartDown f: SetPart(f); break;
            case GuestBootsAgain f: world.Truth.Machine(f.Machine).BootsAgain = true; break;
            case MonitoringRefuses f: world.Truth.MonitoringRefuses = f.Refuses; break;
            case MountLost f: world.Truth.Machine(f.Machine).MountLost = f.Lost; break;
            case SingletonRefuses f: world.Truth.Machine(f.Machine).SingletonRefuses = f.Refuses; break;
            case ServiceRestarts f: SetRestarts(f); break;
            case SomebodyMoves f: Constrain(f.Machine, true); break;
            case StaleBan f: Constrain(f.Machine, false); break;
            case SomebodyClears f: Clear(f.Machine); break;
            case SomebodyCleansUp f: world.Pacemaker.Cleanup(world.Truth.PairOf(f.Machine)!); break;
            case SomebodySetsServer f: SetServer(f); break;
            case SomebodySetsStandby f: world.Pacemaker.SetStandby(world.Truth.Machine(f.Machine), f.Standby); break;
            case SomebodyStartsGuest f: world.Machines.PowerOn(world.Truth.Machine(f.Machine)); break;
            case SomebodyStartsService f: StartService(f); break;
            case StickinessZero f: SetStickiness(f); break;
            case NoCrmSimulate f: world.Truth.Machine(f.Machine).Node!.HasCrmSimulate = false; break;
            case RuleConstraint f: AddRule(f.Machine); break;
            case SomebodySetsDowntime f: SetDowntime(f.Object); break;
            case SomebodyClaims f: world.Truth.Machine(f.Machine).Claim = new(f.Run, "elsewhere", 1); break;
            case DrbdDisconnected f: Disconnect(f); break;
            case ResyncSlow f: SlowResync(f); break;
            case SplitBrain f: Split(f); break;
            case CopyInvalidated f: Invalidate(f.Machine); break;
            case ScoresLag f: SetScoresLag(f.Machine, f.Lag); break;
            case LinkCut f: CutLink(f); break;
            case MaintenanceMode f: SetMaintenance(f); break;
            default: throw new UnreachableException(fault.GetType().Name);
        }
    }

    private (PairTruth Pair, ResourceSetTruth Set) StoreOf(string machine)
    {
        var pair = world.Truth.PairOf(machine) ?? throw new KeyNotFoundException($"{machine} is in no pair");
        return (pair, pair.Sets.Find(s => s.HasDrbd) ?? throw new KeyNotFoundException($"{machine} has no store"));
    }

    private void SetPart(HostPartDown fault)
    {
        var parts = world.Host(fault.Host).Parts;
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Name == fault.Part)
                parts[i] = parts[i] with { Active = !fault.Down };
        }
    }

    private void SetPull(FallsBack fault)
    {
        var pair = world.Truth.PairOf(fault.Machine)!;
        pair.PulledTo = fault.Machine;
        pair.PullArmed = false;
        pair.PullAfterSync = fault.AfterSync;
    }

    private void Reload(string name)
    {
        var machine = world.Truth.Machine(name);
        if (machine is not { Power: Power.On, Balancer.Running: true })
            return;
        world.Balancers.Start(machine);
    }

    private void WriteFile(BalancerFileWritten fault)
    {
        var balancer = world.Truth.Machine(fault.Balancer).Balancer!;
        balancer.FileWrittenAt = world.Now;
        balancer.FileValid = fault.Valid;
    }

    private void Disable(NotAtBoot fault)
    {
        var machine = world.Truth.Machine(fault.Machine);
        switch (fault.Part)
        {
            case BootPart.Cluster: machine.Node!.StartsAtBoot = !fault.Missing; break;
            case BootPart.Balancer: machine.Balancer!.StartsAtBoot = !fault.Missing; break;
            case BootPart.Database: machine.Database!.StartsAtBoot = !fault.Missing; break;
            case BootPart.DrbdModule: machine.NewKernelHasDrbd = !fault.Missing; break;
            default: throw new UnreachableException(fault.Part.ToString());
        }
    }

    private void SetSticks(ServiceSticks fault)
    {
        if (world.Truth.Machine(fault.Machine).Service(fault.Service) is { } service)
            service.SticksStopping = true;
    }

    private void StopReplication(ReplicationStops fault)
    {
        if (world.Truth.Machine(fault.Machine).Database?.Channel is not { } channel)
            return;
        world.Databases.Settle();
        if (fault.SqlError != 0)
            channel.SqlErrno = fault.SqlError;
        else
            world.Databases.SetReplication(world.Truth.Machine(fault.Machine), false);
    }

    private void PurgeLogs(string machine)
    {
        world.Databases.Settle();
        var db = world.Truth.Machine(machine).Database!;
        db.LogNumber += 2;
        db.LogBase = db.Total;
        db.OldestLogNumber = db.LogNumber;
        db.OldestLogBase = db.Total;
    }

    private void SetClock(ClockOff fault)
    {
        if (fault.Target == MonitoringAnswers.Target)
            world.Truth.MonitoringClockOffset = fault.By;
        else
            world.Truth.Machine(fault.Target).ClockOffset = fault.By;
    }

    private void SetRestarts(ServiceRestarts fault)
    {
        if (world.Truth.Machine(fault.Machine).Service(fault.Service) is { } service)
            service.Restarts = fault.Restarts;
    }

    private void Clear(string machine)
    {
        var pair = world.Truth.PairOf(machine)!;
        pair.Bans.Clear();
        world.Pacemaker.Reconfigured(pair);
    }

    private void Split(SplitBrain fault)
    {
        var (pair, set) = StoreOf(fault.Machine);
        if (fault.Split)
            world.Drbd.Split(pair, set);
        else
            world.Drbd.Join(pair, set, fault.Machine);
    }

    private void Invalidate(string machine)
    {
        var (pair, set) = StoreOf(machine);
        world.Drbd.Invalidate(pair, set, machine);
    }

    private void SetScoresLag(string machine, bool lag)
    {
        var (pair, set) = StoreOf(machine);
        world.Drbd.SetScoresLag(pair, set, lag);
    }

    private void SetLag(ReplicationLags fault)
    {
        world.Databases.Settle();
        if (world.Truth.Machine(fault.Machine).Database is { } db)
            db.Lagging = fault.Lags;
    }

    private void Forget(SessionForgotten fault)
    {
        var database = world.Truth.Machine(fault.Database);
        if (database is not { Power: Power.On, Database.Running: true })
            return;
        var balancer = fault.Direct ? "" : BalancerModel.HolderOfAddress(world.Truth)?.Name ?? "";
        world.Services.Open(fault.Client, "", balancer, database, fault.Writes, true);
        if (fault is { Direct: true, Writes: true })
            world.Doings.OpensBeside();
        world.Databases.CountWriters(database);
    }

    private void Constrain(string name, bool prefers)
    {
        var machine = world.Truth.Machine(name);
        var pair = world.Truth.PairOf(name)!;
        foreach (var set in pair.Sets)
        {
            var resource = set.Group.Length > 0 ? set.Group : set.Resources[0].Id;
            var id = prefers ? $"cli-prefer-{resource}" : $"cli-ban-{resource}-on-{machine.NodeName}";
            pair.Bans.RemoveAll(b => b.Id == id);
            pair.Bans.Add(new(id, resource, name, false, prefers));
        }
        world.Pacemaker.Reconfigured(pair);
    }

    private void SetServer(SomebodySetsServer fault)
    {
        var machine = world.Truth.Machine(fault.Balancer);
        if (machine is { Power: Power.On, Balancer.Running: true } && machine.Balancer.Server(fault.Backend, fault.Server) is { } server)
            world.Balancers.Set(machine, server, fault.Admin, null);
    }

    private void StartService(SomebodyStartsService fault)
    {
        var machine = world.Truth.Machine(fault.Machine);
        if (machine.Power == Power.On && machine.Service(fault.Service) is { } service)
            world.Services.Start(machine, service);
    }

    private void SetStickiness(StickinessZero fault)
    {
        var pair = world.Truth.PairOf(fault.Machine)!;
        pair.Stickiness = fault.Zero ? 0 : PairTruth.UsualStickiness;
        world.Pacemaker.Reconfigured(pair);
    }

    private void AddRule(string machine)
    {
        var pair = world.Truth.PairOf(machine)!;
        pair.HasRule = true;
        world.Pacemaker.Reconfigured(pair);
    }

    private void SetDowntime(string of)
    {
        var now = world.Utc.ToUnixTimeSeconds();
        var id = world.Truth.Downtimes.Select(d => d.Id).DefaultIfEmpty(0).Max() + 1;
        world.Truth.Downtimes.Add(new(id, $"{of}!somebody-{id}", of, now, now + (24 * 60 * 60), "somebody", "disk is being replaced"));
    }

    private void Disconnect(DrbdDisconnected fault)
    {
        var (pair, set) = StoreOf(fault.Machine);
        if (set.On(pair, fault.Machine).Up)
            world.Drbd.SetStandAlone(pair, set, fault.Machine, fault.Disconnected);
    }

    private void SlowResync(ResyncSlow fault)
    {
        var (pair, set) = StoreOf(fault.Machine);
        world.Drbd.SetRate(pair, set, fault.KiBPerSecond);
    }

    private void CutLink(LinkCut fault)
    {
        var pair = world.Truth.PairOf(fault.Machine)!;
        pair.LinkCut = fault.Cut;
        foreach (var set in pair.Sets)
            world.Drbd.Relink(pair, set);
        world.Pacemaker.Meet(pair);
        world.Pacemaker.Changed(pair);
        world.After(fault.Cut ? Timings.Token : Timings.NodeJoinLeast, new ClusterDecides(pair.Name));
    }

    private void SetMaintenance(MaintenanceMode fault)
    {
        var pair = world.Truth.PairOf(fault.Machine)!;
        pair.MaintenanceMode = fault.On;
        world.Pacemaker.Reconfigured(pair);
    }

    public void Heal()
    {
        Armed.Clear();
        foreach (var machine in world.Truth.Machines)
        {
            machine.SudoGone = machine.HostKeyChanged = machine.IgnoresShutdown = machine.BootsAgain = machine.CopyAnswers = machine.MountLost = machine.SingletonRefuses = false;
            machine.ClockOffset = TimeSpan.Zero;
            machine.Lock = "";
            if (machine.Unreachable)
                world.Machines.SetUnreachable(machine, false);
            if (machine.Database is { Lagging: true })
                Strikes(new ReplicationLags(machine.Name, false));
            foreach (var service in machine.Services)
                service.Restarts = false;
            foreach (var service in machine.Services.Where(s => s.SticksStopping))
            {
                service.SticksStopping = false;
                if (service.Run == ServiceRun.Stopping)
                    world.After(Timings.ServiceStopLeast, new ServiceTurns(machine.Name, service.Name, service.Turn));
            }
        }
        foreach (var pair in world.Truth.Pairs)
        {
            pair.PulledTo = "";
            if (pair.LinkCut)
                Strikes(new LinkCut(pair.First, false));
            foreach (var set in pair.Sets.Where(s => s.HasDrbd))
            {
                world.Drbd.SetRate(pair, set, Timings.ResyncKiBPerSecond);
                if (set.ScoresLag)
                    world.Drbd.SetScoresLag(pair, set, false);
            }
        }
        world.Truth.MonitoringRefuses = false;
        world.Truth.MonitoringClockOffset = TimeSpan.Zero;
    }

    // ---- by hand -------------------------------------------------------------------------------------------------------

    /// <summary>What a person can carry out in place of the program.</summary>
    public void ByHand(ClusterAction action)
    {
        switch (action)
        {
            case Instruct { InPlaceOf: { } inner }:
                ByHand(inner);
                break;
            case SetService a when On(a.Machine) is { } machine && machine.Service(a.Service) is { } service:
                if (a.Run)
                    world.Services.Start(machine, service);
                else
                    world.Services.Stop(machine, service);
                break;
            case SetPower a when world.Truth.Find(a.Machine) is { } machine:
                _ = a.On ? world.Machines.PowerOn(machine) : a.Hard ? world.Machines.Stop(machine) : world.Machines.Shutdown(machine);
                break;
            case SetSingleton a when On(a.Machine) is { } machine:
                foreach (var singleton in machine.Singletons.Where(s => s.Name == a.Singleton))
                {
                    singleton.Wanted = a.Run;
                    // It lives inside its service: without that it cannot run.
                    world.Services.SetSingleton(machine, singleton, a.Run && machine.Service(singleton.Service) is { Run: ServiceRun.Running });
                }
                break;
            case SetStandby a when On(a.Machine) is { Node: not null } machine:
                world.Pacemaker.SetStandby(machine, a.Standby);
                break;
            case SetServers a when On(a.Balancer) is { Balancer.Running: true } machine:
                foreach (var s in a.Servers)
                {
                    if (machine.Balancer.Server(s.Backend, s.Server) is { } server)
                        world.Balancers.Set(machine, server, s.Admin, s.Weight);
                }
                break;
            case SetReplication a when On(a.Machine) is { } machine:
                world.Databases.SetReplication(machine, a.Run);
                break;
            case EndSession a:
                world.Services.DropSessions(s => s.Database == a.Machine && s.Id == a.Session);
                break;
        }
    }

    private MachineTruth? On(string name) => world.Truth.Find(name) is { Power: Power.On } machine ? machine : null;
}
