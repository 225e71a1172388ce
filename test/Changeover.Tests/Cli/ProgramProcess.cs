using System.Diagnostics;
using System.Text.Json;
using Changeover.Tests.Tidy;

namespace Changeover.Tests.Cli;

internal sealed record Said(int Code, string Output, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>One JSON object a line.</summary>
    public ImmutableArray<JsonElement> Lines => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];

    public override string ToString() => $"exit {Code}\n{Output}\n{Error}";
}

/// <summary>The program as a process, on the simulated cluster in a folder of its own; nobody sits at its terminal.</summary>
internal sealed class ProgramProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private readonly string folder = Directory.CreateTempSubdirectory("changeover-cli-").FullName;

    public string Inventory { get; init; } = Path.Combine(Checkout.Root, "examples/two-hosts/cluster.yaml");

    public string PathOf(string name) => Path.Combine(folder, name);

    public Process Start(params string[] words)
    {
        var info = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "changeover.dll"), .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["XDG_STATE_HOME"] = folder;
        var process = Process.Start(info)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>A command on the simulated cluster of this folder.</summary>
    /// <param name="speed">Slow where a test waits in real time: what it waits for must not be over there meanwhile.</param>
    public ImmutableArray<string> Simulated(ImmutableArray<string> words, int speed = 1000) =>
        [.. words, "-i", Inventory, "--world", "simulated", "--journal", PathOf("journal"), "--speed", $"{speed}"];

    public Said Run(params IEnumerable<string> words)
    {
        using var process = Start([.. words]);
        return End(process);
    }

    public Said OnCluster(params string[] words) => Run(Simulated([.. words]));

    public static Said End(Process process)
    {
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Limit))
        {
            process.Kill();
            throw new Xunit.Sdk.XunitException($"not ended after {Limit}");
        }
        return new(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>SIGTERM: SIGINT may be ignored where this runs in the background of a shell.</summary>
    public static void Stop(Process process)
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
