using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Changeover.Findings;

/// <summary>
/// The program's words in German. A finding and a phrase have a code: <see cref="GermanFindings"/> and <see cref="GermanPhrases"/> have the
/// sentence for it. What is there only as an English text, because it stands so in the journal or comes from another runner, is known by the text
/// it was made from: arguments by <see cref="GermanWords"/> and <see cref="GermanReasons"/>, the rest by <see cref="GermanSentences"/>, and what only
/// reports say by <see cref="GermanReports"/>. What none of them has stays as it is.
/// </summary>
public static partial class German
{
    private static readonly char[] Ends = [' ', ':', '.'];
    private static readonly Dictionary Words = new(GermanWords.All);
    private static readonly Dictionary Reasons = new(GermanReasons.All);
    private static readonly Dictionary Sentences = new(GermanSentences.All);
    private static readonly Dictionary Reports = new(GermanReports.All);
    private static readonly Dictionary Harms = new(GermanHarm.All);

    /// <summary>What a refused action is told with: a finding's sentence without its subject, as a text.</summary>
    private static readonly Dictionary Refusals = new(FindingCatalogue.All
        .Where(c => c.Code.StartsWith("exchange.", StringComparison.Ordinal) && c.Template.Contains("{why}", StringComparison.Ordinal))
        .Select(c => (Bare(c.Template), Bare(GermanFindings.Templates[c.Code]))));

    public static string Finding(Finding finding) => GermanFindings.Templates.TryGetValue(finding.Code.Code, out var template)
        ? Fill(template, name => name == "subject" ? finding.Subject : finding.Arguments.GetValueOrDefault(name))
        : finding.Message;

    /// <returns>Null: the code is not known.</returns>
    public static string? Phrase(string code, ImmutableArray<string> arguments) => GermanPhrases.Templates.TryGetValue(code, out var template)
        ? Fill(template, place => int.Parse(place, System.Globalization.CultureInfo.InvariantCulture) is var i && i < arguments.Length ? arguments[i] : null)
        : null;

    /// <summary>A sentence of ours; any other stays as it is.</summary>
    public static string Sentence(string english) => Sentences.Find(english) ?? english;

    /// <summary>What a report of a run says; a single word of ours too.</summary>
    public static string Report(string english) => Reports.Find(english) ?? Words.Find(english) ?? english;

    /// <summary>What a rehearsal says must never be so; any other text stays as it is.</summary>
    public static string Harm(string english) => Harms.Find(english) ?? english;

    /// <summary>A state, or another single word of ours; any other stays as it is.</summary>
    public static string Word(string english) => Said("word", english);

    /// <summary>What came back for a request, where the words are ours; those of another program stay as they are.</summary>
    public static string Answer(string english) => Said("reason", english);

    /// <param name="value">Of a name; null: the template's place stays, as it does in English.</param>
    private static string Fill(string template, Func<string, string?> value) => Place().Replace(template, place =>
        value(place.Groups["name"].Value) is { } text ? Said(place.Groups["as"].Value, text) : place.Value);

    private static string Said(string kind, string text) => kind switch
    {
        "word" => Words.Find(text) ?? text,
        "list" => string.Join(", ", text.Split(", ").Select(w => Words.Find(w) ?? w)),
        "reason" => Refusals.Find(text.Trim(Ends)) ?? string.Join("; ", text.Split("; ").Select(r => Reasons.Find(r) ?? r)),
        _ => text,
    };

    private static string Bare(string template) => template.Replace("{subject}", "", StringComparison.Ordinal).Replace("{why", "{0", StringComparison.Ordinal).Trim(Ends);

    [GeneratedRegex(@"\{(?<name>\w+)(:(?<as>word|list|reason))?\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Hole();

    /// <summary>English texts and the German ones, both with <c>{0}</c>, <c>{1}</c> … for what differs from one to the next.</summary>
    private sealed class Dictionary
    {
        private readonly FrozenDictionary<string, string> whole;
        private readonly ImmutableArray<Pattern> patterns;

        public Dictionary(IEnumerable<(string English, string German)> all)
        {
            var byKind = all.ToLookup(t => t.English.Contains("{0}", StringComparison.Ordinal));
            whole = byKind[false].ToFrozenDictionary(t => t.English, t => t.German, StringComparer.Ordinal);
            // The one that says most comes first: "started on {0}" before "{0} on {1}".
            patterns = [.. byKind[true].Select(t => new Pattern([.. Hole().Split(t.English)], t.German)).OrderByDescending(p => p.Literals.Sum(l => l.Length))];
        }

        public string? Find(string english)
        {
            if (whole.TryGetValue(english, out var german))
                return german;
            foreach (var pattern in patterns)
            {
                if (Match(english, pattern.Literals) is { } values)
                    return Fill(pattern.German, place => values[int.Parse(place, System.Globalization.CultureInfo.InvariantCulture)]);
            }
            return null;
        }

        /// <summary>What stands between the literals, each as short as it can be and none empty; null: it is another text.</summary>
        private static List<string>? Match(string text, ImmutableArray<string> literals)
        {
            if (!text.StartsWith(literals[0], StringComparison.Ordinal) || !text.EndsWith(literals[^1], StringComparison.Ordinal))
                return null;
            var values = new List<string>();
            var (at, end) = (literals[0].Length, text.Length - literals[^1].Length);
            for (var i = 1; i < literals.Length; i++)
            {
                var next = i == literals.Length - 1 ? end : at + 1 <= end ? text.IndexOf(literals[i], at + 1, end - at - 1, StringComparison.Ordinal) : -1;
                if (next <= at)
                    return null;
                values.Add(text[at..next]);
                at = next + literals[i].Length;
            }
            return values;
        }
    }

    private sealed record Pattern(ImmutableArray<string> Literals, string German);
}
