namespace Changeover.Lab.Probing;

/// <param name="Seconds">How long; null: until it is interrupted.</param>
public sealed record ProbeOptions(string Log, double? Seconds)
{
    public static bool TryRead(string[] words, out ProbeOptions options)
    {
        options = words switch
        {
            ["--log", var log] => new(log, null),
            ["--log", var log, "--seconds", var text] when double.TryParse(text, out var seconds) => new(log, seconds),
            _ => new("", null),
        };
        return options.Log != "";
    }
}
