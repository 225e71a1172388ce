using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Changeover.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;

namespace Changeover.Tests.Serving;

/// <summary>Whatever is wrong with a sign-in by the provider: a sentence in both languages, and nobody is signed in.</summary>
public sealed class ProviderRefusalTests
{
    private const HttpStatusCode NotSignedIn = HttpStatusCode.Unauthorized;
    private const HttpStatusCode MayNot = HttpStatusCode.Forbidden;
    private const HttpStatusCode Trouble = HttpStatusCode.BadGateway;
    private const string NotSigned = "not signed by the provider";

    /// <summary>A sign-in in which something is not as it must be.</summary>
    private sealed class Attempt(Served served, OwnProvider provider)
    {
        public Served Served => served;
        public OwnProvider Provider => provider;

        /// <summary>Further lines of the settings.</summary>
        public string Settings { get; set; } = "";

        public string PersonSays { get; set; } = "yes";

        /// <summary>Done when the provider has sent the browser back.</summary>
        public Action<Dictionary<string, string>> Back { get; set; } = _ => { };

        /// <summary>Another browser than the one that began.</summary>
        public bool IsAnotherBrowser { get; set; }

        public bool IsSentTwice { get; set; }

        public Dictionary<string, object> Claim
        {
            set
            {
                provider.Claims = claims =>
                {
                    foreach (var (key, given) in value)
                    {
                        if (given is null)
                            claims.Remove(key);
                        else
                            claims[key] = given;
                    }
                };
            }
        }
    }

    [Fact]
    public async Task Who_makes_up_answers_of_the_provider_has_to_wait_after_thirty()
    {
        await using var served = await Served.Start(signIn: true);
        var client = served.Client();
        var madeUp = new { state = "made-up", code = "made-up", iss = "https://localhost:1" };
        for (var i = 0; i < 30; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await Served.Post(client, "/api/provider/answer", madeUp)).Status);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await Served.Post(client, "/api/provider/answer", madeUp)).Status);
        served.Clock.Later = TimeSpan.FromMinutes(11);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Served.Post(client, "/api/provider/answer", madeUp)).Status);
    }

    private static readonly (string What, HttpStatusCode Status, string Says, Action<Attempt> Arrange)[] Attempts =
    [
        // The provider is not there, not itself, or talks nonsense.
        ("it is down", Trouble, "cannot be reached", a => a.Provider.Stop()),
        ("it does not answer", Trouble, "did not answer within 10 s", a => { a.Served.Clock.Patience = 1; a.Provider.Instead = async http => { await Task.Delay(Timeout.Infinite, http.RequestAborted); return true; }; }),
        ("a certificate of somebody else", Trouble, "a certificate that is not trusted", a => File.WriteAllText(a.Served.PathOf("provider.pem"), OwnProvider.CertificateOfNobody())),
        ("its authority is no authority", HttpStatusCode.Conflict, "the server's log says", a => File.WriteAllText(a.Served.PathOf("provider.pem"), "nothing")),
        ("it fails", Trouble, "answers HTTP 500 for /realms/office/.well-known/openid-configuration", a => a.Provider.Instead = Fails("/.well-known/openid-configuration", 500, "")),
        ("it sends elsewhere", Trouble, "answers HTTP 302", a => a.Provider.Instead = http => { http.Response.Redirect("https://elsewhere.example/"); return Task.FromResult(true); }),
        ("no JSON", Trouble, "not understood (JSON)", a => a.Provider.Instead = Fails("/.well-known/openid-configuration", 200, "<html>")),
        ("a list", Trouble, "not understood (JSON)", a => a.Provider.Instead = Fails("/.well-known/openid-configuration", 200, "[]")),
        ("an issuer twice", Trouble, "not understood (JSON)", a => a.Provider.Instead = Fails("/.well-known/openid-configuration", 200, $$"""{"issuer":"https://a.example","issuer":"{{a.Provider.Issuer}}"}""")),
        ("an answer without end", Trouble, "not understood (longer than 1 MiB)", a => a.Provider.Instead = Fails("/.well-known/openid-configuration", 200, new string(' ', 2_000_000))),
        ("another issuer", Trouble, "says it is another issuer", a => a.Provider.Discovery = about => about["issuer"] = a.Provider.Issuer + "/"),
        ("no issuer", Trouble, "says it is another issuer", a => a.Provider.Discovery = about => about.Remove("issuer")),
        ("no address for tokens", Trouble, "not understood (token_endpoint)", a => a.Provider.Discovery = about => about.Remove("token_endpoint")),
        ("an address for tokens without TLS", Trouble, "not understood (token_endpoint)", a => a.Provider.Discovery = about => about["token_endpoint"] = "http://localhost/token"),
        ("an address that is a script", Trouble, "not understood (authorization_endpoint)", a => a.Provider.Discovery = about => about["authorization_endpoint"] = "javascript:alert(1)"),
        ("keys without TLS", Trouble, "not understood (jwks_uri)", a => a.Provider.Discovery = about => about["jwks_uri"] = "http://localhost/keys"),
        ("no PKCE with S256", Trouble, "does not offer PKCE", a => a.Provider.Discovery = about => about["code_challenge_methods_supported"] = new JsonArray("plain")),
        ("no client secret wanted", Trouble, "takes no client secret", a => a.Provider.Discovery = about => about["token_endpoint_auth_methods_supported"] = new JsonArray("private_key_jwt")),
        ("keys that are none", Trouble, "not understood", a => a.Provider.Instead = Fails("/keys", 200, """{"keys":"none"}""")),

        // The code is not redeemed.
        ("the client secret is another", Trouble, "HTTP 401, invalid_client", a => File.WriteAllText(a.Served.PathOf("client-secret"), "another")),
        ("the client secret is not there", Trouble, "client-secret does not exist", a => File.Delete(a.Served.PathOf("client-secret"))),
        ("the client secret is there for all", Trouble, "can be read or changed by others", a => File.SetUnixFileMode(a.Served.PathOf("client-secret"), (UnixFileMode)0x1A4)),
        ("another code", Trouble, "HTTP 400, invalid_grant", a => a.Back = answer => answer["code"] = "another"),
        ("no code", HttpStatusCode.BadRequest, "code is missing", a => a.Back = answer => answer.Remove("code")),
        ("it fails there", Trouble, "HTTP 500, without an error code", a => a.Provider.Instead = Fails("/token", 500, "<html>")),
        ("no token", Trouble, "not understood (id_token)", a => a.Provider.Instead = Fails("/token", 200, """{"access_token":"x"}""")),

        // The token is signed by nobody, by somebody else, or for the wrong reason.
        ("no signature", NotSignedIn, NotSigned, a => a.Provider.Token = token => OwnProvider.Unsigned(token)),
        ("the signature cut off", NotSignedIn, NotSigned, a => a.Provider.Token = token => token[..(token.LastIndexOf('.') + 1)]),
        ("another content under the signature", NotSignedIn, NotSigned, a => a.Provider.Token = token => OwnProvider.WithContent(token, "operators", "operator5")),
        ("another key of the same name", NotSignedIn, NotSigned, a => { a.Provider.Published.Add(a.Provider.Key); a.Provider.Key = OwnProvider.Rsa("rsa-1"); }),
        ("a key that is not published", NotSignedIn, NotSigned, a => { a.Provider.Published.Add(a.Provider.Key); a.Provider.Key = OwnProvider.Rsa("other"); }),
        ("the public key as a password", NotSignedIn, NotSigned, a => a.Provider.Token = a.Provider.SignedWithThePublicKey),
        ("a key for encryption", NotSignedIn, NotSigned, a => a.Provider.Use = "enc"),
        ("a short key", NotSignedIn, NotSigned, a => a.Provider.TakeShortKey()),
        ("no token but words", NotSignedIn, "cannot be read", a => a.Provider.Token = _ => "no token at all"),
        ("three dots", NotSignedIn, "cannot be read", a => a.Provider.Token = _ => "a.b.c"),
        ("of another issuer", NotSignedIn, "names another issuer", a => a.Claim = new() { ["iss"] = "https://elsewhere.example" }),
        ("of no issuer", NotSignedIn, "names another issuer", a => a.Claim = new() { ["iss"] = null! }),
        ("for another program", NotSignedIn, "for another program", a => a.Claim = new() { ["aud"] = "wiki" }),
        ("for nobody", NotSignedIn, "for another program", a => a.Claim = new() { ["aud"] = null! }),
        ("for several programs, asked for by none", NotSignedIn, "for another program", a => a.Claim = new() { ["aud"] = new[] { OwnProvider.Client, "wiki" } }),
        ("for several programs, asked for by another", NotSignedIn, "for another program", a => a.Claim = new() { ["aud"] = new[] { OwnProvider.Client, "wiki" }, ["azp"] = "wiki" }),
        ("asked for by another", NotSignedIn, "for another program", a => a.Claim = new() { ["azp"] = "wiki" }),
        ("too old", NotSignedIn, "does not hold at this time", a => a.Claim = new() { ["exp"] = DateTimeOffset.UtcNow.AddSeconds(-90).ToUnixTimeSeconds() }),
        ("not yet", NotSignedIn, "does not hold at this time", a => a.Claim = new() { ["nbf"] = DateTimeOffset.UtcNow.AddSeconds(240).ToUnixTimeSeconds() }),
        ("for ever", NotSignedIn, "does not hold at this time", a => a.Claim = new() { ["exp"] = null! }),
        ("without the nonce", NotSignedIn, "does not answer this sign-in", a => a.Claim = new() { ["nonce"] = null! }),
        ("with another nonce", NotSignedIn, "does not answer this sign-in", a => a.Claim = new() { ["nonce"] = "another" }),
        ("with two nonces", NotSignedIn, "does not answer this sign-in", a => a.Provider.Claims = claims => claims["nonce"] = new[] { claims["nonce"], "another" }),

        // Who it is, and what they may.
        ("no name", MayNot, "no name that can stand in the journal", a => a.Claim = new() { ["preferred_username"] = null! }),
        ("a name with blanks", MayNot, "no name that can stand in the journal", a => a.Claim = new() { ["preferred_username"] = "token run" }),
        ("a name that is a number", MayNot, "no name that can stand in the journal", a => a.Claim = new() { ["preferred_username"] = 7 }),
        ("two names", MayNot, "no name that can stand in the journal", a => a.Claim = new() { ["preferred_username"] = new[] { "bert", "anna" } }),
        ("the name of a local account", MayNot, "a local account has that name", a => a.Claim = new() { ["preferred_username"] = "Anna" }),
        ("no groups", MayNot, "nothing in groups has a right here", a => a.Claim = new() { ["groups"] = null! }),
        ("groups without a right", MayNot, "nothing in groups has a right here", a => a.Claim = new() { ["groups"] = new[] { "Operators", "operators ", "sales" } }),
        ("groups that are something else", MayNot, "nothing in groups has a right here", a => a.Claim = new() { ["groups"] = new Dictionary<string, object> { ["operators"] = true } }),
        ("a right from another claim", MayNot, "nothing in roles has a right here", a => a.Settings = "rightsFrom: roles"),

        // What the browser comes back with.
        ("the person says no", NotSignedIn, "denied at the provider", a => a.PersonSays = "no"),
        ("the provider refuses", Trouble, "refuses: temporarily_unavailable", a => { a.PersonSays = "no"; a.Back = answer => answer["error"] = "temporarily_unavailable"; }),
        ("an error that is no error code", Trouble, "refuses: without an error code", a => { a.PersonSays = "no"; a.Back = answer => answer["error"] = "call 0900 123456"; }),
        ("another state", NotSignedIn, "belongs to no sign-in", a => a.Back = answer => answer["state"] = new string('x', 43)),
        ("no state", HttpStatusCode.BadRequest, "state is missing", a => a.Back = answer => answer.Remove("state")),
        ("another browser", NotSignedIn, "belongs to no sign-in", a => a.IsAnotherBrowser = true),
        ("the same once more", NotSignedIn, "belongs to no sign-in", a => a.IsSentTwice = true),
        ("too late", NotSignedIn, "belongs to no sign-in", a => a.Back = _ => a.Served.Clock.Later += TimeSpan.FromMinutes(10)),
        ("settings of another provider meanwhile", NotSignedIn, "belongs to no sign-in", a => a.Back = _ => a.Served.Use(a.Provider, more: "name: email")),
        ("from nobody, though it always says", NotSignedIn, "does not say of which provider it is", a => { a.Provider.Discovery = about => about["authorization_response_iss_parameter_supported"] = true; a.Back = answer => answer.Remove("iss"); }),
        ("from another issuer", NotSignedIn, "comes from another provider", a => a.Back = answer => answer["iss"] = "https://elsewhere.example"),
        ("something else in it", HttpStatusCode.BadRequest, "to is not known here", a => a.Back = answer => answer["to"] = "https://elsewhere.example"),
    ];

    [Fact]
    public async Task Whatever_is_wrong_with_a_sign_in_is_refused_with_its_sentence_in_both_languages_and_signs_nobody_in()
    {
        await using var first = await OwnProvider.Start();
        var otherwise = new List<string>();
        Served served = null!;
        foreach (var (number, (what, status, says, arrange)) in Attempts.Index())
        {
            // After thirty an address has to wait.
            if (number % 12 == 0)
            {
                if (served is not null)
                    await served.DisposeAsync();
                served = await Served.Start(provider: first);
                served.Account("anna", Right.Run);
            }
            var english = await Refused(served, arrange, "en");
            var german = await Refused(served, arrange, "de");

            // Reasons within the sentence are German too, but for words of other programs.
            var isEnglish = german.Error == english.Error || (!says.StartsWith("cannot be reached", StringComparison.Ordinal) && EnglishWords.Any(word => german.Error.Contains(word, StringComparison.Ordinal)));
            if (english.Status != status || german.Status != status || english.SignedIn || german.SignedIn || isEnglish || !english.Error.Contains(says, StringComparison.Ordinal))
                otherwise.Add($"{what}: {english} {german}");
        }
        await served.DisposeAsync();
        Assert.Empty(otherwise);
    }

    private static readonly string[] EnglishWords = [" it ", " the ", " is ", " not "];

    private static async Task<(HttpStatusCode Status, string Error, bool SignedIn)> Refused(Served served, Action<Attempt> arrange, string language)
    {
        await using var provider = await OwnProvider.Start();
        (served.Clock.Later, served.Clock.Patience) = (TimeSpan.Zero, 30);
        served.Use(provider);
        var attempt = new Attempt(served, provider);
        arrange(attempt);
        if (attempt.Settings.Length > 0)
            served.Use(provider, more: attempt.Settings);
        var client = served.Client();
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);

        var browser = new ByProvider(provider, client);
        var (status, body) = await browser.Begin();
        if (status == HttpStatusCode.OK)
        {
            var answer = await browser.AtProvider(body.GetProperty("address").GetString()!, attempt.PersonSays);
            attempt.Back(answer);
            if (attempt.IsAnotherBrowser)
            {
                client = served.Client();
                client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
                browser = new(provider, client);
            }
            (status, body) = await browser.End(answer);
            if (attempt.IsSentTwice)
            {
                Assert.Equal(HttpStatusCode.OK, status);
                // Whoever listened at the browser has its cookie too.
                client = served.Client();
                client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
                client.DefaultRequestHeaders.Add("Cookie", browser.Cookie);
                (status, body) = await new ByProvider(provider, client).End(answer);
            }
        }
        var signedIn = await client.GetStringAsync("/api/session", Served.Now) != "null";
        return (status, body.ValueKind == JsonValueKind.Object && body.TryGetProperty("error", out var error) ? error.GetString()! : "nothing", signedIn);
    }

    /// <summary>Counter-check of the table: as it is arranged there, but with nothing wrong, somebody is signed in; also with a clock that differs a little.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(-30)]
    [InlineData(30)]
    public async Task With_nothing_wrong_somebody_is_signed_in(int clock)
    {
        await using var provider = await OwnProvider.Start();
        await using var served = await Served.Start(provider: provider);
        provider.Claims = claims =>
        {
            claims["exp"] = DateTimeOffset.UtcNow.AddSeconds(clock < 0 ? clock : 300).ToUnixTimeSeconds();
            claims["nbf"] = DateTimeOffset.UtcNow.AddSeconds(clock > 0 ? clock : -1).ToUnixTimeSeconds();
            claims["aud"] = new[] { OwnProvider.Client, "wiki" };
            claims["azp"] = OwnProvider.Client;
        };

        await ByProvider.SignedIn(served, provider);
    }

    [Fact]
    public async Task An_answer_that_another_site_sends_is_not_taken()
    {
        await using var provider = await OwnProvider.Start();
        await using var served = await Served.Start(provider: provider);
        var client = served.Client();
        var browser = new ByProvider(provider, client);
        var answer = await browser.AtProvider((await browser.Begin()).Body.GetProperty("address").GetString()!);
        client.DefaultRequestHeaders.Remove("Origin");
        client.DefaultRequestHeaders.Add("Origin", "https://elsewhere.example");

        Assert.Equal(HttpStatusCode.Forbidden, (await browser.End(answer)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Begin()).Status);
    }

    [Fact]
    public async Task A_page_opened_by_another_name_says_where_to_open_it()
    {
        await using var provider = await OwnProvider.Start();
        await using var served = await Served.Start(provider: provider);
        served.Use(provider, page: "https://changeover.example.org");

        var (status, body) = await new ByProvider(provider, served.Client()).Begin();

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("comes back to https://changeover.example.org/ only", body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_in_trouble_is_not_asked_by_everybody_who_tries()
    {
        await using var provider = await OwnProvider.Start();
        provider.Instead = Fails("/.well-known/openid-configuration", 500, "");
        await using var served = await Served.Start(provider: provider);
        for (var i = 0; i < 3; i++)
            Assert.Equal(Trouble, (await new ByProvider(provider, served.Client()).Begin()).Status);
        Assert.Equal(1, provider.Asked["/.well-known/openid-configuration"]);

        served.Clock.Later = TimeSpan.FromSeconds(6);
        provider.Instead = _ => Task.FromResult(false);
        await ByProvider.SignedIn(served, provider);
    }

    [Fact]
    public void Begun_sign_ins_are_kept_for_a_while_and_no_address_can_push_out_those_of_another()
    {
        var clock = new StandingClock();
        var begun = new BegunSignIns(clock);
        var first = begun.Begin("provider", "10.0.0.1");
        var own = Enumerable.Range(0, 300).Select(_ => begun.Begin("provider", "10.0.0.2").Secret).ToArray();

        Assert.Equal(100, own.Count(secret => begun.Take(secret) is not null));
        Assert.Equal(first.Begun, begun.Take(first.Secret));
        Assert.Null(begun.Take(first.Secret));
        var late = begun.Begin("provider", "10.0.0.1").Secret;
        clock.Later = BegunSignIns.Lifetime;
        Assert.Null(begun.Take(late));
    }

    private static Func<HttpContext, Task<bool>> Fails(string path, int status, string text) => async http =>
    {
        if (!http.Request.Path.Value!.EndsWith(path, StringComparison.Ordinal))
            return false;
        http.Response.StatusCode = status;
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
        return true;
    };
}
