namespace Changeover.Drivers;

/// <summary>What a tool said, fit for a sentence: one line, at most 200 letters.</summary>
internal static class Excerpt
{
    public static string Of(params ReadOnlySpan<string> said)
    {
        foreach (var text in said)
        {
            var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            if (line.Length > 0)
                return line.Length <= 200 ? line : line[..200] + "…";
        }
        return "no text";
    }
}
