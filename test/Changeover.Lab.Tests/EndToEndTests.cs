using System.Diagnostics;
using Changeover.Lab.Lifecycle;
using Changeover.Lab.Matrix;

namespace Changeover.Lab.Tests;

/// <summary>The lab, up for all cases of this run; taken down at the end if it was started here.</summary>
public sealed class LabThatIsUp : IAsyncLifetime
{
    private bool mine;

    /// <summary>Why there is no lab here; null: there is one.</summary>
    public string? Missing { get; private set; } = Environment.GetEnvironmentVariable("CHANGEOVER_WITHOUT_LAB") is "1" ? "CHANGEOVER_WITHOUT_LAB=1" : Requirements.Reason();

    public async ValueTask InitializeAsync()
    {
        if (Missing is not null || LabState.Running() is not null) return;
        mine = true;
        try
        {
            await Up.Run(new Progress());
        }
        catch (LabException e) when (e.ExitCode == 3)
        {
            // The machine lacks something that cannot be installed: no lab, and said so, which is not the same as a lab that fails.
            Missing = e.Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (mine) await Down.Run(new Progress());
    }
}

/// <summary>What every commit has to show on the real cluster. See docs/lab.md for the matrix, which shows all of it.</summary>
public sealed class EndToEndTests(LabThatIsUp lab) : IClassFixture<LabThatIsUp>
{
    private static readonly ImmutableArray<Case> Cases = CaseList.OfCommit(Turn());

    public static TheoryData<string> Names() => [.. Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Case_is_seen(string name)
    {
        Assert.SkipWhen(lab.Missing is not null, $"no lab: {lab.Missing}");
        var output = TestContext.Current.TestOutputHelper!;
        await Matrix.Matrix.Play(Cases.Single(c => c.Name == name), line =>
        {
            output.WriteLine(line);
            Console.WriteLine(line);
        });
    }

    /// <summary>A number from the commit, so that the breaks take turns; 0 where there is no repository.</summary>
    private static int Turn()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["rev-parse", "--short=6", "HEAD"]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory });
        var hash = git?.StandardOutput.ReadToEnd().Trim();
        return int.TryParse(hash, System.Globalization.NumberStyles.HexNumber, null, out var number) ? number : 0;
    }
}
