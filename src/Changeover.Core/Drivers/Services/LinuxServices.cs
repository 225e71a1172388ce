using System.Globalization;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers.Services;

/// <summary>What systemd and init scripts answer.</summary>
internal static class LinuxServices
{
    /// <summary>The states in the order of the inventory; null when the text is not one whole block for each.</summary>
    public static ServiceFacts? Read(string text, string machine, ImmutableArray<Service> asked)
    {
        var lines = text.Split('\n');
        if (lines is not [.., "end", ""])
            return null;
        var states = ImmutableArray.CreateBuilder<ServiceState>();
        var manager = ServiceManager.Unknown;
        var at = 0;
        foreach (var service in asked)
        {
            if (lines[at++] != $"name={service.Name}")
                return null;
            var block = new Dictionary<string, string>(StringComparer.Ordinal);
            for (; at < lines.Length - 2 && !lines[at].StartsWith("name=", StringComparison.Ordinal); at++)
            {
                if (lines[at].Split('=', 2) is not [var key, var value] || !block.TryAdd(key, value))
                    return null;
            }
            manager = block.GetValueOrDefault("manager") switch
            {
                "systemd" => ServiceManager.Systemd,
                "sysv" => ServiceManager.SysV,
                _ => ServiceManager.Unknown,
            };
            if ((manager == ServiceManager.Systemd ? Systemd(machine, service, block)
                : manager == ServiceManager.SysV ? SysV(machine, service, block)
                : null) is not { } state)
                return null;
            states.Add(state);
        }
        return at == lines.Length - 2 ? new ServiceFacts(states.ToImmutable()) { Manager = manager } : null;
    }

    /// <summary>
    /// systemctl says 5 or 1 and a sentence when it did not queue the job. A lost connection to the manager may have queued it.
    /// </summary>
    public static Reception Heard(Result result)
    {
        if (result.Code == 0)
            return Reception.Accepted;
        var words = Excerpt.Of(result);
        return Refusals.Any(r => words.Contains(r, StringComparison.OrdinalIgnoreCase))
            ? new(ReceptionKind.Refused, words)
            : new(ReceptionKind.Unclear, words);
    }

    private static readonly ImmutableArray<string> Refusals =
        ["not found", "not loaded", "masked", "denied", "authentication", "is destructive", "bad unit file", "invalid unit name", "no /etc/init.d/"];

    private static ServiceState? Systemd(string machine, Service service, Dictionary<string, string> block)
    {
        if (block.TryGetValue("failed", out var exit))
            return Unknown(service, $"systemctl show ended with code {exit}");
        if (block.GetValueOrDefault("LoadState") is not { Length: > 0 } load
            || block.GetValueOrDefault("ActiveState") is not { Length: > 0 } active
            || block.GetValueOrDefault("SubState") is not { } sub
            || block.GetValueOrDefault("Result") is not { } result
            || block.GetValueOrDefault("UnitFileState") is not { } file)
            return null;
        var start = Start(load, file, block.GetValueOrDefault("WantedBy", ""));
        var detail = active == "failed" ? $"failed ({result})" : $"{active} ({sub})";
        if (load == "masked")
            detail += ", masked";
        var queued = block.GetValueOrDefault("Job", "") is not ("" or "0");
        if (queued)
            detail += ", a job is queued";
        if (load == "not-found" && active == "inactive")
            return new(service.Name, ServiceRun.NotInstalled, ServiceStart.Unknown, "no such unit");
        var run = active switch
        {
            "active" or "reloading" or "refreshing" => ServiceRun.Running,
            "activating" => ServiceRun.Starting,
            "deactivating" => ServiceRun.Stopping,
            // Right after a boot it may still wait for the network: it is about to come up.
            "inactive" or "failed" when queued => ServiceRun.Starting,
            // A Java program that ends by the signal it was stopped with counts as failed there (143), and is stopped.
            "inactive" or "failed" => ServiceRun.Stopped,
            _ => ServiceRun.Unknown,
        };
        // Without a process of its own systemd only remembers that the script once ended well.
        if (active == "active" && sub == "exited")
            return block.ContainsKey("status") ? Lsb(machine, service, block, start) : Unknown(service, detail) with { Start = start };
        return load is "loaded" or "masked" or "not-found"
            ? new(service.Name, run, start, detail)
            : Unknown(service, $"{detail}, unit file: {load}") with { Start = start };
    }

    internal static ServiceStart Start(string load, string file, string wantedBy) => (load, file) switch
    {
        ("masked", _) => ServiceStart.Disabled,
        (_, "enabled") => ServiceStart.Automatic,
        // Only until the next boot, which is what is asked here.
        (_, "enabled-runtime" or "linked" or "linked-runtime" or "disabled" or "masked" or "masked-runtime") => ServiceStart.Disabled,
        // From an init script; its links became a target that wants it.
        (_, "generated") => wantedBy.Length > 0 ? ServiceStart.Automatic : ServiceStart.Disabled,
        (_, "static" or "indirect" or "transient") => ServiceStart.Manual,
        _ => ServiceStart.Unknown,
    };

    private static ServiceState? SysV(string machine, Service service, Dictionary<string, string> block)
    {
        var start = block.GetValueOrDefault("start") switch
        {
            "on" => ServiceStart.Automatic,
            "off" => ServiceStart.Disabled,
            _ => ServiceStart.Unknown,
        };
        return block.GetValueOrDefault("installed") switch
        {
            "yes" => Lsb(machine, service, block, start),
            "no" => new(service.Name, ServiceRun.NotInstalled, ServiceStart.Unknown, "no such script"),
            _ => null,
        };
    }

    /// <summary>
    /// 0 runs, 1 to 3 does not, 4 and others unknown. Many scripts answer 0 whatever is so, or leave a sentence that says the
    /// opposite: then it is unknown.
    /// </summary>
    private static ServiceState? Lsb(string machine, Service service, Dictionary<string, string> block, ServiceStart start)
    {
        if (!int.TryParse(block.GetValueOrDefault("status"), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            || block.GetValueOrDefault("text") is not { } text)
            return null;
        var detail = $"status {status}: {text.Trim()}";
        var saysStopped = Stopped.Any(w => text.Contains(w, StringComparison.OrdinalIgnoreCase));
        var saysRunning = !saysStopped && text.Contains("running", StringComparison.OrdinalIgnoreCase);
        return status switch
        {
            0 when !saysStopped => new(service.Name, ServiceRun.Running, start, detail),
            1 or 2 or 3 when !saysRunning => new(service.Name, ServiceRun.Stopped, start, detail),
            _ => new(service.Name, ServiceRun.Unknown, start, detail)
            {
                Problem = ServicesFindings.ScriptUnclear.On(machine, "service", service.Name, "status", $"{status}", "text", Excerpt.Of(text)),
            },
        };
    }

    private static readonly ImmutableArray<string> Stopped =
        ["not running", "isn't running", "stopped", "is dead", "not active", "inactive", "no process", "unused"];

    private static ServiceState Unknown(Service service, string detail) => new(service.Name, ServiceRun.Unknown, ServiceStart.Unknown, detail);
}
