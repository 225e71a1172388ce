using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Tests.Knowledge;

/// <summary>Balancers: whom they choose, and what becomes of their servers.</summary>
public sealed class BalancerConditionTests
{
    private static readonly WriterIs Writer = new("lb1", "db1");

    private static Sight At(string balancer, Func<BalancerFacts, BalancerFacts> change) => Sight.Well.But(balancer, change);

    private static Sight Server(string name, Func<BalancerServer, BalancerServer> change) => At("lb1", f => f with { Servers = f.Servers.Change(s => s.Name == name, change) });

    // ---- the writer ------------------------------------------------------------------------------------------------------

    public static TheoryData<Func<BalancerServer, BalancerServer>> Unusable() => new()
    {
        s => s with { Admin = ServerAdmin.Maint },
        s => s with { Admin = ServerAdmin.Drain },
        s => s with { Admin = ServerAdmin.Unknown },
        s => s with { Up = false },
        s => s with { Weight = 0 },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public void A_backup_is_the_writer_when_the_active_server_cannot_be_used(Func<BalancerServer, BalancerServer> change)
    {
        Server("first", change).Fails(Writer, "writer.not-as-expected lb1: expected=db1, seen=db2");
        Server("first", change).Holds(Writer with { Machine = "db2" });
    }

    [Theory]
    [MemberData(nameof(Unusable))]
    public void There_is_no_writer_when_no_server_can_be_used(Func<BalancerServer, BalancerServer> change) =>
        At("lb1", f => f with { Servers = f.Servers.Change(s => s.Backend == "mysql", change) }).Fails(Writer, "writer.none lb1");

    [Fact]
    public void There_is_no_writer_when_two_servers_would_be_given_sessions() => Server("second", s => s with { Backup = false }).Fails(Writer, "writer.none lb1");

    [Fact]
    public void Of_several_backups_the_first_that_can_be_used_is_the_writer()
    {
        var backups = At("lb1", f => f with { Servers = f.Servers.Change(s => s with { Backup = true }) });

        backups.Holds(Writer);
        backups.But<BalancerFacts>("lb1", f => f with { Servers = f.Servers.Change(s => s.Name == "first", s => s with { Up = false }) }).Holds(Writer with { Machine = "db2" });
    }

    [Fact]
    public void A_server_that_stands_for_no_machine_is_no_writer() => Server("first", s => s with { Name = "third" }).Fails(Writer, "writer.none lb1");

    [Fact]
    public void A_machine_without_a_balancer_chooses_no_writer() => Sight.Well.With(SubjectKind.Balancer, "web1", Sight.Well.Seen[new(SubjectKind.Balancer, "lb1")].Facts!)
        .Fails(new WriterIs("web1", "db1"), "writer.none web1");

    [Fact]
    public void A_balancer_without_a_writers_backend_chooses_none()
    {
        var inventory = Sight.Cluster with { Roles = Sight.Cluster.Roles.Change(r => r.Balancer is not null, r => r with { Balancer = r.Balancer! with { WriterBackend = "" } }) };
        var facts = (BalancerFacts)At("lb1", f => f with { Servers = f.Servers.Change(s => s with { Backend = "" }) }).Seen[new(SubjectKind.Balancer, "lb1")].Facts!;

        Assert.Null(BalancerJudge.Writer(facts with { Servers = [facts.Servers[0]] }, inventory, "lb1"));
    }

    // ---- both the same ---------------------------------------------------------------------------------------------------

    private static readonly BalancersAgree Agree = new("lb1", "lb2");

    [Fact]
    public void Balancers_with_other_files_differ_also_where_their_servers_may()
    {
        const string Why = "balancer.differ lb1: expected=sum, other=lb2, seen=other sum, what=configuration file";
        var sight = At("lb1", f => f with { ConfigurationChecksum = "other sum" });

        sight.Fails(Agree, Why);
        sight.Fails(Agree with { IncludeAdmin = false }, Why);
    }

    public static TheoryData<string[], Func<BalancerFacts, BalancerFacts>> Differences() => new()
    {
        {
            ["balancer.differ lb1: expected=ready with weight 100, other=lb2, seen=maint with weight 100, what=server web/web1"],
            f => f with { Servers = f.Servers.Change(s => s.Name == "web1", s => s with { Admin = ServerAdmin.Maint }) }
        },
        {
            ["balancer.differ lb1: expected=ready with weight 100, other=lb2, seen=ready with weight 50, what=server web/web1"],
            f => f with { Servers = f.Servers.Change(s => s.Name == "web1", s => s with { Weight = 50 }) }
        },
        {
            ["balancer.differ lb1: expected=ready with weight 100, other=lb2, seen=missing, what=server web/web1"],
            f => f with { Servers = [.. f.Servers.Where(s => s.Name != "web1")] }
        },
        {
            ["balancer.differ lb1: expected=missing, other=lb2, seen=ready with weight 100, what=server web/web3"],
            f => f with { Servers = [.. f.Servers, f.Servers[^1] with { Name = "web3" }] }
        },
        {
            ["balancer.differ lb1: expected=db1, other=lb2, seen=db2, what=writer"],
            f => f with { Servers = f.Servers.Change(s => s.Name == "first", s => s with { Up = false }) }
        },
        {
            ["balancer.differ lb1: expected=db1, other=lb2, seen=none, what=writer"],
            f => f with { Servers = f.Servers.Change(s => s.Backend == "mysql", s => s with { Up = false }) }
        },
    };

    [Theory]
    [MemberData(nameof(Differences))]
    public void Balancers_that_choose_or_set_otherwise_differ_except_where_they_may(string[] why, Func<BalancerFacts, BalancerFacts> change)
    {
        At("lb1", change).Fails(Agree, why);
        At("lb1", change).Holds(Agree with { IncludeAdmin = false });
    }

    [Fact]
    public void Of_two_balancers_the_one_without_a_writer_is_named() => At("lb2", f => f with { Servers = f.Servers.Change(s => s.Backend == "mysql", s => s with { Up = false }) }).Fails(
        Agree, "balancer.differ lb1: expected=none, other=lb2, seen=db1, what=writer");

    [Fact]
    public void Checks_and_sessions_that_differ_are_no_difference() => Server("web1", s => s with { Up = false, Status = "DOWN", Sessions = 3 }).Holds(Agree);

    // ---- their servers ---------------------------------------------------------------------------------------------------

    [Fact]
    public void A_server_is_set_as_it_should_be()
    {
        static ServersAre Are(ServerAdmin admin, int? weight, string server = "web1") => new("lb1", [new("web", server, admin, weight)]);

        Server("web1", s => s with { Admin = ServerAdmin.Maint }).Holds(Are(ServerAdmin.Maint, null));
        Sight.Well.Holds(Are(ServerAdmin.Ready, 100));
        Sight.Well.Fails(Are(ServerAdmin.Maint, null), "balancer.server-not-as-expected lb1: backend=web, expected=maint, seen=ready (weight 100), server=web1");
        Sight.Well.Fails(Are(ServerAdmin.Maint, 100), "balancer.server-not-as-expected lb1: backend=web, expected=maint (weight 100), seen=ready (weight 100), server=web1");
        Sight.Well.Fails(Are(ServerAdmin.Ready, 50), "balancer.server-not-as-expected lb1: backend=web, expected=ready (weight 50), seen=ready (weight 100), server=web1");
        Sight.Well.Fails(Are(ServerAdmin.Ready, null, "first"), "balancer.server-missing lb1: backend=web, server=first");
    }

    [Fact]
    public void A_balancer_obeys_when_it_says_so()
    {
        At("lb1", f => f with { MayChange = false }).Fails(new BalancerObeys("lb1"), "balancer.read-only lb1");
        At("lb1", f => f with { MayChange = null }).IsUnknown(new BalancerObeys("lb1"), "balancer.rights-unknown lb1");
    }

    private static readonly ServersUp AllUp = new("lb1", "");

    private static readonly Sight Down = Server("web1", s => s with { Up = false, Status = "DOWN" });

    [Fact]
    public void A_server_that_takes_part_is_up_unless_it_is_left_out()
    {
        Down.Fails(AllUp, "balancer.server-down lb1: backend=web, seen=DOWN, server=web1");
        Down.Fails(AllUp with { ExceptHost = "host2", Except = ["web2"] }, "balancer.server-down lb1: backend=web, seen=DOWN, server=web1");
        Down.Holds(AllUp with { ExceptHost = "host1" });
        Down.Holds(AllUp with { Except = ["web1"] });
    }

    [Fact]
    public void A_server_is_known_by_the_machine_it_stands_for()
    {
        var sight = Server("first", s => s with { Up = false });

        sight.Fails(AllUp, "balancer.server-down lb1: backend=mysql, seen=UP, server=first");
        sight.Holds(AllUp with { Except = ["db1"] });
        Server("web1", s => s with { Name = "nobody", Up = false }).Holds(AllUp);
    }

    [Theory]
    [InlineData(ServerAdmin.Maint)]
    [InlineData(ServerAdmin.Drain)]
    public void A_server_that_was_set_aside_may_be_down(ServerAdmin admin) => Server("web1", s => s with { Up = false, Admin = admin }).Holds(AllUp);

    [Fact]
    public void A_server_that_is_down_and_may_take_part_is_unknown() => Server("web1", s => s with { Up = false, Status = "DOWN", Admin = ServerAdmin.Unknown }).IsUnknown(
        AllUp, "balancer.server-not-as-expected lb1: backend=web, expected=ready and up, or set aside, seen=unknown (DOWN), server=web1");

    private static readonly ServerSetting First = new("web", "web1", ServerAdmin.Maint);

    [Fact]
    public void The_last_server_of_a_backend_is_never_taken_away()
    {
        Sight.Well.Holds(new PoolsSurvive("lb1", [First, new("mysql", "first", ServerAdmin.Maint)]));
        Sight.Well.Fails(new PoolsSurvive("lb1", [First, First with { Server = "web2" }]), "balancer.last-server lb1: backend=web");
        Sight.Well.Holds(new PoolsSurvive("lb1", [First, new("mysql", "web2", ServerAdmin.Maint)]));
        Sight.Well.Fails(new PoolsSurvive("lb1", [First with { Backend = "phone" }]), "balancer.last-server lb1: backend=phone");
    }

    [Theory]
    [InlineData(ServerAdmin.Maint)]
    [InlineData(ServerAdmin.Drain)]
    [InlineData(ServerAdmin.Unknown)]
    public void A_server_that_is_not_ready_does_not_keep_a_backend(ServerAdmin admin) =>
        Server("web2", s => s with { Admin = admin }).Fails(new PoolsSurvive("lb1", [First]), "balancer.last-server lb1: backend=web");

    [Fact]
    public void Whether_the_server_that_stays_is_up_is_not_asked() => Server("web2", s => s with { Up = false }).Holds(new PoolsSurvive("lb1", [First]));

    [Fact]
    public void The_servers_of_a_host_are_those_whose_machines_are_on_it() => Assert.Equal(
        ["first", "web1"],
        BalancerJudge.ServersOn((BalancerFacts)Server("web2", s => s with { Name = "nobody" }).Seen[new(SubjectKind.Balancer, "lb1")].Facts!, Sight.Cluster, "lb1", "host1").Select(s => s.Name));
}
