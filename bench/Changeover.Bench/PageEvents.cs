using System.Globalization;
using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Journal;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Bench;

internal static partial class PageBench
{
    /// <summary>Entries that another process appends to the journal, one by one at moments that fit no beat: how long until the page shows each.</summary>
    private static async Task Events(string example)
    {
        const int Entries = 200;
        await using var served = await ServedProcess.Start(example);
        await using var browser = await OpenedBrowser.Open(served);
        using var journal = EventJournal.Open(served.Journal, "bench", TimeProvider.System);
        var started = Begun(served.Inventory);
        journal.StartEpoch(started.Run, 0);
        journal.Append(started.Run, 1, [RunStore.Entry(started)]);
        await using var page = await browser.Page();
        await page.Tab.GotoAsync($"{served.Address}#/run/{started.Run}");
        await page.Tab.WaitForSelectorAsync(".log li");
        // Entries may come together: whatever is shown now and was not before came now.
        await page.Tab.EvaluateAsync("""
            () => {
              window.shown = []
              new MutationObserver(() => {
                const newest = +(document.querySelector('.log li .text')?.textContent.match(/entry (\d+)$/)?.[1] ?? -1)
                while (window.shown.length <= newest) window.shown.push(Date.now())
              }).observe(document.querySelector('.log ol'), { childList: true, subtree: true, characterData: true })
            }
            """);
        var random = new Random(1);
        var appended = new double[Entries];
        for (var i = 0; i < Entries; i++)
        {
            await Task.Delay(random.Next(50, 350));
            journal.Append(started.Run, 1, [RunStore.Entry(new Decision(Now(), started.Plan.Steps[0].Id, Answer.Retry, "bench", $"entry {i}"))]);
            appended[i] = (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds;
        }
        await page.Until("window.shown.length", n => n >= Entries);
        var shown = await page.Tab.EvaluateAsync<double[]>("window.shown");
        // A browser's clock has whole milliseconds.
        Print("from the append's return until it is on the page", [.. shown.Select((at, i) => Math.Max(0, at - appended[i]))]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {shown.Where((at, i) => at - appended[i] > 200).Count()} of {Entries} took longer than 200 ms"));
    }

    private static Moment Now() => new(TimeSpan.FromMilliseconds(Environment.TickCount64), DateTimeOffset.UtcNow);

    private static RunStarted Begun(string inventoryFile)
    {
        var inventory = Read(inventoryFile);
        var world = World.Create(inventory, 1, DateTimeOffset.UtcNow);
        var simulator = new Simulator(world, AllDrivers.Set);
        var baseline = Baseline.Take("m1", world.Utc, simulator.Observe(WhatToLookAt.Everything(inventory), TimeSpan.FromMinutes(1)));
        return new(Now(), "failover-bench", "bench", 1, inventory, Planner.Derive(inventory, "digest", new(GoalKind.Failover, inventory.Hosts[0].Name), baseline, PlanOptions.Default, world.Utc), []);
    }

    private static ClusterInventory Read(string file) => InventoryFile.Read(file).Inventory ?? throw new InvalidOperationException($"{file} has findings; see changeover validate");
}
