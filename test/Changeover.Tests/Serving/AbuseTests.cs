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
