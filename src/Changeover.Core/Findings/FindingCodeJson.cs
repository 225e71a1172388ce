using System.Text.Json;
using System.Text.Json.Serialization;

namespace Changeover.Findings;

/// <summary>A finding's code is written as its text only; severity and sentence come from the catalogue of the program that reads it.</summary>
public sealed class FindingCodeJson : JsonConverter<FindingCode>
{
    public override FindingCode Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => FindingCatalogue.Find(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, FindingCode value, JsonSerializerOptions options) => writer.WriteStringValue(value.Code);
}
