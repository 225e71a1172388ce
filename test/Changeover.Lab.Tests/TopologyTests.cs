using System.Text.RegularExpressions;

namespace Changeover.Lab.Tests;

/// <summary>The machines, and the files that name them, agree. Needs no lab.</summary>
public sealed class TopologyTests
{
    private static string Tree(string path) => File.ReadAllText(Path.Combine(LabPaths.Tree, path));

    [Fact]
    public void Every_machine_has_its_own_address()
    {
        var all = Topology.Machines.Select(m => m.Address).Concat(Topology.Hosts.Select(h => h.Address)).Concat(Topology.Floating.Select(f => f.Address)).ToList();
        Assert.Equal(all.Distinct(), all);
    }

    [Fact]
    public void The_lab_has_the_twenty_machines_of_the_runbook_and_one_for_monitoring()
    {
        Assert.Equal(10, Topology.Machines.Count(m => m.Host == "vm-host-1"));
        Assert.Equal(10, Topology.Machines.Count(m => m.Host == "vm-host-2"));
        Assert.Equal(["acd-mon"], Topology.Machines.Where(m => m.Host is null).Select(m => m.Name));
    }

    [Fact]
    public void Both_halves_of_a_pair_are_on_different_hosts()
    {
        foreach (var pair in Topology.Machines.Where(m => m.Kind is not (MachineKind.Web or MachineKind.Monitoring)).GroupBy(m => m.Kind))
            Assert.Equal(2, pair.Select(m => m.Host).Distinct().Count());
    }

    [Fact]
    public void Every_name_of_a_link_fits_the_kernel() =>
        Assert.All(Topology.Machines, m => Assert.InRange(m.Link.Length, 1, 15));

    [Fact]
    public void Every_machine_has_its_own_number_at_its_host() =>
        Assert.Equal(Topology.Machines.Length, Topology.Machines.Select(m => m.VmId).Distinct().Count());

    [Fact]
    public void Every_HAProxy_server_is_a_machine_at_its_address()
    {
        var servers = Regex.Matches(Tree("lb/etc/haproxy/haproxy.cfg"), @"^\s+server (\S+) ([\d.]+):", RegexOptions.Multiline);
        Assert.NotEmpty(servers);
        Assert.All(servers, s => Assert.Equal(Topology.Find(s.Groups[1].Value).Address, s.Groups[2].Value));
    }

    [Fact]
    public void HAProxy_serves_every_web_chat_api_and_database_machine()
    {
        var configuration = Tree("lb/etc/haproxy/haproxy.cfg");
        var served = Topology.Machines.Where(m => m.Kind is MachineKind.Web or MachineKind.Chat or MachineKind.Api or MachineKind.Database or MachineKind.Replica);
        Assert.All(served, m => Assert.Contains($"server {m.Name} {m.Address}:", configuration, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("lb", MachineKind.Balancer)]
    [InlineData("store", MachineKind.Store)]
    public void Corosync_knows_both_nodes_of_its_pair(string folder, MachineKind kind)
    {
        var configuration = Tree($"{folder}/etc/corosync/corosync.conf");
        Assert.All(Topology.Machines.Where(m => m.Kind == kind), m =>
            Assert.Matches($@"ring0_addr: {Regex.Escape(m.Address)}\s+name: {m.Name}\s+nodeid: {m.Number}", configuration));
    }

    [Fact]
    public void Stand_ins_reach_database_and_share_only_by_the_floating_addresses()
    {
        foreach (var file in Directory.EnumerateFiles(LabPaths.Tree, "*.json", SearchOption.AllDirectories))
            Assert.All(Regex.Matches(File.ReadAllText(file), @"10\.88\.0\.\d+"), a => Assert.Contains(a.Value, (string[])[Topology.StoreAddress, Topology.BalancerAddress]));
    }

    [Fact]
    public void Every_stand_in_has_a_unit_and_every_unit_a_stand_in()
    {
        var units = Directory.EnumerateFiles(LabPaths.Tree, "*.service", SearchOption.AllDirectories).Where(f => File.ReadAllText(f).Contains("standin.py", StringComparison.Ordinal));
        Assert.NotEmpty(units);
        Assert.All(units, unit =>
        {
            var name = Path.GetFileNameWithoutExtension(unit);
            Assert.Contains($"standin.py {name}\n", File.ReadAllText(unit), StringComparison.Ordinal);
            var settings = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(unit)!, "../../../local/lib/lab", name + ".json"));
            Assert.True(File.Exists(settings), $"{settings} is not there");
        });
    }

    [Fact]
    public void Each_replica_follows_the_master_of_its_own_host_and_the_masters_follow_each_other()
    {
        Assert.All(Topology.Machines.Where(m => m.Kind == MachineKind.Replica), m =>
            Assert.Equal(m.Host, Topology.Find(Images.DatabaseLayer.SourceOf(m)).Host));
        Assert.Equal("acd-dbm2", Images.DatabaseLayer.SourceOf(Topology.Find("acd-dbm1")));
        Assert.Equal("acd-dbm1", Images.DatabaseLayer.SourceOf(Topology.Find("acd-dbm2")));
    }
}
