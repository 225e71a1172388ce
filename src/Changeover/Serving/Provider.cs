using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Changeover.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.Tokens;

namespace Changeover.Serving;

/// <summary>
/// What is exchanged with an OpenID Connect provider, over HTTPS only: what it publishes (OpenID Connect Discovery 1.0), and a code for
/// an identity token (authorization code flow with PKCE, RFC 7636, S256).
/// </summary>
public sealed class Provider(ProviderSettings settings, TimeProvider time)
{
    /// <summary>A person waits in front of the page.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>What was published is asked for again after this, so that what a provider changes counts.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);

    /// <summary>A token with a key that is not known has the keys read again, but not more often: anybody could make us ask.</summary>
    private static readonly TimeSpan BetweenKeys = TimeSpan.FromMinutes(1);

    /// <summary>Nor is a provider in trouble asked by everybody who tries meanwhile.</summary>
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(5);

    private const int LongestAnswer = 1024 * 1024;

    private readonly SemaphoreSlim oneAtATime = new(1);
    private Published? published;
    private (Refusal Refusal, DateTimeOffset At)? trouble;

    /// <param name="EndSession">Null: the provider has no sign-out that we could send people to.</param>
    /// <param name="IsBasic">How it wants the client secret: in the header, else in the form.</param>
    /// <param name="NamesItself">It says with every answer by the browser who it is.</param>
    private sealed record Published(Uri Authorization, Uri Token, Uri KeySet, Uri? EndSession, bool IsBasic, bool NamesItself, ImmutableArray<JsonWebKey> Keys, DateTimeOffset At, DateTimeOffset KeysAt);

    public ProviderSettings Settings => settings;

    /// <summary>Where the browser goes to sign in.</summary>
    /// <exception cref="Refusal">502 the provider is in trouble.</exception>
    public async Task<string> Begin(string state, string nonce, string verifier, Ct ct) =>
        QueryHelpers.AddQueryString((await Known(ct)).Authorization.AbsoluteUri, new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = settings.Client,
            ["redirect_uri"] = settings.Page.AbsoluteUri,
            ["scope"] = string.Join(' ', settings.Scopes),
            ["state"] = state,
            ["nonce"] = nonce,
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))),
            ["code_challenge_method"] = "S256",
        });

    /// <summary>Where the browser goes to end what the person has at the provider; null where it has no such place, or was not asked yet.</summary>
    public string? End => published?.EndSession is { } end
        ? QueryHelpers.AddQueryString(end.AbsoluteUri, new Dictionary<string, string?> { ["client_id"] = settings.Client, ["post_logout_redirect_uri"] = settings.Page.AbsoluteUri })
        : null;

    /// <summary>What the browser comes back with is of this provider, as far as it says: another one could have had the code made (RFC 9207).</summary>
    /// <param name="issuer">Who the answer says it is of; empty or null: it does not say.</param>
    /// <exception cref="Refusal">401 it is of another one, or it does not say although this provider always does; 502 the provider is in trouble.</exception>
    public async Task RequireOwn(string? issuer, Ct ct)
    {
        if (issuer is { Length: > 0 } && issuer != settings.Issuer)
            throw new Refusal(StatusCodes.Status401Unauthorized, "this answer comes from another provider than the settings name. Nobody was signed in.");
        if (string.IsNullOrEmpty(issuer) && (await Known(ct)).NamesItself)
            throw new Refusal(StatusCodes.Status401Unauthorized, $"this answer does not say of which provider it is (iss), and {settings.Host} publishes that its answers always do. Nobody was signed in; begin again.");
    }

    /// <exception cref="Refusal">502 the provider is in trouble, 401 what it gives is not accepted, 403 the person has no usable name.</exception>
    public async Task<Identity> Finish(string code, string verifier, string nonce, Ct ct)
    {
        var known = await Known(ct);
        var token = await Redeem(known, code, verifier, ct);
        var keys = IdToken.Named(token, known.Keys);
        if (keys.IsEmpty)
            keys = IdToken.Named(token, await KeysAnew(ct));
        return await IdToken.Check(token, keys, settings, nonce, time.GetUtcNow());
    }

    private async Task<Published> Known(Ct ct)
    {
        await oneAtATime.WaitAsync(ct);
        try
        {
            if (published is { } held && time.GetUtcNow() - held.At < Fresh)
                return held;
            if (trouble is var (refusal, at) && time.GetUtcNow() - at < AfterTrouble)
                throw new Refusal(refusal.Status, refusal.Message);
            return published = await Ask(ct);
        }
        catch (Refusal e) when (e.Status == StatusCodes.Status502BadGateway)
        {
            trouble = trouble is var (_, at) && time.GetUtcNow() - at < AfterTrouble ? trouble : (e, time.GetUtcNow());
            throw;
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    private async Task<Published> Ask(Ct ct)
    {
        var json = await Json(new(settings.Issuer.TrimEnd('/') + "/.well-known/openid-configuration"), ct);
        var issuer = Text(json, "issuer");
        if (issuer != settings.Issuer)
            throw new Refusal(StatusCodes.Status502BadGateway, $"the sign-in provider {settings.Host} says it is another issuer than the settings name. Nobody was signed in; compare issuer in the settings with what it publishes.");
        if (json.TryGetProperty("code_challenge_methods_supported", out _) && !Texts(json, "code_challenge_methods_supported").Contains("S256"))
            throw new Refusal(StatusCodes.Status502BadGateway, $"the sign-in provider {settings.Host} does not offer PKCE with S256, without which a code could be used by others. Nobody was signed in.");
        var ways = Texts(json, "token_endpoint_auth_methods_supported");
        // Where nothing is said, the header is meant (Discovery 1.0, section 3).
        var isBasic = ways.IsEmpty || ways.Contains("client_secret_basic");
        if (!isBasic && !ways.Contains("client_secret_post"))
            throw new Refusal(StatusCodes.Status502BadGateway, $"the sign-in provider {settings.Host} takes no client secret, neither as client_secret_basic nor as client_secret_post. Nobody was signed in.");
        var keySet = Address(json, "jwks_uri");
        var keys = await Keys(keySet, ct);
        var now = time.GetUtcNow();
        return new(
            Address(json, "authorization_endpoint"), Address(json, "token_endpoint"), keySet,
            json.TryGetProperty("end_session_endpoint", out _) ? Address(json, "end_session_endpoint") : null,
            isBasic, json.TryGetProperty("authorization_response_iss_parameter_supported", out var names) && names.ValueKind == JsonValueKind.True, keys, now, now);
    }

    /// <summary>The keys as they are published now, unless that was asked a moment ago.</summary>
    private async Task<ImmutableArray<JsonWebKey>> KeysAnew(Ct ct)
    {
        await oneAtATime.WaitAsync(ct);
        try
        {
            var held = published!;
            var now = time.GetUtcNow();
            if (now - held.KeysAt < BetweenKeys)
                return held.Keys;
            // Also when it fails: that was asking.
            published = held with { KeysAt = now };
            published = published with { Keys = await Keys(held.KeySet, ct) };
            return published.Keys;
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    private async Task<ImmutableArray<JsonWebKey>> Keys(Uri address, Ct ct)
    {
        var json = await Json(address, ct);
        try
        {
            return IdToken.Keys(json.GetRawText());
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw NotUnderstood("jwks_uri");
        }
    }

    private async Task<string> Redeem(Published known, string code, string verifier, Ct ct)
    {
        var (secret, why) = await new Secrets(settings.Folder).Resolve(settings.Secret, ct);
        if (secret is null)
            throw new Refusal(StatusCodes.Status502BadGateway, $"the client secret for the sign-in provider is not there: {why}. Nobody was signed in.");
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = settings.Page.AbsoluteUri,
            ["code_verifier"] = verifier,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, known.Token);
        if (known.IsBasic)
            // Both are form-encoded first (RFC 6749, section 2.3.1).
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(settings.Client)}:{Uri.EscapeDataString(secret.Reveal())}")));
        else
            (form["client_id"], form["client_secret"]) = (settings.Client, secret.Reveal());
        request.Content = new FormUrlEncodedContent(form);
        var (status, text) = await Exchange(request, ct);
        if (status is not (>= 200 and < 300))
            throw new Refusal(StatusCodes.Status502BadGateway, $"the sign-in provider {settings.Host} does not redeem the code: HTTP {status}, {ErrorIn(text)}. Nobody was signed in; invalid_client means client and secret of the settings.");
        return Text(Parse(text), "id_token") is { Length: > 0 } token ? token : throw NotUnderstood("id_token");
    }

    /// <summary>A provider's error word as RFC 6749 has them; anything else could be anybody's text.</summary>
    public static string ErrorWord(string error) => error.Length is > 0 and <= 60 && error.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') ? error : "without an error code";

    private string ErrorIn(string text)
    {
        try
        {
            return ErrorWord(Text(Parse(text), "error"));
        }
        catch (Refusal)
        {
            return ErrorWord("");
        }
    }

    private async Task<JsonElement> Json(Uri address, Ct ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        var (status, text) = await Exchange(request, ct);
        return status == StatusCodes.Status200OK
            ? Parse(text)
            : throw new Refusal(StatusCodes.Status502BadGateway, $"the sign-in provider {settings.Host} answers HTTP {status} for {address.AbsolutePath}, expected 200. Nobody was signed in.");
    }

    private async Task<(int Status, string Text)> Exchange(HttpRequestMessage request, Ct ct)
    {
        using var late = new CancellationTokenSource(Longest, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        request.Headers.Accept.ParseAdd("application/json");
        try
        {
            using var client = Client();
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, limit.Token);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(limit.Token));
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new Refusal(StatusCodes.Status502BadGateway, $"the sign-in provider {settings.Host} did not answer within {Longest.TotalSeconds} s. Nobody was signed in; local accounts are not touched by that.");
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw NotUnderstood("longer than 1 MiB");
        }
        catch (HttpRequestException e) when (e.InnerException is AuthenticationException)
        {
            throw new Refusal(StatusCodes.Status502BadGateway, $"the sign-in provider {settings.Host} shows a certificate that is not trusted. Nobody was signed in; its authority belongs into certificateAuthority of the settings, and the checking is never switched off.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new Refusal(StatusCodes.Status502BadGateway, $"the sign-in provider {settings.Host} cannot be reached: {(e.InnerException ?? e).Message.TrimEnd('.')}. Nobody was signed in; local accounts are not touched by that.");
        }
    }

    /// <summary>Of its own for every exchange, so that a changed authority counts. The environment's proxy is used: a provider may be outside.</summary>
    private HttpClient Client()
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        if (settings.CertificateAuthority.Length > 0)
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = HttpTransport.Pinned(settings.CertificateAuthority) };
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LongestAnswer };
    }

    private JsonElement Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw NotUnderstood("JSON");
        }
        catch (JsonException)
        {
            throw NotUnderstood("JSON");
        }
    }

    private Uri Address(JsonElement json, string key) =>
        Uri.TryCreate(Text(json, key), UriKind.Absolute, out var address) && address is { Scheme: "https", UserInfo: "", Fragment: "" } ? address : throw NotUnderstood(key);

    private static string Text(JsonElement json, string key) => json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static ImmutableArray<string> Texts(JsonElement json, string key) => json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Array
        ? [.. value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!)]
        : [];

    private Refusal NotUnderstood(string what) => new(StatusCodes.Status502BadGateway, $"the answer of the sign-in provider {settings.Host} is not understood ({what}). Nobody was signed in.");
}
