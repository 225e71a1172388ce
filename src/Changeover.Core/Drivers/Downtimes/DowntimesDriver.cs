using System.Globalization;
using System.Text.Json;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers.Downtimes;

/// <summary>Downtimes in Icinga 2, found again by the key at the start of their comment (F2, F13, B2, B14, B16).</summary>
/// <remarks>Source: Icinga 2 documentation, "Icinga 2 API", actions schedule-downtime and remove-downtime.</remarks>
public sealed class DowntimesDriver : IDriver
{
    public const string Endpoint = "monitoring";
    public const string Author = "changeover";
    public const string ListKey = "list";
    public const string ScheduleKey = "schedule";
    public const string RemoveKey = "remove";

    public const string ListPath =
        "/v1/objects/downtimes?attrs=host_name&attrs=service_name&attrs=start_time&attrs=end_time&attrs=author&attrs=comment";

    public const string SchedulePath = "/v1/actions/schedule-downtime";
    public const string RemovePath = "/v1/actions/remove-downtime";

    /// <summary>Values travel as variables of the filter, never inside it, so no name can change what it means.</summary>
    public const string ScheduleFilter = "host.name in changeover_objects";

    public const string RemoveFilter = "downtime.author == changeover_author && downtime.comment.find(changeover_key) == 0";

    /// <summary>Those of the key that are not the ones just made.</summary>
    public const string RemoveOlderFilter =
        RemoveFilter + " && (downtime.start_time != changeover_start || downtime.end_time != changeover_end)";

    public ImmutableArray<SubjectKind> Subjects => [SubjectKind.Downtimes];

    public Request Ask(Subject subject, DriverContext context) =>
        new Request.Http(Endpoint, [new(ListKey, "GET", ListPath)], context.Inventory.Budgets.Look);

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context)
    {
        if (reply.Find(ListKey) is not { } result)
            return Bad(subject, "no answer to the list");
        if (result.Code != 200)
            return Reading.Unreadable(DowntimesFindings.Refused.On(subject.Name, "words", Words(result)));
        using var answer = JsonReading.Parse(result.Output);
        if (answer?.RootElement.Member("results").Items() is not { } rows)
            return Bad(subject, "no list of results");
        var downtimes = ImmutableArray.CreateBuilder<Downtime>();
        foreach (var row in rows)
        {
            if (row.Text("name") is not { Length: > 0 } name
                || row.Member("attrs") is not { } attrs
                || attrs.Text("host_name") is not { Length: > 0 } host
                || attrs.Text("service_name") is not { } service
                || Time(attrs.Number("start_time")) is not { } start
                || Time(attrs.Number("end_time")) is not { } end
                || attrs.Text("author") is not { } author
                || attrs.Text("comment") is not { } comment)
                return Bad(subject, "a downtime without host, service, start, end, author or comment");
            // The downtimes of its services come and go with the host's.
            if (service.Length == 0)
                downtimes.Add(new(name, host, start, end, author, KeyOf(author, comment)));
        }
        return Reading.Of(new DowntimeFacts([.. downtimes.OrderBy(d => d.Object, StringComparer.Ordinal).ThenBy(d => d.Id, StringComparer.Ordinal)]));
    }

    /// <summary>
    /// To set: schedule the new ones, and only when that went well remove the older ones of the same key. A crash between the
    /// two leaves both, and a downtime inside a downtime silences nothing more; the next set or the removal by key takes both.
    /// </summary>
    public Request? Tell(ClusterAction action, DriverContext context) => action switch
    {
        SetDowntime set => new Request.Http(Endpoint, Set(set, context), context.Inventory.Budgets.Look),
        RemoveDowntime remove => new Request.Http(
            Endpoint,
            [new(RemoveKey, "POST", RemovePath, Body(("type", "Downtime"), ("filter", RemoveFilter), ("filter_vars", Marks(remove.Key))))],
            context.Inventory.Budgets.Look),
        _ => null,
    };

    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context) => action switch
    {
        SetDowntime => reply.Find(ScheduleKey) is { } scheduled
            ? Heard(scheduled, whenNone: ReceptionKind.Refused)
            : new(ReceptionKind.NotSent, "nothing was looked at yet, so the present time is not known"),
        _ => reply.Find(RemoveKey) is { } removed ? Heard(removed, whenNone: ReceptionKind.Accepted) : new(ReceptionKind.Unclear),
    };

    /// <summary>
    /// Each object has a code of its own. Some done and some not is unclear: it is looked at, and what is missing shows.
    /// </summary>
    private static Reception Heard(Result result, ReceptionKind whenNone)
    {
        using var answer = JsonReading.Parse(result.Output);
        var rows = answer?.RootElement.Member("results").Items();
        // A filter that matches nothing: 2.13 says 500 with an empty list (seen), others 404 with this sentence (documented).
        if ((result.Code == 500 && rows is { Length: 0 })
            || (result.Code == 404 && result.Output.Contains("No objects found", StringComparison.OrdinalIgnoreCase)))
            return whenNone == ReceptionKind.Accepted ? Reception.Accepted : new(whenNone, "the monitoring knows none of these objects");
        if (result.Code is >= 400 and < 500)
            return new(ReceptionKind.Refused, Words(result));
        return result.Code == 200 && rows is { Length: > 0 } each && each.All(r => r.Number("code") == 200)
                ? Reception.Accepted
                : new(ReceptionKind.Unclear, Words(result));
    }

    private static Reading Bad(Subject subject, string what) => Reading.Unreadable(DowntimesFindings.Unreadable.On(subject.Name, "what", what));

    /// <summary>The statuses that are not 200, or the start of a page in HTML (a refused login is one).</summary>
    private static string Words(Result result)
    {
        using var answer = JsonReading.Parse(result.Output);
        var statuses = (answer?.RootElement.Member("results").Items() ?? [])
            .Where(r => r.Number("code") != 200)
            .Select(r => r.Text("status"))
            .Append(answer?.RootElement.Text("status"))
            .OfType<string>();
        var words = string.Join("; ", statuses);
        return $"code {result.Code}, {Excerpt.Of(words.Length > 0 ? words : result.Output)}";
    }

    private static DateTimeOffset? Time(double? seconds) =>
        seconds is >= 0 and < 253402300800 ? DateTimeOffset.UnixEpoch.AddSeconds(seconds.Value) : null;

    /// <summary>Ours only: others may put brackets into their comments too.</summary>
    private static string KeyOf(string author, string comment) =>
        author == Author && comment.StartsWith('[') && comment.IndexOf(']', StringComparison.Ordinal) is > 1 and var end ? comment[1..end] : "";

    /// <summary>How a comment starts that carries this key.</summary>
    public static string Prefix(string key) => $"[{key}]";

    private static ImmutableArray<Call> Set(SetDowntime set, DriverContext context)
    {
        // A fixed downtime that starts in the future would not silence now. The newest question that left tells the time here,
        // a minute off for two clocks that differ.
        var newest = context.Snapshot.All.Select(o => (DateTimeOffset?)o.AskedAt.Utc).Max();
        if (newest is not { } now)
            return [new(ListKey, "GET", ListPath)];
        var start = now.ToUnixTimeSeconds() - 60;
        var end = set.Until.ToUnixTimeSeconds() + (set.Until.Ticks % TimeSpan.TicksPerSecond == 0 ? 0 : 1);
        return
        [
            new(ScheduleKey, "POST", SchedulePath, Body(
                ("type", "Host"),
                ("filter", ScheduleFilter),
                ("filter_vars", new[] { ("changeover_objects", (object)set.Objects) }),
                ("author", Author),
                ("comment", $"{Prefix(set.Key)} {set.Comment}"),
                ("start_time", start),
                ("end_time", end),
                ("fixed", true),
                ("all_services", true))),
            new(RemoveKey, "POST", RemovePath, Body(
                ("type", "Downtime"),
                ("filter", RemoveOlderFilter),
                ("filter_vars", ((string, object)[])[.. Marks(set.Key), ("changeover_start", start), ("changeover_end", end)])),
                After: ScheduleKey),
        ];
    }

    private static (string, object)[] Marks(string key) => [("changeover_author", Author), ("changeover_key", Prefix(key))];

    private static string Body(params ReadOnlySpan<(string Name, object Value)> members)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
            Write(json, members);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<(string Name, object Value)> members)
    {
        json.WriteStartObject();
        foreach (var (name, value) in members)
        {
            json.WritePropertyName(name);
            switch (value)
            {
                case string text: json.WriteStringValue(text); break;
                case long number: json.WriteNumberValue(number); break;
                case bool yes: json.WriteBooleanValue(yes); break;
                case ImmutableArray<string> texts:
                    json.WriteStartArray();
                    foreach (var text in texts)
                        json.WriteStringValue(text);
                    json.WriteEndArray();
                    break;
                case (string, object)[] inner: Write(json, inner); break;
                default: throw new System.Diagnostics.UnreachableException();
            }
        }
        json.WriteEndObject();
    }
}
