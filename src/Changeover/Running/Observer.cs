using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Transport;

namespace Changeover.Running;

/// <summary>Looks at the whole cluster once, all targets side by side: the picture that health and plan are made from.</summary>
public static class Observer
{
    /// <summary>
    /// Asks every target, and those that left something open once more: what depends on a first answer (a guest's autostart on
    /// its number, a dialect on a version) is known with the second. One that missed its first chance and answered then is asked a third time.
    /// </summary>
    public static async Task<Snapshot> Look(
        ClusterInventory inventory, IReadOnlyCollection<Subject> subjects, DriverSet drivers, ITransport transport, RunClock clock, Action<string> progress, Ct ct)
    {
        var snapshot = Snapshot.Empty;
        var targets = subjects.GroupBy(s => s.Target).ToArray();
        var answered = 0;
        var open = targets;
        for (var pass = 1; pass <= 3; pass++)
        {
            var context = new DriverContext(inventory, snapshot);
            var before = snapshot;
            var seen = await Task.WhenAll(open.Select(async target =>
            {
                var mine = target.ToArray();
                var askedAt = clock.Now;
                var reply = await transport.Exchange(drivers.Ask(mine, context), ct);
                progress($"{Interlocked.Increment(ref answered)} of {targets.Length} looked at: {target.Key}");
                return drivers.Read(mine, reply, askedAt, clock.Now, context);
            }));
            snapshot = snapshot.With(seen.SelectMany(o => o));
            answered = 0;
            open = [.. open.Where(t => t.Any(s => Again(before.Find(s)?.Facts, snapshot.Find(s)?.Facts, pass)))];
        }
        return snapshot;
    }

    /// <param name="before">What was known of a subject before the pass, and <paramref name="now"/> after it.</param>
    private static bool Again(Facts? before, Facts? now, int pass) => now switch
    {
        null => pass == 1,
        // The first answer about guests and dialect: others are asked in its terms.
        PowerFacts or PacemakerFacts => before is null,
        _ => false,
    };
}
