namespace Changeover.Running;

/// <summary>One table for all commands; docs/exit-codes.md, tested.</summary>
public static class ExitCodes
{
    /// <summary>Goal reached, healthy, or the report that was asked for given.</summary>
    public const int Done = 0;

    /// <summary>Halted, interrupted or left resumable: a person is needed.</summary>
    public const int Halted = 1;

    /// <summary>Wrong usage, or a file that cannot be read.</summary>
    public const int Usage = 2;

    /// <summary>Refused before anything was changed; not healthy or unknown; an inventory with errors.</summary>
    public const int Refused = 3;

    public const int Aborted = 4;
    public const int Internal = 5;
}

/// <summary>Ends a command with a sentence and an exit code; nothing was changed unless the sentence says so.</summary>
public sealed class CommandEnds(int exitCode, string message) : Exception(message)
{
    public int ExitCode => exitCode;
}
