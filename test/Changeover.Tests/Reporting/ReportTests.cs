using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Changeover.Drivers;
using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Reporting;
using Changeover.Running;
using Changeover.Tests.Running;
using Changeover.Tests.Tidy;

namespace Changeover.Tests.Reporting;

/// <summary>Who did what, and how the cluster was left, stands in every form of a report.</summary>
public sealed partial class ReportTests
{
    private const string Id = "check.as-found";
    private static readonly DateTimeOffset Start = PairedRun.Start;

    private static Moment At(int second) => new(TimeSpan.FromSeconds(second), Start.AddSeconds(second));

    private static readonly ImmutableArray<Finding> Differing = [WritingFindings.AsFound.On("st1", "what", "autostart", "seen", "on", "expected", "off")];

    private static readonly Step AsFoundStep = new() { Id = Id, Title = Phrase.Of("as-found"), Gate = Gates.Done, After = new AsFound(["tel1"]), Acceptable = true };

    private static RunStarted Started(params ImmutableArray<Step> steps) => new(
        At(0), "run-1", "ctl1-aaaaaa", 1, PairedRun.Inventory,
        new Plan(
            new(GoalKind.Failback, "h1"), "pairs", "m-1", "0123", "5", new("m-1", Start, [], []), steps, [], "4567",
            Without: ImmutableSortedDictionary<string, string>.Empty.Add("tel1", "its disk is broken"), Beginning: new([], ["run-0"]), Signed: new("dora", "host was emptied by hand")),
        [])
    {
        Who = "anna",
        ApprovedBy = "bert",
    };

    /// <summary>A failback that is stopped, resumed by another, holds, moves a pair, and whose differences somebody signs.</summary>
    private static readonly ImmutableArray<RunEvent> Signed =
    [
        Started(PairedRun.Deed("standby.lb2", new SetStandby("lb2", true, "lb2"), Gates.Moved) with { Machine = "lb2" }, AsFoundStep),
        new StepReady(At(10), "standby.lb2"),
        new StepActing(At(20), "standby.lb2", 1),
        new StepHeard(At(21), "standby.lb2", 1, new(ReceptionKind.Accepted, "")) { Sent = ["on lb2 as root: pcs node standby lb2"] },
        new StopAsked(At(22)),
        new RunResumed(At(30), "ctl2-bbbbbb", 2) { Who = "carla" },
        new StepDone(At(35), "standby.lb2", StepOutcome.Done, Notes: [StateFindings.ServiceNotAs.On("lb1", "service", "haproxy", "seen", "stopped", "expected", "running")]),
        new PauseAsked(At(36), Gates.Done, "emil", "coffee"),
        new HoldReached(At(37), Gates.Done),
        new Decision(At(47), Gates.Id(Gates.Done), Answer.Continue, "emil", ""),
        new HoldReleased(At(47), Gates.Done),
        new StepReady(At(48), Id),
        new StepHalted(At(50), Id, Differing),
        new Decision(At(60), Id, Answer.Accept, "fred", "agreed with the owner"),
        new StepDone(At(60), Id, StepOutcome.Accepted, "fred", "agreed with the owner"),
        new RunEnded(At(61), RunOutcome.Done),
    ];

    private static string Report(ImmutableArray<RunEvent> events, string format, Language language = Language.English) => format switch
    {
        "text" => ReportText.Plain(events, [], TimeZoneInfo.Utc, language),
        "markdown" => ReportText.Markdown(RunHistory.Of(events), TimeZoneInfo.Utc, language),
        "html" => WebUtility.HtmlDecode(ReportText.Html(RunHistory.Of(events), TimeZoneInfo.Utc, language)),
        _ => ReportJson.Of(RunHistory.Of(events), language).ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }),
    };

    public static TheoryData<string> Formats => ["text", "markdown", "html", "json"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_form_says_who_did_what_and_how_it_was_left(string format)
    {
        var report = Report(Signed, format);

        // Started, approved, signed for, resumed, paused, accepted.
        Assert.All((string[])["anna", "bert", "dora", "host was emptied by hand", "carla", "emil", "coffee", "fred", "agreed with the owner"], w => Assert.Contains(w, report, StringComparison.Ordinal));
        Assert.Contains("tel1", report, StringComparison.Ordinal);
        Assert.Contains("its disk is broken", report, StringComparison.Ordinal);
        // What differs, and what a step had to say although it was done.
        Assert.Contains(Differing[0].Message, report, StringComparison.Ordinal);
        Assert.Contains("haproxy", report, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("markdown")]
    [InlineData("html")]
    public void A_document_says_it_where_it_is_looked_for(string format)
    {
        var report = Report(Signed, format);

        Assert.All((string[])[
            "01:00:00 anna: start, plan approved by bert", "01:00:22 not recorded: stop", "01:00:30 carla: resume, carried on by ctl2-bbbbbb", "01:00:37 before done, released at 01:00:47",
            "differs, signed by fred (agreed with the owner); left out and not compared: tel1", "lb (lb2 → lb1): at most 15 s, from 01:00:20 to 01:00:35", "(fred: agreed with the owner)",
        ], w => Assert.Contains(w, report, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(StepOutcome.Done, false, "nothing differs")]
    [InlineData(StepOutcome.Accepted, true, "differs, signed by fred")]
    [InlineData(null, true, "differs")]
    [InlineData(null, false, "not looked at by this run")]
    public void As_found_is_only_what_was_seen(StepOutcome? done, bool differs, string said)
    {
        ImmutableArray<RunEvent> events =
        [
            Started(AsFoundStep),
            .. differs ? (RunEvent[])[new StepHalted(At(1), Id, Differing)] : [],
            .. done is { } outcome ? (RunEvent[])[new StepDone(At(2), Id, outcome, outcome == StepOutcome.Accepted ? "fred" : "")] : [],
        ];

        Assert.Contains($"- as found: {said}\n", Report(events, "markdown"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_could_not_be_seen_does_not_differ_and_is_not_the_same()
    {
        ImmutableArray<RunEvent> events = [Started(AsFoundStep), new StepHalted(At(1), Id, [StateFindings.NotSeen.On("st1", "asked", "power")])];

        Assert.Equal(AsFoundVerdict.Unknown, RunHistory.Of(events).AsFound.Verdict);
        Assert.Contains("- as found: not everything could be seen\n", Report(events, "markdown"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_that_does_not_compare_says_so() =>
        Assert.Contains("- as found: not compared by this run; a failback compares at its end\n", Report([Started()], "markdown"), StringComparison.Ordinal);

    [Fact]
    public void An_older_journal_says_that_nobody_was_recorded() =>
        Assert.Contains("- started by: not recorded\n", Report([Started() with { Who = "", ApprovedBy = "" }], "markdown"), StringComparison.Ordinal);

    [Fact]
    public void The_JSON_has_all_that_the_status_has_and_every_key_stands_in_the_document()
    {
        var json = ReportJson.Of(RunHistory.Of(Signed));
        var status = StatusJson.Of(RunHistory.Of(Signed).State);
        Assert.All(status, s => Assert.True(json.ContainsKey(s.Key), s.Key));

        var document = File.ReadAllText(Path.Combine(Checkout.Root, "docs/json.md"));
        var part = document[document.IndexOf("## finding", StringComparison.Ordinal)..document.IndexOf("## run, resume, watch", StringComparison.Ordinal)];
        var known = Quoted().Matches(part).Select(m => m.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        string[] own = [.. Keys(json).Distinct()];
        Assert.Contains("withoutAnySeconds", own);
        Assert.All(own, k => Assert.Contains(k, known));

        // Arguments of findings and machines are names, not keys.
        static IEnumerable<string> Keys(JsonNode? node) => node switch
        {
            JsonObject o => o.SelectMany(p => p.Key is "arguments" or "without" ? [p.Key] : Keys(p.Value).Prepend(p.Key)),
            JsonArray a => a.SelectMany(Keys),
            _ => [],
        };
    }

    [Fact]
    public void What_an_abort_would_leave_is_told_until_the_run_is_over()
    {
        ImmutableArray<RunEvent> begun = [Started(PairedRun.Deed("standby.lb2", new SetStandby("lb2", true, "lb2"))), new StepActing(At(1), "standby.lb2", 1)];
        string[]? Left(ImmutableArray<RunEvent> events, string key) => StatusJson.Of(Engine.Fold(events))[key]?.AsArray().Select(l => (string)l!).ToArray();

        Assert.Equal(["in standby, or about to be: lb2"], Left(begun, "abortWouldLeave")!);
        Assert.Null(Left(begun, "leftBehind"));
        begun = begun.Add(new RunEnded(At(2), RunOutcome.Aborted));
        Assert.Null(Left(begun, "abortWouldLeave"));
        Assert.Equal(["in standby, or about to be: lb2"], Left(begun, "leftBehind")!);
    }

    [Theory]
    [InlineData(true, "1 min 10 s, by the run's own clock, from the first service stopped until all serve again", "callers were without service for 1 min 10 s (")]
    [InlineData(false, "1 min 30 s and not over by then, by the run's own clock, from the first service stopped: not all serve again", "callers are still without service as far as this run knows, after 1 min 30 s (")]
    public void Callers_whose_software_was_not_started_again_are_not_told_as_served(bool started, string said, string summed)
    {
        Step Of(string verb, bool run) => PairedRun.Deed($"{verb}.lb2.app", new SetService("lb2", "app", run)) with { Machine = "lb2" };
        ImmutableArray<RunEvent> events =
        [
            Started(Of("stop", false), Of("start", true)),
            new StepReady(At(10), "stop.lb2.app"),
            new StepActing(At(10), "stop.lb2.app", 1),
            new StepDone(At(15), "stop.lb2.app", StepOutcome.Done),
            .. started ? (RunEvent[])[new StepActing(At(70), "start.lb2.app", 1), new StepDone(At(80), "start.lb2.app", StepOutcome.Done)] : [],
            new RunEnded(At(100), started ? RunOutcome.Done : RunOutcome.Aborted),
        ];

        Assert.Contains(said, Report(events, "markdown"), StringComparison.Ordinal);
        Assert.Contains(summed, RunReport.Summary(Engine.Fold(events)), StringComparison.Ordinal);
        Assert.Equal(!started, (bool)StatusJson.Of(Engine.Fold(events))["interrupted"]!);
    }

    [GeneratedRegex(@"`(\w+)(\[\])?`")]
    private static partial Regex Quoted();
}
