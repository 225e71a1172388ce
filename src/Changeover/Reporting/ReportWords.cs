using System.Globalization;
using Changeover.Findings;
using Changeover.Running;

namespace Changeover.Reporting;

/// <summary>What a report says of a run and its parts, whatever form it has: in one language, at one place's time.</summary>
internal sealed record ReportWords(TimeZoneInfo Zone, Language Language)
{
    /// <summary>A heading, or a sentence of a report.</summary>
    public string Say(string english) => Language.Report(english);

    public IEnumerable<(string Name, string Value)> Head(RunHistory run)
    {
        var state = run.State;
        yield return (Say("run"), state.Run);
        yield return (Say("maintenance"), state.Plan.Maintenance);
        yield return (Say("began"), Full(state.StartedAt));
        yield return (state.IsOver ? Say("ended") : Say("last known"), Full(run.Until));
        yield return (Say("took"), RunText.Span(run.Took));
        yield return (Say("callers without service"), run.Interruption is { } gone
            ? Say($"{RunText.Span(gone)}, by the run's own clock, from the first service stopped until all serve again")
            : Say("not interrupted by this run"));
        foreach (var measured in run.Measured)
            yield return (Say("measured from outside"), measured.In(Language));
        if (run.AsFound is { } asFound)
            yield return (Say("as found"), asFound ? Say("nothing differs") : Say("differs, or was not looked at"));
        yield return (Say("controller"), run.Resumed.Length > 0 ? Say($"{state.Controller}, resumed {string.Join(", ", run.Resumed.Select(Time))}") : state.Controller);
        yield return (Say("plan"), Say($"digest {state.Plan.Digest}, rules {state.Plan.RuleVersion}, inventory {state.Plan.InventoryDigest}"));
    }

    public string State(RunHistory run) => Say(StatusJson.Word(run.State));

    public string Word(StepHistory s) => Say(English(s));

    /// <summary>The word that a style sheet knows it by.</summary>
    public static string English(StepHistory s) => s.Status switch
    {
        StepStatus.Done => s.Outcome switch
        {
            StepOutcome.FoundSo => "so already",
            StepOutcome.Accepted => "accepted",
            _ => "done",
        },
        StepStatus.Waiting => "not begun",
        StepStatus.Halted => "halted",
        _ => "in doubt",
    };

    public string Title(StepHistory s) => s.Step.Title.In(Language);

    public string Deviation(StepHistory s) => $"{Word(s)}: {Title(s)}";

    public string Halt(RunHistory run, HaltHistory h) => $"{Time(h.At)} {run.What(h.Id, Language)}";

    public string Decision(RunHistory run, DecisionHistory d) =>
        $"{Time(d.At)} {d.Who}: {Say(d.Word)}, {d.Word switch { "pause" => Say($"before {d.Id}"), "stop" => Say("nothing new starts"), _ => run.What(d.Id, Language) }}"
        + (d.Reason.Length > 0 ? $" ({d.Reason})" : "") + (d.Confirmed is { } c ? $", {Language.Say(RunText.Confirmed(c, Zone))}" : "");

    /// <summary>Which of a step's requests it was; empty: the only one.</summary>
    public string Which(ExchangeHistory x) => x.Word switch
    {
        "mend" => $", {Say($"mend {x.Number}")}",
        "extend" => $", {Say("extended")}",
        _ => x.Number > 1 ? $", {Say($"attempt {x.Number}")}" : "",
    };

    /// <summary>What came back, with the word for a request's answer: a step that a person accepted is told otherwise.</summary>
    public string Answer(ExchangeHistory x) => x is { Heard: { } heard, HeardAt: { } at }
        ? $"{Language.Say(RunText.Said(heard))}, {Time(at)}"
        : Say("nothing that came back is in the journal");

    public IEnumerable<string> Sent(ExchangeHistory x) => x.Sent.Select(l => Language.Say(l));

    public IEnumerable<string> LeftBehind(RunHistory run) => Changeover.Running.LeftBehind.Of(run.State).Lines().Select(l => Language.Say(l));

    public string Took(StepHistory s) => s.Took is { } took ? RunText.Span(took) + (s.Attempts > 1 ? $", {Say($"{s.Attempts} attempts")}" : "") : "";

    public string Time(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private string Full(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
}
