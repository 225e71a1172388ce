namespace Changeover.Lab.Images;

/// <summary>Icinga 2 with its API and a host object for every machine and for both floating addresses.</summary>
public static class MonitoringLayer
{
    public static async Task Fill(Layer layer)
    {
        await layer.Shell(
            """
            mkdir -p /run/icinga2
            chown nagios:nagios /run/icinga2
            icinga2 api setup --cn acd-mon
            rm -f /etc/icinga2/zones.conf /etc/icinga2/conf.d/* /etc/icinga2/features-enabled/*
            """);
        layer.Copy("monitoring");
        layer.Write("/etc/icinga2/conf.d/hosts.conf", Objects());
        await layer.Systemctl("enable", "icinga2.service");
    }

    private static string Objects() =>
        string.Concat(Topology.Machines.Where(m => m.Kind != MachineKind.Monitoring).Select(m => Host(m.Name, m.Address, 22, PortOf(m.Kind))))
        // The floating addresses belong to no machine: they answer on the port of their service.
        + Host("acd-store", Topology.StoreAddress, 445, 445) + Host("acd-lb", Topology.BalancerAddress, 3306, 3306);

    private static string Host(string name, string address, int port, int servicePort) =>
        $$"""
        object Host "{{name}}" {
          import "lab"
          address = "{{address}}"
          vars.port = {{port}}
          vars.service_port = {{servicePort}}
        }

        """;

    private static int PortOf(MachineKind kind) => kind switch
    {
        MachineKind.Database or MachineKind.Replica => 3306,
        MachineKind.Balancer => 7777,
        MachineKind.Web or MachineKind.Api => 8080,
        MachineKind.Chat => 3000,
        _ => 22,
    };
}
