using System.Collections.Concurrent;
using Changeover.Drivers;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using static Changeover.Tests.Simulation.SimulatedRun;

namespace Changeover.Tests.Simulation;

/// <summary>The promise of docs/simulation.md on the example with everything a site can give (a singleton that can be asked and set): one fault at one step, and the run ends or halts with its reason and harms nothing.</summary>
public sealed class RehearsalTests
{
    private static Rehearsal Of(GoalKind kind) => Rehearsal.Of(FaultCatalogue.Site, "digest", AllDrivers.Set, new(kind, "vm-host-1"), PlanOptions.Default, 1, Start).Rehearsal!;

    [Theory]
    [InlineData(GoalKind.Failover)]
    [InlineData(GoalKind.Failback)]
    public void With_one_fault_at_one_step_the_run_ends_or_halts_with_its_reason_and_harms_nothing(GoalKind kind)
    {
        var rehearsal = Of(kind);
        var ends = new ConcurrentBag<RehearsalEnd>();
        Parallel.ForEach(rehearsal.Single(), m => ends.Add(rehearsal.Play(m)));

        Assert.Empty(ends.Where(e => e.Broken.Length > 0).Select(e => $"{e.Mishap}: {e.Broken}"));
        // With faults off a person's "retry" brings these to their end. What somebody's hand did stays for a person, and so can what
        // the cluster did by itself when it lost a machine (sessions on the other master).
        Assert.Empty(ends.Where(e => e.Mishap.Kind is not (MishapKind.OtherHand or MishapKind.Unreachable) && e.Outcome != RunOutcome.Done)
            .Select(e => $"{e.Mishap}: {e.Outcome} {string.Join("; ", e.Left.Select(l => $"{l.Id}: {l.Finding}"))}"));
        Assert.True(ends.Single(e => e.Mishap.Kind == MishapKind.None) is { Outcome: RunOutcome.Done, Halts.IsEmpty: true });
    }

    [Fact]
    public void One_mishap_is_one_history()
    {
        var rehearsal = Of(GoalKind.Failover);
        var mishap = rehearsal.Single().First(m => m.Kind == MishapKind.EffectWithoutAnswer && m.Step.StartsWith("standby.", StringComparison.Ordinal));
        var (first, second) = (new List<string>(), new List<string>());
        rehearsal.Play(mishap, (at, what) => first.Add($"{at} {what}"));
        Of(GoalKind.Failover).Play(mishap, (at, what) => second.Add($"{at} {what}"));

        Assert.Equal(first, second);
        Assert.Contains(first, l => l.Contains("NoAnswer", StringComparison.Ordinal));
    }

    /// <summary>
    /// Found by the exhaustive rehearsal: the writer loses its network while software is starting, the balancers take the other
    /// master and come back, and what is started then would write beside the sessions that stayed there.
    /// </summary>
    [Theory]
    [InlineData("prove.acd-dbm1")]
    [InlineData("start.acd-dbm1.jtel-listener")]
    public void Software_is_not_started_beside_sessions_that_stayed_on_the_other_master(string step)
    {
        var end = Of(GoalKind.Failback).Play(new(MishapKind.Unreachable, step));

        Assert.True(end.Struck);
        Assert.Equal("", end.Broken);
        Assert.Contains(end.Left, l => l.Finding is { Code.Code: "quiet.session", Subject: "acd-dbm2" } && l.Id.StartsWith("start.", StringComparison.Ordinal));
    }

    /// <summary>A mishap that never strikes would prove nothing.</summary>
    [Fact]
    public void Every_kind_of_mishap_leaves_its_trace()
    {
        var rehearsal = Of(GoalKind.Failover);
        var plain = Traced(new(MishapKind.None));
        foreach (var kind in rehearsal.Single().Select(m => m.Kind).Distinct().Where(k => k != MishapKind.None))
        {
            var mishap = rehearsal.Single().First(m => m.Kind == kind && m.Step.StartsWith("standby.", StringComparison.Ordinal));
            Assert.NotEqual(plain, Traced(mishap));
        }

        string Traced(Mishap mishap)
        {
            var text = new System.Text.StringBuilder();
            rehearsal.Play(mishap, (at, what) => text.Append(at).AppendLine(what));
            return text.ToString();
        }
    }
}
