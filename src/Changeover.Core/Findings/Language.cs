namespace Changeover.Findings;

/// <summary>
/// What is said to people in. The command line, its JSON, logs and the journal are English; the API says what its caller asks for, and a report
/// what it is asked for.
/// </summary>
public enum Language
{
    English,
    German,
}

public static class Languages
{
    /// <summary>A sentence of ours that is there only as a text, in this language; one that nobody has translated stays English.</summary>
    public static string Say(this Language language, string english) => language == Language.German ? German.Sentence(english) : english;

    /// <summary>What a rehearsal says must never be so and was so, in this language.</summary>
    public static string Harm(this Language language, string english) => language == Language.German ? German.Harm(english) : english;

    /// <summary>A single word of ours, a state for example, in this language.</summary>
    public static string Word(this Language language, string english) => language == Language.German ? German.Word(english) : english;

    /// <summary>What came back for a request: our words in this language, those of other programs as they are.</summary>
    public static string Answer(this Language language, string english) => language == Language.German ? German.Answer(english) : english;

    /// <summary>What a report of a run says, in this language; otherwise as <see cref="Say"/>.</summary>
    public static string Report(this Language language, string english) => language == Language.German ? German.Report(english) : english;
}
