using System.Net;
using System.Text.Json;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Serving;
using Changeover.Simulation;
using Changeover.Tests.Tidy;

namespace Changeover.Tests.Serving;

/// <summary>Rehearsals that the server plays in the background.</summary>
public sealed class RehearsedTests
{
    private static readonly string Minimal = Path.Combine(Checkout.Root, "examples/minimal/cluster.yaml");

    private static Rehearsal Assumed(InventoryReading reading, Goal goal) => Rehearsing.Assume(reading.Inventory!, reading.Digest, goal, PlanOptions.Default, Rehearsing.Seed);

    /// <summary>Every twelfth mishap: all kinds are among them, and some that no retry ends.</summary>
    [Fact]
    public async Task A_rehearsal_is_played_to_its_end_and_says_what_stays_halted_and_what_to_do()
    {
        await using var rehearsals = new Rehearsals(() => false, TimeProvider.System)
        {
            Mishaps = r => r.Single().Where((m, i) => i % 12 == 0 || m.Kind == MishapKind.OtherHand),
        };
        var reading = InventoryFile.Read(Minimal);
        var goal = new Goal(GoalKind.Failover, reading.Inventory!.Hosts[0].Name);
        rehearsals.Start(goal, "anna", () => Assumed(reading, goal));
        var over = Told();
        while (over.GetProperty("state").GetString() == "playing")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), Served.Now);
            over = Told();
        }

        Assert.Equal(("ended", $"{goal}"), (over.GetProperty("state").GetString(), over.GetProperty("goal").GetString()));
        Assert.Equal(over.GetProperty("planned").GetInt32(), over.GetProperty("played").GetInt32());
        Assert.Equal(over.GetProperty("played").GetInt32(), over.GetProperty("kinds").EnumerateArray().Sum(k => k.GetProperty("runs").GetInt32()));
        Assert.Empty(over.GetProperty("broken").EnumerateArray());
        Assert.True(over.GetProperty("plain").GetProperty("seconds").GetDouble() > 60);
        var stays = over.GetProperty("stays").EnumerateArray().ToArray();
        Assert.NotEmpty(stays);
        Assert.Equal(over.GetProperty("kinds").EnumerateArray().Sum(k => k.GetProperty("stays").GetInt32()), stays.Sum(s => s.GetProperty("runs").GetInt32()));
        Assert.All(stays, s => Assert.NotEmpty(s.GetProperty("finding").GetProperty("message").GetString()!));

        JsonElement Told() => JsonDocument.Parse(rehearsals.Json(Language.English)[0]!.ToJsonString()).RootElement;
    }

    [Fact]
    public async Task A_rehearsal_is_begun_beside_a_plan_and_cancelled_and_another_can_begin()
    {
        await using var served = await Served.Start(inventory: Minimal);
        var (client, viewer) = (served.With(Right.Plan), served.With(Right.View));
        var cluster = await Served.Get(client, "/api/cluster");
        var order = new { goal = "failover", host = cluster.GetProperty("hosts")[0].GetProperty("name").GetString() };
        Assert.Equal(HttpStatusCode.Forbidden, (await Served.Post(viewer, "/api/rehearsals", order)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await client.DeleteAsync("/api/rehearsals", Served.Now)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await Served.Post(client, "/api/rehearsals", new { goal = "close", order.host })).Status);

        Assert.Equal(HttpStatusCode.Accepted, (await Served.Post(client, "/api/rehearsals", order)).Status);
        var second = await Served.Post(client, "/api/rehearsals", order);
        Assert.Equal(HttpStatusCode.Conflict, second.Status);
        Assert.Contains($"a rehearsal of failover {order.host} is going on, begun by token plan", second.Body.GetProperty("error").GetString(), StringComparison.Ordinal);
        while ((await Own(viewer)).GetProperty("played").GetInt32() == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(100), Served.Now);
        Assert.Equal(HttpStatusCode.OK, (await client.DeleteAsync("/api/rehearsals", Served.Now)).StatusCode);

        while ((await Own(viewer)).GetProperty("state").GetString() == "playing")
            await Task.Delay(TimeSpan.FromMilliseconds(100), Served.Now);
        var over = await Own(viewer);
        Assert.Equal("cancelled", over.GetProperty("state").GetString());
        Assert.InRange(over.GetProperty("played").GetInt32(), 1, over.GetProperty("planned").GetInt32() - 1);
        // It is the plan of what was seen, and nothing has changed since.
        Assert.Equal((await Served.Get(client, $"/api/plan/failover/{order.host}")).GetProperty("digest").GetString(), over.GetProperty("digest").GetString());
        Assert.Equal(HttpStatusCode.Accepted, (await Served.Post(client, "/api/rehearsals", order)).Status);

        static async Task<JsonElement> Own(HttpClient client) => Assert.Single((await Served.Get(client, "/api/rehearsals")).GetProperty("rehearsals").EnumerateArray());
    }

    /// <summary>What is done to the cluster comes before what is played.</summary>
    [Fact]
    public async Task While_a_run_is_carried_out_nothing_is_played()
    {
        var (asked, isBusy) = (0, true);
        using var waits = new ManualResetEventSlim();
        await using var rehearsals = new Rehearsals(() => { if (Interlocked.Increment(ref asked) == 2) waits.Set(); return Volatile.Read(ref isBusy); }, TimeProvider.System);
        var reading = InventoryFile.Read(Minimal);
        var goal = new Goal(GoalKind.Failover, reading.Inventory!.Hosts[0].Name);
        rehearsals.Start(goal, "anna", () => Assumed(reading, goal));
        Assert.True(waits.Wait(TimeSpan.FromMinutes(3), Served.Now));
        Assert.Equal((0, "playing"), Told());
        Volatile.Write(ref isBusy, false);

        while (Told().Played == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(100), Served.Now);
        rehearsals.Cancel();

        (int Played, string State) Told() => rehearsals.Json(Language.English)[0] is { } own ? (own["played"]!.GetValue<int>(), own["state"]!.GetValue<string>()) : default;
    }
}
