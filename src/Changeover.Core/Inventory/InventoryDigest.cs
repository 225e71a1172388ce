using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Changeover.Inventory;

/// <summary>The inventory as JSON, for journal and plan. Property names are part of the journal: never rename, only add.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(ClusterInventory))]
public sealed partial class InventoryJson : JsonSerializerContext
{
    public static string Write(ClusterInventory inventory) => JsonSerializer.Serialize(inventory, Default.ClusterInventory);

    /// <exception cref="JsonException">The text is no inventory.</exception>
    public static ClusterInventory Read(string json) =>
        JsonSerializer.Deserialize(json, Default.ClusterInventory) ?? throw new JsonException("the inventory is null");
}

/// <summary>
/// Says whether two inventories mean the same. Comments, layout and the way defaults are written do not count; the order of
/// entries does, because plans show machines in it.
/// </summary>
public static class InventoryDigest
{
    /// <returns>SHA-256 in 64 lower-case hexadecimal digits, over the canonical JSON.</returns>
    public static string Of(ClusterInventory inventory) => Convert.ToHexStringLower(SHA256.HashData(Canonical(inventory)));

    /// <summary>
    /// The digest without the data that only says how something is reached: two inventories that differ only there may
    /// replace each other in the middle of a run (the change is journaled).
    /// </summary>
    public static string WithoutAccess(ClusterInventory inventory) => Of(inventory with
    {
        Hosts = [.. inventory.Hosts.Select(h => h with { Url = "", Secret = "", CertificateAuthority = "" })],
        Machines = [.. inventory.Machines.Select(m => m with { Address = "", Port = 0, User = "", Sudo = false })],
        Roles =
        [
            .. inventory.Roles.Select(r => r with
            {
                Balancer = r.Balancer is { } b ? b with { Socket = "" } : null,
                Database = r.Database is { } d ? d with { OptionFile = "", ClientOptionFile = "", Port = 0 } : null,
            }),
        ],
        Monitoring = inventory.Monitoring is { } m ? m with { Url = "", User = "", Secret = "", CertificateAuthority = "" } : null,
    });

    /// <summary>
    /// Keys in ordinal order, no blanks, and nothing that is empty or false: a key that a later version adds, empty by default,
    /// changes no digest.
    /// </summary>
    private static ReadOnlySpan<byte> Canonical(ClusterInventory inventory)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(JsonSerializer.SerializeToNode(inventory, InventoryJson.Default.ClusterInventory), writer);
        return buffer.WrittenSpan;
    }

    private static void Write(JsonNode? node, Utf8JsonWriter writer)
    {
        switch (node)
        {
            case JsonObject map:
                writer.WriteStartObject();
                foreach (var (key, value) in map.Where(e => !IsEmpty(e.Value)).OrderBy(e => e.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(key);
                    Write(value, writer);
                }
                writer.WriteEndObject();
                break;
            case JsonArray list:
                writer.WriteStartArray();
                foreach (var item in list)
                    Write(item, writer);
                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }

    private static bool IsEmpty(JsonNode? node) => node switch
    {
        null => true,
        JsonArray list => list.Count == 0,
        // A record of empty values stays: a role with an empty StoreSettings is a store, one without is none.
        JsonObject map => map.Count == 0,
        _ => node.GetValueKind() == JsonValueKind.False
            || (node.GetValueKind() == JsonValueKind.String && node.GetValue<string>().Length == 0),
    };
}
