namespace Changeover.Simulation;

/// <summary>Whose hand began what is happening. Consequences inherit it.</summary>
public enum Hand
{
    /// <summary>Nobody's: the world as it was, or a boot, a crash, a full disk.</summary>
    Nobody,

    /// <summary>The program: one of its requests.</summary>
    Program,

    /// <summary>The person who carries out the program's instructions.</summary>
    Person,

    /// <summary>Somebody who knows nothing of this maintenance, or a fault.</summary>
    Other,
}

/// <param name="By">In words: the command or the fault.</param>
/// <param name="At">When it began; a consequence can come much later.</param>
/// <param name="Looked">Of an action of the program: when what its guard knew of each subject was asked. Empty or null: it had no guard.</param>
public sealed record Cause(Hand Hand, string By, TimeSpan At = default, ImmutableSortedDictionary<string, TimeSpan>? Looked = null)
{
    public static readonly Cause Nobody = new(Hand.Nobody, "");

    /// <summary>The program answers for its own requests and for what a person did on its word.</summary>
    public bool IsOurs => Hand is Hand.Program or Hand.Person;
}

/// <summary>Something that must never be so was so, in truth and not merely as printed.</summary>
/// <param name="Code">Stable, see <see cref="Invariants"/>.</param>
/// <param name="Race">What the program did there, on facts that were right when they were asked: somebody came between. Empty: no race.</param>
public sealed record Violation(TimeSpan At, string Code, string Subject, string Text, Cause Cause, string Race = "");
