using Changeover.Journal;
using Changeover.Running;
using Changeover.Serving;
using Changeover.Simulation;
using Changeover.Tests.Serving;
using Microsoft.Playwright;

namespace Changeover.Tests.Page;

/// <summary>A plan without a machine, and one that a person signs for, on the page.</summary>
public sealed class PlanWordsPageTests
{
    private static RunStarted Begun(Served served, string run)
    {
        using var journal = EventJournal.OpenToRead(served.Journal, TimeProvider.System);
        return Assert.IsType<RunStarted>(RunStore.Event(journal.Read(run)[0]));
    }

    [Fact]
    public async Task A_machine_is_left_out_and_the_plan_that_starts_is_the_one_that_was_shown()
    {
        await using var served = await Served.Start(personAbsent: true, faults: [new MachineUnreachable("acd-jb1")]);
        served.Account("anna", Right.Run);
        await using var browser = await Browser.Open(served, language: "de-DE", width: 390);
        var page = browser.Page;
        await browser.SignIn("anna");
        await browser.Go("plan");
        await page.GetByText("Maschinen weglassen").ClickAsync();
        await page.GetByLabel("Maschine", new() { Exact = true }).FillAsync("acd-jb1");
        // Until the cluster was looked at nobody knows the name.
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Weglassen", Exact = true })).ToBeEnabledAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.GetByLabel("Grund (steht im Plan und im Bericht)").FillAsync("defekt seit Montag");
        await page.GetByRole(AriaRole.Button, new() { Name = "Plan ableiten" }).ClickAsync();
        await Assertions.Expect(page.GetByText("ausgelassen: acd-jb1 (defekt seit Montag)")).ToBeVisibleAsync();
        await browser.Picture("phone-plan-without-de");
        await page.GetByRole(AriaRole.Button, new() { Name = "Freigeben und starten" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Ja, starten" }).ClickAsync();
        await page.WaitForURLAsync("**#/run/failover-*");

        Assert.Equal("defekt seit Montag", Begun(served, browser.Run).Plan.Without!["acd-jb1"]);
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Only_where_the_refusal_offers_it_a_failback_is_signed_for_and_another_person_starts_it()
    {
        await using var served = await Served.Start(personAbsent: true, secondPerson: true, world: PlanWordsTests.Emptied());
        served.Account("anna", Right.Approve);
        served.Account("bert", Right.Run);
        await using var anna = await Browser.Open(served);
        await using var bert = await Browser.Open(served);
        await anna.SignIn("anna");
        await bert.SignIn("bert");
        var why = anna.Page.GetByLabel("Your word, signed anna.");

        await anna.Go("plan");
        await Assertions.Expect(why).ToHaveCountAsync(0);
        await anna.Page.GetByLabel("Goal").SelectOptionAsync("failback");
        await anna.Page.GetByRole(AriaRole.Button, new() { Name = "Derive the plan" }).ClickAsync();
        await Assertions.Expect(why).ToBeVisibleAsync();
        await anna.Picture("plan-sign");
        await why.FillAsync("the journal is lost");
        await anna.Page.GetByRole(AriaRole.Button, new() { Name = "Sign and derive" }).ClickAsync();
        await Assertions.Expect(anna.Page.GetByText("Signed by anna: the journal is lost")).ToBeVisibleAsync();
        await anna.Picture("plan-signed");
        await anna.Page.GetByRole(AriaRole.Button, new() { Name = "Approve for somebody else to start" }).ClickAsync();
        await Assertions.Expect(anna.Page.GetByText("approved by anna")).ToBeVisibleAsync();

        await bert.Go("plan");
        await bert.Page.GetByRole(AriaRole.Button, new() { Name = "Show this plan" }).ClickAsync();
        await Assertions.Expect(bert.Page.GetByText("Signed by anna: the journal is lost", new() { Exact = true })).ToBeVisibleAsync();
        await bert.Page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
        await bert.Page.GetByRole(AriaRole.Button, new() { Name = "Yes, start it" }).ClickAsync();
        await bert.Page.WaitForURLAsync("**#/run/failback-*");

        var begun = Begun(served, bert.Run);
        Assert.Equal(("bert", "anna", "anna"), (begun.Who, begun.ApprovedBy, begun.Plan.Signed?.Who));
        Assert.Empty(anna.Complaints);
        Assert.Empty(bert.Complaints);
    }
}
