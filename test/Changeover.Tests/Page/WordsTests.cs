using System.Text.RegularExpressions;
using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Serving;
using Changeover.Simulation;
using Changeover.Tests.Simulation;
using Changeover.Tests.Tidy;

namespace Changeover.Tests.Page;

/// <summary>Every word the page asks for is there, in both languages, and none is there for nobody.</summary>
public sealed partial class WordsTests
{
    private static readonly string Source = Path.Combine(Checkout.Root, "src/web/src");

    [Fact]
    public void Every_word_has_both_languages()
    {
        var words = Words().ToArray();
        Assert.NotEmpty(words);
        Assert.All(words, w => Assert.True(w.English.Length > 0 && w.German.Length > 0, w.Key));
        Assert.Equal(words.Length, words.Select(w => w.Key).Distinct().Count());
        // What is filled in is filled in in both.
        Assert.All(words, w => Assert.Equal(Places(w.English), Places(w.German)));
    }

    [Fact]
    public void Every_word_that_the_page_asks_for_is_there()
    {
        var known = Words().Select(w => w.Key).ToHashSet();
        foreach (var file in Directory.EnumerateFiles(Source).Where(f => f.EndsWith(".svelte", StringComparison.Ordinal)))
        {
            foreach (Match asked in Asked().Matches(File.ReadAllText(file)))
                Assert.True(known.Contains(asked.Groups[1].Value), $"{Path.GetFileName(file)} asks for {asked.Groups[1].Value}");
        }
    }

    /// <summary>What the program answers with one of these is a word of the page.</summary>
    private static IEnumerable<string> AnsweredKeys()
    {
        var found = Baseline.Take("m1", SimulatedRun.Start, SimulatedRun.Look(new(World.Create(SimulatedRun.Example, 1, SimulatedRun.Start), AllDrivers.Set)));
        return
        [
            // Machines and what is between them.
            "primary", "standby", "in-standby", "writer", "active", "off", "unknown", .. Names<PowerState>().Where(p => p != "on"),
            .. Names<DrbdRole>().Concat(Names<DrbdConnection>()).Concat(Names<DrbdDisk>()).Select(w => $"drbd-{w}"), .. Names<ReplicationThread>().Select(w => $"thread-{w}"),
            // Health.
            .. Expectations.Normal(SimulatedRun.Example, found, ImmutableHashSet<string>.Empty).Concat(Expectations.Emptied(SimulatedRun.Example, "vm-host-1", found, ImmutableHashSet<string>.Empty, serving: true))
                .Select(e => e.Area).Append("left out").Append("not explained").Select(a => a.Replace(' ', '-')),
            "healthy", "unhealthy", "unknownHealth", "normal", "signed",
            // Plans and rehearsals.
            .. Gates.Failover.Concat(Gates.Failback).Concat(Gates.Close).Select(g => $"gate-{g}"), "looking", "starting", "backBy", "notBefore", "turnBack",
            .. Enum.GetValues<GoalKind>().Select(k => k == GoalKind.Close ? "closing" : k.ToString().ToLowerInvariant()),
            .. new[] { "ended", "cancelled", "failed" }.Select(s => $"rehearsal-{s}"),
            // Runs.
            .. Names<RunOutcome>().Where(o => o != "none"), "halted", "waiting", "stopped", "running",
            .. Names<StepStatus>(), .. Names<StepOutcome>().Where(o => o != "none"), .. Names<Answer>(),
            .. Names<ReceptionKind>().Select(r => $"reception-{r}"), "exchange-mend", "exchange-extend",
            // People.
            .. Names<Right>().Where(r => r != "none").Select(r => $"right-{r}"),
        ];

        static IEnumerable<string> Names<T>()
            where T : struct, Enum => Enum.GetValues<T>().Select(v => v.ToString().ToLowerInvariant());
    }

    [Fact]
    public void Every_word_that_the_program_answers_with_is_there() =>
        Assert.Empty(AnsweredKeys().Except(Words().Select(w => w.Key)));

    /// <summary>The page asks for it by name, or by something that the program answers.</summary>
    [Fact]
    public void No_word_is_there_for_nobody()
    {
        var source = string.Join('\n', Directory.EnumerateFiles(Source).Select(File.ReadAllText));
        var asked = Quoted().Matches(source).Select(m => m.Groups[1].Value).Concat(AnsweredKeys()).Concat(Views).ToHashSet();

        var forNobody = Words().Select(w => w.Key).Except(asked).ToArray();
        Assert.Empty(forNobody);
    }

    private static readonly ImmutableArray<string> Views = ["cluster", "health", "plan", "run", "history"];

    private static IEnumerable<(string Key, string English, string German)> Words() =>
        Row().Matches(File.ReadAllText(Path.Combine(Source, "words.js"))).Select(m => (m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value));

    private static IEnumerable<string> Places(string text) => Place().Matches(text).Select(m => m.Value).Order(StringComparer.Ordinal);

    [GeneratedRegex(@"^  '?([\w-]+)'?: \['((?:[^'\\]|\\.)*)', '((?:[^'\\]|\\.)*)'\],$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\bt\('([\w-]+)'")]
    private static partial Regex Asked();

    /// <summary>Words stand in arms of a condition too, so every quoted one in a call counts.</summary>
    [GeneratedRegex(@"(?<=\bt\([^()]*)'([\w-]+)'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Place();
}
