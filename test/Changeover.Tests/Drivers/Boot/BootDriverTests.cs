using Changeover.Drivers;
using Changeover.Drivers.Boot;
using Changeover.Knowledge;

namespace Changeover.Tests.Drivers.Boot;

public sealed class BootDriverTests
{
    private const string Text = """
        Id=mariadb.service
        LoadState=loaded
        UnitFileState=enabled
        WantedBy=multi-user.target

        Id=mariadb.service
        LoadState=loaded
        UnitFileState=enabled
        WantedBy=multi-user.target

        Id=haproxy.service
        LoadState=not-found
        UnitFileState=
        WantedBy=

        Id=smbd.service
        LoadState=masked
        UnitFileState=masked
        WantedBy=

        kernel=6.1.0-18-amd64 drbd=yes
        kernel=6.1.0-21-amd64 drbd=no
        end

        """;

    private static Reading Read(string text, int code = 0) => new BootDriver().Read(
        new(SubjectKind.Boot, "acd-dbm1"), new([new(BootDriver.Key, code, text)]), new(SmallCluster.Cluster, Snapshot.Empty));

    [Fact]
    public void Units_are_read_once_each_and_missing_ones_not_at_all()
    {
        var facts = Assert.IsType<BootFacts>(Read(Text).Facts);

        Assert.Equal([new("mariadb", ServiceStart.Automatic), new("smbd", ServiceStart.Disabled)], facts.Units);
        Assert.Equal([new("6.1.0-18-amd64", true), new("6.1.0-21-amd64", false)], facts.Kernels);
    }

    [Fact]
    public void A_text_cut_anywhere_is_unknown()
    {
        for (var length = 0; length < Text.Length; length++)
            Assert.Equal("boot.unreadable", Read(Text[..length]).Problem?.Code.Code);
    }

    [Fact]
    public void A_failed_command_is_unknown() => Assert.Equal("boot.unreadable", Read(Text, 1).Problem?.Code.Code);
}
