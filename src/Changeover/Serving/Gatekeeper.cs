using System.Globalization;
using System.Text.Json.Nodes;
using Changeover.Control;
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
public sealed class Gatekeeper(string peopleFile, Sessions sessions)
{
    public const string Cookie = "__Host-changeover";

    private readonly Lock gate = new();
    private People people = People.Nobody;
    private DateTime written;

    /// <summary>The people of now: an account that was added or taken away counts at once.</summary>
    public People People
    {
        get
        {
            lock (gate)
            {
                var now = File.GetLastWriteTimeUtc(peopleFile);
                if (now != written)
                    (people, written) = (People.Read(peopleFile), now);
                return people;
            }
        }
    }

    /// <summary>Null: nobody we know.</summary>
    public Person? Find(HttpContext http)
    {
        if (http.Features.Get<IConnectionSocketFeature>()?.Socket is { AddressFamily: System.Net.Sockets.AddressFamily.Unix } socket)
            return Peer.Of(socket) is { MayControl: true } peer ? new(peer.User, Right.Run) : null;
        var bearer = http.Request.Headers.Authorization.ToString();
        if (bearer.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            var digest = Passwords.Digest(bearer["Bearer ".Length..].Trim());
            return People.Tokens.FirstOrDefault(t => t.Digest == digest) is { } token ? new($"token {token.Name}", token.Right) : null;
        }
        return http.Request.Cookies[Cookie] is { Length: > 0 } secret ? sessions.Find(People, secret) : null;
    }

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
            // Who tried what is worth keeping; what was sent is not, it may hold a password.
            // A page that is not signed in yet asks as well.
            if (status != StatusCodes.Status401Unauthorized || http.Request.Method != HttpMethods.Get)
                Server.Log($"refused {status}: {http.Request.Method} {http.Request.Path} from {http.Connection.RemoteIpAddress?.ToString() ?? "socket"}: {message}");
            if (http.Response.HasStarted)
                return;
            http.Response.StatusCode = status;
            var body = detail ?? new JsonObject { ["schemaVersion"] = StatusJson.SchemaVersion };
            body["error"] = message;
            await Json(http, body);
        }
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

    public static Task Json(HttpContext http, JsonNode? body)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        return http.Response.WriteAsync(body?.ToJsonString() ?? "null");
    }

    public static string Word(Right right) => right.ToString().ToLower(CultureInfo.InvariantCulture);
}
