using System.Diagnostics;
using System.Globalization;

namespace Changeover.Lab.Matrix;

/// <summary>What a case plays on: the lab that is up, the program under test, and the log of what was seen.</summary>
/// <param name="say">Takes each line of the log.</param>
public sealed class Stage(string folder, Action<string> say)
{
    private readonly Stopwatch clock = Stopwatch.StartNew();

    public string Folder { get; } = folder;

    /// <summary>Where the probe of a night writes what it sees.</summary>
    public string ProbeLog => Path.Combine(Folder, "probe.log");

    public ProgramUnderTest Program { get; private set; } = new(folder);

    /// <summary>Another controller with a journal of its own.</summary>
    public ProgramUnderTest Rival { get; private set; } = new(folder, "rival.journal");

    /// <summary>The other controller was first: the night goes on with it.</summary>
    public void Swap() => (Program, Rival) = (Rival, Program);

    public void Say(string text) => say(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds,7:0.0} s  {text}"));

    /// <summary>The controller is gone for good with its journal: from now on an empty one is used.</summary>
    public void Forget() => Program = new(Folder, "new.journal");

    /// <summary>For every command that only asks or says something.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromMinutes(5);

    /// <summary>The command did what it should; its last words go into the log.</summary>
    /// <exception cref="LabException">It did not.</exception>
    public Task Whole(string what, CommandResult done)
    {
        foreach (var line in done.Text.Split('\n').TakeLast(4)) Say($"  {line.TrimEnd()}");
        Must(done.Good, $"{what} ended with {done.ExitCode}: {done.Text}");
        return Task.CompletedTask;
    }

    /// <exception cref="LabException">It is not so.</exception>
    public static void Must(bool holds, string what)
    {
        if (!holds) throw new LabException(1, what);
    }
}
