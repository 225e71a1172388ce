using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>What a state leads to without any further input.</summary>
/// <param name="Effects">What should be in flight now.</param>
/// <param name="Wake">The next moment at which something becomes due by time alone; null: only an input moves this run.</param>
/// <param name="SettledUntil">The last moment until which time alone changes no judgement: after it, something seen is too old.</param>
public sealed record Outlook(ImmutableArray<Effect> Effects, Moment? Wake, Moment? SettledUntil);

public static partial class Engine
{
    /// <summary>
    /// What should be in flight now. Questions are grouped by target: one exchange answers for many subjects. What costs the machine
    /// much has an exchange of its own, so that nobody waits for it with a quick question.
    /// </summary>
    public static ImmutableArray<Effect> Pending(RunState state) => Outlook(state).Effects;

    /// <inheritdoc cref="Running.Outlook.Wake"/>
    public static Moment? NextWake(RunState state) => Outlook(state).Wake;

    public static Outlook Outlook(RunState state)
    {
        if (state.IsOver)
            return new([], null, null);
        var questions = new Questions(state);
        foreach (var i in state.Steps.ByStatus.Looking)
        {
            var s = state.Steps[i];
            var step = state.Plan.Steps[i];
            var from = s.HeldSince is { } held && state.Now - held >= step.Hold ? held + step.Hold : s.LookFrom;
            var (before, after) = step.Subjects(state.Inventory);
            questions.Put(after, from, null);
            // The guard is asked only when the step would act: a verification that already holds needs none.
            if (s.Status == StepStatus.Checking)
                questions.Put(before, from, null);
            Consider(step, s);
        }
        foreach (var watched in Watch.Conditions(state))
        {
            if (watched.Condition is TimeLeft time && !state.AcceptedStandings.Contains(watched.Id))
                questions.Consider(state.Now + (time.Until - state.Now.Utc) + TimeSpan.FromMilliseconds(1));
            questions.Put(watched.Subjects, state.Suspects.TryGetValue(watched.Id, out var since) ? since : new Moment(TimeSpan.MinValue, default), WatchInterval);
        }
        foreach (var lease in Leases.Downtimes(state))
            questions.Consider(lease.Due);
        return new([.. state.IsRefusing ? GiveBack(state) : Deeds(state).Concat(questions.Asks())], questions.Wake, questions.SettledUntil);

        void Consider(Step step, StepState s)
        {
            questions.Consider(BudgetEnd(step, s) + TimeSpan.FromMilliseconds(1));
            questions.Consider(UnknownEnd(state, step, s) + TimeSpan.FromMilliseconds(1));
            if (s.Doubt)
                questions.Consider(s.Since + Settle + TimeSpan.FromMilliseconds(1));
            if (s.HeldSince is { } held)
                questions.Consider(held + step.Hold);
            if (step.After is TimeReached time)
                questions.Consider(state.Now + (time.At - state.Now.Utc));
        }
    }

    private static IEnumerable<Effect> GiveBack(RunState state) =>
        ClaimsHeld(state).Select(m => new Effect.Perform(GiveBackPrefix + m, 1, new ReleaseClaim(m)));

    /// <summary>The controller may have died before its request to take a claim over arrived.</summary>
    private static ImmutableArray<string>? TakenFrom(RunState state, string machine) =>
        state.Plan.Steps.Select(s => s.Action).OfType<TakeClaim>().FirstOrDefault(c => c.Machine == machine)?.From;

    private static IEnumerable<Effect> Deeds(RunState state)
    {
        foreach (var machine in state.Renewing.Where(m => !state.Broken.ContainsKey(RenewPrefix + m)))
            yield return new Effect.Perform(RenewPrefix + machine, state.Epoch, new TakeClaim(machine, TakenFrom(state, machine)));
        foreach (var i in state.Steps.ByStatus.Acting)
        {
            var s = state.Steps[i];
            var step = state.Plan.Steps[i];
            if (step.Action is Instruct instruct)
                yield return new Effect.Instruct(step.Id, instruct);
            // A person's word to pull the plug can come before the claims are taken again: another controller may hold the cluster by now.
            else if (state.Renewing.IsEmpty)
                yield return new Effect.Perform(step.Id, s.Attempt, step.Action switch
                {
                    SetPower power when s.Hard => power with { Hard = true },
                    SetDowntime set => Leases.FromNow(set, state),
                    _ => step.Action!,
                });
        }
        foreach (var part in Mends.Pending(state))
            yield return part;
        foreach (var (step, set, _) in Leases.Downtimes(state))
        {
            if (state.Extensions.GetValueOrDefault(step) is { Wanted: { } until, Attempt: var attempt })
                yield return new Effect.Perform(Leases.ExtendPrefix + step, attempt, set with { Until = until });
        }
    }

    /// <summary>Every subject that something waits for, and when it should be asked (again). There are hundreds: only what is due is kept.</summary>
    private sealed class Questions(RunState state)
    {
        private readonly List<(string Target, bool Costly, HashSet<Subject> Subjects)> due = [];

        public Moment? Wake { get; private set; }

        public Moment? SettledUntil { get; private set; }

        /// <param name="interval">Null: by the kind of subject.</param>
        public void Put(ImmutableArray<Subject> subjects, Moment from, TimeSpan? interval)
        {
            foreach (var subject in subjects)
            {
                if (state.Snapshot.Find(subject) is not { } seen)
                {
                    Ask(subject);
                    continue;
                }
                if (View.FreshUntil(seen) is var until && until >= state.Now && (SettledUntil is not { } settled || until < settled))
                    SettledUntil = until;
                var rest = seen.Silent ? TimeSpan.Zero : (seen.AnsweredAt - seen.AskedAt) * Rest;
                var at = seen.AskedAt + Longer(interval ?? Interval(subject.Kind), rest);
                if (seen.AskedAt < from || at <= state.Now)
                    Ask(subject);
                else
                    Consider(at);
            }
        }

        public void Consider(Moment at)
        {
            if (at > state.Now && (Wake is not { } wake || at < wake))
                Wake = at;
        }

        /// <summary>In the order in which the questions came up.</summary>
        public IEnumerable<Effect> Asks() => due.Select(d => new Effect.Ask(d.Target, d.Costly, [.. d.Subjects.Order()]));

        private void Ask(Subject subject)
        {
            var (target, costly) = (subject.Target, Interval(subject.Kind) > Usual);
            foreach (var group in due)
            {
                if (group.Target != target || group.Costly != costly)
                    continue;
                group.Subjects.Add(subject);
                return;
            }
            due.Add((target, costly, [subject]));
        }
    }

    /// <summary>A machine that needs a second for an answer is asked every third: looking must not be what keeps it busy.</summary>
    private const int Rest = 3;

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);

    /// <summary>How often a question is put again while something waits for it. What costs the machine much is asked less.</summary>
    private static TimeSpan Interval(SubjectKind kind) => kind switch
    {
        SubjectKind.Forecast or SubjectKind.JoinForecast => TimeSpan.FromSeconds(30),
        SubjectKind.PacemakerSetup or SubjectKind.Boot => TimeSpan.FromSeconds(20),
        SubjectKind.Downtimes or SubjectKind.Client => TimeSpan.FromSeconds(3),
        _ => Usual,
    };
}
