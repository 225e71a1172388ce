using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Changeover.Lab.VmHosts;

/// <summary>The parameters of a request, which Proxmox VE takes from the query, a form or a JSON body alike.</summary>
public sealed class Parameters
{
    private readonly Dictionary<string, string> _values = [];

    public IEnumerable<string> Names => _values.Keys;

    public static async Task<Parameters> Read(HttpRequest request)
    {
        var found = new Parameters();
        foreach (var (name, value) in request.Query) found._values[name] = value.ToString();
        if (request.HasFormContentType)
        {
            foreach (var (name, value) in await request.ReadFormAsync()) found._values[name] = value.ToString();
        }
        else if (request.HasJsonContentType())
        {
            using var body = await JsonDocument.ParseAsync(request.Body);
            foreach (var property in body.RootElement.EnumerateObject()) found._values[property.Name] = property.Value.ToString();
        }

        return found;
    }

    public bool Has(string name) => _values.ContainsKey(name);

    public string? Text(string name) => _values.GetValueOrDefault(name);

    public bool IsOn(string name) => Text(name)?.ToLowerInvariant() is "1" or "true" or "yes" or "on";

    public bool TryInteger(string name, int otherwise, out int value)
    {
        value = otherwise;
        return !Has(name) || int.TryParse(Text(name), out value);
    }
}
