using Changeover.Drivers.Backup;
using Changeover.Drivers.Boot;
using Changeover.Drivers.Claim;
using Changeover.Drivers.Client;
using Changeover.Drivers.Database;
using Changeover.Drivers.Downtimes;
using Changeover.Drivers.Drbd;
using Changeover.Drivers.HaProxy;
using Changeover.Drivers.Machines;
using Changeover.Drivers.Pacemaker;
using Changeover.Drivers.Power;
using Changeover.Drivers.Services;
using Changeover.Drivers.Singleton;

namespace Changeover.Drivers;

/// <summary>Every technology the program knows.</summary>
public static class AllDrivers
{
    public static readonly ImmutableArray<IDriver> Each =
    [
        new MachineDriver(), new PacemakerDriver(), new DrbdDriver(), new DatabaseDriver(), new HaProxyDriver(), new ServicesDriver(),
        new ClientDriver(), new SingletonDriver(), new ClaimDriver(), new BackupDriver(), new PowerDriver(), new DowntimesDriver(),
        new BootDriver(),
    ];

    public static readonly DriverSet Set = new(Each);
}
