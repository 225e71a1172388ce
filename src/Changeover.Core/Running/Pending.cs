using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Running;

public static partial class Engine
{
    /// <summary>What should be in flight now. Questions are grouped by target: one exchange answers for many subjects.</summary>
    public static IEnumerable<Effect> Pending(RunState state)
    {
        if (state.IsOver)
            yield break;
        if (state.IsRefusing)
        {
            foreach (var machine in ClaimsHeld(state))
                yield return new Effect.Perform(GiveBackPrefix + machine, 1, new ReleaseClaim(machine));
            yield break;
        }
        foreach (var machine in state.Renewing.Where(m => !state.Broken.ContainsKey(RenewPrefix + m)))
            yield return new Effect.Perform(RenewPrefix + machine, state.Epoch, new TakeClaim(machine));
        for (var i = 0; i < state.Plan.Steps.Length; i++)
        {
            var s = state.Steps[i];
            if (s.Status != StepStatus.Acting)
                continue;
            var step = state.Plan.Steps[i];
            if (step.Action is Instruct instruct)
                yield return new Effect.Instruct(step.Id, instruct);
            else
                yield return new Effect.Perform(step.Id, s.Attempt, step.Action switch
                {
                    SetPower power when s.Hard => power with { Hard = true },
                    SetDowntime set => Leases.FromNow(set, state),
                    _ => step.Action!,
                });
        }
        foreach (var (step, set, _) in Leases.Downtimes(state))
        {
            if (state.Extensions.GetValueOrDefault(step) is { Wanted: { } until, Attempt: var attempt })
                yield return new Effect.Perform(Leases.ExtendPrefix + step, attempt, set with { Until = until });
        }
        foreach (var group in Questions(state).Where(q => q.Due <= state.Now).GroupBy(q => q.Subject.Target))
            yield return new Effect.Ask(group.Key, [.. group.Select(q => q.Subject).Distinct().Order()]);
    }

    /// <summary>The next moment at which something becomes due by time alone; null: only an input moves this run.</summary>
    public static Moment? NextWake(RunState state)
    {
        if (state.IsOver)
            return null;
        Moment? next = null;
        foreach (var question in Questions(state))
            Consider(question.Due);
        foreach (var lease in Leases.Downtimes(state))
            Consider(lease.Due);
        for (var i = 0; i < state.Plan.Steps.Length; i++)
        {
            var s = state.Steps[i];
            if (s.Status is not (StepStatus.Checking or StepStatus.Verifying))
                continue;
            var step = state.Plan.Steps[i];
            var from = s.ProgressAt is { } progress && progress > s.Since ? progress : s.Since;
            Consider(from + (s.Status == StepStatus.Checking && step.Action is not null ? step.CheckBudget : step.Budget) + TimeSpan.FromMilliseconds(1));
            if (s.Doubt)
                Consider(s.Since + Settle + TimeSpan.FromMilliseconds(1));
            if (s.HeldSince is { } held)
                Consider(held + step.Hold);
        }
        return next;

        void Consider(Moment at)
        {
            if (at > state.Now && (next is null || at < next))
                next = at;
        }
    }

    /// <summary>Every subject that something waits for, and when it should be asked (again).</summary>
    private static IEnumerable<(Subject Subject, Moment Due)> Questions(RunState state)
    {
        for (var i = 0; i < state.Plan.Steps.Length; i++)
        {
            var s = state.Steps[i];
            if (s.Status is not (StepStatus.Checking or StepStatus.Verifying))
                continue;
            var step = state.Plan.Steps[i];
            var from = s.HeldSince is { } held && state.Now - held >= step.Hold ? held + step.Hold : s.LookFrom;
            var (before, after) = step.Subjects(state.Inventory);
            foreach (var subject in after)
                yield return (subject, Due(state, subject, from, Interval(subject.Kind)));
            // The guard is asked only when the step would act: a verification that already holds needs none.
            if (s.Status != StepStatus.Checking)
                continue;
            foreach (var subject in before)
                yield return (subject, Due(state, subject, from, Interval(subject.Kind)));
        }
        foreach (var (id, condition) in Watch.Conditions(state))
        {
            var suspected = state.Suspects.TryGetValue(id, out var since);
            foreach (var subject in condition.Subjects(state.Inventory))
                yield return (subject, Due(state, subject, suspected ? since : new Moment(TimeSpan.MinValue, default), WatchInterval));
        }
    }

    private static Moment Due(RunState state, Subject subject, Moment from, TimeSpan interval) =>
        state.Snapshot.Find(subject) is not { } seen || seen.AskedAt < from ? state.Now : seen.AskedAt + interval;

    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(5);

    /// <summary>How often a question is put again while something waits for it. What costs the machine much is asked less.</summary>
    private static TimeSpan Interval(SubjectKind kind) => kind switch
    {
        SubjectKind.Forecast => TimeSpan.FromSeconds(30),
        SubjectKind.PacemakerSetup or SubjectKind.Boot => TimeSpan.FromSeconds(20),
        SubjectKind.Downtimes or SubjectKind.Client => TimeSpan.FromSeconds(3),
        _ => TimeSpan.FromSeconds(1),
    };
}
