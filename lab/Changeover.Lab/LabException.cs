namespace Changeover.Lab;

/// <summary>The lab cannot do what was asked; the message says what was seen, what was expected and what to do.</summary>
public sealed class LabException(int exitCode, string message) : Exception(message)
{
    /// <summary>2 wrong usage, 3 something the lab needs is missing, 1 everything else.</summary>
    public int ExitCode { get; } = exitCode;
}
