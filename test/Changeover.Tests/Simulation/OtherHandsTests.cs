using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Tests.Simulation;

/// <summary>Somebody else changes the cluster in the middle of a failover: what is watched all the time sees it, and nothing new is begun.</summary>
public sealed class OtherHandsTests
{
    private const ulong Seed = 41;

    /// <summary>When each step of an undisturbed failover of the same seed was done.</summary>
    private static readonly Lazy<Dictionary<string, TimeSpan>> DoneAt = new(() =>
    {
        var world = World.Create(SimulatedRun.Example, Seed, SimulatedRun.Start);
        var simulator = new Simulator(world, AllDrivers.Set);
        var started = SimulatedRun.Begin(world, simulator, GoalKind.Failover, "vm-host-1", null);
        simulator.Run(Engine.Evolve(null, started), SimulatedRun.Night, _ => null);
        return simulator.Journal.OfType<StepDone>().ToDictionary(d => d.Step, d => d.At.Elapsed, StringComparer.Ordinal);
    });

    public static TheoryData<string, string, Fault[], string, string, string> Hands() => new()
    {
        {
            "HAProxy on lb2 is reloaded while one-sided, so a machine of host 1 is ready again", "gate.isolated",
            [new BalancerReloads("acd-lb2")], "standing.maint.acd-lb2", "balancer.server-not-as-expected", "poweroff.acd-dbm1"
        },
        {
            "HAProxy on lb1 is reloaded while it could still get the address, so it chooses another writer than lb2", "gate.isolated",
            [new BalancerReloads("acd-lb1")], "invariant.one-writer.lb", "run.two-writers", "poweroff.acd-dbm1"
        },
        {
            "a person takes the writer from lb1", "gate.quiet",
            [new SomebodySetsServer("acd-lb1", "mysql", "acd-dbm1", ServerAdmin.Maint)], "invariant.one-writer.lb", "run.two-writers", "standby.acd-lb1"
        },
        {
            "a person sets every server of a backend aside", "gate.start",
            [new SomebodySetsServer("acd-lb2", "chat", "acd-chat1", ServerAdmin.Maint), new SomebodySetsServer("acd-lb2", "chat", "acd-chat2", ServerAdmin.Drain)],
            "invariant.pools-ready.acd-lb2", "run.pool-emptied", "standby.acd-lb1"
        },
        {
            "a person sends the store back with pcs", "gate.isolated",
            [new SomebodySetsStandby("acd-store2")], "standing.held.10.20.0.20", "address.missing", "poweroff.acd-store1"
        },
    };

    [Theory]
    [MemberData(nameof(Hands))]
    public void It_is_seen_and_nothing_new_is_begun(string what, string after, Fault[] faults, string broken, string code, string notBegun)
    {
        var world = World.Create(SimulatedRun.Example, Seed, SimulatedRun.Start);
        var simulator = new Simulator(world, AllDrivers.Set);
        var started = SimulatedRun.Begin(world, simulator, GoalKind.Failover, "vm-host-1", null);
        var struck = DoneAt.Value[after] + TimeSpan.FromMilliseconds(200);
        foreach (var fault in faults)
            world.Schedule(fault, struck);

        var state = simulator.Run(Engine.Evolve(null, started), SimulatedRun.Night, _ => null);

        Assert.True(state.Broken.TryGetValue(broken, out var findings), $"{what}: {SimulatedRun.Story(state, world)}");
        Assert.Contains(findings, f => f.Code.Code == code);
        Assert.False(state.Steps[notBegun].Acted);
        var seen = simulator.Journal.OfType<StandingBroken>().First().At.Elapsed;
        Assert.DoesNotContain(simulator.Journal.OfType<StepActing>(), a => a.At.Elapsed > seen);
        Assert.True(seen - struck < TimeSpan.FromSeconds(15), $"{what}: seen after {seen - struck}");
        Assert.Empty(SimulatedRun.Ours(world));
    }

    [Fact]
    public void Software_that_somebody_starts_between_the_guard_s_look_and_the_action_is_a_race_and_not_our_harm()
    {
        var (acts, asked) = (TimeSpan.Zero, TimeSpan.Zero);
        Failover((world, state) =>
        {
            if (acts == TimeSpan.Zero && state.Steps["standby.acd-store1"].Status == StepStatus.Acting)
                (acts, asked) = (state.Steps["standby.acd-store1"].Since.Elapsed, state.Snapshot.Find(SubjectKind.Services, "acd-tel2")!.AskedAt.Elapsed);
        });
        Assert.True(asked > TimeSpan.Zero && asked < acts, $"asked {asked}, acted {acts}");

        var raced = Failover(null, (new SomebodyStartsService("acd-tel2", "robot5"), acts - TimeSpan.FromMilliseconds(1)));

        var moved = Assert.Single(raced.Truth.FirstViolations(), v => v is { Code: Invariants.MovedWhileUsed, Subject: "acd-store1" });
        Assert.Contains("standby", moved.Race, StringComparison.Ordinal);
        Assert.Empty(SimulatedRun.Ours(raced));

        static World Failover(Action<World, RunState>? watch, params (Fault Fault, TimeSpan At)[] faults)
        {
            var world = World.Create(SimulatedRun.Example, Seed, SimulatedRun.Start);
            var simulator = new Simulator(world, AllDrivers.Set) { Comes = (state, _) => watch?.Invoke(world, state) };
            var started = SimulatedRun.Begin(world, simulator, GoalKind.Failover, "vm-host-1", null);
            foreach (var (fault, at) in faults)
                world.Schedule(fault, at);
            simulator.Run(Engine.Evolve(null, started), SimulatedRun.Night, _ => null);
            return world;
        }
    }
}
