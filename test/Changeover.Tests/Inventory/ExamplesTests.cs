using Changeover.Findings;
using Changeover.Inventory;

namespace Changeover.Tests.Inventory;

public sealed class ExamplesTests
{
    public static TheoryData<string> Examples => [.. RepositoryFile.Examples.Select(p => Path.GetRelativePath(RepositoryFile.Root, p))];

    private static ClusterInventory Read(string example) =>
        InventoryFile.Read(RepositoryFile.Path("examples", example, "cluster.yaml")).Inventory!;

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_has_neither_errors_nor_warnings(string path)
    {
        var reading = InventoryFile.Read(RepositoryFile.Path(path));

        Assert.Empty(reading.Findings.Where(f => f.Finding.Severity > Severity.Info).Select(f => f.ToString()));
        Assert.NotNull(reading.Inventory);
        Assert.Equal(0, reading.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_has_less_than_a_hundred_lines(string path) =>
        Assert.InRange(File.ReadAllLines(RepositoryFile.Path(path)).Length, 1, 99);

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_inventory_comes_back_from_json_as_it_was(string path)
    {
        var inventory = InventoryFile.Read(RepositoryFile.Path(path)).Inventory!;
        var json = InventoryJson.Write(inventory);

        var back = InventoryJson.Read(json);

        Assert.Equal(json, InventoryJson.Write(back));
        Assert.Equal(InventoryDigest.Of(inventory), InventoryDigest.Of(back));
        Assert.Equal(inventory.Pairs.Select(p => p.Name), back.Pairs.Select(p => p.Name));
    }

    [Fact]
    public void The_runbooks_cluster_is_two_hosts_with_ten_machines_each()
    {
        var inventory = Read("two-hosts");

        Assert.Equal(20, inventory.Machines.Length);
        Assert.Equal(
            ["acd-store1", "acd-lb1", "acd-dbm1", "acd-dbs1", "acd-tel1", "acd-jb1", "acd-jb2", "acd-jb3", "acd-chat1", "acd-api1"],
            inventory.MachinesOn("vm-host-1").Select(m => m.Name));
        Assert.Equal(
            ["acd-store2", "acd-lb2", "acd-dbm2", "acd-dbs2", "acd-tel2", "acd-jb4", "acd-jb5", "acd-jb6", "acd-chat2", "acd-api2"],
            inventory.MachinesOn("vm-host-2").Select(m => m.Name));
        Assert.Equal(["store", "lb", "dbm", "dbs", "api", "chat", "jb", "tel"], inventory.Roles.Select(r => r.Name));
        Assert.Equal(["lb", "store"], inventory.Pairs.Select(p => p.Name).Order());
        Assert.Equal(["acd-dbm1", "acd-dbm2"], inventory.Masters.Select(m => m.Name));
        Assert.Equal("AcdGroupDistribute", Assert.Single(inventory.ServicesOf(inventory.Machine("acd-tel1")), s => s.Singleton.Length > 0).Singleton);
        Assert.Equal(["tel", "jb", "chat", "api"], inventory.Machines.SelectMany(m => m.Roles).Distinct().Where(r => inventory.Role(r).PowersOffAlongside));
    }

    [Fact]
    public void Store_and_balancer_on_the_same_machines_are_one_pair()
    {
        var pair = Assert.Single(Read("store-and-lb-on-one-machine").Pairs);

        Assert.True(pair is { HasStore: true, HasBalancer: true });
        Assert.Equal(["acd-store1", "acd-store2"], pair.Members);
    }

    [Fact]
    public void Pairs_may_be_spread_over_three_hosts()
    {
        var inventory = Read("three-hosts");

        Assert.Equal(["archive", "lb", "store"], inventory.Pairs.Select(p => p.Name).Order());
        Assert.All(inventory.Hosts, h => Assert.Contains(inventory.Pairs, p => p.Members.Any(m => inventory.Machine(m).Host == h.Name)));
        Assert.Contains("jtel-recorder", inventory.ServicesOf(inventory.Machine("acd-jb1")).Select(s => s.Name));
        Assert.Contains("node_exporter", inventory.ServicesOf(inventory.Machine("acd-jb3")).Select(s => s.Name));
        Assert.DoesNotContain("node_exporter", inventory.ServicesOf(inventory.Machine("acd-jb1")).Select(s => s.Name));
    }

    [Fact]
    public void Parts_may_be_missing()
    {
        var inventory = Read("minimal");

        Assert.Equal(["store", "lb", "dbm", "jb", "tel"], inventory.Roles.Select(r => r.Name));
        Assert.Null(inventory.Monitoring);
        Assert.Equal(["dbm"], inventory.Role("jb").Requires);
    }

    [Fact]
    public void Every_service_of_the_runbook_is_in_the_catalogue_and_desktop_forms_have_their_instructions()
    {
        var services = Read("minimal").Services;

        Assert.Equal(
            ["robot5", "jtel Platform UDP Listener", "jtel Presence Aggregator", "jtel TAPI service", "jtel Innovaphone Service",
             "jtelEWSMailService", "jtelIMAPMailService", "wildfly", "jtel-clientmessenger", "jtelrest", "jtel-listener"],
            services.Select(s => s.Name));
        var desktop = services.Where(s => s.StartInstruction.Length > 0).ToImmutableArray();
        Assert.Equal(5, desktop.Length);
        Assert.All(desktop.SelectMany(s => new[] { s.StartInstruction, s.StopInstruction }), text =>
        {
            Assert.Contains("the same account, at the same console", text, StringComparison.Ordinal);
            Assert.Contains("disconnect the session and never sign out, because signing out ends 8-Server", text, StringComparison.Ordinal);
        });
    }
}
