using System.Text.Json.Nodes;
using Changeover.Drivers;
using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Reporting;
using Changeover.Simulation;
using Changeover.Tests.Simulation;

namespace Changeover.Tests.Reporting;

/// <summary>What is not known never reads as nothing, and everything has its age.</summary>
public sealed class ClusterJsonTests
{
    private static readonly Simulator Simulator = new(World.Create(SimulatedRun.Example, 91, SimulatedRun.Start), AllDrivers.Set);
    private static readonly Snapshot Seen = SimulatedRun.Look(Simulator);
    private static readonly Moment Now = Simulator.Now;

    private static JsonObject Of(Snapshot snapshot, TimeSpan later = default, Language language = Language.English) => ClusterJson.Of(SimulatedRun.Example, snapshot, Now + later, "", language);

    private static JsonNode Named(JsonNode? list, string key, string name) => list!.AsArray().Single(i => (string?)i![key] == name)!;

    private static JsonNode Machine(JsonObject json, string name) => Named(json["machines"], "name", name);

    /// <summary>As <see cref="Seen"/>, but the newest answer about this could not be read.</summary>
    private static Snapshot Unreadable(SubjectKind kind, string name) =>
        Seen.With([new(new(kind, name), null, ExchangeFindings.NoAnswer.On(name, "asked", kind.ToString(), "why", "the line is cut"), Now, Now)]);

    private static Snapshot With(SubjectKind kind, string name, Facts facts) => Seen.With([new(new(kind, name), facts, null, Now, Now)]);

    [Fact]
    public void Downtimes_that_could_not_be_read_are_not_none()
    {
        Assert.Empty(Of(Seen)["downtimes"]!.AsArray());
        Assert.Null((string?)Of(Seen)["downtimesSeen"]!["problem"]);

        var unreadable = Of(Unreadable(SubjectKind.Downtimes, "monitoring"));
        Assert.Null(unreadable["downtimes"]);
        Assert.Contains("the line is cut", (string?)unreadable["downtimesSeen"]!["problem"], StringComparison.Ordinal);

        var never = Of(Snapshot.Empty);
        Assert.Null(never["downtimes"]);
        Assert.Null(never["downtimesSeen"]);
    }

    [Fact]
    public void What_nobody_has_asked_is_null_and_no_machine_is_anything()
    {
        var json = Of(Snapshot.Empty);

        Assert.All(json["machines"]!.AsArray(), m =>
        {
            Assert.Equal(("unknown", "unknown", false), ((string?)m!["part"], (string?)m["power"], (bool)m["partFresh"]!));
            Assert.Null(m["partSeen"]);
            Assert.Null(m["servicesSeen"]);
            Assert.Null(m["answers"]);
        });
        Assert.Null(Machine(json, "acd-jb1")["services"]);
        Assert.All(json["balancers"]!.AsArray(), b => Assert.Null(b!["servers"]));
        Assert.All(json["databases"]!.AsArray(), d => Assert.Null(d!["channels"]));
        Assert.All(json["pairs"]!.AsArray(), p => Assert.Null(p!["holder"] ?? p["holderSeen"]));
        Assert.All(Named(json["pairs"], "name", "store")["members"]!.AsArray(), m => Assert.Null(m!["drbd"] ?? m["node"]));
        Assert.Null(json["writer"] ?? json["writerSeen"]);
    }

    [Fact]
    public void A_machine_that_should_have_no_services_has_none_and_that_is_known() =>
        Assert.Empty(Machine(Of(Snapshot.Empty), "acd-store1")["services"]!.AsArray());

    [Fact]
    public void Services_that_could_not_be_read_are_unknown_though_the_machine_answers()
    {
        var machine = Machine(Of(Unreadable(SubjectKind.Services, "acd-jb1")), "acd-jb1");

        Assert.Null(machine["services"]);
        Assert.NotNull((string?)machine["servicesSeen"]!["problem"]);
        Assert.Null((string?)machine["seen"]!["problem"]);
    }

    [Fact]
    public void How_long_an_answer_still_counts_is_said_and_then_it_does_not()
    {
        var now = Of(Seen);
        var left = (double)now["downtimesSeen"]!["freshForSeconds"]!;
        Assert.InRange(left, 1, 600);
        Assert.True((bool)now["downtimesSeen"]!["fresh"]!);

        var later = Of(Seen, TimeSpan.FromSeconds(left + 1));
        Assert.False((bool)later["downtimesSeen"]!["fresh"]!);
        Assert.Equal(0, (double)later["downtimesSeen"]!["freshForSeconds"]!);
        // Who holds and who writes was read from answers that are shorter good.
        Assert.All(new[] { later["writerSeen"], Named(later["pairs"], "name", "store")["holderSeen"], Machine(later, "acd-store1")["partSeen"], Machine(later, "acd-dbm1")["partSeen"] }, s => Assert.False((bool)s!["fresh"]!));
    }

    /// <summary>A master is the writer by the word of a balancer, and itself by its own: the older of both says how old that is.</summary>
    [Fact]
    public void A_part_is_as_old_as_the_oldest_answer_it_was_read_from()
    {
        var balancer = Seen.Find(SubjectKind.Balancer, "acd-lb1")!;
        var newer = Now + TimeSpan.FromSeconds(12);
        var json = ClusterJson.Of(SimulatedRun.Example, Seen.With([balancer with { AskedAt = newer, AnsweredAt = newer + (balancer.AnsweredAt - balancer.AskedAt) }]), newer, "");

        Assert.Equal(0, (double)json["writerSeen"]!["ageSeconds"]!);
        Assert.InRange((double)Machine(json, "acd-dbm1")["partSeen"]!["ageSeconds"]!, 12, 600);
    }

    [Fact]
    public void Whoever_takes_over_from_a_machine_is_its_partner()
    {
        var json = Of(Seen);
        string? Partner(string name) => (string?)Machine(json, name)["partner"];

        Assert.Equal(("acd-store2", "acd-store1", "acd-lb2", "acd-dbm2", "acd-dbm1"), (Partner("acd-store1"), Partner("acd-store2"), Partner("acd-lb1"), Partner("acd-dbm1"), Partner("acd-dbm2")));
        Assert.Null(Partner("acd-jb1"));
    }

    [Fact]
    public void A_machine_is_shown_with_what_its_host_the_balancers_and_the_monitoring_say_of_it()
    {
        var snapshot = With(SubjectKind.Downtimes, "monitoring", new DowntimeFacts(
        [
            new("1", "acd-dbm1", Now.Utc, Now.Utc.AddHours(1), "anna", ""),
            new("2", "acd-dbm2", Now.Utc, Now.Utc.AddHours(1), "anna", ""),
        ]));
        var of = ClusterJson.Machine(SimulatedRun.Example, snapshot, Now, "acd-dbm1")["observations"];

        var guest = Assert.Single(Named(of, "subject", "power:vm-host-1")["facts"]!["guests"]!.AsArray());
        Assert.Equal("acd-dbm1", (string?)guest!["name"]);
        Assert.Equal("host:vm-host-1", (string?)Named(of, "subject", "power:vm-host-1")["from"]);
        Assert.Equal("acd-dbm1", (string?)Assert.Single(Named(of, "subject", "downtimes:monitoring")["facts"]!["downtimes"]!.AsArray())!["object"]);
        var servers = Named(of, "subject", "balancer:acd-lb2")["facts"]!["servers"]!.AsArray();
        Assert.NotEmpty(servers);
        Assert.All(servers, s => Assert.Contains("dbm1", (string?)s!["name"], StringComparison.Ordinal));
        Assert.Equal("acd-lb2", (string?)Named(of, "subject", "balancer:acd-lb2")["from"]);
        Assert.All(of!.AsArray(), o => Assert.Equal((string?)o!["from"] != "acd-dbm1", (bool)o["onlyThisMachine"]!));
        // A machine that stands behind no balancer has nothing of theirs.
        Assert.DoesNotContain(ClusterJson.Machine(SimulatedRun.Example, Seen, Now, "acd-store1")["observations"]!.AsArray(), o => (string?)o!["subject"] == "balancer:acd-lb1");
    }

    [Fact]
    public void What_others_cannot_say_of_a_machine_is_unknown()
    {
        foreach (var (kind, name, subject) in new[] { (SubjectKind.Power, "vm-host-1", "power:vm-host-1"), (SubjectKind.Balancer, "acd-lb1", "balancer:acd-lb1"), (SubjectKind.Downtimes, "monitoring", "downtimes:monitoring") })
        {
            var said = Named(ClusterJson.Machine(SimulatedRun.Example, Unreadable(kind, name), Now, "acd-dbm1")["observations"], "subject", subject);
            Assert.Null(said["facts"]);
            Assert.Contains("the line is cut", (string?)said["problem"]!["message"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_ours_in_the_picture_is_German_where_it_is_wanted()
    {
        var pacemaker = Seen.Facts<PacemakerFacts>(SubjectKind.Pacemaker, "acd-store1")!;
        var snapshot = With(SubjectKind.Pacemaker, "acd-store1", pacemaker with { Nodes = [.. pacemaker.Nodes.Where(n => n.Name == "acd-store1").Select(n => n with { Standby = true, ResourcesRunning = 0 })] });
        ImmutableArray<string?> Nodes(Language language) => [.. Named(Of(snapshot, language: language)["pairs"], "name", "store")["members"]!.AsArray().Select(m => (string?)m!["node"])];

        Assert.Equal(["standby", "not known to the cluster"], Nodes(Language.English));
        Assert.Equal(["in Standby", "dem Cluster nicht bekannt"], Nodes(Language.German));
        var asked = Named(ClusterJson.Machine(SimulatedRun.Example, Seen, Now, "acd-store1", Language.German)["observations"], "subject", "drbd:acd-store1")["asked"]!;
        Assert.Equal("auf acd-store1: /bin/cat /proc/drbd", (string?)asked[0]);
    }
}
