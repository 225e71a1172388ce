using Changeover.Serving;
using Changeover.Tests.Serving;
using Changeover.Tests.Tidy;
using Microsoft.Playwright;

namespace Changeover.Tests.Page;

/// <summary>What a plan comes to when something goes wrong, beside the plan.</summary>
public sealed class RehearsalPageTests
{
    [Theory]
    [InlineData("en-GB", 1400, "Derive the plan", "Rehearse it", "Rehearsal", "none did harm", "Why, and what to do", "Cancel the rehearsal", "cancelled", "plan-rehearsed")]
    [InlineData("de-DE", 390, "Plan ableiten", "Proben", "Probe", "keiner hat Schaden angerichtet", "Warum, und was zu tun ist", "Probe abbrechen", "abgebrochen", "phone-plan-rehearsed-de")]
    public async Task A_rehearsal_is_begun_beside_the_plan_its_ends_are_shown_and_it_is_cancelled(string language, int width, string derive, string rehearse, string heading, string noHarm, string why, string cancel, string cancelled, string picture)
    {
        await using var served = await Served.Start(inventory: Path.Combine(Checkout.Root, "examples/minimal/cluster.yaml"));
        served.Account("anna", Right.Plan);
        await using var browser = await Browser.Open(served, language, width: width);
        await browser.SignIn("anna");
        await browser.Go("plan");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = derive, Exact = true }).ClickAsync();
        var card = browser.Page.GetByRole(AriaRole.Region, new() { Name = heading, Exact = true });
        await card.GetByRole(AriaRole.Button, new() { Name = rehearse, Exact = true }).ClickAsync();
        await Assertions.Expect(card.GetByRole(AriaRole.Columnheader, new() { Name = why })).ToBeVisibleAsync();
        await Assertions.Expect(card).ToContainTextAsync(noHarm);
        Assert.Empty(await KeyboardTests.Nameless(browser.Page, picture));
        await browser.Picture(picture);
        // All of it takes minutes; what is known so far stays.
        await card.GetByRole(AriaRole.Button, new() { Name = cancel }).ClickAsync();
        await Assertions.Expect(card.GetByText(cancelled, new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(card.GetByRole(AriaRole.Progressbar)).ToHaveCountAsync(0);
        await Assertions.Expect(card).ToContainTextAsync(noHarm);
        Assert.Empty(browser.Complaints);
    }
}
