using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Journal;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Simulation;
using Changeover.Transport;

namespace Changeover.Running;

/// <summary>What the common options say: which inventory, which journal, which world.</summary>
public sealed record SiteOptions
{
    public string Inventory { get; init; } = "cluster.yaml";

    /// <summary>Empty: one file per cluster in the user's state folder.</summary>
    public string Journal { get; init; } = "";
    public bool Simulated { get; init; }

    /// <summary>The simulated cluster is started anew instead of being taken up where the last command left it.</summary>
    public bool Fresh { get; init; }

    /// <summary>Simulated seconds a real second.</summary>
    public double Speed { get; init; } = 20;

    /// <summary>Nobody carries out instructions in the simulated cluster: they are left to whoever sits here.</summary>
    public bool PersonAbsent { get; init; }

    public ulong Seed { get; init; } = 1;
    public SshOptions Ssh { get; init; } = new();
}

/// <summary>One cluster and the way to it, for the time of one command.</summary>
public sealed class Site : IAsyncDisposable
{
    private readonly SiteOptions options;
    private readonly SimulatedTransport? simulated;
    private readonly RealTransport? real;

    private Site(SiteOptions options, InventoryReading reading, string journal, RunClock clock, SimulatedTransport? simulated, RealTransport? real)
    {
        this.options = options;
        this.simulated = simulated;
        this.real = real;
        Inventory = reading.Inventory!;
        Digest = reading.Digest;
        Warnings = [.. reading.Findings];
        Journal = journal;
        Clock = clock;
    }

    public ClusterInventory Inventory { get; }
    public string Digest { get; }
    public ImmutableArray<LocatedFinding> Warnings { get; }
    public string Journal { get; }
    public RunClock Clock { get; }
    public ITransport Transport => simulated ?? (ITransport)real!;
    public bool IsSimulated => simulated is not null;
    public static DriverSet Drivers => AllDrivers.Set;

    /// <summary>The simulated cluster is kept in a file beside the journal, so that run, kill, resume and failback see one cluster.</summary>
    private string WorldFile => Path.ChangeExtension(Journal, ".world.json");

    public static Site Open(SiteOptions options)
    {
        var reading = InventoryFile.Read(options.Inventory);
        if (reading.Inventory is null)
            throw new CommandEnds(reading.ExitCode, string.Join('\n', reading.Findings));
        var journal = options.Journal.Length > 0 ? Path.GetFullPath(options.Journal) : StateFolder.JournalOf(reading.Inventory.Cluster + (options.Simulated ? "-simulated" : ""));
        if (!options.Simulated)
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(options.Inventory)) ?? ".";
            return new(options, reading, journal, new RealClock(TimeProvider.System), null, new RealTransport(reading.Inventory, options.Ssh, new Secrets(folder)));
        }
        Directory.CreateDirectory(Path.GetDirectoryName(journal)!);
        var file = Path.ChangeExtension(journal, ".world.json");
        if (options.Fresh)
        {
            foreach (var old in new[] { file, journal, journal + "-wal", journal + "-shm" }.Where(File.Exists))
                File.Delete(old);
        }
        var world = File.Exists(file)
            ? World.Load(File.ReadAllText(file), reading.Inventory)
            : World.Create(reading.Inventory, options.Seed, DateTimeOffset.UtcNow);
        var simulated = new SimulatedTransport(world, options.Speed);
        return new(options, reading, journal, simulated.Clock, simulated, null);
    }

    /// <summary>Looks at the whole cluster once.</summary>
    public Task<Snapshot> Look(Action<string> progress, Ct ct) =>
        Observer.Look(Inventory, WhatToLookAt.Everything(Inventory), Drivers, Transport, Clock, progress, ct);

    /// <summary>The simulated cluster's time goes on only while this runner waits.</summary>
    public void PaceWith(Runner runner)
    {
        if (simulated is null)
            return;
        var (asked, answered) = (simulated.Submitted - runner.Started, simulated.Delivered - runner.TakenIn);
        // Nothing is on its way in either direction: a busy machine here is not a slow cluster there.
        simulated.MayGoOn = () => runner.IsWaiting && runner.Started == simulated.Submitted - asked && runner.TakenIn == simulated.Delivered - answered;
    }

    /// <summary>A simulated person carries out instructions, unless absent or the world is real.</summary>
    public Func<Instruct, Task>? Person => simulated is null || options.PersonAbsent
        ? null
        : async instruction =>
        {
            await Task.Delay(Clock.Real(TimeSpan.FromSeconds(20)));
            if (instruction.InPlaceOf is { } action)
                simulated.Person(action);
        };

    /// <summary>Keeps the simulated cluster as it is now, whole or not at all: a killed run must not find it as it was before.</summary>
    public void Keep()
    {
        if (simulated is null)
            return;
        File.WriteAllText(WorldFile + ".new", simulated.Save());
        File.Move(WorldFile + ".new", WorldFile, overwrite: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (simulated is not null)
        {
            await simulated.DisposeAsync();
            Keep();
        }
        if (real is not null)
            await real.DisposeAsync();
    }
}
