using System.Globalization;
using System.Text;

namespace Changeover.Inventory;

/// <summary>Durations as people write them in an inventory: <c>90s</c>, <c>5m</c>, <c>2h</c>, <c>1h30m</c>.</summary>
public static class Durations
{
    /// <summary>Null if it is not written so. Units d, h, m, s, each at most once, the larger first; whole numbers.</summary>
    public static TimeSpan? Parse(string text)
    {
        const string units = "dhms";
        long[] seconds = [86400, 3600, 60, 1];
        long total = 0;
        var unit = -1;
        var at = 0;
        while (at < text.Length)
        {
            var end = at;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                end++;
            // Nine digits of days still fit a TimeSpan's seconds in a long.
            if (end == at || end - at > 9 || end == text.Length)
                return null;
            var next = units.IndexOf(text[end], StringComparison.Ordinal);
            if (next <= unit)
                return null;
            unit = next;
            total += long.Parse(text.AsSpan(at, end - at), NumberStyles.None, CultureInfo.InvariantCulture) * seconds[unit];
            at = end + 1;
        }
        return unit < 0 || total > TimeSpan.MaxValue.TotalSeconds / 2 ? null : TimeSpan.FromSeconds(total);
    }

    /// <summary>The shortest way to write it, in whole seconds.</summary>
    public static string Text(TimeSpan span)
    {
        var text = new StringBuilder();
        foreach (var (amount, unit) in new[] { (span.Days, 'd'), (span.Hours, 'h'), (span.Minutes, 'm'), (span.Seconds, 's') })
        {
            if (amount != 0)
                text.Append(CultureInfo.InvariantCulture, $"{amount}{unit}");
        }
        return text.Length == 0 ? "0s" : text.ToString();
    }
}
