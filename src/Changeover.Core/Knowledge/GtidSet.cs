using System.Globalization;

namespace Changeover.Knowledge;

/// <summary>
/// A set of transactions as MySQL writes it: <c>uuid:1-5:7,uuid:tag:1-3</c>. Kept in one canonical form, so that equal sets
/// are equal values: origins sorted, intervals sorted, apart by at least one number.
/// </summary>
/// <remarks>Source: MySQL manual, "GTID Format and Storage" (tags since 8.3).</remarks>
public sealed class GtidSet : IEquatable<GtidSet>
{
    public static readonly GtidSet Empty = new(ImmutableSortedDictionary.Create<string, ImmutableArray<Interval>>(StringComparer.Ordinal));

    /// <summary>Origin (<c>uuid</c> or <c>uuid:tag</c>, lower case) → its intervals.</summary>
    private readonly ImmutableSortedDictionary<string, ImmutableArray<Interval>> intervals;

    private GtidSet(ImmutableSortedDictionary<string, ImmutableArray<Interval>> intervals) => this.intervals = intervals;

    public bool IsEmpty => intervals.IsEmpty;

    /// <summary>The set a text names, or null if it is none. Blanks and line breaks between members mean nothing.</summary>
    public static GtidSet? Parse(string text)
    {
        var found = new List<(string Origin, Interval Interval)>();
        foreach (var member in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = member.Split(':', StringSplitOptions.TrimEntries);
            var uuid = words[0].ToLowerInvariant();
            if (words.Length < 2 || !IsUuid(uuid))
                return null;
            var origin = uuid;
            var open = true;
            foreach (var word in words.Skip(1))
            {
                if (IsTag(word))
                {
                    // A tag holds for the intervals behind it, and there must be one.
                    if (open && origin != uuid)
                        return null;
                    origin = $"{uuid}:{word.ToLowerInvariant()}";
                    open = true;
                }
                else if (Interval.Parse(word) is { } interval)
                {
                    found.Add((origin, interval));
                    open = false;
                }
                else
                {
                    return null;
                }
            }
            if (open)
                return null;
        }
        return Of(found);
    }

    public bool Contains(GtidSet other) => other.Minus(this).IsEmpty;

    public GtidSet Union(GtidSet other) => Of([.. Members, .. other.Members]);

    /// <summary>What this set has and the other has not.</summary>
    public GtidSet Minus(GtidSet other) => Of(
        Members.SelectMany(m => other.Intervals(m.Origin)
            .Aggregate<Interval, IEnumerable<Interval>>([m.Interval], (left, hole) => left.SelectMany(i => i.Without(hole)))
            .Select(i => (m.Origin, i))));

    public GtidSet Intersect(GtidSet other) => Minus(Minus(other));

    public bool Equals(GtidSet? other) => other is not null && ToString() == other.ToString();

    public override bool Equals(object? obj) => Equals(obj as GtidSet);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(ToString());

    public override string ToString() => string.Join(',', intervals.Select(o => $"{o.Key}:{string.Join(':', o.Value)}"));

    private IEnumerable<(string Origin, Interval Interval)> Members => intervals.SelectMany(o => o.Value.Select(i => (o.Key, i)));

    private ImmutableArray<Interval> Intervals(string origin) => intervals.GetValueOrDefault(origin, []);

    private static GtidSet Of(IEnumerable<(string Origin, Interval Interval)> members) => new(
        members
            .GroupBy(m => m.Origin, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(g => g.Key, g => Merge(g.Select(m => m.Interval)), StringComparer.Ordinal));

    private static ImmutableArray<Interval> Merge(IEnumerable<Interval> parts)
    {
        var merged = ImmutableArray.CreateBuilder<Interval>();
        foreach (var part in parts.OrderBy(i => i.First))
        {
            if (merged.Count > 0 && part.First <= merged[^1].Last + 1)
                merged[^1] = new(merged[^1].First, Math.Max(merged[^1].Last, part.Last));
            else
                merged.Add(part);
        }
        return merged.ToImmutable();
    }

    private static bool IsUuid(string text) =>
        text.Length == 36 && text.Index().All(c => c.Index is 8 or 13 or 18 or 23 ? c.Item == '-' : char.IsAsciiHexDigit(c.Item));

    private static bool IsTag(string text) =>
        text.Length is > 0 and <= 32
        && (char.IsAsciiLetter(text[0]) || text[0] == '_')
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <param name="First">At least 1.</param>
    /// <param name="Last">At least <paramref name="First"/>, included.</param>
    private readonly record struct Interval(long First, long Last)
    {
        public static Interval? Parse(string text)
        {
            var dash = text.IndexOf('-', StringComparison.Ordinal);
            return Number(dash < 0 ? text : text[..dash]) is { } first
                && Number(dash < 0 ? text : text[(dash + 1)..]) is { } last
                && last >= first
                ? new(first, last)
                : null;
        }

        public IEnumerable<Interval> Without(Interval hole)
        {
            if (First < hole.First)
                yield return this with { Last = Math.Min(Last, hole.First - 1) };
            if (Last > hole.Last)
                yield return this with { First = Math.Max(First, hole.Last + 1) };
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}{(Last > First ? $"-{Last}" : "")}");

        // The largest number MySQL gives is one below the largest of its type, so that an end can always be stepped over.
        private static long? Number(string text) =>
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < long.MaxValue ? number : null;
    }
}
