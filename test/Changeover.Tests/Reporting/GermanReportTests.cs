using System.Net;
using System.Text.RegularExpressions;
using Changeover.Drivers;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Reporting;
using Changeover.Running;
using Changeover.Simulation;
using Changeover.Tests.Findings;
using Changeover.Tests.Simulation;
using Changeover.Tests.Tidy;

namespace Changeover.Tests.Reporting;

/// <summary>A report in German has nothing left in English but names, and what people and other programs said.</summary>
public sealed partial class GermanReportTests
{
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.Utc;

    /// <summary>A failover without a fault, and its failback: what there was to say when all went well.</summary>
    private static readonly Lazy<(ImmutableArray<RunEvent> Over, ImmutableArray<RunEvent> Back)> Whole = new(() =>
    {
        var world = World.Create(SimulatedRun.Example, 91, SimulatedRun.Start);
        var (over, events) = Play(world, GoalKind.Failover, null, _ => null);
        world.AdvanceTo(world.Now + TimeSpan.FromMinutes(2));
        var (_, back) = Play(world, GoalKind.Failback, over.Baseline, _ => null);
        return (events, back);
    });

    /// <summary>
    /// A failover that halts, is tried again, and is aborted; and then, as no single run has all of it, whatever else a report can tell of.
    /// </summary>
    private static readonly Lazy<ImmutableArray<RunEvent>> Aborted = new(() =>
    {
        var world = World.Create(SimulatedRun.Example, 91, SimulatedRun.Start);
        world.Schedule(new BalancerRefuses("acd-lb2"), world.Now);
        var words = 2;
        var (state, events) = Play(world, GoalKind.Failover, null, s => words-- > 0 ? new Decided(default, s.Halted.First().Id, Answer.Retry, "anna", "") : null);
        var (first, now) = (state.Plan.Steps.First(s => s.Action is SetDowntime).Id, state.Now);
        string[] sent = ["on acd-lb2 as root: true"];
        return
        [
            .. events,
            new PauseAsked(now, Gates.Moved, "anna", "Hotline"),
            new Decision(now, state.Plan.Steps.First(s => s.Action is SetPower).Id, Answer.Force, "anna", "Grund") { Confirmed = new("bert", now.Utc) },
            .. Enum.GetValues<Answer>().Select(a => new Decision(now, first, a, "anna", "Grund")),
            new DowntimeExtending(now, first, now.Utc.AddHours(1), 1),
            new DowntimeExtended(now, first, 1, new(ReceptionKind.Unclear, "it did not answer within 30 s")) { Sent = [.. sent] },
            new MendAsked(now, first, 1, [new EndSession("acd-dbm1", 7), new SetReplication("acd-dbm1", true)]),
            new MendHeard(now, first, 1, 0, new(ReceptionKind.NotSent, "the connection was lost before the command left")) { Sent = [.. sent] },
            new StandingBroken(now, "standing.maint", [StateFindings.ServiceNotAs.On("acd-tel1", "service", "8-Server", "seen", "stopped", "expected", "running")]),
            new StandingAccepted(now, "standing.maint", "anna", "Grund"),
            new StepDone(now, state.Plan.Steps.First(s => s.Action is SetServers).Id, StepOutcome.Accepted, "anna", "Grund"),
            new StepActing(now, state.Plan.Steps.First(s => s.Action is SetPower).Id, 1),
            new HoldReached(now, Gates.Empty),
            new HoldReleased(now, Gates.Empty),
            new HoldReached(now, Gates.Checked),
            new StopAsked(now),
            new StopAsked(now, "anna"),
            new RunResumed(now, "acd-ctl2", 2) { Who = "anna" },
            new ClaimRenewed(now, "acd-lb2"),
            new RunEnded(now, RunOutcome.Aborted),
        ];
    });

    private static (RunState State, ImmutableArray<RunEvent> Events) Play(World world, GoalKind goal, Baseline? baseline, Func<RunState, Decided?> decide)
    {
        var simulator = new Simulator(world, AllDrivers.Set);
        var begun = SimulatedRun.Begin(world, simulator, goal, "vm-host-1", baseline);
        begun = begun with { Run = "lauf-1", Controller = "acd-ctl1", Who = "anna", ApprovedBy = goal == GoalKind.Failover ? "bert" : "", Plan = begun.Plan with { InventoryDigest = "0123456789abcdef" } };
        simulator.Journal[0] = begun;
        var state = simulator.Run(Engine.Evolve(null, begun), SimulatedRun.Night, decide);
        return (state, [.. simulator.Journal]);
    }

    private static ImmutableArray<RunEvent> Events(string of) => of switch
    {
        "failover" => Whole.Value.Over,
        "failback" => Whole.Value.Back,
        "begun" => [Whole.Value.Over[0]],
        _ => Aborted.Value,
    };

    private static readonly ImmutableArray<Measured> Seen =
    [
        new("web", 100, 0, []),
        new("call", 100, 3, [new(SimulatedRun.Start, SimulatedRun.Start.AddSeconds(2.5))]),
        new("mail", 100, 9, [new(SimulatedRun.Start, SimulatedRun.Start.AddSeconds(2.5)), new(SimulatedRun.Start, SimulatedRun.Start.AddMinutes(2.5))]),
    ];

    private static string Report(string of, string format, Language language)
    {
        var events = Events(of);
        var history = RunHistory.Of(events) with { Measured = Seen };
        return format switch
        {
            "text" => ReportText.Plain(events, Seen, Zone, language),
            "markdown" => ReportText.Markdown(history, Zone, language),
            "html" => ReportText.Html(history, Zone, language),
            _ => ReportPdf.Page(history, Zone, language),
        };
    }

    public static TheoryData<string, string> Reports()
    {
        var all = new TheoryData<string, string>();
        foreach (var of in (string[])["begun", "failover", "failback", "aborted"])
        {
            foreach (var format in (string[])["text", "markdown", "html", "pdf"])
                all.Add(of, format);
        }
        return all;
    }

    [Theory]
    [MemberData(nameof(Reports))]
    public void A_German_report_has_no_English_word_left(string of, string format)
    {
        // What is looked for is there in the English one.
        Assert.NotEmpty(EnglishIn(of, format, Language.English));
        Assert.Empty(EnglishIn(of, format, Language.German));
    }

    /// <summary>
    /// Otherwise the words that are looked for would say nothing of it. Some are typed, or said by a probe, and so stand in German too: those
    /// have their own tests below.
    /// </summary>
    [Fact]
    public void Every_word_of_a_report_would_be_missed() =>
        Assert.All(GermanReports.All.Where(r => !r.English.Equals(r.German, StringComparison.OrdinalIgnoreCase)), r => Assert.True(Words(r.English).Any(English.Contains) || r.English is "running" or "stopped" or "run" or "failover {0}" or "failback {0}", r.English));

    [Theory]
    [InlineData("html")]
    [InlineData("pdf")]
    public void A_page_says_which_language_it_has(string format)
    {
        Assert.Contains("<html lang=\"de\">", Report("begun", format, Language.German), StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\">", Report("begun", format, Language.English), StringComparison.Ordinal);
    }

    /// <summary>What was sent, when, by whom, and how long it took is the same in both.</summary>
    [Fact]
    public void Both_languages_tell_the_same()
    {
        var (english, german) = (Report("aborted", "markdown", Language.English), Report("aborted", "markdown", Language.German));
        Assert.Equal(english.Count(c => c == '\n'), german.Count(c => c == '\n'));
        Assert.Equal(Clock().Matches(english).Select(m => m.Value), Clock().Matches(german).Select(m => m.Value));
        Assert.Equal(Code().Matches(english).Select(m => m.Value), Code().Matches(german).Select(m => m.Value));
    }

    [Fact]
    public void It_reads_as_people_say_it()
    {
        var german = Report("aborted", "markdown", Language.German);

        Assert.StartsWith("# Failover von vm-host-1, Cluster acd-main: abgebrochen\n", german, StringComparison.Ordinal);
        Assert.StartsWith("# Failback von vm-host-1, Cluster acd-main: fertig\n", Report("failback", "markdown", Language.German), StringComparison.Ordinal);
        Assert.Contains("- von außen gemessen: call: 1 Unterbrechung, die längste 2,5 s, zusammen 2,5 s (3 von 100 Nutzungen schlugen fehl)\n", german, StringComparison.Ordinal);
        Assert.Contains(" anna: Pause, vor dem Tor umgezogen (Hotline)\n", german, StringComparison.Ordinal);
        Assert.Contains(" anna: hart ausschalten, ", german, StringComparison.Ordinal);
        Assert.Contains(", bestätigt von bert\n", german, StringComparison.Ordinal);
        Assert.Contains("\n- gestartet von: anna\n- Plan freigegeben von: bert\n", german, StringComparison.Ordinal);
        Assert.Contains(" anna: Fortsetzung, weitergeführt von acd-ctl2\n", german, StringComparison.Ordinal);
        Assert.Matches("\n- Wildfly: höchstens [0-9 mins]+, von [0-9:]{8} bis [0-9:]{8}(; auf allen Maschinen des Plans um [0-9:]{8})?\n", Report("failover", "markdown", Language.German));
        Assert.Contains("\n- Lauf: lauf-1\n", german, StringComparison.Ordinal);
        Assert.Contains(" maint.acd-lb2: abgelehnt: ", german, StringComparison.Ordinal);
        Assert.Contains(" maint.acd-lb2, Versuch 2: angenommen, ", german, StringComparison.Ordinal);
        Assert.Contains(", Behebung 1: nicht gesendet (die Verbindung ging verloren, bevor der Befehl hinausging); nichts ist geschehen, es wird neu versucht, ", german, StringComparison.Ordinal);
        Assert.Contains("\n- hingenommen: ", german, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_state_of_a_step_and_a_run_has_German()
    {
        var step = RunHistory.Of(Events("begun")).Steps[0];
        var steps = Enum.GetValues<StepStatus>().SelectMany(s => Enum.GetValues<StepOutcome>().Select(o => ReportWords.English(step with { Status = s, Outcome = o })));
        var state = RunHistory.Of(Events("begun")).State;
        var runs = Enum.GetValues<RunOutcome>().Select(o => StatusJson.Word(state with { Outcome = o })).Concat([StatusJson.Word(state with { Stopping = true })]);
        var others = Sentences.In(File.ReadAllText(Path.Combine(Checkout.Root, "src/Changeover/Reporting/StatusJson.cs")), "} => ").Append("pause")
            .Concat(Enum.GetValues<Answer>().Select(Deciding.Word)).Concat(Enum.GetValues<GoalKind>().Select(k => new Goal(k, "vm-host-1").ToString()));

        Assert.All(steps.Concat(runs).Concat(others).Distinct(), w => Assert.NotEqual(w, Language.German.Report(w)));
    }

    /// <summary>Every sentence in these sources is filled in with something and looked up.</summary>
    [Theory]
    [InlineData("ReportText.cs", "Say(")]
    [InlineData("ReportWords.cs", "Say(")]
    [InlineData("RunReport.cs", "Say(")]
    [InlineData("RunReport.cs", " Line(")]
    [InlineData("Measured.cs", "Say(")]
    public void Every_sentence_of_a_report_has_German(string file, string before)
    {
        var said = Sentences.In(File.ReadAllText(Path.Combine(Checkout.Root, "src/Changeover/Reporting", file)), before).Where(s => !s.Contains('#') && !s.StartsWith('|') && !s.StartsWith('<')).Distinct().ToArray();

        Assert.NotEmpty(said);
        Assert.All(said, s => Assert.NotEqual(s, Language.German.Report(s)));
    }

    private static string[] EnglishIn(string of, string format, Language language)
    {
        var text = Report(of, format, language);
        if (format is "html" or "pdf")
            text = WebUtility.HtmlDecode(Tag().Replace(Aside().Replace(text, " "), " "));
        // In Markdown what was sent is set in.
        text = string.Join('\n', text.Split('\n').Where(l => format != "markdown" || !l.StartsWith("      ", StringComparison.Ordinal)));
        text = Command().Replace(Code().Replace(text, " "), " ");
        foreach (var said in Said(Events(of)))
            text = text.Replace(said, "", StringComparison.Ordinal);
        return [.. Words(text).Where(English.Contains).Distinct()];
    }

    /// <summary>Names, what people wrote, and what other programs answered: the longest first.</summary>
    private static IEnumerable<string> Said(ImmutableArray<RunEvent> events)
    {
        var site = SimulatedRun.Example;
        return site.Machines.Select(m => m.Name).Concat(site.Pairs.Select(p => $" {p.Name} ")).Concat(events.OfType<StepDone>().Select(d => d.Who)).Concat(events.OfType<Decision>().Select(d => d.Who)).Concat(site.Services.Select(s => s.Title)).Concat(site.Hosts.Select(h => h.Name)).Concat(site.SiteSteps.Select(s => s.Instruction)).Concat(site.Acceptance.Select(a => a.Instruction))
            .Concat(events.OfType<StepHeard>().Select(h => h.Reception.Words))
            .Concat(events.OfType<StepHalted>().SelectMany(h => h.Findings).SelectMany(f => f.Arguments.Where(a => a.Key == "words").Select(a => a.Value)))
            .Where(s => s.Length > 0 && Language.German.Say(s) == s).OrderByDescending(s => s.Length);
    }

    /// <summary>Words of our English that no German of ours has.</summary>
    private static readonly HashSet<string> English = Of();

    private static HashSet<string> Of()
    {
        var all = GermanReports.All.Concat(GermanSentences.All).Concat(GermanWords.All).Concat(GermanReasons.All)
            .Concat(Phrases.Texts.Select(p => (p.Value, GermanPhrases.Templates[p.Key]))).Concat(FindingCatalogue.All.Select(c => (c.Template, GermanFindings.Templates[c.Code]))).ToArray();
        var english = all.SelectMany(t => Words(t.Item1)).ToHashSet(StringComparer.Ordinal);
        english.ExceptWith(all.SelectMany(t => Words(Command().Replace(t.Item2, " "))));
        return english;
    }

    private static IEnumerable<string> Words(string text) => Word().Matches(Place().Replace(text, " ")).Select(m => m.Value);

    [GeneratedRegex(@"<style>.*?</style>|<pre>.*?</pre>", RegexOptions.Singleline)]
    private static partial Regex Aside();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    /// <summary>Ids of steps, and codes of findings.</summary>
    [GeneratedRegex(@"\b[a-z]+(\.[a-z0-9][\w-]*)+")]
    private static partial Regex Code();

    /// <summary>What somebody may type.</summary>
    [GeneratedRegex(@"changeover( [a-z]+)+")]
    private static partial Regex Command();

    [GeneratedRegex("[0-9]{2}:[0-9]{2}:[0-9]{2}|[0-9]+ (s|min|h)\\b")]
    private static partial Regex Clock();

    [GeneratedRegex(@"\{(\w+)(?::\w+)?\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"(?<![\w-])[\p{L}]{2,}(?![\w-])")]
    private static partial Regex Word();
}
