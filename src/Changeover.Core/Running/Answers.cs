using System.Security.Cryptography;
using System.Text;
using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>The answers that are really allowed, per thing that waits for a person.</summary>
public static class Answers
{
    /// <summary>Answers that are nothing without a reason: they go on with something that is not so, or cut somebody off.</summary>
    public static bool NeedsReason(Answer answer) => answer is Answer.Accept or Answer.Mend;

    /// <summary>
    /// Answers that put a person's judgement in the place of what was seen, or do what no plan has: where two people are wanted,
    /// these need both. Whatever looks again, goes on behind a hold or hands over does not.
    /// </summary>
    public static bool Overrides(Answer answer) => answer is Answer.Accept or Answer.Force or Answer.Mend;

    /// <param name="id">A step, a standing condition, or the gate a hold waits at.</param>
    public static ImmutableArray<Answer> For(RunState state, string id)
    {
        if (state.IsOver)
            return [];
        // Until it is answered nothing else can be said to it.
        if (state.Mending.ContainsKey(id))
            return [Answer.Abort];
        Answer[] mend = Mends.For(state, id).IsEmpty ? [] : [Answer.Mend];
        if (state.Broken.TryGetValue(id, out _))
            return [Answer.Retry, .. mend, .. IsTime(state, id) ? [Answer.Accept] : Array.Empty<Answer>(), Answer.Abort];
        if (state.HoldsReached.Any(g => Gates.Id(g) == id))
            return [Answer.Continue, Answer.Abort];
        if (!state.Steps.TryGetValue(id, out var s))
            return [];
        var step = state.Plan.Step(id);
        if (s.Status == StepStatus.Acting && step.IsManual)
            return [Answer.Confirm, Answer.Abort];
        if (s.Status != StepStatus.Halted)
            return [Answer.Abort];
        var answers = ImmutableArray.CreateBuilder<Answer>();
        answers.Add(Answer.Retry);
        answers.AddRange(mend);
        var danger = s.Findings.Any(f => f.Severity == Severity.Danger);
        if (step.Acceptable && !danger)
            answers.Add(Answer.Accept);
        // Only a guest that was asked to shut down and did not: the plug is never the first thing.
        if (step.Action is SetPower { On: false } && s is { Acted: true, Hard: false } && !danger)
            answers.Add(Answer.Force);
        answers.Add(Answer.Abort);
        return answers.ToImmutable();
    }

    /// <summary>
    /// Names what somebody who answers has before them: what is found there, and how often it was tried. When it is another by the
    /// time the answer comes, the answer was meant for something else.
    /// </summary>
    public static string About(RunState state, string id)
    {
        var (tried, findings) = state.Broken.TryGetValue(id, out var broken) ? (0, broken)
            : state.Steps.TryGetValue(id, out var s) ? (s.Attempt, s.Findings)
            : (0, []);
        var text = string.Join('\n', findings.IsDefault ? [] : findings.Select(f => f.Message));
        return $"{tried}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16]}";
    }

    /// <summary>Only a time that has passed can be accepted: it is a person's own, and it does not come back.</summary>
    private static bool IsTime(RunState state, string id) => state.Plan.Standing.Any(s => $"standing.{s.Id}" == id && s.Condition is Knowledge.Conditions.TimeLeft);

    /// <summary>
    /// X1, B0: the machine this halted step is about, when a person may do without it: its function has a peer on the side that
    /// stays, one that does not wait for a person itself. The run is aborted, and the next plan leaves it out; null: it cannot be.
    /// </summary>
    public static string? MayBeLeftOut(RunState state, string id)
    {
        if (!state.Steps.TryGetValue(id, out var s) || s.Status != StepStatus.Halted || s.Findings.Any(f => f.Severity == Severity.Danger))
            return null;
        var step = state.Plan.Step(id);
        if (step.Machine.Length == 0 || step.Action is Knowledge.TakeClaim || state.Plan.Goal.Kind == GoalKind.Close)
            return null;
        var left = state.Halted.Select(h => h.Machine).Where(m => m.Length > 0).Concat(state.Plan.Without?.Keys ?? []).Distinct(StringComparer.Ordinal);
        var options = new PlanOptions(left.ToImmutableSortedDictionary(m => m, _ => "", StringComparer.Ordinal));
        return LeavingOut.Against(state.Inventory, state.Plan.Goal, state.Baseline, options).Any(f => f.Subject == step.Machine) ? null : step.Machine;
    }
}
