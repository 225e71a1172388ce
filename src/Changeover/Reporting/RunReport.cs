using System.Text;
using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Running;

namespace Changeover.Reporting;

/// <summary>What a run came to, for people.</summary>
public static class RunReport
{
    public static string Summary(RunState state, Language language = Language.English)
    {
        var view = RunView.Of(state);
        var text = new StringBuilder();
        string Say(string english) => language.Report(english);
        void Line(string english) => text.AppendLine($"  {Say(english)}");
        var took = (state.EndedAt ?? state.Now.Utc) - state.StartedAt;
        text.AppendLine($"{Say(state.Plan.Goal.ToString())}: {Say(StatusJson.Word(state))}, {Say($"{view.Done} of {view.Total} steps")}, {RunText.Span(took)}");
        var by = state.Plan.Steps.Where(s => !s.IsGate && state.Steps[s.Id].Status == StepStatus.Done).GroupBy(s => state.Steps[s.Id].Outcome).ToDictionary(g => g.Key, g => g.ToArray());
        Line($"did {Count(by, StepOutcome.Done)}, found {Count(by, StepOutcome.FoundSo)} so already, accepted {Count(by, StepOutcome.Accepted)}");
        if (view.Interruption is { } gone)
            Line(view.Interrupted
                ? $"callers are still without service as far as this run knows, after {RunText.Span(gone)} (not all of what it stopped serves again; by its own clock)"
                : $"callers were without service for {RunText.Span(gone)} (software stopped until software serving; by the run's own clock)");
        // A journal holds no observations: who holds what is known only to the runner that looks.
        foreach (var (pair, machine) in view.Holders.Where(h => h.Machine.Length > 0))
            Line($"{pair} is held by {machine}");
        if (view.Writer.Length > 0)
            Line($"the writer is {view.Writer}");
        foreach (var (machine, reason) in state.Plan.Without ?? ImmutableSortedDictionary<string, string>.Empty)
            Line($"left out from the start: {machine} ({reason})");
        foreach (var step in by.GetValueOrDefault(StepOutcome.Accepted, []))
            Line($"accepted: {step.Title.In(language)}");
        foreach (var note in state.Plan.Steps.Select(s => state.Steps[s.Id]).Where(s => s is { Status: StepStatus.Done, Findings.IsDefaultOrEmpty: false })
            .SelectMany(s => s.Findings).Where(f => f.Severity == Severity.Info).Distinct())
            text.AppendLine($"  {note.In(language)}");
        if (state.Plan.Steps.Any(s => s.After is Knowledge.Conditions.AsFound && state.Steps[s.Id] is { Status: StepStatus.Done, Outcome: StepOutcome.Done }))
            Line("nothing differs from how it was found");
        if (state.Outcome == RunOutcome.Aborted)
        {
            Line("left as it is by the abort:");
            foreach (var line in LeftBehind.Of(state).Lines().Select(l => language.Say(l)).DefaultIfEmpty(Say("nothing")))
                text.AppendLine($"    {line}");
            if (state.Plan.Goal is { Kind: not Planning.GoalKind.Close, Host: var host })
                Line($"the way on: changeover run failover {host}; the way back: changeover run failback {host}; each is derived from what is there then");
            Line($"or finish by hand with: changeover runbook {state.Run}");
        }
        return text.ToString().TrimEnd();
    }

    private static int Count(Dictionary<StepOutcome, Planning.Step[]> by, StepOutcome outcome) => by.GetValueOrDefault(outcome, []).Length;
}
