using System.Text.Json;
using Changeover.Drivers;
using Changeover.Drivers.Pacemaker;
using Changeover.Knowledge;
using static Changeover.Tests.Drivers.Pacemaker.StoreInventory;

namespace Changeover.Tests.Drivers.Pacemaker;

public sealed class PacemakerSetupTests
{
    private static readonly PacemakerDriver Driver = new();

    private static Reading Read(string cib, string pcs = "0.11.5\n", string enabled = "enabled\nenabled\n", int simulate = 0, int cibCode = 0, string cibError = "") =>
        Driver.Read(
            new(SubjectKind.PacemakerSetup, "acd-store1"),
            new([
                new(PacemakerCommands.CibKey, cibCode, cib, cibError),
                new(PacemakerCommands.PcsVersionKey, 0, pcs),
                new(PacemakerCommands.DaemonsEnabledKey, 0, enabled),
                new(PacemakerCommands.CanForecastKey, simulate, ""),
            ]),
            Knowing());

    private static PacemakerSetupFacts Facts(string fixture) => Assert.IsType<PacemakerSetupFacts>(Read(Fixture("pacemaker", fixture)).Facts);

    [Fact]
    public void The_configuration_of_the_normal_store_is_read()
    {
        var facts = Facts("cib-2.1.5-store1-normal.xml");

        Assert.Equal("0.11.5", facts.PcsVersion);
        Assert.Equal(100, facts.DefaultStickiness);
        Assert.Empty(facts.Stickiness);
        Assert.Equal([new LocationConstraint("location-drbd_jtel-clone", "drbd_jtel-clone", "acd-store1", 50, "Promoted")], facts.Locations);
        Assert.Empty(facts.StandbyNodes);
        Assert.True(facts is { DaemonsEnabled: true, CanForecast: true });
    }

    [Fact]
    public void Standby_shows_and_leaves_the_digest_as_it_was()
    {
        var before = Facts("cib-2.1.5-store1-normal.xml");
        var during = Facts("cib-2.1.5-store1-standby.xml");
        var after = Facts("cib-2.1.5-store1-unstandby.xml");

        Assert.Equal(["acd-store1"], during.StandbyNodes);
        Assert.Empty(after.StandbyNodes);
        Assert.Equal(before.Digest, during.Digest);
        Assert.Equal(before.Digest, after.Digest);
        Assert.Equal(32, before.Digest.Length);
    }

    [Theory]
    [InlineData("value=\"100\"", "value=\"0\"")]
    [InlineData("score=\"50\"", "score=\"60\"")]
    [InlineData("value=\"/dev/drbd0\"", "value=\"/dev/drbd1\"")]
    [InlineData("<node id=\"2\" uname=\"acd-store2\"/>", "<node id=\"2\" uname=\"acd-store2\"><instance_attributes id=\"i\"><nvpair id=\"m\" name=\"maintenance\" value=\"on\"/></instance_attributes></node>")]
    public void Any_other_change_of_the_configuration_changes_the_digest(string was, string becomes)
    {
        var text = Fixture("pacemaker", "cib-2.1.5-store1-normal.xml");
        var changed = text.Replace(was, becomes, StringComparison.Ordinal);
        Assert.NotEqual(text, changed);

        Assert.NotEqual(
            Assert.IsType<PacemakerSetupFacts>(Read(text).Facts).Digest,
            Assert.IsType<PacemakerSetupFacts>(Read(changed).Facts).Digest);
    }

    [Theory]
    [InlineData("epoch=\"16\" num_updates=\"46\"", "epoch=\"99\" num_updates=\"1\"")]
    [InlineData("update-origin=\"acd-store1\"", "update-origin=\"acd-store2\"")]
    [InlineData("name=\"master-drbd_jtel\" value=\"10000\"", "name=\"master-drbd_jtel\" value=\"10\"")]
    public void What_changes_by_itself_leaves_the_digest_as_it_was(string was, string becomes)
    {
        var text = Fixture("pacemaker", "cib-2.1.5-store1-normal.xml");
        var changed = text.Replace(was, becomes, StringComparison.Ordinal);
        Assert.NotEqual(text, changed);

        Assert.Equal(
            Assert.IsType<PacemakerSetupFacts>(Read(text).Facts).Digest,
            Assert.IsType<PacemakerSetupFacts>(Read(changed).Facts).Digest);
    }

    [Fact]
    public void A_stale_ban_is_a_location_constraint()
    {
        Assert.Contains(
            new LocationConstraint("cli-ban-g_store-on-acd-store2", "g_store", "acd-store2", -1_000_000, "Started"),
            Facts("cib-2.1.5-ban.xml").Locations);
    }

    [Fact]
    public void Constraints_of_every_kind_are_read_and_a_rule_not_understood_may_hold_anywhere()
    {
        var facts = Facts("made-cib-1.1-fencing-and-constraints.xml");

        Assert.Equal(
            [
                new("cli-prefer-g_store", "g_store", "n1", 1_000_000, "Started"),
                new("cli-ban-ip-on-n2", "ip", "n2", -1_000_000, "Promoted"),
                new("drbd-fence-by-handler-jtel-ms_drbd", "ms_drbd", "n1", -1_000_000, "Promoted"),
                new("ping", "ip", "*", 1_000_000, ""),
                new("weekdays", "ip", "n1", 30, ""),
                new("both", "ip", "n2", 10, ""),
                new("both", "fs", "n2", 10, ""),
            ],
            facts.Locations);
    }

    [Fact]
    public void Stickiness_is_the_old_property_the_resources_own_and_its_templates()
    {
        var facts = Facts("made-cib-1.1-fencing-and-constraints.xml");

        Assert.Equal(200, facts.DefaultStickiness);
        Assert.Equal(["g_store=1000000", "ip=7", "t_ip=7"], facts.Stickiness.Select(s => $"{s.Key}={s.Value}"));
    }

    [Fact]
    public void Standby_until_the_next_boot_counts_and_standby_off_does_not()
    {
        Assert.Equal(["n2"], Facts("made-cib-1.1-fencing-and-constraints.xml").StandbyNodes);
    }

    [Fact]
    public void A_fencing_password_is_neither_in_the_facts_nor_in_their_digest()
    {
        var text = Fixture("pacemaker", "made-cib-1.1-fencing-and-constraints.xml");
        var facts = Assert.IsType<PacemakerSetupFacts>(Read(text).Facts);

        Assert.DoesNotContain("Gh31m!sT", JsonSerializer.Serialize<Facts>(facts), StringComparison.Ordinal);
        Assert.Equal(facts.Digest, Assert.IsType<PacemakerSetupFacts>(Read(text.Replace("Gh31m!sT", "other", StringComparison.Ordinal)).Facts).Digest);
    }

    [Fact]
    public void A_damaged_cib_is_never_quoted()
    {
        var text = Fixture("pacemaker", "made-cib-1.1-fencing-and-constraints.xml");

        for (var length = 0; length < text.TrimEnd().Length; length += 17)
        {
            var reading = Read(text[..length]);
            Assert.Null(reading.Facts);
            Assert.DoesNotContain("Gh31m!sT"[..4], reading.Problem!.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("enabled\nenabled\n", true)]
    [InlineData("enabled\ndisabled\n", false)]
    [InlineData("masked\nenabled\n", false)]
    [InlineData("enabled\n", null)]
    [InlineData("", null)]
    [InlineData("enabled\nstatic\n", null)]
    public void The_daemons_are_enabled_only_when_both_are(string said, bool? expected)
    {
        Assert.Equal(expected, Assert.IsType<PacemakerSetupFacts>(Read(Fixture("pacemaker", "cib-2.1.5-store1-normal.xml"), enabled: said).Facts).DaemonsEnabled);
    }

    [Fact]
    public void Missing_tools_are_known_to_be_missing()
    {
        var facts = Assert.IsType<PacemakerSetupFacts>(Read(Fixture("pacemaker", "cib-2.1.5-store1-normal.xml"), pcs: "", simulate: 1).Facts);

        Assert.Equal("", facts.PcsVersion);
        Assert.False(facts.CanForecast);
    }

    [Fact]
    public void The_version_of_pcs_is_asked_until_it_was_told_and_kept_then()
    {
        var subject = new Subject(SubjectKind.PacemakerSetup, "acd-store1");
        bool Asks(DriverContext context) => ((Request.Shell)Driver.Ask(subject, context)).Commands.Any(c => c.Key == PacemakerCommands.PcsVersionKey);
        DriverContext After(Reading reading) => Knowing() with { Snapshot = Snapshot.Of([new(subject, reading.Facts, reading.Problem, default, default)]) };
        var cib = Fixture("pacemaker", "cib-2.1.5-store1-normal.xml");

        Assert.True(Asks(Knowing()));
        Assert.True(Asks(After(Read(cib, pcs: ""))));
        Assert.True(Asks(After(Read(cib, cibCode: 1))));
        var known = After(Read(cib));
        Assert.False(Asks(known));
        Assert.Equal("0.11.5", ((PacemakerSetupFacts)Driver.Read(subject, new([new(PacemakerCommands.CibKey, 0, cib)]), known).Facts!).PcsVersion);
        Assert.Equal("", ((PacemakerSetupFacts)Driver.Read(subject, new([new(PacemakerCommands.CibKey, 0, cib)]), Knowing()).Facts!).PcsVersion);
    }

    /// <summary>The question timed out on a busy node: the constraints alone would then have judged the move.</summary>
    [Theory]
    [InlineData(124)]
    [InlineData(127)]
    [InlineData(255)]
    public void Only_a_plain_no_says_that_crm_simulate_is_missing(int code) =>
        Assert.True(Assert.IsType<PacemakerSetupFacts>(Read(Fixture("pacemaker", "cib-2.1.5-store1-normal.xml"), simulate: code).Facts).CanForecast);

    [Fact]
    public void Two_of_one_id_in_a_damaged_configuration_take_the_lower_stickiness()
    {
        const string primitive = """<primitive id="a"><meta_attributes><nvpair name="resource-stickiness" value="{0}"/></meta_attributes></primitive>""";
        var cib = $"<cib><configuration><nodes/><resources>{primitive.Replace("{0}", "100", StringComparison.Ordinal)}{primitive.Replace("{0}", "7", StringComparison.Ordinal)}</resources><constraints/></configuration></cib>";

        Assert.Equal([new("a", 7)], Assert.IsType<PacemakerSetupFacts>(Read(cib).Facts).Stickiness);
    }

    [Fact]
    public void A_configuration_nested_without_end_is_unreadable_and_does_not_end_the_program()
    {
        const int depth = 20_000;
        var nested = string.Concat(Enumerable.Repeat("<a>", depth)) + string.Concat(Enumerable.Repeat("</a>", depth));

        Assert.NotNull(Read($"<cib><configuration><nodes/><resources>{nested}</resources><constraints/></configuration></cib>").Problem);
    }

    [Fact]
    public void A_stopped_cluster_has_no_configuration_to_show()
    {
        var reading = Read("", cibCode: 102, cibError: "Could not connect to the CIB: Transport endpoint is not connected");

        Assert.Same(PacemakerFindings.NotRunning, reading.Problem!.Code);
    }
}
