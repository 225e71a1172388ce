using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using Changeover.Tests.Tidy;
using Microsoft.AspNetCore.WebUtilities;

namespace Changeover.Tests.Serving;

/// <summary>
/// oidc-provider (test/provider), which others wrote and which is certified as an OpenID Provider: a process of its own, HTTPS on loopback,
/// its own sign-in pages, PKCE demanded of everybody.
/// </summary>
internal sealed partial class RealProvider : IAsyncDisposable
{
    /// <summary>What a header and a form have to encode is in it.</summary>
    public const string ClientSecret = "s3cret + of / the: client, 100%";

    private static readonly string Folder = Path.Combine(Checkout.Root, "test/provider");

    private readonly X509Certificate2 certificate = OwnProvider.OwnCertificate();
    private readonly ConcurrentQueue<string> said = [];
    private readonly string page;
    private readonly Dictionary<string, object> configuration;
    private Process process = null!;
    private int port;

    private RealProvider(string page, string algorithm, string secretBy, bool claimsInToken)
    {
        this.page = page;
        configuration = new()
        {
            ["tls"] = new { cert = certificate.ExportCertificatePem(), key = certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() },
            ["people"] = new Dictionary<string, object>
            {
                ["bert"] = new { preferred_username = "bert@office.example", groups = new[] { "everybody", "operators" } },
                ["vera"] = new { preferred_username = "vera@office.example", groups = new[] { "everybody" } },
                ["sam"] = new { preferred_username = "sam@office.example", groups = new[] { "sales" } },
                ["olga"] = new { preferred_username = "olga@office.example" },
            },
            ["clients"] = new[]
            {
                new
                {
                    client_id = OwnProvider.Client,
                    client_secret = ClientSecret,
                    redirect_uris = new[] { page + "/" },
                    post_logout_redirect_uris = new[] { page + "/" },
                    id_token_signed_response_alg = algorithm,
                    token_endpoint_auth_method = secretBy,
                },
            },
            ["clientAuthMethods"] = new[] { secretBy },
            ["conformIdTokenClaims"] = !claimsInToken,
        };
    }

    public string Issuer => $"https://localhost:{port}";

    public string Authority => certificate.ExportCertificatePem();

    /// <summary>The program's settings for it, in a file's text.</summary>
    public string Settings => $$"""
        issuer: {{Issuer}}
        client: {{OwnProvider.Client}}
        secret: file:client-secret
        page: {{page}}
        certificateAuthority: provider.pem
        title: Office login
        rights: { operators: run, everybody: view }
        """;

    /// <param name="page">To which it sends people back, and nowhere else.</param>
    /// <param name="secretBy">The only way in which it takes a client's secret.</param>
    /// <param name="claimsInToken">False, as it is unless told: by OpenID Connect Core 1.0, 5.4, the claims of a scope are beside the token, for who asks for them.</param>
    public static async Task<RealProvider> Start(string page, string algorithm = "RS256", string secretBy = "client_secret_basic", bool claimsInToken = true)
    {
        Assert.SkipUnless(
            File.Exists(Path.Combine(Folder, "node_modules/.package-lock.json")),
            "there is no real provider to sign in by: when this was built there was no Node, or its packages were out of reach (npm ci --prefix test/provider)");
        var provider = new RealProvider(page, algorithm, secretBy, claimsInToken);
        await provider.Run();
        return provider;
    }

    /// <summary>At the same address, with other keys, and it knows nobody any more.</summary>
    public async Task Restart()
    {
        await Stop();
        await Run();
    }

    private async Task Run()
    {
        process = Process.Start(new ProcessStartInfo("node", ["provider.js"]) { WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, e) => said.Enqueue(e.Data ?? "");
        process.BeginErrorReadLine();
        configuration["port"] = port;
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(configuration));
        await process.StandardInput.FlushAsync(Served.Now);
        var listens = await process.StandardOutput.ReadLineAsync(Served.Now);
        Assert.True(int.TryParse(listens, out port), $"it did not start: {listens} {string.Join('\n', said)}");
    }

    /// <summary>What a person does who was sent to this address: signs in by this name and agrees, or, without a name, says no.</summary>
    /// <returns>Of what stands in the address that the browser is sent back to, what the page takes: all but words for people.</returns>
    public async Task<Dictionary<string, string>> Person(string address, string name)
    {
        using var browser = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = new() { RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == certificate.GetCertHashString() },
        });
        var next = new HttpRequestMessage(HttpMethod.Get, address);
        for (var steps = 0; steps < 20; steps++)
        {
            using var answer = await browser.SendAsync(next, Served.Now);
            var at = next.RequestUri!;
            if (answer.Headers.Location is { } location)
            {
                var to = new Uri(at, location);
                if (to.AbsoluteUri.StartsWith(page + "/?", StringComparison.Ordinal))
                    return QueryHelpers.ParseQuery(to.Query).Where(q => q.Key is "state" or "code" or "iss" or "error").ToDictionary(q => q.Key, q => q.Value.ToString());
                next = new(HttpMethod.Get, to);
                continue;
            }
            var html = await answer.Content.ReadAsStringAsync(Served.Now);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{at}: {answer.StatusCode} {html}");
            next = name.Length == 0
                ? new(HttpMethod.Get, new Uri(at, Cancel().Match(html).Groups[1].Value))
                : new(HttpMethod.Post, new Uri(at, Action().Match(html).Groups[1].Value))
                {
                    Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["prompt"] = Prompt().Match(html).Groups[1].Value, ["login"] = name, ["password"] = "any" }),
                };
        }
        throw new Xunit.Sdk.XunitException($"it leads nobody back: {next.RequestUri}");
    }

    [GeneratedRegex("<form [^>]*action=\"([^\"]+)\"")]
    private static partial Regex Action();

    [GeneratedRegex("name=\"prompt\" value=\"(\\w+)\"")]
    private static partial Regex Prompt();

    [GeneratedRegex("<a href=\"([^\"]+)\">\\[ Cancel \\]")]
    private static partial Regex Cancel();

    private async Task Stop()
    {
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        certificate.Dispose();
    }
}
