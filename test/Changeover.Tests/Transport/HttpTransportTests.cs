using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Changeover.Tests.Transport;

/// <summary>Against a real web server on loopback, over TLS with a certificate of this test's own.</summary>
public sealed class HttpTransportTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("http-").FullName;
    private readonly X509Certificate2 certificate = SelfSigned("127.0.0.1");
    private WebApplication server = null!;
    private int requests;
    private const string Told = "root@pam!changeover=0000-1111";
    private string seen = "";

    private static Ct Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Environment.SetEnvironmentVariable("CHANGEOVER_TEST_TOKEN", "root@pam!changeover=0000-1111");
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.pem"), certificate.ExportCertificatePem(), Ct);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, o => o.UseHttps(certificate)));
        server = builder.Build();
        server.Run(async context =>
        {
            Interlocked.Increment(ref requests);
            var request = context.Request;
            using var reader = new StreamReader(request.Body);
            seen = $"{request.Method} {request.Path}{request.QueryString} [{request.Headers.Authorization}] {await reader.ReadToEndAsync()}";
            switch (request.Path.Value)
            {
                case "/api/redirect":
                    context.Response.Redirect("/api/elsewhere");
                    break;
                case "/api/hang":
                    await Task.Delay(Timeout.Infinite, context.RequestAborted);
                    break;
                case "/api/echo" or "/echo":
                    context.Response.StatusCode = 502;
                    await context.Response.WriteAsync($"bad gateway for {request.Headers.Authorization}, {Told}", context.RequestAborted);
                    break;
                case "/api/abort":
                    context.Abort();
                    break;
                case "/api/huge":
                    for (var i = 0; i < 17; i++)
                        await context.Response.WriteAsync(new string('x', 1024 * 1024), context.RequestAborted);
                    break;
                case "/api/half":
                    context.Response.ContentLength = 100;
                    await context.Response.WriteAsync("{\"data\":", context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                    context.Abort();
                    break;
                case ['/', 'a', 'p', 'i', '/', .. var code] when int.TryParse(code, out var status):
                    context.Response.StatusCode = status;
                    await context.Response.WriteAsync("body", context.RequestAborted);
                    break;
                default:
                    await context.Response.WriteAsync("{\"data\":[]}", context.RequestAborted);
                    break;
            }
        });
        await server.StartAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        certificate.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private string Url => server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    private static X509Certificate2 SelfSigned(string address)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={address}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private HttpTransport Transport(string? url = null, string ca = "ca.pem", string secret = "env:CHANGEOVER_TEST_TOKEN") => new(
        new ClusterInventory
        {
            Cluster = "test",
            Hosts = [new Host
            {
                Name = "h1",
                Node = "h1",
                Hypervisor = HypervisorKind.Proxmox,
                Url = url ?? Url + "/api/",
                Secret = secret,
                CertificateAuthority = ca.Length > 0 ? Path.Combine(folder, ca) : "",
            }],
            Monitoring = new Monitoring
            {
                Kind = MonitoringKind.Icinga2,
                Url = Url,
                User = "changeover",
                Secret = "env:CHANGEOVER_TEST_TOKEN",
                CertificateAuthority = Path.Combine(folder, "ca.pem"),
            },
        },
        new Secrets(folder));

    private static Request.Http Ask(params ImmutableArray<string> paths) =>
        new("host:h1", [.. paths.Select((p, i) => new Call($"{i}", "GET", p))], TimeSpan.FromSeconds(100));

    private static Reply.Refused Refused(RefusalKind kind, Reply reply)
    {
        var refused = Assert.IsType<Reply.Refused>(reply);
        Assert.Equal(kind, refused.Kind);
        Assert.DoesNotContain("0000-1111", refused.Why, StringComparison.Ordinal);
        return refused;
    }

    [Fact]
    public async Task A_hypervisor_is_asked_with_its_token()
    {
        var reply = await Transport().Exchange(Ask("/nodes?x=1"), Ct);

        Assert.Equal([new Result("0", 200, "{\"data\":[]}", "OK")], Assert.IsType<Reply.Answered>(reply).Results);
        Assert.Equal("GET /api/nodes?x=1 [PVEAPIToken=root@pam!changeover=0000-1111] ", seen);
    }

    [Fact]
    public async Task Monitoring_is_asked_as_its_user_and_gets_the_body()
    {
        var reply = await Transport().Exchange(
            new Request.Http("monitoring", [new("a", "POST", "/v1/actions/schedule-downtime", """{"type":"Host"}""")], TimeSpan.FromSeconds(100)), Ct);

        Assert.IsType<Reply.Answered>(reply);
        Assert.Equal($"POST /v1/actions/schedule-downtime [Basic {Convert.ToBase64String("changeover:root@pam!changeover=0000-1111"u8)}] {{\"type\":\"Host\"}}", seen);
    }

    [Theory]
    [InlineData("/404", 404)]
    [InlineData("/500", 500)]
    [InlineData("/503", 503)]
    [InlineData("/redirect", 302)]
    public async Task Every_other_status_is_an_answer_for_the_driver_and_no_redirect_is_followed(string path, int status)
    {
        Assert.Equal(status, Assert.IsType<Reply.Answered>(await Transport().Exchange(Ask(path), Ct)).Results[0].Code);
        Assert.Equal(1, requests);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_refused_login_is_told_apart(int status) =>
        Refused(RefusalKind.LoginRefused, await Transport().Exchange(Ask($"/{status}"), Ct));

    /// <summary>What a driver quotes of an answer stands in the journal and in the report.</summary>
    [Theory]
    [InlineData("host:h1", "bad gateway for (secret), (secret)")]
    [InlineData("monitoring", "bad gateway for (secret), (secret)")]
    public async Task A_gateway_that_repeats_the_secret_does_not_bring_it_to_a_driver(string endpoint, string told)
    {
        var reply = Assert.IsType<Reply.Answered>(await Transport().Exchange(Ask("/echo") with { Endpoint = endpoint }, Ct));

        Assert.Contains(endpoint == "monitoring" ? "[Basic " : Told, seen, StringComparison.Ordinal);
        Assert.Equal((502, told), (reply.Results[0].Code, reply.Results[0].Output));
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused_and_nothing_is_asked()
    {
        Refused(RefusalKind.CertificateInvalid, await Transport(ca: "").Exchange(Ask("/x"), Ct));

        Assert.Equal(0, requests);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_than_the_pinned_one_is_refused()
    {
        using var other = SelfSigned("127.0.0.1");
        await File.WriteAllTextAsync(Path.Combine(folder, "other.pem"), other.ExportCertificatePem(), Ct);

        Refused(RefusalKind.CertificateInvalid, await Transport(ca: "other.pem").Exchange(Ask("/x"), Ct));

        Assert.Equal(0, requests);
    }

    [Fact]
    public async Task A_pinned_certificate_for_another_name_is_refused()
    {
        // 127.0.0.2 is loopback as well, but the certificate does not stand for it.
        await using var relay = WebRelay(out var url);

        Refused(RefusalKind.CertificateInvalid, await Transport(url).Exchange(Ask("/x"), Ct));
    }

    [Theory]
    [InlineData("no-such-file.pem")]
    [InlineData("empty.pem")]
    public async Task A_certificate_authority_that_cannot_be_read_is_refused(string file)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "empty.pem"), "", Ct);

        Assert.Contains(file, Refused(RefusalKind.CertificateInvalid, await Transport(ca: file).Exchange(Ask("/x"), Ct)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_secret_is_refused_before_anything_is_asked()
    {
        Assert.Contains("env:CHANGEOVER_NOT_SET", Refused(
            RefusalKind.SecretMissing, await Transport(secret: "env:CHANGEOVER_NOT_SET").Exchange(Ask("/x"), Ct)).Why, StringComparison.Ordinal);
        Assert.Equal(0, requests);
    }

    [Fact]
    public async Task A_secret_is_not_sent_over_plain_http() =>
        Refused(RefusalKind.CertificateInvalid, await Transport("http://192.0.2.1:8006").Exchange(Ask("/x"), Ct));

    [Theory]
    [InlineData("https://no-such-host.invalid/")]
    [InlineData("https://127.0.0.1:1/")]
    public async Task What_cannot_be_reached_is_not_sent(string url) =>
        Assert.IsType<Reply.NotSent>(await Transport(url).Exchange(Ask("/x"), Ct));

    [Fact]
    public async Task A_server_that_takes_the_connection_and_says_nothing_is_not_sent()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        var reply = await Transport($"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/")
            .Exchange(Ask("/x") with { Budget = TimeSpan.FromSeconds(1) }, Ct);

        Assert.IsType<Reply.NotSent>(reply);
    }

    [Fact]
    public async Task A_request_that_is_not_answered_within_its_budget_is_no_answer()
    {
        Assert.IsType<Reply.NoAnswer>(await Transport().Exchange(Ask("/hang") with { Budget = TimeSpan.FromSeconds(5) }, Ct));
        Assert.Equal(1, requests);
    }

    [Theory]
    [InlineData("/abort")]
    [InlineData("/half")]
    [InlineData("/huge")]
    public async Task A_request_whose_answer_breaks_off_is_no_answer_and_is_not_repeated(string path)
    {
        Assert.IsType<Reply.NoAnswer>(await Transport().Exchange(
            new Request.Http("host:h1", [new("a", "POST", path)], TimeSpan.FromSeconds(100)), Ct));
        Assert.Equal(1, requests);
    }

    [Fact]
    public async Task When_an_earlier_call_happened_the_request_as_a_whole_was_sent()
    {
        var asked = 0;
        await using var once = await OneAnswer(() => Interlocked.Increment(ref asked));

        var reply = await Transport(once.Url, secret: "env:CHANGEOVER_TEST_TOKEN").Exchange(Ask("/a", "/b"), Ct);

        Assert.IsType<Reply.NoAnswer>(reply);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task A_call_that_stands_on_another_is_not_made_when_that_one_failed()
    {
        Call[] calls = [new("a", "POST", "/404"), new("b", "POST", "/x", After: "a"), new("c", "POST", "/x", After: "b"), new("d", "GET", "/y")];

        var reply = Assert.IsType<Reply.Answered>(await Transport().Exchange(new Request.Http("host:h1", [.. calls], TimeSpan.FromSeconds(100)), Ct));

        Assert.Equal(["a", "d"], reply.Results.Select(r => r.Key));
        Assert.Equal(2, requests);
    }

    [Fact]
    public async Task A_refusal_after_something_was_done_is_left_to_the_driver()
    {
        var reply = Assert.IsType<Reply.Answered>(await Transport().Exchange(Ask("/200", "/403"), Ct));

        Assert.Equal([200, 403], reply.Results.Select(r => r.Code));
    }

    [Fact]
    public async Task Calls_go_one_after_the_other()
    {
        var reply = Assert.IsType<Reply.Answered>(await Transport().Exchange(Ask("/200", "/404", "/x"), Ct));

        Assert.Equal([("0", 200), ("1", 404), ("2", 200)], reply.Results.Select(r => (r.Key, r.Code)));
    }

    [Fact]
    public async Task An_interface_that_the_inventory_does_not_know_is_refused() =>
        Refused(RefusalKind.Unknown, await Transport().Exchange(Ask("/x") with { Endpoint = "host:h9" }, Ct));

    /// <summary>The same server under an address its certificate does not name.</summary>
    private Relay WebRelay(out string url)
    {
        var relay = new Relay(IPAddress.Parse("127.0.0.2"), new Uri(Url).Port, connections: int.MaxValue);
        url = $"https://127.0.0.2:{relay.Port}/";
        return relay;
    }

    private async Task<Relay> OneAnswer(Action asked)
    {
        await Task.Yield();
        return new Relay(IPAddress.Loopback, new Uri(Url).Port, connections: 1, asked);
    }

    /// <summary>Passes connections on to the server, and after a number of them does not listen any more.</summary>
    private sealed class Relay : IAsyncDisposable
    {
        private readonly TcpListener listener;
        private readonly Task work;

        public Relay(IPAddress address, int target, int connections, Action? asked = null)
        {
            listener = new TcpListener(address, 0);
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
            Url = $"https://127.0.0.1:{Port}/";
            work = Task.Run(async () =>
            {
                try
                {
                    for (var i = 0; i < connections; i++)
                    {
                        using var client = await listener.AcceptTcpClientAsync();
                        if (i == connections - 1)
                            listener.Stop();
                        asked?.Invoke();
                        using var server = new TcpClient("127.0.0.1", target);
                        await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
                    }
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException or InvalidOperationException)
                {
                    // Stopped, perhaps before it began to accept.
                }
            });
        }

        public int Port { get; }
        public string Url { get; }

        public async ValueTask DisposeAsync()
        {
            listener.Stop();
            await work.WaitAsync(TimeSpan.FromSeconds(5));
        }
    }
}
