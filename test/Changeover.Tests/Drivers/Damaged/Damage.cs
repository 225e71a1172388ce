using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Changeover.Drivers;

namespace Changeover.Tests.Drivers.Damaged;

/// <summary>What can happen to a text between the tool that prints it and the reader.</summary>
public enum Edit
{
    /// <summary>Everything from one byte on is missing.</summary>
    Cut,

    /// <summary>A number became one that it cannot be: huge, no number, another script's digits.</summary>
    Number,

    /// <summary>The value of an attribute, member or property became empty or nonsense.</summary>
    Value,

    /// <summary>An attribute, member or property is missing with its name.</summary>
    Attribute,

    /// <summary>One column is missing, in all lines or in one.</summary>
    Column,

    /// <summary>Some lines came twice.</summary>
    Doubled,

    /// <summary>Wrong encoding, line ends, byte order mark.</summary>
    Encoding,

    /// <summary>Another root, or something before or behind the whole.</summary>
    Root,

    /// <summary>Nothing, or nothing but blanks.</summary>
    Empty,

    /// <summary>The answer to one command is not there.</summary>
    Missing,

    /// <summary>The command ended with an error, whatever it printed.</summary>
    Exit,

    /// <summary>Some lines are missing.</summary>
    Dropped,

    /// <summary>Two lines changed their places.</summary>
    Swapped,

    /// <summary>A byte became another.</summary>
    Byte,

    /// <summary>Something was inserted.</summary>
    Inserted,
}

/// <summary>One edit of the answer to one command. The numbers choose where and what; every number means something.</summary>
internal sealed partial record Damage(Edit Edit, int Result, int At, int Which)
{
    private static readonly string[] Numbers =
        ["NaN", "-", "1e999", "Infinity", "99999999999999999999999999", "18446744073709551616", "-9223372036854775809", "0x7", "٣", "1,0", "½", ""];

    private static readonly string[] Nonsense = ["", " ", "?", "\ufffd", "\0", "💥", "NaN", "null", "-", "<", "\\ud800", "\\", "'", "\t"];

    private static readonly string[] Pieces =
    [
        "\0", "\ufeff", "\ufffd", "\u2028", "💥", "é", "\ud800", "\r", "\n", "\t", " ", "\"", "'", "\\", "\\ud800", "\\u0000", "<", ">", "</", "<!-- ", "-->", "<![CDATA[",
        "&amp;", "&x;", "{", "}", "[", "]", ":", ",", "=", "/", "(", ")", "%", "*", "- ", "NaN", "null", "true", "0", "-1", "99999999999999999999", "end\n", "Error: ", "INFINITY",
        "@@changeover part\n", "@@ forecast done\n", "\n\n", "name=", "running",
    ];

    /// <summary>What is inserted could stand there: a digit, a word.</summary>
    public bool InsertsWord => Edit == Edit.Inserted && Pieces[Which % Pieces.Length].All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    public Reply.Answered Of(Reply.Answered reply)
    {
        if (reply.Results.IsEmpty)
            return reply;
        var place = Result % reply.Results.Length;
        var whole = reply.Results[place];
        return Edit switch
        {
            Edit.Missing => new(reply.Results.RemoveAt(place)),
            Edit.Exit => new(reply.Results.SetItem(place, whole with
            {
                Code = (int[])[1, 2, 3, 5, 124, 127, 255, 404, 500] is var codes ? codes[Which % codes.Length] : 1,
                Error = whole.Error.Length > 0 ? whole.Error : Pieces[At % Pieces.Length],
            })),
            _ => new(reply.Results.SetItem(place, whole with { Output = Of(whole.Output) })),
        };
    }

    private string Of(string text) => Edit switch
    {
        Edit.Cut => Bytes(text, b => b[..(At % (b.Length + 1))]),
        Edit.Number => Replace(text, Standing().Matches(text), m => Numbers[Which % Numbers.Length]),
        Edit.Value => Replace(text, Named().Matches(text), m => m.Groups["before"].Value + Nonsense[Which % Nonsense.Length] + m.Groups["after"].Value),
        Edit.Attribute => Replace(text, Named().Matches(text), _ => ""),
        Edit.Column => WithoutColumn(text),
        Edit.Doubled => Lines(text, (lines, at, count) => [.. lines[..(at + count)], .. lines[at..]]),
        Edit.Dropped => Lines(text, (lines, at, count) => [.. lines[..at], .. lines[(at + count)..]]),
        Edit.Swapped => Lines(text, (lines, at, count) =>
        {
            var other = (at + count) % lines.Length;
            (lines[at], lines[other]) = (lines[other], lines[at]);
            return lines;
        }),
        Edit.Encoding => Reencoded(text),
        Edit.Root => Rooted(text),
        Edit.Empty => (string[])["", " ", "\n", "\n\n", "\0", "\ufeff"] is var nothing ? nothing[Which % nothing.Length] : "",
        Edit.Byte => text.Length == 0 ? "\u0001" : Bytes(text, b =>
        {
            b[At % b.Length] = (byte)Which;
            return b;
        }),
        _ => text.Insert(At % (text.Length + 1), Pieces[Which % Pieces.Length]),
    };

    private static string Bytes(string text, Func<byte[], byte[]> change) => Encoding.UTF8.GetString(change(Encoding.UTF8.GetBytes(text)));

    private string Replace(string text, MatchCollection places, Func<Match, string> by) => places.Count == 0
        ? text
        : places[At % places.Count] is var place ? string.Concat(text.AsSpan(0, place.Index), by(place), text.AsSpan(place.Index + place.Length)) : text;

    private string Lines(string text, Func<string[], int, int, string[]> change)
    {
        var lines = text.Split('\n');
        var at = At % lines.Length;
        return string.Join('\n', change(lines, at, Math.Min(1 + (Which % 4), lines.Length - at)));
    }

    private string WithoutColumn(string text)
    {
        char[] present = [.. "\t,; |".Where(text.Contains)];
        if (present.Length == 0)
            return text;
        var separator = present[Which % present.Length];
        var lines = text.Split('\n');
        var columns = lines.Max(l => l.Split(separator).Length);
        var only = Which / 8 % 2 == 0 ? -1 : At / 64 % lines.Length;
        return string.Join('\n', lines.Select((line, i) =>
        {
            // HAProxy's mark of a header is no column.
            var mark = line.StartsWith("# ", StringComparison.Ordinal) ? 2 : 0;
            var fields = line[mark..].Split(separator).ToList();
            if ((only < 0 || only == i) && fields.Count > 1 && At % columns < fields.Count)
                fields.RemoveAt(At % columns);
            return line[..mark] + string.Join(separator, fields);
        }));
    }

    private string Reencoded(string text) => (Which % 6) switch
    {
        0 => Encoding.UTF8.GetString(Encoding.Unicode.GetBytes(text)),
        1 => Encoding.Unicode.GetString(Encoding.UTF8.GetBytes(text)),
        2 => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(text)),
        3 => "\ufeff" + text,
        4 => text.Replace("\n", "\r\n", StringComparison.Ordinal),
        _ => text.Replace("\n", "\r", StringComparison.Ordinal),
    };

    private string Rooted(string text) => (Which % 8) switch
    {
        0 => Element().Replace(text, "<x", 1),
        1 => "[" + text + "]",
        2 => "{\"data\":" + text + "}",
        3 => "<x>" + text + "</x>",
        4 => "You have new mail.\n" + text,
        5 => text + "Killed\n",
        6 => text + text,
        _ => text.Length == 0 ? "null" : text[0] + text,
    };

    [GeneratedRegex(@"<[a-z][\w-]*")]
    private static partial Regex Element();

    /// <summary>A number by itself, not a part of a name, a version or an address.</summary>
    [GeneratedRegex(@"(?<![\w.:/-])-?\d+(?:\.\d+)?(?![\w.:/-])")]
    private static partial Regex Standing();

    /// <summary><c>name="value"</c>, <c>"name":value</c>, <c>name=value</c>, <c>name:value</c>, and a line <c>name: value</c>.</summary>
    [GeneratedRegex(
        """(?<before> [\w-]+=")[^"\n]*(?<after>")|(?<before>"[\w-]+" ?: ?)(?:"(?:[^"\\\n]|\\.)*"|[\w.-]+)(?<after>,?)|(?<before>(?<=^|[ \n])[\w'-]+[=:] ?)[^\s"=]*(?<after>)""",
        RegexOptions.CultureInvariant)]
    private static partial Regex Named();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Edit}(result {Result}, at {At}, which {Which})");
}
