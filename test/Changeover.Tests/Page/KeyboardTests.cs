using System.Text.RegularExpressions;
using Changeover.Journal;
using Changeover.Running;
using Changeover.Serving;
using Changeover.Simulation;
using Changeover.Tests.Serving;
using Microsoft.Playwright;

namespace Changeover.Tests.Page;

/// <summary>For who uses no mouse, and for who hears the page instead of seeing it.</summary>
public sealed partial class KeyboardTests
{
    /// <summary>Presses Tab until this has the focus; more than these, and nobody would find it.</summary>
    private static async Task TabTo(IPage page, ILocator target, int atMost = 150)
    {
        await Assertions.Expect(target).ToBeVisibleAsync();
        for (var i = 0; i < atMost; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await target.EvaluateAsync<bool>("e => e === document.activeElement"))
                return;
        }
        Assert.Fail($"{target} is not reached with {atMost} times Tab");
    }

    private static async Task Press(IPage page, ILocator target)
    {
        await TabTo(page, target);
        await page.Keyboard.PressAsync("Enter");
    }

    /// <summary>Controls that a screen reader can only call by what they are.</summary>
    internal static async Task<IEnumerable<string>> Nameless(IPage page, string view) =>
        Control().Matches(await page.Locator("body").AriaSnapshotAsync()).Select(m => $"{view}: {m.Value.Trim()}");

    [GeneratedRegex(@"^\s*- (button|link|textbox|combobox|listbox|checkbox|radio|spinbutton|slider|progressbar|dialog|img)(?! "").*$", RegexOptions.Multiline)]
    private static partial Regex Control();

    [Fact]
    public async Task A_plan_is_approved_and_a_halt_answered_with_the_keyboard_alone()
    {
        await using var served = await Served.Start(faults: [new MonitoringRefuses()]);
        served.Account("anna", Right.Run);
        await using var browser = await Browser.Open(served);
        var page = browser.Page;
        ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

        await TabTo(page, page.Locator("#name"));
        await page.Keyboard.TypeAsync("anna");
        await TabTo(page, page.Locator("#password"));
        await page.Keyboard.TypeAsync(Served.Password);
        await page.Keyboard.PressAsync("Enter");
        await Press(page, page.GetByRole(AriaRole.Link, new() { Name = "Plan", Exact = true }));
        await Press(page, Button("Derive the plan"));
        await Press(page, Button("Approve and start"));
        await Press(page, Button("Yes, start it"));
        await page.WaitForURLAsync("**#/run/failover-*");
        var halt = browser.Waits("downtime.kept");
        var accept = halt.GetByRole(AriaRole.Button, new() { Name = "Accept as it is", Exact = true });
        await Press(page, accept);
        // The field for the reason has the focus by itself.
        await page.Keyboard.TypeAsync("set by hand");
        await browser.Picture("run-keyboard");
        await Press(page, accept);
        await Assertions.Expect(halt).ToBeHiddenAsync();

        using var journal = EventJournal.OpenToRead(served.Journal, TimeProvider.System);
        var decision = Assert.Single(journal.Read(browser.Run).Select(RunStore.Event).OfType<Decision>(), d => d.Answer != Answer.Confirm);
        Assert.Equal(("downtime.kept", Answer.Accept, "anna", "set by hand"), (decision.Step, decision.Answer, decision.Who, decision.Reason));
    }

    [Fact]
    public async Task Every_control_of_every_view_has_a_name()
    {
        await using var served = await Served.Start(secondPersonAccept: true, faults: [new MonitoringRefuses()]);
        served.Account("anna", Right.Run);
        await using var browser = await Browser.Open(served);
        var page = browser.Page;
        var nameless = new List<string>();
        async Task Look(string view) => nameless.AddRange(await Nameless(page, view));

        await Look("sign-in");
        await browser.SignIn("anna");
        await browser.Machine("acd-store1").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await Look("machine");
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        await Look("cluster");
        await browser.Go("health");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Look again" })).ToBeEnabledAsync();
        await Look("health");
        await browser.Go("plan");
        await page.GetByText("Leave machines out").ClickAsync();
        await page.GetByLabel("Machine", new() { Exact = true }).FillAsync("acd-jb1");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Leave it out", Exact = true })).ToBeEnabledAsync();
        await page.Keyboard.PressAsync("Enter");
        await Look("plan with a machine left out");
        await page.GetByRole(AriaRole.Button, new() { Name = "Do not leave acd-jb1 out" }).ClickAsync();
        await page.GetByText("Times, and taking over").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Derive the plan" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Graph", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "moved", Exact = true })).ToBeVisibleAsync();
        await Look("plan as a graph");
        await browser.Start("failover");
        var halt = browser.Waits("downtime.kept");
        await halt.GetByRole(AriaRole.Button, new() { Name = "Accept as it is" }).ClickAsync();
        await Look("run that is answered");
        // Two wait, each under its own name, and what is said at once is the sentence and not the field below it.
        await Assertions.Expect(browser.Waits("downtime.emptied")).ToBeVisibleAsync();
        var regions = await page.Locator("section.note").EvaluateAllAsync<string[]>("all => all.map(e => e.ariaLabel)");
        Assert.Equal(regions, regions.Distinct());
        await Assertions.Expect(page.Locator("[aria-live=assertive]")).ToHaveTextAsync(string.Join("; ", regions));
        await Assertions.Expect(page.Locator("[aria-live] :is(input, button)")).ToHaveCountAsync(0);
        await halt.GetByLabel("Why (goes into the report)").FillAsync("set by hand");
        await halt.GetByRole(AriaRole.Button, new() { Name = "Accept as it is" }).ClickAsync();
        await Assertions.Expect(page.GetByText("It counts when somebody else confirms it.")).ToBeVisibleAsync();
        await page.Locator("details.gate li").Filter(new() { Has = page.GetByText("downtime.kept", new() { Exact = true }) }).Locator("summary").First.ClickAsync();
        await Assertions.Expect(page.GetByText("attempt 1").First).ToBeVisibleAsync();
        await Look("run with a word that waits, and what was sent");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause before the next gate" }).ClickAsync();
        await Look("run that is paused");
        await browser.Go("history");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Markdown" })).ToBeVisibleAsync();
        await Look("history");

        Assert.Empty(nameless.Distinct());
    }
}
