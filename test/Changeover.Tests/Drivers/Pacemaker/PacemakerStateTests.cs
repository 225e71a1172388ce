using Changeover.Drivers;
using Changeover.Drivers.Pacemaker;
using Changeover.Findings;
using Changeover.Knowledge;
using static Changeover.Tests.Drivers.Pacemaker.StoreInventory;

namespace Changeover.Tests.Drivers.Pacemaker;

public sealed class PacemakerStateTests
{
    private static readonly PacemakerDriver Driver = new();

    private static Reading Read(params Result[] results) =>
        Driver.Read(new(SubjectKind.Pacemaker, "acd-store1"), new([.. results]), Knowing());

    private static Reading ReadModern(string text, int code = 0) => Read(new Result(PacemakerCommands.CrmMonKey, code, text));

    private static Reading ReadLegacy(string text, int code = 0) => Read(new Result(PacemakerCommands.CrmMonLegacyKey, code, text));

    private static PacemakerFacts Facts(string fixture) => Assert.IsType<PacemakerFacts>(ReadModern(Fixture("pacemaker", fixture)).Facts);

    private static FindingCode Problem(Reading reading)
    {
        Assert.Null(reading.Facts);
        Assert.NotEmpty(reading.Problem!.Message);
        Assert.DoesNotContain('{', reading.Problem.Message);
        return reading.Problem.Code;
    }

    private static string Where(PacemakerFacts facts) => string.Join(
        " ",
        facts.Resources.Select(r => $"{r.Id}={r.Role}{(r.Node.Length > 0 ? "@" + r.Node : "")}"));

    [Theory]
    [InlineData("crm_mon-2.1.5-store1-normal.xml",
        "drbd_jtel=Promoted@acd-store1 drbd_jtel=Unpromoted@acd-store2 fs_jtel=Started@acd-store1 ip_jtel=Started@acd-store1 smb_jtel=Started@acd-store1")]
    [InlineData("crm_mon-2.1.5-store2-standby-moving.xml",
        "drbd_jtel=Promoted@acd-store1 drbd_jtel=Unpromoted@acd-store2 fs_jtel=Started@acd-store1 ip_jtel=Started@acd-store1 smb_jtel=Stopped")]
    [InlineData("crm_mon-2.1.5-store1-standby-done.xml",
        "drbd_jtel=Promoted@acd-store2 drbd_jtel=Stopped fs_jtel=Started@acd-store2 ip_jtel=Started@acd-store2 smb_jtel=Started@acd-store2")]
    [InlineData("crm_mon-2.1.5-store2-moved.xml",
        "drbd_jtel=Unpromoted@acd-store1 drbd_jtel=Promoted@acd-store2 fs_jtel=Started@acd-store2 ip_jtel=Started@acd-store2 smb_jtel=Started@acd-store2")]
    [InlineData("crm_mon-2.1.5-lb1-normal.xml", "ip_lb=Started@acd-lb1")]
    public void Every_instance_is_where_the_cluster_says(string fixture, string expected)
    {
        Assert.Equal(expected, Where(Facts(fixture)));
    }

    [Fact]
    public void The_normal_store_is_read_whole()
    {
        var facts = Facts("crm_mon-2.1.5-store1-normal.xml");

        Assert.Equal("2.1.5-a3f44794f94", facts.Version);
        Assert.True(facts is { Quorate: true, HasCoordinator: true, MaintenanceMode: false, StopAllResources: false, FencingEnabled: false, LegacyForm: false });
        Assert.Equal("ignore", facts.NoQuorumPolicy);
        Assert.Equal(new PacemakerNode("acd-store1", true, false, false, false, false, false, 4), facts.Node("acd-store1"));
        Assert.Equal([new PromotionScore("acd-store1", "drbd_jtel", 10000), new("acd-store2", "drbd_jtel", 10000)], facts.PromotionScores);
        Assert.Empty(facts.Bans);
        Assert.Empty(facts.Failures);
        Assert.Equal(
            new PacemakerResource(
                "drbd_jtel", "ocf:linbit:drbd", "drbd_jtel-clone", true, "acd-store1", ResourceRole.Promoted, "",
                Active: true, Managed: true, Blocked: false, Orphaned: false, Failed: false, Pending: false),
            facts.Resources[0]);
        Assert.Equal("g_store", facts.Resources[2].Parent);
    }

    [Fact]
    public void A_stopped_instance_has_no_node()
    {
        var stopped = Facts("crm_mon-2.1.5-store1-standby-done.xml").Resources.Single(r => r.Role == ResourceRole.Stopped);

        Assert.Equal("", stopped.Node);
        Assert.False(stopped.Active);
    }

    [Fact]
    public void A_node_in_standby_that_still_runs_something_is_seen_so()
    {
        var node = Facts("crm_mon-2.1.5-store2-standby-moving.xml").Node("acd-store1")!;

        Assert.True(node is { Online: true, Standby: true, ResourcesRunning: 3 });
    }

    [Fact]
    public void A_node_that_left_cleanly_is_offline_and_not_unclean()
    {
        Assert.True(Facts("crm_mon-2.1.5-store2-peer-off.xml").Node("acd-store1") is { Online: false, Unclean: false, Standby: false });
    }

    [Fact]
    public void A_ban_is_named_with_resource_and_node()
    {
        Assert.Equal(
            [new PacemakerBan("cli-ban-g_store-on-acd-store1", "g_store", "acd-store1", PromotedOnly: false)],
            Facts("crm_mon-2.1.5-store2-ban.xml").Bans);
    }

    [Fact]
    public void Maintenance_mode_is_seen_and_leaves_nothing_managed()
    {
        var facts = Facts("crm_mon-2.1.5-store2-maintenance-mode.xml");

        Assert.True(facts.MaintenanceMode);
        Assert.DoesNotContain(facts.Resources, r => r.Managed);
    }

    [Fact]
    public void A_failed_resource_says_started_and_failed_and_names_its_failure()
    {
        var facts = Facts("crm_mon-2.1.5-store-failed-resource.xml");

        Assert.True(facts.Resources.Single(r => r.Id == "SMB") is { Role: ResourceRole.Started, Failed: true });
        Assert.Equal([new PacemakerFailure("SMB", "acd-store1", "monitor", "smbd died", 2)], facts.Failures);
    }

    [Theory]
    [InlineData("crm_mon-2.1.5-store1-normal-legacy-form.xml", "crm_mon-2.1.5-store1-normal.xml")]
    public void Both_forms_of_one_version_say_the_same(string legacy, string modern)
    {
        var old = Assert.IsType<PacemakerFacts>(ReadLegacy(Fixture("pacemaker", legacy)).Facts);
        var now = Facts(modern);

        Assert.True(old.LegacyForm);
        Assert.Equal(Where(now), Where(old));
        Assert.Equal(now.Nodes, old.Nodes);
        Assert.Equal(now.Resources, old.Resources);
        Assert.Equal(now.PromotionScores, old.PromotionScores);
    }

    [Fact]
    public void Words_of_Pacemaker_1_1_are_read_into_ours()
    {
        var facts = Assert.IsType<PacemakerFacts>(ReadLegacy(Fixture("pacemaker", "made-crm_mon-1.1.18-store-moved.xml")).Facts);

        Assert.Equal("drbd=Unpromoted@acd-store1 drbd=Promoted@acd-store2 fs=Started@acd-store2 ip=Started@acd-store2", Where(facts));
        Assert.Equal("ocf:linbit:drbd", facts.Resources[0].Agent);
        Assert.Equal("Promoted", facts.Resources[3].TargetRole);
        Assert.Equal([new PacemakerBan("drbd-fence-by-handler-jtel-ms_drbd", "ms_drbd", "acd-store1", PromotedOnly: true)], facts.Bans);
        Assert.Equal([new PacemakerFailure("fs", "acd-store1", "", "", 3)], facts.Failures);
    }

    [Fact]
    public void Bundles_cloned_groups_pending_and_doubly_active_resources_are_seen()
    {
        var facts = Facts("made-crm_mon-2.1.5-bundle-and-pending.xml");

        Assert.Equal("web=Started@web-bundle-0 drbd=Demoting@n1 twice=Started@n1 twice=Started@n2", Where(facts));
        Assert.True(facts is { Quorate: false, MaintenanceMode: true, StopAllResources: true, FencingEnabled: true });
        Assert.Equal(["n1", "n2"], facts.Nodes.Select(n => n.Name));
        Assert.True(facts.Node("n1") is { StandbyOnFail: true, Maintenance: true });
        Assert.True(facts.Node("n2") is { Pending: true, Unclean: true });
        Assert.True(facts.Resources[1] is { Parent: "g", Promotable: true, Pending: true });
        Assert.True(facts.Resources[2] is { TargetRole: "Stopped", Blocked: true, Orphaned: true, Failed: true, Managed: false });
        Assert.Equal([new PromotionScore("n1", "drbd", null)], facts.PromotionScores);
    }

    [Fact]
    public void A_cluster_that_does_not_run_here_is_unknown_by_that_name()
    {
        Assert.Same(PacemakerFindings.NotRunning, Problem(ReadModern(Fixture("pacemaker", "crm_mon-2.1.5-not-running.xml"), 102)));
        Assert.Same(PacemakerFindings.NotRunning, Problem(ReadLegacy("<crm_mon version=\"2.1.5\"/>\n", 102)));
        Assert.Same(PacemakerFindings.NotRunning, Problem(Read(new Result(
            PacemakerCommands.CrmMonLegacyKey, 107, "", "Connection to cluster failed: Transport endpoint is not connected"))));
    }

    [Fact]
    public void A_node_that_has_just_started_knows_nothing_and_breaks_nothing()
    {
        Assert.Same(PacemakerFindings.Starting, Problem(ReadModern(Fixture("pacemaker", "made-crm_mon-2.1.5-starting.xml"))));
        Assert.Same(PacemakerFindings.Starting, Problem(ReadModern(
            "<pacemaker-result><pacemakerd state=\"shutting_down\"/><status code=\"0\" message=\"OK\"/></pacemaker-result>")));
    }

    [Fact]
    public void The_name_of_the_answering_node_comes_with_the_state()
    {
        var xml = new Result(PacemakerCommands.CrmMonKey, 0, Fixture("pacemaker", "crm_mon-2.1.5-lb1-normal.xml"));

        var named = Read(xml, new Result(PacemakerCommands.CrmNodeKey, 0, "acd-lb1\n"));
        var silent = Read(xml, new Result(PacemakerCommands.CrmNodeKey, 102, "Not connected\n"));

        Assert.Equal("acd-lb1", Assert.IsType<PacemakerFacts>(named.Facts).LocalNode);
        Assert.Equal("", Assert.IsType<PacemakerFacts>(silent.Facts).LocalNode);
    }

    [Fact]
    public void An_unknown_version_is_asked_in_both_forms_and_a_known_one_in_its_own()
    {
        var subject = new Subject(SubjectKind.Pacemaker, "acd-store1");
        string Keys(DriverContext context) => string.Join(' ', Assert.IsType<Request.Shell>(Driver.Ask(subject, context)).Commands.Select(c => c.Key));
        var modern = Facts("crm_mon-2.1.5-store1-normal.xml");

        Assert.Equal("crm_mon crm_mon-legacy crm_node", Keys(Knowing()));
        Assert.Equal("crm_mon crm_node", Keys(Knowing(Seen(SubjectKind.Pacemaker, "acd-store1", modern))));
        Assert.Equal("crm_mon-legacy crm_node", Keys(Knowing(Seen(SubjectKind.Pacemaker, "acd-store1", modern with { LegacyForm = true }))));
    }

    [Fact]
    public void The_help_of_an_old_crm_mon_is_no_answer_and_the_older_form_is_read()
    {
        // Pacemaker 1.1 answers an option that it does not know with its help and exit 0.
        var help = new Result(PacemakerCommands.CrmMonKey, 0, Fixture("pacemaker", "made-crm_mon-1.1.18-help.txt"));
        var legacy = new Result(PacemakerCommands.CrmMonLegacyKey, 0, Fixture("pacemaker", "made-crm_mon-1.1.18-store-moved.xml"));

        Assert.True(Assert.IsType<PacemakerFacts>(Read(help, legacy).Facts).LegacyForm);
        Assert.Same(ExchangeFindings.Failed, Problem(Read(help)));
    }

    [Theory]
    [InlineData("online=\"true\"", "online=\"maybe\"")]
    [InlineData("unclean=\"false\"", "")]
    [InlineData("active=\"true\"", "")]
    [InlineData("failed=\"false\"", "failed=\"\"")]
    [InlineData("maintenance-mode=\"false\"", "")]
    [InlineData("<status code=\"0\"", "<status code=\"1\"")]
    [InlineData("<status code=\"0\" message=\"OK\"/>", "")]
    [InlineData("<pacemaker-result", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><pacemaker-result")]
    public void What_is_missing_or_odd_makes_the_state_unknown(string sound, string damaged)
    {
        var text = Fixture("pacemaker", "crm_mon-2.1.5-store1-normal.xml");
        Assert.Contains(sound, text, StringComparison.Ordinal);

        Problem(ReadModern(text.Replace(sound, damaged, StringComparison.Ordinal)));
    }

    [Fact]
    public void An_answer_that_ran_out_of_time_is_unknown()
    {
        Assert.Same(ExchangeFindings.Failed, Problem(ReadModern("", Result.TimedOut)));
        Assert.Same(ExchangeFindings.Unreadable, Problem(Read()));
    }

    [Theory]
    [InlineData("crm_mon-2.1.5-lb1-normal.xml", false, 3)]
    [InlineData("crm_mon-2.1.5-store1-normal.xml", false, 61)]
    [InlineData("made-crm_mon-1.1.18-store-moved.xml", true, 31)]
    public void No_answer_cut_short_is_read(string fixture, bool legacy, int step)
    {
        var text = Fixture("pacemaker", fixture).TrimEnd();

        for (var length = 0; length < text.Length; length += step)
            Problem(legacy ? ReadLegacy(text[..length]) : ReadModern(text[..length]));
    }

    [Fact]
    public void No_damage_throws()
    {
        var text = Fixture("pacemaker", "crm_mon-2.1.5-store-failed-resource.xml");

        for (var at = 0; at < text.Length; at += 11)
        {
            var reading = ReadModern(text[..at] + (at % 3 == 0 ? "<" : at % 3 == 1 ? "\0" : "9") + text[(at + 1)..]);
            Assert.True(reading.Facts is null != reading.Problem is null);
        }
    }
}
