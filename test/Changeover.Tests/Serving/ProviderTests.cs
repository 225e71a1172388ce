using System.Net;
using System.Text;
using System.Web;
using Changeover.Serving;
using Microsoft.IdentityModel.Tokens;

namespace Changeover.Tests.Serving;

/// <summary>Who is signed in by an OpenID Connect provider, and for how long. What is refused: <see cref="ProviderRefusalTests"/>.</summary>
public sealed class ProviderTests
{
    [Theory]
    [InlineData(SecurityAlgorithms.RsaSha256)]
    [InlineData(SecurityAlgorithms.RsaSsaPssSha256)]
    [InlineData(SecurityAlgorithms.EcdsaSha256)]
    public async Task Who_the_provider_knows_is_signed_in_with_the_highest_right_of_their_groups(string algorithm)
    {
        await using var provider = await OwnProvider.Start();
        provider.Algorithm = algorithm;
        provider.Key = algorithm == SecurityAlgorithms.EcdsaSha256 ? OwnProvider.Curve("one") : OwnProvider.Rsa("one");
        await using var served = await Served.Start(provider: provider);

        var bert = await ByProvider.SignedIn(served, provider);

        var who = await Served.Get(bert, "/api/session");
        Assert.Equal(("bert@office.example", "run"), (who.GetProperty("name").GetString(), who.GetProperty("right").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await bert.GetAsync("/api/plan/failover/vm-host-1", Served.Now)).StatusCode);
    }

    [Fact]
    public async Task A_provider_that_takes_the_client_secret_in_the_form_gets_it_there()
    {
        await using var provider = await OwnProvider.Start();
        provider.Discovery = about => about["token_endpoint_auth_methods_supported"] = new System.Text.Json.Nodes.JsonArray("client_secret_post");
        var basic = false;
        provider.Instead = http =>
        {
            basic |= http.Request.Headers.Authorization.Count > 0;
            return Task.FromResult(false);
        };
        await using var served = await Served.Start(provider: provider);

        await ByProvider.SignedIn(served, provider);

        Assert.False(basic);
    }

    [Fact]
    public async Task Every_sign_in_has_a_state_a_nonce_and_a_challenge_of_its_own_and_a_cookie_that_no_script_and_no_other_site_gets()
    {
        await using var provider = await OwnProvider.Start();
        await using var served = await Served.Start(provider: provider);
        var seen = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            var answer = await served.Client().PostAsync("/api/provider", null, Served.Now);
            var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
            Assert.StartsWith("__Host-changeover-begun=", cookie, StringComparison.Ordinal);
            Assert.All(["secure", "httponly", "samesite=strict", "path=/", "max-age=600"], part => Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase));
            var address = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Served.Now)).RootElement.GetProperty("address").GetString()!;
            Assert.StartsWith(provider.Issuer + "/authorize?", address, StringComparison.Ordinal);
            var query = HttpUtility.ParseQueryString(new Uri(address).Query);
            Assert.Equal(("code", "S256", served.Address.GetLeftPart(UriPartial.Authority) + "/", "openid profile"), (query["response_type"], query["code_challenge_method"], query["redirect_uri"], query["scope"]));
            seen.AddRange([query["state"]!, query["nonce"]!, query["code_challenge"]!, cookie.Split('=', ';')[1]]);
        }

        Assert.Equal(8, seen.Distinct().Count());
        Assert.All(seen, s => Assert.True(s.Length >= 43, s));
        Assert.DoesNotContain(OwnProvider.ClientSecret, string.Join(' ', seen), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_ends_with_its_time_and_with_the_right_that_the_settings_gave()
    {
        await using var provider = await OwnProvider.Start();
        await using var served = await Served.Start(provider: provider);
        async Task<HttpStatusCode> Runs(HttpClient client) => (await client.GetAsync("/api/runs", Served.Now)).StatusCode;
        void Rewrite(string from, string to) => File.WriteAllText(served.SignInFile, File.ReadAllText(served.SignInFile).Replace(from, to, StringComparison.Ordinal));

        var bert = await ByProvider.SignedIn(served, provider);
        Rewrite("operators: run", "operators: plan");
        Assert.Equal("plan", (await Served.Get(bert, "/api/session")).GetProperty("right").GetString());

        // While nobody can read them nobody has a right by them; what is signed in is not forgotten for that.
        Rewrite("issuer:", "isuer:");
        Assert.Equal(HttpStatusCode.Unauthorized, await Runs(bert));
        Rewrite("isuer:", "issuer:");
        Assert.Equal(HttpStatusCode.OK, await Runs(bert));

        Rewrite("operators: plan, night-shift: approve, everybody: view", "night-shift: approve");
        Assert.Equal(HttpStatusCode.Unauthorized, await Runs(bert));
        Rewrite("night-shift: approve", "operators: view");
        Assert.Equal(HttpStatusCode.Unauthorized, await Runs(bert));

        bert = await ByProvider.SignedIn(served, provider);
        Rewrite($"client: {OwnProvider.Client}", "client: another");
        Assert.Equal(HttpStatusCode.Unauthorized, await Runs(bert));

        served.Use(provider);
        bert = await ByProvider.SignedIn(served, provider);
        served.Account("Bert@Office.example", Right.View);
        Assert.Equal(HttpStatusCode.Unauthorized, await Runs(bert));

        served.Change(_ => People.Nobody);
        bert = await ByProvider.SignedIn(served, provider);
        served.Clock.Later = TimeSpan.FromHours(4.1);
        Assert.Equal(HttpStatusCode.Unauthorized, await Runs(bert));
    }

    [Fact]
    public async Task Sign_out_ends_the_session_and_says_where_it_is_ended_at_the_provider_too()
    {
        await using var provider = await OwnProvider.Start();
        await using var served = await Served.Start(provider: provider);
        served.Account("anna", Right.View);
        var bert = await ByProvider.SignedIn(served, provider);

        var left = await bert.DeleteAsync("/api/session", Served.Now);

        var goOn = System.Text.Json.JsonDocument.Parse(await left.Content.ReadAsStringAsync(Served.Now)).RootElement.GetProperty("goOnAt").GetString()!;
        Assert.StartsWith(provider.Issuer + "/end?", goOn, StringComparison.Ordinal);
        Assert.Equal(provider.Redirect, HttpUtility.ParseQueryString(new Uri(goOn).Query)["post_logout_redirect_uri"]);
        Assert.Equal(HttpStatusCode.Unauthorized, (await bert.GetAsync("/api/runs", Served.Now)).StatusCode);

        var anna = await served.SignedIn("anna");
        Assert.Equal("null", await (await anna.DeleteAsync("/api/session", Served.Now)).Content.ReadAsStringAsync(Served.Now));

        provider.Discovery = about => about.Remove("end_session_endpoint");
        served.Use(provider);
        bert = await ByProvider.SignedIn(served, provider);
        Assert.Equal("null", await (await bert.DeleteAsync("/api/session", Served.Now)).Content.ReadAsStringAsync(Served.Now));
    }

    [Fact]
    public async Task A_key_that_is_not_known_has_the_keys_read_again_but_not_again_and_again()
    {
        await using var provider = await OwnProvider.Start();
        await using var served = await Served.Start(provider: provider);
        await ByProvider.SignedIn(served, provider);
        provider.Key = OwnProvider.Curve("two");
        provider.Algorithm = SecurityAlgorithms.EcdsaSha256;

        Assert.Equal(HttpStatusCode.Unauthorized, (await new ByProvider(provider, served.Client()).All()).Status);
        Assert.Equal(1, provider.Asked["/keys"]);
        served.Clock.Later = TimeSpan.FromSeconds(61);
        await ByProvider.SignedIn(served, provider);
        Assert.Equal(2, provider.Asked["/keys"]);

        provider.Published.Add(provider.Key);
        provider.Key = OwnProvider.Curve("three");
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await new ByProvider(provider, served.Client()).All()).Status);
        Assert.Equal(2, provider.Asked["/keys"]);
        Assert.Equal(1, provider.Asked["/.well-known/openid-configuration"]);
    }

    [Fact]
    public async Task The_page_is_told_whether_there_is_a_provider()
    {
        await using var provider = await OwnProvider.Start();
        await using var served = await Served.Start(provider: provider);
        await using var without = await Served.Start();

        Assert.Equal("Office login", (await Served.Get(served.Client(), "/api/provider")).GetProperty("title").GetString());
        Assert.Equal("""{"schemaVersion":1,"title":null}""", await without.Client().GetStringAsync("/api/provider", Served.Now));
        Assert.Equal(HttpStatusCode.NotFound, (await without.Client().PostAsync("/api/provider", null, Served.Now)).StatusCode);
        // Nobody asks it before somebody wants to sign in.
        Assert.Empty(provider.Asked);
    }

    [Fact]
    public async Task Nothing_that_signs_somebody_in_is_in_the_log_or_in_a_file()
    {
        await using var provider = await OwnProvider.Start();
        await using var served = await Served.Start(provider: provider);
        var log = new StringWriter();
        var before = Console.Error;
        Console.SetError(TextWriter.Synchronized(log));
        try
        {
            await ByProvider.SignedIn(served, provider);
            provider.Claims = claims => claims.Remove("nonce");
            await new ByProvider(provider, served.Client()).All();
            provider.Claims = claims => claims["preferred_username"] = OwnProvider.ClientSecret;
            await new ByProvider(provider, served.Client()).All();
            var third = new ByProvider(provider, served.Client());
            var (_, begun) = await third.Begin();
            var answer = await third.AtProvider(begun.GetProperty("address").GetString()!);
            answer["error"] = answer["code"] + "?";
            await third.End(answer);
            File.Delete(served.PathOf("client-secret"));
            await new ByProvider(provider, served.Client()).All();
        }
        finally
        {
            Console.SetError(before);
        }

        var said = log.ToString();
        Assert.Contains("refused 401: POST /api/provider/answer from 127.0.0.1: the provider's token is not accepted: it does not answer this sign-in (nonce).", said, StringComparison.Ordinal);
        Assert.Contains("client-secret does not exist", said, StringComparison.Ordinal);
        var kept = new StringBuilder(said);
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(served.Journal)!))
            kept.Append(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Served.Now)));
        Assert.True(provider.Secrets.Count > 10);
        Assert.All(provider.Secrets, secret => Assert.DoesNotContain(secret, kept.ToString(), StringComparison.Ordinal));
    }
}
