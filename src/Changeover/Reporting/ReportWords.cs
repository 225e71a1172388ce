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
        yield return (Say("started by"), Who(run.Who));
        if (run.Who.Length > 0)
            yield return (Say("plan approved by"), run.ApprovedBy.Length > 0 ? run.ApprovedBy : Say("the same person"));
        if (state.Plan.Signed is { } signed)
            yield return (Say("signed for what no run explains"), $"{signed.Who} ({signed.Why})");
        if (state.Plan.Beginning is { After: { IsEmpty: false } after })
            yield return (Say("goes on from"), string.Join(", ", after));
        foreach (var (machine, reason) in state.Plan.Without ?? ImmutableSortedDictionary<string, string>.Empty)
            yield return (Say("left out"), $"{machine} ({reason})");
        yield return (Say("began"), Full(state.StartedAt));
        yield return (state.IsOver ? Say("ended") : Say("last known"), Full(run.Until));
        yield return (Say("took"), RunText.Span(run.Took));
        yield return (Say("callers without service"), run.Interruption is { } gone
            ? Say(run.Interrupted
                ? $"{RunText.Span(gone)} and not over by then, by the run's own clock, from the first service stopped: not all serve again"
                : $"{RunText.Span(gone)}, by the run's own clock, from the first service stopped until all serve again")
            : Say("not interrupted by this run"));
        yield return (Say("as found"), AsFound(run.AsFound));
        yield return (Say("controller"), state.Controller);
        yield return (Say("plan"), Say($"digest {state.Plan.Digest}, rules {state.Plan.RuleVersion}, inventory {state.Plan.InventoryDigest}"));
    }

    /// <summary>Whether the cluster ended as it was found, in a few words.</summary>
    public string AsFound(AsFoundHistory found) => found switch
    {
        { Verdict: AsFoundVerdict.NotCompared } => Say("not compared by this run; a failback compares at its end"),
        { Verdict: AsFoundVerdict.Same } => Say("nothing differs"),
        { Verdict: AsFoundVerdict.Differs, Signed: { } step } => Say($"differs, signed by {Who(step.Who)}"),
        { Verdict: AsFoundVerdict.Differs } => Say("differs"),
        { Findings.IsEmpty: true } => Say("not looked at by this run"),
        _ => Say("not everything could be seen"),
    };

    /// <summary>The same with why a person signed it, and of which machines it says nothing.</summary>
    public string AsFoundWhole(AsFoundHistory found) =>
        AsFound(found) + (found.Signed is { Reason.Length: > 0 } step ? $" ({step.Reason})" : "")
        + (found.Except.IsEmpty ? "" : $"; {Say($"left out and not compared: {string.Join(", ", found.Except)}")}");

    /// <summary>What its verification had to say although it holds.</summary>
    public IEnumerable<string> Notes(StepHistory s) => s is { Status: StepStatus.Done, Outcome: not StepOutcome.Accepted } ? s.Notes.Select(n => n.In(Language)) : [];

    /// <summary>What the times of an interruption mean.</summary>
    public const string Clock = "By the run's own clock: from when it was asked to stop or to move until it was seen again. What users had is known only from outside.";

    /// <summary>How long each function was not there: by the run's own clock, then as a probe outside saw it.</summary>
    public IEnumerable<string> Interruptions(RunHistory run) =>
        run.Interruptions.Select(Interruption).Concat(run.Measured.Select(m => $"{Say("measured from outside")}: {m.In(Language)}"));

    private string Interruption(FunctionInterruption i) => i switch
    {
        { ServedOn.IsEmpty: false } => Say($"{i.Title}: not interrupted, it was not stopped on {string.Join(", ", i.ServedOn)}"),
        { From: null, BackAt: { } back } => Say($"{i.Title}: was stopped already when this run began, seen to run again at {Time(back)}"),
        { From: null } => Say($"{i.Title}: was stopped already when this run began, and not seen to run again"),
        { GoneFrom: { } gone, BackAt: { } back } => Say($"{i.Title}: at most {RunText.Span(back - gone)}, from {Time(gone)} to {Time(back)}")
            + (i.Until is not { } all ? $"; {Say("not seen on all machines of the plan")}" : Time(all) != Time(back) ? $"; {Say($"on all machines of the plan by {Time(all)}")}" : ""),
        { GoneFrom: { } gone } => Say($"{i.Title}: since {Time(gone)}, and not seen again by this run"),
        _ => i.Title,
    };

    /// <summary>Who said or did something; an older journal does not tell of everything.</summary>
    private string Who(string who) => who.Length > 0 ? who : Say("not recorded");

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

    public string Deviation(StepHistory s) => $"{Word(s)}: {Title(s)} ({Who(s.Who)}{(s.Reason.Length > 0 ? $": {s.Reason}" : "")})";

    public string Hold(HoldHistory h) => h.Released is { } until
        ? Say($"{Time(h.Reached)} before {h.Gate}, released at {Time(until)}")
        : Say($"{Time(h.Reached)} before {h.Gate}, not released");

    public string Halt(RunHistory run, HaltHistory h) => $"{Time(h.At)} {run.What(h.Id, Language)}";

    public string Decision(RunHistory run, DecisionHistory d)
    {
        var about = d.Word switch
        {
            "start" => run.ApprovedBy.Length > 0 ? Say($"plan approved by {run.ApprovedBy}") : "",
            "resume" => Say($"carried on by {d.Id}"),
            "pause" => Say($"before {d.Id}"),
            "stop" => "",
            _ => run.What(d.Id, Language),
        };
        return $"{Time(d.At)} {Who(d.Who)}: {Say(d.Word)}{(about.Length > 0 ? $", {about}" : "")}"
            + (d.Reason.Length > 0 ? $" ({d.Reason})" : "") + (d.Confirmed is { } c ? $", {Language.Say(RunText.Confirmed(c, Zone))}" : "");
    }

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
