using System.Text.Json;
using System.Text.Json.Nodes;

namespace Changeover.Inventory;

/// <summary>What differs between two inventories, for people.</summary>
public static class InventoryDifference
{
    private const int Most = 5;

    /// <returns>Places with both values, such as <c>machines acd-jb1 host: vm-host-1, now vm-host-2</c>; the first few, then how many more.</returns>
    public static ImmutableArray<string> Between(ClusterInventory before, ClusterInventory now)
    {
        var found = new List<string>();
        Walk("", Node(before), Node(now), found);
        return found.Count <= Most ? [.. found] : [.. found.Take(Most), $"and {found.Count - Most} more"];
    }

    private static JsonNode? Node(ClusterInventory inventory) => JsonSerializer.SerializeToNode(inventory, InventoryJson.Default.ClusterInventory);

    private static void Walk(string path, JsonNode? before, JsonNode? now, List<string> found)
    {
        switch (before, now)
        {
            case (JsonObject a, JsonObject b):
                foreach (var key in a.Select(e => e.Key).Union(b.Select(e => e.Key)))
                    Walk($"{path} {key}".TrimStart(), a[key], b[key], found);
                break;
            // Entries are found by their names, so that one that was added is one difference.
            case (JsonArray a, JsonArray b) when a.Concat(b).All(e => Name(e) is not null):
                foreach (var name in a.Concat(b).Select(Name).Distinct())
                    Walk($"{path} {name}", a.FirstOrDefault(e => Name(e) == name), b.FirstOrDefault(e => Name(e) == name), found);
                if (found.Count == 0 && !a.Select(Name).SequenceEqual(b.Select(Name)))
                    found.Add($"{path}: another order");
                break;
            default:
                if (!JsonNode.DeepEquals(before, now))
                    found.Add($"{path}: {Text(before)}, now {Text(now)}");
                break;
        }
    }

    private static string? Name(JsonNode? node) => (node as JsonObject)?["name"]?.GetValue<string>();

    private static string Text(JsonNode? node) => node switch
    {
        null => "not there",
        JsonObject => "there",
        _ => node.ToJsonString(),
    };
}
