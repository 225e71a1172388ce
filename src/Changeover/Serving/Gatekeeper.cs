using System.Globalization;
using System.Text.Json.Nodes;
using Changeover.Control;
using Changeover.Findings;
using Changeover.Journal;
using Changeover.Reporting;
using Changeover.Running;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Changeover.Serving;

/// <summary>A request that is refused, with its HTTP status.</summary>
public sealed class Refusal(int status, string message, JsonObject? detail = null) : Exception(message)
{
    public int Status => status;
    public JsonObject? Detail => detail;
}

/// <summary>In front of everything: who asks, may they, and a sentence instead of an exception.</summary>
/// <param name="providerFile">Settings of the sign-in by a provider; empty: there is none.</param>
public sealed class Gatekeeper(string peopleFile, string providerFile, Sessions sessions, Audit audit, TimeProvider time)
{
    public const string Cookie = "__Host-changeover";

    /// <summary>A name has no blank, so nobody else is called so.</summary>
    private const string TokenPrefix = "token ";

    /// <summary>The header with which a page asks that nobody has touched for a minute: its session goes on as idle.</summary>
    public const string Unattended = "Changeover-Unattended";

    private static readonly object Asker = new();
    private static readonly object Tried = new();

    private readonly ReadAnew<People?> people = new(peopleFile, ReadPeople);
    private readonly ReadAnew<Provider?> provider = new(providerFile, file => ReadProvider(file, time));

    /// <summary>The people of now: an account that was added or taken away counts at once.</summary>
    /// <exception cref="Refusal">503: their file cannot be read now.</exception>
    public People People => people.Now ?? throw new Refusal(StatusCodes.Status503ServiceUnavailable, "the accounts cannot be read now, so nobody can sign in; the server's log says what is wrong with them");

    /// <summary>Where the file is and what is wrong with it is for the log, once for each time that it was written; who asks may be anybody.</summary>
    private static People? ReadPeople(string file)
    {
        try
        {
            return People.Read(file);
        }
        catch (Exception e) when (e is CommandEnds or IOException or UnauthorizedAccessException)
        {
            Server.Log(e.Message);
            return null;
        }
    }

    /// <summary>The provider as its settings are now; null: there is none, or they cannot be read.</summary>
    public Provider? Provider => providerFile.Length > 0 ? provider.Now : null;

    /// <exception cref="Refusal">404 there is none, 409 its settings cannot be read now.</exception>
    public Provider RequireProvider() => Provider ?? throw (providerFile.Length > 0
        ? new Refusal(StatusCodes.Status409Conflict, "the settings of the sign-in by a provider cannot be read; the server's log says where they are wrong. Local accounts are not touched by that.")
        : new Refusal(StatusCodes.Status404NotFound, "no provider signs people in here; use a local account"));

    /// <summary>What is wrong with it while the server runs is for the log: local accounts go on.</summary>
    private static Provider? ReadProvider(string file, TimeProvider time)
    {
        try
        {
            return new(ProviderSettings.Read(file), time);
        }
        catch (CommandEnds e)
        {
            foreach (var line in e.Message.Split('\n'))
                Server.Log(line);
            return null;
        }
    }

    /// <summary>Null: nobody we know.</summary>
    public Person? Find(HttpContext http)
    {
        var person = Known(http);
        http.Items[Asker] = person;
        return person;
    }

    private Person? Known(HttpContext http)
    {
        if (http.Features.Get<IConnectionSocketFeature>()?.Socket is { AddressFamily: System.Net.Sockets.AddressFamily.Unix } socket)
            return Peer.Of(socket) is { MayControl: true } peer ? new(peer.User, Right.Run, AtSocket: true) : null;
        var bearer = http.Request.Headers.Authorization.ToString();
        if (bearer.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            var digest = Passwords.Digest(bearer["Bearer ".Length..].Trim());
            return People.Tokens.FirstOrDefault(t => t.Digest == digest) is { } token ? new(TokenPrefix + token.Name, token.Right) : null;
        }
        return http.Request.Cookies[Cookie] is { Length: > 0 } secret ? FindSession(secret, isThere: !http.Request.Headers.ContainsKey(Unattended) && http.Request.Path != "/api/events") : null;
    }

    /// <summary>
    /// What somebody may now who said something then: that is asked when it is to count. The user at the socket can write the journal anyway.
    /// Who came by the provider is known by what it said then, judged by the settings of now, as in a session.
    /// </summary>
    /// <param name="then">An account or a token that was added anew after this is another one.</param>
    /// <returns>None: gone, another one, or not known.</returns>
    public Right RightNow(Person person, DateTimeOffset then) => person switch
    {
        { AtSocket: true } => Right.Run,
        { Identity: { } identity } => Provider?.Settings.PersonOf(identity, People)?.Right ?? Right.None,
        _ when person.Name.StartsWith(TokenPrefix, StringComparison.Ordinal) => People.Tokens.FirstOrDefault(t => TokenPrefix + t.Name == person.Name && t.Since <= then)?.Right ?? Right.None,
        _ => People.Accounts.FirstOrDefault(a => a.Name == person.Name && a.Since <= then)?.Right ?? Right.None,
    };

    /// <summary>Who has the session with this secret.</summary>
    /// <param name="isThere">Somebody did something; false: a page asks by itself, which keeps no session alive.</param>
    public Person? FindSession(string secret, bool isThere = true) => sessions.Find(People, Provider?.Settings, secret, isThere);

    /// <summary>Whom a sign-in is tried as; never what could be a password.</summary>
    public static void Tries(HttpContext http, string name) => http.Items[Tried] = name;

    /// <summary>What a person was let do is recorded.</summary>
    public void Done(HttpContext http, Person person, string kind, string what) => audit.Done(person.Name, From(http), kind, what);

    private static string From(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "socket";

    /// <exception cref="Refusal">401 nobody, 403 somebody who may not.</exception>
    public Person Require(HttpContext http, Right right)
    {
        var person = Find(http) ?? throw new Refusal(StatusCodes.Status401Unauthorized, "sign in first");
        RefuseOtherSites(http);
        return person.Right < right
            ? throw new Refusal(StatusCodes.Status403Forbidden, $"{person.Name} may {Word(person.Right)}; this needs {Word(right)}")
            : person;
    }

    /// <summary>
    /// A page of another site cannot make a signed-in browser do anything here: the cookie does not go with its requests (SameSite),
    /// and a browser says where a changing request comes from.
    /// </summary>
    public static void RefuseOtherSites(HttpContext http)
    {
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || http.Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return;
        var origin = http.Request.Headers.Origin.ToString();
        var own = $"{http.Request.Scheme}://{http.Request.Host}";
        var isSocket = http.Features.Get<IConnectionSocketFeature>()?.Socket.AddressFamily == System.Net.Sockets.AddressFamily.Unix;
        if (origin != own && !(isSocket && origin.Length == 0))
            throw new Refusal(StatusCodes.Status403Forbidden, $"a changing request must come from {own}; this one says {(origin.Length > 0 ? origin : "nothing (Origin header)")}. A program uses a token instead.");
    }

    public async Task Answer(HttpContext http, Func<Task> handler)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        headers.CacheControl = "no-store";
        try
        {
            await handler();
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && http.RequestAborted.IsCancellationRequested)
        {
            // Who asked has gone away.
        }
        catch (Exception e) when (Of(e) is var (status, message, detail))
        {
            Record(http, status, message);
            if (http.Response.HasStarted)
                return;
            http.Response.StatusCode = status;
            var body = detail ?? new JsonObject { ["schemaVersion"] = StatusJson.SchemaVersion };
            body["error"] = Asked(http).Say(message);
            await Json(http, body);
        }
    }

    /// <summary>Who tried what is worth keeping; what was sent is not, it may hold a password.</summary>
    private void Record(HttpContext http, int status, string why)
    {
        var (request, person) = (http.Request, http.Items[Asker] as Person);
        // A page that is not signed in yet asks as well, and so do those who look for pages that are not there.
        var showsSomething = request.Headers.Authorization.Count > 0 || request.Cookies.ContainsKey(Cookie);
        if (status is StatusCodes.Status401Unauthorized or StatusCodes.Status404NotFound && person is null && !showsSomething && HttpMethods.IsGet(request.Method))
            return;
        Server.Log($"refused {status}: {request.Method} {request.Path} from {From(http)}: {why}");
        var network = Sessions.Network(http.Connection.RemoteIpAddress);
        if (http.Items[Tried] is string tried)
            audit.Refused("", From(http), network, "sign-in-failed", tried, status, why);
        else
            audit.Refused(person?.Name ?? "", From(http), network, "refused", $"{request.Method} {request.Path}", status, why);
    }

    private static (int Status, string Message, JsonObject? Detail)? Of(Exception e) => e switch
    {
        Refusal r => (r.Status, r.Message, r.Detail),
        CommandEnds { ExitCode: ExitCodes.Refused } => (StatusCodes.Status409Conflict, e.Message, null),
        CommandEnds => (StatusCodes.Status400BadRequest, e.Message, null),
        JournalException { Trouble: JournalTrouble.Locked or JournalTrouble.Fenced or JournalTrouble.Missing } => (StatusCodes.Status409Conflict, e.Message, null),
        JournalException => (StatusCodes.Status500InternalServerError, e.Message, null),
        BadHttpRequestException bad => (bad.StatusCode, bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? $"a request has at most {Server.LargestBody} bytes" : "that is no request this server understands", null),
        OperationCanceledException => (StatusCodes.Status503ServiceUnavailable, "the server ends", null),
        _ => (StatusCodes.Status500InternalServerError, $"internal error: {e.GetType().Name}: {e.Message} What was begun stands in the journal.", null),
    };

    /// <summary>The language that the caller likes best, where it is ours; else English.</summary>
    public static Language Asked(HttpContext http) =>
        http.Request.GetTypedHeaders().AcceptLanguage.MaxBy(l => l.Quality ?? 1)?.Value.StartsWith("de", StringComparison.OrdinalIgnoreCase) == true ? Language.German : Language.English;

    public static Task Json(HttpContext http, JsonNode? body)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        return http.Response.WriteAsync(body?.ToJsonString() ?? "null");
    }

    /// <param name="body">JSON, written already.</param>
    public static Task Json(HttpContext http, byte[] body)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body, 0, body.Length);
    }

    public static string Word(Right right) => right.ToString().ToLower(CultureInfo.InvariantCulture);
}
