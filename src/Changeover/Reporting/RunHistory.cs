using Changeover.Findings;
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

/// <param name="What">The step or condition, in words.</param>
public sealed record HaltHistory(DateTimeOffset At, string What, ImmutableArray<Finding> Findings);

/// <summary>A person's word, or a deviation a person signed.</summary>
public sealed record DecisionHistory(DateTimeOffset At, string Who, Answer Answer, string What, string Reason);

/// <summary>A run as its journal tells it, for reports: nothing in it is looked up anywhere else.</summary>
public sealed record RunHistory(
    RunState State, ImmutableArray<StepHistory> Steps, ImmutableArray<HaltHistory> Halts, ImmutableArray<DecisionHistory> Decisions,
    ImmutableArray<DateTimeOffset> Resumed, TimeSpan? Interruption)
{
    public DateTimeOffset Until => State.EndedAt ?? State.Now.Utc;

    public TimeSpan Took => Until - State.StartedAt;

    /// <summary>Null: the plan does not ask; false: it differs, or it was not looked at.</summary>
    public bool? AsFound => Steps.Where(s => s.Step.After is AsFound).Select(s => (bool?)(s is { Status: StepStatus.Done, Outcome: StepOutcome.Done or StepOutcome.FoundSo })).FirstOrDefault();

    /// <summary>What a person signed instead of the cluster showing it.</summary>
    public IEnumerable<StepHistory> Deviations => Steps.Where(s => s is { Status: StepStatus.Done, Outcome: StepOutcome.Accepted or StepOutcome.Excluded });

    public static RunHistory Of(IEnumerable<RunEvent> events)
    {
        RunState? state = null;
        var halts = ImmutableArray.CreateBuilder<HaltHistory>();
        var decisions = ImmutableArray.CreateBuilder<DecisionHistory>();
        var resumed = ImmutableArray.CreateBuilder<DateTimeOffset>();
        foreach (var e in events)
        {
            state = Engine.Evolve(state, e);
            switch (e)
            {
                case StepHalted h:
                    halts.Add(new(e.At.Utc, What(state, h.Step), h.Findings));
                    break;
                case StandingBroken b:
                    halts.Add(new(e.At.Utc, What(state, b.Standing), b.Findings));
                    break;
                case Decision d:
                    decisions.Add(new(e.At.Utc, d.Who, d.Answer, What(state, d.Step), d.Reason));
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
            halts.ToImmutable(), decisions.ToImmutable(), resumed.ToImmutable(), RunView.Of(state).Interruption);
    }

    private static string What(RunState state, string id) => state.Plan.Index.ContainsKey(id) ? state.Plan.Step(id).Title.ToString() : id;
}
