using System.Globalization;
using System.Text;
using System.Text.Json;
using Changeover.Drivers;
using Changeover.Drivers.Client;
using Changeover.Drivers.Services;
using Changeover.Drivers.Singleton;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>A simulated Windows machine: known by the first line of the driver's script, which names verb and arguments.</summary>
internal sealed class WindowsAnswers(World world)
{
    // PowerShell takes about half a second to start (chosen; no Windows was measured).
    private static readonly TimeSpan Takes = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, Dictionary<string, string>?> comments = new(StringComparer.Ordinal);

    /// <summary>Null: no such command is known here.</summary>
    public Said? To(MachineTruth machine, Command command)
    {
        if (Comment(command.Arguments) is not { } said || !said.TryGetValue("verb", out var verb))
            return null;
        return verb switch
        {
            WindowsServices.LookVerb => Ok(Look(machine)),
            WindowsServices.StartVerb or WindowsServices.StopVerb => Set(machine, said.GetValueOrDefault("name", ""), verb == WindowsServices.StartVerb),
            ClientDriver.ProveVerb when said.GetValueOrDefault("what") == ClientDriver.ShareKey => Ok(world.ShareAnswers(machine)
                ? "{\"readable\":true,\"writable\":true,\"detail\":\"\"}"
                : "{\"readable\":false,\"writable\":false,\"detail\":\"The network path was not found.\"}"),
            ClientDriver.ProveVerb when said.GetValueOrDefault("what") == ClientDriver.DatabaseKey => Ok(ServerGreeting.Through(world, machine) is { } bytes
                ? $"{{\"received\":\"{bytes}\",\"detail\":\"\"}}"
                : "{\"received\":\"\",\"detail\":\"no connection within 5 seconds\"}"),
            SingletonDriver.ProbeVerb or SingletonDriver.StartVerb or SingletonDriver.StopVerb =>
                Singletons.Answer(world, machine, said.GetValueOrDefault("command", "")),
            _ => null,
        };
    }

    private static Said Ok(string json) => new(0, json + "\r\n", "", Takes);

    private Dictionary<string, string>? Comment(ImmutableArray<string> arguments)
    {
        if (arguments.Length == 0)
            return null;
        if (comments.TryGetValue(arguments[^1], out var known))
            return known;
        Dictionary<string, string>? read = null;
        if (PowerShell.Comment(arguments) is { } json)
        {
            using var document = JsonDocument.Parse(json);
            read = document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString(), StringComparer.Ordinal);
        }
        return comments[arguments[^1]] = read;
    }

    private string Look(MachineTruth machine)
    {
        var services = new StringBuilder();
        var processes = new StringBuilder("{\"Name\":\"svchost.exe\",\"Count\":31,\"Sessions\":[0]}");
        foreach (var service in machine.Services)
        {
            if (!service.Installed)
                continue;
            if (service.Form == ServiceForm.Desktop)
            {
                var process = world.Inventory.Services.FirstOrDefault(s => s.Name == service.Name)?.Process ?? "";
                if (process.Length > 0 && service.Run is ServiceRun.Running or ServiceRun.Starting or ServiceRun.Stopping)
                    processes.Append(CultureInfo.InvariantCulture, $",{{\"Name\":{Quote(Image(process))},\"Count\":1,\"Sessions\":[1]}}");
                continue;
            }
            var status = service.Run switch { ServiceRun.Running => 4, ServiceRun.Starting => 2, ServiceRun.Stopping => 3, _ => 1 };
            if (services.Length > 0)
                services.Append(',');
            services.Append(CultureInfo.InvariantCulture,
                $"{{\"Name\":{Quote(service.Name)},\"DisplayName\":{Quote(service.Name)},\"Status\":{status},\"StartType\":{(service.Enabled ? 2 : 3)},\"ProcessId\":{(status == 1 ? 0 : 4711)}}}");
        }
        var boot = (world.Start + machine.BootedAt).UtcDateTime.ToString("o", CultureInfo.InvariantCulture);
        var now = (world.Utc + machine.ClockOffset).UtcDateTime.ToString("o", CultureInfo.InvariantCulture);
        return $"{{\"computer\":{Quote(machine.CopyAnswers ? machine.HostName + "-RESTORED" : machine.HostName)},\"bootTime\":\"{boot}\",\"now\":\"{now}\",\"services\":[{services}],\"processes\":[{processes}]}}";
    }

    private static string Image(string process) => process.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) ? process : process + ".exe";

    private Said Set(MachineTruth machine, string name, bool run)
    {
        if (machine.Service(name) is not { Installed: true, Form: ServiceForm.Service } service)
            return new(3, $"{{\"refused\":{Quote($"0 services are called {name}")},\"code\":1060}}\r\n", "", Takes);
        if (run)
            world.Services.Start(machine, service);
        else
            world.Services.Stop(machine, service);
        return Ok("{\"accepted\":true}");
    }

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
