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
        // What is refused is told beforehand.
        var start = paths.GetProperty("/api/runs").GetProperty("post").GetProperty("responses");
        Assert.All(["201", "400", "401", "403", "409", "413", "415"], status => Assert.True(start.TryGetProperty(status, out _), status));
        Assert.True(paths.GetProperty("/api/runs/{run}/decisions").GetProperty("post").GetProperty("responses").TryGetProperty("202", out _));
        Assert.Equal(["text/html", "text/markdown", "application/pdf", "application/json"], paths.GetProperty("/api/runs/{run}/report").GetProperty("get").GetProperty("responses").GetProperty("200").GetProperty("content").EnumerateObject().Select(t => t.Name));
        var without = paths.GetProperty("/api/plan/{goal}/{host}").GetProperty("get").GetProperty("parameters").EnumerateArray().Single(p => p.GetProperty("name").GetString() == "without");
        Assert.Equal("array", without.GetProperty("schema").GetProperty("type").GetString());
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

    private static readonly People Anna = new([new("anna", Right.View, Passwords.Hash(Served.Password), DateTimeOffset.UnixEpoch)], []);

    private static async Task<bool?> Try(Sessions sessions, string address, string password)
    {
        var (secret, tooOften) = await sessions.SignIn(Anna, "anna", password, IPAddress.Parse(address), Served.Now);
        return tooOften > TimeSpan.Zero ? null : secret is not null;
    }

    /// <summary>True: signed in; false: wrong; null: has to wait.</summary>
    [Fact]
    public async Task Guessed_from_many_places_a_name_has_one_try_from_each_and_nobody_who_knows_it_is_kept_out()
    {
        var clock = new StandingClock();
        var sessions = new Sessions(clock);
        Assert.True(await Try(sessions, "192.0.2.1", Served.Password));
        for (var i = 0; i < 20; i++)
            Assert.False(await Try(sessions, $"198.51.100.{i}", "not this one"));

        // A further one: one try, and then it has to wait.
        Assert.False(await Try(sessions, "203.0.113.1", "not this one"));
        Assert.Null(await Try(sessions, "203.0.113.1", Served.Password));
        // Who knows it comes in from a new place too, and may mistype it where it was right before.
        Assert.True(await Try(sessions, "203.0.113.2", Served.Password));
        Assert.False(await Try(sessions, "192.0.2.1", "not this one"));
        Assert.True(await Try(sessions, "192.0.2.1", Served.Password));
        clock.Later = TimeSpan.FromMinutes(11);
        Assert.True(await Try(sessions, "203.0.113.1", Served.Password));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    public void An_IPv6_network_is_one_sender(string one, string other, bool same) =>
        Assert.Equal(same, Sessions.Network(IPAddress.Parse(one)) == Sessions.Network(IPAddress.Parse(other)));

    [Fact]
    public async Task A_page_that_nobody_touches_keeps_no_session_alive_and_neither_does_its_stream()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.View);
        var anna = await served.SignedIn("anna");
        served.Clock.Later = TimeSpan.FromHours(3);
        Assert.Equal(HttpStatusCode.OK, (await anna.GetAsync("/api/runs", Served.Now)).StatusCode);
        anna.DefaultRequestHeaders.Add(Gatekeeper.Unattended, "1");
        served.Clock.Later = TimeSpan.FromHours(6);
        Assert.Equal(HttpStatusCode.OK, (await anna.GetAsync("/api/runs", Served.Now)).StatusCode);
        anna.DefaultRequestHeaders.Remove(Gatekeeper.Unattended);
        await Served.Until(anna, _ => true);

        served.Clock.Later = TimeSpan.FromHours(7.1);
        Assert.Equal(HttpStatusCode.Unauthorized, (await anna.GetAsync("/api/runs", Served.Now)).StatusCode);
    }

    [Fact]
    public async Task Accounts_that_cannot_be_read_are_named_in_the_log_alone()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.View);
        var anna = await served.SignedIn("anna");
        await File.WriteAllTextAsync(People.PathOf(served.Journal), "{", Served.Now);

        var answer = await anna.GetAsync("/api/runs", Served.Now);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync(Served.Now);
        Assert.Contains("the accounts cannot be read now", text, StringComparison.Ordinal);
        Assert.DoesNotContain("people.json", text, StringComparison.Ordinal);
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
    public async Task At_the_path_of_the_socket_only_a_dead_socket_is_removed()
    {
        await using var served = await Served.Start(socket: true);
        var taken = await Assert.ThrowsAsync<Changeover.Running.CommandEnds>(() => Changeover.Serving.Server.Start(served.Options with { Listen = new(IPAddress.Loopback, 0) }, served.Clock));
        Assert.Contains("somebody listens at", taken.Message, StringComparison.Ordinal);
        var notes = served.PathOf("notes.txt");
        await File.WriteAllTextAsync(notes, "keep me", Served.Now);

        var refused = await Assert.ThrowsAsync<Changeover.Running.CommandEnds>(() => Changeover.Serving.Server.Start(served.Options with { Socket = notes }, served.Clock));

        Assert.Contains($"--socket {notes} cannot be listened at: {notes} is there already and is no socket; it stays.", refused.Message, StringComparison.Ordinal);
        Assert.Equal("keep me", await File.ReadAllTextAsync(notes, Served.Now));
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
