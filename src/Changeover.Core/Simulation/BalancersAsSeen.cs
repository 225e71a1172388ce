using System.Globalization;
using Changeover.Drivers.HaProxy;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>The servers of each HAProxy and what was set there, as it was seen.</summary>
internal static class BalancersAsSeen
{
    private static readonly ImmutableArray<string> NotThere = [HaProxyFindings.NoSocket.Code, HaProxyFindings.Silent.Code];

    public static void Apply(Sighting seen)
    {
        foreach (var machine in seen.Truth.Machines)
        {
            if (machine.Balancer is not { } balancer)
                continue;
            balancer.Running = machine.Power == Power.On && !NotThere.Contains(seen.Problem(SubjectKind.Balancer, machine.Name));
            if (seen.Facts<BalancerFacts>(SubjectKind.Balancer, machine.Name) is { } facts)
                Balancer(seen, machine, balancer, facts);
            else if (balancer.Running)
                Draw(seen, balancer);
        }
    }

    private static void Balancer(Sighting seen, MachineTruth machine, BalancerTruth balancer, BalancerFacts facts)
    {
        var settings = seen.Inventory.RolesOf(seen.Inventory.Machine(machine.Name)).First(r => r.Balancer is not null).Balancer!;
        balancer.StartedAt = -facts.Uptime;
        balancer.FileValid = facts.ConfigurationValid ?? balancer.FileValid;
        balancer.FileWrittenAt = facts.ConfigurationNewer == true ? TimeSpan.Zero : balancer.StartedAt - TimeSpan.FromDays(1);
        balancer.Level = facts.MayChange switch { true => "admin", false => "operator", _ => "" };
        // One that is no machine of the inventory is none here either.
        balancer.Servers = [.. facts.Servers.Select(s => Server(seen, settings, s)).OfType<ServerTruth>()];
    }

    private static ServerTruth? Server(Sighting seen, BalancerSettings settings, BalancerServer s)
    {
        var parts = s.Address.Split(':');
        var named = settings.Servers.TryGetValue(s.Name, out var of) ? of : s.Name;
        if (seen.Truth.Find(named) is not { } machine && (machine = seen.Called(parts[0])) is null)
            return null;
        return new()
        {
            Backend = s.Backend,
            Name = s.Name,
            Machine = machine.Name,
            Port = parts is [_, var port] && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0,
            Backup = s.Backup,
            Admin = s.Admin == ServerAdmin.Unknown ? ServerAdmin.Ready : s.Admin,
            Weight = s.Weight,
            // In maintenance nothing is checked; back from it a server counts as up.
            Up = s.Up || s.Admin == ServerAdmin.Maint,
            ChangedAt = TimeSpan.FromMinutes(-10),
        };
    }

    private static void Draw(Sighting seen, BalancerTruth balancer)
    {
        foreach (var server in balancer.Servers)
            server.Admin = seen.Dice.Chance(0.5) ? ServerAdmin.Ready : ServerAdmin.Maint;
    }
}
