using Changeover.Drivers;
using Changeover.Drivers.Drbd;
using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Tests.Drivers.Pacemaker;

namespace Changeover.Tests.Drivers.Drbd;

public sealed class DrbdTests
{
    private static readonly DrbdDriver Driver = new();

    private static string Fixture(string name) => StoreInventory.Fixture("drbd", name);

    private static Reading Read(params Result[] results) =>
        Driver.Read(new(SubjectKind.Drbd, "acd-store1"), new([.. results]), StoreInventory.Knowing());

    private static Result Proc(string text) => new(DrbdCommands.ProcKey, 0, text);

    private static Result Events(string text) => new(DrbdCommands.EventsKey, 0, text);

    private static Result Json(string text) => new(DrbdCommands.JsonKey, 0, text);

    private static Result Status(string text) => new(DrbdCommands.StatusKey, 0, text);

    private static readonly Result NoProc = new(DrbdCommands.ProcKey, 1, "", "cat: /proc/drbd: No such file or directory");
    private static readonly Result NoJson = new(DrbdCommands.JsonKey, 20, "", "drbdsetup: unknown option --json");

    private static DrbdFacts Facts(params Result[] results) => Assert.IsType<DrbdFacts>(Read(results).Facts);

    private static FindingCode Problem(Reading reading)
    {
        Assert.Null(reading.Facts);
        Assert.DoesNotContain('{', reading.Problem!.Message);
        return reading.Problem.Code;
    }

    private static bool Healthy(Reading reading) => reading.Facts is DrbdFacts { Loaded: true } facts
        && facts.Resources.All(r => r is { Connection: DrbdConnection.Connected, Disk: DrbdDisk.UpToDate, PeerDisk: DrbdDisk.UpToDate });

    private static DrbdResource Jtel(
        DrbdRole role, DrbdRole peer, DrbdConnection connection, DrbdDisk disk, DrbdDisk peerDisk, long? outOfSync, double? percent = null) =>
        new("jtel", role, peer, connection, disk, peerDisk, outOfSync, percent);

    public static TheoryData<string, DrbdResource> Captures() => new()
    {
        { "store1-normal", Jtel(DrbdRole.Primary, DrbdRole.Secondary, DrbdConnection.Connected, DrbdDisk.UpToDate, DrbdDisk.UpToDate, 0) },
        { "store2-normal", Jtel(DrbdRole.Secondary, DrbdRole.Primary, DrbdConnection.Connected, DrbdDisk.UpToDate, DrbdDisk.UpToDate, 0) },
        { "store1-moved", Jtel(DrbdRole.Secondary, DrbdRole.Primary, DrbdConnection.Connected, DrbdDisk.UpToDate, DrbdDisk.UpToDate, 0) },
        { "store2-moved", Jtel(DrbdRole.Primary, DrbdRole.Secondary, DrbdConnection.Connected, DrbdDisk.UpToDate, DrbdDisk.UpToDate, 0) },
        { "store2-standby-moving", Jtel(DrbdRole.Secondary, DrbdRole.Primary, DrbdConnection.Connected, DrbdDisk.UpToDate, DrbdDisk.UpToDate, 0) },
        { "store2-standby-done", Jtel(DrbdRole.Primary, DrbdRole.Unknown, DrbdConnection.Connecting, DrbdDisk.UpToDate, DrbdDisk.Unknown, 4) },
    };

    [Theory]
    [MemberData(nameof(Captures))]
    public void Of_8_4_the_state_comes_from_proc_and_the_name_from_events2(string capture, DrbdResource expected)
    {
        var facts = Facts(Proc(Fixture($"drbd-8.4.11-{capture}.proc.txt")), Events(Fixture($"drbd-8.4.11-{capture}.events2.txt")), NoJson);

        Assert.Equal(("8.4.11", true), (facts.Version, facts.Loaded));
        Assert.Equal([expected], facts.Resources);
    }

    [Theory]
    [InlineData("store1-disconnected", DrbdRole.Secondary, DrbdConnection.StandAlone, DrbdDisk.UpToDate, DrbdDisk.Unknown, 0L, null)]
    [InlineData("store2-disconnected", DrbdRole.Primary, DrbdConnection.Connecting, DrbdDisk.UpToDate, DrbdDisk.Unknown, 0L, null)]
    [InlineData("store2-peer-off", DrbdRole.Primary, DrbdConnection.Connecting, DrbdDisk.UpToDate, DrbdDisk.Unknown, 0L, null)]
    [InlineData("store1-resync", DrbdRole.Secondary, DrbdConnection.SyncTarget, DrbdDisk.Inconsistent, DrbdDisk.UpToDate, 23136L, 28.6)]
    [InlineData("store2-resync", DrbdRole.Primary, DrbdConnection.SyncSource, DrbdDisk.UpToDate, DrbdDisk.Inconsistent, 23928L, 28.6)]
    [InlineData("store2-ban", DrbdRole.Primary, DrbdConnection.Connected, DrbdDisk.UpToDate, DrbdDisk.UpToDate, 0L, null)]
    [InlineData("store2-maintenance-mode", DrbdRole.Primary, DrbdConnection.Connected, DrbdDisk.UpToDate, DrbdDisk.UpToDate, 0L, null)]
    public void Without_events2_proc_alone_is_enough(
        string capture, DrbdRole role, DrbdConnection connection, DrbdDisk disk, DrbdDisk peerDisk, long outOfSync, double? percent)
    {
        var resource = Assert.Single(Facts(Proc(Fixture($"drbd-8.4.11-{capture}.proc.txt"))).Resources);

        Assert.Equal("minor 0", resource.Name);
        Assert.Equal((role, connection, disk, peerDisk, outOfSync, percent),
            (resource.Role, resource.Connection, resource.Disk, resource.PeerDisk, resource.OutOfSyncKiB, resource.SyncPercent));
    }

    [Fact]
    public void A_node_in_standby_has_no_resource_up()
    {
        var facts = Facts(
            Proc(Fixture("drbd-8.4.11-store1-standby-done.proc.txt")), Events(Fixture("drbd-8.4.11-store1-standby-done.events2.txt")), NoJson,
            new Result(DrbdCommands.StatusKey, 10, "", Fixture("drbd-8.4.11-store1-standby-done.drbdadm-status.txt")));

        Assert.Equal(("8.4.11", false), (facts.Version, facts.Loaded));
        Assert.Empty(facts.Resources);
    }

    [Fact]
    public void A_module_that_is_not_loaded_has_no_version()
    {
        // The tools say nothing then: they are not even started, because they would load it.
        var facts = Facts(NoProc, new(DrbdCommands.JsonKey, 1, ""), new(DrbdCommands.EventsKey, 1, ""), new(DrbdCommands.StatusKey, 1, ""));

        Assert.Equal(("", false), (facts.Version, facts.Loaded));
    }

    [Fact]
    public void No_tool_that_would_load_the_module_is_started_without_it()
    {
        var commands = Assert.IsType<Request.Shell>(Driver.Ask(new(SubjectKind.Drbd, "acd-store1"), StoreInventory.Knowing())).Commands;

        foreach (var command in commands.Where(c => c.Key != DrbdCommands.ProcKey))
            Assert.StartsWith("/bin/sh -c [ -d /sys/module/drbd ] && exec \"$@\" drbd /usr/sbin/drbd", string.Join(' ', command.Arguments), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tool_that_hangs_or_a_file_that_cannot_be_read_is_unknown()
    {
        Assert.Same(DrbdFindings.NoStatus, Problem(Read(NoProc, new(DrbdCommands.JsonKey, Result.TimedOut, ""))));
        Assert.Same(DrbdFindings.NoStatus, Problem(Read(NoProc, NoJson)));
        Assert.Same(ExchangeFindings.Failed, Problem(Read(new Result(DrbdCommands.ProcKey, 1, "", "cat: /proc/drbd: Permission denied"))));
        Assert.Same(ExchangeFindings.Unreadable, Problem(Read()));
    }

    [Fact]
    public void A_device_that_only_events2_shows_is_not_lost()
    {
        var facts = Facts(Proc(Fixture("drbd-8.4.11-store1-standby-done.proc.txt")), Events(Fixture("drbd-8.4.11-store1-normal.events2.txt")));

        Assert.Equal([new DrbdResource("jtel", default, default, default, default, default, null, null)], facts.Resources);
    }

    [Fact]
    public void Several_minors_of_one_resource_count_as_their_worst()
    {
        var events = "exists device name:jtel volume:0 minor:0 disk:UpToDate\nexists device name:jtel volume:1 minor:1 disk:UpToDate\nexists -\n";
        var facts = Facts(Proc(Fixture("made-proc-drbd-8.4.4-many-minors.txt")), Events(events));

        Assert.Equal(
            [
                new DrbdResource("jtel", DrbdRole.Primary, DrbdRole.Primary, DrbdConnection.Busy, DrbdDisk.UpToDate, DrbdDisk.Inconsistent, 32549860, 3.1),
                // Suspended writes (the flag s) are not a connection to build on.
                new("minor 10", DrbdRole.Secondary, DrbdRole.Primary, DrbdConnection.Busy, DrbdDisk.UpToDate, DrbdDisk.UpToDate, 0, null),
            ],
            facts.Resources);
    }

    [Fact]
    public void The_oldest_form_has_no_out_of_sync_count()
    {
        Assert.Equal(
            [new DrbdResource("minor 0", DrbdRole.Primary, DrbdRole.Secondary, DrbdConnection.Connected, DrbdDisk.UpToDate, DrbdDisk.UpToDate, null, null)],
            Facts(Proc(Fixture("made-proc-drbd-8.0.16.txt"))).Resources);
    }

    [Theory]
    [InlineData("StandAlone", DrbdConnection.StandAlone)]
    [InlineData("Disconnecting", DrbdConnection.Disconnected)]
    [InlineData("Unconnected", DrbdConnection.Disconnected)]
    [InlineData("Timeout", DrbdConnection.Disconnected)]
    [InlineData("BrokenPipe", DrbdConnection.Disconnected)]
    [InlineData("NetworkFailure", DrbdConnection.Disconnected)]
    [InlineData("ProtocolError", DrbdConnection.Disconnected)]
    [InlineData("TearDown", DrbdConnection.Disconnected)]
    [InlineData("WFConnection", DrbdConnection.Connecting)]
    [InlineData("WFReportParams", DrbdConnection.Busy)]
    [InlineData("StartingSyncS", DrbdConnection.Busy)]
    [InlineData("StartingSyncT", DrbdConnection.Busy)]
    [InlineData("WFBitMapS", DrbdConnection.Busy)]
    [InlineData("WFBitMapT", DrbdConnection.Busy)]
    [InlineData("WFSyncUUID", DrbdConnection.Busy)]
    [InlineData("SyncSource", DrbdConnection.SyncSource)]
    [InlineData("SyncTarget", DrbdConnection.SyncTarget)]
    [InlineData("PausedSyncS", DrbdConnection.Busy)]
    [InlineData("PausedSyncT", DrbdConnection.Busy)]
    [InlineData("VerifyS", DrbdConnection.Busy)]
    [InlineData("VerifyT", DrbdConnection.Busy)]
    [InlineData("Ahead", DrbdConnection.Busy)]
    [InlineData("Behind", DrbdConnection.Busy)]
    [InlineData("Connected", DrbdConnection.Connected)]
    [InlineData("SomethingNew", DrbdConnection.Unknown)]
    public void Every_connection_state_of_8_4_is_known(string word, DrbdConnection expected)
    {
        var text = Fixture("drbd-8.4.11-store1-normal.proc.txt").Replace("cs:Connected", "cs:" + word, StringComparison.Ordinal);

        Assert.Equal(expected, Assert.Single(Facts(Proc(text)).Resources).Connection);
    }

    [Theory]
    [InlineData("Diskless", DrbdDisk.Diskless)]
    [InlineData("Attaching", DrbdDisk.Attaching)]
    [InlineData("Negotiating", DrbdDisk.Attaching)]
    [InlineData("Failed", DrbdDisk.Failed)]
    [InlineData("Detaching", DrbdDisk.Failed)]
    [InlineData("Inconsistent", DrbdDisk.Inconsistent)]
    [InlineData("Outdated", DrbdDisk.Outdated)]
    [InlineData("DUnknown", DrbdDisk.Unknown)]
    [InlineData("Consistent", DrbdDisk.Consistent)]
    [InlineData("UpToDate", DrbdDisk.UpToDate)]
    [InlineData("SomethingNew", DrbdDisk.Unknown)]
    public void Every_disk_state_is_known(string word, DrbdDisk expected)
    {
        var text = Fixture("drbd-8.4.11-store1-normal.proc.txt").Replace("ds:UpToDate/", $"ds:{word}/", StringComparison.Ordinal);

        Assert.Equal(expected, Assert.Single(Facts(Proc(text)).Resources).Disk);
    }

    [Fact]
    public void Proc_of_9_proves_nothing()
    {
        var proc = Proc(Fixture("made-proc-drbd-9.1.13.txt"));

        Assert.Same(DrbdFindings.NoStatus, Problem(Read(proc)));
        Assert.Same(DrbdFindings.NoStatus, Problem(Read(proc, NoJson, new Result(DrbdCommands.StatusKey, 1, "", "no"))));
        Assert.Same(DrbdFindings.NoStatus, Problem(Read(proc, Json(""), Status(""))));
    }

    [Fact]
    public void Of_9_the_state_comes_from_json()
    {
        var facts = Facts(Proc(Fixture("made-proc-drbd-9.1.13.txt")), Json(Fixture("made-drbdsetup-9.22-normal.json")));

        Assert.Equal(("9.1.13", true), (facts.Version, facts.Loaded));
        Assert.Equal([Jtel(DrbdRole.Primary, DrbdRole.Secondary, DrbdConnection.Connected, DrbdDisk.UpToDate, DrbdDisk.UpToDate, 0)], facts.Resources);
        Assert.Equal("9", Facts(NoProc, Json(Fixture("made-drbdsetup-9.22-normal.json"))).Version);
    }

    [Fact]
    public void Of_9_an_empty_list_means_that_no_resource_is_up()
    {
        Assert.False(Facts(Proc(Fixture("made-proc-drbd-9.1.13.txt")), Json("[\n]\n")).Loaded);
    }

    [Fact]
    public void Several_peers_and_volumes_count_as_their_worst_and_a_diskless_third_lacks_nothing()
    {
        var facts = Facts(Proc(Fixture("made-proc-drbd-9.1.13.txt")), Json(Fixture("made-drbdsetup-9.22-three-peers-two-volumes.json")));

        Assert.Equal(
            [Jtel(DrbdRole.Secondary, DrbdRole.Primary, DrbdConnection.SyncTarget, DrbdDisk.Inconsistent, DrbdDisk.UpToDate, 4096, 28.6)],
            facts.Resources);
    }

    [Fact]
    public void Old_text_booleans_and_NaN_are_read()
    {
        Assert.True(Healthy(Read(Proc(Fixture("made-proc-drbd-9.1.13.txt")), Json(Fixture("made-drbdsetup-8.9.8-text-booleans-and-nan.json")))));
    }

    [Theory]
    [InlineData("\"suspended\": false", "\"suspended\": true")]
    [InlineData("\"suspended\": false", "\"suspended\": \"user\"")]
    [InlineData("\"connection-state\": \"Connected\"", "\"connection-state\": \"StandAlone\"")]
    [InlineData("\"replication-state\": \"Established\"", "\"replication-state\": \"Off\"")]
    [InlineData("\"replication-state\": \"Established\"", "\"replication-state\": 1")]
    [InlineData("\"peer-disk-state\": \"UpToDate\"", "\"peer-disk-state\": \"Diskless\"")]
    [InlineData("\"disk-state\": \"UpToDate\", \"client\"", "\"client\"")]
    [InlineData("\"connections\"", "\"other\"")]
    public void What_is_not_well_in_json_is_not_read_as_well(string well, string ill)
    {
        var text = Fixture("made-drbdsetup-9.22-normal.json");
        Assert.Contains(well, text, StringComparison.Ordinal);

        Assert.False(Healthy(Read(Proc(Fixture("made-proc-drbd-9.1.13.txt")), Json(text.Replace(well, ill, StringComparison.Ordinal)))));
    }

    [Theory]
    [InlineData("drbd-8.4.11-store1-normal.drbdadm-status.txt", DrbdRole.Primary, DrbdRole.Secondary, DrbdConnection.Connected, DrbdDisk.UpToDate, null)]
    [InlineData("drbd-8.4.11-store2-peer-off.drbdadm-status.txt", DrbdRole.Primary, DrbdRole.Unknown, DrbdConnection.Connecting, DrbdDisk.Unknown, null)]
    [InlineData("drbd-8.4.11-store1-disconnected.drbdadm-status.txt", DrbdRole.Secondary, DrbdRole.Unknown, DrbdConnection.Unknown, DrbdDisk.Unknown, null)]
    [InlineData("made-drbdadm-status-9-three-nodes.txt", DrbdRole.Secondary, DrbdRole.Unknown, DrbdConnection.Connecting, DrbdDisk.Unknown, null)]
    [InlineData("made-drbdadm-status-9-resync-two-volumes.txt", DrbdRole.Primary, DrbdRole.Secondary, DrbdConnection.SyncSource, DrbdDisk.Inconsistent, 26.69)]
    public void Where_there_is_no_json_the_text_is_read(
        string fixture, DrbdRole role, DrbdRole peer, DrbdConnection connection, DrbdDisk peerDisk, double? percent)
    {
        var resource = Assert.Single(Facts(Proc(Fixture("made-proc-drbd-9.1.13.txt")), NoJson, Status(Fixture(fixture))).Resources);

        Assert.Equal((role, peer, connection, DrbdDisk.UpToDate, peerDisk, percent),
            (resource.Role, resource.PeerRole, resource.Connection, resource.Disk, resource.PeerDisk, resource.SyncPercent));
        Assert.Null(resource.OutOfSyncKiB);
    }

    [Fact]
    public void Each_generation_is_asked_for_what_it_can_answer()
    {
        string Keys(params Observation[] seen) => string.Join(' ', Assert.IsType<Request.Shell>(
            Driver.Ask(new(SubjectKind.Drbd, "acd-store1"), StoreInventory.Knowing(seen))).Commands.Select(c => c.Key));
        Observation Known(string version, bool loaded) => StoreInventory.Seen(SubjectKind.Drbd, "acd-store1", new DrbdFacts(version, loaded, []));

        Assert.Equal("proc json events status", Keys());
        Assert.Equal("proc json events status", Keys(Known("8.4.11", false)));
        Assert.Equal("proc events", Keys(Known("8.4.11", true)));
        Assert.Equal("proc json", Keys(Known("9.1.13", true)));
    }

    /// <summary>What is no share of a hundred could not even be written into the journal: JSON knows neither infinity nor NaN.</summary>
    [Theory]
    [InlineData("NaN")]
    [InlineData("999999999999")]
    public void A_share_that_is_none_is_not_known(string percent)
    {
        var proc = Fixture("drbd-8.4.11-store1-resync.proc.txt");
        var status = $"jtel role:Secondary\n  disk:Inconsistent\n  peer role:Primary\n    replication:SyncTarget peer-disk:UpToDate done:{percent}\n";
        var nine = Proc(Fixture("made-proc-drbd-9.1.13.txt"));

        Assert.Null(Assert.Single(Facts(nine, NoJson, Status(status)).Resources).SyncPercent);
        Assert.Null(Assert.Single(Facts(Proc(proc.Replace("28.6%", new string('9', 400) + "%", StringComparison.Ordinal))).Resources).SyncPercent);
    }

    [Fact]
    public void Half_a_character_in_json_makes_it_unreadable() =>
        Assert.Same(DrbdFindings.NoStatus, Read(Proc(Fixture("made-proc-drbd-9.1.13.txt")), Json("""[{"name":"jtel","role":"\ud800"}]""")).Problem!.Code);

    [Fact]
    public void No_answer_cut_short_reads_healthy()
    {
        var proc = Fixture("drbd-8.4.11-store1-normal.proc.txt");
        var json = Fixture("made-drbdsetup-9.22-normal.json").TrimEnd();
        var status = Fixture("drbd-8.4.11-store1-normal.drbdadm-status.txt").TrimEnd();
        var nine = Proc(Fixture("made-proc-drbd-9.1.13.txt"));
        Assert.True(Healthy(Read(Proc(proc))));
        Assert.True(Healthy(Read(nine, Json(json))));
        Assert.True(Healthy(Read(nine, Status(status + "\n"))));

        for (var length = 0; length < proc.Length; length++)
            Assert.False(Healthy(Read(Proc(proc[..length]))));
        for (var length = 0; length < json.Length; length += 3)
            Assert.Null(Read(nine, Json(json[..length])).Facts);
        for (var length = 0; length < status.Length; length++)
            Assert.False(Healthy(Read(nine, Status(status[..length]))));
    }

    [Fact]
    public void No_damage_throws()
    {
        var texts = (string[])[
            Fixture("drbd-8.4.11-store1-resync.proc.txt"), Fixture("made-drbdsetup-9.22-three-peers-two-volumes.json"),
            Fixture("made-drbdadm-status-9-resync-two-volumes.txt"), Fixture("drbd-8.4.11-store1-normal.events2.txt")];

        foreach (var text in texts)
        {
            for (var at = 0; at < text.Length; at += 5)
            {
                var damaged = text[..at] + (at % 3 == 0 ? " " : at % 3 == 1 ? "\"" : "9") + text[(at + 1)..];
                Read(Proc(damaged), Events(damaged));
                Read(Proc(Fixture("drbd-8.4.11-store1-normal.proc.txt")), Events(damaged));
                Read(Proc(Fixture("made-proc-drbd-9.1.13.txt")), Json(damaged), Status(damaged));
            }
        }
    }
}
