using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Changeover.Serving;
using Changeover.Tests.Serving;
using Microsoft.Playwright;

namespace Changeover.Tests.Page;

/// <summary>The cluster view never makes more of what was seen than it is.</summary>
public sealed class ClusterTests
{
    private static JsonNode Named(JsonNode? list, string key, string name) => list!.AsArray().Single(i => (string?)i![key] == name)!;

    private static Task Instead(IPage page, Action<JsonObject> change) => page.RouteAsync("**/api/cluster", async route =>
    {
        var answer = await route.FetchAsync();
        var json = JsonNode.Parse(await answer.TextAsync())!.AsObject();
        change(json);
        await route.FulfillAsync(new() { Response = answer, Body = json.ToJsonString() });
    });

    [Theory]
    [InlineData("en-GB", "Downtimes in the monitoring", "none", "Services: unknown", "power: unknown", "DRBD: unknown", "Replication: unknown", "sessions: unknown", "servers: unknown", "lag unknown")]
    [InlineData("de-DE", "Downtimes im Monitoring", "keine", "Dienste: unbekannt", "Ein/Aus: unbekannt", "DRBD: unbekannt", "Replikation: unbekannt", "Sitzungen: unbekannt", "Server: unbekannt", "Rückstand unbekannt")]
    public async Task What_is_not_known_is_said_to_be_unknown(
        string language, string downtimes, string none, string services, string power, string drbd, string replication, string sessions, string servers, string lag)
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.View);
        await using var browser = await Browser.Open(served, language);
        await Instead(browser.Page, json =>
        {
            JsonObject problem = new() { ["ageSeconds"] = 3, ["fresh"] = true, ["freshForSeconds"] = 600, ["problem"] = "made: no answer" };
            json["downtimes"] = null;
            json["downtimesSeen"] = problem;
            var machine = Named(json["machines"], "name", "acd-jb1");
            machine["services"] = null;
            machine["power"] = "unknown";
            Named(Named(json["pairs"], "name", "store")["members"], "machine", "acd-store1")["drbd"] = null;
            Named(json["databases"], "machine", "acd-dbm1")["channels"] = null;
            Named(json["databases"], "machine", "acd-dbm2")["sessions"] = null;
            Named(json["databases"], "machine", "acd-dbm2")["channels"]![0]!["lagSeconds"] = null;
            Named(json["balancers"], "machine", "acd-lb1")["servers"] = null;
        });
        await browser.SignIn("anna");
        var page = browser.Page;

        var card = page.GetByRole(AriaRole.Region, new() { Name = downtimes });
        await Assertions.Expect(card).ToContainTextAsync("made: no answer");
        await Assertions.Expect(card).Not.ToContainTextAsync(none);
        await Assertions.Expect(browser.Machine("acd-jb1")).ToContainTextAsync(services);
        await Assertions.Expect(browser.Machine("acd-jb1")).ToContainTextAsync(power);
        await Assertions.Expect(browser.Machine("acd-jb2")).Not.ToContainTextAsync(power);
        foreach (var said in new[] { drbd, replication, sessions, servers, lag })
            await Assertions.Expect(page.GetByText(said).First).ToBeVisibleAsync();
        Assert.Empty(await KeyboardTests.Nameless(page, language));
        await browser.Picture($"cluster-unknown-{language[..2]}");
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task A_health_that_was_seen_an_hour_ago_is_not_shown_as_health()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.View);
        await using var browser = await Browser.Open(served);
        var page = browser.Page;
        await browser.SignIn("anna");
        await browser.Go("health");
        await Assertions.Expect(page.GetByText("Healthy: every function is as expected", new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".note.good")).ToHaveCountAsync(1);

        await page.EvaluateAsync("() => { const real = Date.now; Date.now = () => real() + 3_600_000 }");

        await Assertions.Expect(page.GetByText("last: Healthy: every function is as expected", new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("last: as expected", new() { Exact = true })).ToHaveCountAsync(7);
        await Assertions.Expect(page.Locator(".good")).ToHaveCountAsync(0);
        await browser.Picture("health-old");
        await page.GetByRole(AriaRole.Button, new() { Name = "Look again" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Healthy: every function is as expected", new() { Exact = true })).ToBeVisibleAsync();
    }

    /// <summary>The page's own clock makes it old, and nothing else.</summary>
    [Fact]
    public async Task What_was_true_a_while_ago_is_not_shown_as_true_when_no_newer_answer_comes()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.View);
        await using var browser = await Browser.Open(served);
        var page = browser.Page;
        await Instead(page, Good);
        await browser.SignIn("anna");
        await Assertions.Expect(browser.Machine("acd-store1")).ToContainTextAsync("primary");
        await Assertions.Expect(page.GetByText("last:")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator(".link.good")).ToHaveCountAsync(2);

        // The page has one question at a time: when the first is not answered, no answer is on its way any more.
        var unanswered = new TaskCompletionSource();
        await page.RouteAsync("**/api/cluster", async route =>
        {
            await route.AbortAsync();
            unanswered.TrySetResult();
        });
        await unanswered.Task.WaitAsync(TimeSpan.FromMinutes(3), Served.Now);
        await page.EvaluateAsync("() => { const real = Date.now; Date.now = () => real() + 3_600_000 }");

        await Assertions.Expect(browser.Machine("acd-store1")).ToContainTextAsync("last: primary");
        await Assertions.Expect(browser.Machine("acd-dbm1")).ToContainTextAsync("last: writer");
        await Assertions.Expect(page.GetByText("last: acd-store1", new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("last: acd-dbm1", new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".tag.good, .tag.accent, .link.good")).ToHaveCountAsync(0);
        await browser.Picture("cluster-old");

        // Whatever the machine that tests is busy with, the answers of this look count for half an hour.
        static void Good(JsonObject json) => Deep(json);

        static void Deep(JsonNode? node)
        {
            if (node is JsonArray list)
            {
                foreach (var item in list)
                    Deep(item);
            }
            else if (node is JsonObject o)
            {
                if (o.ContainsKey("freshForSeconds"))
                    (o["fresh"], o["freshForSeconds"]) = (true, 1800);
                if (o.ContainsKey("partFresh"))
                    o["partFresh"] = true;
                foreach (var (_, value) in o)
                    Deep(value);
            }
        }
    }

    [Theory]
    [InlineData(1400)]
    [InlineData(390)]
    public async Task Partners_are_connected_across_the_hosts_for_the_eye_and_by_name(int width)
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.View);
        await using var browser = await Browser.Open(served, width: width);
        await browser.SignIn("anna");

        foreach (var (one, other) in new[] { ("acd-store1", "acd-store2"), ("acd-lb1", "acd-lb2"), ("acd-dbm1", "acd-dbm2") })
        {
            await Assertions.Expect(browser.Machine(one)).ToContainTextAsync($"partner {other}");
            await Assertions.Expect(browser.Machine(other)).ToContainTextAsync($"partner {one}");
            // The line begins where the one ends and ends where the other begins.
            var line = await browser.Page.Locator(".link").Nth(one == "acd-store1" ? 0 : one == "acd-lb1" ? 1 : 2).BoundingBoxAsync();
            var (left, right) = (await browser.Machine(one).BoundingBoxAsync(), await browser.Machine(other).BoundingBoxAsync());
            Assert.Equal(left!.X + left.Width, line!.X, 2f);
            Assert.Equal(right!.X, line.X + line.Width, 2f);
            Assert.InRange(line.Width, 4, 4000);
        }
        Assert.Equal(3, await browser.Page.Locator(".link").CountAsync());
        await Assertions.Expect(browser.Machine("acd-jb1")).Not.ToContainTextAsync("partner");
    }

    [Fact]
    public async Task A_machine_that_is_looked_into_shows_what_others_say_of_it_and_goes_on_being_asked()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.View);
        await using var browser = await Browser.Open(served);
        var page = browser.Page;
        await browser.SignIn("anna");
        await browser.Machine("acd-dbm1").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        foreach (var subject in new[] { "power:vm-host-1", "balancer:acd-lb1", "balancer:acd-lb2", "downtimes:monitoring", "database:acd-dbm1" })
            await Assertions.Expect(dialog.GetByText(subject, new() { Exact = true })).ToBeVisibleAsync();
        await dialog.GetByText("balancer:acd-lb1", new() { Exact = true }).ClickAsync();
        await Assertions.Expect(dialog.GetByText("Only what is said of acd-dbm1.").First).ToBeVisibleAsync();

        await page.RouteAsync("**/api/machines/acd-dbm1", async route =>
        {
            var answer = await route.FetchAsync();
            await route.FulfillAsync(new() { Response = answer, Body = (await answer.TextAsync()).Replace("\"on\"", "\"paused\"", StringComparison.OrdinalIgnoreCase) });
        });
        // It stays open, and so does what was opened in it.
        await Assertions.Expect(dialog).ToContainTextAsync("paused", new() { IgnoreCase = true });
        await Assertions.Expect(dialog.GetByText("Only what is said of acd-dbm1.").First).ToBeVisibleAsync();
        Assert.Empty(browser.Complaints);
    }
}
