using System.Text.Json;
using System.Xml.Linq;
using Changeover.Lab.Breaks;
using Changeover.Lab.Machines;
using Changeover.Lab.VmHosts;

namespace Changeover.Lab.Lifecycle;

/// <param name="Facts">What its role makes worth knowing, in words; empty when it is off or does not answer.</param>
public sealed record MachineStatus(string Name, string Kind, string? Host, string Address, bool On, bool Ssh, bool Cable, ImmutableSortedDictionary<string, string> Facts);

public sealed record HostStatus(string Name, string Url, bool On);

public sealed record LabStatus(
    string State, DateTimeOffset? StartedAt, IReadOnlyList<HostStatus> Hosts, IReadOnlyList<MachineStatus> Machines, IReadOnlyList<ActiveBreak> Breaks);

/// <summary>Looks at every machine at once; what does not answer in time has no facts.</summary>
public static class Status
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task<LabStatus> Read()
    {
        if (LabState.Running() is not { } state) return new(Down.HasRests() ? "rests" : "down", null, [], [], []);
        var machines = await Task.WhenAll(Topology.Machines.Select(Look));
        return new("up", state.StartedAt, [.. Topology.Hosts.Select(h => new HostStatus(h.Name, h.Url, new VmHostServer(h).IsOn))], machines, BreakList.Active());
    }

    public static void Print(LabStatus status, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(status, new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true }));
            return;
        }

        Console.WriteLine(status.State == "up" ? $"the lab is up since {status.StartedAt:HH:mm:ss} UTC" : status.State == "rests" ? "the lab is not up; rests of one are there (lab/lab down removes them)" : "the lab is down");
        foreach (var host in status.Hosts) Console.WriteLine($"{host.Name,-12} {(host.On ? "on " : "off")}  {host.Url}");
        foreach (var m in status.Machines)
        {
            var reach = !m.On ? "off" : !m.Cable ? "on, cable cut" : m.Ssh ? "on" : "on, no ssh";
            Console.WriteLine($"{m.Name,-12} {m.Host ?? "-",-10} {m.Address,-11} {reach}");
            foreach (var (name, value) in m.Facts) Console.WriteLine($"             {name}: {value}");
        }

        foreach (var b in status.Breaks) Console.WriteLine($"break {b.Name} on {b.Machine} since {b.Since:HH:mm:ss} UTC");
    }

    private static async Task<MachineStatus> Look(Machine m)
    {
        var on = Power.Of(m).IsOn;
        var ssh = on && await Network.Answers(m.Address, 22);
        var facts = !on || (m.IsStore && !ssh) ? [] : m.Kind switch
        {
            MachineKind.Store => await Store(m),
            MachineKind.Balancer => await BalancerFacts(m),
            MachineKind.Database or MachineKind.Replica => await Database(m),
            MachineKind.Monitoring => await Services(m, "icinga2"),
            MachineKind.Telephony => await Telephony(m),
            MachineKind.Web => await Services(m, "wildfly"),
            MachineKind.Chat => await Services(m, "jtel-clientmessenger"),
            _ => await Services(m, "jtelrest"),
        };
        return new(m.Name, m.Kind.ToString().ToLowerInvariant(), m.Host, m.Address, on, ssh, await Network.IsCablePlugged(m), facts.ToImmutableSortedDictionary());
    }

    private static async Task<Dictionary<string, string>> Store(Machine m)
    {
        var facts = new Dictionary<string, string>();
        var seen = await Power.Of(m).Shell("grep -h cs: /proc/drbd; echo; crm_mon -1 --output-as=xml", Limit);
        var parts = seen.Output.Split("\n\n", 2);
        facts["drbd"] = parts[0].Trim();
        if (parts.Length > 1) Cluster(parts[1], facts);
        return facts;
    }

    private static async Task<Dictionary<string, string>> BalancerFacts(Machine m)
    {
        var facts = new Dictionary<string, string>();
        Cluster((await Power.Of(m).Shell("crm_mon -1 --output-as=xml", Limit)).Output, facts);
        foreach (var backend in (await Balancer.Read(m)).GroupBy(r => r.Backend))
            facts[$"haproxy {backend.Key}"] = string.Join(", ", backend.Select(r => $"{r.Server} {r.Status} {r.Sessions}"));
        return facts;
    }

    private static void Cluster(string xml, Dictionary<string, string> facts)
    {
        try
        {
            var root = XElement.Parse(xml);
            facts["nodes"] = string.Join(", ", root.Element("nodes")!.Elements("node").Select(n =>
                $"{(string?)n.Attribute("name")} {((string?)n.Attribute("online") == "true" ? "online" : "offline")}{((string?)n.Attribute("standby") == "true" ? " standby" : "")}{((string?)n.Attribute("unclean") == "true" ? " unclean" : "")}"));
            facts["resources"] = string.Join(", ", root.Descendants("resource").Where(r => r.Elements("node").Any()).Select(r =>
                $"{(string?)r.Attribute("id")} {(string?)r.Attribute("role")} {string.Join('+', r.Elements("node").Select(n => (string?)n.Attribute("name")))}"));
        }
        catch (System.Xml.XmlException)
        {
            facts["nodes"] = "unknown: crm_mon did not answer";
        }
    }

    private static async Task<Dictionary<string, string>> Database(Machine m)
    {
        var facts = await Services(m, m.Kind == MachineKind.Database ? ["mariadb", "jtel-listener"] : ["mariadb"]);
        var seen = await Power.Of(m).Execute(["mariadb", "-e", "show slave status\\G"], limit: TimeSpan.FromSeconds(10));
        var values = seen.Output.Split('\n').Select(l => l.Trim().Split(": ", 2)).Where(p => p.Length == 2).GroupBy(p => p[0]).ToDictionary(g => g.Key, g => g.First()[1]);
        string Of(string name) => values.GetValueOrDefault(name, "");
        facts["replication"] = values.Count == 0
            ? "unknown: no answer"
            : $"from {Of("Master_Host")}: IO {Of("Slave_IO_Running")}, SQL {Of("Slave_SQL_Running")}, {Of("Seconds_Behind_Master")} s behind {Of("Last_Error")}".TrimEnd();
        return facts;
    }

    private static async Task<Dictionary<string, string>> Telephony(Machine m)
    {
        var facts = await Services(m, "robot5", "jtelUDPListener", "jtelIMAPMailService", "presence");
        facts["AcdGroupDistribute"] = (await Power.Of(m).Execute(["acd-group-distribute", "status"], limit: Limit)).Text;
        return facts;
    }

    private static async Task<Dictionary<string, string>> Services(Machine m, params string[] units)
    {
        var seen = await Power.Of(m).Execute(["systemctl", "is-active", .. units], limit: Limit);
        var states = seen.Output.Split('\n');
        return units.Select((unit, i) => (unit, state: i < states.Length ? states[i] : "unknown")).ToDictionary(u => u.unit, u => u.state);
    }
}
