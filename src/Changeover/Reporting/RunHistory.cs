using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;

namespace Changeover.Reporting;

/// <summary>One step as it went.</summary>
/// <param name="Attempts">How often its request was sent.</param>
public sealed record StepHistory(Step Step, StepStatus Status, StepOutcome Outcome, DateTimeOffset? From, DateTimeOffset? Until, int Attempts)
{
    /// <summary>What its verification had to say although it holds; of an accepted one, why it would have halted.</summary>
    public ImmutableArray<Finding> Notes { get; init; } = [];

    /// <summary>Who accepted it, and why; empty: nobody had to.</summary>
    public string Who { get; init; } = "";

    public string Reason { get; init; } = "";

    public TimeSpan? Took => From is { } from && Until is { } until ? until - from : null;
}

/// <summary>One request of a step and what came back, as the journal has it.</summary>
/// <param name="Word"><c>act</c>; <c>mend</c> by a person's word; <c>extend</c> a downtime because the run takes longer.</param>
/// <param name="Number">Attempt of the step, or number of the mend.</param>
/// <param name="At">When it was about to be sent.</param>
/// <param name="Sent">Line by line; empty: the runner ended before its answer, or the journal is from before this was recorded.</param>
/// <param name="HeardAt">Null: nothing came back, so far or at all.</param>
public sealed record ExchangeHistory(string Step, string Word, int Number, DateTimeOffset At, ImmutableArray<string> Sent, DateTimeOffset? HeardAt, Reception? Heard);

/// <param name="Id">Of the step or condition; see <see cref="RunHistory.What"/>.</param>
public sealed record HaltHistory(DateTimeOffset At, string Id, ImmutableArray<Finding> Findings);

/// <summary>A person's word, or a deviation a person signed.</summary>
/// <param name="Who">Empty: from before this was recorded.</param>
/// <param name="Word">The answer; or <c>start</c>, <c>resume</c>, <c>pause</c>, <c>stop</c>, which answer nothing.</param>
/// <param name="Id">Of the step or condition; of a pause the gate; of a resume the controller that goes on; empty: the whole run.</param>
/// <param name="Confirmed">Where it needed a second person; null: it did not.</param>
public sealed record DecisionHistory(DateTimeOffset At, string Who, string Word, string Id, string Reason, Confirmation? Confirmed = null);

/// <summary>A gate before which the run waited for a person's word.</summary>
/// <param name="Released">Null: it still waits, or ended there.</param>
public sealed record HoldHistory(string Gate, DateTimeOffset Reached, DateTimeOffset? Released);

/// <summary>Whether the cluster ended as it was found.</summary>
public enum AsFoundVerdict
{
    /// <summary>It was asked for, and not everything could be seen; or the run has not come to it.</summary>
    Unknown,

    /// <summary>The plan does not compare: a failback does, at its end.</summary>
    NotCompared,

    /// <summary>Something is otherwise than it was.</summary>
    Differs,

    /// <summary>Nothing differs.</summary>
    Same,
}

/// <param name="Findings">What differs, or could not be seen.</param>
/// <param name="Signed">The step, where a person accepted that; null: nobody did.</param>
/// <param name="Except">Machines that were left out and therefore not compared.</param>
public sealed record AsFoundHistory(AsFoundVerdict Verdict, ImmutableArray<Finding> Findings, StepHistory? Signed, ImmutableArray<string> Except);

/// <summary>A run as its journal tells it, for reports: nothing in it is looked up anywhere else.</summary>
public sealed record RunHistory(
    RunState State, ImmutableArray<StepHistory> Steps, ImmutableArray<HaltHistory> Halts, ImmutableArray<DecisionHistory> Decisions,
    TimeSpan? Interruption, ImmutableArray<ExchangeHistory> Exchanges)
{
    /// <summary>Who started it; empty: from before this was recorded.</summary>
    public string Who { get; init; } = "";

    /// <summary>Who approved the plan, where that was somebody else; empty otherwise.</summary>
    public string ApprovedBy { get; init; } = "";

    public ImmutableArray<HoldHistory> Holds { get; init; } = [];

    /// <summary>It goes on: not all of what was stopped was seen to serve again.</summary>
    public bool Interrupted { get; init; }

    public ImmutableArray<FunctionInterruption> Interruptions { get; init; } = [];

    /// <summary>What a probe outside saw meanwhile; empty: none was given.</summary>
    public ImmutableArray<Measured> Measured { get; init; } = [];

    public DateTimeOffset Until => State.EndedAt ?? State.Now.Utc;

    public TimeSpan Took => Until - State.StartedAt;

    public AsFoundHistory AsFound => Steps.FirstOrDefault(s => s.Step.After is AsFound) is { Step.After: AsFound compared } step
        ? new(
            step is { Status: StepStatus.Done, Outcome: not StepOutcome.Accepted } ? AsFoundVerdict.Same
                : step.Notes.Any(f => f.Code == WritingFindings.AsFound) ? AsFoundVerdict.Differs : AsFoundVerdict.Unknown,
            step.Notes, step.Outcome == StepOutcome.Accepted ? step : null, compared.Except ?? [])
        : new(AsFoundVerdict.NotCompared, [], null, []);

    /// <summary>What a person signed instead of the cluster showing it.</summary>
    public IEnumerable<StepHistory> Deviations => Steps.Where(s => s is { Status: StepStatus.Done, Outcome: StepOutcome.Accepted });

    public static RunHistory Of(IEnumerable<RunEvent> events)
    {
        RunState? state = null;
        var halts = ImmutableArray.CreateBuilder<HaltHistory>();
        var decisions = ImmutableArray.CreateBuilder<DecisionHistory>();
        var holds = new List<HoldHistory>();
        var signed = new Dictionary<string, StepDone>(StringComparer.Ordinal);
        var (who, approvedBy) = ("", "");
        // In the order they were begun; the second of each is its place in a mend.
        var exchanges = new List<(int Part, ExchangeHistory Exchange)>();
        void Begin(RunEvent e, string step, string word, int number, int part = 0) => exchanges.Add((part, new(step, word, number, e.At.Utc, [], null, null)));
        void Hear(RunEvent e, string step, string word, int number, ImmutableArray<string>? sent, Reception heard, int part = 0)
        {
            // A person's confirmation has no request.
            if (exchanges.FindLastIndex(x => x.Part == part && x.Exchange is { HeardAt: null } own && (own.Step, own.Word, own.Number) == (step, word, number)) is >= 0 and var i)
                exchanges[i] = (part, exchanges[i].Exchange with { Sent = sent ?? [], HeardAt = e.At.Utc, Heard = heard });
        }
        foreach (var e in events)
        {
            state = Engine.Evolve(state, e);
            switch (e)
            {
                case StepActing a when !state.Plan.Step(a.Step).IsManual:
                    Begin(e, a.Step, "act", a.Attempt);
                    break;
                case StepHeard h:
                    Hear(e, h.Step, "act", h.Attempt, h.Sent, h.Reception);
                    break;
                case MendAsked m:
                    foreach (var part in Enumerable.Range(0, m.Actions.Length))
                        Begin(e, m.Step, "mend", m.Number, part);
                    break;
                case MendHeard m:
                    Hear(e, m.Step, "mend", m.Number, m.Sent, m.Reception, m.Part);
                    break;
                case DowntimeExtending x:
                    Begin(e, x.Step, "extend", x.Attempt);
                    break;
                case DowntimeExtended x:
                    Hear(e, x.Step, "extend", x.Attempt, x.Sent, x.Reception);
                    break;
                case StepHalted h:
                    halts.Add(new(e.At.Utc, h.Step, h.Findings));
                    break;
                case StandingBroken b:
                    halts.Add(new(e.At.Utc, b.Standing, b.Findings));
                    break;
                case Decision d:
                    decisions.Add(new(e.At.Utc, d.Who, Deciding.Word(d.Answer), d.Step, d.Reason, d.Confirmed));
                    break;
                case PauseAsked p:
                    decisions.Add(new(e.At.Utc, p.Who, "pause", p.Gate, p.Reason));
                    break;
                case RunStarted s:
                    (who, approvedBy) = (s.Who, s.ApprovedBy);
                    decisions.Add(new(e.At.Utc, s.Who, "start", "", ""));
                    break;
                case RunResumed r:
                    decisions.Add(new(e.At.Utc, r.Who, "resume", r.Controller, ""));
                    break;
                case StopAsked s:
                    decisions.Add(new(e.At.Utc, s.Who, "stop", "", ""));
                    break;
                case HoldReached h:
                    holds.Add(new(h.Gate, e.At.Utc, null));
                    break;
                case HoldReleased h when holds.FindLastIndex(own => own.Gate == h.Gate && own.Released is null) is >= 0 and var i:
                    holds[i] = holds[i] with { Released = e.At.Utc };
                    break;
                case StepDone { Outcome: StepOutcome.Accepted } d:
                    signed[d.Step] = d;
                    break;
            }
        }
        if (state is null)
            throw new InvalidOperationException("a run without events");
        var view = RunView.Of(state);
        return new(
            state, [.. state.Plan.Steps.Where(s => !s.IsGate).Select(s => Step(state, s, signed.GetValueOrDefault(s.Id)))],
            halts.ToImmutable(), decisions.ToImmutable(), view.Interruption, [.. exchanges.Select(x => x.Exchange)])
        {
            Who = who,
            ApprovedBy = approvedBy,
            Holds = [.. holds],
            Interrupted = view.Interrupted,
            Interruptions = FunctionInterruption.Of(state),
        };
    }

    private static StepHistory Step(RunState state, Step step, StepDone? signed)
    {
        var own = state.Steps[step.Id];
        return new(step, own.Status, own.Outcome, own.StartedAt, own.EndedAt, own.Attempt)
        {
            Notes = own.Findings.IsDefault || own.Status is not (StepStatus.Done or StepStatus.Halted) ? [] : own.Findings,
            Who = signed?.Who ?? "",
            Reason = signed?.Reason ?? "",
        };
    }

    /// <summary>A step or condition, in words.</summary>
    public string What(string id, Language language) => State.Plan.Index.ContainsKey(id) ? State.Plan.Step(id).Title.In(language) : id;
}
