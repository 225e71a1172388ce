using System.Text.Json.Nodes;

namespace Changeover.Serving;

/// <summary>The OpenAPI 3.1 document, made from the table of routes. What the objects look like stands in docs/json.md.</summary>
public static class OpenApi
{
    public static JsonObject Of(ImmutableArray<Route> routes) => new()
    {
        ["openapi"] = "3.1.0",
        ["info"] = new JsonObject { ["title"] = "Changeover", ["version"] = typeof(OpenApi).Assembly.GetName().Version!.ToString(3), ["description"] = "Objects: docs/json.md. Rights: view < plan < approve < run." },
        ["components"] = new JsonObject
        {
            ["securitySchemes"] = new JsonObject
            {
                ["session"] = new JsonObject { ["type"] = "apiKey", ["in"] = "cookie", ["name"] = Gatekeeper.Cookie },
                ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" },
            },
            ["schemas"] = new JsonObject
            {
                ["error"] = new JsonObject
                {
                    ["type"] = "object",
                    ["required"] = new JsonArray("error"),
                    ["properties"] = new JsonObject { ["error"] = new JsonObject { ["type"] = "string", ["description"] = "what was seen, what was expected, what to do" } },
                },
            },
        },
        ["paths"] = new JsonObject(routes.GroupBy(r => r.Path).Select(path => KeyValuePair.Create(path.Key, (JsonNode?)new JsonObject(
            path.Select(r => KeyValuePair.Create(r.Method.ToLowerInvariant(), (JsonNode?)Operation(r))))))),
    };

    private static JsonObject Operation(Route route)
    {
        var operation = new JsonObject
        {
            ["summary"] = route.Summary,
            ["description"] = route.Right == Right.None ? "needs no sign-in" : $"needs the right {Gatekeeper.Word(route.Right)}",
            ["security"] = route.Right == Right.None ? new JsonArray() : new JsonArray(new JsonObject { ["session"] = new JsonArray() }, new JsonObject { ["token"] = new JsonArray() }),
        };
        var inPath = route.Path.Split('/').Where(p => p.StartsWith('{')).Select(p => Parameter(p.Trim('{', '}'), "path", true));
        var inQuery = route.Method == "GET" ? route.Takes.Select(t => Parameter(t, "query", false)) : [];
        var language = Parameter("Accept-Language", "header", false);
        language["description"] = "what people are told is said in English, or in German where that is liked best (de)";
        operation["parameters"] = new JsonArray([.. inPath.Concat(inQuery), language]);
        if (route.Method == "POST" && route.Takes.Length > 0)
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(Body(route.Takes)) };
        var responses = new JsonObject();
        foreach (var (status, what) in Successes(route))
            responses[status] = Success(route, what);
        foreach (var (status, why) in Refusals(route))
            responses[status] = new JsonObject { ["description"] = why, ["content"] = Content(new JsonObject { ["$ref"] = "#/components/schemas/error" }) };
        operation["responses"] = responses;
        return operation;
    }

    private static IEnumerable<(string, string)> Successes(Route route) => (route.Method, route.Path) switch
    {
        ("POST", "/api/runs") => [("201", "started; Location says where it is")],
        ("POST", "/api/rehearsals") => [("202", "begun; it is played in the background")],
        ("POST", "/api/runs/{run}/decisions") => [("200", "it counts"), ("202", "it counts when somebody else confirms it")],
        _ => [("200", "as asked")],
    };

    private static JsonObject Success(Route route, string what)
    {
        var success = new JsonObject { ["description"] = what };
        ImmutableArray<string> types = route.Path switch
        {
            "/api/runs/{run}/report" => ["text/html", "text/markdown", "application/pdf", "application/json"],
            "/api/events" => ["text/event-stream"],
            _ => ["application/json"],
        };
        success["content"] = new JsonObject(types.Select(t => KeyValuePair.Create(t, (JsonNode?)new JsonObject())));
        return success;
    }

    private static IEnumerable<(string, string)> Refusals(Route route)
    {
        yield return ("400", "something in the request is wrong; the sentence says what");
        if (route.Right > Right.None)
            yield return ("401", "nobody is signed in");
        if (route.Right > Right.View)
            yield return ("403", "the person may not");
        if (route.Path.Contains('{', StringComparison.Ordinal))
            yield return ("404", "there is no such run, step or approval");
        if (route.Method == "POST")
        {
            yield return ("413", $"more than {Server.LargestBody} bytes");
            yield return ("415", "the body is not application/json");
        }
        yield return ("409", "refused by the state of the cluster or of the run; nothing was changed");
        if ((route.Method, route.Path) is ("POST", "/api/session") or ("POST", "/api/provider/answer"))
            yield return ("429", "too many wrong passwords");
        yield return ("503", "the server ends, or its accounts cannot be read");
        if (route.Path.StartsWith("/api/provider", StringComparison.Ordinal) && route.Method == "POST")
            yield return ("502", "the provider cannot be reached, or what it says is not understood or not accepted");
    }

    private static JsonNode Parameter(string name, string place, bool required) =>
        new JsonObject { ["name"] = name.TrimEnd('*', '[', ']'), ["in"] = place, ["required"] = required, ["schema"] = Schema(name) };

    /// <summary>In a query a list is the same key several times, which is what OpenAPI takes for granted there.</summary>
    private static JsonObject Schema(string takes) => takes.EndsWith("[]", StringComparison.Ordinal)
        ? new() { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } }
        : new() { ["type"] = "string" };

    private static JsonObject Content(JsonObject schema) => new() { ["application/json"] = new JsonObject { ["schema"] = schema } };

    private static JsonObject Body(ImmutableArray<string> takes) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = new JsonArray([.. takes.Where(t => t.EndsWith('*')).Select(t => (JsonNode)t.TrimEnd('*'))]),
        ["properties"] = new JsonObject(takes.Select(t => KeyValuePair.Create(t.TrimEnd('*', '[', ']'), (JsonNode?)Schema(t)))),
    };
}
