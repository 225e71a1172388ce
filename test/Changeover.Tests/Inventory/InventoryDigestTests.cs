using System.Text;
using Changeover.Inventory;

namespace Changeover.Tests.Inventory;

public sealed class InventoryDigestTests
{
    private static readonly string Text = File.ReadAllText(RepositoryFile.Path("examples", "two-hosts", "cluster.yaml"));

    private static InventoryReading Read(string old, string changed)
    {
        Assert.Contains(old, Text, StringComparison.Ordinal);
        var reading = InventoryFile.Parse("cluster.yaml", Encoding.UTF8.GetBytes(Text.Replace(old, changed, StringComparison.Ordinal)));
        Assert.NotNull(reading.Inventory);
        return reading;
    }

    private static InventoryReading AsItIs => Read("cluster: acd-main", "cluster: acd-main");

    [Theory]
    [InlineData("10.20.0.71,", "10.20.0.171,")]
    [InlineData("https://10.20.0.11:8006", "https://pve1.example:8006")]
    [InlineData("env:VM_HOST_1_TOKEN", "file:/run/token")]
    [InlineData("{ user: changeover, windowsUser: changeover }", "{ user: operator, windowsUser: changeover, port: 2222 }")]
    [InlineData("optionFile: /etc/changeover/client.cnf # login", "optionFile: /root/client.cnf # login")]
    [InlineData("https://10.20.0.200:5665", "https://10.20.0.201:5665")]
    [InlineData("env:ICINGA_PASSWORD", "command:pass icinga")]
    public void A_change_of_access_changes_the_whole_digest_only(string old, string changed)
    {
        var reading = Read(old, changed);

        Assert.NotEqual(AsItIs.Digest, reading.Digest);
        Assert.Equal(AsItIs.DigestWithoutAccess, reading.DigestWithoutAccess);
    }

    [Theory]
    [InlineData("cluster: acd-main", "cluster: acd-other")]
    [InlineData("acd-jb3: { host: vm-host-1", "acd-jb3: { host: vm-host-2")]
    [InlineData("acd-jb3: {", "acd-jb3: { hostName: jb3,")]
    [InlineData("acd-jb3: {", "acd-jb3: { guestName: jb3,")]
    [InlineData("acd-store1: {", "acd-store1: { nodeName: store1,")]
    [InlineData("floatingAddress: 10.20.0.30", "floatingAddress: 10.20.0.33")]
    [InlineData("writerBackend: mysql", "writerBackend: mysql2")]
    [InlineData("user: exporter, host: 10.20.0.*", "user: exporter, host: 10.20.*")]
    [InlineData("backup: 45m", "backup: 46m")]
    [InlineData("backup: { directory: /var/backups/changeover }", "backup: { snapshots: true }")]
    [InlineData("goal: both, instruction: \"Switch the maintenance announcement off", "goal: failback, instruction: \"Switch the maintenance announcement off")]
    public void Any_other_change_changes_both_digests(string old, string changed)
    {
        var reading = Read(old, changed);

        Assert.NotEqual(AsItIs.Digest, reading.Digest);
        Assert.NotEqual(AsItIs.DigestWithoutAccess, reading.DigestWithoutAccess);
    }

    [Theory]
    [InlineData("# Two hosts, twenty machines", "# Twenty machines")]
    [InlineData("{ host: vm-host-1, address: 10.20.0.71, role: jb }", "{ roles: [\"jb\"], address: 10.20.0.71, host: vm-host-1, platform: linux, nodeName: acd-jb1 }")]
    [InlineData("backup: 45m", "backup: 2700s")]
    public void Layout_comments_and_written_out_defaults_change_neither(string old, string changed)
    {
        var reading = Read(old, changed);

        Assert.Equal(AsItIs.Digest, reading.Digest);
        Assert.Equal(AsItIs.DigestWithoutAccess, reading.DigestWithoutAccess);
    }

    [Fact]
    public void A_role_with_empty_settings_differs_from_one_with_none()
    {
        var role = new Role { Name = "store", Store = new() };

        Assert.NotEqual(
            InventoryDigest.Of(new() { Cluster = "x", Roles = [role] }),
            InventoryDigest.Of(new() { Cluster = "x", Roles = [role with { Store = null }] }));
    }

    [Fact]
    public void A_digest_is_64_hexadecimal_digits() => Assert.Matches("^[0-9a-f]{64}$", AsItIs.Digest);
}
