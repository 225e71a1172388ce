using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>
/// What need not be judged again: the steps and the watched conditions of which nothing came when they were judged last, each
/// until the moment at which time alone could change that. An answer concerns a few steps of a hundred; the others are left alone.
/// Only for speed: a turn without it judges everything and comes to the same events.
/// </summary>
internal sealed class Settled
{
    private readonly TimeSpan[] steps;
    private TimeSpan[] watched;

    private Settled(TimeSpan[] steps, TimeSpan[] watched) => (this.steps, this.watched) = (steps, watched);

    /// <summary>What stays settled although this has been seen.</summary>
    public static Settled Before(RunState state, ImmutableArray<Observation> seen)
    {
        if (state.Settled is not { } kept)
            return new(Nothing(state.Steps.Values.Length), []);
        var settled = new Settled([.. kept.steps], [.. kept.watched]);
        var asking = state.Plan.Asking(state.Inventory);
        var conditions = Watch.Conditions(state);
        foreach (var observation in seen)
        {
            foreach (var place in asking[observation.Subject])
                settled.steps[place] = TimeSpan.MinValue;
            for (var i = 0; i < settled.watched.Length; i++)
            {
                if (conditions[i].Subjects.Contains(observation.Subject))
                    settled.watched[i] = TimeSpan.MinValue;
            }
        }
        return settled;
    }

    /// <summary>Something durable happened.</summary>
    public void Follow(RunState before, RunState after)
    {
        watched = [];
        // What a step is judged on besides itself and what is seen.
        var same = before.MayAct == after.MayAct
            && ReferenceEquals(before.Baseline, after.Baseline)
            && ReferenceEquals(before.Holds, after.Holds)
            && before.HoldsReached == after.HoldsReached;
        for (var i = 0; i < steps.Length; i++)
        {
            if (!same || !ReferenceEquals(before.Steps[i], after.Steps[i]))
                steps[i] = TimeSpan.MinValue;
        }
    }

    public bool IsStep(int place, Moment now) => now.Elapsed <= steps[place];

    public bool IsWatched(int place, Moment now) => place < watched.Length && now.Elapsed <= watched[place];

    /// <summary>Nothing came of this step.</summary>
    public void Step(RunState state, int place)
    {
        var (step, s) = (state.Plan.Steps[place], state.Steps[place]);
        if (s.Status == StepStatus.Waiting)
        {
            // It waits for a hold to be released.
            steps[place] = TimeSpan.MaxValue;
            return;
        }
        if (step.ReadsClock)
            return;
        var (before, after) = step.Subjects(state.Inventory);
        var until = Earlier(Fresh(state, after), Engine.BudgetEnd(step, s).Elapsed, state.Now);
        until = Earlier(until, Engine.UnknownEnd(state, step, s).Elapsed, state.Now);
        if (s.Status == StepStatus.Checking)
            until = Earlier(until, Fresh(state, before), state.Now);
        if (s.Doubt)
            until = Earlier(until, (s.Since + Engine.Settle).Elapsed, state.Now);
        if (s.HeldSince is { } held)
            until = Earlier(until, (held + step.Hold).Elapsed - TimeSpan.FromTicks(1), state.Now);
        steps[place] = until;
    }

    /// <summary>Nothing came of this watched condition.</summary>
    public void Watched(RunState state, int place)
    {
        var conditions = Watch.Conditions(state);
        if (watched.Length != conditions.Length)
            watched = Nothing(conditions.Length);
        if (!conditions[place].Condition.ReadsClock)
            watched[place] = Fresh(state, conditions[place].Subjects);
    }

    /// <summary>Until when everything that is fresh now stays so.</summary>
    private static TimeSpan Fresh(RunState state, ImmutableArray<Subject> subjects)
    {
        var until = TimeSpan.MaxValue;
        foreach (var subject in subjects)
        {
            if (state.Snapshot.Find(subject) is { } seen)
                until = Earlier(until, View.FreshUntil(seen).Elapsed, state.Now);
        }
        return until;
    }

    /// <summary>The earlier of the two; what is past changes nothing any more.</summary>
    private static TimeSpan Earlier(TimeSpan until, TimeSpan other, Moment now) => other >= now.Elapsed && other < until ? other : until;

    private static TimeSpan[] Nothing(int count)
    {
        var nothing = new TimeSpan[count];
        Array.Fill(nothing, TimeSpan.MinValue);
        return nothing;
    }
}
