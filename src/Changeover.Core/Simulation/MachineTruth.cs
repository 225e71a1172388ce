using System.Text.Json.Serialization;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

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
    public int GuestId { get; set; }

    /// <summary>Beside its own and the floating ones.</summary>
    public List<string> MoreAddresses { get; set; } = [];
    public List<Disk> Disks { get; set; } = [new("/", 31_457_280, 15_728_640)];
    public bool RebootPending { get; set; }

    /// <summary>Storages of its disks and networks of its cards.</summary>
    public List<HostPart> StandsOn { get; set; } = [.. HostTruth.UsualParts];

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
