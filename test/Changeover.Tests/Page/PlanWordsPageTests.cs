using System.Text.Json;
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

    /// <summary>By the browser's clock and with its offset, so that they mean the same on a server elsewhere.</summary>
    [Fact]
    public async Task Times_are_said_on_the_page_go_into_the_plan_and_come_back_with_an_approval()
    {
        await using var served = await Served.Start(personAbsent: true, secondPerson: true);
        served.Account("anna", Right.Approve);
        served.Account("bert", Right.Run);
        await using var anna = await Browser.Open(served);
        await using var bert = await Browser.Open(served, language: "de-DE", width: 390);
        await anna.SignIn("anna");
        await bert.SignIn("bert");
        var now = DateTime.Now;
        var (notBefore, turnBack, backBy) = (Minute(now.AddHours(2)), Minute(now.AddHours(3)), Minute(now.AddHours(9)));
        static DateTime Minute(DateTime at) => new(at.Year, at.Month, at.Day, at.Hour, at.Minute, 0, DateTimeKind.Local);
        static string Field(DateTime at) => at.ToString("yyyy-MM-ddTHH:mm", System.Globalization.CultureInfo.InvariantCulture);

        await anna.Go("plan");
        await anna.Page.GetByText("Times, and taking over").ClickAsync();
        await anna.Page.GetByLabel("Expected back by").FillAsync(Field(backBy));
        await anna.Page.GetByLabel("Stop the first service not before").FillAsync(Field(notBefore));
        await anna.Page.GetByLabel("Latest time to turn back").FillAsync(Field(turnBack));
        await anna.Page.GetByRole(AriaRole.Button, new() { Name = "Derive the plan" }).ClickAsync();
        await anna.Page.GetByRole(AriaRole.Button, new() { Name = "Approve for somebody else to start" }).ClickAsync();
        await Assertions.Expect(anna.Page.GetByText("approved by anna")).ToBeVisibleAsync();

        await bert.Go("plan");
        await bert.Page.GetByRole(AriaRole.Button, new() { Name = "Diesen Plan zeigen" }).ClickAsync();
        await Assertions.Expect(bert.Page.GetByLabel("Letzter Zeitpunkt zum Umkehren")).ToHaveValueAsync(Field(turnBack));
        await bert.Page.GetByRole(AriaRole.Button, new() { Name = "Starten", Exact = true }).ClickAsync();
        await bert.Picture("phone-plan-times-de");
        await bert.Page.GetByRole(AriaRole.Button, new() { Name = "Ja, starten" }).ClickAsync();
        await bert.Page.WaitForURLAsync("**#/run/failover-*");

        var plan = JsonSerializer.Serialize(Begun(served, bert.Run).Plan, CoreJson.Default.Plan);
        foreach (var at in new[] { notBefore, turnBack, backBy })
            Assert.Contains(at.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:00", System.Globalization.CultureInfo.InvariantCulture), plan, StringComparison.Ordinal);
        Assert.Empty(anna.Complaints);
        Assert.Empty(bert.Complaints);
    }

    [Fact]
    public async Task The_claims_of_a_run_whose_controller_is_gone_are_taken_over_by_name()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.Plan);
        await using var browser = await Browser.Open(served);
        await browser.SignIn("anna");
        await browser.Go("plan");
        await browser.Page.GetByText("Times, and taking over").ClickAsync();
        await browser.Page.GetByLabel("Take over the claims of this run").FillAsync(" failover-lost ");
        var asked = await browser.Page.RunAndWaitForRequestAsync(
            () => browser.Page.GetByRole(AriaRole.Button, new() { Name = "Derive the plan" }).ClickAsync(), r => r.Url.Contains("/api/plan/", StringComparison.Ordinal));

        Assert.EndsWith("?takeOver=failover-lost", asked.Url, StringComparison.Ordinal);
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
        Assert.Empty(await KeyboardTests.Nameless(anna.Page, "a failback that is signed"));
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
