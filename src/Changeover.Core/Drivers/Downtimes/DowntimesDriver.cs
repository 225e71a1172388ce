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

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context) => throw new NotImplementedException();

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

    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context) => throw new NotImplementedException();

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
