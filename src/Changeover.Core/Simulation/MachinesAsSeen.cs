using System.Globalization;
using Changeover.Drivers;
using Changeover.Drivers.Downtimes;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>Power, machines, their software and claims, and downtimes, as they were seen.</summary>
internal static class MachinesAsSeen
{
    /// <summary>A clock that differs by less is the time of question and answer.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(3);

    public static void Apply(Sighting seen)
    {
        foreach (var host in seen.Truth.Hosts)
        {
            if (seen.Facts<PowerFacts>(SubjectKind.Power, host.Name)?.Parts is { } parts)
                host.Parts = [.. parts];
        }
        foreach (var machine in seen.Truth.Machines)
        {
            Power(seen, machine);
            if (machine.Power == Simulation.Power.Off)
                GoesOff(machine);
            else
                IsUp(seen, machine);
            // What it starts at a boot and what it is installed with outlives it.
            if (seen.Facts<BootFacts>(SubjectKind.Boot, machine.Name) is { } boot)
                Boot(machine, boot);
        }
        if (seen.Facts<DowntimeFacts>(SubjectKind.Downtimes, MonitoringAnswers.Target) is { } downtimes)
            seen.Truth.Downtimes = [.. downtimes.Downtimes.Select(Downtime)];
    }

    private static void Power(Sighting seen, MachineTruth machine)
    {
        var answers = seen.Picture.Find(SubjectKind.Machine, machine.Name) is { Silent: false };
        var (host, guest) = seen.Truth.Hosts
            .Select(h => (h.Name, Guest: seen.Facts<PowerFacts>(SubjectKind.Power, h.Name)?.Find(machine.GuestName)))
            .FirstOrDefault(x => x.Guest is not null);
        // Of a silent machine nobody can say whether it is on, unless a hypervisor tells, or a person who switched it.
        machine.Power = guest?.Power is PowerState.Off || (guest is null && !answers && (seen.Inventory.IsSwitchedByAPerson(machine.Name) || seen.Dice.Chance(0.5)))
            ? Simulation.Power.Off : Simulation.Power.On;
        machine.Unreachable = machine.Power == Simulation.Power.On && !answers;
        if (guest is null)
            return;
        machine.Host = host;
        if (int.TryParse(guest.Id, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            machine.GuestId = id;
        machine.StartsWithHost = guest.Autostart ?? machine.StartsWithHost;
        machine.Lock = guest.Lock;
        if (guest.StandsOn is { } parts)
            machine.StandsOn = [.. parts];
        var tasks = seen.Truth.Hosts.Find(h => h.Name == host)!.Tasks;
        tasks.RemoveAll(t => t.Machine == machine.Name);
        if (guest.LastFailure.Split(": ", 2) is [var kind, var outcome])
            tasks.Add(new() { Id = $"UPID:{host}:00001000:00000000:00000000:{kind}:{guest.Id}:changeover@pve!run:", Kind = kind, Machine = machine.Name, Running = false, Outcome = outcome });
    }

    private static void GoesOff(MachineTruth machine)
    {
        machine.Claim = null;
        foreach (var service in machine.Services)
            service.Run = ServiceRun.Stopped;
        foreach (var singleton in machine.Singletons)
            singleton.Running = false;
    }

    private static void IsUp(Sighting seen, MachineTruth machine)
    {
        var problem = seen.Problem(SubjectKind.Machine, machine.Name);
        machine.HostKeyChanged = problem == ExchangeFindings.HostKeyChanged.Code;
        machine.SudoGone = problem == ExchangeFindings.SudoAsks.Code || (problem == ExchangeFindings.LoginRefused.Code && !seen.Inventory.Machine(machine.Name).Sudo);
        if (seen.Picture.Find(SubjectKind.Machine, machine.Name) is { Facts: MachineFacts facts } answer)
            Machine(seen, machine, facts, answer);
        Services(seen, machine);
        // Nobody has claimed what nobody could be asked about: a claim that was there would have been seen when it was set.
        machine.Claim = seen.Facts<ClaimFacts>(SubjectKind.Claim, machine.Name) is { Free: false } claim ? new(claim.Run, claim.Controller, claim.Epoch) : null;
        foreach (var singleton in machine.Singletons)
        {
            if (seen.Facts<SingletonFacts>(SubjectKind.Singleton, machine.Name) is not { } known || known.Name != singleton.Name)
            {
                singleton.Running &= machine.Service(singleton.Service) is { Run: ServiceRun.Running };
                continue;
            }
            singleton.Running = known.Run == ServiceRun.Running;
            // While its service is stopped nobody can see whether it would start with it.
            if (machine.Service(singleton.Service) is { Run: ServiceRun.Running })
                singleton.Wanted = singleton.Running;
        }
    }

    private static void Machine(Sighting seen, MachineTruth machine, MachineFacts facts, Observation answer)
    {
        machine.CopyAnswers = !Knowledge.Conditions.MachineIs.SameName(facts.HostName, machine.HostName);
        machine.BootedAt = -(facts.Uptime ?? TimeSpan.FromDays(1));
        if (facts.Clock is { } clock)
        {
            var off = clock - answer.AskedAt.Utc;
            machine.ClockOffset = off > -Tolerance && off < answer.AnsweredAt - answer.AskedAt + Tolerance ? TimeSpan.Zero : off;
        }
        machine.RebootPending = facts.RebootPending ?? machine.RebootPending;
        if (facts.Disks is { } disks)
            machine.Disks = [.. disks];
        machine.MoreAddresses = [.. facts.Addresses.Where(a => a != machine.Address && !seen.Inventory.Roles.Any(r => r.FloatingAddress == a))];
    }

    private static void Services(Sighting seen, MachineTruth machine)
    {
        var facts = seen.Facts<ServiceFacts>(SubjectKind.Services, machine.Name);
        foreach (var service in machine.Services)
        {
            if (facts?.Find(service.Name) is not { Run: not ServiceRun.Unknown } known)
            {
                service.Run = seen.Dice.Chance(0.5) ? ServiceRun.Running : ServiceRun.Stopped;
                continue;
            }
            service.Installed = known.Run != ServiceRun.NotInstalled;
            service.Run = service.Installed ? known.Run : ServiceRun.Stopped;
            service.Failed = known.Detail.StartsWith("failed", StringComparison.Ordinal);
            if (known.Start != ServiceStart.Unknown)
                service.Enabled = known.Start == ServiceStart.Automatic;
        }
    }

    private static void Boot(MachineTruth machine, BootFacts facts)
    {
        bool Starts(bool otherwise, params ReadOnlySpan<string> names)
        {
            foreach (var unit in facts.Units)
            {
                if (names.Contains(unit.Name) && unit.Start != ServiceStart.Unknown)
                    return unit.Start == ServiceStart.Automatic;
            }
            return otherwise;
        }
        if (machine.Database is { } database)
            database.StartsAtBoot = Starts(database.StartsAtBoot, "mariadb", "mysql", "mysqld");
        if (machine.Balancer is { } balancer)
            balancer.StartsAtBoot = Starts(balancer.StartsAtBoot, "haproxy");
        machine.NewKernelHasDrbd = facts.Kernels is [.., var newest] ? newest.HasDrbd ?? machine.NewKernelHasDrbd : machine.NewKernelHasDrbd;
    }

    private static DowntimeTruth Downtime(Downtime d, int place) => new(
        place + 1, d.Id, d.Object, d.Start.ToUnixTimeSeconds(), d.End.ToUnixTimeSeconds(), d.Author, d.Key.Length > 0 ? DowntimesDriver.Prefix(d.Key) : "");
}
