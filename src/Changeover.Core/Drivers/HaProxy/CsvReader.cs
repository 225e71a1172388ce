using System.Text;

namespace Changeover.Drivers.HaProxy;

/// <summary>
/// Comma-separated rows with quoted fields (texts of health checks may hold commas). A table has some hundred columns and few are
/// asked for, so a field becomes a text only when it is. An empty line is no row, and neither is a last line without its end.
/// </summary>
internal sealed class CsvReader(string text, int start)
{
    private readonly List<Range> fields = [];
    private int at = start;

    /// <summary>A quote was opened and never closed.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>How many fields the row has.</summary>
    public int Count => fields.Count;

    public string this[int column] => Value(text[fields[column]]);

    /// <summary>Place of the field with this value; -1 if there is none.</summary>
    public int Find(string value)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            if (this[i] == value)
                return i;
        }
        return -1;
    }

    /// <summary>Goes to the next row; false: there is none.</summary>
    public bool Next()
    {
        do
        {
            if (!Read())
                return false;
        }
        while (fields is [var only] && only.Start.Equals(only.End));
        return true;
    }

    private bool Read()
    {
        fields.Clear();
        var (from, quoted) = (at, false);
        for (var i = at; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '"')
                quoted = !quoted;
            if (quoted || c is not (',' or '\n'))
                continue;
            fields.Add(from..i);
            from = i + 1;
            if (c == '\n')
            {
                at = from;
                return true;
            }
        }
        at = text.Length;
        IsCutOff |= quoted;
        return false;
    }

    /// <summary>Without its quotes; two in a quoted part are one.</summary>
    private static string Value(string field)
    {
        if (!field.Contains('"', StringComparison.Ordinal))
            return field;
        var value = new StringBuilder(field.Length);
        var quoted = false;
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] != '"')
            {
                value.Append(field[i]);
            }
            else if (quoted && i + 1 < field.Length && field[i + 1] == '"')
            {
                value.Append('"');
                i++;
            }
            else
            {
                quoted = !quoted;
            }
        }
        return value.ToString();
    }
}
