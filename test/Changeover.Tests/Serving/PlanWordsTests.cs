using System.Net;
using Changeover.Journal;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Serving;
using Changeover.Simulation;
using Changeover.Tests.Simulation;

namespace Changeover.Tests.Serving;

/// <summary>What a person says about a plan beforehand: a machine that is left out, and a word for what no run explains.</summary>
public sealed class PlanWordsTests
{
    private const string Failback = "/api/plan/failback/vm-host-1";

    /// <summary>The example with this host emptied, by a run that is in no journal here.</summary>
    public static World Emptied()
    {
        var world = World.Create(SimulatedRun.Example, 81, DateTimeOffset.UtcNow);
        var over = SimulatedRun.Go(world, GoalKind.Failover, "vm-host-1", null);
        Assert.True(over.Outcome == RunOutcome.Done, SimulatedRun.Story(over, world));
        return world;
    }

    private static RunStarted Begun(Served served, string run)
    {
        using var journal = EventJournal.OpenToRead(served.Journal, TimeProvider.System);
        return Assert.IsType<RunStarted>(RunStore.Event(journal.Read(run)[0]));
    }

    [Fact]
    public async Task A_machine_that_does_not_answer_is_left_out_with_the_reason()
    {
        await using var served = await Served.Start(personAbsent: true, faults: [new MachineUnreachable("acd-jb1")]);
        var client = served.With(Right.Run);
        Assert.Equal(HttpStatusCode.Conflict, (await client.GetAsync("/api/plan/failover/vm-host-1", Served.Now)).StatusCode);

        var plan = await Served.Get(client, "/api/plan/failover/vm-host-1?without=acd-jb1&reason=broken%20since%20Monday");
        var order = new { goal = "failover", host = "vm-host-1", digest = plan.GetProperty("digest").GetString(), without = new[] { "acd-jb1" }, reason = "broken since Monday" };
        Assert.Equal("broken since Monday", plan.GetProperty("without").GetProperty("acd-jb1").GetString());
        Assert.DoesNotContain(plan.GetProperty("steps").EnumerateArray(), s => s.GetProperty("machine").GetString() == "acd-jb1");
        Assert.Equal(HttpStatusCode.Conflict, (await Served.Post(client, "/api/runs", order with { reason = "another reason" })).Status);
        var (status, started) = await Served.Post(client, "/api/runs", order);

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal("broken since Monday", Begun(served, started.GetProperty("run").GetString()!).Plan.Without!["acd-jb1"]);
    }

    [Fact]
    public async Task Who_is_signed_in_signs_for_what_no_run_explains_and_nobody_signs_for_somebody_else()
    {
        await using var served = await Served.Start(personAbsent: true, world: Emptied());
        served.Account("anna", Right.Approve);
        served.Account("bert", Right.Run);
        var (anna, bert) = (await served.SignedIn("anna"), await served.SignedIn("bert"));
        var refused = await bert.GetAsync(Failback, Served.Now);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("--sign", await refused.Content.ReadAsStringAsync(Served.Now), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await bert.GetAsync($"{Failback}?signedBy=anna", Served.Now)).StatusCode);

        var hers = await Served.Get(anna, $"{Failback}?sign=the%20journal%20is%20lost");
        var his = await Served.Get(bert, $"{Failback}?sign=the%20journal%20is%20lost");
        Assert.Equal(("anna", "the journal is lost"), (hers.GetProperty("signed").GetProperty("who").GetString(), hers.GetProperty("signed").GetProperty("why").GetString()));
        Assert.Equal("bert", his.GetProperty("signed").GetProperty("who").GetString());
        var order = new { goal = "failback", host = "vm-host-1", digest = hers.GetProperty("digest").GetString(), sign = "the journal is lost", signedBy = "anna" };
        var alone = await Served.Post(bert, "/api/runs", order);
        Assert.Equal(HttpStatusCode.Conflict, alone.Status);
        Assert.Contains("anna signs this plan, and neither starts it nor has approved it", alone.Body.GetProperty("error").GetString(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, (await Served.Post(anna, "/api/approvals", order)).Status);
        var approval = Assert.Single((await Served.Get(bert, "/api/approvals")).GetProperty("approvals").EnumerateArray());
        Assert.Equal(("anna", "the journal is lost", "anna"), (approval.GetProperty("who").GetString(), approval.GetProperty("sign").GetString(), approval.GetProperty("signedBy").GetString()));
        var (status, started) = await Served.Post(bert, "/api/runs", order);

        Assert.Equal(HttpStatusCode.Created, status);
        var begun = Begun(served, started.GetProperty("run").GetString()!);
        Assert.Equal(("bert", "anna", new Signature("anna", "the journal is lost")), (begun.Who, begun.ApprovedBy, begun.Plan.Signed));
    }

    [Fact]
    public async Task Where_everything_is_explained_there_is_nothing_to_sign()
    {
        await using var served = await Served.Start();
        var answer = await served.With(Right.Run).GetAsync("/api/plan/failover/vm-host-1?sign=because", Served.Now);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("nothing to sign for", await answer.Content.ReadAsStringAsync(Served.Now), StringComparison.Ordinal);
    }
}
