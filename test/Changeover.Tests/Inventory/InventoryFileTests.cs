using System.Text;
using Changeover.Findings;
using Changeover.Inventory;

namespace Changeover.Tests.Inventory;

public sealed class InventoryFileTests
{
    private static readonly string Base = File.ReadAllText(RepositoryFile.Path("test", "Changeover.Tests", "Fixtures", "inventory", "made-base.yaml"));

    private static InventoryReading Read(string text) => InventoryFile.Parse("cluster.yaml", Encoding.UTF8.GetBytes(text));

    private static LocatedFinding Single(InventoryReading reading)
    {
        Assert.Null(reading.Inventory);
        return Assert.Single(reading.Findings);
    }

    [Fact]
    public void A_file_that_is_not_there_is_unreadable_and_no_error_of_the_inventory()
    {
        var reading = InventoryFile.Read("/no/such/cluster.yaml");

        Assert.Equal(InventoryFindings.Unreadable, Single(reading).Finding.Code);
        Assert.Equal(2, reading.ExitCode);
        Assert.StartsWith("/no/such/cluster.yaml cannot be read: there is no such file.", Single(reading).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/tmp")]
    [InlineData("a\0b")]
    public void A_path_that_is_no_file_is_unreadable(string path) => Assert.Equal(2, InventoryFile.Read(path).ExitCode);

    [Fact]
    public void A_file_of_ten_megabytes_is_refused_without_reading_it_whole()
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var stream = File.OpenWrite(path))
                stream.SetLength(10_000_000);
            var reading = InventoryFile.Read(path);

            Assert.Equal($"{path}:1:1: {path} has 10000000 bytes; expected at most 1048576. An inventory of a hundred machines has about 20000, so this is probably another file.", Single(reading).ToString());
            Assert.Equal(3, reading.ExitCode);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_without_an_end_is_refused() => Assert.Equal(InventoryFindings.TooLarge, Single(InventoryFile.Read("/dev/zero")).Finding.Code);

    [Fact]
    public void Bytes_that_are_no_text_are_found_where_they_stand()
    {
        var found = Single(InventoryFile.Parse("c.yaml", [.. "cluster: acd\nhosts: "u8, 0xff, 0xfe, (byte)'\n']));

        Assert.Equal(InventoryFindings.NotText, found.Finding.Code);
        Assert.Equal(new Place(2, 8), found.At);
    }

    [Fact]
    public void A_byte_order_mark_and_Windows_line_ends_change_nothing()
    {
        var plain = Read(Base);
        var windows = InventoryFile.Parse("cluster.yaml", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Base.Replace("\n", "\r\n", StringComparison.Ordinal))]);

        Assert.Empty(windows.Findings);
        Assert.Equal(plain.Digest, windows.Digest);
    }

    [Fact]
    public void Places_are_the_same_with_Windows_line_ends()
    {
        var bad = Base.Replace("10.0.0.17", "10.0.0.x", StringComparison.Ordinal);

        Assert.Equal(Single(Read(bad)).ToString(), Single(Read(bad.Replace("\n", "\r\n", StringComparison.Ordinal))).ToString());
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    public void Nesting_without_end_is_refused_and_ends_no_process(string open)
    {
        var found = Single(Read("cluster: " + (open == "- " ? "\n" : "") + string.Concat(Enumerable.Repeat(open, 200_000))));

        Assert.Equal(InventoryFindings.TooDeep, found.Finding.Code);
    }

    [Fact]
    public void An_alias_bomb_is_refused_and_not_followed()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 30; i++)
            bomb.Append($"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]\n");

        var reading = Read(bomb.ToString());

        Assert.Null(reading.Inventory);
        Assert.Contains(reading.Findings, f => f.Finding.Code == InventoryFindings.NotPlain);
    }

    [Theory]
    [InlineData("- x\n")]
    [InlineData("- { a: b }\n")]
    public void A_small_file_of_very_many_values_is_refused(string line) =>
        Assert.Equal(InventoryFindings.TooMany, Single(Read(string.Concat(Enumerable.Repeat(line, 60_000)))).Finding.Code);

    [Fact]
    public void Findings_without_end_are_cut_off_and_counted()
    {
        var reading = Read(string.Concat(Enumerable.Range(0, 5000).Select(i => $"x{i}: 1\n")));

        Assert.Equal(101, reading.Findings.Length);
        Assert.Equal(InventoryFindings.More, reading.Findings[^1].Finding.Code);
        Assert.All(reading.Findings, f => Assert.Equal(Severity.Error, f.Finding.Severity));
    }

    [Fact]
    public void Findings_come_in_the_order_of_the_file()
    {
        var reading = Read(Base.Replace("host: h", "host: x", StringComparison.Ordinal));

        Assert.Equal(8, reading.Findings.Length);
        Assert.Equal(reading.Findings.Select(f => f.At).Order(), reading.Findings.Select(f => f.At));
    }

    [Fact]
    public void A_finding_keeps_its_path_as_subject_for_scripts() =>
        Assert.Equal("machines.jb1.address", Single(Read(Base.Replace("10.0.0.17", "no", StringComparison.Ordinal))).Finding.Subject);

    [Fact]
    public void A_machine_takes_what_it_does_not_say_from_access_and_role()
    {
        var inventory = Read(Base.Replace("role: jb }", "role: tel }", StringComparison.Ordinal)
            .Replace("services:\n  wildfly: { title: Web }\n", "", StringComparison.Ordinal)).Inventory!;

        Assert.Equal(Platform.Windows, inventory.Machine("jb1").Platform);
        Assert.Equal("Administrator", inventory.Machine("jb1").User);
        Assert.False(inventory.Machine("jb1").Sudo);
        Assert.Equal("changeover", inventory.Machine("lb1").User);
        Assert.True(inventory.Machine("lb1").Sudo);
        Assert.Equal(("lb1", "lb1", "lb1"), (inventory.Machine("lb1").NodeName, inventory.Machine("lb1").HostName, inventory.Machine("lb1").GuestName));
    }

    [Fact]
    public void Root_needs_no_sudo() =>
        Assert.All(Read(Base.Replace("access: { user: changeover }\n", "", StringComparison.Ordinal)).Inventory!.Machines, m => Assert.Equal(("root", false), (m.User, m.Sudo)));

    [Fact]
    public void An_entry_overrides_the_catalogue_key_by_key()
    {
        var inventory = Read(Base).Inventory!;
        var wildfly = inventory.Services.Single(s => s.Name == "wildfly");

        Assert.Equal("Web", wildfly.Title);
        Assert.True(wildfly.NeedsShare);
        Assert.Equal(["store"], inventory.Role("lb").Requires);
        Assert.Equal("mysql", inventory.Role("lb").Balancer!.WriterBackend);
        Assert.Equal(new AllowedSession("exporter", "*", "reads only"), Assert.Single(inventory.Role("dbm").Database!.AllowedSessions));
        Assert.Equal(TimeSpan.FromMinutes(3), inventory.Budgets.Quiet);
        Assert.Equal(new Budgets().Move, inventory.Budgets.Move);
    }

    [Fact]
    public void Roles_come_in_start_order_and_skip_over_those_that_no_machine_has()
    {
        var inventory = Read(Base).Inventory!;

        Assert.Equal(["store", "lb", "dbm", "jb"], inventory.Roles.Select(r => r.Name));
        Assert.Equal(["dbm"], inventory.Role("jb").Requires);
    }

    [Fact]
    public void Without_the_catalogue_the_inventory_defines_everything()
    {
        var reading = Read("""
            cluster: x
            catalogue: none
            hosts: { a: { person: true }, b: { person: true } }
            machines:
              m1: { host: a, address: 10.0.0.1, role: web }
              m2: { host: b, address: 10.0.0.2, role: web }
            roles:
              web: { redundancy: activeActive, services: [nginx] }
            services:
              nginx: { title: Web server }
            """);

        Assert.All(reading.Findings, f => Assert.Equal(Severity.Info, f.Finding.Severity));
        Assert.Equal(["nginx"], reading.Inventory!.Services.Select(s => s.Name));
        Assert.Equal(["nginx"], reading.Inventory.ServicesOf(reading.Inventory.Machine("m1")).Select(s => s.Name));
    }
}
