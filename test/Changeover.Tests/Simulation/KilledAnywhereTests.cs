using System.Collections.Concurrent;
using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using static Changeover.Tests.Simulation.SimulatedRun;

namespace Changeover.Tests.Simulation;

/// <summary>X8: the controller dies, whatever its journal holds. What it had sent goes on; a resume brings the run to its end and harms nothing.</summary>
public sealed class KilledAnywhereTests
{
    /// <summary>Every length that a journal can have: all events of one turn are written at once.</summary>
    [Theory]
    [InlineData(GoalKind.Failover)]
    [InlineData(GoalKind.Failback)]
    public void A_controller_killed_at_any_position_of_its_journal_is_resumed_to_the_end(GoalKind kind)
    {
        var world = World.Create(Example, 7, Start);
        var baseline = kind == GoalKind.Failback ? Go(world, GoalKind.Failover, "vm-host-1", null).Baseline : null;
        var start = world.Save();
        var (whole, _) = Killed(start, kind, baseline, int.MaxValue);
        var played = new ConcurrentDictionary<int, string>();

        Parallel.ForEach(Enumerable.Range(2, whole.Count - 2).Chunk(16), positions =>
        {
            for (var at = positions[0]; at <= positions[^1];)
            {
                var (journal, broken) = Killed(start, kind, baseline, at);
                played[journal.Count] = broken;
                at = journal.Count + 1;
            }
        });

        Assert.Empty(played.Where(p => p.Value.Length > 0).OrderBy(p => p.Key).Select(p => $"killed after event {p.Key} of {whole.Count}: {p.Value}"));
        // As many as turns of the engine that wrote something: far more than there are steps.
        Assert.InRange(played.Count, whole.OfType<StepDone>().Count(), whole.Count);
    }

    /// <returns>The journal that the killed controller left, and what was wrong at the end; empty: nothing.</returns>
    private static (IReadOnlyList<RunEvent> Journal, string Broken) Killed(string start, GoalKind kind, Baseline? baseline, int position)
    {
        var world = World.Load(start, Example);
        var first = new Simulator(world, AllDrivers.Set);
        var state = first.Run(Engine.Evolve(null, Begin(world, first, kind, "vm-host-1", baseline)), Night, _ => null, position);
        if (!state.IsOver)
        {
            // What the dead runner had in memory is gone; what it had sent goes on.
            var second = new Simulator(world, AllDrivers.Set);
            state = second.Run(Engine.Evolve(Engine.Fold(first.Journal), new RunResumed(second.Now, "controller", 2)), Night, _ => null);
        }
        return (first.Journal, state.Outcome != RunOutcome.Done ? $"{state.Outcome} {Story(state, world)}" : string.Join("; ", Ours(world)));
    }
}
