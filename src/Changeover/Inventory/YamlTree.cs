using System.Text.RegularExpressions;
using Changeover.Findings;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Changeover.Inventory;

/// <summary>Line and column, both from 1; line 0: the file as a whole.</summary>
public readonly record struct Place(int Line, int Column) : IComparable<Place>
{
    public int CompareTo(Place other) => Line != other.Line ? Line.CompareTo(other.Line) : Column.CompareTo(other.Column);
}

/// <summary>A YAML value and where it stands.</summary>
internal abstract record YamlNode(Place At)
{
    /// <param name="Plain">Not in quotes and no block: a number, true, false or nothing can be meant.</param>
    public sealed record Scalar(Place At, string Value, bool Plain) : YamlNode(At);

    public sealed record Sequence(Place At, ImmutableArray<YamlNode> Items) : YamlNode(At);

    public sealed record Mapping(Place At, ImmutableArray<YamlEntry> Entries) : YamlNode(At)
    {
        public YamlNode? Find(string key) => Entries.FirstOrDefault(e => e.Key == key)?.Value;
    }
}

internal sealed record YamlEntry(string Key, Place KeyAt, YamlNode Value);

/// <summary>
/// YAML text as a tree with positions. Anchors, aliases and tags are refused rather than followed: a file of a few lines can
/// expand to gigabytes with them, and what stands in an inventory must be what is done.
/// </summary>
internal static partial class YamlTree
{
    /// <summary>Deeper than any inventory, far from the stack's end.</summary>
    public const int DeepestLevel = 24;

    /// <summary>Keys and values; a hundred machines need about 2000.</summary>
    public const int MostNodes = 50_000;

    /// <summary>The first document's tree, or null when there is none to go on with. Findings name the file as their subject.</summary>
    public static YamlNode? Parse(string file, string text, Action<Place, Finding> found)
    {
        var scanner = new Scanner(new StringReader(text), skipComments: true);
        var parser = new Parser(scanner);
        var nodes = 0;
        try
        {
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
            {
                found(new(1, 1), InventoryFindings.Empty.On(file));
                return null;
            }
            parser.Consume<DocumentStart>();
            var root = Node("", 1);
            parser.Consume<DocumentEnd>();
            if (parser.Accept<DocumentStart>(out var second))
            {
                // The half of an inventory in front of it would only give findings about what stands behind it.
                found(PlaceOf(second.Start), InventoryFindings.Documents.On(file));
                return null;
            }
            if (root is not YamlNode.Scalar { Plain: true, Value: "" })
                return root;
            found(new(1, 1), InventoryFindings.Empty.On(file));
            return null;
        }
        catch (RefusedException e)
        {
            found(e.At, e.Finding);
            return null;
        }
        catch (YamlException e)
        {
            Broken(e.Start, Shown(e.Message));
            return null;
        }
        // YamlDotNet 16.3 meets some damaged texts with other exceptions: a flow map that is not closed before the next line
        // with InvalidOperationException, a number too large in %YAML or \U with the others.
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            Broken(scanner.CurrentPosition, "a bracket, brace or quote is not closed, or an escape is wrong.");
            return null;
        }

        void Broken(Mark mark, string why)
        {
            var at = PlaceOf(mark);
            var lines = text.Split('\n');
            // The parser says where the map began that the tab spoils; a person looks for the tab.
            var tab = why.Contains("tab", StringComparison.Ordinal) ? Array.FindIndex(lines, l => TabIndentation().IsMatch(l))
                : at.Line <= lines.Length && TabIndentation().IsMatch(lines[at.Line - 1]) ? at.Line - 1
                : -1;
            if (tab >= 0)
                found(new(tab + 1, lines[tab].IndexOf('\t', StringComparison.Ordinal) + 1), InventoryFindings.Tab.On(file));
            else
                found(at, InventoryFindings.Syntax.On(file, "why", why));
        }

        YamlNode Node(string path, int level)
        {
            if (level > DeepestLevel)
                throw new RefusedException(PlaceOf(parser.Current!.Start), InventoryFindings.TooDeep.On(file, "most", $"{DeepestLevel}"));
            if (++nodes > MostNodes)
                throw new RefusedException(PlaceOf(parser.Current!.Start), InventoryFindings.TooMany.On(file, "most", $"{MostNodes}"));
            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                found(PlaceOf(alias.Start), InventoryFindings.NotPlain.On(file, "what", $"the alias *{Shown(alias.Value.Value)}"));
                return new YamlNode.Scalar(PlaceOf(alias.Start), Refused, Plain: false);
            }
            if (parser.Current is NodeEvent { Anchor.IsEmpty: false } anchored)
                found(PlaceOf(anchored.Start), InventoryFindings.NotPlain.On(file, "what", $"the anchor &{Shown(anchored.Anchor.Value)}"));
            if (parser.Current is NodeEvent { Tag.IsEmpty: false } tagged)
                found(PlaceOf(tagged.Start), InventoryFindings.NotPlain.On(file, "what", "a tag (!)"));

            if (parser.TryConsume<Scalar>(out var scalar))
                return new YamlNode.Scalar(PlaceOf(scalar.Start), scalar.Value, scalar.Style is ScalarStyle.Plain or ScalarStyle.Any);
            if (parser.TryConsume<SequenceStart>(out var sequence))
            {
                var items = ImmutableArray.CreateBuilder<YamlNode>();
                while (!parser.TryConsume<SequenceEnd>(out _))
                    items.Add(Node($"{path}[{items.Count}]", level + 1));
                return new YamlNode.Sequence(PlaceOf(sequence.Start), items.ToImmutable());
            }
            var start = parser.Consume<MappingStart>();
            var entries = new Dictionary<string, YamlEntry>(StringComparer.Ordinal);
            var order = ImmutableArray.CreateBuilder<YamlEntry>();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var keyNode = Node(path, level + 1);
                if (keyNode is not YamlNode.Scalar key)
                {
                    found(keyNode.At, InventoryFindings.NotPlain.On(file, "what", "a list or a map as a key"));
                    Node(path, level + 1);
                    continue;
                }
                var child = path.Length == 0 ? Shown(key.Value) : $"{path}.{Shown(key.Value)}";
                var entry = new YamlEntry(key.Value, key.At, Node(child, level + 1));
                if (entries.TryAdd(key.Value, entry))
                    order.Add(entry);
                else
                    found(key.At, InventoryFindings.DuplicateKey.On(child, "first", $"{entries[key.Value].KeyAt.Line}"));
            }
            return new YamlNode.Mapping(PlaceOf(start.Start), order.ToImmutable());
        }
    }

    /// <summary>Stands in for a value that was refused; the finding is made already.</summary>
    public const string Refused = "\0refused";

    /// <summary>Text of the file as it may be shown in one line: no control characters, not endless.</summary>
    public static string Shown(string text)
    {
        const int most = 100;
        var line = string.Concat(text.Take(most + 1).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return line.Length > most ? line[..most] + "…" : line;
    }

    private static Place PlaceOf(Mark mark) => new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    [GeneratedRegex(@"^[ -]*\t")]
    private static partial Regex TabIndentation();

    private sealed class RefusedException(Place at, Finding finding) : Exception
    {
        public Place At => at;
        public Finding Finding => finding;
    }
}
