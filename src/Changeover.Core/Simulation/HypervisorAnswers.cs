using System.Globalization;
using System.Text;
using System.Text.Json;
using Changeover.Drivers;

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
        var parts = path.Split('/');
        if (parts is not ["qemu", var id, ..])
            return null;
        if (world.Truth.Machines.Find(m => m.Host == name && Id(m) == id) is not { } machine)
            return new Said(500, "{\"data\":null}", $"Configuration file 'nodes/{host.Node}/qemu-server/{id}.conf' does not exist", Takes);
        return (call.Method, parts) switch
        {
            ("GET", [_, _, "config"]) => Ok($"{{\"data\":{{\"name\":{Quote(machine.GuestName)},\"onboot\":{(machine.StartsWithHost ? 1 : 0)},\"memory\":\"4096\",\"digest\":\"0\"}}}}"),
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
