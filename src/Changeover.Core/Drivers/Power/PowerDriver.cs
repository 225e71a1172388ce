using System.Globalization;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers.Power;

/// <summary>The guests of a host, their power, autostart and placement, by the Proxmox VE interface (X2, X3, X8, F9, B0, B5).</summary>
/// <remarks>Source: Proxmox VE API viewer, qemu-server's API2/Qemu.pm.</remarks>
public sealed class PowerDriver : IDriver
{
    public const string GuestsKey = "guests";
    public const string TasksKey = "tasks";
    public const string SetKey = "set";

    public static string GuestsPath(string node) => $"/api2/json/nodes/{Uri.EscapeDataString(node)}/qemu";

    /// <summary>Newest first. Only these say why a start or shutdown that was taken came to nothing.</summary>
    public static string TasksPath(string node) => $"/api2/json/nodes/{Uri.EscapeDataString(node)}/tasks?limit=100&source=archive";

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
            ],
            context.Inventory.Budgets.Look);
    }

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context) => throw new NotImplementedException();

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

    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context) => throw new NotImplementedException();

    // The task that waits for the guest holds the guest's lock, and a hard stop would have to wait for it: it may not wait
    // longer than we do.
    private static Call Set(SetPower set, string node, string id, DriverContext context) => set switch
    {
        { On: true } => new(SetKey, "POST", SetPath(node, id, "start")),
        { Hard: true } => new(SetKey, "POST", SetPath(node, id, "stop")),
        _ => new(SetKey, "POST", SetPath(node, id, "shutdown"), string.Create(CultureInfo.InvariantCulture,
            $"{{\"timeout\":{Math.Max(10, (int)context.Inventory.Budgets.PowerOff.TotalSeconds)}}}")),
    };

    private static IEnumerable<string> Ours(string host, DriverContext context) =>
        context.Snapshot.Facts<PowerFacts>(SubjectKind.Power, host) is { } known
            ? known.Guests.Where(g => context.Inventory.Machines.Any(m => m.GuestName == g.Name)).Select(g => g.Id)
            : [];

    private static string Node(string host, DriverContext context) => context.Inventory.FindHost(host)?.Node ?? host;

    private static string Endpoint(string host) => $"host:{host}";
}
