using System.Text.RegularExpressions;
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

    private static IEnumerable<(string Key, string English, string German)> Words() =>
        Row().Matches(File.ReadAllText(Path.Combine(Source, "words.js"))).Select(m => (m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value));

    private static IEnumerable<string> Places(string text) => Place().Matches(text).Select(m => m.Value).Order(StringComparer.Ordinal);

    [GeneratedRegex(@"^  '?([\w-]+)'?: \['((?:[^'\\]|\\.)*)', '((?:[^'\\]|\\.)*)'\],$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\bt\('([\w-]+)'")]
    private static partial Regex Asked();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Place();
}
