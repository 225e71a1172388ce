using System.Globalization;
using Changeover.Findings;
using Changeover.Planning;
using Changeover.Running;

namespace Changeover.Reporting;

/// <summary>One event, one line, for pipes, logs and the report. Local time with offset for people; the journal has UTC.</summary>
public static class RunText
{
    /// <summary>The line, or null for events that say nothing a person needs.</summary>
    public static string? Line(RunState state, RunEvent e, TimeZoneInfo zone, Language language = Language.English) =>
        Sentence(state, e, zone, language) is { } text ? $"{Local(e.At.Utc, zone)}  {text}" : null;

    /// <summary>The line without its time.</summary>
    public static string? Sentence(RunState state, RunEvent e, TimeZoneInfo zone, Language language = Language.English)
    {
        string Say(string english) => language.Say(english);
        string Title(string step) => state.Plan.Step(step).Title.In(language);
        string Lines(IEnumerable<Finding> findings, IEnumerable<string>? more = null) => string.Join('\n', findings.Select(f => f.In(language)).Concat(more ?? []).Select(l => $"    {l}"));
        return e switch
        {
            RunStarted s => Say($"run {s.Run}: {s.Plan.Goal}, {s.Plan.Steps.Count(x => !x.IsGate)} steps, plan {s.Plan.Digest}")
                + (s.Who.Length > 0 ? "; " + Say($"started by {s.Who}") : "") + (s.ApprovedBy.Length > 0 ? "; " + Say($"the plan was approved by {s.ApprovedBy}") : ""),
            RunResumed r => Say($"resumed by {r.Controller}, epoch {r.Epoch}: everything is looked at again{(r.Inventory is null ? "" : "; the inventory's access data changed")}")
                + (r.Who.Length > 0 ? "; " + Say($"by the word of {r.Who}") : ""),
            StepReady => null,
            StepActing a => $"{Title(a.Step)} ...{(a.Hard ? " " + Say("(hard, by a person's word)") : a.Attempt > 1 ? " " + Say($"(attempt {a.Attempt})") : "")}",
            StepHeard { Reception.Kind: Knowledge.ReceptionKind.Accepted } => null,
            StepHeard h => $"{h.Step}: {Say(Said(h.Reception))}",
            StepDone d when state.Plan.Step(d.Step).IsGate => Say($"-- {state.Plan.Step(d.Step).Gate} --"),
            StepDone d => $"{Say(Word(d.Outcome))} {Title(d.Step)}{Took(state, d.Step)}{(d.Reason.Length > 0 ? $" ({d.Who}: {d.Reason})" : "")}"
                + string.Concat((d.Notes ?? []).Select(n => $"\n    {n.In(language)}")),
            StepHalted h => $"{Say("HALTED")} {h.Step}: {Title(h.Step)}\n" + Lines(h.Findings, Without(state, h.Step).Select(Say)),
            PictureTaken => null,
            StandingBroken b => $"{Say("HALTED")} {b.Standing}: {Say("must hold and no longer does")}\n" + Lines(b.Findings),
            StandingMended m => Say($"{m.Standing} is looked at again"),
            StandingAccepted a => Say($"{a.Standing} accepted ({a.Who}: {a.Reason})"),
            PauseAsked p => Say($"{p.Who} asked for a pause before {p.Gate}{(p.Reason.Length > 0 ? $": {p.Reason}" : "")}"),
            HoldReached h => Say($"HOLD before {h.Gate}: waits for your word"),
            HoldReleased h => Say($"hold before {h.Gate} released"),
            Decision d => Say($"{d.Who} decided {d.Answer.ToString().ToLowerInvariant()} on {d.Step}{(d.Reason.Length > 0 ? $": {d.Reason}" : "")}")
                + (d.Confirmed is { } c ? "; " + Say(Confirmed(c, zone)) : ""),
            ClaimRenewed c => Say($"{c.Machine}: claim renewed"),
            DowntimeExtending => null,
            DowntimeExtended { Reception.Kind: Knowledge.ReceptionKind.Accepted } d => Say($"{d.Step}: downtime extended until {Local(state.Extensions[d.Step].Until ?? d.At.Utc, zone)}"),
            DowntimeExtended d => Say($"{d.Step}: downtime NOT extended ({d.Reception.Words}); it is tried again in a minute"),
            MendAsked m => string.Join("\n    ", m.Actions.Select(Mends.Text).Prepend($"{m.Step}: by a person's word").Select(Say)),
            MendHeard { Reception.Kind: Knowledge.ReceptionKind.Accepted } => null,
            MendHeard m => Say($"{m.Step}: that got no clear yes ({m.Reception.Words}); it is looked whether it helped"),
            StopAsked { Who.Length: > 0 } s => Say($"{s.Who} asked to stop: nothing new starts, what is in flight comes back"),
            StopAsked => Say("asked to stop: nothing new starts, what is in flight comes back"),
            Refusing r => $"{Say("refused:")} {string.Join("; ", r.Findings.Select(f => f.In(language)))}",
            ClaimGivenBack c => Say($"{c.Machine}: claim given back"),
            RunEnded r => Say($"ended: {r.Outcome.ToString().ToLowerInvariant()}"),
            _ => null,
        };
    }

    private static IEnumerable<string> Without(RunState state, string step) => Changeover.Running.Answers.MayBeLeftOut(state, step) is { } machine
        ? [$"To go on without {machine}: abort, then changeover run {state.Plan.Goal.Word} {state.Plan.Goal.Host} --without {machine} --reason \"...\""]
        : [];

    private static string Local(DateTimeOffset at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(at, zone).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>Behind a decision that needed two people.</summary>
    public static string Confirmed(Confirmation c, TimeZoneInfo zone) => $"said at {Local(c.SaidAt, zone)}, confirmed by {c.Who}";

    /// <summary>What came of a request.</summary>
    public static string Said(Knowledge.Reception reception) => reception.Kind switch
    {
        Knowledge.ReceptionKind.Accepted => reception.Words.Length > 0 ? $"accepted: {reception.Words}" : "accepted",
        Knowledge.ReceptionKind.NotSent => $"not sent ({reception.Words}); nothing happened, it is tried again",
        Knowledge.ReceptionKind.Refused => $"refused: {reception.Words}",
        _ => $"no clear answer ({reception.Words}); looking before anything else",
    };

    private static string Word(StepOutcome outcome) => outcome switch
    {
        StepOutcome.FoundSo => "so already:",
        StepOutcome.Accepted => "ACCEPTED:",
        _ => "done:",
    };

    private static string Took(RunState state, string step) =>
        state.Steps[step] is { StartedAt: { } from, EndedAt: { } until } && until - from >= TimeSpan.FromSeconds(1) ? $" ({Span(until - from)})" : "";

    /// <summary>A duration as people say it: 42 s, 3 min 05 s, 1 h 02 min.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalSeconds} s"),
        { TotalMinutes: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min {span.Seconds:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h {span.Minutes:00} min"),
    };

    public static string Answers(Halt halt) => string.Join(", ", halt.Answers.Select(a => a == Answer.Mend ? $"mend ({string.Join("; ", halt.Mend.Select(Mends.Text))})" : a.ToString().ToLowerInvariant()));
}
