using System.Globalization;
using Changeover.Planning;
using Changeover.Running;

namespace Changeover.Reporting;

/// <summary>One event, one line, for pipes, logs and the report. Local time with offset for people; the journal has UTC.</summary>
public static class RunText
{
    /// <summary>The line, or null for events that say nothing a person needs.</summary>
    public static string? Line(RunState state, RunEvent e, TimeZoneInfo zone) =>
        Sentence(state, e, zone) is { } text ? $"{Local(e.At.Utc, zone)}  {text}" : null;

    /// <summary>The line without its time.</summary>
    public static string? Sentence(RunState state, RunEvent e, TimeZoneInfo zone)
    {
        return e switch
        {
            RunStarted s => $"run {s.Run}: {s.Plan.Goal}, {s.Plan.Steps.Count(x => !x.IsGate)} steps, plan {s.Plan.Digest}",
            RunResumed r => $"resumed by {r.Controller}, epoch {r.Epoch}: everything is looked at again{(r.Inventory is null ? "" : "; the inventory's access data changed")}",
            StepReady => null,
            StepActing a => $"{Title(state, a.Step)} ...{(a.Hard ? " (hard, by a person's word)" : a.Attempt > 1 ? $" (attempt {a.Attempt})" : "")}",
            StepHeard { Reception.Kind: Knowledge.ReceptionKind.Accepted } => null,
            StepHeard h => $"{h.Step}: {Said(h)}",
            StepDone d when state.Plan.Step(d.Step).IsGate => $"-- {state.Plan.Step(d.Step).Gate} --",
            StepDone d => $"{Word(d.Outcome)} {Title(state, d.Step)}{Took(state, d.Step)}{(d.Reason.Length > 0 ? $" ({d.Who}: {d.Reason})" : "")}"
                + string.Concat((d.Notes ?? []).Select(n => $"\n    {n.Message}")),
            StepHalted h => $"HALTED {h.Step}: {Title(state, h.Step)}\n" + string.Join('\n', h.Findings.Select(f => $"    {f.Message}")),
            PictureTaken => null,
            StandingBroken b => $"HALTED {b.Standing}: must hold and no longer does\n" + string.Join('\n', b.Findings.Select(f => $"    {f.Message}")),
            StandingMended m => $"{m.Standing} is looked at again",
            StandingAccepted a => $"{a.Standing} accepted ({a.Who}: {a.Reason})",
            HoldReached h => $"HOLD before {h.Gate}: waits for your word",
            HoldReleased h => $"hold before {h.Gate} released",
            Decision d => $"{d.Who} decided {d.Answer.ToString().ToLowerInvariant()} on {d.Step}{(d.Reason.Length > 0 ? $": {d.Reason}" : "")}",
            ClaimRenewed c => $"{c.Machine}: claim renewed",
            DowntimeExtending => null,
            DowntimeExtended { Reception.Kind: Knowledge.ReceptionKind.Accepted } d => $"{d.Step}: downtime extended until {Local(state.Extensions[d.Step].Until ?? d.At.Utc, zone)}",
            DowntimeExtended d => $"{d.Step}: downtime NOT extended ({d.Reception.Words}); it is tried again in a minute",
            MendAsked m => string.Join("\n    ", m.Actions.Select(Mends.Text).Prepend($"{m.Step}: by a person's word")),
            MendHeard { Reception.Kind: Knowledge.ReceptionKind.Accepted } => null,
            MendHeard m => $"{m.Step}: that got no clear yes ({m.Reception.Words}); it is looked whether it helped",
            StopAsked => "asked to stop: nothing new starts, what is in flight comes back",
            Refusing r => "refused: " + string.Join("; ", r.Findings.Select(f => f.Message)),
            ClaimGivenBack c => $"{c.Machine}: claim given back",
            RunEnded r => $"ended: {r.Outcome.ToString().ToLowerInvariant()}",
            _ => null,
        };
    }

    private static string Local(DateTimeOffset at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(at, zone).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Title(RunState state, string step) => state.Plan.Step(step).Title.ToString();

    private static string Said(StepHeard h) => h.Reception.Kind switch
    {
        Knowledge.ReceptionKind.NotSent => $"not sent ({h.Reception.Words}); nothing happened, it is tried again",
        Knowledge.ReceptionKind.Refused => $"refused: {h.Reception.Words}",
        _ => $"no clear answer ({h.Reception.Words}); looking before anything else",
    };

    private static string Word(StepOutcome outcome) => outcome switch
    {
        StepOutcome.FoundSo => "so already:",
        StepOutcome.Accepted => "ACCEPTED:",
        StepOutcome.Excluded => "LEFT OUT:",
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
