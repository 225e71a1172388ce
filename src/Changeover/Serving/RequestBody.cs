using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Changeover.Serving;

/// <summary>One JSON object with known keys; anything else is refused with what is wrong with it.</summary>
public sealed class RequestBody
{
    private readonly JsonElement body;

    private RequestBody(JsonElement body) => this.body = body;

    /// <exception cref="Refusal">415, 400.</exception>
    public static async Task<RequestBody> Read(HttpRequest request, params string[] keys)
    {
        if (!request.HasJsonContentType())
            throw new Refusal(StatusCodes.Status415UnsupportedMediaType, $"the body must be application/json, not {(request.ContentType is { Length: > 0 } type ? type : "without a type")}");
        JsonElement body;
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false }, request.HttpContext.RequestAborted);
            body = document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new Refusal(StatusCodes.Status400BadRequest, e.LineNumber is { } line
                ? $"the body is no JSON: line {line + 1}, byte {e.BytePositionInLine + 1}"
                : "the body is no JSON that is taken here: a key stands in it twice, or it is too deep");
        }
        if (body.ValueKind != JsonValueKind.Object)
            throw new Refusal(StatusCodes.Status400BadRequest, "the body must be one JSON object");
        foreach (var property in body.EnumerateObject().Where(p => !keys.Contains(p.Name)))
            throw new Refusal(StatusCodes.Status400BadRequest, $"{property.Name} is not known here; there are {string.Join(", ", keys)}");
        return new(body);
    }

    /// <summary>A text that has to be there.</summary>
    public string Required(string key) => Text(key) is { Length: > 0 } text ? text : throw new Refusal(StatusCodes.Status400BadRequest, $"{key} is missing");

    /// <summary>Empty when it is not there.</summary>
    public string Text(string key) => !body.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null ? ""
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : throw new Refusal(StatusCodes.Status400BadRequest, $"{key} must be a text, not {value.ValueKind.ToString().ToLowerInvariant()}");

    public ImmutableArray<string> Texts(string key) => !body.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null ? []
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) ? [.. value.EnumerateArray().Select(v => v.GetString()!)]
        : throw new Refusal(StatusCodes.Status400BadRequest, $"{key} must be a list of texts");
}
