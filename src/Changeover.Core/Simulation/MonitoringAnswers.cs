using System.Globalization;
using System.Text;
using System.Text.Json;
using Changeover.Drivers;
using Changeover.Drivers.Downtimes;

namespace Changeover.Simulation;

/// <summary>The Icinga 2 interface of the simulated monitoring: one host object a machine, each with one service.</summary>
internal sealed class MonitoringAnswers(World world)
{
    private static readonly TimeSpan Takes = TimeSpan.FromMilliseconds(60);
    private const string Service = "ping";

    /// <summary>As targets of faults and exchanges call it.</summary>
    public const string Target = "monitoring";

    // Icinga 2.13 (documented): a login without the permission of the action.
    private static readonly Said Forbidden = new(403, "{\"error\":403,\"status\":\"Missing permission: actions/*-downtime\"}", "Forbidden", Takes);

    // Icinga 2.13 answers a filter that matches nothing so (seen); other versions with 404 and a sentence (documented).
    private static readonly Said NothingMatches = new(500, "{\"results\":[]}", "Internal Server Error", Takes);

    /// <summary>Null: no such call is known.</summary>
    public Said? To(Call call)
    {
        if (call.Path == DowntimesDriver.ListPath && call.Method == "GET")
            return new Said(200, List(), "OK", Takes);
        if (call.Method != "POST")
            return null;
        if (world.Truth.MonitoringRefuses)
            return Forbidden;
        using var body = JsonDocument.Parse(call.Body);
        var vars = body.RootElement.TryGetProperty("filter_vars", out var v) ? v : default;
        var filter = body.RootElement.GetProperty("filter").GetString();
        return (call.Path, filter) switch
        {
            (DowntimesDriver.SchedulePath, DowntimesDriver.ScheduleFilter) => Schedule(body.RootElement, vars),
            (DowntimesDriver.RemovePath, DowntimesDriver.RemoveFilter) => Remove(vars, false),
            (DowntimesDriver.RemovePath, DowntimesDriver.RemoveOlderFilter) => Remove(vars, true),
            _ => null,
        };
    }

    private void DropEnded()
    {
        var now = (world.Utc + world.Truth.MonitoringClockOffset).ToUnixTimeSeconds();
        world.Truth.Downtimes.RemoveAll(d => d.End < now);
    }

    private string List()
    {
        DropEnded();
        var text = new StringBuilder("{\"results\":[");
        foreach (var d in world.Truth.Downtimes)
        {
            if (text[^1] != '[')
                text.Append(',');
            text.Append(CultureInfo.InvariantCulture, $"{{\"attrs\":{{\"author\":{Quote(d.Author)},\"comment\":{Quote(d.Comment)},\"end_time\":{d.End},\"host_name\":{Quote(d.Object)},\"service_name\":\"{(d.Parent.Length > 0 ? Service : "")}\",\"start_time\":{d.Start}}},\"joins\":{{}},\"meta\":{{}},\"name\":{Quote(d.Name)},\"type\":\"Downtime\"}}");
        }
        return text.Append("]}").ToString();
    }

    private Said Schedule(JsonElement body, JsonElement vars)
    {
        var known = world.Truth.Machines.Select(m => m.GuestName)
            .Concat(world.Truth.Machines.Select(m => m.Name))
            .Concat(world.Inventory.Monitoring?.SharedObjects ?? [])
            .ToHashSet(StringComparer.Ordinal);
        var objects = vars.GetProperty("changeover_objects").EnumerateArray().Select(o => o.GetString()!).Where(known.Contains).ToArray();
        if (objects.Length == 0)
            return NothingMatches;
        var (author, comment) = (body.GetProperty("author").GetString()!, body.GetProperty("comment").GetString()!);
        var (start, end) = (body.GetProperty("start_time").GetInt64(), body.GetProperty("end_time").GetInt64());
        var text = new StringBuilder("{\"results\":[");
        foreach (var name in objects)
        {
            var host = Add(name, name, "");
            var service = Add(name, $"{name}!{Service}", host.Name);
            if (text[^1] != '[')
                text.Append(',');
            text.Append(CultureInfo.InvariantCulture, $"{{\"code\":200,\"legacy_id\":{host.Id},\"name\":{Quote(host.Name)},\"service_downtimes\":[{{\"legacy_id\":{service.Id},\"name\":{Quote(service.Name)}}}],\"status\":{Quote($"Successfully scheduled downtime '{host.Name}' for object '{name}'.")}}}");
        }
        return new(200, text.Append("]}").ToString(), "OK", Takes);

        DowntimeTruth Add(string host, string prefix, string parent)
        {
            var id = world.Truth.Downtimes.Count == 0 ? 1 : world.Truth.Downtimes[^1].Id + 1;
            var name = string.Create(CultureInfo.InvariantCulture, $"{prefix}!64d7c418-3820-4d13-ac9f-{id:x12}");
            var downtime = new DowntimeTruth(id, name, host, start, end, author, comment, parent);
            world.Truth.Downtimes.Add(downtime);
            return downtime;
        }
    }

    private Said Remove(JsonElement vars, bool older)
    {
        DropEnded();
        var (author, key) = (vars.GetProperty("changeover_author").GetString()!, vars.GetProperty("changeover_key").GetString()!);
        var (start, end) = older ? (vars.GetProperty("changeover_start").GetInt64(), vars.GetProperty("changeover_end").GetInt64()) : (0, 0);
        var removed = world.Truth.Downtimes
            .Where(d => d.Author == author && d.Comment.StartsWith(key, StringComparison.Ordinal) && !(older && d.Start == start && d.End == end))
            .ToArray();
        if (removed.Length == 0)
            return NothingMatches;
        world.Truth.Downtimes.RemoveAll(removed.Contains);
        return new(200, $"{{\"results\":[{string.Join(',', removed.Where(d => d.Parent.Length == 0).Select(d => $"{{\"code\":200,\"status\":{Quote($"Successfully removed downtime '{d.Name}' and 1 child downtimes.")}}}"))}]}}", "OK", Takes);
    }

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
