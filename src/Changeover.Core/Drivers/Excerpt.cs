namespace Changeover.Drivers;

/// <summary>What of an answer a finding may quote where the answer holds no secrets: one line, not too long.</summary>
internal static class Excerpt
{
    private const int Longest = 200;

    public static string Of(Result? result) => result switch
    {
        null => "no answer to it",
        { Code: Result.TimedOut } => "it did not end in time and was ended",
        { Error.Length: > 0 } => $"code {result.Code}, {Of(result.Error)}",
        _ => $"code {result.Code}, {Of(result.Output)}",
    };

    public static string Of(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length == 0 ? "nothing" : line.Length <= Longest ? line : line[..Longest] + "…";
    }

    /// <summary>The first of these that says anything.</summary>
    public static string Of(params ReadOnlySpan<string> said)
    {
        foreach (var text in said)
        {
            if (!string.IsNullOrWhiteSpace(text))
                return Of(text);
        }
        return "no text";
    }
}
