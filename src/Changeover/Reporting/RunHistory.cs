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
/// <param name="Word">The answer; or <c>pause</c> or <c>stop</c>, which answer nothing.</param>
/// <param name="Id">Of the step or condition; of a pause the gate; empty: of a stop.</param>
/// <param name="Confirmed">Where it needed a second person; null: it did not.</param>
public sealed record DecisionHistory(DateTimeOffset At, string Who, string Word, string Id, string Reason, Confirmation? Confirmed = null);

/// <summary>A run as its journal tells it, for reports: nothing in it is looked up anywhere else.</summary>
public sealed record RunHistory(
    RunState State, ImmutableArray<StepHistory> Steps, ImmutableArray<HaltHistory> Halts, ImmutableArray<DecisionHistory> Decisions,
    ImmutableArray<DateTimeOffset> Resumed, TimeSpan? Interruption, ImmutableArray<ExchangeHistory> Exchanges)
{
    /// <summary>What a probe outside saw meanwhile; empty: none was given.</summary>
    public ImmutableArray<Measured> Measured { get; init; } = [];

    public DateTimeOffset Until => State.EndedAt ?? State.Now.Utc;

    public TimeSpan Took => Until - State.StartedAt;

    /// <summary>Null: the plan does not ask; false: it differs, or it was not looked at.</summary>
    public bool? AsFound => Steps.Where(s => s.Step.After is AsFound).Select(s => (bool?)(s is { Status: StepStatus.Done, Outcome: StepOutcome.Done or StepOutcome.FoundSo })).FirstOrDefault();

    /// <summary>What a person signed instead of the cluster showing it.</summary>
    public IEnumerable<StepHistory> Deviations => Steps.Where(s => s is { Status: StepStatus.Done, Outcome: StepOutcome.Accepted });

    public static RunHistory Of(IEnumerable<RunEvent> events)
    {
        RunState? state = null;
        var halts = ImmutableArray.CreateBuilder<HaltHistory>();
        var decisions = ImmutableArray.CreateBuilder<DecisionHistory>();
        var resumed = ImmutableArray.CreateBuilder<DateTimeOffset>();
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
                case StopAsked { Who.Length: > 0 } s:
                    decisions.Add(new(e.At.Utc, s.Who, "stop", "", ""));
                    break;
                case RunResumed:
                    resumed.Add(e.At.Utc);
                    break;
            }
        }
        if (state is null)
            throw new InvalidOperationException("a run without events");
        return new(
            state,
            [.. state.Plan.Steps.Where(s => !s.IsGate).Select(s => state.Steps[s.Id] is var own ? new StepHistory(s, own.Status, own.Outcome, own.StartedAt, own.EndedAt, own.Attempt) : null!)],
            halts.ToImmutable(), decisions.ToImmutable(), resumed.ToImmutable(), RunView.Of(state).Interruption, [.. exchanges.Select(x => x.Exchange)]);
    }

    /// <summary>A step or condition, in words.</summary>
    public string What(string id, Language language) => State.Plan.Index.ContainsKey(id) ? State.Plan.Step(id).Title.In(language) : id;
}
