using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Changeover.Drivers;
using Changeover.Inventory;

namespace Changeover.Transport;

/// <summary>Requests to hypervisors and monitoring over HTTPS. See docs/drivers/http.md.</summary>
/// <remarks>
/// Every call has a connection of its own: on a kept one the framework repeats a call without a body by itself when the
/// server closes meanwhile, and a power-off asked for twice is not what was asked for. And every exchange has a client of its
/// own, whose connections no other exchange can be given. So "left or not" is exact: a call has left from the moment its
/// connection is ready to be written to.
/// </remarks>
internal sealed class HttpTransport(ClusterInventory inventory, Secrets secrets)
{
    /// <summary>The largest real answer, the guests of a big hypervisor, has some hundred KiB.</summary>
    private const int LongestBody = 16 * 1024 * 1024;

    private static readonly HttpRequestOptionsKey<Left> LeftKey = new("left");

    private sealed class Left
    {
        public bool Yes { get; set; }
    }

    private enum Authentication
    {
        None,
        ProxmoxToken,
        Basic,
    }

    private sealed record Endpoint(string Url, Authentication Authentication, string User, string Secret, string CertificateAuthority);

    public async Task<Reply> Exchange(Request.Http request, Ct ct)
    {
        if (Find(request.Endpoint) is not { } endpoint)
            return new Reply.Refused(RefusalKind.Unknown, $"no interface {request.Endpoint} in the inventory");
        if (!Uri.TryCreate(endpoint.Url, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http"))
            return new Reply.Refused(RefusalKind.Unknown, $"its address in the inventory is no URL ({endpoint.Url})");
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(ct);
        budget.CancelAfter(request.Budget);

        string? authorization = null;
        var hidden = "";
        if (endpoint.Authentication != Authentication.None)
        {
            // Over plain HTTP everybody on the way could read it. On the controller itself nobody is on the way.
            if (address.Scheme == "http" && !address.IsLoopback)
                return new Reply.Refused(RefusalKind.CertificateInvalid, $"its address {address} is not https, so the secret is not sent");
            var (secret, why) = await secrets.Resolve(endpoint.Secret, budget.Token);
            if (secret is null)
                return new Reply.Refused(RefusalKind.SecretMissing, why);
            authorization = endpoint.Authentication == Authentication.ProxmoxToken
                ? $"PVEAPIToken={secret.Reveal()}"
                : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{endpoint.User}:{secret.Reveal()}"));
            hidden = secret.Reveal();
        }

        X509ChainPolicy? pinned;
        try
        {
            pinned = endpoint.CertificateAuthority.Length > 0 ? Pinned(endpoint.CertificateAuthority) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return new Reply.Refused(RefusalKind.CertificateInvalid, $"the certificate authority {endpoint.CertificateAuthority} cannot be read: {e.Message}");
        }

        using var client = Client(pinned);
        var results = ImmutableArray.CreateBuilder<Result>();
        foreach (var call in request.Calls)
        {
            if (call.After.Length > 0 && !results.Any(r => r.Key == call.After && r.Code is >= 200 and < 300))
                continue;
            var reply = await OneCall(client, endpoint.Url, authorization, call, request.Budget, budget.Token, ct);
            if (reply is Reply.Answered { Results: [var said] })
            {
                var result = said with { Output = Without(said.Output, authorization, hidden), Error = Without(said.Error, authorization, hidden) };
                // Refused as a whole only when nothing was done before it: otherwise the driver must see both.
                if (result.Code is 401 or 403 && results.Count == 0)
                    return new Reply.Refused(RefusalKind.LoginRefused, $"HTTP {result.Code} {result.Error} for {call.Method} {PathOnly(call)}");
                results.Add(result);
            }
            else if (reply is Reply.NotSent notSent && results.Count > 0)
                // The calls before it did happen, so the request as a whole was sent.
                return new Reply.NoAnswer($"{call.Key} was not asked: {notSent.Why}");
            else
                return reply;
        }
        return new Reply.Answered(results.ToImmutable());
    }

    private Endpoint? Find(string name)
    {
        if (name == "monitoring")
            return inventory.Monitoring is { Url.Length: > 0 } m
                ? new(m.Url, m.Kind == MonitoringKind.Icinga2 ? Authentication.Basic : Authentication.None, m.User, m.Secret, m.CertificateAuthority)
                : null;
        return name.StartsWith("host:", StringComparison.Ordinal) && inventory.FindHost(name["host:".Length..]) is { Url.Length: > 0 } h
            ? new(h.Url, h.Hypervisor == HypervisorKind.Proxmox ? Authentication.ProxmoxToken : Authentication.None, "", h.Secret, h.CertificateAuthority)
            : null;
    }

    /// <summary>Only what this file's certificates sign is trusted; that it stands for the address is checked as always.</summary>
    internal static X509ChainPolicy Pinned(string file)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(file);
        if (roots.Count == 0)
            throw new CryptographicException("there is no certificate in it");
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }

    private static HttpClient Client(X509ChainPolicy? pinned)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // Management interfaces of the cluster are never behind the office's web proxy that the environment may name.
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 64,
            PlaintextStreamFilter = (connection, _) =>
            {
                if (connection.InitialRequestMessage.Options.TryGetValue(LeftKey, out var left))
                    left.Yes = true;
                return new(connection.PlaintextStream);
            },
        };
        if (pinned is not null)
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = pinned };
        return new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan, // The request's budget is the only clock.
            MaxResponseContentBufferSize = LongestBody,
        };
    }

    private static async Task<Reply> OneCall(
        HttpClient client, string url, string? authorization, Call call, TimeSpan span, Ct budget, Ct ct)
    {
        using var message = new HttpRequestMessage(new HttpMethod(call.Method), url.TrimEnd('/') + "/" + call.Path.TrimStart('/'));
        message.Headers.ConnectionClose = true;
        message.Headers.Accept.ParseAdd("application/json");
        if (authorization is not null)
            message.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (call.Body.Length > 0)
            message.Content = new StringContent(call.Body, new UTF8Encoding(false), "application/json");
        var left = new Left();
        message.Options.Set(LeftKey, left);
        try
        {
            using var response = await client.SendAsync(message, HttpCompletionOption.ResponseContentRead, budget);
            var body = await response.Content.ReadAsStringAsync(budget);
            return new Reply.Answered([new(call.Key, (int)response.StatusCode, body, response.ReasonPhrase ?? "")]);
        }
        catch (OperationCanceledException)
        {
            var when = ct.IsCancellationRequested ? "before this program was told to stop" : $"within {span.TotalSeconds:0.#} s";
            return left.Yes ? new Reply.NoAnswer($"it did not answer {when}") : new Reply.NotSent($"no connection {when}");
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return new Reply.NoAnswer($"the answer is longer than {LongestBody / 1024 / 1024} MiB");
        }
        catch (HttpRequestException e) when (!left.Yes)
        {
            return e.HttpRequestError == HttpRequestError.SecureConnectionError && Innermost(e) is var why && Untrusted(e)
                ? new Reply.Refused(RefusalKind.CertificateInvalid, why)
                : new Reply.NotSent(Innermost(e));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new Reply.NoAnswer($"the connection broke before the answer was complete: {Innermost(e)}");
        }
    }

    /// <summary>The handshake was refused for what the certificate is. A handshake cut off by the network is not that.</summary>
    private static bool Untrusted(Exception e) => e is System.Security.Authentication.AuthenticationException || (e.InnerException is { } inner && Untrusted(inner));

    private static string Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e.Message.TrimEnd('.');

    /// <summary>
    /// What a driver quotes of an answer stands in the journal, and a gateway's error page may repeat the request's header.
    /// </summary>
    private static string Without(string text, string? authorization, string secret)
    {
        // One so short would tear words apart that mean something.
        const int Shortest = 6;
        foreach (var hidden in new[] { authorization, authorization?.Split(' ', 2)[^1], secret })
        {
            if (hidden is { Length: >= Shortest })
                text = text.Replace(hidden, "(secret)", StringComparison.Ordinal);
        }
        return text;
    }

    /// <summary>Without the query, in which a site's own filter expressions may stand.</summary>
    private static string PathOnly(Call call) => call.Path.Split('?')[0];
}
