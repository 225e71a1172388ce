using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Simulation;

/// <summary>
/// A simulated cluster made like another one: what was seen of that is so in this one, and what nobody has seen is drawn.
/// </summary>
/// <param name="Drawn">Subjects of machines that are on, or may be, of which nothing is known: what they are was drawn from the seed.</param>
public sealed record Likeness(World World, ImmutableArray<Subject> Drawn)
{
    /// <param name="pictures">
    /// The oldest first, the last one as it is now: a machine that is off now has on its disk what it had when it was seen last.
    /// </param>
    /// <param name="at">When the last picture was taken.</param>
    public static Likeness Of(ClusterInventory inventory, ImmutableArray<Snapshot> pictures, ulong seed, DateTimeOffset at)
    {
        var truth = WorldBuilder.Build(inventory);
        var dice = new Dice(seed);
        foreach (var picture in pictures)
        {
            truth.Sessions.Clear();
            var seen = new Sighting(inventory, picture, truth, dice);
            MachinesAsSeen.Apply(seen);
            PairsAsSeen.Apply(seen);
            BalancersAsSeen.Apply(seen);
            DatabasesAsSeen.Apply(seen);
        }
        var world = World.Of(inventory, truth, dice, at);
        GoesOn(world);
        return new(world,
        [
            .. WhatToLookAt.Everything(inventory).Where(s => pictures[^1].Find(s)?.Facts is null && truth.Find(s.Name) is not { Power: Power.Off }),
        ]);
    }

    /// <summary>
    /// What the drivers read of every subject at one and the same moment, so that nothing has gone on in between: what depends on a first
    /// answer (a guest's autostart on its number) is asked of a second copy of that moment. The cluster itself stays as it is.
    /// </summary>
    public static Snapshot Look(World world, DriverSet drivers)
    {
        var saved = world.Save();
        return Ask(Ask(Snapshot.Empty));

        Snapshot Ask(Snapshot known)
        {
            var copy = World.Load(saved, world.Inventory);
            var snapshot = Snapshot.Empty;
            var context = new DriverContext(world.Inventory, known);
            var targets = WhatToLookAt.Everything(world.Inventory).GroupBy(s => s.Target).ToArray();
            var open = targets.Length;
            foreach (var target in targets)
            {
                ImmutableArray<Subject> subjects = [.. target];
                var asked = new Moment(copy.Now, copy.Utc);
                copy.Submit(drivers.Ask(subjects, context), reply =>
                {
                    snapshot = snapshot.With(drivers.Read(subjects, reply, asked, new(copy.Now, copy.Utc), context));
                    open--;
                });
            }
            // Every question is answered at the end of its budget at the latest.
            while (open > 0 && copy.NextDue is { } due)
                copy.AdvanceTo(due);
            return snapshot;
        }
    }

    /// <summary>What is under way in this state comes to its end, as it would have.</summary>
    private static void GoesOn(World world)
    {
        foreach (var machine in world.Truth.Machines)
        {
            if (machine.Node is { Running: true, Online: false } && machine.Power == Power.On)
                world.After(world.Dice.Between(Timings.NodeJoinLeast, Timings.NodeJoinMost), new NodeJoins(machine.Name, machine.Boot));
            if (machine.Node is { Running: false, Online: true })
                world.After(Timings.Token, new NodeMissed(machine.Name, machine.Boot));
            foreach (var service in machine.Services)
            {
                if (service.Run == ServiceRun.Starting)
                    world.After(world.Dice.Between(Timings.ServiceStartLeast, Timings.ServiceStartMost), new ServiceTurns(machine.Name, service.Name, service.Turn));
                if (service.Run == ServiceRun.Stopping)
                    world.After(world.Dice.Between(Timings.ServiceStopLeast, Timings.ServiceStopMost), new ServiceTurns(machine.Name, service.Name, service.Turn));
            }
            world.Balancers.HealthChanged(machine.Name);
            if (machine.Database is { Running: true, Channel: { IoState: ReplicationThread.Connecting } channel })
                world.Databases.Begin(machine, channel);
        }
        foreach (var pair in world.Truth.Pairs)
        {
            foreach (var set in pair.Sets)
                GoesOn(world, pair, set);
            if (!IsAtRest(world.Truth, pair))
                world.After(Timings.Scheduler, new ClusterDecides(pair.Name));
        }
        if (world.Balancers.Writer?.Database is { Running: true })
            world.Services.ConnectClients();
    }

    private static void GoesOn(World world, PairTruth pair, ResourceSetTruth set)
    {
        if (set.SyncSource.Length > 0)
            world.After(set.SyncEnd - world.Now, new SyncEnds(pair.Name, set.Role, set.SyncEnd));
        foreach (var machine in (ReadOnlySpan<string>)[pair.First, pair.Second])
        {
            var here = set.On(pair, machine);
            if (here.Up && here.Score != DrbdModel.Score(pair, set, here))
                world.After(world.Dice.Between(Timings.ScoreLeast, Timings.ScoreMost), new ScoreRefreshes(pair.Name, set.Role, machine, world.Truth.Machine(machine).Boot));
        }
    }

    /// <summary>Each set is whole on one node and gone from the other: a cluster that is seen so has decided already.</summary>
    private static bool IsAtRest(GroundTruth truth, PairTruth pair)
    {
        return pair.Sets.TrueForAll(set =>
            ((IsWhole(set, set.First) && IsOut(set.Second)) || (IsWhole(set, set.Second) && IsOut(set.First)))
            && (!set.HasDrbd || (IsPlaced(pair.First, set.First) && IsPlaced(pair.Second, set.Second))));

        // Its clone runs where the node takes part, and nowhere else.
        bool IsPlaced(string machine, InstanceTruth here) => truth.Machine(machine).Node is { Online: true, Standby: false } == here.Up;
    }

    private static bool IsOut(InstanceTruth here) => here.Started == 0 && here.Role != ResourceRole.Promoted;

    private static bool IsWhole(ResourceSetTruth set, InstanceTruth here) =>
        here.Started == set.Resources.Count && (!set.HasDrbd || here.Role == ResourceRole.Promoted);
}

/// <summary>One picture, and the ground truth that is to become like it.</summary>
internal sealed record Sighting(ClusterInventory Inventory, Snapshot Picture, GroundTruth Truth, Dice Dice)
{
    public T? Facts<T>(SubjectKind kind, string name)
        where T : Facts => Picture.Facts<T>(kind, name);

    /// <summary>Code of why nothing is known of a subject; empty: something is, or it was not asked.</summary>
    public string Problem(SubjectKind kind, string name) => Picture.Find(kind, name)?.Problem?.Code.Code ?? "";

    /// <summary>The machine that is called so in an answer: by its address or one of its names.</summary>
    public MachineTruth? Called(string host) => Truth.Machines.Find(m =>
        m.Address == host || Knowledge.Conditions.MachineIs.SameName(host, m.HostName) || Knowledge.Conditions.MachineIs.SameName(host, m.Name));

    public MachineTruth? Node(string name) => Truth.Machines.Find(m => m.Node is not null && m.NodeName == name);
}
