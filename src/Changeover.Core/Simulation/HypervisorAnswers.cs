using System.Globalization;
using System.Text;
using System.Text.Json;
using Changeover.Drivers;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>The Proxmox VE interface of a simulated host. An answer with a task's id is no success yet, as with the real one.</summary>
internal sealed class HypervisorAnswers(World world)
{
    private static readonly TimeSpan Takes = TimeSpan.FromMilliseconds(20);

    /// <summary>Null: no such call is known.</summary>
    public Said? To(string name, Call call)
    {
        var host = world.Truth.Hosts.Find(h => h.Name == name);
        var root = $"/api2/json/nodes/{Uri.EscapeDataString(host?.Node ?? "")}/";
        if (host is null || !call.Path.StartsWith(root, StringComparison.Ordinal))
            return null;
        var path = call.Path[root.Length..];
        if (call.Method == "GET" && path == "qemu")
            return Ok(List(host));
        if (call.Method == "GET" && path.StartsWith("tasks?", StringComparison.Ordinal))
            return Ok(Tasks(host));
        if (call.Method == "GET" && path == "storage")
            return Ok(Parts(host, HostPartKind.Storage));
        if (call.Method == "GET" && path.StartsWith("network?", StringComparison.Ordinal))
            return Ok(Parts(host, HostPartKind.Network));
        var parts = path.Split('/');
        if (parts is not ["qemu", var id, ..])
            return null;
        if (world.Truth.Machines.Find(m => m.Host == name && Id(m) == id) is not { } machine)
            return new Said(500, "{\"data\":null}", $"Configuration file 'nodes/{host.Node}/qemu-server/{id}.conf' does not exist", Takes);
        return (call.Method, parts) switch
        {
            ("GET", [_, _, "config"]) => Ok(Configuration(machine)),
            ("GET", [_, _, "status", "current"]) => Ok(Current(machine)),
            ("POST", [_, _, "status", "start"]) => Task(world.Machines.PowerOn(machine)),
            ("POST", [_, _, "status", "shutdown"]) => Task(world.Machines.Shutdown(machine)),
            ("POST", [_, _, "status", "stop"]) => Task(world.Machines.Stop(machine)),
            _ => null,
        };
    }

    private static Said Ok(string json) => new(200, json, "OK", Takes);

    private static Said Task(TaskTruth task) => Ok($"{{\"data\":{Quote(task.Id)}}}");

    private string List(HostTruth host)
    {
        var text = new StringBuilder("{\"data\":[");
        foreach (var machine in world.Truth.Machines)
        {
            if (machine.Host != host.Name)
                continue;
            if (text[^1] != '[')
                text.Append(',');
            text.Append(CultureInfo.InvariantCulture, $"{{\"vmid\":{machine.GuestId},\"name\":{Quote(machine.GuestName)},\"status\":\"{Status(machine)}\",\"uptime\":{Uptime(machine)},\"cpus\":2,\"maxmem\":4294967296}}");
        }
        return text.Append("]}").ToString();
    }

    private static string Parts(HostTruth host, HostPartKind kind)
    {
        var rows = host.Parts.Where(p => p.Kind == kind).Select(p => kind == HostPartKind.Storage
            ? $"{{\"storage\":{Quote(p.Name)},\"type\":\"lvmthin\",\"content\":\"images,rootdir\",\"enabled\":1,\"active\":{(p.Active ? 1 : 0)}}}"
            : $"{{\"iface\":{Quote(p.Name)},\"type\":\"bridge\",\"autostart\":1{(p.Active ? ",\"active\":1" : "")}}}");
        return $"{{\"data\":[{string.Join(',', rows)}]}}";
    }

    private static string Configuration(MachineTruth machine)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{\"data\":{{\"name\":{Quote(machine.GuestName)},\"onboot\":{(machine.StartsWithHost ? 1 : 0)},\"memory\":\"4096\",\"ide2\":\"none,media=cdrom\"");
        for (var i = 0; i < machine.StandsOn.Count; i++)
        {
            var name = machine.StandsOn[i].Name;
            text.Append(machine.StandsOn[i].Kind == HostPartKind.Storage
                ? $",\"scsi{i}\":{Quote($"{name}:vm-{Id(machine)}-disk-{i},iothread=1,size=32G")}"
                : $",\"net{i}\":{Quote($"virtio=BC:24:11:00:00:{i:X2},bridge={name}")}");
        }
        return text.Append(",\"digest\":\"0\"}}").ToString();
    }

    private string Current(MachineTruth machine) => string.Create(CultureInfo.InvariantCulture,
        $"{{\"data\":{{\"vmid\":{machine.GuestId},\"name\":{Quote(machine.GuestName)},\"status\":\"{Status(machine)}\",\"qmpstatus\":\"{Status(machine)}\",\"uptime\":{Uptime(machine)},{(machine.Lock.Length > 0 ? $"\"lock\":{Quote(machine.Lock)}," : "")}\"ha\":{{\"managed\":0}}}}}}");

    private long Uptime(MachineTruth machine) => machine.IsUp ? (long)(world.Now - machine.BootedAt).TotalSeconds : 0;

    private static string Status(MachineTruth machine) => machine.Power == Power.Off ? "stopped" : "running";

    /// <summary>The archive: finished tasks, newest first.</summary>
    private string Tasks(HostTruth host)
    {
        var text = new StringBuilder("{\"data\":[");
        for (var i = host.Tasks.Count - 1; i >= 0; i--)
        {
            var task = host.Tasks[i];
            if (task.Running)
                continue;
            if (text[^1] != '[')
                text.Append(',');
            var started = Convert.ToInt64(task.Id.Split(':')[4], 16);
            text.Append(CultureInfo.InvariantCulture, $"{{\"upid\":{Quote(task.Id)},\"node\":{Quote(host.Node)},\"type\":\"{task.Kind}\",\"id\":\"{Id(world.Truth.Machine(task.Machine))}\",\"user\":\"changeover@pve\",\"starttime\":{started},\"endtime\":{started + 1},\"status\":{Quote(task.Outcome)}}}");
        }
        return text.Append("],\"total\":").Append(CultureInfo.InvariantCulture, $"{host.Tasks.Count}}}").ToString();
    }

    private static string Id(MachineTruth machine) => machine.GuestId.ToString(CultureInfo.InvariantCulture);

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
