using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Changeover.Findings;
using Changeover.Reporting;
using Changeover.Running;
using Microsoft.AspNetCore.Http;

namespace Changeover.Serving;

/// <param name="Right">What it needs; None: also who is not signed in.</param>
/// <param name="Summary">For the OpenAPI document.</param>
/// <param name="Takes">Keys of the body or the query; a * after those that must be there.</param>
public sealed record Route(string Method, string Path, Right Right, string Summary, ImmutableArray<string> Takes, Func<HttpContext, Person?, Ct, Task> Handle);

/// <summary>The API, one row an address: what it needs, what it takes, what it does.</summary>
public sealed class Routes(Desk desk, Gatekeeper gate, Sessions sessions, BegunSignIns begun, Watching watching, ServeOptions options)
{
    /// <summary>What a person says about a plan beforehand, as the options of <c>plan</c>; who signs is who asks, unless it says otherwise.</summary>
    private static readonly ImmutableArray<string> Words = ["without", "reason", "backBy", "notBefore", "takeOver", "turnBack", "sign", "signedBy"];

    public ImmutableArray<Route> All =>
    [
        new("GET", "/health", Right.None, "the server answers; says nothing of the cluster", [], (http, _, _) => Gatekeeper.Json(http, Answer(("status", "ok")))),
        new("GET", "/openapi.json", Right.View, "this document", [], (http, _, _) => Gatekeeper.Json(http, OpenApi.Of(All))),
        new("POST", "/api/session", Right.None, "sign in; the answer sets a cookie", ["name*", "password*"], SignIn),
        new("GET", "/api/session", Right.None, "who is signed in, or null", [], (http, _, _) => Gatekeeper.Json(http, gate.Find(http) is { } person ? Who(person) : null)),
        new("DELETE", "/api/session", Right.View, "sign out; null, or where the browser goes to sign out at the provider too", [], SignOut),
        new("GET", "/api/provider", Right.None, "what else than a local account signs in: the title of a provider, or null", [], (http, _, _) => Gatekeeper.Json(http, Answer(("title", gate.Provider?.Settings.Title)))),
        new("POST", "/api/provider", Right.None, "begin a sign-in by the provider: where the browser goes for it; the answer sets a cookie", [], BeginByProvider),
        new("POST", "/api/provider/answer", Right.None, "end a sign-in with what the provider sent the browser back with; the answer sets a cookie", ["state*", "code", "iss", "error"], EndByProvider),
        new("GET", "/api/cluster", Right.View, "the cluster as it was seen last, with the age of everything", [], async (http, _, ct) => await Gatekeeper.Json(http, await desk.Cluster(Gatekeeper.Asked(http), ct))),
        new("GET", "/api/machines/{machine}", Right.View, "everything that was asked about one machine, raw", [], async (http, _, ct) => await Gatekeeper.Json(http, await desk.Machine(Value(http, "machine"), Gatekeeper.Asked(http), ct))),
        new("GET", "/api/health", Right.View, "looks at everything and judges it, as changeover health", ["expect"], async (http, _, ct) => await Gatekeeper.Json(http, await desk.Health(http.Request.Query["expect"].ToString(), Gatekeeper.Asked(http), ct))),
        new("GET", "/api/plan/{goal}/{host}", Right.Plan, "looks at everything and derives the plan; goal: failover, failback, close", ["without[]", .. Words[1..]], Plan),
        new("GET", "/api/approvals", Right.View, "plans that were approved and not yet started", [], (http, _, _) => Gatekeeper.Json(http, Answer(("approvals", new JsonArray([.. desk.Approved(desk.Approvals.All).Select(Approvals.Json)]))))),
        new("POST", "/api/approvals", Right.Approve, "approve the plan with this digest, for another person to start", ["digest*", "goal*", "host*", "without[]", .. Words[1..]], Approve),
        new("DELETE", "/api/approvals/{digest}", Right.Approve, "withdraw one's own approval of this plan", [], Withdraw),
        new("GET", "/api/rehearsals", Right.View, "the last rehearsal of each goal, also while it is played", [], (http, _, _) => Gatekeeper.Json(http, Answer(("rehearsals", desk.Rehearsals.Json(Gatekeeper.Asked(http)))))),
        new("POST", "/api/rehearsals", Right.Plan, "look, and play the plan in the background on simulated clusters like the one that was seen, with every fault at every step", ["goal*", "host*", "without[]", .. Words[1..]], Rehearse),
        new("DELETE", "/api/rehearsals", Right.Plan, "end the rehearsal that is played", [], CancelRehearsal),
        new("GET", "/api/runs", Right.View, "every run, the oldest first", [], (http, _, _) => Gatekeeper.Json(http, StatusJson.List(desk.Tail.Runs()))),
        new("POST", "/api/runs", Right.Run, "start the plan with exactly this digest", ["goal*", "host*", "digest*", "holds[]", "without[]", .. Words[1..]], Start),
        new("GET", "/api/runs/{run}", Right.View, "where a run stands, as changeover status", [], async (http, _, ct) => await Gatekeeper.Json(http, await desk.StatusText(Run(http), Gatekeeper.Asked(http), ct))),
        new("GET", "/api/runs/{run}/plan", Right.View, "the plan of a run", [], (http, _, _) => Gatekeeper.Json(http, PlanOf(Run(http), Gatekeeper.Asked(http)))),
        new("GET", "/api/runs/{run}/steps/{step}", Right.View, "what was sent for a step and what came back", [], (http, _, _) => Gatekeeper.Json(http, Exchanges(Run(http), Value(http, "step"), Gatekeeper.Asked(http)))),
        new("GET", "/api/runs/{run}/events", Right.View, "everything that happened in a run, as the stream tells it", [],
            (http, _, _) => Gatekeeper.Json(http, Events(Run(http).Run, Gatekeeper.Asked(http)))),
        new("GET", "/api/runs/{run}/report", Right.View, "the report: html, markdown, pdf or json", ["format"], Report),
        new("POST", "/api/runs/{run}/decisions", Right.Run, "a person's word to something that waits for it", ["step*", "answer*", "reason", "about"], Decide),
        new("POST", "/api/runs/{run}/confirmations", Right.Run, "a second person's word: the answer with this id counts from now on", ["word*"], Confirm),
        new("POST", "/api/runs/{run}/pause", Right.Run, "wait before the next gate, until a person says continue", ["reason"], Pause),
        new("POST", "/api/runs/{run}/stop", Right.Run, "nothing new starts, what is in flight comes back", [], Stop),
        new("POST", "/api/runs/{run}/resume", Right.Run, "go on with a run that nobody carries out any more", [], Resume),
        new("GET", "/api/live", Right.View, "what must be in view of the run that is not over, or null", [], async (http, _, ct) => await Gatekeeper.Json(http, await desk.Live(Gatekeeper.Asked(http), ct))),
        new("GET", "/api/events", Right.View, "server-sent events: journal (resumable by Last-Event-ID or since), live, cluster, beat", ["since"],
            (http, person, ct) => EventStream.Write(http, desk, watching, () => gate.Find(http) is { Right: >= Right.View } still && still.Name == person!.Name, ct)),
    ];

    private async Task SignIn(HttpContext http, Person? _, Ct ct)
    {
        Gatekeeper.RefuseOtherSites(http);
        var body = await RequestBody.Read(http.Request, "name", "password");
        var (name, password) = (body.Secret("name"), body.Secret("password"));
        var people = gate.People;
        // Another name could be anything, a password in the wrong field too.
        Gatekeeper.Tries(http, people.Accounts.Any(a => a.Name == name) ? name : "no account here");
        if (name.Length > 64 || password.Length > Passwords.Longest)
            throw new Refusal(StatusCodes.Status401Unauthorized, "wrong name or password");
        var (secret, tooOften) = await sessions.SignIn(people, name, password, http.Connection.RemoteIpAddress, ct);
        RefuseTooOften(http, tooOften);
        if (secret is null)
            throw new Refusal(StatusCodes.Status401Unauthorized, "wrong name or password");
        await SignedIn(http, secret, "local account");
    }

    private static void RefuseTooOften(HttpContext http, TimeSpan wait)
    {
        if (wait <= TimeSpan.Zero)
            return;
        http.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        throw new Refusal(StatusCodes.Status429TooManyRequests, $"too many wrong passwords; wait {RunText.Span(wait)}");
    }

    private async Task SignedIn(HttpContext http, string secret, string by)
    {
        http.Response.Cookies.Append(Gatekeeper.Cookie, secret, OwnCookie());
        var person = gate.FindSession(secret);
        if (person is not null)
            gate.Done(http, person, "sign-in", by);
        await Gatekeeper.Json(http, person is null ? null : Who(person));
    }

    private static CookieOptions OwnCookie(TimeSpan? life = null) => new() { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/", MaxAge = life };

    private async Task BeginByProvider(HttpContext http, Person? _, Ct ct)
    {
        Gatekeeper.RefuseOtherSites(http);
        await RequestBody.Nothing(http.Request);
        var provider = gate.RequireProvider();
        var page = provider.Settings.Page;
        // It comes back there, and the cookie would be here.
        if (!string.Equals(http.Request.Host.Value, page.Authority, StringComparison.OrdinalIgnoreCase))
            throw new Refusal(StatusCodes.Status409Conflict, $"the sign-in by {provider.Settings.Title} comes back to {page} only, and this page was opened as {http.Request.Host}. Open that one.");
        var (one, secret) = begun.Begin(provider.Settings.Source, Sessions.Network(http.Connection.RemoteIpAddress));
        var address = await provider.Begin(one.State, one.Nonce, one.Verifier, ct);
        http.Response.Cookies.Append(BegunSignIns.Cookie, secret, OwnCookie(BegunSignIns.Lifetime));
        await Gatekeeper.Json(http, Answer(("address", address)));
    }

    private async Task EndByProvider(HttpContext http, Person? _, Ct ct)
    {
        Gatekeeper.RefuseOtherSites(http);
        RefuseTooOften(http, sessions.TooOften(http.Connection.RemoteIpAddress));
        Gatekeeper.Tries(http, "whom the provider names");
        try
        {
            await EndByProvider(http, ct);
        }
        catch (Refusal e) when (e.Status is StatusCodes.Status400BadRequest or StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden)
        {
            // As a wrong password; that the provider is not there is nobody's guess.
            sessions.Failed(http.Connection.RemoteIpAddress);
            throw;
        }
    }

    private async Task EndByProvider(HttpContext http, Ct ct)
    {
        var body = await RequestBody.Read(http.Request, "state", "code", "iss", "error");
        var provider = gate.RequireProvider();
        var settings = provider.Settings;
        var one = http.Request.Cookies[BegunSignIns.Cookie] is { Length: > 0 } begunWith ? begun.Take(begunWith) : null;
        http.Response.Cookies.Delete(BegunSignIns.Cookie, OwnCookie());
        // First of all whether it is an answer to what this browser asked: whatever else it says could be anybody's words.
        if (one is null || one.Source != settings.Source || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(body.Required("state")), Encoding.UTF8.GetBytes(one.State)))
            throw new Refusal(StatusCodes.Status401Unauthorized, $"this answer of the provider belongs to no sign-in that this browser has begun within {RunText.Span(BegunSignIns.Lifetime)}, or it was used already. Nobody was signed in; begin again.");
        await provider.RequireOwn(body.Text("iss"), ct);
        if (body.Text("error") is { Length: > 0 } error)
        {
            throw error == "access_denied"
                ? new Refusal(StatusCodes.Status401Unauthorized, "the sign-in was denied at the provider (access_denied). Nobody was signed in.")
                : new Refusal(StatusCodes.Status502BadGateway, $"the sign-in provider {settings.Host} refuses: {Provider.ErrorWord(error)}. Nobody was signed in.");
        }
        var identity = await provider.Finish(body.Secret("code"), one.Verifier, one.Nonce, ct);
        if (settings.RightOf(identity) == Right.None)
            throw new Refusal(StatusCodes.Status403Forbidden, $"the provider knows you as {identity.Name}, but nothing in {settings.RightsFrom} has a right here. Nobody was signed in; whoever keeps the settings of this page can give one.");
        if (ProviderSettings.IsTaken(identity, gate.People))
            throw new Refusal(StatusCodes.Status403Forbidden, $"the provider knows you as {identity.Name}, and a local account has that name: the journal could not tell you apart. Nobody was signed in; sign in with that account, or have it renamed.");
        await SignedIn(http, sessions.SignIn(identity), $"provider {settings.Host}");
    }

    private async Task SignOut(HttpContext http, Person? person, Ct ct)
    {
        gate.Done(http, person!, "sign-out", "");
        var byProvider = http.Request.Cookies[Gatekeeper.Cookie] is { Length: > 0 } secret && sessions.SignOut(secret);
        http.Response.Cookies.Delete(Gatekeeper.Cookie, OwnCookie());
        await Gatekeeper.Json(http, byProvider && gate.Provider?.End is { } end ? Answer(("goOnAt", end)) : null);
    }

    private async Task Plan(HttpContext http, Person? person, Ct ct)
    {
        var query = http.Request.Query;
        if (query.Keys.FirstOrDefault(k => !Words.Contains(k)) is { } unknown)
            throw new Refusal(StatusCodes.Status400BadRequest, $"{unknown} is not known here; there are {string.Join(", ", Words)}");
        var words = Said([.. query["without"].OfType<string>()], k => query[k].ToString(), person!);
        var (json, refused) = await desk.Plan(Value(http, "goal"), Value(http, "host"), words, person!, Gatekeeper.Asked(http), ct);
        if (refused)
            throw NotHealthy(json);
        await Gatekeeper.Json(http, json);
    }

    private async Task Rehearse(HttpContext http, Person? person, Ct ct)
    {
        var body = await RequestBody.Read(http.Request, ["goal", "host", .. Words]);
        var words = Said(body.Texts("without"), body.Text, person!);
        if (await desk.Rehearse(body.Required("goal"), body.Required("host"), words, person!, Gatekeeper.Asked(http), ct) is { } unhealthy)
            throw NotHealthy(unhealthy);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        await Gatekeeper.Json(http, Answer(("rehearsing", true)));
    }

    private async Task CancelRehearsal(HttpContext http, Person? person, Ct ct)
    {
        desk.Rehearsals.Cancel();
        Server.Log($"{person!.Name} cancelled the rehearsal");
        await Gatekeeper.Json(http, Answer(("rehearsing", false)));
    }

    private static PlanWords Said(ImmutableArray<string> without, Func<string, string> word, Person person)
    {
        var (sign, by) = (word("sign"), word("signedBy"));
        return by.Length > 0 && sign.Length == 0
            ? throw new Refusal(StatusCodes.Status400BadRequest, "signedBy says whose word sign is; without sign it says nothing")
            : new(without, word("reason"), word("backBy"), word("notBefore"), word("takeOver"), word("turnBack"), sign.Length > 0 ? new(by.Length > 0 ? by : person.Name, sign) : null);
    }

    private async Task Approve(HttpContext http, Person? person, Ct ct)
    {
        var body = await RequestBody.Read(http.Request, ["digest", "goal", "host", .. Words]);
        var digest = body.Required("digest");
        if (digest.Length != 16 || !digest.All(char.IsAsciiHexDigitLower))
            throw new Refusal(StatusCodes.Status400BadRequest, $"{digest} is no digest of a plan: 16 hexadecimal digits");
        await desk.Approve(digest, body.Required("goal"), body.Required("host"), Said(body.Texts("without"), body.Text, person!), person!, ct);
        gate.Done(http, person!, "approved", $"{body.Required("goal")} {body.Required("host")}, plan {digest}");
        await Gatekeeper.Json(http, Answer(("approved", digest)));
    }

    private async Task Withdraw(HttpContext http, Person? person, Ct ct)
    {
        var digest = Value(http, "digest");
        if (!desk.Approvals.Withdraw(digest, person!.Name))
            throw new Refusal(StatusCodes.Status404NotFound, $"no approval of {person.Name} for the plan {digest} is there: none was given, it is a day old, or the plan was started");
        gate.Done(http, person, "withdrawn", $"plan {digest}");
        await Gatekeeper.Json(http, Answer(("withdrawn", digest)));
    }

    private async Task Start(HttpContext http, Person? person, Ct ct)
    {
        var body = await RequestBody.Read(http.Request, ["goal", "host", "digest", "holds", .. Words]);
        var words = Said(body.Texts("without"), body.Text, person!);
        // A browser that goes away meanwhile does not take back what a person asked for.
        var (run, unhealthy) = await desk.Start(body.Required("goal"), body.Required("host"), body.Required("digest"), words, body.Texts("holds"), person!, options.SecondPerson, Gatekeeper.Asked(http), Ct.None);
        if (unhealthy is not null)
            throw NotHealthy(unhealthy);
        gate.Done(http, person!, "start", $"{body.Required("goal")} {body.Required("host")}, plan {body.Required("digest")}, as {run}");
        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.Headers.Location = $"/api/runs/{run}";
        await Gatekeeper.Json(http, Answer(("run", run)));
    }

    private async Task Decide(HttpContext http, Person? person, Ct ct)
    {
        var body = await RequestBody.Read(http.Request, "step", "answer", "reason", "about");
        var (step, reason, about) = (body.Required("step"), body.Text("reason"), body.Text("about"));
        var answer = Deciding.Parse(body.Required("answer"), reason);
        var run = Run(http);
        if (options.SecondPersonAccept && Answers.Overrides(answer))
        {
            var word = await desk.Say(run, step, answer, reason, about, person!, ct);
            gate.Done(http, person!, "first-word", $"{Deciding.Word(answer)} to {step} of {run.Run}; it waits for a second person");
            http.Response.StatusCode = StatusCodes.Status202Accepted;
            await Gatekeeper.Json(http, Answer(("recorded", false), ("run", run.Run), ("step", step), ("answer", Deciding.Word(answer)), ("word", word.Id)));
            return;
        }
        var alive = await desk.Decide(run.Run, new(default, step, answer, person!.Name, reason, About: about), ct);
        gate.Done(http, person, "decision", $"{Deciding.Word(answer)} to {step} of {run.Run}");
        await Gatekeeper.Json(http, Recorded(run, step, answer, alive));
    }

    private async Task Confirm(HttpContext http, Person? person, Ct ct)
    {
        var body = await RequestBody.Read(http.Request, "word");
        var run = Run(http);
        var (word, alive) = await desk.Confirm(run, body.Required("word"), person!, ct);
        gate.Done(http, person!, "confirmation", $"{Deciding.Word(word.Answer)} to {word.Step} of {run.Run}, said by {word.Who}");
        await Gatekeeper.Json(http, Recorded(run, word.Step, word.Answer, alive));
    }

    private static JsonObject Recorded(RunState run, string step, Answer answer, bool alive) =>
        Answer(("recorded", true), ("run", run.Run), ("step", step), ("answer", Deciding.Word(answer)), ("runnerIsAlive", alive));

    private async Task Pause(HttpContext http, Person? person, Ct ct)
    {
        var body = await RequestBody.Read(http.Request, "reason");
        var before = await desk.Pause(Run(http).Run, body.Text("reason"), person!, ct);
        gate.Done(http, person!, "pause", $"{Run(http).Run} before {before}");
        await Gatekeeper.Json(http, Answer(("recorded", true), ("run", Run(http).Run), ("gate", before)));
    }

    private async Task Stop(HttpContext http, Person? person, Ct ct)
    {
        await RequestBody.Nothing(http.Request);
        await desk.Stop(Run(http).Run, person!, ct);
        gate.Done(http, person!, "stop", Run(http).Run);
        await Gatekeeper.Json(http, Answer(("stopping", true)));
    }

    private async Task Resume(HttpContext http, Person? person, Ct ct)
    {
        await RequestBody.Nothing(http.Request);
        await desk.Resume(Run(http).Run, person!, Ct.None);
        gate.Done(http, person!, "resume", Run(http).Run);
        await Gatekeeper.Json(http, Answer(("run", Run(http).Run)));
    }

    private async Task Report(HttpContext http, Person? _, Ct ct)
    {
        var history = desk.Tail.History(Run(http).Run);
        var language = Gatekeeper.Asked(http);
        switch (http.Request.Query["format"].ToString())
        {
            case "" or "html":
                // The file has its style in itself and no script; nothing in it may do anything here.
                http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";
                http.Response.ContentType = "text/html; charset=utf-8";
                await http.Response.WriteAsync(ReportText.Html(history, TimeZoneInfo.Local, language), ct);
                break;
            case "markdown":
                http.Response.ContentType = "text/markdown; charset=utf-8";
                await http.Response.WriteAsync(ReportText.Markdown(history, TimeZoneInfo.Local, language), ct);
                break;
            case "pdf":
                var pdf = await ReportPdf.Print(history, TimeZoneInfo.Local, language, ct);
                http.Response.ContentType = "application/pdf";
                http.Response.Headers.ContentDisposition = $"attachment; filename=\"{history.State.Run}.pdf\"";
                await http.Response.Body.WriteAsync(pdf, ct);
                break;
            case "json":
                await Gatekeeper.Json(http, ReportJson.Of(history, language));
                break;
            case var other:
                throw new Refusal(StatusCodes.Status400BadRequest, $"{other} is no format; there are html, markdown, pdf and json");
        }
    }

    private JsonObject PlanOf(RunState run, Language language) =>
        PlanJson.Of(run.Inventory, run.Plan, Schedule.Of(run.Inventory, run.Plan, desk.Tail.Runs(), run.StartedAt), language);

    private JsonObject Exchanges(RunState run, string step, Language language) => run.Plan.Index.ContainsKey(step)
        ? StatusJson.Exchanges(desk.Tail.History(run.Run), step, language)
        : throw new Refusal(StatusCodes.Status404NotFound, $"no step {step} in the plan of {run.Run}");

    private JsonObject Events(string run, Language language) => Answer(("run", run), ("events", desk.Tail.Entries(run, language)));

    private RunState Run(HttpContext http) => desk.Tail.Runs().FirstOrDefault(r => r.Run == Value(http, "run"))
        ?? throw new Refusal(StatusCodes.Status404NotFound, $"no run {Value(http, "run")} in the journal");

    private static Refusal NotHealthy(JsonObject health) => new(StatusCodes.Status409Conflict, "the cluster is not healthy or not known well enough; nothing is planned in such a state. Nothing was changed.", health);

    private static string Value(HttpContext http, string name) => (string)http.Request.RouteValues[name]!;

    private JsonObject Who(Person person) => Answer(("name", person.Name), ("right", Gatekeeper.Word(person.Right)), ("secondPerson", options.SecondPerson), ("secondPersonAccept", options.SecondPersonAccept), ("pdf", ReportPdf.IsPossible));

    private static JsonObject Answer(params ReadOnlySpan<(string Key, JsonNode? Value)> pairs)
    {
        var json = new JsonObject { ["schemaVersion"] = StatusJson.SchemaVersion };
        foreach (var (key, value) in pairs)
            json[key] = value;
        return json;
    }
}
