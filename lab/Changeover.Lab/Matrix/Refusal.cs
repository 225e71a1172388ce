using System.Text.Json;
using Changeover.Lab.Breaks;

namespace Changeover.Lab.Matrix;

/// <summary>A break that is there before the run: refused with exit code 3, nothing changed, the finding names machine and cause; once mended, healthy.</summary>
/// <param name="Code">How the code of the finding begins that names the cause.</param>
/// <param name="Names">A word the finding must have: usually the machine.</param>
public sealed record Refusal(string Break, string Machine, string Code, string Names)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public Case Case => new($"refused-{Break}", $"a run is refused while {Break} is on {Machine}", Play);

    private async Task Play(Stage stage)
    {
        await BreakList.Apply(Break, Machine);
        stage.Say($"broken: {Break} on {Machine}");
        // What it does by itself (HAProxy notices a server that is gone) is not to be taken for the run's doing.
        await Task.Delay(TimeSpan.FromSeconds(10));
        var broken = await ClusterPicture.Take();
        try
        {
            var run = await stage.Program.Run(Limit, "run", "failover", "vm-host-1", "--yes", "--json");
            var findings = Findings(run.Output);
            foreach (var f in findings) stage.Say($"  {f.Code} {f.Subject}: {f.Message}");
            stage.Say($"run failover vm-host-1: exit {run.ExitCode}");
            Stage.Must(run.ExitCode == 3, $"{Break}: the run ended with {run.ExitCode} and not refused (3): {run.Text}");
            Stage.Must(findings.Any(f => f.Code.StartsWith(Code, StringComparison.Ordinal) && (f.Subject + f.Message).Contains(Names, StringComparison.Ordinal)),
                $"{Break}: no finding {Code}* names {Names}");
            var after = ClusterPicture.Differences(broken, await ClusterPicture.Take());
            Stage.Must(after.IsEmpty, $"{Break}: refused, and still something changed: {string.Join("; ", after)}");
        }
        finally
        {
            await BreakList.Mend(null);
        }
        await MustBeHealthy(stage);
    }

    /// <summary>What was broken may take a while to be whole again.</summary>
    public static async Task MustBeHealthy(Stage stage, params string[] expectation)
    {
        CommandResult? health = null;
        for (var attempt = 0; attempt < 6; attempt++)
        {
            health = await stage.Program.Run(Limit, ["health", .. expectation]);
            if (health.Good)
            {
                stage.Say("health: healthy");
                return;
            }
            await Task.Delay(TimeSpan.FromSeconds(10));
        }
        throw new LabException(1, $"not healthy: {health!.Text}");
    }

    private static ImmutableArray<(string Code, string Subject, string Message)> Findings(string output)
    {
        var found = ImmutableArray.CreateBuilder<(string, string, string)>();
        foreach (var line in output.Split('\n').Where(l => l.StartsWith('{')))
        {
            var root = JsonDocument.Parse(line).RootElement;
            if (root.TryGetProperty("findings", out var findings))
                found.AddRange(findings.EnumerateArray().Select(f => (Word(f, "code"), Word(f, "subject"), Word(f, "message"))));
        }
        return found.ToImmutable();
    }

    private static string Word(JsonElement e, string name) => e.GetProperty(name).GetString() ?? "";
}
