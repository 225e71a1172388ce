using Changeover.Journal;
using Changeover.Running;
using Changeover.Serving;
using Changeover.Tests.Serving;
using Microsoft.Playwright;

namespace Changeover.Tests.Page;

/// <summary>The page in a real browser, with a whole maintenance on the simulated cluster.</summary>
public sealed class PageTests
{
    [Fact]
    public async Task A_failover_is_planned_approved_watched_and_confirmed_to_its_end()
    {
        await using var served = await Served.Start(personAbsent: true);
        served.Account("anna", Right.Run);
        await using var browser = await Browser.Open(served);
        var page = browser.Page;
        await browser.Picture("sign-in");
        await browser.SignIn("anna");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "acd-store1 primary" })).ToBeVisibleAsync();
        await browser.Picture("cluster");
        await browser.Go("health");
        await Assertions.Expect(page.GetByText("Healthy: every function is as expected")).ToBeVisibleAsync();
        await browser.Picture("health");

        await browser.Go("plan");
        await page.GetByRole(AriaRole.Button, new() { Name = "Derive the plan" }).ClickAsync();
        await page.GetByText("Wait for a word before").ClickAsync();
        await page.GetByLabel("moved", new() { Exact = true }).CheckAsync();
        await browser.Picture("plan");
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve and start" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Yes, start it" }).ClickAsync();

        await page.WaitForURLAsync("**#/run/failover-*");
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "Waits for you" })).ToBeVisibleAsync();
        await browser.Picture("run-waits-for-you");
        await browser.UntilDone();
        await browser.Picture("run-done");
        using var journal = EventJournal.OpenToRead(served.Journal, TimeProvider.System);
        var decided = journal.ReadSince(0).Select(RunStore.Event).OfType<Decision>().ToArray();
        Assert.Equal([Answer.Confirm, Answer.Continue], decided.Select(d => d.Answer).Distinct().Order());
        Assert.All(decided, d => Assert.Equal("anna", d.Who));
        await browser.Go("history");
        await Assertions.Expect(page.GetByRole(AriaRole.Cell, new() { Name = "done", Exact = true })).ToBeVisibleAsync();
        await browser.Picture("history");
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task A_lost_connection_is_said_and_what_was_missed_is_there_afterwards()
    {
        await using var served = await Served.Start(personAbsent: true);
        served.Account("anna", Right.Run);
        var other = served.With(Right.Run);
        await using var browser = await Browser.Open(served);
        await browser.SignIn("anna");
        var run = await Served.Run(other, "failover");
        await browser.Go($"run/{run}");
        await Assertions.Expect(browser.Page.GetByRole(AriaRole.Region, new() { Name = "Waits for you" })).ToBeVisibleAsync();

        browser.Cut();
        await Assertions.Expect(browser.Page.GetByText("No connection.")).ToBeVisibleAsync();
        await Served.Post(other, $"/api/runs/{run}/decisions", new { step = "site.announcement-on", answer = "abort", reason = "while nobody could see" });
        await Served.UntilOver(other, run);
        browser.Mend();

        await Assertions.Expect(browser.Page.GetByText("while nobody could see")).ToBeVisibleAsync();
        await Assertions.Expect(browser.Page.GetByText("No connection.")).ToBeHiddenAsync();
        await Assertions.Expect(browser.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("aborted");
    }

    [Fact]
    public async Task A_viewer_sees_everything_and_is_offered_nothing()
    {
        await using var served = await Served.Start(personAbsent: true);
        served.Account("vera", Right.View);
        var run = await Served.Run(served.With(Right.Run), "failover");
        await using var browser = await Browser.Open(served, language: "de-DE", scheme: ColorScheme.Dark, width: 400);
        await browser.SignIn("vera");
        await browser.Picture("phone-cluster-de-dark");
        await browser.Go("plan");
        await Assertions.Expect(browser.Page.GetByText("Sie dürfen ansehen, nicht planen.")).ToBeVisibleAsync();
        await browser.Go($"run/{run}");
        var waits = browser.Page.GetByRole(AriaRole.Region, new() { Name = "Wartet auf Sie" });
        await Assertions.Expect(waits).ToContainTextAsync("Sie dürfen ansehen, nicht entscheiden.");
        Assert.Equal(0, await waits.GetByRole(AriaRole.Button).CountAsync());
        await browser.Picture("phone-run-de-dark");
    }

    [Fact]
    public async Task Every_view_is_there_in_German()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.Run);
        await using var browser = await Browser.Open(served, language: "de-DE");
        await browser.SignIn("anna");
        await Assertions.Expect(browser.Page.GetByRole(AriaRole.Button, new() { Name = "acd-store2 Reserve" })).ToBeVisibleAsync();
        await browser.Picture("cluster-de");
        await browser.Go("health");
        await Assertions.Expect(browser.Page.GetByText("In Ordnung: jede Funktion ist wie erwartet")).ToBeVisibleAsync();
        await browser.Picture("health-de");
        await browser.Go("plan");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Plan ableiten" }).ClickAsync();
        await Assertions.Expect(browser.Page.GetByRole(AriaRole.Button, new() { Name = "Freigeben und starten" })).ToBeVisibleAsync();
        await Assertions.Expect(browser.Page.GetByText("acd-store1 auf Standby setzen, acd-store2 übernimmt")).ToBeAttachedAsync();
        await browser.Picture("plan-de");
        var client = served.With(Right.Run);
        var run = await Served.Run(client, "failover");
        await Served.UntilOver(client, run);
        await browser.Go($"run/{run}");
        await Assertions.Expect(browser.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("fertig");
        await browser.Picture("run-de");
        await browser.Go("plan");
        await browser.Page.GetByLabel("Host").SelectOptionAsync("vm-host-2");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Plan ableiten" }).ClickAsync();
        await Assertions.Expect(browser.Page.GetByText("acd-dbm1 ist laut Hypervisor aus, Soll: an.")).ToBeVisibleAsync();
        await browser.Picture("refused-de");
        Assert.Empty(browser.Complaints);
    }
}
