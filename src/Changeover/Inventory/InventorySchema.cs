using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Changeover.Inventory;

/// <summary>
/// The JSON schema of the inventory file, with which editors complete and explain it:
/// <c># yaml-language-server: $schema=…</c>. It says what one entry may be; what entries say together, <c>validate</c> finds.
/// </summary>
public static class InventorySchema
{
    private static readonly JsonSerializerOptions Options =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Draft 7, the one all editors know.</summary>
    public static string Text()
    {
        var root = Schema(InventoryShape.File);
        root.Insert(0, "$schema", "http://json-schema.org/draft-07/schema#");
        root.Insert(1, "title", "Changeover inventory");
        return root.ToJsonString(Options) + "\n";
    }

    private static JsonObject Schema(Shape shape) => shape switch
    {
        Shape.Text text => new() { ["type"] = "string", ["pattern"] = text.Pattern, ["patternErrorMessage"] = $"expected {text.Expected}" },
        Shape.Secret secret => new() { ["type"] = "string", ["pattern"] = Shape.Secret.Pattern, ["patternErrorMessage"] = $"expected {secret.Expected}" },
        Shape.Choice choice => new() { ["enum"] = Texts(choice.Words) },
        Shape.Flag => new() { ["type"] = "boolean" },
        Shape.Whole whole => new() { ["type"] = "integer", ["minimum"] = whole.Least, ["maximum"] = whole.Most },
        Shape.Span span => new()
        {
            ["type"] = "string",
            ["pattern"] = "^(?=[0-9])([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?$",
            ["patternErrorMessage"] = $"expected {span.Expected}",
        },
        Shape.List list => new() { ["type"] = "array", ["items"] = Schema(list.Item) },
        Shape.Map map => Map(map),
        Shape.Section section => Section(section),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static JsonObject Map(Shape.Map map)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["propertyNames"] = new JsonObject { ["pattern"] = map.Name.Pattern },
            ["additionalProperties"] = Schema(map.Value),
        };
        if (map.NotEmpty)
            schema["minProperties"] = 1;
        return schema;
    }

    private static JsonObject Section(Shape.Section section)
    {
        var properties = new JsonObject();
        foreach (var key in section.Keys)
        {
            var schema = Schema(key.Shape);
            schema["description"] = key.Meaning.Replace("`", "", StringComparison.Ordinal);
            if (Default(key) is { } value)
                schema["default"] = value;
            properties[key.Name] = schema;
        }
        var result = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        var required = section.Keys.Where(k => k.Required).Select(k => k.Name).ToImmutableArray();
        if (required.Length > 0)
            result["required"] = Texts(required);
        if (section.ExactlyOne.Length > 0)
            result["oneOf"] = new JsonArray([.. section.ExactlyOne.Select(k => new JsonObject { ["required"] = Texts([k]) })]);
        return result;
    }

    /// <summary>Only what would be written so; a default that depends on something is in the description of the documentation.</summary>
    private static JsonNode? Default(Shape.Key key) => (key.Default, key.Shape) switch
    {
        ("", _) or (['(', ..], _) => null,
        (_, Shape.Flag) => YamlValues.Flag(key.Default),
        (_, Shape.Whole) => YamlValues.Whole(key.Default),
        (_, Shape.List) => new JsonArray(),
        (_, Shape.Map) => new JsonObject(),
        _ => key.Default,
    };

    private static JsonArray Texts(ImmutableArray<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);
}
