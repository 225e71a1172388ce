using Changeover.Journal;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Serving;
using Changeover.Simulation;
using Changeover.Tests.Serving;
using Microsoft.Playwright;

namespace Changeover.Tests.Page;

/// <summary>What people do on the page while a run goes on: answer halts, pause it, and do it together.</summary>
public sealed class SteeringTests
{
    private static ImmutableArray<RunEvent> Events(Served served, string run)
    {
        using var journal = EventJournal.OpenToRead(served.Journal, TimeProvider.System);
        return [.. journal.Read(run).Select(RunStore.Event)];
    }

    [Fact]
    public async Task Halts_are_resolved_by_accepting_with_a_reason_and_by_trying_again()
    {
        // The monitoring's login may only look; the balancer refuses once.
        await using var served = await Served.Start(faults: [new MonitoringRefuses(), new BalancerRefuses("acd-lb2")]);
        served.Account("anna", Right.Run);
        await using var browser = await Browser.Open(served);
        await browser.SignIn("anna");
        await browser.Start("failover");

        foreach (var step in new[] { "downtime.kept", "downtime.emptied" })
        {
            var halt = browser.Waits(step);
            await Assertions.Expect(halt).ToContainTextAsync("run.refused");
            var accept = halt.GetByRole(AriaRole.Button, new() { Name = "Accept as it is" });
            await accept.ClickAsync();
            await accept.ClickAsync();
            await Assertions.Expect(halt.GetByRole(AriaRole.Alert)).ToHaveTextAsync("A reason is needed; it goes into the report.");
            await halt.GetByRole(AriaRole.Textbox).FillAsync($"{step} was set by hand");
            await browser.Picture("run-halted");
            await accept.ClickAsync();
            await Assertions.Expect(halt).ToBeHiddenAsync();
        }
        var refused = browser.Waits("maint.acd-lb2");
        await Assertions.Expect(refused).ToContainTextAsync("run.refused");
        // What an abort would leave is told before it is chosen for good.
        await refused.GetByRole(AriaRole.Button, new() { Name = "Abort and hand over" }).ClickAsync();
        await Assertions.Expect(refused.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "claimed for this run: acd-dbm1" })).ToBeVisibleAsync();
        await refused.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await refused.GetByRole(AriaRole.Button, new() { Name = "Look again, try again" }).ClickAsync();
        await browser.UntilDone();
        var gate = browser.Page.Locator("details.gate", new() { HasText = "to MAINT on acd-lb2" });
        await gate.Locator("summary").First.ClickAsync();
        await gate.GetByText("set the servers of vm-host-1 to MAINT on acd-lb2").ClickAsync();
        await Assertions.Expect(gate.GetByText("attempt 2")).ToBeVisibleAsync();
        await Assertions.Expect(gate.GetByText("refused", new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(gate.GetByText($"only while {browser.Run} holds the claim of acd-lb2 in epoch 1")).ToHaveCountAsync(2);
        await browser.Picture("run-after-halts");

        var decided = Events(served, browser.Run).OfType<Decision>().Where(d => d.Answer != Answer.Confirm).ToArray();
        Assert.Equal(
            [("downtime.kept", Answer.Accept, "downtime.kept was set by hand"), ("downtime.emptied", Answer.Accept, "downtime.emptied was set by hand"), ("maint.acd-lb2", Answer.Retry, "")],
            decided.Select(d => (d.Step, d.Answer, d.Reason)));
        Assert.All(decided, d => Assert.Equal("anna", d.Who));
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Everything_is_brought_back_on_the_page_and_the_next_plan_knows_how_long_it_takes()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.Run);
        await using var browser = await Browser.Open(served);
        await browser.SignIn("anna");
        await browser.Start("failover");
        var over = browser.Run;
        await browser.UntilDone();
        await browser.Start("failback");
        await Assertions.Expect(browser.Page.GetByRole(AriaRole.Heading, new() { Name = "Failback: bring vm-host-1 back" })).ToBeVisibleAsync();
        await browser.UntilDone();
        await browser.Picture("run-failback-done");
        Assert.Equal(RunOutcome.Done, Events(served, browser.Run).OfType<RunEnded>().Single().Outcome);

        await browser.Go("plan");
        await browser.Page.GetByLabel("Goal").SelectOptionAsync("failover");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Derive the plan" }).ClickAsync();
        await Assertions.Expect(browser.Page.GetByRole(AriaRole.Definition).Filter(new() { HasText = "Measured:" })).ToContainTextAsync(over);
        await browser.Picture("plan-measured");
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Of_two_people_one_approves_and_the_other_starts_and_a_third_may_only_look()
    {
        await using var served = await Served.Start(personAbsent: true, secondPerson: true);
        served.Account("anna", Right.Run);
        served.Account("bert", Right.Approve);
        served.Account("vera", Right.View);
        await using var anna = await Browser.Open(served);
        await using var bert = await Browser.Open(served);
        await anna.SignIn("anna");
        await bert.SignIn("bert");
        var start = anna.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("^(Approve and start|Start)$") });

        await anna.Go("plan");
        await anna.Page.GetByRole(AriaRole.Button, new() { Name = "Derive the plan" }).ClickAsync();
        await Assertions.Expect(start).ToBeDisabledAsync();
        await Assertions.Expect(anna.Page.GetByText("Somebody else has to approve this plan before you can start it.")).ToBeVisibleAsync();
        await bert.Go("plan");
        await bert.Page.GetByRole(AriaRole.Button, new() { Name = "Derive the plan" }).ClickAsync();
        await Assertions.Expect(bert.Page.GetByText("You may not start it.")).ToBeVisibleAsync();
        await bert.Page.GetByRole(AriaRole.Button, new() { Name = "Approve for somebody else to start" }).ClickAsync();
        await Assertions.Expect(bert.Page.GetByText("approved by bert")).ToBeVisibleAsync();
        await bert.Page.GetByRole(AriaRole.Button, new() { Name = "Withdraw your approval" }).ClickAsync();
        await Assertions.Expect(bert.Page.GetByText("approved by bert")).ToHaveCountAsync(0);
        await bert.Page.GetByRole(AriaRole.Button, new() { Name = "Approve for somebody else to start" }).ClickAsync();
        await Assertions.Expect(bert.Page.GetByText("approved by bert")).ToBeVisibleAsync();
        await anna.Page.GetByRole(AriaRole.Button, new() { Name = "Derive the plan" }).ClickAsync();
        await Assertions.Expect(anna.Page.GetByText("approved by bert")).ToBeVisibleAsync();
        await anna.Picture("plan-approved");
        await start.ClickAsync();
        await anna.Page.GetByRole(AriaRole.Button, new() { Name = "Yes, start it" }).ClickAsync();
        await anna.Page.WaitForURLAsync("**#/run/failover-*");
        var begun = Events(served, anna.Run).OfType<RunStarted>().Single();
        Assert.Equal(("anna", "bert"), (begun.Who, begun.ApprovedBy));

        await using var vera = await Browser.Open(served);
        await vera.SignIn("vera");
        await vera.Go($"run/{anna.Run}");
        await Assertions.Expect(vera.Waits("site.announcement-on")).ToContainTextAsync("You may look, not decide.");
        await Assertions.Expect(vera.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("Done|Pause|Stop|Resume") })).ToHaveCountAsync(0);
        foreach (var order in new[] { "pause", "stop", "decisions" })
        {
            var status = await vera.Page.EvaluateAsync<int>($$"""fetch('/api/runs/{{anna.Run}}/{{order}}', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }).then(r => r.status)""");
            Assert.Equal(403, status);
        }
        Assert.Empty(Events(served, anna.Run).OfType<PauseAsked>());
    }

    [Theory]
    [InlineData("en-GB", "Waits for you", "Pause before the next gate", "Will wait before the gate quiet.", "Done", "Go on", "")]
    [InlineData("de-DE", "Wartet auf Sie", "Vor dem nächsten Tor pausieren", "Wird vor dem Tor ruhig warten.", "Erledigt", "Weiter", "-de")]
    public async Task A_run_is_paused_before_the_next_gate_and_let_go_on(string language, string heading, string pause, string will, string done, string goOn, string suffix)
    {
        await using var served = await Served.Start(personAbsent: true, speed: 100);
        served.Account("anna", Right.Run);
        await using var browser = await Browser.Open(served, language);
        var page = browser.Page;
        await browser.SignIn("anna");
        var run = await Served.Run(served.With(Right.Run), "failover");
        await browser.Go($"run/{run}");
        await Assertions.Expect(browser.Waits("site.announcement-on", heading)).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = pause }).ClickAsync();
        await page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Textbox).FillAsync("the hotline calls");
        await browser.Picture($"run-pausing{suffix}");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText(will)).ToBeVisibleAsync();
        await browser.Waits("site.announcement-on", heading).GetByRole(AriaRole.Button, new() { Name = done }).ClickAsync();
        var hold = browser.Waits("gate.quiet", heading);
        await Assertions.Expect(hold).ToBeVisibleAsync();
        await browser.Picture($"run-paused{suffix}");
        await Assertions.Expect(page.GetByText(will)).ToBeHiddenAsync();
        await hold.GetByRole(AriaRole.Button, new() { Name = goOn }).ClickAsync();
        await Assertions.Expect(hold).ToBeHiddenAsync();

        var events = Events(served, run);
        Assert.Equal((Gates.Quiet, "anna", "the hotline calls"), events.OfType<PauseAsked>().Select(p => (p.Gate, p.Who, p.Reason)).Single());
        Assert.Equal([Gates.Quiet], events.OfType<HoldReleased>().Select(h => h.Gate));
        Assert.Empty(browser.Complaints);
    }
}
