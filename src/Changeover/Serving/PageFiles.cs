using System.IO.Compression;
using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace Changeover.Serving;

/// <summary>The page, compiled in. A build without Node has none.</summary>
public static class PageFiles
{
    private const string Prefix = "page/";

    private static readonly ImmutableDictionary<string, (byte[] Plain, byte[] Small, string Type)> Files = Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
        .ToImmutableDictionary(n => "/" + n[Prefix.Length..].Replace('\\', '/'), Read, StringComparer.Ordinal);

    public static bool AreThere => Files.ContainsKey("/index.html");

    public static async Task Send(HttpContext http)
    {
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
            throw new Refusal(StatusCodes.Status404NotFound, $"there is nothing to {http.Request.Method} at {http.Request.Path}");
        if (!AreThere)
            throw new Refusal(StatusCodes.Status404NotFound, "this build has no page: it was made without Node. The API is there (/openapi.json).");
        var path = http.Request.Path.Value is null or "/" ? "/index.html" : http.Request.Path.Value;
        if (!Files.TryGetValue(path, out var file))
            throw new Refusal(StatusCodes.Status404NotFound, $"there is nothing at {path}");
        http.Response.ContentType = file.Type;
        // The names of what index.html refers to change with what is in them.
        http.Response.Headers.CacheControl = path.StartsWith("/assets/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        var small = http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.Ordinal);
        http.Response.Headers.Vary = "Accept-Encoding";
        if (small)
            http.Response.Headers.ContentEncoding = "gzip";
        var bytes = small ? file.Small : file.Plain;
        http.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(bytes);
    }

    private static (byte[], byte[], string) Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        var plain = new MemoryStream();
        stream.CopyTo(plain);
        var small = new MemoryStream();
        using (var gzip = new GZipStream(small, CompressionLevel.SmallestSize, leaveOpen: true))
            gzip.Write(plain.ToArray());
        return (plain.ToArray(), small.ToArray(), Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => "application/octet-stream",
        });
    }
}
