using System.Text;

namespace Changeover.Drivers.Database;

/// <summary>
/// The batch output of the mysql and mariadb clients: a line of column names, a line a row, tabs between, and line break, tab,
/// backslash and zero escaped inside a field. An answer without rows prints nothing at all, not even its column names.
/// </summary>
internal static class BatchOutput
{
    /// <summary>An answer. No columns: it had no rows.</summary>
    public sealed record Table(ImmutableArray<string> Columns, ImmutableArray<Row> Rows)
    {
        public static readonly Table Empty = new([], []);
    }

    /// <summary>A row by column name. Names are compared without case: versions differ in it.</summary>
    public sealed class Row(ImmutableArray<string> columns, ImmutableArray<string?> values)
    {
        /// <summary>The value under the first of these names that there is; null for NULL.</summary>
        /// <exception cref="FormatException">There is none of these columns.</exception>
        public string? this[params ReadOnlySpan<string> names]
        {
            get
            {
                foreach (var name in names)
                {
                    if (Index(name) is >= 0 and var i)
                        return values[i];
                }
                throw new FormatException($"column {names[0]} is missing");
            }
        }

        public bool Has(string name) => Index(name) >= 0;

        private int Index(string name)
        {
            for (var i = 0; i < columns.Length; i++)
            {
                if (string.Equals(columns[i], name, StringComparison.OrdinalIgnoreCase))
                    return i;
            }
            return -1;
        }
    }

    /// <summary>
    /// The parts of the output by the name their marking line gives, in order.
    /// </summary>
    /// <exception cref="FormatException">It is not such an output; the message says why and shows nothing of it.</exception>
    public static Dictionary<string, Table> Parts(string output)
    {
        if (!output.EndsWith('\n'))
            throw new FormatException("it is cut off within a line");
        var lines = output[..^1].Split('\n');
        var parts = new Dictionary<string, Table>(StringComparer.Ordinal);
        for (var i = 0; i < lines.Length;)
        {
            if (lines[i] != DatabaseScripts.Mark || i + 1 == lines.Length)
                throw new FormatException($"line {i + 1} stands outside of a part");
            var name = lines[i + 1];
            var end = Array.IndexOf(lines, DatabaseScripts.Mark, i + 2);
            end = end < 0 ? lines.Length : end;
            if (!parts.TryAdd(name, Read(lines.AsSpan(i + 2, end - i - 2), name)))
                throw new FormatException($"part {name} comes twice");
            i = end;
        }
        return parts;
    }

    /// <summary>The name of the last part that began, for telling where an answer stopped; empty if none did.</summary>
    public static string LastPart(string output)
    {
        var lines = output.Split('\n');
        var mark = Array.LastIndexOf(lines, DatabaseScripts.Mark);
        return mark >= 0 && mark + 1 < lines.Length ? lines[mark + 1] : "";
    }

    private static Table Read(ReadOnlySpan<string> lines, string part)
    {
        if (lines.IsEmpty)
            return Table.Empty;
        var columns = lines[0].Split('\t').ToImmutableArray();
        var rows = ImmutableArray.CreateBuilder<Row>();
        foreach (var line in lines[1..])
        {
            var fields = line.Split('\t');
            if (fields.Length != columns.Length)
                throw new FormatException($"a row of part {part} has {fields.Length} fields, expected {columns.Length}");
            rows.Add(new(columns, [.. fields.Select(Value)]));
        }
        if (rows.Count == 0)
            throw new FormatException($"part {part} has column names and no row");
        return new(columns, rows.ToImmutable());
    }

    /// <summary>A text that is the word NULL reads as NULL too; none of the columns asked for can hold it.</summary>
    private static string? Value(string field)
    {
        if (field == "NULL")
            return null;
        if (!field.Contains('\\', StringComparison.Ordinal))
            return field;
        var text = new StringBuilder();
        for (var i = 0; i < field.Length; i++)
        {
            var escaped = field[i] == '\\' && i + 1 < field.Length;
            text.Append(escaped ? field[++i] switch { 'n' => '\n', 't' => '\t', '0' => '\0', var c => c } : field[i]);
        }
        return text.ToString();
    }
}
