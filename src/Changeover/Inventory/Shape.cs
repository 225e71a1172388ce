using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Changeover.Findings;

namespace Changeover.Inventory;

/// <summary>
/// What may stand at one place of the inventory file. One description serves three: the reader checks against it, the JSON
/// schema is made from it, and the tables of docs/inventory.md too; so they cannot differ.
/// </summary>
internal abstract record Shape
{
    /// <summary>What is expected, in words that fit behind "expected".</summary>
    public abstract string Expected { get; }

    /// <param name="Pattern">Regular expression that both .NET and a JSON schema understand.</param>
    /// <param name="Also">What a pattern cannot say.</param>
    /// <param name="Lines">May have several lines.</param>
    public sealed record Text(string Expected, string Pattern, Func<string, bool>? Also = null, bool Lines = false) : Shape
    {
        private const int Longest = 2000;
        private readonly Lazy<Regex> regex = new(() => new Regex(Pattern, RegexOptions.CultureInvariant));

        public override string Expected { get; } = Expected;

        public bool Accepts(string value) =>
            value.Length <= Longest
            && !value.Any(c => char.IsControl(c) && !(Lines && c == '\n'))
            && regex.Value.IsMatch(value)
            && Also?.Invoke(value) != false;
    }

    /// <summary>A reference to a secret. What stands there is never shown.</summary>
    public sealed record Secret : Shape
    {
        public const string Pattern = "^(env:[A-Za-z_][A-Za-z0-9_]*|file:\\S.*|command:\\S.*)$";
        public override string Expected => "a reference to the secret: env:NAME, file:PATH or command:PROGRAM";
        public static readonly Text Reference = new("", Pattern);
    }

    public sealed record Choice(ImmutableArray<string> Words) : Shape
    {
        public override string Expected => Words.Length == 1 ? Words[0] : "one of: " + string.Join(", ", Words);
    }

    public sealed record Flag : Shape
    {
        public override string Expected => "true or false";
    }

    public sealed record Whole(int Least, int Most) : Shape
    {
        public override string Expected => string.Create(CultureInfo.InvariantCulture, $"a whole number from {Least} to {Most}");
    }

    /// <summary>A duration, from a second to a week.</summary>
    public sealed record Span : Shape
    {
        public static readonly TimeSpan Least = TimeSpan.FromSeconds(1);
        public static readonly TimeSpan Most = TimeSpan.FromDays(7);
        public override string Expected => "a duration with its unit, from 1s to 7d, such as 90s, 5m, 2h or 1h30m";
    }

    public sealed record List(Shape Item) : Shape
    {
        public override string Expected => $"a list: [ … ], of {Item.Expected}";
    }

    /// <summary>Entries whose names the site chooses.</summary>
    public sealed record Map(Text Name, Shape Value, string Of, bool NotEmpty = false) : Shape
    {
        public override string Expected => $"a map of {Of}, each with its name as the key";
    }

    /// <summary>Entries whose names are given.</summary>
    /// <param name="Title">Its name in schema and documentation.</param>
    /// <param name="ExactlyOne">Of these keys exactly one stands there.</param>
    public sealed record Section(string Title, ImmutableArray<Key> Keys, ImmutableArray<string> ExactlyOne) : Shape
    {
        public override string Expected => $"a map with the keys {string.Join(", ", Keys.Take(4).Select(k => k.Name))}{(Keys.Length > 4 ? ", …" : "")}";
    }

    /// <param name="Default">As it would be written; empty: nothing. In words in parentheses when it depends on something.</param>
    public sealed record Key(string Name, Shape Shape, string Meaning, string Default = "", bool Required = false);

    /// <summary>Finds everything that does not fit, and goes on behind it.</summary>
    /// <param name="path">Of the node in the file.</param>
    /// <param name="key">Where the node's key stands: what is missing in a section is missing there.</param>
    public void Check(YamlNode node, string path, Place key, Action<Place, Finding> found)
    {
        if (node is YamlNode.Scalar { Value: YamlTree.Refused })
            return;
        switch (this, node)
        {
            case (Section section, YamlNode.Mapping map):
                section.CheckKeys(map, path, key, found);
                break;
            case (Map shape, YamlNode.Mapping map):
                if (shape.NotEmpty && map.Entries.IsEmpty)
                    found(key, InventoryFindings.WrongType.On(path, "found", "empty", "expected", shape.Expected));
                foreach (var entry in map.Entries)
                {
                    var at = Join(path, entry.Key);
                    if (!shape.Name.Accepts(entry.Key))
                        found(entry.KeyAt, InventoryFindings.BadValue.On(
                            at, "value", YamlTree.Shown(entry.Key), "expected", $"as a key {shape.Name.Expected}"));
                    shape.Value.Check(entry.Value, at, entry.KeyAt, found);
                }
                break;
            case (List list, YamlNode.Sequence sequence):
                foreach (var (item, i) in sequence.Items.Select((item, i) => (item, i)))
                    list.Item.Check(item, $"{path}[{i}]", item.At, found);
                break;
            case (Section or Map or List, _):
                found(node.At, InventoryFindings.WrongType.On(path, "found", Found(node), "expected", Expected));
                break;
            case (Secret, YamlNode.Scalar { Value.Length: > 0 } scalar):
                if (!Secret.Reference.Accepts(scalar.Value))
                    found(node.At, InventoryFindings.SecretValue.On(path));
                break;
            case (_, YamlNode.Scalar scalar) when !IsNothing(scalar):
                CheckValue(scalar, path, found);
                break;
            default:
                found(node.At, InventoryFindings.WrongType.On(path, "found", Found(node), "expected", Expected));
                break;
        }
    }

    private void CheckValue(YamlNode.Scalar scalar, string path, Action<Place, Finding> found)
    {
        var value = scalar.Value;
        var fits = this switch
        {
            Text text => text.Accepts(value),
            Choice choice => choice.Words.Contains(value),
            Flag => scalar.Plain && YamlValues.Flag(value) is not null,
            Whole whole => scalar.Plain && YamlValues.Whole(value) is { } number && number >= whole.Least && number <= whole.Most,
            Span => Durations.Parse(value) is { } span && span >= Span.Least && span <= Span.Most,
            _ => false,
        };
        // An editor with the schema calls an unquoted number or true a wrong type too.
        var unquoted = this is Text or Choice && scalar.Plain && YamlValues.IsNoText(value);
        var quoted = this is Flag or Whole && !scalar.Plain;
        if (fits && unquoted)
            found(scalar.At, InventoryFindings.WrongType.On(
                path,
                "found", $"{YamlTree.Shown(value)} without quotes, a number or truth value",
                "expected", $"'{YamlTree.Shown(value)}' in quotes"));
        else if (quoted)
            found(scalar.At, InventoryFindings.WrongType.On(
                path, "found", "in quotes, so it is text", "expected", $"{Expected}, without quotes"));
        else if (!fits && value.Contains('@', StringComparison.Ordinal) && value.Contains("://", StringComparison.Ordinal))
            found(scalar.At, InventoryFindings.SecretInUrl.On(path));
        else if (!fits)
            found(scalar.At, InventoryFindings.BadValue.On(path, "value", YamlTree.Shown(WithoutQuery(value)), "expected", Expected));
    }

    /// <summary>An address's query may hold a key.</summary>
    private static string WithoutQuery(string value) =>
        value.Contains("://", StringComparison.Ordinal) && value.IndexOf('?', StringComparison.Ordinal) is var at and >= 0 ? value[..(at + 1)] + "…" : value;

    private static bool IsNothing(YamlNode.Scalar scalar) => scalar.Plain ? YamlValues.IsNothing(scalar.Value) : scalar.Value.Length == 0;

    private static string Found(YamlNode node) => node switch
    {
        YamlNode.Mapping => "a map",
        YamlNode.Sequence => "a list",
        YamlNode.Scalar scalar when IsNothing(scalar) => "empty",
        _ => "one value",
    };

    internal static string Join(string path, string key) => path.Length == 0 ? YamlTree.Shown(key) : $"{path}.{YamlTree.Shown(key)}";
}

internal static class ShapeChecks
{
    public static void CheckKeys(this Shape.Section section, YamlNode.Mapping map, string path, Place key, Action<Place, Finding> found)
    {
        foreach (var entry in map.Entries)
        {
            var at = Shape.Join(path, entry.Key);
            if (section.Keys.FirstOrDefault(k => k.Name == entry.Key) is { } known)
                known.Shape.Check(entry.Value, at, entry.KeyAt, found);
            else
                found(entry.KeyAt, InventoryFindings.UnknownKey.On(
                    at,
                    "nearest", Spelling.Nearest(entry.Key, section.Keys.Select(k => k.Name)),
                    "known", string.Join(", ", section.Keys.Select(k => k.Name))));
        }
        foreach (var missing in section.Keys.Where(k => k.Required && map.Find(k.Name) is null))
            found(key, InventoryFindings.MissingKey.On(Shape.Join(path, missing.Name), "expected", missing.Shape.Expected));
        var ones = section.ExactlyOne.Where(name => map.Find(name) is not null).ToImmutableArray();
        if (section.ExactlyOne.Length > 0 && ones.Length != 1)
            found(key, InventoryFindings.ExactlyOne.On(
                path, "found", ones.Length == 0 ? "none of them" : string.Join(" and ", ones), "keys", string.Join(", ", section.ExactlyOne)));
    }
}

/// <summary>Plain values as YAML 1.2's core schema means them: <c>no</c> and <c>0123</c> are what they look like to people.</summary>
internal static class YamlValues
{
    public static bool IsNothing(string value) => value is "" or "~" or "null" or "Null" or "NULL";

    public static bool? Flag(string value) => value switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };

    public static int? Whole(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static bool IsNoText(string value) =>
        Flag(value) is not null
        || (value.Length > 0 && (char.IsAsciiDigit(value[0]) || value[0] is '-' or '+' or '.')
            && (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
                || value.StartsWith("0x", StringComparison.Ordinal) || value.StartsWith("0o", StringComparison.Ordinal)));

    /// <summary>Written as the one way an address is written, so that 010.0.0.1 or 10.1 is no surprise.</summary>
    public static bool IsAddress(string value) =>
        IPAddress.TryParse(value, out var address) && string.Equals(address.ToString(), value, StringComparison.OrdinalIgnoreCase);

    public static bool IsUrl(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "", Host.Length: > 0 };
}
