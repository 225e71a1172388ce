using System.Security.Cryptography;
using System.Text;
using Changeover.Lab.Machines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Changeover.Lab.VmHosts;

/// <summary>
/// One VM host: the part of the Proxmox VE API that a controller of virtual machines uses, over machines that are really
/// started and stopped. Each host stands alone (no Proxmox cluster), so it knows only its own node.
/// </summary>
public sealed class ProxmoxApi(VmHost host)
{
    private readonly ApiTasks _tasks = new(host);
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;

    private ImmutableArray<Machine> Own { get; } = [.. Topology.Machines.Where(m => m.Host == host.Name)];

    public async Task Serve(bool booted)
    {
        _tasks.CloseInterrupted();
        // The empty builder: the others watch every file below the working folder for changed settings.
        var builder = WebApplication.CreateEmptyBuilder(new() { ContentRootPath = LabPaths.HostDirectory(host) });
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(o => o.Listen(
            System.Net.IPAddress.Parse(host.Address), Topology.ApiPort, l => l.UseHttps(Credentials.ServerCertificate(host))));
        var app = builder.Build();
        var secret = Encoding.UTF8.GetBytes($"PVEAPIToken={File.ReadAllText(LabPaths.Token).Trim()}");
        app.Use(async (context, next) =>
        {
            var given = Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString());
            if (CryptographicOperations.FixedTimeEquals(given, secret))
            {
                await next();
                return;
            }

            await Answer(401, given.Length == 0 ? "No ticket" : "invalid token value!").ExecuteAsync(context);
        });
        app.UseRouting();
        Map(app);
        app.UseEndpoints(_ => { });
        if (booted)
            foreach (var m in Own.Where(m => VmSettings.Load(m).OnBoot && !Power.Of(m).IsOn))
                _tasks.Start("qmstart", m.VmId, () => Power.Of(m).On());
        Console.WriteLine($"{DateTimeOffset.UtcNow:O} {host.Name} serves {host.Url}");
        await app.RunAsync();
    }

    private void Map(WebApplication app)
    {
        var root = app.MapGroup("/api2/json");
        root.MapGet("/version", () => Data(new { version = "8.2.4", release = "8.2", repoid = "changeover-lab" }));
        root.MapGet("/nodes", () => Data(new[] { new { node = host.Name, status = "online", type = "node", id = $"node/{host.Name}", uptime = Uptime(_started) } }));
        root.MapGet("/cluster/resources", (string? type) => Data(type is null or "vm" ? Own.Select(Resource) : []));

        var node = root.MapGroup("/nodes/{node}");
        node.AddEndpointFilter(async (context, next) =>
            context.HttpContext.Request.RouteValues["node"] is string asked && asked != host.Name
                ? Answer(500, $"hostname lookup '{asked}' failed - failed to get address info for: {asked}: Name or service not known")
                : await next(context));
        node.MapGet("/status", () => Data(new { uptime = Uptime(_started), pveversion = "pve-manager/8.2.4 (changeover-lab)" }));
        node.MapGet("/qemu", () => Data(Own.Select(Listed)));
        node.MapGet("/storage", () => Data(new[] { Storage("local"), Storage("local-lvm") }));
        node.MapGet("/network", () => Data(new[] { new { iface = "vmbr0", type = "bridge", active = 1, autostart = 1, cidr = $"{host.Address}/24" } }));
        node.MapGet("/tasks", () => Data(_tasks.All().Select(Told)));
        node.MapGet("/tasks/{upid}/status", (string upid) =>
            _tasks.Find(upid) is { } task ? Data(Told(task)) : Answer(500, $"no such task '{upid}'"));

        var vm = node.MapGroup("/qemu/{vmid:int}");
        vm.AddEndpointFilter(async (context, next) =>
        {
            var id = int.Parse((string)context.HttpContext.Request.RouteValues["vmid"]!);
            return Own.Any(m => m.VmId == id) ? await next(context) : Answer(500, $"Configuration file 'nodes/{host.Name}/qemu-server/{id}.conf' does not exist");
        });
        vm.MapGet("/status/current", (int vmid) => Data(Current(Find(vmid))));
        vm.MapPost("/status/start", (int vmid) => Data(Start(Find(vmid))));
        vm.MapPost("/status/stop", (int vmid) => Data(_tasks.Start("qmstop", vmid, () =>
        {
            MustBeUnlocked(Find(vmid));
            return Power.Of(Find(vmid)).Cut();
        })));
        vm.MapPost("/status/shutdown", async (int vmid, HttpRequest request) => await Shutdown(Find(vmid), await Parameters.Read(request)));
        vm.MapGet("/config", (int vmid) => Data(Config(Find(vmid))));
        vm.MapPut("/config", async (int vmid, HttpRequest request) => Configure(Find(vmid), await Parameters.Read(request)) ?? Data(null));
        vm.MapPost("/config", async (int vmid, HttpRequest request) =>
            Configure(Find(vmid), await Parameters.Read(request)) ?? Data(_tasks.Start("qmconfig", vmid, () => Task.CompletedTask)));
        vm.MapGet("/snapshot", (int vmid) => Data(Snapshots(Find(vmid))));
        vm.MapPost("/snapshot", async (int vmid, HttpRequest request) => TakeSnapshot(Find(vmid), await Parameters.Read(request)));
        vm.MapDelete("/snapshot/{name}", (int vmid, string name) => Data(RemoveSnapshot(Find(vmid), name)));
    }

    private Machine Find(int vmId) => Own.First(m => m.VmId == vmId);

    private string Start(Machine m) => _tasks.Start("qmstart", m.VmId, async () =>
    {
        var power = Power.Of(m);
        MustBeUnlocked(m);
        if (power.IsOn) throw new InvalidOperationException($"VM {m.VmId} already running");
        if (StorageIsDown) throw new InvalidOperationException("storage 'local-lvm' is not online");
        await power.On();
    });

    private static void MustBeUnlocked(Machine m)
    {
        if (VmSettings.Load(m).Lock is { Length: > 0 } reason) throw new InvalidOperationException($"VM is locked ({reason})");
    }

    private bool StorageIsDown => File.Exists(LabPaths.StorageDown(host));

    private async Task<IResult> Shutdown(Machine m, Parameters parameters)
    {
        if (!parameters.TryInteger("timeout", 60, out var seconds)) return Answer(400, "Parameter verification failed.", ("timeout", "type check ('integer') failed"));
        var force = parameters.IsOn("forceStop");
        await Task.CompletedTask;
        return Data(_tasks.Start("qmshutdown", m.VmId, async () =>
        {
            MustBeUnlocked(m);
            var power = Power.Of(m);
            if (power.Process is not { IsAlive: true } process) return;
            await power.PressButton();
            if (await process.HasEnded(TimeSpan.FromSeconds(seconds))) return;
            if (!force) throw new TimeoutException("VM quit/powerdown failed - got timeout");
            await power.Cut();
        }));
    }

    private static IResult? Configure(Machine m, Parameters parameters)
    {
        foreach (var name in parameters.Names)
            if (name is not ("onboot" or "digest"))
                return Answer(400, "Parameter verification failed.", (name, "property is not defined in schema of this lab; only onboot can be changed"));
        if (parameters.Has("onboot")) VmSettings.Change(m, s => s with { OnBoot = parameters.IsOn("onboot") });
        return null;
    }

    private IResult TakeSnapshot(Machine m, Parameters parameters)
    {
        var name = parameters.Text("snapname");
        if (name is null or "") return Answer(400, "Parameter verification failed.", ("snapname", "property is missing and it is not optional"));
        return Data(_tasks.Start("qmsnapshot", m.VmId, () =>
        {
            if (name is "current" or "pending") throw new InvalidOperationException($"snapshot name '{name}' is reserved");
            if (VmSettings.Load(m).Snapshots.Any(s => s.Name == name)) throw new InvalidOperationException($"snapshot name '{name}' already used");
            var taken = new Snapshot(name, parameters.Text("description") ?? "", DateTimeOffset.UtcNow.ToUnixTimeSeconds(), parameters.IsOn("vmstate"));
            VmSettings.Change(m, s => s with { Snapshots = s.Snapshots.Add(taken) });
            return Task.CompletedTask;
        }));
    }

    private string RemoveSnapshot(Machine m, string name) => _tasks.Start("qmdelsnapshot", m.VmId, () =>
    {
        if (VmSettings.Load(m).Snapshots.All(s => s.Name != name)) throw new InvalidOperationException($"snapshot '{name}' does not exist");
        VmSettings.Change(m, s => s with { Snapshots = s.Snapshots.RemoveAll(x => x.Name == name) });
        return Task.CompletedTask;
    });

    private static IEnumerable<object> Snapshots(Machine m) =>
    [
        .. VmSettings.Load(m).Snapshots.Select(s => new { name = s.Name, description = s.Description, snaptime = s.Time, vmstate = s.WithMemory ? 1 : 0 }),
        new { name = "current", description = "You are here!", running = Power.Of(m).IsOn ? 1 : 0, digest = "0000000000000000000000000000000000000000" },
    ];

    private static Dictionary<string, object> Listed(Machine m)
    {
        var process = Power.Of(m).Process is { IsAlive: true } p ? p : null;
        var seen = new Dictionary<string, object>
        {
            ["vmid"] = m.VmId,
            ["name"] = m.Name,
            ["status"] = process is null ? "stopped" : "running",
            ["uptime"] = process is null ? 0 : Uptime(process.StartedAt),
            ["cpus"] = 1,
            ["maxmem"] = 512L << 20,
            ["maxdisk"] = 512L << 20,
        };
        if (process is not null) seen["pid"] = process.Pid;
        if (VmSettings.Load(m).Lock is { Length: > 0 } reason) seen["lock"] = reason;
        return seen;
    }

    private static Dictionary<string, object> Current(Machine m)
    {
        var seen = Listed(m);
        seen["qmpstatus"] = seen["status"];
        seen["agent"] = 1;
        seen["ha"] = new { managed = 0 };
        return seen;
    }

    private Dictionary<string, object> Resource(Machine m)
    {
        var seen = Listed(m);
        seen["id"] = $"qemu/{m.VmId}";
        seen["type"] = "qemu";
        seen["node"] = host.Name;
        seen["template"] = 0;
        return seen;
    }

    private static Dictionary<string, object> Config(Machine m)
    {
        var config = new Dictionary<string, object>
        {
            ["name"] = m.Name,
            ["cores"] = 1,
            ["memory"] = "512",
            ["agent"] = "1",
            ["ostype"] = m.Kind == MachineKind.Telephony ? "win11" : "l26",
            ["scsi0"] = $"local-lvm:vm-{m.VmId}-disk-0,size=512M",
            ["net0"] = "virtio=BC:24:11:00:00:" + m.Octet.ToString("X2") + ",bridge=vmbr0",
            ["digest"] = "0000000000000000000000000000000000000000",
        };
        // As in the original, what has its default is not shown.
        if (VmSettings.Load(m).OnBoot) config["onboot"] = 1;
        return config;
    }

    private static Dictionary<string, object> Told(ApiTask t)
    {
        var told = new Dictionary<string, object>
        {
            ["upid"] = t.Upid,
            ["node"] = t.Node,
            ["type"] = t.Type,
            ["id"] = t.Id,
            ["user"] = Credentials.TokenId,
            ["pid"] = t.Pid,
            ["starttime"] = t.StartTime,
            ["status"] = t.ExitStatus is null ? "running" : "stopped",
        };
        if (t.ExitStatus is not null) told["exitstatus"] = t.ExitStatus;
        return told;
    }

    private object Storage(string name) => new
    {
        storage = name,
        type = name == "local" ? "dir" : "lvmthin",
        content = name == "local" ? "iso,vztmpl,backup" : "images,rootdir",
        active = name == "local-lvm" && StorageIsDown ? 0 : 1,
        enabled = 1,
        total = 100L << 30,
        used = 20L << 30,
        avail = 80L << 30,
    };

    private static long Uptime(DateTimeOffset since) => (long)(DateTimeOffset.UtcNow - since).TotalSeconds;

    private static IResult Data(object? data) => Results.Json(new Dictionary<string, object?> { ["data"] = data });

    private static IResult Answer(int status, string message, params (string Name, string Error)[] errors)
    {
        var body = new Dictionary<string, object?> { ["data"] = null, ["message"] = message + "\n" };
        if (errors.Length > 0) body["errors"] = errors.ToDictionary(e => e.Name, e => e.Error);
        return Results.Json(body, statusCode: status);
    }
}
