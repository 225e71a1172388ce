using System.Net;
using System.Text;
using Changeover.Journal;
using Changeover.Serving;

namespace Changeover.Tests.Serving;

/// <summary>Whatever is wrong with a request: the right status, a sentence, and nothing started.</summary>
public sealed class AbuseTests
{
    private const string Json = "application/json";

    public static TheoryData<string, string, string, HttpStatusCode, string> Requests() => new()
    {
        { "/api/runs", "text/plain", "{}", HttpStatusCode.UnsupportedMediaType, "application/json" },
        { "/api/runs", "application/x-www-form-urlencoded", "goal=failover", HttpStatusCode.UnsupportedMediaType, "application/json" },
        { "/api/runs", Json, "", HttpStatusCode.BadRequest, "no JSON" },
        { "/api/runs", Json, "{", HttpStatusCode.BadRequest, "line 1" },
        { "/api/runs", Json, "[]", HttpStatusCode.BadRequest, "one JSON object" },
        { "/api/runs", Json, """{"goal":{"a":[[[[[1]]]]]}}""", HttpStatusCode.BadRequest, "no JSON" },
        { "/api/runs", Json, """{"goal":"failover","goal":"failback"}""", HttpStatusCode.BadRequest, "no JSON" },
        { "/api/runs", Json, """{"gaol":"failover"}""", HttpStatusCode.BadRequest, "gaol is not known" },
        { "/api/runs", Json, """{"goal":"failover","host":"vm-host-1"}""", HttpStatusCode.BadRequest, "digest is missing" },
        { "/api/runs", Json, """{"goal":"failover","host":7,"digest":"x"}""", HttpStatusCode.BadRequest, "host must be a text" },
        { "/api/runs", Json, """{"goal":"failover","host":"no-host","digest":"x"}""", HttpStatusCode.BadRequest, "no host no-host" },
        { "/api/runs", Json, """{"goal":"sideways","host":"vm-host-1","digest":"x"}""", HttpStatusCode.BadRequest, "no goal sideways" },
        { "/api/runs", Json, """{"goal":"failback","host":"vm-host-1","digest":"x"}""", HttpStatusCode.Conflict, "no failover of it is in the journal" },
        { "/api/runs", Json, """{"goal":"close","host":"vm-host-1","digest":"x"}""", HttpStatusCode.Conflict, "waits to be closed" },
        { "/api/runs", Json, """{"goal":"failover","host":"vm-host-1","digest":"x","without":["acd-jb1"]}""", HttpStatusCode.BadRequest, "--reason" },
        { "/api/approvals", Json, """{"digest":"../../etc/passwd","goal":"failover","host":"vm-host-1"}""", HttpStatusCode.BadRequest, "no digest of a plan" },
        { "/api/runs/../../x/decisions", Json, """{"step":"x","answer":"retry"}""", HttpStatusCode.NotFound, "nothing" },
        { "/api/runs/failover-20260101-000000-abcdef/decisions", Json, """{"step":"x","answer":"retry"}""", HttpStatusCode.NotFound, "no run failover-20260101-000000-abcdef" },
        { "/api/runs/failover-20260101-000000-abcdef/decisions", Json, """{"step":"x","answer":"1"}""", HttpStatusCode.BadRequest, "1 is no answer" },
        { "/api/runs/failover-20260101-000000-abcdef/decisions", Json, """{"step":"x","answer":"accept"}""", HttpStatusCode.BadRequest, "needs a reason" },
        { "/api/runs/failover-20260101-000000-abcdef/resume", Json, "{}", HttpStatusCode.NotFound, "no run" },
        { "/api/runs", Json, """{"goal":"failover","host":"vm-host-1","digest":"x","without":["acd-jb1"],"reason":"broken\u001b[2Jall is well"}""", HttpStatusCode.BadRequest, "reason has the control character" },
        { "/api/runs", Json, """{"goal":"failover","host":"vm-host-1","digest":"x","sign":"a\u202eb"}""", HttpStatusCode.BadRequest, "sign has the control character" },
        { "/api/runs", Json, """{"goal":"failover","host":"\ud800","digest":"x"}""", HttpStatusCode.BadRequest, "host is no whole text" },
        { "/api/runs", Json, """{"\ud800":"failover"}""", HttpStatusCode.BadRequest, "a key is no whole text" },
        { "/api/runs/failover-20260101-000000-abcdef/stop", "text/plain", "stop", HttpStatusCode.UnsupportedMediaType, "application/json" },
        { "/api/runs/failover-20260101-000000-abcdef/resume", "application/x-www-form-urlencoded", "a=b", HttpStatusCode.UnsupportedMediaType, "application/json" },
        { "/api/runs/failover-20260101-000000-abcdef/stop", Json, """{"run":"another"}""", HttpStatusCode.BadRequest, "run is not known here" },
        { "/api/nothing", Json, "{}", HttpStatusCode.NotFound, "/openapi.json" },
        { "/", Json, "{}", HttpStatusCode.NotFound, "nothing" },
    };

    [Fact]
    public async Task Every_wrong_request_is_refused_with_its_sentence_and_starts_nothing()
    {
        await using var served = await Served.Start();
        var client = served.With(Right.Run);
        foreach (var row in Requests())
        {
            var (path, type, body, status, says) = row.Data;
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            var answer = await client.PostAsync(path, content, Served.Now);
            var text = await answer.Content.ReadAsStringAsync(Served.Now);
            Assert.True(answer.StatusCode == status, $"{path} {body}: {answer.StatusCode} {text}");
            Assert.Contains(says, text, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        }
        Assert.Empty((await Served.Get(client, "/api/runs")).GetProperty("runs").EnumerateArray());
        Assert.Null(RunnerLock.Living(served.Journal));
        // All of it is recorded, with who it was where the address is one of ours.
        var refused = served.Recorded("refused");
        Assert.Equal(Requests().Select(r => (int)r.Data.Item4), refused.Select(r => r.GetProperty("status").GetInt32()));
        Assert.All(refused.Where(r => r.GetProperty("what").GetString()!.StartsWith("POST /api/runs", StringComparison.Ordinal)), r => Assert.Equal("token run", r.GetProperty("who").GetString()));
        Assert.All(refused, r => Assert.Equal("127.0.0.1", r.GetProperty("from").GetString()));
        Assert.All(refused, r => Assert.DoesNotContain(client.DefaultRequestHeaders.Authorization!.Parameter!, r.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_is_forged_or_may_not_or_is_of_another_site_is_recorded_and_who_only_looks_in_is_not()
    {
        await using var served = await Served.Start();
        served.Account("anna", Right.Run);
        var (viewer, forger, stranger, anna) = (served.With(Right.View), served.Client(), served.Client(), await served.SignedIn("anna"));
        forger.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer chg_made-up");
        anna.DefaultRequestHeaders.Remove("Origin");
        anna.DefaultRequestHeaders.Add("Origin", "https://elsewhere.example");

        await stranger.GetAsync("/api/runs", Served.Now);
        await stranger.GetAsync("/admin.php", Served.Now);
        await viewer.PostAsync("/api/runs", null, Served.Now);
        await forger.GetAsync("/api/runs", Served.Now);
        await anna.DeleteAsync("/api/session", Served.Now);
        await Served.Post(stranger, "/api/session", new { name = "anna", password = "not this one" });
        await Served.Post(stranger, "/api/session", new { name = "my-password", password = "anna" });
        using var large = new StringContent(new string(' ', 70_000), Encoding.UTF8, Json);
        await viewer.PostAsync("/api/session", large, Served.Now);

        Assert.Equal(
            [("token view", "POST /api/runs", 403), ("", "GET /api/runs", 401), ("anna", "DELETE /api/session", 403), ("", "POST /api/session", 413)],
            served.Recorded("refused").Select(r => (r.GetProperty("who").GetString(), r.GetProperty("what").GetString(), r.GetProperty("status").GetInt32())));
        Assert.Equal(["anna", "no account here"], served.Recorded("sign-in-failed").Select(r => r.GetProperty("what").GetString()));
        Assert.Equal("anna", Assert.Single(served.Recorded("sign-in")).GetProperty("who").GetString());
        Assert.All(["chg_made-up", "not this one", "my-password", Served.Password], secret => Assert.DoesNotContain(secret, File.ReadAllText(Audit.PathOf(served.Journal)), StringComparison.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Audit.PathOf(served.Journal)));
    }

    [Fact]
    public async Task The_same_request_starts_a_plan_once_and_then_only_what_was_derived_anew()
    {
        await using var served = await Served.Start(personAbsent: true);
        var (client, other) = (served.With(Right.Run), served.With(Right.Plan));
        var order = new { goal = "failover", host = "vm-host-1", digest = (await Derive(client)).GetProperty("digest").GetString(), holds = new[] { "start" } };
        var first = await Served.Post(client, "/api/runs", order);
        Assert.Equal(HttpStatusCode.Created, first.Status);
        var run = first.Body.GetProperty("run").GetString()!;
        // Before anything was changed: the same plan comes out again.
        await Abort(run);

        var again = await Served.Post(client, "/api/runs", order);
        Assert.Equal(HttpStatusCode.Conflict, again.Status);
        Assert.Contains($"was started already, as {run}", again.Body.GetProperty("error").GetString(), StringComparison.Ordinal);
        // That somebody else looked at it is not this person's word.
        Assert.Equal(order.digest, (await Derive(other)).GetProperty("digest").GetString());
        Assert.Equal(HttpStatusCode.Conflict, (await Served.Post(client, "/api/runs", order)).Status);
        Assert.Single((await Served.Get(client, "/api/runs")).GetProperty("runs").EnumerateArray());

        Assert.Equal(order.digest, (await Derive(client)).GetProperty("digest").GetString());
        var second = await Served.Post(client, "/api/runs", order);
        Assert.Equal(HttpStatusCode.Created, second.Status);
        await Abort(second.Body.GetProperty("run").GetString()!);
        Assert.Equal(HttpStatusCode.Conflict, (await Served.Post(client, "/api/runs", order)).Status);
        Assert.Equal(["start", "decision", "start", "decision"], served.Recorded("start", "decision").Select(r => r.GetProperty("kind").GetString()));

        static Task<System.Text.Json.JsonElement> Derive(HttpClient client) => Served.Get(client, "/api/plan/failover/vm-host-1");

        async Task Abort(string run)
        {
            await Served.UntilRun(client, run, live => live.GetProperty("state").GetString() != "starting");
            Assert.Equal(HttpStatusCode.OK, (await Served.Post(client, $"/api/runs/{run}/decisions", new { step = "gate.done", answer = "abort", reason = "enough seen" })).Status);
            await Served.UntilOver(client, run);
        }
    }

    [Theory]
    [InlineData("/api/machines/no-such", HttpStatusCode.BadRequest)]
    [InlineData("/api/runs/no-such", HttpStatusCode.NotFound)]
    [InlineData("/api/runs/no-such/report", HttpStatusCode.NotFound)]
    [InlineData("/api/plan/failover/no-such", HttpStatusCode.BadRequest)]
    [InlineData("/api/plan/failover/vm-host-1?wihtout=acd-jb1", HttpStatusCode.BadRequest)]
    [InlineData("/api/plan/failover/vm-host-1?notBefore=yesterday", HttpStatusCode.BadRequest)]
    [InlineData("/api/health?expect=perhaps", HttpStatusCode.BadRequest)]
    [InlineData("/assets/../../etc/passwd", HttpStatusCode.NotFound)]
    public async Task A_wrong_question_is_refused(string path, HttpStatusCode status)
    {
        await using var served = await Served.Start();
        var answer = await served.With(Right.Run).GetAsync(path, Served.Now);
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains("\"error\":", await answer.Content.ReadAsStringAsync(Served.Now), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_not_read()
    {
        await using var served = await Served.Start();
        using var content = new StringContent($$"""{"goal":"{{new string('x', 70_000)}}"}""", Encoding.UTF8, Json);
        var answer = await served.With(Right.Run).PostAsync("/api/runs", content, Served.Now);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task A_made_up_token_is_nobody()
    {
        await using var served = await Served.Start();
        served.With(Right.Run);
        foreach (var token in new[] { "", "chg_", "chg_" + new string('0', 64), "null" })
        {
            var client = served.Client();
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}");
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/runs", Served.Now)).StatusCode);
        }
    }

    [Fact]
    public async Task Every_answer_says_to_the_browser_what_may_not_happen_with_it()
    {
        await using var served = await Served.Start();
        foreach (var path in new[] { "/", "/health", "/api/runs", "/nothing" })
        {
            var headers = (await served.Client().GetAsync(path, Served.Now)).Headers;
            var policy = Assert.Single(headers.GetValues("Content-Security-Policy"));
            Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(headers.GetValues("X-Content-Type-Options")));
            Assert.False(headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task The_page_asks_nobody_else_and_has_no_script_of_its_own_in_it()
    {
        Assert.SkipUnless(PageFiles.AreThere, "this build has no page: it was made without Node");
        await using var served = await Served.Start();
        var client = served.Client();
        var html = await client.GetStringAsync("/", Served.Now);
        Assert.DoesNotContain("http", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("<script(?![^>]*src=)", html);
        foreach (System.Text.RegularExpressions.Match file in System.Text.RegularExpressions.Regex.Matches(html, "(?:src|href)=\"(/[^\"]+)\""))
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(file.Groups[1].Value, Served.Now)).StatusCode);
    }
}
