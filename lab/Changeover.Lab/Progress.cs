using System.Diagnostics;

namespace Changeover.Lab;

/// <summary>Lines for the person who waits, each with the seconds since the start.</summary>
public sealed class Progress
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public TimeSpan Elapsed => _clock.Elapsed;

    public void Say(string text) => Console.WriteLine($"{_clock.Elapsed.TotalSeconds,7:0.0} s  {text}");
}
