using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Changeover.Lab.Matrix;

/// <summary>The probe beside a night, as a process of its own: a busy test must not be taken for a busy cluster.</summary>
public sealed partial class ProbeProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private readonly Process process;

    private ProbeProcess(Process process) => this.process = process;

    /// <summary>Databases that lack acknowledged calls, in the probe's words.</summary>
    public ImmutableArray<string> Lost { get; private set; } = [];

    public static ProbeProcess Start(string log)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        var program = Path.Combine(AppContext.BaseDirectory, "changeover-lab.dll");
        return new(Process.Start(new ProcessStartInfo("dotnet", [program, "probe", "--log", log]) { RedirectStandardOutput = true })!);
    }

    /// <summary>Ends it and gives its summary.</summary>
    public async Task<ImmutableArray<string>> Stop()
    {
        var reading = process.StandardOutput.ReadToEndAsync();
        SendSignal(process.Id, Terminate);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await process.WaitForExitAsync(limit.Token);
        ImmutableArray<string> lines = [.. (await reading).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        Stage.Must(lines.Count(l => l.Contains("acknowledged calls are there", StringComparison.Ordinal)) == 2, $"the probe could not prove the calls: {string.Join("; ", lines)}");
        // "acd-dbm1: 812 of 812 acknowledged calls are there"
        Lost = [.. lines.Where(l => l.Contains("acknowledged calls are there", StringComparison.Ordinal) && l.Split(' ') is var w && w[1] != w[3])];
        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
        process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
