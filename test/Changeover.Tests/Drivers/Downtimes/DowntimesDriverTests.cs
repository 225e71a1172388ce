using System.Text.Json;
using Changeover.Drivers;
using Changeover.Drivers.Downtimes;
using Changeover.Knowledge;
using static Changeover.Tests.Drivers.SmallCluster;

namespace Changeover.Tests.Drivers.Downtimes;

public sealed class DowntimesDriverTests
{
    private static readonly DowntimesDriver Driver = new();
    private static readonly Subject Monitoring = new(SubjectKind.Downtimes, "monitoring");
    private static readonly DateTimeOffset Until = new(2026, 11, 22, 14, 0, 0, 500, TimeSpan.Zero);
    private static readonly SetDowntime Set = new("m-1", ["acd-lb1", "acd-lb2"], Until, "failover \" || true");
    private static readonly DriverContext Looked = Seen(Monitoring, new DowntimeFacts([]));

    private static DowntimeFacts Facts(string text) =>
        Assert.IsType<DowntimeFacts>(Driver.Read(Monitoring, Answer(DowntimesDriver.ListKey, text, 200), Context).Facts);

    [Fact]
    public void Downtimes_of_hosts_are_read_with_their_key_and_those_of_services_left_out()
    {
        var facts = Facts(Fixture("icinga2/icinga2-2.13-downtimes-two-hosts-with-key.json"));

        Assert.Equal(["acd-lb1", "acd-lb2"], facts.Downtimes.Select(d => d.Object));
        Assert.All(facts.Downtimes, d => Assert.Equal(("m-1", "changeover"), (d.Key, d.Author)));
        Assert.True(facts.Downtimes[0].End - facts.Downtimes[0].Start > TimeSpan.FromHours(2));
    }

    [Fact]
    public void A_comment_without_a_key_or_of_somebody_else_is_not_ours()
    {
        Assert.All(Facts(Fixture("icinga2/icinga2-2.13-downtimes-all-attributes.json")).Downtimes, d => Assert.Equal("", d.Key));
        Assert.All(
            Facts(Fixture("icinga2/icinga2-2.13-downtimes-two-hosts-with-key.json").Replace("\"changeover\"", "\"nightshift\"")).Downtimes,
            d => Assert.Equal("", d.Key));
    }

    [Fact]
    public void No_downtimes_is_an_answer() => Assert.Empty(Facts("""{"results":[]}""").Downtimes);

    [Fact]
    public void A_list_cut_short_anywhere_is_unreadable()
    {
        var text = Fixture("icinga2/icinga2-2.13-downtimes-two-hosts-with-key.json");
        for (var i = 0; i < text.Length; i++)
            Assert.Equal("downtimes.unreadable", Driver.Read(Monitoring, Answer(DowntimesDriver.ListKey, text[..i], 200), Context).Problem?.Code.Code);
    }

    [Theory]
    [InlineData("host_name")]
    [InlineData("start_time")]
    [InlineData("end_time")]
    [InlineData("author")]
    [InlineData("comment")]
    [InlineData("service_name")]
    public void A_downtime_that_lacks_an_attribute_makes_the_list_unreadable(string attribute) =>
        Assert.Null(Driver.Read(Monitoring, Answer(DowntimesDriver.ListKey,
            Fixture("icinga2/icinga2-2.13-downtimes-two-hosts-with-key.json").Replace($"\"{attribute}\"", "\"other\""), 200), Context).Facts);

    [Fact]
    public void A_refused_login_is_told()
    {
        var problem = Driver.Read(
            Monitoring, Answer(DowntimesDriver.ListKey, Fixture("icinga2/icinga2-2.13-unauthorised-http-401.html"), 401), Context).Problem;

        Assert.Equal("downtimes.refused", problem?.Code.Code);
        Assert.Contains("Unauthorized", problem!.Message);
    }

    [Fact]
    public void New_downtimes_come_before_the_older_of_the_key_go_and_those_only_go_if_it_went_well()
    {
        var request = (Request.Http)Driver.Tell(Set, Looked)!;

        Assert.Equal([DowntimesDriver.ScheduleKey, DowntimesDriver.RemoveKey], request.Calls.Select(c => c.Key));
        Assert.Equal(DowntimesDriver.ScheduleKey, request.Calls[1].After);
        var schedule = JsonDocument.Parse(request.Calls[0].Body).RootElement;
        var remove = JsonDocument.Parse(request.Calls[1].Body).RootElement.GetProperty("filter_vars");
        Assert.Equal("host.name in changeover_objects", schedule.GetProperty("filter").GetString());
        Assert.Equal("[m-1] failover \" || true", schedule.GetProperty("comment").GetString());
        Assert.Equal(Noon.Utc.ToUnixTimeSeconds() - 60, schedule.GetProperty("start_time").GetInt64());
        // Rounded up: it must cover the time it was asked for.
        Assert.Equal(Until.ToUnixTimeSeconds() + 1, schedule.GetProperty("end_time").GetInt64());
        Assert.True(schedule.GetProperty("all_services").GetBoolean());
        Assert.Equal(schedule.GetProperty("end_time").GetInt64(), remove.GetProperty("changeover_end").GetInt64());
        Assert.Equal(schedule.GetProperty("start_time").GetInt64(), remove.GetProperty("changeover_start").GetInt64());
        Assert.Equal("[m-1]", remove.GetProperty("changeover_key").GetString());
    }

    [Fact]
    public void Before_anything_was_looked_at_nothing_is_scheduled()
    {
        Assert.Equal("GET", ((Request.Http)Driver.Tell(Set, Context)!).Calls.Single().Method);
        Assert.Equal(ReceptionKind.NotSent, Driver.Heard(Set, Answer(DowntimesDriver.ListKey, "{}", 200), Context).Kind);
    }

    [Fact]
    public void What_was_scheduled_for_every_object_is_accepted() =>
        Assert.Equal(Reception.Accepted, Driver.Heard(Set, Answer(DowntimesDriver.ScheduleKey, Fixture("icinga2/icinga2-2.13-schedule-two-hosts.json"), 200), Looked));

    [Fact]
    public void Nothing_matched_is_a_refusal_to_schedule_and_fine_for_a_removal()
    {
        // Icinga 2.13 says 500 with an empty list; other versions 404 with a sentence.
        foreach (var (code, body) in new[] { (500, Fixture("icinga2/icinga2-2.13-action-nothing-matched-http-500.json")), (404, """{"error":404,"status":"No objects found."}""") })
        {
            Assert.Equal(ReceptionKind.Refused, Driver.Heard(Set, Answer(DowntimesDriver.ScheduleKey, body, code), Looked).Kind);
            Assert.Equal(ReceptionKind.Accepted, Driver.Heard(new RemoveDowntime("m-1"), Answer(DowntimesDriver.RemoveKey, body, code), Looked).Kind);
        }
    }

    [Theory]
    [InlineData(200, """{"results":[{"code":200,"status":"x"},{"code":500,"status":"failed"}]}""", ReceptionKind.Unclear)]
    [InlineData(500, """{"results":[{"code":500,"status":"failed"}]}""", ReceptionKind.Unclear)]
    [InlineData(503, "", ReceptionKind.Unclear)]
    [InlineData(403, """{"error":403,"status":"Missing permission: actions/schedule-downtime"}""", ReceptionKind.Refused)]
    public void What_the_monitoring_says_to_an_action(int code, string body, ReceptionKind expected) =>
        Assert.Equal(expected, Driver.Heard(Set, Answer(DowntimesDriver.ScheduleKey, body, code), Looked).Kind);

    [Fact]
    public void A_removal_of_hosts_and_their_services_is_accepted() =>
        Assert.Equal(Reception.Accepted, Driver.Heard(
            new RemoveDowntime("m-1"), Answer(DowntimesDriver.RemoveKey, Fixture("icinga2/icinga2-2.13-removed.json"), 200), Looked));
}
