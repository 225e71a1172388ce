using System.Text.Json.Nodes;
using Changeover.Serving;
using Changeover.Tests.Serving;
using Microsoft.Playwright;

namespace Changeover.Tests.Page;

/// <summary>The plan as a graph.</summary>
public sealed class GraphTests
{
    private static async Task Show(Browser browser, string derive = "Derive the plan", string graph = "Graph")
    {
        await browser.Go("plan");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = derive }).ClickAsync();
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = graph, Exact = true }).ClickAsync();
    }

    [Fact]
    public async Task A_step_says_what_it_waits_for_and_what_waits_for_it_and_the_arrow_keys_go_along()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.Plan);
        await using var browser = await Browser.Open(served);
        var page = browser.Page;
        await browser.SignIn("anna");
        await Show(browser);

        await page.Locator("[data-box='standby.acd-store1']").FocusAsync();
        var about = page.Locator(".about");
        await Assertions.Expect(about).ToContainTextAsync("set acd-store1 to standby");
        await Assertions.Expect(about).ToContainTextAsync("Wait for it: end standby of acd-store1");
        await browser.Picture("plan-graph");
        await page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(page.Locator("[data-box='unstandby.acd-store1']")).ToBeFocusedAsync();
        await Assertions.Expect(about).ToContainTextAsync("Waits for: set acd-store1 to standby");
        await page.Keyboard.PressAsync("ArrowLeft");
        await Assertions.Expect(page.Locator("[data-box='standby.acd-store1']")).ToBeFocusedAsync();
        // A box for every step, and for every dependency inside of a gate a line.
        var plan = await Served.Get(served.With(Right.Plan), "/api/plan/failover/vm-host-1");
        var steps = plan.GetProperty("steps").EnumerateArray().Where(s => !s.GetProperty("id").GetString()!.StartsWith("gate.", StringComparison.Ordinal)).ToArray();
        var requires = steps.SelectMany(s => s.GetProperty("requires").EnumerateArray()).Count(r => !r.GetProperty("step").GetString()!.StartsWith("gate.", StringComparison.Ordinal));
        await Assertions.Expect(page.Locator(".box")).ToHaveCountAsync(steps.Length);
        await Assertions.Expect(page.Locator("svg path:not(.end)")).ToHaveCountAsync(requires);
        await page.GetByRole(AriaRole.Button, new() { Name = "List", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator(".box")).ToHaveCountAsync(0);
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task On_a_phone_the_graph_scrolls_and_the_page_does_not()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.Plan);
        await using var browser = await Browser.Open(served, language: "de-DE", scheme: ColorScheme.Dark, width: 360);
        await browser.SignIn("anna");
        await Show(browser, "Plan ableiten");

        await browser.Page.Locator("[data-box='standby.acd-store1']").FocusAsync();
        await Assertions.Expect(browser.Page.Locator(".about")).ToContainTextAsync("Darauf warten:");
        await browser.Picture("phone-plan-graph-de-dark");
        Assert.Equal(360, await browser.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    /// <summary>A thousand machines, each stopped, shut down and looked at: 3,000 steps in three gates.</summary>
    [Fact]
    public async Task Of_a_thousand_machines_a_gate_shows_one_box_for_what_is_done_to_all_and_every_one_on_request()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.Plan);
        await using var browser = await Browser.Open(served);
        var page = browser.Page;
        await browser.SignIn("anna");
        await page.RouteAsync("**/api/plan/**", route => route.FulfillAsync(new() { ContentType = "application/json", Body = ThousandMachines().ToJsonString() }));
        await Show(browser);

        await Assertions.Expect(page.Locator(".box")).ToHaveCountAsync(6);
        await Assertions.Expect(page.Locator("[data-box='poweroff']")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("1000 × poweroff"));
        await page.Locator("[data-box='poweroff']").FocusAsync();
        await browser.Picture("plan-graph-thousand");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show all 2000 steps" }).ClickAsync();
        await Assertions.Expect(page.Locator(".box")).ToHaveCountAsync(2004);
        // It is scrolled to, and another box comes to lie under the pointer, which rests.
        await page.Locator("[data-box='poweroff.m999']").FocusAsync();
        await Assertions.Expect(page.Locator(".about")).ToContainTextAsync("Waits for: look at m999");
        Assert.Empty(browser.Complaints);
    }

    private static JsonObject ThousandMachines()
    {
        var steps = new JsonArray();
        string[] quiet = [.. Enumerable.Range(0, 1000).Select(i => $"stop.m{i}")];
        string[] off = [.. Enumerable.Range(0, 1000).Select(i => $"poweroff.m{i}")];
        Add("check.start", "start");
        Add("claim.m1", "start", "check.start");
        Add("gate.start", "start", "claim.m1");
        foreach (var id in quiet)
            Add(id, "quiet", "gate.start");
        Add("check.quiet", "quiet", quiet);
        Add("gate.quiet", "quiet", "check.quiet");
        for (var i = 0; i < 1000; i++)
        {
            Add($"look.m{i}", "empty", "gate.quiet");
            Add(off[i], "empty", $"look.m{i}");
        }
        Add("gate.empty", "empty", off);
        return new()
        {
            ["schemaVersion"] = 1,
            ["goal"] = "failover vm-host-1",
            ["digest"] = "0123456789abcdef",
            ["without"] = new JsonObject(),
            ["advice"] = new JsonArray(),
            ["schedule"] = new JsonObject { ["seconds"] = 60, ["budgetSeconds"] = 600, ["interruptionSeconds"] = null, ["interruptionBudgetSeconds"] = null, ["measuredSteps"] = 0, ["runs"] = new JsonArray() },
            ["steps"] = steps,
        };

        void Add(string id, string gate, params string[] after) => steps.Add(new JsonObject
        {
            ["id"] = id,
            ["title"] = $"{id.Split('.')[0]} at {id.Split('.')[1]}",
            ["gate"] = gate,
            ["automatic"] = true,
            ["requires"] = new JsonArray([.. after.Select(a => (JsonNode)new JsonObject { ["step"] = a, ["kind"] = "done" })]),
            ["timeoutSeconds"] = 60,
            ["covers"] = new JsonArray(),
            ["sends"] = new JsonArray(),
            ["holdSeconds"] = 0,
            ["beginsSeconds"] = 0,
            ["endsSeconds"] = 20,
            ["measuredIn"] = 0,
        });
    }
}
