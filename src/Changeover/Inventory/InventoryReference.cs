using System.Text;

namespace Changeover.Inventory;

/// <summary>The tables of docs/inventory.md, from the same description the reader checks against.</summary>
internal static class InventoryReference
{
    public static string Table(Shape.Section section)
    {
        var table = new StringBuilder("| key | value | default | meaning |\n|---|---|---|---|\n");
        foreach (var key in section.Keys)
        {
            var standard = key switch
            {
                { Required: true } => "**required**",
                { Default: "" } => "–",
                { Default: ['(', ..] } => key.Default.Trim('(', ')'),
                _ => $"`{key.Default}`",
            };
            table.Append($"| `{key.Name}` | {Value(key.Shape)} | {standard} | {key.Meaning} |\n");
        }
        if (section.ExactlyOne.Length > 0)
            table.Append("\nExactly one of ").AppendJoin(", ", section.ExactlyOne.Select(k => $"`{k}`")).Append(".\n");
        return table.ToString();
    }

    private static string Link(Shape.Section section) => $"[{section.Title}](#{section.Title.Replace(' ', '-')})";

    private static string Value(Shape shape) => shape switch
    {
        Shape.Choice choice => string.Join(", ", choice.Words.Select(w => $"`{w}`")),
        Shape.Section section => $"map, see {Link(section)}",
        Shape.Map { Value: Shape.Section section } => $"map of name → {Link(section)}",
        Shape.Map map => $"map of name → {Value(map.Value)}",
        Shape.List { Item: Shape.Section section } => $"list of {Link(section)}",
        Shape.List list => $"list of {Value(list.Item)}",
        Shape.Flag => "`true` or `false`",
        Shape.Span => "duration",
        Shape.Secret => "reference",
        _ => shape.Expected,
    };
}
