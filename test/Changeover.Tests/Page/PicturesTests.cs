using Changeover.Serving;
using Changeover.Simulation;
using Changeover.Tests.Serving;
using Microsoft.Playwright;

namespace Changeover.Tests.Page;

/// <summary>
/// Every view in both languages, light and dark, on a desk, on a phone, and what hangs on the wall in 4K: pictures for people in artifacts/page, and what a program can say of them.
/// </summary>
public sealed class PicturesTests
{
    [Theory]
    [InlineData("en-GB", "en")]
    [InlineData("de-DE", "de")]
    public async Task Every_view_fits_its_window_by_day_and_by_night_on_a_desk_and_on_a_phone(string locale, string language)
    {
        string Say(string english, string german) => language == "de" ? german : english;
        // Slow: while pictures are taken nothing there must run out of time.
        await using var served = await Served.Start(personAbsent: true, speed: 20, faults: [new BalancerRefuses("acd-lb2", Count: 99)]);
        served.Account("anna", Right.Run);
        var client = served.With(Right.Run);
        await using var browser = await Browser.Open(served, locale);
        var page = browser.Page;
        var tooWide = new List<string>();
        async Task Pictures(string name, bool wall = false) => tooWide.AddRange(await browser.Pictures(name, language, wall));
        ILocator Button(string english, string german) => page.GetByRole(AriaRole.Button, new() { Name = Say(english, german), Exact = true });

        await Assertions.Expect(page.Locator("#name")).ToBeVisibleAsync();
        await Pictures("sign-in");
        await browser.SignIn("anna");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = Say("acd-store1 primary", "acd-store1 primär") })).ToBeVisibleAsync();
        await Pictures("cluster", wall: true);
        await browser.Machine("acd-dbm1").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).Locator("summary").First.ClickAsync();
        await Pictures("machine");
        await Button("Close", "Schließen").ClickAsync();
        await browser.Go("health");
        await Assertions.Expect(page.GetByText(Say("Healthy: every function is as expected", "In Ordnung: jede Funktion ist wie erwartet"))).ToBeVisibleAsync();
        await Pictures("health");

        await browser.Go("plan");
        await Button("Derive the plan", "Plan ableiten").ClickAsync();
        await Assertions.Expect(Button("Approve and start", "Freigeben und starten")).ToBeVisibleAsync();
        await page.GetByText(Say("set acd-store1 to standby, acd-store2 takes over", "acd-store1 auf Standby setzen, acd-store2 übernimmt")).ClickAsync();
        await page.GetByText(Say("Times, and taking over", "Zeiten, und Übernahme")).ClickAsync();
        await Pictures("plan");
        await Button("Graph", "Graph").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = Say("moved", "umgezogen"), Exact = true })).ToBeVisibleAsync();
        await page.Locator("[data-box='standby.acd-store1']").FocusAsync();
        await Pictures("plan-graph", wall: true);
        await Button("List", "Liste").ClickAsync();
        await Button("Rehearse it", "Proben").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = Say("Why, and what to do", "Warum, und was zu tun ist") })).ToBeVisibleAsync();
        await Pictures("rehearsal");
        await Button("Cancel the rehearsal", "Probe abbrechen").ClickAsync();
        await Assertions.Expect(Button("Rehearse it again", "Erneut proben")).ToBeVisibleAsync();

        var run = await Served.Run(client, "failover");
        await browser.Go($"run/{run}");
        await Assertions.Expect(browser.Waits("site.announcement-on", Say("Waits for you", "Wartet auf Sie"))).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Img, new() { Name = Say("moved: expected", "umgezogen: erwartet") })).ToBeVisibleAsync();
        await Pictures("run", wall: true);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await Served.Post(client, $"/api/runs/{run}/decisions", new { step = "site.announcement-on", answer = "confirm" })).Status);
        var halt = browser.Waits("maint.acd-lb2", Say("Waits for you", "Wartet auf Sie"));
        await Assertions.Expect(halt).ToContainTextAsync("run.refused");
        await halt.GetByRole(AriaRole.Button, new() { Name = Say("Abort and hand over", "Abbrechen und übergeben") }).ClickAsync();
        await Pictures("run-halted", wall: true);
        await page.Locator("details.gate li", new() { HasText = Say("to MAINT on acd-lb2", "auf acd-lb2 in MAINT setzen") }).Locator("summary").First.ClickAsync();
        await Assertions.Expect(page.GetByText($"{Say("attempt", "Versuch")} 1").First).ToBeVisibleAsync();
        await Pictures("exchanges");

        await Served.Post(client, $"/api/runs/{run}/decisions", new { step = "maint.acd-lb2", answer = "abort", reason = "pictures" });
        await Served.UntilOver(client, run);
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync(Say("aborted", "abgebrochen"));
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = Say("Left as it is by the abort", "Vom Abbruch so zurückgelassen") })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = Say("Waits for you", "Wartet auf Sie") })).ToHaveCountAsync(0);
        await Pictures("run-aborted");
        await browser.Go("history");
        await Assertions.Expect(page.GetByRole(AriaRole.Cell, new() { Name = Say("aborted", "abgebrochen"), Exact = true })).ToBeVisibleAsync();
        await Pictures("history");
        await page.GotoAsync(new Uri(new Uri(page.Url), $"/api/runs/{run}/report").AbsoluteUri);
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync(Say("failover vm-host-1: aborted", "Failover von vm-host-1: abgebrochen"));
        await page.GetByText(Say("to MAINT on acd-lb2", "auf acd-lb2 in MAINT setzen")).Last.ClickAsync();
        await Pictures("report");

        Assert.Equal(language, await page.Locator("html").GetAttributeAsync("lang"));
        Assert.Empty(tooWide);
        Assert.Empty(browser.Complaints);
    }
}
