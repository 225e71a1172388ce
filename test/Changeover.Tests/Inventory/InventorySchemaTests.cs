using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Changeover.Findings;
using Changeover.Inventory;

namespace Changeover.Tests.Inventory;

public sealed class InventorySchemaTests
{
    [Fact]
    public void The_schema_file_is_the_one_made_from_the_code() =>
        RepositoryFile.AssertSame(RepositoryFile.Path("docs", "inventory.schema.json"), InventorySchema.Text());

    [Fact]
    public void The_tables_of_the_documentation_are_made_from_the_code()
    {
        var path = RepositoryFile.Path("docs", "inventory.md");
        var text = File.ReadAllText(path);
        foreach (var section in InventoryShape.Sections)
        {
            var begin = $"<!-- keys of {section.Title} -->\n";
            var at = text.IndexOf(begin, StringComparison.Ordinal);
            Assert.True(at >= 0, $"docs/inventory.md has no table of {section.Title}");
            at += begin.Length;
            var end = text.IndexOf("<!-- end -->", at, StringComparison.Ordinal);
            text = text[..at] + InventoryReference.Table(section) + text[end..];
        }

        RepositoryFile.AssertSame(path, text);
    }

    [Fact]
    public void The_yaml_of_the_documentation_is_read_without_errors()
    {
        foreach (Match block in Regex.Matches(File.ReadAllText(RepositoryFile.Path("docs", "inventory.md")), "```yaml\n(.*?)```", RegexOptions.Singleline))
        {
            var found = new List<string>();
            var tree = YamlTree.Parse("docs", block.Groups[1].Value, (at, f) => found.Add($"{at}: {f}"));
            InventoryShape.File.Check(tree!, "", new(1, 1), (at, f) =>
            {
                // A sample shows a part of an inventory.
                if (f.Code != InventoryFindings.MissingKey)
                    found.Add($"{at}: {f}");
            });
            Assert.Empty(found);
        }
    }

    [Fact]
    public void The_schema_accepts_every_example_and_the_starter()
    {
        foreach (var text in RepositoryFile.Examples.Select(File.ReadAllText).Append(InventoryStarter.Text))
            Assert.Empty(Check(text));
    }

    /// <summary>What the reader finds in one entry, an editor underlines too; what entries say together it cannot know.</summary>
    [Theory]
    [InlineData("cluster: acd", "cluster: 12")]
    [InlineData("cluster: acd\n", "")]
    [InlineData("budgets:", "budget:")]
    [InlineData("role: jb }", "rolle: jb }")]
    [InlineData("role: jb }", "role: jb, roles: [jb] }")]
    [InlineData("address: 10.0.0.17", "address: lb1.example")]
    [InlineData("secret: env:H1", "secret: hunter2")]
    [InlineData("quiet: 3m", "quiet: 3 minutes")]
    [InlineData("quiet: 3m", "quiet: 90")]
    [InlineData("gate: quiet", "gate: quite")]
    [InlineData("user: changeover", "port: 70000")]
    [InlineData("user: changeover", "port: \"22\"")]
    [InlineData("user: changeover", "sudo: yes")]
    [InlineData("[controller,", "[kontroller,")]
    [InlineData("  jb1:", "  -jb1:")]
    [InlineData("person: true", "person: true, proxmox: 'https://x'")]
    public void The_schema_refuses_what_the_reader_refuses(string old, string changed)
    {
        var text = File.ReadAllText(RepositoryFile.Path("test", "Changeover.Tests", "Fixtures", "inventory", "made-base.yaml"));
        Assert.Empty(Check(text));

        var bad = text.Replace(old, changed, StringComparison.Ordinal);

        Assert.NotEmpty(Check(bad));
        Assert.Null(InventoryFile.Parse("f", System.Text.Encoding.UTF8.GetBytes(bad)).Inventory);
    }

    [Fact]
    public void Every_key_has_a_meaning_that_ends_as_a_sentence() =>
        Assert.All(InventoryShape.Sections.SelectMany(s => s.Keys), k => Assert.Matches("\\S\\.$", k.Meaning));

    private static List<string> Check(string yaml)
    {
        var found = new List<string>();
        var tree = YamlTree.Parse("f", yaml, (_, f) => found.Add(f.ToString()));
        Assert.Empty(found);
        Check(Json(tree!), JsonNode.Parse(InventorySchema.Text())!.AsObject(), "", found);
        return found;
    }

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlNode.Mapping map => new JsonObject(map.Entries.Select(e => KeyValuePair.Create(e.Key, Json(e.Value)))),
        YamlNode.Sequence list => new JsonArray([.. list.Items.Select(Json)]),
        YamlNode.Scalar { Plain: true } s when YamlValues.IsNothing(s.Value) => null,
        YamlNode.Scalar { Plain: true } s when YamlValues.Flag(s.Value) is { } flag => JsonValue.Create(flag),
        YamlNode.Scalar { Plain: true } s when YamlValues.Whole(s.Value) is { } number => JsonValue.Create(number),
        YamlNode.Scalar s => JsonValue.Create(s.Value),
        _ => throw new InvalidOperationException(),
    };

    /// <summary>As much of JSON schema as the inventory's uses; a keyword it does not know is a failure.</summary>
    private static void Check(JsonNode? node, JsonObject schema, string path, List<string> found)
    {
        foreach (var (keyword, value) in schema)
        {
            var holds = keyword switch
            {
                "$schema" or "title" or "description" or "default" or "patternErrorMessage" => true,
                "type" => value!.GetValue<string>() == Kind(node),
                "pattern" => Kind(node) != "string" || Regex.IsMatch(node!.GetValue<string>(), value!.GetValue<string>()),
                "enum" => value!.AsArray().Any(v => JsonNode.DeepEquals(v, node)),
                "minimum" => Kind(node) != "integer" || node!.GetValue<int>() >= value!.GetValue<int>(),
                "maximum" => Kind(node) != "integer" || node!.GetValue<int>() <= value!.GetValue<int>(),
                "minProperties" => node is not JsonObject o || o.Count >= value!.GetValue<int>(),
                "required" => node is not JsonObject o || value!.AsArray().All(k => o.ContainsKey(k!.GetValue<string>())),
                "oneOf" => value!.AsArray().Count(s => Fits(node, s!.AsObject())) == 1,
                "propertyNames" => node is not JsonObject o || o.All(e => Fits(JsonValue.Create(e.Key), value!.AsObject())),
                "items" or "properties" or "additionalProperties" => true,
                _ => throw new InvalidOperationException($"the checker does not know {keyword}"),
            };
            if (!holds)
                found.Add($"{path}: {keyword}");
        }
        if (node is JsonArray list && schema["items"] is JsonObject items)
        {
            foreach (var item in list)
                Check(item, items, path + "[]", found);
        }
        if (node is JsonObject map)
        {
            foreach (var (key, value) in map)
            {
                if ((schema["properties"]?[key] ?? schema["additionalProperties"]) is JsonObject child)
                    Check(value, child, $"{path}.{key}", found);
                else if (schema["additionalProperties"] is JsonValue)
                    found.Add($"{path}.{key}: unknown");
            }
        }
    }

    private static bool Fits(JsonNode? node, JsonObject schema)
    {
        var found = new List<string>();
        Check(node, schema, "", found);
        return found.Count == 0;
    }

    private static string Kind(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject => "object",
        JsonArray => "array",
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.Number => "integer",
            _ => "boolean",
        },
    };
}
