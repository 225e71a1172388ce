using System.Globalization;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>Power and boots: what a machine does when it is switched on, asked to shut down, or dies.</summary>
internal sealed class MachineModel(World world)
{
    /// <summary>Starts a guest; returns the hypervisor's task.</summary>
    public TaskTruth PowerOn(MachineTruth machine)
    {
        var task = NewTask(machine, "qmstart");
        if (IsLocked(machine, task))
            return task;
        if (machine.Power != Power.Off)
        {
            Finish(task, "VM " + machine.GuestId.ToString(CultureInfo.InvariantCulture) + " already running");
            return task;
        }
        if (world.Host(machine.Host).Parts.Find(p => !p.Active && machine.StandsOn.Exists(s => s.Kind == p.Kind && s.Name == p.Name)) is { } down)
        {
            Finish(task, down.Kind == HostPartKind.Network ? $"bridge '{down.Name}' does not exist" : $"storage '{down.Name}' is not online");
            return task;
        }
        machine.Power = Power.Starting;
        machine.Boot++;
        Finish(task, "OK");
        world.After(world.Dice.Between(Timings.BootLeast, Timings.BootMost), new BootEnds(machine.Name, machine.Boot));
        return task;
    }

    /// <summary>Asks the guest to shut down.</summary>
    public TaskTruth Shutdown(MachineTruth machine)
    {
        var task = NewTask(machine, "qmshutdown");
        if (IsLocked(machine, task))
            return task;
        if (machine.Power == Power.Off)
        {
            Finish(task, "VM " + machine.GuestId.ToString(CultureInfo.InvariantCulture) + " not running");
            return task;
        }
        world.Invariants.BeforePowerOff(machine);
        world.After(world.Dice.Between(Timings.ShutdownLeast, Timings.ShutdownMost), new PowerGoes(machine.Name, machine.Boot, task.Id));
        if (!machine.IgnoresShutdown)
            BeginShutdown(machine);
        return task;
    }

    private void BeginShutdown(MachineTruth machine)
    {
        if (machine.Power != Power.On)
            return;
        machine.Power = Power.Stopping;
        machine.StoppingSince = world.Now;
        world.Services.MachineGoes(machine);
        world.Databases.Stop(machine, said: true);
        world.Balancers.HealthChanged(machine.Name);
        world.Pacemaker.Leave(machine);
    }

    /// <summary>Pulls the plug.</summary>
    public TaskTruth Stop(MachineTruth machine)
    {
        var task = NewTask(machine, "qmstop");
        if (IsLocked(machine, task))
            return task;
        Finish(task, "OK");
        if (machine.Power == Power.Off)
            return task;
        world.Invariants.BeforePowerOff(machine);
        Dies(machine);
        return task;
    }

    public void Dies(MachineTruth machine)
    {
        var wasUp = machine.Power != Power.Starting;
        machine.Power = Power.Off;
        machine.Boot++;
        EndTasks(machine);
        if (!wasUp)
            return;
        world.Doings.FallsSilent(machine);
        world.Services.MachineGoes(machine);
        world.Databases.Stop(machine, said: false);
        world.Balancers.Stop(machine);
        world.Pacemaker.Lost(machine);
        Off(machine);
    }

    public void PowerGoes(PowerGoes goes)
    {
        var machine = world.Truth.Machine(goes.Machine);
        if (machine.Boot != goes.Boot)
            return;
        if (machine.IgnoresShutdown && machine.Power == Power.On)
        {
            // Proxmox VE gives a guest its timeout and then says so in the task.
            if (Task(machine.Host, goes.Task) is { } task)
                Finish(task, "VM quit/powerdown failed - got timeout");
            return;
        }
        BeginShutdown(machine);
        if (machine.Node is { Running: true } && world.Now - machine.StoppingSince < TimeSpan.FromSeconds(90))
        {
            world.After(TimeSpan.FromSeconds(1), goes);
            return;
        }
        world.Balancers.Stop(machine);
        if (machine.Node is { Running: true })
            world.Pacemaker.Lost(machine);
        machine.Power = Power.Off;
        Off(machine);
        if (Task(machine.Host, goes.Task) is { } done)
            Finish(done, "OK");
        if (machine.BootsAgain)
            world.Schedule(new SomebodyStartsGuest(machine.Name), world.Now + Timings.BootsAgain);
        machine.BootsAgain = false;
    }

    private void Off(MachineTruth machine)
    {
        // /run is in memory.
        machine.Claim = null;
        foreach (var backup in machine.Backups)
            backup.Running = false;
        world.Balancers.HealthChanged(machine.Name);
        world.AddressesChanged();
    }

    public void BootEnds(BootEnds ends)
    {
        var machine = world.Truth.Machine(ends.Machine);
        if (machine.Boot != ends.Boot || machine.Power != Power.Starting)
            return;
        machine.Power = Power.On;
        machine.BootedAt = world.Now;
        machine.Claim = null;
        if (machine.Node is { StartsAtBoot: true } node)
        {
            node.Running = true;
            node.Online = false;
            node.SeenPeer = false;
            world.After(world.Dice.Between(Timings.NodeJoinLeast, Timings.NodeJoinMost), new NodeJoins(machine.Name, machine.Boot));
        }
        if (machine.Balancer is { StartsAtBoot: true })
            world.After(Timings.HaproxyStart, new BootStarts(machine.Name, machine.Boot, "/haproxy"));
        if (machine.Database is { StartsAtBoot: true })
            world.After(Timings.DatabaseStart, new BootStarts(machine.Name, machine.Boot, "/database"));
        foreach (var service in machine.Services)
        {
            if (service is { Enabled: true, Installed: true, Form: ServiceForm.Service })
                world.After(world.Dice.Between(Timings.AutostartLeast, Timings.AutostartMost), new BootStarts(machine.Name, machine.Boot, service.Name));
        }
    }

    public void BootStarts(BootStarts starts)
    {
        var machine = world.Truth.Machine(starts.Machine);
        if (machine.Boot != starts.Boot || machine.Power != Power.On)
            return;
        switch (starts.Part)
        {
            case "/haproxy":
                world.Balancers.Start(machine);
                break;
            case "/database":
                world.Databases.Start(machine);
                break;
            default:
                world.Services.Start(machine, machine.Service(starts.Part)!, byBoot: true);
                break;
        }
    }

    public void SetUnreachable(MachineTruth machine, bool unreachable)
    {
        world.Databases.Settle();
        machine.Unreachable = unreachable;
        if (unreachable)
        {
            world.Doings.FallsSilent(machine);
            world.Services.DropSessions(s => s.Client == machine.Name || s.Database == machine.Name || s.Balancer == machine.Name);
            foreach (var follower in world.DatabaseOrder)
            {
                if (follower.Database!.Channel is { } channel && (channel.Source == machine.Name || follower == machine))
                    world.After(Timings.ReplicaTimeout, new ReplicaNotices(follower.Name, follower.Boot));
            }
        }
        else
        {
            world.Databases.SourceIsBack(machine.Name);
            if (machine.Database?.Channel is { } channel)
                world.Databases.SourceIsBack(channel.Source);
        }
        world.Balancers.HealthChanged(machine.Name);
        world.Balancers.WriterMayHaveChanged();
    }

    private TaskTruth NewTask(MachineTruth machine, string kind)
    {
        var host = world.Host(machine.Host);
        var id = string.Create(
            CultureInfo.InvariantCulture,
            $"UPID:{host.Node}:{0x1000 + host.Tasks.Count:X8}:{(long)world.Now.TotalMilliseconds / 10:X8}:{world.Utc.ToUnixTimeSeconds():X8}:{kind}:{machine.GuestId}:changeover@pve!run:");
        var task = new TaskTruth { Id = id, Kind = kind, Machine = machine.Name };
        host.Tasks.Add(task);
        return task;
    }

    private static bool IsLocked(MachineTruth machine, TaskTruth task)
    {
        if (machine.Lock.Length > 0)
            Finish(task, $"VM is locked ({machine.Lock})");
        return machine.Lock.Length > 0;
    }

    private static void Finish(TaskTruth task, string outcome)
    {
        task.Running = false;
        task.Outcome = outcome;
    }

    private void EndTasks(MachineTruth machine)
    {
        foreach (var task in world.Host(machine.Host).Tasks)
        {
            if (task.Machine == machine.Name && task.Running)
                Finish(task, "OK");
        }
    }

    public TaskTruth? Task(string host, string id) => world.Host(host).Tasks.Find(t => t.Id == id);
}
