using System.Text;
using Changeover.Serving;

namespace Changeover.Tests.Serving;

/// <summary>The journal as watchers are told it.</summary>
public sealed class JournalTailTests
{
    [Fact]
    public async Task What_is_no_longer_kept_is_told_word_for_word_as_it_was()
    {
        await using var served = await Served.Start();
        var client = served.With(Right.Run);
        foreach (var goal in new[] { "failover", "failback" })
            await Served.UntilOver(client, await Served.Run(client, goal));
        using var all = new JournalTail(served.Journal);
        using var few = new JournalTail(served.Journal) { Kept = 10 };
        var newest = all.Newest();

        Assert.Equal(newest, few.Newest());
        Assert.Equal(Enumerable.Range(1, (int)newest).Select(i => (long)i), all.Known(0).Select(t => t.Sequence));
        foreach (var since in new[] { 0, 7, newest - 11, newest - 10, newest - 1, newest, newest + 5 })
            Assert.Equal(Text(all, since), Text(few, since));
        Assert.Equal(all.Runs().Select(r => (r.Run, r.Outcome)), few.Runs().Select(r => (r.Run, r.Outcome)));
    }

    private static IEnumerable<string> Text(JournalTail tail, long since) => tail.Known(since).Select(t => Encoding.UTF8.GetString(t.English) + Encoding.UTF8.GetString(t.German));
}
