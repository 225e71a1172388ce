using System.Collections.Concurrent;
using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using Changeover.Tests.Simulation;
using Changeover.Transport;

namespace Changeover.Tests.Running;

public sealed class ObserverTests
{
    /// <summary>What is asked in terms of a first answer (a guest's autostart by its number) is still asked when that came late.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_hypervisor_that_misses_its_first_chance_is_known_as_well_as_any_other(int missed)
    {
        var (seen, _, now) = await Look(missed);
        var health = HealthCheck.Of(SimulatedRun.Example, seen, now, "", null);

        Assert.Empty(health.Areas.SelectMany(a => a.Judgement.Findings).Select(f => f.Message));
        Assert.Equal(Verdict.Holds, health.Verdict);
    }

    [Fact]
    public async Task A_hypervisor_that_does_not_answer_is_asked_twice_and_unknown()
    {
        var (seen, asked, _) = await Look(missed: int.MaxValue);

        Assert.All(SimulatedRun.Example.Hosts, h => Assert.Null(seen.Find(new(SubjectKind.Power, h.Name))?.Facts));
        Assert.Equal(SimulatedRun.Example.Hosts.Length, asked.Count);
        Assert.All(asked, a => Assert.Equal(2, a.Value));
    }

    private static async Task<(Snapshot Seen, IReadOnlyDictionary<string, int> Asked, Moment Now)> Look(int missed)
    {
        await using var simulated = new SimulatedTransport(World.Create(SimulatedRun.Example, 1, SimulatedRun.Start), speed: 1000);
        var transport = new Deaf(simulated, missed);
        var subjects = WhatToLookAt.Everything(SimulatedRun.Example);
        var seen = await Observer.Look(SimulatedRun.Example, subjects, AllDrivers.Set, transport, simulated.Clock, _ => { }, TestContext.Current.CancellationToken);
        return (seen, transport.Asked, simulated.Clock.Now);
    }

    /// <summary>The first requests to every hypervisor are lost.</summary>
    private sealed class Deaf(ITransport inner, int missed) : ITransport
    {
        public ConcurrentDictionary<string, int> Asked { get; } = [];

        public Task<Reply> Exchange(Request request, Ct ct) =>
            request is Request.Http http && http.Endpoint.StartsWith("host:", StringComparison.Ordinal) && Asked.AddOrUpdate(http.Endpoint, 1, (_, n) => n + 1) <= missed
                ? Task.FromResult<Reply>(new Reply.NoAnswer("nothing within 10 s"))
                : inner.Exchange(request, ct);
    }
}
