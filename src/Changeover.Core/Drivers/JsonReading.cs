using System.Globalization;
using System.Text.Json;

namespace Changeover.Drivers;

/// <summary>Reading foreign JSON without exceptions: what is not there or of another kind is null.</summary>
internal static class JsonReading
{
    /// <summary>Null: not one whole document, or a text in it is none.</summary>
    public static JsonDocument? Parse(string text)
    {
        try
        {
            var document = JsonDocument.Parse(text);
            // Half a character throws ArgumentException as such; written as an escape it passes the parser and throws where the text is taken.
            if (text.Contains("\\u", StringComparison.Ordinal))
                TakeTexts(document.RootElement);
            return document;
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private static void TakeTexts(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    TakeTexts(item);
                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    TakeTexts(member.Value);
                }
                break;
        }
    }

    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    public static string? Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>A number, or a text that is one: interfaces written in Perl answer with either.</summary>
    public static double? Number(this JsonElement element, string name) => element.Member(name) switch
    {
        { ValueKind: JsonValueKind.Number } value when value.TryGetDouble(out var number) && double.IsFinite(number) => number,
        { ValueKind: JsonValueKind.String } value
            when double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && double.IsFinite(number) => number,
        _ => null,
    };

    /// <summary>The elements of an array; null if it is none.</summary>
    public static ImmutableArray<JsonElement>? Items(this JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray()] : null;
}
