namespace Changeover.Inventory;

/// <summary>The known name a mistyped one is nearest to.</summary>
public static class Spelling
{
    /// <summary>By number of changed letters, case ignored; the first in ordinal order among equals; empty if none is known.</summary>
    public static string Nearest(string name, IEnumerable<string> known) =>
        known.OrderBy(k => Distance(name.ToUpperInvariant(), k.ToUpperInvariant())).ThenBy(k => k, StringComparer.Ordinal).FirstOrDefault("");

    /// <summary>Letters inserted, removed or replaced; two neighbours swapped count as one.</summary>
    internal static int Distance(string a, string b)
    {
        // Names are short; a text that is no name is compared by its beginning, so that the work stays bounded.
        const int most = 80;
        a = a.Length > most ? a[..most] : a;
        b = b.Length > most ? b[..most] : b;
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var best = Math.Min(Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1, rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    best = Math.Min(best, rows[i - 2, j - 2] + 1);
                rows[i, j] = best;
            }
        }
        return rows[a.Length, b.Length];
    }
}
