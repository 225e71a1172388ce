namespace Changeover.Running;

/// <summary>What people write (reasons, names of things): it stands in one line of logs, reports and terminals, so it may not begin another.</summary>
public static class FreeText
{
    /// <summary>Characters. A reason has a sentence or two.</summary>
    public const int Longest = 2000;

    /// <summary>The same in one line.</summary>
    /// <param name="what">Names it in the sentence.</param>
    /// <exception cref="CommandEnds">Usage: too long, or characters that would steer a terminal or turn the order of what is read.</exception>
    public static string Line(string what, string text)
    {
        var line = text.ReplaceLineEndings(" ").Replace('\t', ' ');
        if (line.Length > Longest)
            throw new CommandEnds(ExitCodes.Usage, $"{what} has {line.Length} characters; at most {Longest} are taken. Say it shorter.");
        return line.Any(Steers)
            ? throw new CommandEnds(ExitCodes.Usage, $"{what} has the control character U+{(int)line.First(Steers):X4} in it; write it without")
            : line;
    }

    /// <summary>Control characters, and those that override or isolate the direction of writing (Unicode Standard Annex 9, "Explicit Directional Embedding", "Overrides", "Isolates").</summary>
    private static bool Steers(char c) => char.IsControl(c) || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
