namespace Changeover.Knowledge;

/// <summary>What came of an action's request. The default is the worst: unclear.</summary>
public enum ReceptionKind
{
    /// <summary>May have happened or not: look.</summary>
    Unclear,

    /// <summary>The subsystem said no, and did nothing.</summary>
    Refused,

    /// <summary>The request surely never left.</summary>
    NotSent,

    /// <summary>The subsystem took it. It is done when it is seen done.</summary>
    Accepted,
}

/// <param name="Words">The subsystem's own words, fit to be shown (no secrets); empty when plainly accepted.</param>
public sealed record Reception(ReceptionKind Kind, string Words = "")
{
    public static readonly Reception Accepted = new(ReceptionKind.Accepted);

    /// <summary>Accepted, and it was not there before: a claim that nobody held.</summary>
    public static readonly Reception MadeAnew = new(ReceptionKind.Accepted, "made anew");
}
