using Changeover.Findings;

namespace Changeover.Knowledge;

/// <summary>
/// A moment on the run's two clocks. Budgets and freshness are judged on <see cref="Elapsed"/>, which never jumps;
/// <see cref="Utc"/> is for people and the journal.
/// </summary>
/// <param name="Elapsed">Since the runner started, monotonic.</param>
public readonly record struct Moment(TimeSpan Elapsed, DateTimeOffset Utc) : IComparable<Moment>
{
    public int CompareTo(Moment other) => Elapsed.CompareTo(other.Elapsed);
    public static Moment operator +(Moment moment, TimeSpan span) => new(moment.Elapsed + span, moment.Utc + span);
    public static TimeSpan operator -(Moment later, Moment earlier) => later.Elapsed - earlier.Elapsed;
    public static bool operator <(Moment a, Moment b) => a.Elapsed < b.Elapsed;
    public static bool operator >(Moment a, Moment b) => a.Elapsed > b.Elapsed;
    public static bool operator <=(Moment a, Moment b) => a.Elapsed <= b.Elapsed;
    public static bool operator >=(Moment a, Moment b) => a.Elapsed >= b.Elapsed;
}

/// <summary>What was seen of one subject.</summary>
/// <param name="Facts">What the answer said, or null when there was none or it could not be read.</param>
/// <param name="Problem">Why there are no facts; null when there are.</param>
/// <param name="Silent">Nothing came back at all: not even whether it is on can be told.</param>
/// <param name="AskedAt">Freshness counts from here: an answer tells nothing about what happened after the question left.</param>
public sealed record Observation(Subject Subject, Facts? Facts, Finding? Problem, Moment AskedAt, Moment AnsweredAt, bool Silent = false);

/// <summary>The newest observation of each subject.</summary>
public sealed class Snapshot
{
    public static readonly Snapshot Empty = new([]);

    // Never changed after construction. A plain dictionary is found in faster than a tree, and there are few subjects to copy.
    private readonly Dictionary<Subject, Observation> observations;

    private Snapshot(Dictionary<Subject, Observation> observations) => this.observations = observations;

    public IEnumerable<Observation> All => observations.Values.OrderBy(o => o.Subject);

    public Observation? Find(Subject subject) => observations.GetValueOrDefault(subject);

    public Observation? Find(SubjectKind kind, string name) => Find(new Subject(kind, name));

    /// <summary>The facts of a subject, or null if it was not seen or could not be read. Says nothing about freshness.</summary>
    public T? Facts<T>(SubjectKind kind, string name)
        where T : Facts => Find(kind, name)?.Facts as T;

    /// <summary>An observation replaces an older one; one that was asked before the one held is ignored (late, reordered replies).</summary>
    public Snapshot With(IEnumerable<Observation> seen)
    {
        Dictionary<Subject, Observation>? copy = null;
        foreach (var o in seen)
        {
            copy ??= new(observations);
            if (!copy.TryGetValue(o.Subject, out var held) || o.AskedAt >= held.AskedAt)
                copy[o.Subject] = o;
        }
        return copy is null ? this : new(copy);
    }

    /// <summary>After a resume everything is stale.</summary>
    public static Snapshot Of(IEnumerable<Observation> seen) => Empty.With(seen);
}
