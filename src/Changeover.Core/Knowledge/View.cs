using Changeover.Findings;
using Changeover.Inventory;

namespace Changeover.Knowledge;

/// <summary>
/// What a condition is judged on: what is known, of which inventory, and from when on an answer counts. Freshness is judged
/// here, so that no condition can forget it.
/// </summary>
/// <param name="NotBefore">Answers to questions asked before this moment say nothing here: something changed since.</param>
/// <param name="AnyAge">True: a picture that was just taken, one question a subject, is judged as it is; never for an action.</param>
/// <param name="Run">Id of the run that asks; empty outside a run.</param>
/// <param name="Baseline">The picture as found; null where a condition needs none.</param>
public sealed record View(ClusterInventory Inventory, Snapshot Snapshot, Moment Now, Moment NotBefore, Baseline? Baseline = null, string Run = "", bool AnyAge = false)
{
    /// <summary>How old an answer may be. Counted from the question, so a machine that answers slowly is given more.</summary>
    public static TimeSpan MaxAge(SubjectKind kind, TimeSpan answerTime) => ForSlow(answerTime) + kind switch
    {
        // Asked once per decision: it simulates the whole cluster and takes seconds on the node.
        SubjectKind.Forecast or SubjectKind.JoinForecast => TimeSpan.FromSeconds(60),
        SubjectKind.PacemakerSetup or SubjectKind.Downtimes or SubjectKind.Boot => TimeSpan.FromSeconds(60),
        SubjectKind.Client => TimeSpan.FromSeconds(30),
        _ => TimeSpan.FromSeconds(15),
    };

    /// <summary>What a slow machine is given more: its time for this answer, for the rest before it is asked again, and for the next answer.</summary>
    public static TimeSpan ForSlow(TimeSpan answerTime) => answerTime * 4;

    public bool IsFresh(Observation observation) => AnyAge || (observation.AskedAt >= NotBefore && Now <= FreshUntil(observation));

    /// <summary>The last moment at which an observation counts.</summary>
    public static Moment FreshUntil(Observation observation) =>
        observation.AskedAt + MaxAge(observation.Subject.Kind, observation.AnsweredAt - observation.AskedAt);

    /// <summary>Judges fresh facts, or says why there are none: not looked at yet, too old, or the reason they could not be read.</summary>
    public Judgement See<T>(SubjectKind kind, string name, Func<T, Judgement> judge)
        where T : Facts
    {
        var subject = new Subject(kind, name);
        if (Snapshot.Find(subject) is not { } observation)
            return Judgement.Unknown(StateFindings.NotSeen.On(name, "asked", subject.ToString()));
        if (!IsFresh(observation))
            return Judgement.Unknown(StateFindings.Stale.On(name, "asked", subject.ToString()));
        if (observation.Problem is { } problem)
            return Judgement.Unknown(problem);
        return observation.Facts is T facts ? judge(facts) : Judgement.Unknown(StateFindings.NotSeen.On(name, "asked", subject.ToString()));
    }

    /// <summary>Judges each and joins: all reasons at once.</summary>
    public static Judgement Each<T>(IEnumerable<T> items, Func<T, Judgement> judge)
    {
        var sum = default(JudgementSum);
        foreach (var item in items)
            sum.Add(judge(item));
        return sum.Total;
    }

    /// <inheritdoc cref="Each{T}(IEnumerable{T}, Func{T, Judgement})"/>
    public static Judgement Each<T>(ImmutableArray<T> items, Func<T, Judgement> judge)
    {
        var sum = default(JudgementSum);
        foreach (var item in items)
            sum.Add(judge(item));
        return sum.Total;
    }
}
