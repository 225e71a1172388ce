using System.Text.Json;
using Changeover.Running;
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
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false }, request.HttpContext.RequestAborted);
            var body = document.RootElement.Clone();
            if (body.ValueKind != JsonValueKind.Object)
                throw new Refusal(StatusCodes.Status400BadRequest, "the body must be one JSON object");
            return body.EnumerateObject().Select(p => p.Name).FirstOrDefault(name => !keys.Contains(name)) is { } unknown
                ? throw new Refusal(StatusCodes.Status400BadRequest, keys.Length > 0 ? $"{unknown} is not known here; there are {string.Join(", ", keys)}" : $"{unknown} is not known here; nothing has to be sent")
                : new(body);
        }
        catch (JsonException e)
        {
            throw new Refusal(StatusCodes.Status400BadRequest, e.LineNumber is { } line
                ? $"the body is no JSON: line {line + 1}, byte {e.BytePositionInLine + 1}"
                : "the body is no JSON that is taken here: a key stands in it twice, or it is too deep");
        }
        catch (InvalidOperationException)
        {
            throw NoText("a key");
        }
    }

    /// <summary>Nothing has to be sent; what is sent nevertheless is an empty JSON object.</summary>
    /// <exception cref="Refusal">415, 400.</exception>
    public static async Task Nothing(HttpRequest request)
    {
        var isSent = request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0;
        if (isSent || (request.ContentType is { Length: > 0 } && !request.HasJsonContentType()))
            await Read(request);
    }

    /// <summary>A text that has to be there, in one line.</summary>
    public string Required(string key) => Text(key) is { Length: > 0 } text ? text : throw Missing(key);

    /// <summary>In one line (see <see cref="FreeText"/>); empty when it is not there.</summary>
    public string Text(string key) => FreeText.Line(key, Raw(key));

    /// <summary>A password or a code: as it was sent, and it has to be there.</summary>
    public string Secret(string key) => Raw(key) is { Length: > 0 } text ? text : throw Missing(key);

    private string Raw(string key) => !body.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null ? ""
        : value.ValueKind == JsonValueKind.String ? Said(key, value)
        : throw new Refusal(StatusCodes.Status400BadRequest, $"{key} must be a text, not {value.ValueKind.ToString().ToLowerInvariant()}");

    public ImmutableArray<string> Texts(string key) => !body.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null ? []
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) ? [.. value.EnumerateArray().Select(v => FreeText.Line(key, Said(key, v)))]
        : throw new Refusal(StatusCodes.Status400BadRequest, $"{key} must be a list of texts");

    /// <summary>JSON can hold halves of characters and bytes that are no UTF-8; such a text cannot be kept.</summary>
    private static string Said(string key, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw NoText(key);
        }
    }

    private static Refusal Missing(string key) => new(StatusCodes.Status400BadRequest, $"{key} is missing");

    private static Refusal NoText(string key) => new(StatusCodes.Status400BadRequest, $"{key} is no whole text in UTF-8");
}
