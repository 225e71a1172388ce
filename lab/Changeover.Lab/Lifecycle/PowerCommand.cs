using Changeover.Lab.Machines;
using Changeover.Lab.VmHosts;

namespace Changeover.Lab.Lifecycle;

/// <summary>Switches a machine by its VM host's API, as a person at the console would; or a whole VM host.</summary>
public static class PowerCommand
{
    private static readonly TimeSpan GuestTime = TimeSpan.FromMinutes(3);

    public static async Task Run(string name, string action)
    {
        if (action is not ("on" or "off" or "kill")) throw new LabException(2, $"power {action} is not known; expected on, off or kill");
        if (Topology.Hosts.FirstOrDefault(h => h.Name == name) is { } host)
        {
            await RunHost(host, action);
            return;
        }

        var m = Topology.Find(name);
        if (m.Host is null)
        {
            await RunAlone(Power.Of(m), action);
            return;
        }

        using var client = new ProxmoxClient(Topology.FindHost(m.Host));
        switch (action)
        {
            case "on" when !Power.Of(m).IsOn:
                await client.Do(m, "start", TimeSpan.FromMinutes(1));
                break;
            case "off":
                await client.Do(m, "shutdown", GuestTime + TimeSpan.FromSeconds(20), ("timeout", $"{GuestTime.TotalSeconds:0}"));
                break;
            case "kill":
                await client.Do(m, "stop", TimeSpan.FromMinutes(1));
                break;
        }
    }

    /// <summary>A host that goes off takes its machines with it; one that comes on starts those that are set to start with it.</summary>
    private static async Task RunHost(VmHost host, string action)
    {
        var server = new VmHostServer(host);
        var own = Topology.Machines.Where(m => m.Host == host.Name);
        if (action == "on")
        {
            await server.Start(booted: true);
            return;
        }

        if (action == "off" && own.Where(m => Power.Of(m).IsOn).Select(m => m.Name).ToList() is { Count: > 0 } on)
            throw new LabException(1, $"{host.Name} still has machines that are on: {string.Join(", ", on)}; switch them off first, or use kill");
        await server.Stop();
        await Task.WhenAll(own.Select(m => Power.Of(m).Cut()));
    }

    private static async Task RunAlone(Power power, string action)
    {
        switch (action)
        {
            case "on":
                await power.On();
                break;
            case "kill":
                await power.Cut();
                break;
            default:
                if (power.Process is not { IsAlive: true } process) return;
                await power.PressButton();
                if (!await process.HasEnded(GuestTime)) throw new LabException(1, $"{power.Machine.Name} did not go off within {GuestTime.TotalSeconds:0} s");
                break;
        }
    }
}
