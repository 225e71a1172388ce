using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>The software on the machines: it starts and stops in its own time, needs share and database, and holds sessions.</summary>
internal sealed class ServiceModel(World world)
{
    /// <param name="byBoot">By the boot of its machine, not by a word to it.</param>
    public void Start(MachineTruth machine, ServiceTruth service, bool byBoot = false)
    {
        if (!service.Installed || service.Run is ServiceRun.Running or ServiceRun.Starting)
            return;
        // Who cut the machine's own network made its share unreachable, and its own mount may fail as it boots; no look at the store could have told before it was up.
        var itsOwnWay = machine.Unreachable || (byBoot && machine.MountLost);
        if (service.NeedsShare && !itsOwnWay && !world.ShareAnswers(machine))
            world.Violate(Invariants.ServiceWithoutStore, machine.Name, $"{service.Name} is started while its share is not there", oursOnly: true, by: world.Doings.StoreTakenSince(machine));
        Turn(service, ServiceRun.Starting);
        world.Doings.Begins(machine, service);
        world.After(
            world.Dice.Between(Timings.ServiceStartLeast, Timings.ServiceStartMost),
            new ServiceTurns(machine.Name, service.Name, service.Turn));
    }

    public void Stop(MachineTruth machine, ServiceTruth service)
    {
        if (service.Run is not (ServiceRun.Running or ServiceRun.Starting))
            return;
        Turn(service, ServiceRun.Stopping);
        if (service.SticksStopping)
            return;
        world.After(
            world.Dice.Between(Timings.ServiceStopLeast, Timings.ServiceStopMost),
            new ServiceTurns(machine.Name, service.Name, service.Turn));
    }

    private void Turn(ServiceTruth service, ServiceRun run)
    {
        service.Run = run;
        service.Turn++;
        service.Failed = false;
        service.ChangedAt = world.Now;
        service.ConnectPending = false;
    }

    /// <summary>A start or a stop comes to its end.</summary>
    public void Turns(ServiceTurns turns)
    {
        var machine = world.Truth.Machine(turns.Machine);
        if (machine.Service(turns.Service) is not { } service || service.Turn != turns.Turn)
            return;
        if (service.Run == ServiceRun.Stopping)
        {
            Ended(machine, service, false);
            if (service.Restarts)
                world.Schedule(new SomebodyStartsService(machine.Name, service.Name), world.Now + Timings.ServiceRestarts);
        }
        else if (service.Run == ServiceRun.Starting)
            Started(machine, service);
    }

    private void Started(MachineTruth machine, ServiceTruth service)
    {
        if ((service.NeedsShare && !world.ShareAnswers(machine))
            || (service.NeedsDatabase && world.Balancers.Writer?.Database is not { Running: true }))
        {
            Ended(machine, service, true);
            return;
        }
        service.Run = ServiceRun.Running;
        service.ChangedAt = world.Now;
        foreach (var singleton in machine.Singletons)
        {
            if (singleton.Service == service.Name && singleton.Wanted)
                SetSingleton(machine, singleton, true);
        }
        if (service.NeedsDatabase)
            Connect(machine, service, TimeSpan.FromMilliseconds(200));
        world.Balancers.HealthChanged(machine.Name);
    }

    private void Ended(MachineTruth machine, ServiceTruth service, bool failed)
    {
        service.Run = ServiceRun.Stopped;
        service.Failed = failed;
        service.ChangedAt = world.Now;
        service.ConnectPending = false;
        DropSessions(s => s.Client == machine.Name && s.Service == service.Name && !s.Forgotten);
        foreach (var singleton in machine.Singletons)
        {
            if (singleton.Service == service.Name)
                singleton.Running = false;
        }
        world.Balancers.HealthChanged(machine.Name);
    }

    /// <summary>The machine goes down: everything on it ends, orderly or not.</summary>
    public void MachineGoes(MachineTruth machine)
    {
        foreach (var service in machine.Services)
        {
            if (service.Run == ServiceRun.Stopped)
                continue;
            service.Turn++;
            Ended(machine, service, false);
        }
        DropSessions(s => s.Client == machine.Name);
    }

    public void SetSingleton(MachineTruth machine, SingletonTruth singleton, bool run)
    {
        if (singleton.Running == run)
            return;
        singleton.Running = run;
        if (!run)
            return;
        foreach (var other in world.Truth.Machines)
        {
            foreach (var s in other.Singletons)
            {
                if (s.Name == singleton.Name && s.Running && other != machine)
                    world.After(Timings.SingletonHandOver, new SingletonsCounted(singleton.Name));
            }
        }
    }

    /// <summary>After the time of a hand-over: still two?</summary>
    public void CountSingletons(SingletonsCounted counted)
    {
        var names = new List<string>();
        foreach (var machine in world.Truth.Machines)
        {
            foreach (var singleton in machine.Singletons)
            {
                if (singleton.Name == counted.Name && singleton.Running)
                    names.Add(machine.Name);
            }
        }
        if (names.Count > 1)
            world.Violate(Invariants.TwoSingletons, counted.Name, $"runs on {string.Join(" and ", names)} at once, for longer than a hand-over");
    }

    /// <summary>Every running service without sessions tries again; those in time already are left alone.</summary>
    public void ConnectClients()
    {
        foreach (var machine in world.Truth.Machines)
        {
            foreach (var service in machine.Services)
            {
                if (service is { NeedsDatabase: true, Run: ServiceRun.Running, ConnectPending: false } && !HasSessions(machine, service))
                    Connect(machine, service, Timings.Reconnect);
            }
        }
    }

    private void Connect(MachineTruth machine, ServiceTruth service, TimeSpan after)
    {
        service.ConnectPending = true;
        world.After(after, new ClientConnects(machine.Name, service.Name, service.Turn));
    }

    private bool HasSessions(MachineTruth machine, ServiceTruth service)
    {
        foreach (var session in world.Truth.Sessions)
        {
            if (session.Client == machine.Name && session.Service == service.Name && !session.Forgotten)
                return true;
        }
        return false;
    }

    public void Connects(ClientConnects connects)
    {
        var machine = world.Truth.Machine(connects.Machine);
        if (machine.Service(connects.Service) is not { Run: ServiceRun.Running } service || service.Turn != connects.Turn)
            return;
        service.ConnectPending = false;
        // Nobody answers now: WriterMayHaveChanged calls again when somebody does.
        if (BalancerModel.Writers(world.Truth, world.WriterBackend, out var balancer) is not { Database.Running: true, Power: Power.On } writer
            || machine.Unreachable || HasSessions(machine, service))
            return;
        for (var i = 0; i < Timings.SessionsPerService; i++)
            Open(machine.Name, service.Name, balancer?.Name ?? "", writer, true, false);
        world.Databases.CountWriters(writer);
    }

    public void Open(string client, string service, string balancer, MachineTruth database, bool writes, bool forgotten)
    {
        world.Truth.Sessions.Add(new SessionTruth
        {
            Id = database.Database!.NextSession++,
            Client = client,
            Service = service,
            Balancer = balancer,
            Database = database.Name,
            Since = world.Now,
            Writes = writes,
            Forgotten = forgotten,
        });
        if (balancer.Length > 0)
            world.Truth.Machine(balancer).Balancer!.Version++;
    }

    public void DropSessions(Predicate<SessionTruth> which)
    {
        var sessions = world.Truth.Sessions;
        var before = sessions.Count;
        foreach (var session in sessions)
        {
            if (session.Balancer.Length > 0 && which(session))
                world.Truth.Machine(session.Balancer).Balancer!.Version++;
        }
        if (before == 0 || sessions.RemoveAll(which) == 0)
            return;
        foreach (var machine in world.DatabaseOrder)
            world.Databases.CountWriters(machine);
        if (world.Balancers.Writer?.Database is { Running: true })
            ConnectClients();
    }
}
