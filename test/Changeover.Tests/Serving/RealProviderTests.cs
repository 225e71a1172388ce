using System.Net;
using Microsoft.AspNetCore.WebUtilities;

namespace Changeover.Tests.Serving;

/// <summary>Sign-in by a provider that others wrote. What only a provider that does wrong can show: <see cref="ProviderRefusalTests"/>.</summary>
public sealed class RealProviderTests
{
    [Theory]
    [InlineData("RS256", "client_secret_basic")]
    [InlineData("PS256", "client_secret_basic")]
    [InlineData("ES256", "client_secret_post")]
    public async Task Who_a_real_provider_knows_is_signed_in_with_the_highest_right_of_their_groups(string algorithm, string secretBy)
    {
        await using var served = await Served.Start(signIn: true);
        await using var provider = await RealProvider.Start(served.Page, algorithm, secretBy);
        served.Use(provider);

        var (bert, who) = await SignIn(served, provider, "bert");
        var (_, guest) = await SignIn(served, provider, "vera");

        Assert.Equal(("bert@office.example: run", "vera@office.example: view"), (who, guest));
        Assert.Equal(HttpStatusCode.OK, (await bert.GetAsync("/api/plan/failover/vm-host-1", Served.Now)).StatusCode);
    }

    /// <summary>In one of the ways somebody or something does it differently.</summary>
    private sealed record Attempt(string What, HttpStatusCode Status, string Says)
    {
        /// <summary>Empty: says no.</summary>
        public string Person { get; init; } = "bert";

        public string Secret { get; init; } = RealProvider.ClientSecret;

        /// <summary>Changes what the browser is sent to the provider with.</summary>
        public Action<Dictionary<string, string?>> Sent { get; init; } = _ => { };

        /// <summary>Changes what the provider sends it back with.</summary>
        public Action<Dictionary<string, string>> Back { get; init; } = _ => { };
    }

    [Fact]
    public async Task Whoever_a_real_provider_or_the_program_must_refuse_is_not_signed_in()
    {
        await using var served = await Served.Start(signIn: true);
        await using var provider = await RealProvider.Start(served.Page);
        served.Use(provider);
        var other = new ByProvider(provider, "bert", served.Client());
        var given = await other.AtProvider((await other.Begin()).Body.GetProperty("address").GetString()!);
        Attempt[] attempts =
        [
            new("the person says no", HttpStatusCode.Unauthorized, "denied at the provider (access_denied)") { Person = "" },
            new("a group without a right", HttpStatusCode.Forbidden, "knows you as sam@office.example, but nothing in groups has a right here") { Person = "sam" },
            new("no group", HttpStatusCode.Forbidden, "nothing in groups has a right here") { Person = "olga" },
            new("another client secret", HttpStatusCode.BadGateway, "HTTP 401, invalid_client") { Secret = "another" },
            new("another nonce", HttpStatusCode.Unauthorized, "does not answer this sign-in (nonce)") { Sent = query => query["nonce"] = "another" },
            new("no nonce", HttpStatusCode.Unauthorized, "does not answer this sign-in (nonce)") { Sent = query => query.Remove("nonce") },
            new("the challenge of another verifier", HttpStatusCode.BadGateway, "HTTP 400, invalid_grant") { Sent = query => query["code_challenge"] = new string('x', 43) },
            new("no challenge", HttpStatusCode.BadGateway, "refuses: invalid_request") { Sent = query => query.Remove("code_challenge") },
            new("the code of another sign-in", HttpStatusCode.BadGateway, "HTTP 400, invalid_grant") { Back = answer => answer["code"] = given["code"] },
            new("the state of another sign-in", HttpStatusCode.Unauthorized, "belongs to no sign-in") { Back = answer => answer["state"] = given["state"] },
            new("from nobody, though it always says", HttpStatusCode.Unauthorized, "does not say of which provider it is") { Back = answer => answer.Remove("iss") },
            new("from another issuer", HttpStatusCode.Unauthorized, "comes from another provider") { Back = answer => answer["iss"] += "/" },
        ];
        var otherwise = new List<string>();
        foreach (var attempt in attempts)
        {
            served.Use(provider, attempt.Secret);
            var client = served.Client();
            var browser = new ByProvider(provider, attempt.Person, client);
            var address = new Uri((await browser.Begin()).Body.GetProperty("address").GetString()!);
            var query = QueryHelpers.ParseQuery(address.Query).ToDictionary(q => q.Key, q => (string?)q.Value.ToString());
            attempt.Sent(query);
            var answer = await browser.AtProvider(QueryHelpers.AddQueryString(address.GetLeftPart(UriPartial.Path), query));
            // With every answer, also with one that refuses (RFC 9207).
            Assert.Equal(provider.Issuer, answer["iss"]);
            attempt.Back(answer);
            var (status, body) = await browser.End(answer);
            if (status != attempt.Status || !body.ToString().Contains(attempt.Says, StringComparison.Ordinal) || await client.GetStringAsync("/api/session", Served.Now) != "null")
                otherwise.Add($"{attempt.What}: {status} {body}");
        }
        Assert.Empty(otherwise);

        // The same with nothing wrong.
        served.Use(provider);
        Assert.Equal("bert@office.example: run", (await SignIn(served, provider, "bert")).Said);
    }

    [Fact]
    public async Task A_real_provider_that_comes_back_with_other_keys_has_them_read_again()
    {
        await using var served = await Served.Start(signIn: true);
        await using var provider = await RealProvider.Start(served.Page);
        served.Use(provider);
        Assert.Equal("bert@office.example: run", (await SignIn(served, provider, "bert")).Said);

        await provider.Restart();

        // They were read less than a minute ago.
        Assert.Contains("not signed by the provider", (await SignIn(served, provider, "bert")).Said, StringComparison.Ordinal);
        served.Clock.Later = TimeSpan.FromSeconds(61);
        Assert.Equal("bert@office.example: run", (await SignIn(served, provider, "bert")).Said);
    }

    /// <summary>So the identity token has to have them, as docs/serve.md says.</summary>
    [Fact]
    public async Task Claims_that_a_real_provider_keeps_beside_the_token_are_not_asked_for()
    {
        await using var served = await Served.Start(signIn: true);
        await using var provider = await RealProvider.Start(served.Page, claimsInToken: false);
        served.Use(provider);

        Assert.Contains("no name that can stand in the journal (claim preferred_username)", (await SignIn(served, provider, "bert")).Said, StringComparison.Ordinal);
    }

    /// <returns>Who is signed in and what they may, or what is said against it.</returns>
    private static async Task<(HttpClient Client, string Said)> SignIn(Served served, RealProvider provider, string name)
    {
        var client = served.Client();
        var (status, body) = await new ByProvider(provider, name, client).All();
        if (status != HttpStatusCode.OK)
            return (client, $"{status} {body}");
        var who = await Served.Get(client, "/api/session");
        return (client, $"{who.GetProperty("name")}: {who.GetProperty("right")}");
    }
}
