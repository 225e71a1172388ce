using System.Text.Json.Nodes;
using Changeover.Reporting;
using Changeover.Running;
using Microsoft.AspNetCore.Http;

namespace Changeover.Serving;

/// <param name="Right">What it needs; None: also who is not signed in.</param>
/// <param name="Summary">For the OpenAPI document.</param>
/// <param name="Takes">Keys of the body or the query; a * after those that must be there.</param>
public sealed record Route(string Method, string Path, Right Right, string Summary, ImmutableArray<string> Takes, Func<HttpContext, Person?, Ct, Task> Handle);

/// <summary>The API, one row an address: what it needs, what it takes, what it does.</summary>
public sealed class Routes(Desk desk, Gatekeeper gate, Sessions sessions, Watching watching, ServeOptions options)
{
    private static readonly ImmutableArray<string> Words = ["without", "reason", "backBy", "notBefore", "takeOver", "turnBack"];

    public ImmutableArray<Route> All =>
    [
        new("GET", "/health", Right.None, "the server answers; says nothing of the cluster", [], (http, _, _) => Gatekeeper.Json(http, Answer(("status", "ok")))),
        new("GET", "/openapi.json", Right.View, "this document", [], (http, _, _) => Gatekeeper.Json(http, OpenApi.Of(All))),
        new("POST", "/api/session", Right.None, "sign in; the answer sets a cookie", ["name*", "password*"], SignIn),
        new("GET", "/api/session", Right.None, "who is signed in, or null", [], (http, _, _) => Gatekeeper.Json(http, gate.Find(http) is { } person ? Who(person) : null)),
        new("DELETE", "/api/session", Right.View, "sign out", [], SignOut),
        new("GET", "/api/cluster", Right.View, "the cluster as it was seen last, with the age of everything", [], async (http, _, ct) => await Gatekeeper.Json(http, await desk.Cluster(ct))),
        new("GET", "/api/machines/{machine}", Right.View, "everything that was asked about one machine, raw", [], async (http, _, ct) => await Gatekeeper.Json(http, await desk.Machine(Value(http, "machine"), ct))),
        new("GET", "/api/health", Right.View, "looks at everything and judges it, as changeover health", ["expect"], async (http, _, ct) => await Gatekeeper.Json(http, await desk.Health(http.Request.Query["expect"].ToString(), ct))),
        new("GET", "/api/plan/{goal}/{host}", Right.Plan, "looks at everything and derives the plan; goal: failover, failback, close", Words, Plan),
        new("GET", "/api/approvals", Right.View, "plans that were approved and not yet started", [], (http, _, _) => Gatekeeper.Json(http, Answer(("approvals", desk.Approvals.Json())))),
        new("POST", "/api/approvals", Right.Approve, "approve the plan with this digest, for another person to start", ["digest*", "goal*", "host*"], Approve),
        new("GET", "/api/runs", Right.View, "every run, the oldest first", [], (http, _, _) => Gatekeeper.Json(http, StatusJson.List(desk.Tail.Runs()))),
        new("POST", "/api/runs", Right.Run, "start the plan with exactly this digest", ["goal*", "host*", "digest*", "holds[]", "without[]", .. Words[1..]], Start),
        new("GET", "/api/runs/{run}", Right.View, "where a run stands, as changeover status", [], async (http, _, ct) => await Gatekeeper.Json(http, await desk.Status(Run(http), ct))),
        new("GET", "/api/runs/{run}/plan", Right.View, "the plan of a run", [], (http, _, _) => Gatekeeper.Json(http, PlanJson.Of(Run(http).Inventory, Run(http).Plan))),
        new("GET", "/api/runs/{run}/report", Right.View, "the report: html, markdown or json", ["format"], Report),
        new("POST", "/api/runs/{run}/decisions", Right.Run, "a person's word to something that waits for it", ["step*", "answer*", "reason"], Decide),
        new("POST", "/api/runs/{run}/stop", Right.Run, "nothing new starts, what is in flight comes back", [], Stop),
        new("POST", "/api/runs/{run}/resume", Right.Run, "go on with a run that nobody carries out any more", [], Resume),
        new("GET", "/api/live", Right.View, "what must be in view of the run that is not over, or null", [], async (http, _, ct) => await Gatekeeper.Json(http, await desk.Live(ct))),
        new("GET", "/api/events", Right.View, "server-sent events: journal (resumable by Last-Event-ID), live, cluster", ["since"],
            (http, person, ct) => EventStream.Write(http, desk, watching, () => gate.Find(http) is { Right: >= Right.View } still && still.Name == person!.Name, ct)),
    ];

    private async Task SignIn(HttpContext http, Person? _, Ct ct)
    {
        Gatekeeper.RefuseOtherSites(http);
        var body = await RequestBody.Read(http.Request, "name", "password");
        var (name, password) = (body.Required("name"), body.Required("password"));
        if (name.Length > 64 || password.Length > Passwords.Longest)
            throw new Refusal(StatusCodes.Status401Unauthorized, "wrong name or password");
        var (secret, tooOften) = await sessions.SignIn(gate.People, name, password, http.Connection.RemoteIpAddress?.ToString() ?? "", ct);
        if (tooOften > TimeSpan.Zero)
        {
            http.Response.Headers.RetryAfter = ((int)Math.Ceiling(tooOften.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
            throw new Refusal(StatusCodes.Status429TooManyRequests, $"too many wrong passwords; wait {RunText.Span(tooOften)}");
        }
        if (secret is null)
            throw new Refusal(StatusCodes.Status401Unauthorized, "wrong name or password");
        http.Response.Cookies.Append(Gatekeeper.Cookie, secret, new CookieOptions { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" });
        await Gatekeeper.Json(http, Who(sessions.Find(gate.People, secret)!));
    }

    private async Task SignOut(HttpContext http, Person? _, Ct ct)
    {
        if (http.Request.Cookies[Gatekeeper.Cookie] is { Length: > 0 } secret)
            sessions.SignOut(secret);
        http.Response.Cookies.Delete(Gatekeeper.Cookie, new CookieOptions { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" });
        await Gatekeeper.Json(http, null);
    }

    private async Task Plan(HttpContext http, Person? _, Ct ct)
    {
        var query = http.Request.Query;
        if (query.Keys.FirstOrDefault(k => !Words.Contains(k)) is { } unknown)
            throw new Refusal(StatusCodes.Status400BadRequest, $"{unknown} is not known here; there are {string.Join(", ", Words)}");
        var words = new PlanWords([.. query["without"].OfType<string>()], query["reason"].ToString(), query["backBy"].ToString(), query["notBefore"].ToString(), query["takeOver"].ToString(), query["turnBack"].ToString());
        var (json, refused) = await desk.Plan(Value(http, "goal"), Value(http, "host"), words, ct);
        if (refused)
            throw NotHealthy(json);
        await Gatekeeper.Json(http, json);
    }

    private async Task Approve(HttpContext http, Person? person, Ct ct)
    {
        var body = await RequestBody.Read(http.Request, "digest", "goal", "host");
        var digest = body.Required("digest");
        if (digest.Length != 16 || !digest.All(char.IsAsciiHexDigitLower))
            throw new Refusal(StatusCodes.Status400BadRequest, $"{digest} is no digest of a plan: 16 hexadecimal digits");
        desk.Approvals.Add(digest, $"{body.Required("goal")} {body.Required("host")}", person!.Name);
        Server.Log($"{person.Name} approved plan {digest}");
        await Gatekeeper.Json(http, Answer(("approved", digest)));
    }

    private async Task Start(HttpContext http, Person? person, Ct ct)
    {
        var body = await RequestBody.Read(http.Request, ["goal", "host", "digest", "holds", .. Words]);
        var words = new PlanWords(body.Texts("without"), body.Text("reason"), body.Text("backBy"), body.Text("notBefore"), body.Text("takeOver"), body.Text("turnBack"));
        // A browser that goes away meanwhile does not take back what a person asked for.
        var (run, unhealthy) = await desk.Start(body.Required("goal"), body.Required("host"), body.Required("digest"), words, body.Texts("holds"), person!, options.SecondPerson, Ct.None);
        if (unhealthy is not null)
            throw NotHealthy(unhealthy);
        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.Headers.Location = $"/api/runs/{run}";
        await Gatekeeper.Json(http, Answer(("run", run)));
    }

    private async Task Decide(HttpContext http, Person? person, Ct ct)
    {
        var body = await RequestBody.Read(http.Request, "step", "answer", "reason");
        var (step, reason) = (body.Required("step"), body.Text("reason"));
        var answer = Deciding.Parse(body.Required("answer"), reason);
        var run = Run(http).Run;
        var alive = await desk.Decide(run, step, answer, reason, person!, ct);
        await Gatekeeper.Json(http, Answer(("recorded", true), ("run", run), ("step", step), ("answer", Deciding.Word(answer)), ("runnerIsAlive", alive)));
    }

    private async Task Stop(HttpContext http, Person? person, Ct ct)
    {
        await desk.Stop(Run(http).Run, ct);
        Server.Log($"{person!.Name} stopped {Run(http).Run}");
        await Gatekeeper.Json(http, Answer(("stopping", true)));
    }

    private async Task Resume(HttpContext http, Person? person, Ct ct)
    {
        await desk.Resume(Run(http).Run, person!, Ct.None);
        await Gatekeeper.Json(http, Answer(("run", Run(http).Run)));
    }

    private async Task Report(HttpContext http, Person? _, Ct ct)
    {
        var history = desk.Tail.History(Run(http).Run);
        switch (http.Request.Query["format"].ToString())
        {
            case "" or "html":
                // The file has its style in itself and no script; nothing in it may do anything here.
                http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";
                http.Response.ContentType = "text/html; charset=utf-8";
                await http.Response.WriteAsync(ReportText.Html(history, TimeZoneInfo.Local), ct);
                break;
            case "markdown":
                http.Response.ContentType = "text/markdown; charset=utf-8";
                await http.Response.WriteAsync(ReportText.Markdown(history, TimeZoneInfo.Local), ct);
                break;
            case "json":
                await Gatekeeper.Json(http, StatusJson.Of(history.State));
                break;
            case var other:
                throw new Refusal(StatusCodes.Status400BadRequest, $"{other} is no format; there are html, markdown and json");
        }
    }

    private RunState Run(HttpContext http) => desk.Tail.Runs().FirstOrDefault(r => r.Run == Value(http, "run"))
        ?? throw new Refusal(StatusCodes.Status404NotFound, $"no run {Value(http, "run")} in the journal");

    private static Refusal NotHealthy(JsonObject health) => new(StatusCodes.Status409Conflict, "the cluster is not healthy or not known well enough; nothing is planned in such a state. Nothing was changed.", health);

    private static string Value(HttpContext http, string name) => (string)http.Request.RouteValues[name]!;

    private JsonObject Who(Person person) => Answer(("name", person.Name), ("right", Gatekeeper.Word(person.Right)), ("secondPerson", options.SecondPerson));

    private static JsonObject Answer(params ReadOnlySpan<(string Key, JsonNode? Value)> pairs)
    {
        var json = new JsonObject { ["schemaVersion"] = StatusJson.SchemaVersion };
        foreach (var (key, value) in pairs)
            json[key] = value;
        return json;
    }
}
