namespace Changeover.Findings;

/// <summary>What is said to people in. The command line, its JSON, logs and the journal are English; the API says what its caller asks for.</summary>
public enum Language
{
    English,
    German,
}

public static class Languages
{
    /// <summary>A sentence of ours that is there only as a text, in this language; one that nobody has translated stays English.</summary>
    public static string Say(this Language language, string english) => language == Language.German ? German.Sentence(english) : english;
}
