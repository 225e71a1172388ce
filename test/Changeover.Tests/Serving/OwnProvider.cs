using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Changeover.Tests.Serving;

/// <summary>
/// An OpenID Connect provider of the tests: HTTPS on loopback with an own certificate, own keys, a page on which a person goes on or says
/// no. It checks what a real one checks (redirect address, client, PKCE, a code once), and can be told to do everything wrong.
/// </summary>
/// <remarks>By the name localhost: for a browser another site than 127.0.0.1, where the page is.</remarks>
internal sealed class OwnProvider : IAsyncDisposable
{
    public const string Client = "changeover-page";
    public const string ClientSecret = "s3cret of / the: client";

    private sealed record Given(string Nonce, string Challenge, string Redirect);

    /// <summary>One for all: making one takes long.</summary>
    private static readonly SecurityKey Usual = Rsa("rsa-1");

    private readonly X509Certificate2 certificate = OwnCertificate();
    private readonly ConcurrentDictionary<string, Given> codes = [];
    private WebApplication server = null!;

    /// <summary>The key that signs, by its name; what is published can be something else.</summary>
    public SecurityKey Key { get; set; } = Usual;

    public string Algorithm { get; set; } = SecurityAlgorithms.RsaSha256;

    /// <summary>Empty: the public part of <see cref="Key"/>.</summary>
    public List<SecurityKey> Published { get; } = [];

    /// <summary>What the published keys are for.</summary>
    public string Use { get; set; } = "sig";

    /// <summary>Changes what stands in the token.</summary>
    public Action<Dictionary<string, object>> Claims { get; set; } = _ => { };

    /// <summary>Changes the whole token.</summary>
    public Func<string, string> Token { get; set; } = token => token;

    /// <summary>Changes what is published about the provider.</summary>
    public Action<JsonObject> Discovery { get; set; } = _ => { };

    /// <summary>Answers instead of the provider; false: it did not.</summary>
    public Func<HttpContext, Task<bool>> Instead { get; set; } = _ => Task.FromResult(false);

    /// <summary>Where a browser may be sent back to.</summary>
    public string Redirect { get; set; } = "";

    /// <summary>How often an address was asked.</summary>
    public ConcurrentDictionary<string, int> Asked { get; } = [];

    /// <summary>Everything that was given out and must stand nowhere.</summary>
    public ConcurrentBag<string> Secrets { get; } = [ClientSecret];

    public string Issuer { get; private set; } = "";

    public string Authority => certificate.ExportCertificatePem();

    public string Fingerprint => certificate.GetCertHashString();

    public static SecurityKey Rsa(string name) => new RsaSecurityKey(RSA.Create(2048)) { KeyId = name };

    public static SecurityKey Curve(string name) => new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = name };

    public static async Task<OwnProvider> Start()
    {
        var provider = new OwnProvider();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, o => o.UseHttps(provider.certificate, https => https.HandshakeTimeout = TimeSpan.FromMinutes(3))));
        provider.server = builder.Build();
        provider.server.Run(provider.Answer);
        await provider.server.StartAsync(Served.Now);
        var port = new Uri(provider.server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        provider.Issuer = $"https://localhost:{port}/realms/office";
        return provider;
    }

    /// <summary>The program's settings for it, in a file's text.</summary>
    public string Settings(string page, string more = "") => $$"""
        issuer: {{Issuer}}
        client: {{Client}}
        secret: file:client-secret
        page: {{page}}
        certificateAuthority: provider.pem
        title: Office login
        rights: { operators: run, night-shift: approve, everybody: view }
        {{more}}
        """;

    private async Task Answer(HttpContext http)
    {
        var path = http.Request.Path.Value!.Replace("/realms/office", "", StringComparison.Ordinal);
        Asked.AddOrUpdate(path, 1, (_, n) => n + 1);
        if (await Instead(http))
            return;
        switch (path)
        {
            case "/.well-known/openid-configuration":
                await Json(http, About());
                break;
            case "/keys":
                var keys = Published.Count > 0 ? Published : [Key];
                await Json(http, new JsonObject { ["keys"] = new JsonArray([.. keys.Select(k => (JsonNode)PublicPart(k))]) });
                break;
            case "/authorize":
                await Ask(http);
                break;
            case "/answer":
                Send(http, http.Request.Query["as"].ToString());
                break;
            case "/token":
                await Redeem(http);
                break;
            case "/end":
                http.Response.ContentType = "text/html";
                await http.Response.WriteAsync($"<h1>Signed out of the office</h1>{WebUtility.HtmlEncode(http.Request.QueryString.Value)}");
                break;
            default:
                http.Response.StatusCode = 404;
                break;
        }
    }

    private JsonObject About()
    {
        var about = new JsonObject
        {
            ["issuer"] = Issuer,
            ["authorization_endpoint"] = Issuer + "/authorize",
            ["token_endpoint"] = Issuer + "/token",
            ["jwks_uri"] = Issuer + "/keys",
            ["end_session_endpoint"] = Issuer + "/end",
            ["code_challenge_methods_supported"] = new JsonArray("S256"),
        };
        Discovery(about);
        return about;
    }

    /// <summary>Its sign-in page: who they are is not asked, only whether they go on.</summary>
    private async Task Ask(HttpContext http)
    {
        var query = http.Request.Query;
        if (query["redirect_uri"] != Redirect || query["client_id"] != Client || query["response_type"] != "code" || query["code_challenge_method"] != "S256" || !query["scope"].ToString().Split(' ').Contains("openid"))
        {
            http.Response.StatusCode = 400;
            await http.Response.WriteAsync($"a request this provider does not know: {http.Request.QueryString}");
            return;
        }
        http.Response.ContentType = "text/html";
        var back = WebUtility.HtmlEncode("/answer" + http.Request.QueryString);
        await http.Response.WriteAsync($"<h1>Office</h1><a href=\"{back}&amp;as=yes\">Continue as bert</a> <a href=\"{back}&amp;as=no\">No</a>");
    }

    /// <summary>What a person does who was sent to this address.</summary>
    /// <returns>What stands in the address that the browser is sent back to.</returns>
    public async Task<Dictionary<string, string>> Person(string address, string answer)
    {
        using var browser = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == Fingerprint },
        });
        var asked = await browser.GetAsync(address, Served.Now);
        Assert.True(asked.StatusCode == HttpStatusCode.OK, await asked.Content.ReadAsStringAsync(Served.Now));
        var sent = await browser.GetAsync(address.Replace("/authorize?", "/answer?", StringComparison.Ordinal) + $"&as={answer}", Served.Now);
        Assert.Equal(HttpStatusCode.Redirect, sent.StatusCode);
        Assert.StartsWith(Redirect + "?", sent.Headers.Location!.AbsoluteUri, StringComparison.Ordinal);
        return QueryHelpers.ParseQuery(sent.Headers.Location.Query).ToDictionary(q => q.Key, q => q.Value.ToString());
    }

    private void Send(HttpContext http, string answer)
    {
        var query = http.Request.Query;
        var back = new Dictionary<string, string?> { ["state"] = query["state"], ["iss"] = Issuer };
        if (answer == "yes")
        {
            back["code"] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
            codes[back["code"]!] = new(query["nonce"]!, query["code_challenge"]!, query["redirect_uri"]!);
            Secrets.Add(back["code"]!);
            Secrets.Add(query["state"]!);
        }
        else
        {
            back["error"] = "access_denied";
        }
        http.Response.Redirect(QueryHelpers.AddQueryString(Redirect, back));
    }

    private async Task Redeem(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync(Served.Now);
        string Field(string key) => form[key].ToString();
        // Gone whatever comes of it.
        codes.TryRemove(Field("code"), out var given);
        var basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(Client)}:{Uri.EscapeDataString(ClientSecret)}"));
        var byForm = Field("client_id") == Client && Field("client_secret") == ClientSecret;
        var error = http.Request.Headers.Authorization != basic && !byForm ? "invalid_client"
            : Field("grant_type") != "authorization_code" || given is null || given.Redirect != Field("redirect_uri") ? "invalid_grant"
            : Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Field("code_verifier")))) != given.Challenge ? "invalid_grant"
            : "";
        if (error.Length > 0)
        {
            http.Response.StatusCode = error == "invalid_client" ? 401 : 400;
            await Json(http, new JsonObject { ["error"] = error, ["error_description"] = "not for people" });
            return;
        }
        var token = Token(Signed(given!.Nonce));
        Secrets.Add(token);
        Secrets.Add(Field("code_verifier"));
        await Json(http, new JsonObject { ["access_token"] = "not used", ["token_type"] = "Bearer", ["id_token"] = token });
    }

    private string Signed(string nonce)
    {
        var now = DateTimeOffset.UtcNow;
        var claims = new Dictionary<string, object>
        {
            ["iss"] = Issuer,
            ["aud"] = Client,
            ["sub"] = "8d3c",
            ["nonce"] = nonce,
            ["preferred_username"] = "bert@office.example",
            ["groups"] = new[] { "everybody", "operators" },
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
        };
        Claims(claims);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor { Claims = claims, SigningCredentials = new(Key, Algorithm) });
    }

    private JsonObject PublicPart(SecurityKey key)
    {
        if (key is RsaSecurityKey { Rsa: { } rsa })
        {
            var parameters = rsa.ExportParameters(false);
            return new() { ["kty"] = "RSA", ["use"] = Use, ["kid"] = key.KeyId, ["n"] = Base64Url.EncodeToString(parameters.Modulus), ["e"] = Base64Url.EncodeToString(parameters.Exponent) };
        }
        var point = ((ECDsaSecurityKey)key).ECDsa.ExportParameters(false).Q;
        return new() { ["kty"] = "EC", ["use"] = Use, ["kid"] = key.KeyId, ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
    }

    /// <summary>The token with another content, but still the signature of the first.</summary>
    public static string WithContent(string token, string from, string to)
    {
        var parts = token.Split('.');
        return string.Join('.', parts[0], Encode(Decode(parts[1]).Replace(from, to, StringComparison.Ordinal)), parts[2]);
    }

    /// <summary>The token, saying that it needs no signature.</summary>
    public static string Unsigned(string token) => $"{Encode("""{"alg":"none","typ":"JWT"}""")}.{token.Split('.')[1]}.";

    /// <summary>The token, signed with what everybody can read: the public key, taken as a password.</summary>
    public string SignedWithThePublicKey(string token)
    {
        var text = $"{Encode($$"""{"alg":"HS256","typ":"JWT","kid":"{{Key.KeyId}}"}""")}.{token.Split('.')[1]}";
        var password = Encoding.ASCII.GetBytes(((RsaSecurityKey)Key).Rsa.ExportSubjectPublicKeyInfoPem());
        return $"{text}.{Base64Url.EncodeToString(HMACSHA256.HashData(password, Encoding.ASCII.GetBytes(text)))}";
    }

    /// <summary>Signs with a key of 1024 bits, and publishes it.</summary>
    public void TakeShortKey()
    {
        var key = RSA.Create(1024);
        Published.Add(new RsaSecurityKey(key) { KeyId = "short" });
        Token = token =>
        {
            var text = $"{Encode("""{"alg":"RS256","typ":"JWT","kid":"short"}""")}.{token.Split('.')[1]}";
            return $"{text}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
        };
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static string Decode(string text) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text));

    private static Task Json(HttpContext http, JsonObject json)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(json.ToJsonString());
    }

    public static X509Certificate2 OwnCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=provider of the tests", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    /// <summary>The certificate of another one.</summary>
    public static string CertificateOfNobody()
    {
        using var other = OwnCertificate();
        return other.ExportCertificatePem();
    }

    public void Stop() => server.StopAsync(Served.Now).GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        certificate.Dispose();
    }
}
