using System.Text.Json.Nodes;
using Changeover.Findings;
using Changeover.Reporting;
using Changeover.Serving;
using Changeover.Tests.Reporting;
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

    [Theory]
    [InlineData("en-GB", "Derive the plan", "In 2 of 40 runs somebody else’s hand", "in none did the program do harm", "rehearsal-raced")]
    [InlineData("de-DE", "Plan ableiten", "In 2 von 40 Läufen kam eine fremde Hand", "in keinem hat das Programm Schaden angerichtet", "rehearsal-raced-de")]
    public async Task What_somebody_else_slipped_in_between_is_shown_though_the_program_did_no_harm(string language, string derive, string raced, string noHarm, string picture)
    {
        await using var served = await Served.Start(inventory: Path.Combine(Checkout.Root, "examples/minimal/cluster.yaml"));
        served.Account("anna", Right.Plan);
        await using var browser = await Browser.Open(served, language);
        var cluster = await Served.Get(served.With(Right.View), "/api/cluster");
        var told = new JsonObject
        {
            ["goal"] = $"failover {cluster.GetProperty("hosts")[0].GetProperty("name").GetString()}",
            ["state"] = "ended",
            ["who"] = "anna",
            ["endedAt"] = "2026-11-30T19:00:00.000Z",
            ["digest"] = "",
            ["planned"] = 40,
        };
        RehearsalJson.Ends(told, [.. Enumerable.Range(1, 40).Select(i => RehearsalJsonTests.End((ulong)i, i is 7 or 9 ? ["two-writers"] : []))], Language.English);
        await browser.Page.RouteAsync("**/api/rehearsals", route => route.FulfillAsync(new() { ContentType = "application/json", Body = new JsonObject { ["rehearsals"] = new JsonArray(told.DeepClone()) }.ToJsonString() }));
        await browser.SignIn("anna");
        await browser.Go("plan");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = derive, Exact = true }).ClickAsync();

        await Assertions.Expect(browser.Page.GetByText(raced)).ToBeVisibleAsync();
        await Assertions.Expect(browser.Page.GetByText(noHarm)).ToBeVisibleAsync();
        await Assertions.Expect(browser.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "two-writers" })).ToContainTextAsync("seed-7");
        await browser.Picture(picture);
        Assert.Empty(browser.Complaints);
    }
}
