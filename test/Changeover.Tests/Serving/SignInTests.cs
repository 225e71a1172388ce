using System.Net;
using System.Net.Http.Json;
using Changeover.Serving;

namespace Changeover.Tests.Serving;

/// <summary>Who may, and how it is known who asks.</summary>
public sealed class SignInTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task Nothing_but_the_health_of_the_server_answers_who_is_not_signed_in()
    {
        await using var served = await Served.Start();
        var paths = (await Served.Get(served.With(Right.View), "/openapi.json")).GetProperty("paths");
        var nobody = served.Client();
        var open = new List<string>();
        foreach (var (path, method) in paths.EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m => (p, m))))
        {
            if (method.Value.GetProperty("security").GetArrayLength() == 0)
            {
                open.Add($"{method.Name} {path.Name}");
                continue;
            }
            using var request = new HttpRequestMessage(new HttpMethod(method.Name.ToUpperInvariant()), path.Name.Replace("{goal}", "failover", StringComparison.Ordinal).Replace('{', 'x').Replace('}', 'x'));
            Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.SendAsync(request, Served.Now)).StatusCode);
        }
        Assert.Equal(["get /api/provider", "get /api/session", "get /health", "post /api/provider", "post /api/provider/answer", "post /api/session"], open.Order(StringComparer.Ordinal));
        Assert.Equal("""{"schemaVersion":1,"status":"ok"}""", await nobody.GetStringAsync("/health", Served.Now));
        Assert.Equal("null", await nobody.GetStringAsync("/api/session", Served.Now));
    }

    [Theory]
    [InlineData(Right.View, "GET", "/api/plan/failover/vm-host-1")]
    [InlineData(Right.View, "POST", "/api/runs")]
    [InlineData(Right.Plan, "POST", "/api/approvals")]
    [InlineData(Right.Approve, "POST", "/api/runs")]
    [InlineData(Right.Approve, "POST", "/api/runs/x/decisions")]
    [InlineData(Right.Approve, "POST", "/api/runs/x/stop")]
    [InlineData(Right.Approve, "POST", "/api/runs/x/resume")]
    public async Task Who_has_a_lesser_right_may_not(Right right, string method, string path)
    {
        await using var served = await Served.Start();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        var answer = await served.With(right).SendAsync(request, Served.Now);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("this needs", await answer.Content.ReadAsStringAsync(Served.Now), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_is_a_cookie_that_no_script_and_no_other_site_gets()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.Plan);
        var client = served.Client();

        var answer = await client.PostAsJsonAsync("/api/session", new { name = "anna", password = Served.Password }, Served.Now);

        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("__Host-changeover=", cookie, StringComparison.Ordinal);
        Assert.All(["secure", "httponly", "samesite=strict", "path=/"], part => Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase));
        Assert.Equal("plan", (await Served.Get(client, "/api/session")).GetProperty("right").GetString());
        Assert.Equal(HttpStatusCode.OK, (await client.DeleteAsync("/api/session", Served.Now)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/runs", Served.Now)).StatusCode);
    }

    [Fact]
    public async Task A_changing_request_of_a_signed_in_browser_must_come_from_the_own_page()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.Run);
        var anna = await served.SignedIn("anna");
        foreach (var origin in new[] { "https://elsewhere.example", "null", "" })
        {
            anna.DefaultRequestHeaders.Remove("Origin");
            if (origin.Length > 0)
                anna.DefaultRequestHeaders.Add("Origin", origin);
            Assert.Equal(HttpStatusCode.Forbidden, (await Served.Post(anna, "/api/approvals", new { digest = "0123456789abcdef", goal = "failover", host = "vm-host-1" })).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await Served.Post(anna, "/api/session", new { name = "anna", password = Served.Password })).Status);
        }
    }

    [Fact]
    public async Task After_five_wrong_passwords_the_right_one_has_to_wait_as_well()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.View);
        var client = served.Client();
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await Served.Post(client, "/api/session", new { name = "anna", password = "not this one" })).Status);

        var refused = await client.PostAsJsonAsync("/api/session", new { name = "anna", password = Served.Password }, Served.Now);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.FromMinutes(9));
        served.Clock.Later = TimeSpan.FromMinutes(11);
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(client, "/api/session", new { name = "anna", password = Served.Password })).Status);
    }

    [Fact]
    public async Task A_session_ends_with_its_time_its_account_and_its_password()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.View);
        var anna = await served.SignedIn("anna");
        Assert.Equal(HttpStatusCode.OK, (await anna.GetAsync("/api/runs", Served.Now)).StatusCode);
        served.Clock.Later = TimeSpan.FromHours(4.1);
        Assert.Equal(HttpStatusCode.Unauthorized, (await anna.GetAsync("/api/runs", Served.Now)).StatusCode);

        anna = await served.SignedIn("anna");
        served.Account("anna", Right.View, "another long password");
        Assert.Equal(HttpStatusCode.Unauthorized, (await anna.GetAsync("/api/runs", Served.Now)).StatusCode);

        served.Account("anna", Right.View);
        anna = await served.SignedIn("anna");
        served.Change(_ => People.Nobody);
        Assert.Equal(HttpStatusCode.Unauthorized, (await anna.GetAsync("/api/runs", Served.Now)).StatusCode);
    }

    [Fact]
    public async Task Who_is_taken_away_is_told_nothing_more()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.View);
        var anna = await served.SignedIn("anna");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var heard = 0;
        await foreach (var e in Served.Events(anna, 0, limit.Token))
        {
            if (heard++ == 0)
                served.Change(_ => People.Nobody);
        }
        // The stream ended, and not because of the limit.
        Assert.True(heard > 0);
    }

    [Fact]
    public async Task What_is_kept_is_for_this_user_alone_and_tells_no_password_and_no_token()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.View);
        var token = served.With(Right.View).DefaultRequestHeaders.Authorization!.Parameter!;
        var file = People.PathOf(served.Journal);

        Assert.Equal(OwnerOnly, File.GetUnixFileMode(file));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Certificate.PathOf(served.Journal)));
        Assert.DoesNotContain(Served.Password, await File.ReadAllTextAsync(file, Served.Now), StringComparison.Ordinal);
        Assert.DoesNotContain(token, await File.ReadAllTextAsync(file, Served.Now), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_own_certificate_stays_the_same()
    {
        await using var served = await Served.Start();
        var before = served.Server.Fingerprint;
        await served.Restart();
        Assert.Equal(before, served.Server.Fingerprint);
    }

    [Fact]
    public async Task At_the_socket_the_kernel_says_who_it_is()
    {
        await using var served = await Served.Start(socket: true);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(served.PathOf("web.sock")) & (UnixFileMode)0x1FF);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, ct) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
                await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(served.PathOf("web.sock")), ct);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        })
        { BaseAddress = new("http://local") };

        var who = await Served.Get(client, "/api/session");

        Assert.Equal((Environment.UserName, "run"), (who.GetProperty("name").GetString(), who.GetProperty("right").GetString()));
    }

    [Fact]
    public void Two_hashes_of_one_password_differ_and_both_fit()
    {
        var (one, two) = (Passwords.Hash(Served.Password), Passwords.Hash(Served.Password));
        Assert.NotEqual(one, two);
        Assert.True(Passwords.Fits(Served.Password, one) && Passwords.Fits(Served.Password, two));
        Assert.False(Passwords.Fits(Served.Password + " ", one) || Passwords.Fits(Served.Password, null) || Passwords.Fits("nobody has this password", null));
    }
}
