using System.Globalization;
using System.Text.Json;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers.Power;

/// <summary>The guests of a host, their power, autostart and placement, by the Proxmox VE interface (X2, X3, X8, F9, B0, B5).</summary>
/// <remarks>Source: Proxmox VE API viewer, qemu-server's API2/Qemu.pm.</remarks>
public sealed class PowerDriver : IDriver
{
    public const string GuestsKey = "guests";
    public const string TasksKey = "tasks";
    public const string StoragesKey = "storages";
    public const string NetworksKey = "networks";
    public const string SetKey = "set";

    public static string GuestsPath(string node) => $"/api2/json/nodes/{Uri.EscapeDataString(node)}/qemu";

    /// <summary>Newest first. Only these say why a start or shutdown that was taken came to nothing.</summary>
    public static string TasksPath(string node) => $"/api2/json/nodes/{Uri.EscapeDataString(node)}/tasks?limit=100";

    public static string StoragesPath(string node) => $"/api2/json/nodes/{Uri.EscapeDataString(node)}/storage";

    /// <summary>Bridges, whoever makes them, and virtual networks.</summary>
    public static string NetworksPath(string node) => $"/api2/json/nodes/{Uri.EscapeDataString(node)}/network?type=any_bridge";

    public static string ConfigurationPath(string node, string id) => $"{GuestsPath(node)}/{id}/config";

    public static string StatusPath(string node, string id) => $"{GuestsPath(node)}/{id}/status/current";

    /// <param name="verb">start, shutdown or stop.</param>
    public static string SetPath(string node, string id, string verb) => $"{GuestsPath(node)}/{id}/status/{verb}";

    public static string ConfigurationKey(string id) => $"config.{id}";

    public static string StatusKey(string id) => $"status.{id}";

    public ImmutableArray<SubjectKind> Subjects => [SubjectKind.Power];

    /// <summary>
    /// The list of guests, and autostart, lock and high availability of those guests of the inventory that the last look found:
    /// after the first look they are unknown, after the second known.
    /// </summary>
    public Request Ask(Subject subject, DriverContext context)
    {
        var node = Node(subject.Name, context);
        return new Request.Http(
            Endpoint(subject.Name),
            [
                new(GuestsKey, "GET", GuestsPath(node)),
                .. Ours(subject.Name, context).SelectMany(id => new[]
                {
                    new Call(ConfigurationKey(id), "GET", ConfigurationPath(node, id)),
                    new Call(StatusKey(id), "GET", StatusPath(node, id)),
                }),
                new(TasksKey, "GET", TasksPath(node)),
                new(StoragesKey, "GET", StoragesPath(node)),
                new(NetworksKey, "GET", NetworksPath(node)),
            ],
            context.Inventory.Budgets.Look);
    }

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context)
    {
        using var list = Data(reply, GuestsKey);
        if (list?.RootElement.Member("data").Items() is not { } rows)
        {
            return Refusal(reply.Find(GuestsKey)) is { } words
                ? Reading.Unreadable(PowerFindings.Refused.On(subject.Name, "words", words))
                : Bad(subject.Name, "the list of guests is not there");
        }
        var failures = Failures(reply);
        var asked = Ours(subject.Name, context).ToHashSet(StringComparer.Ordinal);
        var guests = ImmutableArray.CreateBuilder<Guest>();
        foreach (var row in rows)
        {
            if (row.Number("template") == 1)
                continue;
            if (row.Number("vmid") is not { } number || row.Text("name") is not { } name)
                return Bad(subject.Name, "a guest without number or name");
            var id = number.ToString("0", CultureInfo.InvariantCulture);
            using var status = Data(reply, StatusKey(id));
            using var configuration = Data(reply, ConfigurationKey(id));
            var now = status?.RootElement.Member("data");
            var set = configuration?.RootElement.Member("data");
            guests.Add(new(
                id,
                name,
                // What qemu itself says is more exact: a paused guest runs in the list. Asked and not answered or not understood is not "as in the list".
                now is { } current ? Power(current) : !asked.Contains(id) && reply.Find(StatusKey(id)) is null ? Power(row) : PowerState.Unknown,
                set is { ValueKind: JsonValueKind.Object } s ? (s.Number("onboot") ?? 0) != 0 : null,
                now?.Member("ha")?.Number("managed") is { } managed ? managed != 0 : null,
                now?.Text("lock") ?? set?.Text("lock") ?? row.Text("lock") ?? "")
            {
                LastFailure = failures.GetValueOrDefault(id, ""),
                StandsOn = set is { ValueKind: JsonValueKind.Object } hardware ? HostParts.OfGuest(hardware) : null,
            });
        }
        // Found by name, so a name twice could switch the wrong one. Names the inventory does not know may be there twice.
        var twice = guests
            .Where(g => context.Inventory.Machines.Any(m => m.GuestName == g.Name))
            .GroupBy(g => g.Name)
            .FirstOrDefault(g => g.Count() > 1);
        return twice is null
            ? Reading.Of(new PowerFacts([.. guests.OrderBy(g => g.Name, StringComparer.Ordinal).ThenBy(g => g.Id, StringComparer.Ordinal)]) { Parts = Parts(reply) })
            : Reading.Unreadable(PowerFindings.NameTwice.On(subject.Name, "name", twice.Key, "ids", string.Join(" and ", twice.Select(g => g.Id))));
    }

    /// <summary>
    /// One call for the guest's number, which the last look found under its name. While it is not known the request only looks,
    /// and <see cref="Heard"/> says that nothing was sent.
    /// </summary>
    public Request? Tell(ClusterAction action, DriverContext context)
    {
        if (action is not SetPower set || context.Inventory.FindHost(set.Host)?.Hypervisor != HypervisorKind.Proxmox)
            return null;
        var node = Node(set.Host, context);
        var guest = context.Snapshot.Facts<PowerFacts>(SubjectKind.Power, set.Host)?.Find(context.Inventory.Machine(set.Machine).GuestName);
        return new Request.Http(
            Endpoint(set.Host),
            [guest is null ? new(GuestsKey, "GET", GuestsPath(node)) : Set(set, node, guest.Id, context)],
            context.Inventory.Budgets.Look);
    }

    /// <summary>
    /// The number of a task says that the hypervisor took it, not that it will succeed: that is seen on the guest's power, and
    /// a task that failed on <see cref="Guest.LastFailure"/>.
    /// </summary>
    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context)
    {
        if (reply.Find(SetKey) is not { } result)
            return new(ReceptionKind.NotSent, "the guest's number is not known yet: it was not found on this host by the last look");
        if (result.Code == 200)
        {
            using var answer = JsonReading.Parse(result.Output);
            return answer?.RootElement.Text("data") is { } task && task.StartsWith("UPID:", StringComparison.Ordinal)
                ? Reception.Accepted
                : new(ReceptionKind.Unclear, "the hypervisor answered 200 without the number of a task");
        }
        // Its own refusals are said before a task begins. 595 and above, and a gateway's 502 to 504, come from the way there:
        // another node may have begun it.
        return new(
            result.Code is >= 400 and < 500 or 500 or 501 ? ReceptionKind.Refused : ReceptionKind.Unclear,
            Refusal(result) ?? $"code {result.Code}");
    }

    // An empty text is no JSON, and the interface refuses it (501), so even a call without parameters has a body.
    // The task that waits for the guest holds the guest's lock, and a hard stop would have to wait for it: it may not wait
    // longer than we do.
    private static Call Set(SetPower set, string node, string id, DriverContext context) => set switch
    {
        { On: true } => new(SetKey, "POST", SetPath(node, id, "start"), "{}"),
        { Hard: true } => new(SetKey, "POST", SetPath(node, id, "stop"), "{}"),
        _ => new(SetKey, "POST", SetPath(node, id, "shutdown"), string.Create(CultureInfo.InvariantCulture,
            $"{{\"timeout\":{Math.Max(10, (int)context.Inventory.Budgets.PowerOff.TotalSeconds)}}}")),
    };

    private static Reading Bad(string host, string what) => Reading.Unreadable(PowerFindings.Unreadable.On(host, "what", what));

    private static JsonDocument? Data(Reply.Answered reply, string key) =>
        reply.Find(key) is { Code: 200 } result ? JsonReading.Parse(result.Output) : null;

    /// <summary>The words of an error: in the reason phrase, and in newer versions in the body; never the body as such.</summary>
    private static string? Refusal(Result? result)
    {
        if (result is null or { Code: 200 })
            return null;
        using var body = JsonReading.Parse(result.Output);
        var words = ImmutableArray.CreateBuilder<string>();
        words.Add($"code {result.Code}");
        if (body?.RootElement.Text("message") is { } message)
            words.Add(Excerpt.Of(message));
        else if (result.Error.Length > 0)
            words.Add(Excerpt.Of(result.Error));
        if (body?.RootElement.Member("errors") is { ValueKind: JsonValueKind.Object } errors)
            words.AddRange(errors.EnumerateObject().Select(e => $"{e.Name}: {Excerpt.Of(e.Value.ToString())}"));
        return string.Join(", ", words);
    }

    /// <summary>A paused guest counts as running in "status"; what qemu itself says is more exact, where it is asked.</summary>
    private static PowerState Power(JsonElement guest) => (guest.Text("status"), guest.Text("qmpstatus")) switch
    {
        ("stopped", null or "stopped") => PowerState.Off,
        ("running", null or "running") => PowerState.On,
        ("running", "paused" or "suspended" or "prelaunch") => PowerState.Paused,
        _ => PowerState.Unknown,
    };

    /// <summary>Guest → why its newest power task failed. Without a list of tasks: nothing is known, which hides no failure of power.</summary>
    private static ImmutableDictionary<string, string> Failures(Reply.Answered reply)
    {
        using var tasks = Data(reply, TasksKey);
        return (tasks?.RootElement.Member("data").Items() ?? [])
            .Select(t => (Id: t.Text("id") ?? "", Type: t.Text("type") ?? "", Began: t.Number("starttime") ?? 0, End: t.Text("exitstatus") ?? t.Text("status") ?? ""))
            .Where(t => t.Type is "qmstart" or "qmshutdown" or "qmstop" or "qmreboot" or "hastart" or "hastop")
            .GroupBy(t => t.Id)
            .Select(g => g.MaxBy(t => t.Began))
            .Where(t => t.End is not ("" or "OK" or "running" or "stopped") && !t.End.StartsWith("WARNINGS", StringComparison.Ordinal))
            .ToImmutableDictionary(t => t.Id, t => $"{t.Type}: {Excerpt.Of(t.End)}");
    }

    private static ImmutableArray<HostPart>? Parts(Reply.Answered reply)
    {
        using var storages = Data(reply, StoragesKey);
        using var networks = Data(reply, NetworksKey);
        return storages?.RootElement.Member("data").Items() is { } stores && networks?.RootElement.Member("data").Items() is { } bridges
            ? HostParts.OfHost(stores, bridges)
            : null;
    }

    private static IEnumerable<string> Ours(string host, DriverContext context) =>
        context.Snapshot.Facts<PowerFacts>(SubjectKind.Power, host) is { } known
            ? known.Guests.Where(g => context.Inventory.Machines.Any(m => m.GuestName == g.Name)).Select(g => g.Id)
            : [];

    private static string Node(string host, DriverContext context) => context.Inventory.FindHost(host)?.Node ?? host;

    private static string Endpoint(string host) => $"host:{host}";
}
