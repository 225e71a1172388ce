using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>What a person watching must have in view, whatever face shows it.</summary>
/// <param name="Writer">The database the balancers choose; empty: not known now.</param>
/// <param name="Holders">Pair → machine that holds it; empty: not known now.</param>
/// <param name="Interruption">How long callers have been without service, so far or in all; null: not interrupted.</param>
/// <param name="Interrupted">They are without service now.</param>
/// <param name="SafeToLeave">Nothing is in the middle of changing; if the program ended now, everything would stay as it is.</param>
/// <param name="LeaveReason">Why it is safe, or what would be left.</param>
public sealed record RunView(
    string Writer,
    ImmutableArray<(string Pair, string Machine)> Holders,
    TimeSpan? Interruption,
    bool Interrupted,
    ImmutableArray<WaitingFor> Waiting,
    ImmutableArray<WaitingFor> Persons,
    ImmutableArray<Halt> Halts,
    ImmutableArray<Step> Next,
    int Done,
    int Total,
    bool SafeToLeave,
    string LeaveReason)
{
    public static RunView Of(RunState state, Language language = Language.English)
    {
        var view = new View(state.Inventory, state.Snapshot, state.Now, new Moment(TimeSpan.MinValue, default), state.Baseline, state.Run, AnyAge: true);
        var steps = state.Plan.Steps.Where(s => !s.IsGate).ToArray();
        var (interruption, interrupted) = InterruptionOf(state);
        var (safe, why) = Leave(state);
        return new(
            state.Inventory.Balancers.Select(b => state.Snapshot.Facts<BalancerFacts>(SubjectKind.Balancer, b.Name) is { } f ? BalancerJudge.Writer(f, state.Inventory, b.Name) : null)
                .FirstOrDefault(w => w is not null) ?? "",
            [.. state.Inventory.Pairs.Select(p => (p.Name, Holder(state, p)))],
            interruption, interrupted,
            [.. steps.Where(s => IsWaitedFor(state, s)).Select(s => Waits(state, view, s, language))],
            [.. steps.Where(s => s.IsManual && state.Steps[s.Id].Status == StepStatus.Acting).Select(s => Waits(state, view, s, language))],
            [
                .. state.Halted.Select(s => new Halt(s.Id, s.Title.In(language), state.Steps[s.Id].Findings, Answers.For(state, s.Id), Mends.For(state, s.Id), Answers.MayBeLeftOut(state, s.Id))),
                .. state.Broken.Select(b => new Halt(b.Key, language.Say("a condition that must hold no longer does"), b.Value, Answers.For(state, b.Key), Mends.For(state, b.Key))),
                .. state.HoldsReached.Select(g => new Halt(Gates.Id(g), language.Say($"hold point before {g}"), [], Answers.For(state, Gates.Id(g)), [])),
            ],
            [.. steps.Where(s => state.Steps[s.Id].Status == StepStatus.Waiting).Take(3)],
            steps.Count(s => state.Steps[s.Id].Status == StepStatus.Done),
            steps.Length, safe, language.Say(why));
    }

    private static bool IsWaitedFor(RunState state, Step step) =>
        state.Steps[step.Id].Status is StepStatus.Checking or StepStatus.Verifying || (state.Steps[step.Id].Status == StepStatus.Acting && !step.IsManual);

    private static WaitingFor Waits(RunState state, View view, Step step, Language language)
    {
        var s = state.Steps[step.Id];
        var judgement = s.Status == StepStatus.Checking && step.Action is not null
            ? step.Before?.Judge(view)
            : step.After?.Judge(view);
        var reason = s.HeldSince is not null
            ? language.Say("holds; watched until its window is over")
            : judgement?.Findings.Where(f => f.Severity != Severity.Info && f.Code != StateFindings.NotSeen).Select(f => f.In(language)).FirstOrDefault() ?? "";
        return new(step.Id, step.Title.In(language), s.Status, state.Now - s.Since, step.Expected, s.Status == StepStatus.Checking ? step.CheckBudget : step.Budget, reason,
            step.Action is Instruct i ? language.Say(i.Text) : "");
    }

    private static string Holder(RunState state, Inventory.Pair pair) =>
        pair.Members
            .Select(m => state.Snapshot.Facts<PacemakerFacts>(SubjectKind.Pacemaker, m))
            .Where(f => f is not null)
            .Select(f => PairJudge.HolderNode(f!))
            .Select(node => pair.Members.FirstOrDefault(m => state.Inventory.Machine(m).NodeName == node))
            .FirstOrDefault(m => m is not null) ?? "";

    /// <summary>From the first service stopped on the side callers use until the software serves again.</summary>
    private static (TimeSpan?, bool) InterruptionOf(RunState state)
    {
        if (Running.Interruption.Of(state.Inventory, state.Plan) is not var (all, starts) || all.Where(s => state.Steps[s.Id].Acted).ToArray() is not { Length: > 0 } stops)
            return (null, false);
        var from = stops.Min(s => state.Steps[s.Id].StartedAt) ?? state.Now.Utc;
        var over = starts.Length > 0 && starts.All(s => state.Steps[s.Id].Status == StepStatus.Done);
        var until = over ? starts.Max(s => state.Steps[s.Id].EndedAt) ?? state.Now.Utc : state.EndedAt ?? state.Now.Utc;
        return (until - from, !over);
    }

    private static (bool, string) Leave(RunState state)
    {
        var acting = state.Plan.Steps.Where(s => state.Steps[s.Id].Status == StepStatus.Acting && !s.IsManual).Select(s => s.Id).ToArray();
        if (acting.Length > 0)
            return (false, $"in the middle of {string.Join(", ", acting)}");
        var standing = state.Plan.Steps
            .Where(s => s.Action is SetStandby { Standby: true } && state.Steps[s.Id].Acted)
            .Select(s => ((SetStandby)s.Action!).Machine)
            .Where(m => !state.Plan.Steps.Any(u => u.Action is SetStandby { Standby: false } off && off.Machine == m && state.Steps[u.Id].Status == StepStatus.Done))
            .ToArray();
        return standing.Length > 0
            ? (false, $"{string.Join(", ", standing)} is in standby: one copy of its pair is not kept")
            : (true, "nothing is in the middle of changing");
    }
}

/// <summary>A step that is being waited for.</summary>
/// <param name="For">How long already.</param>
/// <param name="Expected">How long it usually takes; zero: not known.</param>
/// <param name="Reason">What is not yet as it should be, in words.</param>
/// <param name="Instruction">What the person has to do; empty for others.</param>
public sealed record WaitingFor(string Step, string Title, StepStatus Status, TimeSpan For, TimeSpan Expected, TimeSpan Budget, string Reason, string Instruction);

/// <summary>Something that waits for a person's decision.</summary>
/// <param name="Mend">What the answer "mend" would do.</param>
/// <param name="Without">After an abort the next plan may leave this machine out; null: none.</param>
public sealed record Halt(
    string Step, string Title, ImmutableArray<Finding> Findings, ImmutableArray<Answer> Answers, ImmutableArray<ClusterAction> Mend, string? Without = null);
