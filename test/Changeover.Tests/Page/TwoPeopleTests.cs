using Changeover.Journal;
using Changeover.Running;
using Changeover.Serving;
using Changeover.Simulation;
using Changeover.Tests.Serving;
using Microsoft.Playwright;

namespace Changeover.Tests.Page;

/// <summary>What one person says on one screen, another confirms on theirs.</summary>
public sealed class TwoPeopleTests
{
    [Fact]
    public async Task What_one_accepts_at_the_desk_another_confirms_on_the_phone()
    {
        await using var served = await Served.Start(secondPersonAccept: true, faults: [new MonitoringRefuses()]);
        served.Account("anna", Right.Run);
        served.Account("bert", Right.Run);
        await using var anna = await Browser.Open(served);
        await using var bert = await Browser.Open(served, language: "de-DE", width: 390);
        await anna.SignIn("anna");
        await bert.SignIn("bert");
        await anna.Start("failover");
        await bert.Go($"run/{anna.Run}");

        var halt = anna.Waits("downtime.kept");
        var accept = halt.GetByRole(AriaRole.Button, new() { Name = "Accept as it is", Exact = true });
        await accept.ClickAsync();
        await Assertions.Expect(halt.GetByText("It counts only when somebody else confirms it here.")).ToBeVisibleAsync();
        await halt.GetByRole(AriaRole.Textbox).FillAsync("set by hand, ticket 4711");
        await accept.ClickAsync();
        await Assertions.Expect(halt.GetByRole(AriaRole.Status)).ToContainTextAsync("anna says: Accept as it is");
        await Assertions.Expect(halt.GetByText("It counts when somebody else confirms it.")).ToBeVisibleAsync();
        await Assertions.Expect(halt.GetByRole(AriaRole.Button, new() { NameRegex = new("^Confirm") })).ToHaveCountAsync(0);
        await anna.Picture("run-waits-for-second");

        var there = bert.Waits("downtime.kept", "Wartet auf Sie");
        await Assertions.Expect(there.GetByRole(AriaRole.Status)).ToContainTextAsync("anna sagt: So hinnehmen");
        await Assertions.Expect(there.GetByText("set by hand, ticket 4711")).ToBeVisibleAsync();
        await Assertions.Expect(there.GetByRole(AriaRole.Button, new() { Name = "So hinnehmen", Exact = true })).ToHaveCountAsync(0);
        await bert.Picture("phone-run-second-de");
        await there.GetByRole(AriaRole.Button, new() { Name = "Bestätigen: So hinnehmen" }).ClickAsync();

        await Assertions.Expect(halt).ToBeHiddenAsync();
        await Assertions.Expect(anna.Page.GetByText("confirmed by bert")).ToBeVisibleAsync();
        using var journal = EventJournal.OpenToRead(served.Journal, TimeProvider.System);
        var decision = Assert.Single(journal.Read(anna.Run).Select(RunStore.Event).OfType<Decision>(), d => d.Answer != Answer.Confirm);
        Assert.Equal(("downtime.kept", "anna", "bert"), (decision.Step, decision.Who, decision.Confirmed?.Who));
        Assert.Empty(anna.Complaints);
        Assert.Empty(bert.Complaints);
    }
}
