using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Changeover.Tests.Serving;

/// <summary>One sign-in by the provider, in the steps in which a browser does it, so that each can be done wrongly.</summary>
/// <param name="person">From the address of the sign-in and what the person does there to what the browser is sent back with.</param>
internal sealed class ByProvider(Func<string, string, Task<Dictionary<string, string>>> person, HttpClient client)
{
    public ByProvider(OwnProvider provider, HttpClient client) : this(provider.Person, client)
    {
    }

    public ByProvider(RealProvider provider, string name, HttpClient client) : this((address, _) => provider.Person(address, name), client)
    {
    }

    public static async Task<HttpClient> SignedIn(Served served, OwnProvider provider)
    {
        var client = served.Client();
        var (status, body) = await new ByProvider(provider, client).All();
        Assert.True(status == HttpStatusCode.OK, $"{status} {body}");
        return client;
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> All()
    {
        var (status, body) = await Begin();
        return status == HttpStatusCode.OK ? await End(await AtProvider(body.GetProperty("address").GetString()!)) : (status, body);
    }

    /// <summary>As the browser sends it.</summary>
    public string Cookie { get; private set; } = "";

    public async Task<(HttpStatusCode Status, JsonElement Body)> Begin()
    {
        var answer = await client.PostAsync("/api/provider", null, Served.Now);
        if (answer.Headers.TryGetValues("Set-Cookie", out var cookies))
            Cookie = cookies.Single().Split(';')[0];
        return await Read(answer);
    }

    /// <summary>The person goes on there, or does not.</summary>
    /// <returns>What stands in the address that the browser is sent back to.</returns>
    public Task<Dictionary<string, string>> AtProvider(string address, string answer = "yes") => person(address, answer);

    public async Task<(HttpStatusCode Status, JsonElement Body)> End(Dictionary<string, string> answer) =>
        await Read(await client.PostAsJsonAsync("/api/provider/answer", answer, Served.Now));

    private static async Task<(HttpStatusCode, JsonElement)> Read(HttpResponseMessage answer) =>
        (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Served.Now)).RootElement);
}
