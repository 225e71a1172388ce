using System.Globalization;

namespace Changeover.Knowledge;

/// <summary>
/// A transaction as MariaDB numbers it: <c>domain-server-sequence</c>. Within a domain the sequence rises along the log; the
/// server is the one the transaction was first committed on.
/// </summary>
/// <remarks>Source: MariaDB documentation, "Global Transaction ID".</remarks>
public readonly record struct MariaGtid(uint Domain, uint Server, ulong Sequence)
{
    /// <summary>A position or state: GTIDs separated by commas, in the order given; null if the text is none. Empty text: none.</summary>
    public static ImmutableArray<MariaGtid>? Parse(string text)
    {
        var found = ImmutableArray.CreateBuilder<MariaGtid>();
        foreach (var member in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = member.Split('-');
            if (words.Length != 3
                || !uint.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var domain)
                || !uint.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var server)
                || !ulong.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
                return null;
            found.Add(new(domain, server, sequence));
        }
        return found.ToImmutable();
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Domain}-{Server}-{Sequence}");
}
