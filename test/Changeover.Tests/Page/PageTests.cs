using Changeover.Findings;
using Changeover.Journal;
using Changeover.Reporting;
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_connection_is_said_and_what_was_missed_is_there_afterwards(bool said)
    {
        await using var served = await Served.Start(personAbsent: true);
        served.Account("anna", Right.Run);
        var other = served.With(Right.Run);
        await using var browser = await Browser.Open(served);
        await browser.SignIn("anna");
        var run = await Served.Run(other, "failover");
        await browser.Go($"run/{run}");
        await Assertions.Expect(browser.Page.GetByRole(AriaRole.Region, new() { Name = "Waits for you" })).ToBeVisibleAsync();

        // Either both ends are told, or nothing comes any more and nobody is told.
        if (said)
            browser.Cut();
        else
            browser.Swallow();
        await Assertions.Expect(browser.Page.GetByText("No connection.")).ToBeVisibleAsync();
        await Assertions.Expect(browser.Page.Locator("main.old")).ToBeVisibleAsync();
        await Served.Post(other, $"/api/runs/{run}/decisions", new { step = "site.announcement-on", answer = "abort", reason = "while nobody could see" });
        await Served.UntilOver(other, run);
        browser.Mend();

        await Assertions.Expect(browser.Page.GetByText("while nobody could see")).ToBeVisibleAsync();
        await Assertions.Expect(browser.Page.GetByText("No connection.")).ToBeHiddenAsync();
        await Assertions.Expect(browser.Page.Locator("main.old")).ToHaveCountAsync(0);
        await Assertions.Expect(browser.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("aborted");
    }

    [Fact]
    public async Task An_answer_that_never_came_is_not_taken_for_one()
    {
        // Slow: the step must not run out of its time meanwhile.
        await using var served = await Served.Start(personAbsent: true, speed: 5);
        served.Account("anna", Right.Run);
        await using var browser = await Browser.Open(served);
        await browser.SignIn("anna");
        await browser.Start("failover");
        var waits = browser.Waits("site.announcement-on");
        await Assertions.Expect(waits).ToBeVisibleAsync();

        browser.Swallow();
        await waits.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Assertions.Expect(waits.GetByRole(AriaRole.Alert)).ToContainTextAsync("it is not known whether this arrived");
        browser.Mend();
        await Assertions.Expect(browser.Page.GetByText("No connection.")).ToBeHiddenAsync();
        await waits.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Assertions.Expect(waits).ToBeHiddenAsync();
    }

    /// <summary>A server that just begins answers 503 for a moment; meanwhile more happens than a new visitor is told of.</summary>
    [Fact]
    public async Task After_an_answer_that_is_no_stream_nobody_is_signed_out_and_nothing_is_missing()
    {
        await using var served = await Served.Start(personAbsent: true);
        served.Account("anna", Right.Run);
        var other = served.With(Right.Run);
        await using var browser = await Browser.Open(served);
        await browser.SignIn("anna");
        await browser.Start("failover");
        var run = browser.Run;
        await Assertions.Expect(browser.Waits("site.announcement-on")).ToBeVisibleAsync();

        foreach (var path in new[] { "**/api/events*", "**/api/session" })
            await browser.Page.RouteAsync(path, route => route.FulfillAsync(new() { Status = 503 }), new() { Times = 2 });
        browser.Cut();
        await Assertions.Expect(browser.Page.GetByText("No connection.")).ToBeVisibleAsync();
        await Served.Post(other, $"/api/runs/{run}/decisions", new { step = "site.announcement-on", answer = "abort", reason = "while nobody could see" });
        await Served.UntilOver(other, run);
        Append(served, run, 600);
        browser.Mend();

        await Assertions.Expect(browser.Page.Locator(".log li")).ToHaveCountAsync(Said(served, run));
        await Assertions.Expect(browser.Page.GetByText("No connection.")).ToBeHiddenAsync();
        await Assertions.Expect(browser.Page.Locator("#password")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Of_a_run_long_ago_everything_that_happened_is_shown()
    {
        await using var served = await Served.Start(personAbsent: true);
        served.Account("vera", Right.View);
        var client = served.With(Right.Run);
        var first = await Served.Run(client, "failover");
        await Served.UntilRun(client, first, live => live.GetProperty("persons").GetArrayLength() > 0);
        await Served.Post(client, $"/api/runs/{first}/decisions", new { step = "site.announcement-on", answer = "abort", reason = "seen enough" });
        await Served.UntilOver(client, first);
        Append(served, first, 600);
        await using var browser = await Browser.Open(served);
        await browser.SignIn("vera");
        await browser.Go($"run/{first}");

        await Assertions.Expect(browser.Page.Locator(".log li")).ToHaveCountAsync(Said(served, first));
        await Assertions.Expect(browser.Page.Locator(".log li").Last).ToContainTextAsync($"run {first}: failover vm-host-1");
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Where_one_run_stood_is_never_shown_as_where_the_next_one_stands()
    {
        await using var served = await Served.Start(personAbsent: true);
        served.Account("anna", Right.Run);
        var client = served.With(Right.Run);
        var first = await Served.Run(client, "failover");
        await Served.UntilRun(client, first, live => live.GetProperty("persons").GetArrayLength() > 0);
        await using var browser = await Browser.Open(served);
        var (page, asked, let) = (browser.Page, new TaskCompletionSource(), new TaskCompletionSource());
        // The answer about the first run comes when the second is shown, and the one about the second never.
        await page.RouteAsync($"**/api/runs/{first}", async route =>
        {
            asked.TrySetResult();
            await let.Task;
            await route.ContinueAsync();
        });
        await browser.SignIn("anna");
        await browser.Go("run");
        await asked.Task;
        await Served.Post(client, $"/api/runs/{first}/decisions", new { step = "site.announcement-on", answer = "abort", reason = "the next one" });
        await Served.UntilOver(client, first);
        var next = new System.Text.RegularExpressions.Regex($"/api/runs/(?!{first})[^/]+$");
        var asksNext = page.WaitForRequestAsync(next);
        await page.RouteAsync(next, _ => Task.CompletedTask);
        var shown = page.WaitForRequestAsync(new System.Text.RegularExpressions.Regex($"/api/runs/(?!{first})[^/]+/plan$"));
        await Served.Run(client, "failover");
        await shown;
        let.SetResult();
        await asksNext;

        await Assertions.Expect(page.GetByText(first)).ToHaveCountAsync(0);
    }

    /// <summary>So many more entries of a run that is over, as they would come in hours.</summary>
    private static void Append(Served served, string run, int entries)
    {
        using var journal = EventJournal.Open(served.Journal, "test", TimeProvider.System);
        var state = RunStore.State(journal, run);
        journal.Append(run, state.Epoch, [.. Enumerable.Range(1, entries).Select(i => RunStore.Entry(new Decision(state.Now, "site.announcement-on", Answer.Retry, "anna", $"number {i}")))]);
    }

    /// <summary>How many entries of a run have a sentence for people.</summary>
    private static int Said(Served served, string run)
    {
        using var journal = EventJournal.OpenToRead(served.Journal, TimeProvider.System);
        RunState? state = null;
        return journal.Read(run).Select(RunStore.Event).Count(e => RunText.Sentence(state = Engine.Evolve(state, e), e, TimeZoneInfo.Local, Language.English) is not null);
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
        await Assertions.Expect(browser.Page.GetByText("acd-store1 konnte nicht gefragt werden")).ToHaveCountAsync(1);
        await browser.Picture("refused-de");
        Assert.Empty(browser.Complaints);
    }
}
