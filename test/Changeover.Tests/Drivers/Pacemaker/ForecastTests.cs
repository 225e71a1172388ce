using System.Diagnostics;
using Changeover.Drivers;
using Changeover.Drivers.Pacemaker;
using Changeover.Knowledge;
using static Changeover.Tests.Drivers.Pacemaker.StoreInventory;

namespace Changeover.Tests.Drivers.Pacemaker;

public sealed class ForecastTests
{
    private static readonly PacemakerDriver Driver = new();

    private static Reading Read(string machine, string output, int code = 0, string error = "", SubjectKind kind = SubjectKind.Forecast) => Driver.Read(
        new(kind, machine), new([new(PacemakerCommands.ForecastKey, code, output, error)]), Knowing());

    private static ForecastFacts Facts(string machine, string fixture) =>
        Assert.IsType<ForecastFacts>(Read(machine, Fixture("pacemaker", fixture)).Facts);

    private static string Where(ImmutableArray<ForecastPlacement> placements) =>
        string.Join(' ', placements.Select(p => $"{p.Resource}={p.Role}{(p.Node.Length > 0 ? "@" + p.Node[^1] : "")}"));

    private const string OnStore2 = "fs_jtel=Started@2 ip_jtel=Started@2 smb_jtel=Started@2";

    [Theory]
    [InlineData("forecast-2.1.5-store1-normal.txt")]
    [InlineData("forecast-2.1.5-store1-normal-text-form.txt")]
    public void A_sticky_store_stays_where_it_was_moved(string fixture)
    {
        var facts = Facts("acd-store1", fixture);

        Assert.Equal("acd-store1", facts.Node);
        Assert.Equal("drbd_jtel=Stopped drbd_jtel=Promoted@2 " + OnStore2, Where(facts.AfterStandby));
        Assert.Equal("drbd_jtel=Unpromoted@1 drbd_jtel=Promoted@2 " + OnStore2, Where(facts.AfterUnstandby));
    }

    [Theory]
    [InlineData("forecast-2.1.5-store1-stickiness-0.txt")]
    [InlineData("forecast-2.1.5-store1-stickiness-0-text-form.txt")]
    public void A_preference_pulls_the_store_back_once_it_is_synchronised(string fixture)
    {
        var facts = Facts("acd-store1", fixture);

        Assert.Equal("drbd_jtel=Stopped drbd_jtel=Promoted@2 " + OnStore2, Where(facts.AfterStandby));
        Assert.Equal(
            "drbd_jtel=Promoted@1 drbd_jtel=Unpromoted@2 fs_jtel=Started@1 ip_jtel=Started@1 smb_jtel=Started@1",
            Where(facts.AfterUnstandby));
    }

    [Fact]
    public void A_peer_without_promotion_score_means_an_outage()
    {
        Assert.Equal(
            "drbd_jtel=Stopped drbd_jtel=Unpromoted@2 fs_jtel=Stopped ip_jtel=Stopped smb_jtel=Stopped",
            Where(Facts("acd-store1", "forecast-2.1.5-store1-peer-without-score.txt").AfterStandby));
    }

    [Fact]
    public void A_ban_on_the_peer_leaves_everything_stopped()
    {
        Assert.Equal(
            "drbd_jtel=Stopped drbd_jtel=Promoted@2 fs_jtel=Stopped ip_jtel=Stopped smb_jtel=Stopped",
            Where(Facts("acd-store1", "forecast-2.1.5-store1-ban-on-peer.txt").AfterStandby));
    }

    [Theory]
    [InlineData("forecast-2.1.5-lb1-stickiness-100.txt", "ip_lb=Started@2")]
    [InlineData("forecast-2.1.5-lb1-stickiness-0-preference.txt", "ip_lb=Started@1")]
    [InlineData("forecast-2.1.5-lb1-stickiness-0-preference-text-form.txt", "ip_lb=Started@1")]
    public void The_balancers_address_stays_or_goes_back(string fixture, string afterUnstandby)
    {
        var facts = Facts("acd-lb1", fixture);

        Assert.Equal("ip_lb=Started@2", Where(facts.AfterStandby));
        Assert.Equal(afterUnstandby, Where(facts.AfterUnstandby));
    }

    // What crm_simulate 2.1.5 says of a captured CIB in which store2's node was set to have left; store1 holds everything.

    private static Reading Joins(string fixture) => Read("acd-store1", Fixture("pacemaker", fixture), kind: SubjectKind.JoinForecast);

    [Theory]
    [InlineData("forecast-2.1.5-store2-joins.txt", "drbd_jtel=Promoted@1 drbd_jtel=Unpromoted@2 fs_jtel=Started@1 ip_jtel=Started@1 smb_jtel=Started@1")]
    [InlineData("forecast-2.1.5-store2-joins-stickiness-0.txt", "drbd_jtel=Unpromoted@1 drbd_jtel=Promoted@2 " + OnStore2)]
    [InlineData("forecast-2.1.5-store2-joins-stickiness-0-text-form.txt", "drbd_jtel=Unpromoted@1 drbd_jtel=Promoted@2 " + OnStore2)]
    public void The_node_that_holds_says_what_happens_when_its_peer_joins(string fixture, string ends)
    {
        var facts = Assert.IsType<ForecastFacts>(Joins(fixture).Facts);

        Assert.Equal("acd-store2", facts.Node);
        Assert.Equal("drbd_jtel=Stopped drbd_jtel=Promoted@1 fs_jtel=Started@1 ip_jtel=Started@1 smb_jtel=Started@1", Where(facts.AfterStandby));
        Assert.Equal(ends, Where(facts.AfterUnstandby));
    }

    /// <summary>A crm_simulate that did not take the node for come back says that all stays where it is.</summary>
    [Theory]
    [InlineData("forecast-2.1.5-store2-away.txt")]
    [InlineData("forecast-2.1.5-store2-away-text-form.txt")]
    public void A_forecast_in_which_the_node_stays_away_is_not_taken(string fixture) =>
        Assert.Same(PacemakerFindings.ForecastFailed, Joins(fixture).Problem!.Code);

    [Fact]
    public void The_words_of_Pacemaker_1_1_are_read_too()
    {
        var facts = Facts("acd-store1", "made-forecast-1.1.18-store1-normal.txt");

        Assert.Equal("drbd=Stopped drbd=Promoted@2 fs=Started@2 ip=Started@2 mail=Stopped", Where(facts.AfterStandby));
        Assert.Equal("drbd=Unpromoted@1 drbd=Promoted@2 fs=Started@2 ip=Started@2 mail=Stopped", Where(facts.AfterUnstandby));
    }

    [Theory]
    [InlineData("ip\t(ocf::heartbeat:IPaddr2):\tStarted acd-store2", "ip\t(ocf::heartbeat:IPaddr2):\tSomething new acd-store2 here")]
    [InlineData("Node acd-store1: standby", "Node acd-store1: pending")]
    [InlineData("Node acd-store1: standby", "OFFLINE: [ acd-store1 ]")]
    [InlineData("Revised cluster status:", "Executing nothing:")]
    public void A_line_that_is_not_known_makes_the_forecast_unknown(string known, string odd)
    {
        var text = Fixture("pacemaker", "made-forecast-1.1.18-store1-normal.txt");
        Assert.Contains(known, text, StringComparison.Ordinal);

        Assert.Same(PacemakerFindings.ForecastFailed, Read("acd-store1", text.Replace(known, odd, StringComparison.Ordinal)).Problem!.Code);
    }

    [Fact]
    public void A_failed_or_blocked_resource_has_no_known_place()
    {
        var text = Fixture("pacemaker", "made-forecast-1.1.18-store1-normal.txt")
            .Replace("Filesystem):\tStarted", "Filesystem):\tFAILED Started", StringComparison.Ordinal)
            .Replace("Stopped (disabled)", "Stopped (blocked)", StringComparison.Ordinal);

        var facts = Assert.IsType<ForecastFacts>(Read("acd-store1", text).Facts);

        Assert.Equal(["fs", "mail"], facts.AfterStandby.Where(p => p.Role == ResourceRole.Unknown).Select(p => p.Resource));
    }

    [Fact]
    public void A_forecast_of_another_node_is_not_taken()
    {
        Assert.Same(
            PacemakerFindings.ForecastFailed,
            Read("acd-store2", Fixture("pacemaker", "forecast-2.1.5-store1-normal.txt")).Problem!.Code);
    }

    [Fact]
    public void A_move_back_and_forth_is_named()
    {
        // Taken back by the unstandby, and given away again by the synchronisation.
        var back = Fixture("pacemaker", "forecast-2.1.5-lb1-stickiness-0-preference.txt");
        var stays = Fixture("pacemaker", "forecast-2.1.5-lb1-stickiness-100.txt");
        var text = back[..back.IndexOf("@@ forecast synchronised", StringComparison.Ordinal)]
            + stays[stays.IndexOf("@@ forecast synchronised", StringComparison.Ordinal)..];

        var problem = Read("acd-lb1", text).Problem!;

        Assert.Same(PacemakerFindings.ForecastUnsteady, problem.Code);
        Assert.Contains("ip_lb", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_tools_and_refusals_are_unknown_with_their_name()
    {
        Assert.Same(PacemakerFindings.ForecastUnavailable, Read("acd-lb1", "", 11, "crm_simulate is not installed").Problem!.Code);
        foreach (var code in (int[])[1, 12, 13, 14, 15, Result.TimedOut, 127])
            Assert.Same(PacemakerFindings.ForecastFailed, Read("acd-lb1", "", code, "Error: no").Problem!.Code);
    }

    [Theory]
    [InlineData("acd-lb1", "forecast-2.1.5-lb1-stickiness-100.txt")]
    [InlineData("acd-store1", "made-forecast-1.1.18-store1-normal.txt")]
    public void No_forecast_cut_short_is_read(string machine, string fixture)
    {
        var text = Fixture("pacemaker", fixture).TrimEnd();

        for (var length = 0; length < text.Length; length++)
            Assert.Null(Read(machine, text[..length]).Facts);
    }

    [Fact]
    public void The_script_names_each_tool_that_is_missing_and_leaves_nothing_behind()
    {
        // A real shell; the tools it needs are (nearly) never on a developer's machine.
        var script = PacemakerCommands.ForecastScript.Replace("PATH=/usr/sbin:", "PATH=/no/such/folder:", StringComparison.Ordinal)
            .Replace("for tool in cibadmin", "for tool in no-such-cibadmin", StringComparison.Ordinal);

        using var sh = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script, "forecast", "n1"]) { RedirectStandardError = true })!;
        var error = sh.StandardError.ReadToEnd();
        sh.WaitForExit();

        Assert.Equal(PacemakerCommands.ForecastToolMissing, sh.ExitCode);
        Assert.Equal("no-such-cibadmin is not installed\n", error);
    }
}
