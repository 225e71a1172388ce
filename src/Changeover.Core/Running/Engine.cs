using System.Diagnostics;
using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>
/// Three pure functions run a plan: <see cref="Decide"/> says what follows from an input, <see cref="Evolve"/> keeps the books,
/// <see cref="Pending"/> says what should be in flight. The runner persists events before it starts an effect.
/// </summary>
public static partial class Engine
{
    /// <summary>A request that surely never left is sent again this often before a person is asked.</summary>
    private const int AttemptsMax = 3;

    /// <summary>
    /// A request whose answer never came may still be on its way, or its command may still run. Only when this long after it the
    /// thing is seen not done may it be done again.
    /// </summary>
    internal static readonly TimeSpan Settle = TimeSpan.FromSeconds(30);

    /// <summary>Id of the effect that takes a machine's claim in a new epoch.</summary>
    public const string RenewPrefix = "renew.";

    /// <summary>Id of the effect that gives a claim back when the run is refused.</summary>
    public const string GiveBackPrefix = "give-back.";

    public static ImmutableArray<RunEvent> Decide(RunState state, RunInput input) => DecideAndEvolve(state, input).Events;

    /// <summary>What follows from an input, and the state that its events lead to.</summary>
    public static (ImmutableArray<RunEvent> Events, RunState State) DecideAndEvolve(RunState state, RunInput input)
    {
        if (state.IsOver)
            return ([], state);
        var observations = input is Seen seen ? seen.Observations : [];
        var turn = new Turn(state, observations);
        turn.Add(new Looked(input.At, observations));
        switch (input)
        {
            case Heard heard:
                Hear(turn, heard);
                break;
            case Decided decided:
                Answer(turn, decided);
                break;
            case Pause pause when !state.IsRefusing && state.NextGate is { Length: > 0 } gate && !state.Holds.Contains(gate):
                turn.Add(new PauseAsked(pause.At, gate, pause.Who, pause.Reason));
                break;
            case Stop stop when !state.Stopping:
                turn.Add(new StopAsked(stop.At, stop.Who));
                break;
        }
        Advance(turn);
        return (turn.Events.DrainToImmutable(), turn.State with { Settled = turn.Settled });
    }

    /// <summary>One call of Decide: the events so far and the state they lead to.</summary>
    private sealed class Turn(RunState state, ImmutableArray<Observation> seen)
    {
        public Settled Settled { get; } = Settled.Before(state, seen);
        public RunState State { get; private set; } = state;
        public ImmutableArray<RunEvent>.Builder Events { get; } = ImmutableArray.CreateBuilder<RunEvent>();

        /// <summary>How many of them go into the journal.</summary>
        public int Durable { get; private set; }

        public void Add(RunEvent e)
        {
            Events.Add(e);
            var before = State;
            State = Evolve(before, e);
            if (!e.IsDurable)
                return;
            Durable++;
            Settled.Follow(before, State);
        }
    }

    private static void Hear(Turn turn, Heard heard)
    {
        var (state, at) = (turn.State, heard.At);
        if (heard.Step.StartsWith(RenewPrefix, StringComparison.Ordinal))
        {
            HearRenewal(turn, heard, heard.Step[RenewPrefix.Length..]);
            return;
        }
        if (heard.Step.StartsWith(GiveBackPrefix, StringComparison.Ordinal))
        {
            turn.Add(new ClaimGivenBack(at, heard.Step[GiveBackPrefix.Length..]));
            return;
        }
        if (heard.Step.StartsWith(Leases.ExtendPrefix, StringComparison.Ordinal))
        {
            turn.Add(new DowntimeExtended(at, heard.Step[Leases.ExtendPrefix.Length..], heard.Attempt, heard.Reception) { Sent = heard.Sent });
            return;
        }
        if (Mends.Parse(heard.Step) is { } part)
        {
            HearMend(turn, heard, part.Part, part.Id);
            return;
        }
        if (!state.Steps.TryGetValue(heard.Step, out var s))
            return;
        // A late answer to an earlier attempt: what it was about has been looked at since.
        if (s.Status != StepStatus.Acting || s.Attempt != heard.Attempt)
            return;
        turn.Add(new StepHeard(at, heard.Step, heard.Attempt, heard.Reception) { Sent = heard.Sent });
        var step = state.Plan.Step(heard.Step);
        if (heard.Reception.Kind == ReceptionKind.Refused)
        {
            var finding = RunFindings.Refused.On(heard.Step, "words", heard.Reception.Words.TrimEnd('.', ' '));
            if (step.Action is TakeClaim && turn.State.NothingChanged)
                turn.Add(new Refusing(at, [finding]));
            else
                turn.Add(new StepHalted(at, heard.Step, [finding]));
        }
        else if (heard.Reception.Kind == ReceptionKind.NotSent && s.Attempt >= AttemptsMax)
        {
            turn.Add(new StepHalted(at, heard.Step, [RunFindings.NotSent.On(heard.Step, "words", heard.Reception.Words)]));
        }
    }

    /// <summary>When all of it was answered, it is looked at again: only that says whether it helped.</summary>
    private static void HearMend(Turn turn, Heard heard, int part, string id)
    {
        if (turn.State.Mending.GetValueOrDefault(id) is not { } mend || mend.Number != heard.Attempt || mend.Heard.Contains(part))
            return;
        turn.Add(new MendHeard(heard.At, id, heard.Attempt, part, heard.Reception) { Sent = heard.Sent });
        if (!turn.State.Mending.ContainsKey(id))
            turn.Add(turn.State.Broken.ContainsKey(id) ? new StandingMended(heard.At, id) : new StepReady(heard.At, id));
    }

    private static void HearRenewal(Turn turn, Heard heard, string machine)
    {
        if (!turn.State.Renewing.Contains(machine))
            return;
        if (heard.Reception == Reception.MadeAnew && turn.State.SurelyHeld.Contains(machine))
            turn.Add(new StandingBroken(heard.At, RenewPrefix + machine, [RunFindings.ClaimForgotten.On(machine)]));
        else if (heard.Reception.Kind == ReceptionKind.Accepted)
            turn.Add(new ClaimRenewed(heard.At, machine));
        else
            turn.Add(new StandingBroken(heard.At, RenewPrefix + machine, [RunFindings.ClaimGone.On(machine, "words", heard.Reception.Words)]));
    }

    /// <summary>Records the fact was done by the caller; here steps move on until nothing moves any more.</summary>
    private static void Advance(Turn turn)
    {
        if (turn.State.IsRefusing)
        {
            if (!ClaimsHeld(turn.State).Any())
                turn.Add(new RunEnded(turn.State.Now, RunOutcome.Refused));
            return;
        }
        JudgeStanding(turn);
        Extend(turn);
        for (var moved = true; moved && !turn.State.IsOver;)
        {
            moved = false;
            for (var i = turn.State.Steps.ByStatus.NextMovable(-1); i >= 0; i = turn.State.Steps.ByStatus.NextMovable(i))
            {
                if (turn.Settled.IsStep(i, turn.State.Now))
                    continue;
                var (events, durable) = (turn.Events.Count, turn.Durable);
                Move(turn, turn.State.Plan.Steps[i], turn.State.Steps[i]);
                moved |= turn.Durable > durable;
                if (turn.Events.Count == events)
                    turn.Settled.Step(turn.State, i);
            }
        }
        if (!turn.State.IsOver && turn.State.Steps.ByStatus.AllDone)
            turn.Add(new RunEnded(turn.State.Now, RunOutcome.Done));
    }

    private static void Move(Turn turn, Step step, StepState s)
    {
        var state = turn.State;
        switch (s.Status)
        {
            case StepStatus.Waiting:
                if (MayBegin(turn, step))
                    turn.Add(new StepReady(state.Now, step.Id));
                break;
            case StepStatus.Checking:
                Check(turn, step, s);
                break;
            case StepStatus.Verifying:
                Verify(turn, step, s);
                break;
        }
    }

    /// <summary>X10: a hold point waits before the first step behind it begins.</summary>
    private static bool MayBegin(Turn turn, Step step)
    {
        var state = turn.State;
        if (!state.Holds.Contains(step.Gate) || step.IsGate)
            return true;
        if (!state.HoldsReached.Contains(step.Gate))
            turn.Add(new HoldReached(state.Now, step.Gate));
        return false;
    }

    private static void Check(Turn turn, Step step, StepState s)
    {
        var state = turn.State;
        if (step.After is { } after)
        {
            // A check has no action: its verification is all there is.
            if (step.Action is null)
            {
                Verify(turn, step, s);
                return;
            }
            var already = after.Judge(state.View(s.LookFrom));
            if (already.Verdict == Verdict.Holds)
            {
                Hold(turn, step, s, after);
                return;
            }
            if (s.HeldSince is not null)
                turn.Add(new Holding(state.Now, step.Id, null));
            if (already.Verdict == Verdict.Unknown && !step.IsManual)
            {
                HaltWhenOver(turn, step, s, already, after);
                return;
            }
        }
        else if (step.Action is null)
        {
            turn.Add(new StepDone(state.Now, step.Id, StepOutcome.Done));
            return;
        }
        var guard = step.Before?.Judge(state.View(s.LookFrom)) ?? Judgement.Holds;
        if (guard.Verdict == Verdict.Holds)
        {
            if (state.MayAct)
                turn.Add(new StepActing(state.Now, step.Id, s.Attempt + 1));
        }
        else if (state.MayAct)
        {
            HaltWhenOver(turn, step, s, guard, step.Before);
        }
    }

    private static void Verify(Turn turn, Step step, StepState s)
    {
        var state = turn.State;
        if (step.After is not { } after)
        {
            turn.Add(new StepDone(state.Now, step.Id, StepOutcome.Done));
            return;
        }
        var judgement = after.Judge(state.View(s.LookFrom));
        if (judgement.Verdict == Verdict.Holds)
        {
            Hold(turn, step, s, after);
            return;
        }
        if (judgement.Findings.All(Progress.Cures))
            Measure(turn, step, s);
        if (s.HeldSince is not null)
            turn.Add(new Holding(state.Now, step.Id, null));
        if (IsDanger(turn, step, after, judgement))
            turn.Add(new StepHalted(state.Now, step.Id, judgement.Findings));
        else if (s.Doubt && judgement.Verdict == Verdict.Fails && s.Attempt < AttemptsMax && state.Now - s.Since > Settle)
            // Looked, and it did not happen: the guard is asked again, and every action says "set to". The journal shows the attempt.
            turn.Add(new StepReady(state.Now, step.Id));
        else
            HaltWhenOver(turn, step, turn.State.Steps[step.Id], judgement, after);
    }

    /// <summary>
    /// A danger is not waited for, but it counts only when a second look says the same: two machines asked a second apart, while
    /// an address moved from one to the other, both say that they have it.
    /// </summary>
    private static bool IsDanger(Turn turn, Step step, Condition after, Judgement judgement)
    {
        var state = turn.State;
        var suspected = state.Suspects.TryGetValue(step.Id, out var since);
        if (judgement.Verdict != Verdict.Fails || judgement.Findings.All(f => f.Severity != Severity.Danger))
        {
            if (suspected)
                turn.Add(new Suspected(state.Now, step.Id, Suspect: false));
            return false;
        }
        if (!suspected)
        {
            turn.Add(new Suspected(state.Now, step.Id, Suspect: true));
            return false;
        }
        var again = after.Judge(state.View(since));
        return again.Verdict == Verdict.Fails && again.Findings.Any(f => f.Severity == Severity.Danger);
    }

    /// <summary>
    /// The verification holds. It must go on holding for the step's window, and the last look must have been asked after the
    /// window's end: an answer from inside the window does not prove its end.
    /// </summary>
    private static void Hold(Turn turn, Step step, StepState s, Condition after)
    {
        var state = turn.State;
        if (step.Hold > TimeSpan.Zero)
        {
            if (s.HeldSince is not { } since)
            {
                turn.Add(new Holding(state.Now, step.Id, state.Now));
                return;
            }
            if (state.Now - since < step.Hold || after.Judge(state.View(since + step.Hold)).Verdict != Verdict.Holds)
                return;
        }
        if (step.TakesPicture)
            turn.Add(new PictureTaken(state.Now, Baseline.Seen(after.Subjects(state.Inventory).Distinct().Select(state.Snapshot.Find).OfType<Observation>())));
        var notes = after.Judge(state.View(s.LookFrom)).Findings;
        turn.Add(new StepDone(state.Now, step.Id, s.Acted || step.Action is null ? StepOutcome.Done : StepOutcome.FoundSo, Notes: notes.IsEmpty ? null : notes));
    }

    /// <summary>The last moment at which a step may still be looked at without an end. A check has no action, and one budget.</summary>
    internal static Moment BudgetEnd(Step step, StepState s)
    {
        var from = s.ProgressAt is { } progress && progress > s.Since ? progress : s.Since;
        return from + (s.Status == StepStatus.Checking && step.Action is not null ? step.CheckBudget : step.Budget);
    }

    /// <summary>
    /// The same for what cannot be told. A machine that answers slowly is waited for as long as its answers count, or a budget
    /// would end before the second look. One that does not answer at all adds nothing.
    /// </summary>
    internal static Moment UnknownEnd(RunState state, Step step, StepState s)
    {
        var slowest = TimeSpan.Zero;
        var (before, after) = step.Subjects(state.Inventory);
        foreach (var subject in s.Status == StepStatus.Checking ? [.. before, .. after] : after)
        {
            if (state.Snapshot.Find(subject) is { Silent: false } seen && seen.AnsweredAt - seen.AskedAt is var took && took > slowest)
                slowest = took;
        }
        return BudgetEnd(step, s) + View.ForSlow(slowest);
    }

    /// <summary>
    /// What fails when its time is over halts with a look that was asked since. Slow machines may have kept it open until then, and the
    /// first whole picture may show what is there for a moment: a connection of the monitoring, a program that ends.
    /// </summary>
    private static void HaltWhenOver(Turn turn, Step step, StepState s, Judgement judgement, Condition? judged)
    {
        var (state, end) = (turn.State, BudgetEnd(step, s));
        var isOver = judgement.Verdict == Verdict.Unknown
            ? state.Now > UnknownEnd(state, step, s)
            : state.Now > end && judged?.Judge(state.View(end)).Verdict == Verdict.Fails;
        if (isOver)
            turn.Add(new StepHalted(state.Now, step.Id, judgement.Findings));
    }

    private static void Measure(Turn turn, Step step, StepState s)
    {
        if (step.Progress is not { } subject || turn.State.Snapshot.Find(subject)?.Facts is not { } facts || Progress.Mark(facts) is not { } mark)
            return;
        if (s.ProgressMark is null || mark > s.ProgressMark)
            turn.Add(new Progressed(turn.State.Now, step.Id, mark));
    }

    /// <summary>
    /// Standing conditions of the plan and invariants. The first sight of a break is a suspicion; it counts when a question
    /// asked after it says the same.
    /// </summary>
    private static void JudgeStanding(Turn turn)
    {
        var watched = Watch.Conditions(turn.State);
        for (var i = 0; i < watched.Length; i++)
        {
            var (state, (id, condition, _)) = (turn.State, watched[i]);
            if (turn.Settled.IsWatched(i, state.Now) || state.Broken.ContainsKey(id) || state.AcceptedStandings.Contains(id))
                continue;
            var events = turn.Events.Count;
            var suspected = state.Suspects.TryGetValue(id, out var since);
            var judgement = condition.Judge(state.View(suspected ? since : state.LastAction));
            if (judgement.Verdict == Verdict.Fails)
                turn.Add(suspected ? new StandingBroken(state.Now, id, judgement.Findings) : new Suspected(state.Now, id, Suspect: true));
            else if (judgement.Verdict == Verdict.Holds && suspected)
                turn.Add(new Suspected(state.Now, id, Suspect: false));
            if (turn.Events.Count == events)
                turn.Settled.Watched(turn.State, i);
        }
    }

    /// <summary>F2, B2: the run takes longer than its downtimes. A halt is when that happens, so it goes on while halted.</summary>
    private static void Extend(Turn turn)
    {
        var state = turn.State;
        foreach (var (step, _, due) in Leases.Downtimes(state))
        {
            var extension = state.Extensions.GetValueOrDefault(step);
            if (due <= state.Now && extension?.Wanted is null)
                turn.Add(new DowntimeExtending(state.Now, step, state.Now.Utc + state.Inventory.Budgets.Downtime, (extension?.Attempt ?? 0) + 1));
        }
    }

    private static void Answer(Turn turn, Decided decided)
    {
        var state = turn.State;
        if (!Answers.For(state, decided.Step).Contains(decided.Answer))
            return;
        if (decided.About.Length > 0 && decided.About != Answers.About(state, decided.Step))
            return;
        if (Answers.NeedsReason(decided.Answer) && string.IsNullOrWhiteSpace(decided.Reason))
            return;
        turn.Add(new Decision(decided.At, decided.Step, decided.Answer, decided.Who, decided.Reason) { Confirmed = decided.Confirmed });
        switch (decided.Answer)
        {
            case Running.Answer.Confirm:
                turn.Add(new StepHeard(decided.At, decided.Step, state.Steps[decided.Step].Attempt, Reception.Accepted));
                break;
            case Running.Answer.Retry when state.Broken.ContainsKey(decided.Step):
                turn.Add(new StandingMended(decided.At, decided.Step));
                break;
            case Running.Answer.Retry:
                turn.Add(new StepReady(decided.At, decided.Step));
                break;
            case Running.Answer.Accept when state.Broken.ContainsKey(decided.Step):
                turn.Add(new StandingAccepted(decided.At, decided.Step, decided.Who, decided.Reason));
                break;
            case Running.Answer.Accept:
                turn.Add(new StepDone(decided.At, decided.Step, StepOutcome.Accepted, decided.Who, decided.Reason));
                break;
            case Running.Answer.Mend:
                turn.Add(new MendAsked(decided.At, decided.Step, state.Mends + 1, Mends.For(state, decided.Step)));
                break;
            case Running.Answer.Force:
                turn.Add(new StepActing(decided.At, decided.Step, state.Steps[decided.Step].Attempt + 1, Hard: true));
                break;
            case Running.Answer.Continue:
                turn.Add(new HoldReleased(decided.At, state.HoldsReached.First(g => Gates.Id(g) == decided.Step)));
                break;
            case Running.Answer.Abort:
                turn.Add(new RunEnded(decided.At, RunOutcome.Aborted));
                break;
            default:
                throw new UnreachableException();
        }
    }
}
