using Changeover.Findings;

namespace Changeover.Knowledge;

/// <summary>What a condition comes to. The default is Unknown, and Unknown never satisfies anything.</summary>
public enum Verdict
{
    Unknown,
    Fails,
    Holds,
}

/// <param name="Findings">Why it fails or is unknown: all reasons, not the first.</param>
public sealed record Judgement(Verdict Verdict, ImmutableArray<Finding> Findings)
{
    public static readonly Judgement Holds = new(Verdict.Holds, []);
    public static Judgement Fails(params ImmutableArray<Finding> why) => new(Verdict.Fails, why);
    public static Judgement Unknown(params ImmutableArray<Finding> why) => new(Verdict.Unknown, why);

    /// <summary>Both must hold. A failure outweighs an unknown: it is a fact.</summary>
    public static Judgement operator &(Judgement a, Judgement b)
    {
        var verdict = a.Verdict == Verdict.Fails || b.Verdict == Verdict.Fails ? Verdict.Fails
            : a.Verdict == Verdict.Unknown || b.Verdict == Verdict.Unknown ? Verdict.Unknown
            : Verdict.Holds;
        return new(verdict, [.. a.Findings, .. b.Findings]);
    }
}
