using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Tests.Knowledge;

/// <summary>X6: whether a machine would come back as it went.</summary>
public sealed class BootConditionTests
{
    private static readonly (ComesBack Store, ComesBack Balancer, ComesBack Database) It = (new("store1"), new("lb1"), new("db1"));

    private static Sight Units(string machine, params ImmutableArray<BootUnit> units) => Sight.Well.But<BootFacts>(machine, f => f with { Units = units });

    private static Sight Agents(string machine, Func<PacemakerResource, bool> kept, params ImmutableArray<string> more) => Sight.Well.But<PacemakerFacts>(
        machine, f => f with { Resources = [.. f.Resources.Where(kept), .. more.Select(a => f.Resources[^1] with { Id = a, Agent = a })] });

    [Theory]
    [InlineData("store1", "pacemaker-setup:store1 pacemaker:store1 boot:store1")]
    [InlineData("lb1", "pacemaker-setup:lb1 pacemaker:lb1 balancer:lb1 boot:lb1")]
    [InlineData("report", "boot:report")]
    [InlineData("web1", "")]
    [InlineData("tel1", "")]
    public void Asked_is_what_belongs_to_its_roles(string machine, string subjects)
    {
        Assert.Equal(subjects, string.Join(' ', new ComesBack(machine).Subjects(Sight.Cluster)));
        Sight.Well.Holds(new ComesBack(machine));
    }

    [Fact]
    public void A_machine_that_is_not_linux_is_not_asked_what_starts_at_its_boot()
    {
        var windows = Sight.Cluster.Machine("db1") with { Platform = Platform.Windows };
        Assert.True(ComesBack.AsksBoot(Sight.Cluster, Sight.Cluster.Machine("db1")));
        Assert.False(ComesBack.AsksBoot(Sight.Cluster, windows));
    }

    [Fact]
    public void A_balancer_without_a_cluster_is_asked_what_starts_at_its_boot()
    {
        var inventory = Sight.Cluster with { Roles = Sight.Cluster.Roles.Change(r => r.Balancer is not null, r => r with { Redundancy = Redundancy.None }) };
        Assert.True(ComesBack.AsksBoot(inventory, inventory.Machine("lb1")));
    }

    [Fact]
    public void Its_cluster_daemons_start_at_boot()
    {
        Sight.Well.But<PacemakerSetupFacts>("store1", f => f with { DaemonsEnabled = false }).Fails(It.Store, "pacemaker.not-enabled store1");
        Sight.Well.But<PacemakerSetupFacts>("store1", f => f with { DaemonsEnabled = null }).IsUnknown(It.Store, "boot.unknown store1: what=corosync and pacemaker");
    }

    [Theory]
    [InlineData(false, false, Verdict.Fails, "balancer.configuration-invalid lb1")]
    [InlineData(null, false, Verdict.Unknown, "boot.unknown lb1: what=HAProxy (haproxy -c did not judge its file)")]
    [InlineData(true, true, Verdict.Fails, "balancer.configuration-newer lb1")]
    [InlineData(true, null, Verdict.Unknown, "boot.unknown lb1: what=HAProxy as it runs now (the age of its file)")]
    public void Its_balancer_would_start_with_what_it_runs_with(bool? valid, bool? newer, Verdict verdict, string why)
    {
        var sight = Sight.Well.But<BalancerFacts>("lb1", f => f with { ConfigurationValid = valid, ConfigurationNewer = newer });
        if (verdict == Verdict.Fails)
            sight.Fails(It.Balancer, why);
        else
            sight.IsUnknown(It.Balancer, why);
    }

    [Theory]
    [InlineData("mariadb")]
    [InlineData("mysql")]
    [InlineData("mysqld")]
    public void Its_database_starts_under_any_of_its_names(string unit)
    {
        Units("db1", new BootUnit(unit, ServiceStart.Automatic)).Holds(It.Database);
        Units("db1", new("other", ServiceStart.Automatic), new(unit, ServiceStart.Disabled)).Fails(It.Database, $"boot.not-started db1: seen={unit} disabled, what=the database");
    }

    [Fact]
    public void One_unit_that_starts_is_enough_and_one_that_is_not_told_is_not()
    {
        Units("db1", new("mysql", ServiceStart.Manual), new("mariadb", ServiceStart.Automatic)).Holds(It.Database);
        Units("db1", new("mysql", ServiceStart.Manual), new("mariadb", ServiceStart.Disabled)).Fails(It.Database, "boot.not-started db1: seen=mysql manual, mariadb disabled, what=the database");
        Units("db1", new("mysql", ServiceStart.Manual), new("mariadb", ServiceStart.Unknown)).IsUnknown(It.Database, "boot.unknown db1: what=the database");
        Units("db1").IsUnknown(It.Database, "boot.unknown db1: what=the database");
    }

    [Fact]
    public void A_balancer_in_the_hands_of_the_cluster_need_not_start_by_itself()
    {
        Units("lb1").IsUnknown(It.Balancer, "boot.unknown lb1: what=HAProxy");
        Units("lb1", new BootUnit("haproxy", ServiceStart.Disabled)).Fails(It.Balancer, "boot.not-started lb1: seen=haproxy disabled, what=HAProxy");
        foreach (var agent in (string[])["systemd:haproxy", "ocf:heartbeat:HAProxy"])
            Agents("lb1", _ => true, agent).But<BootFacts>("lb1", f => f with { Units = [] }).Holds(It.Balancer);
        Agents("lb1", _ => true, "ocf:own:nothaproxy").But<BootFacts>("lb1", f => f with { Units = [] }).IsUnknown(It.Balancer, "boot.unknown lb1: what=HAProxy");
    }

    [Theory]
    [InlineData("smbd")]
    [InlineData("smb")]
    [InlineData("samba")]
    [InlineData("nfs-server")]
    [InlineData("nfs-kernel-server")]
    [InlineData("nfsserver")]
    [InlineData("exportfs")]
    public void Its_share_is_in_the_hands_of_the_cluster_or_starts_by_itself(string name)
    {
        static bool NoShare(PacemakerResource r) => r.Id != "share";

        Agents("store1", NoShare).IsUnknown(It.Store, "boot.unknown store1: what=the share");
        Agents("store1", NoShare, $"ocf:heartbeat:{name.ToUpperInvariant()}").Holds(It.Store);
        Agents("store1", NoShare).But<BootFacts>("store1", f => f with { Units = [new(name, ServiceStart.Automatic)] }).Holds(It.Store);
        Agents("store1", NoShare).But<BootFacts>("store1", f => f with { Units = [new(name, ServiceStart.Disabled)] }).Fails(
            It.Store, $"boot.not-started store1: seen={name} disabled, what=the share");
    }

    [Fact]
    public void A_store_that_nobody_can_name_has_no_share_to_start()
    {
        var inventory = Sight.Cluster with { Roles = Sight.Cluster.Roles.Change(r => r.Store is not null, r => r with { Store = new("r0") }) };
        var seen = Snapshot.Of(Agents("store1", r => r.Id != "share").Seen.Values);

        Assert.Equal(Verdict.Holds, It.Store.Judge(new(inventory, seen, Sight.Noon, Sight.Noon)).Verdict);
    }

    [Fact]
    public void Its_stores_mount_is_in_the_hands_of_the_cluster() => Agents("store1", r => r.Id != "fs").Fails(
        It.Store, "boot.not-started store1: seen=in the hands of the cluster nowhere, what=the store's mount");

    [Fact]
    public void A_store_without_a_cluster_is_in_nobodys_hands()
    {
        var inventory = Sight.Cluster with { Roles = Sight.Cluster.Roles.Change(r => r.Store is not null, r => r with { Redundancy = Redundancy.None, Database = new() }) };
        var seen = Snapshot.Of(Units("store1", new("mariadb", ServiceStart.Automatic), new("smbd", ServiceStart.Automatic)).Seen.Values);

        Assert.Equal(["boot.not-started"], It.Store.Judge(new(inventory, seen, Sight.Noon, Sight.Noon)).Findings.Select(f => f.Code.Code));
    }

    private static Sight Kernels(params ImmutableArray<BootKernel> kernels) => Sight.Well.But<BootFacts>("store1", f => f with { Kernels = kernels });

    [Fact]
    public void Every_kernel_that_may_boot_has_drbd()
    {
        Kernels(new("6.1", true), new("6.2", false)).Fails(It.Store, "boot.no-drbd store1: kernel=6.2");
        Kernels(new("6.1", null), new("6.2", true)).IsUnknown(It.Store, "boot.unknown store1: what=DRBD under kernel 6.1");
        Kernels().IsUnknown(It.Store, "boot.unknown store1: what=DRBD");
    }
}
