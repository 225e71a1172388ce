using System.Diagnostics;
using System.Text;

namespace Changeover.Lab;

/// <summary>What a finished program left: exit code (124 when its time ran out) and both outputs.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public bool Good => ExitCode == 0;

    public string Text => (Output + Error).Trim();
}

/// <summary>Runs the programs of the machine: always with a time limit, always with both outputs read.</summary>
public static class Command
{
    public static async Task<CommandResult> Run(
        IEnumerable<string> words, string? input = null, TimeSpan? limit = null, IReadOnlyDictionary<string, string>? environment = null, Ct ct = default)
    {
        var all = words.ToList();
        var info = new ProcessStartInfo(all[0], all.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        info.Environment["LC_ALL"] = "C";
        foreach (var (name, value) in environment ?? ImmutableDictionary<string, string>.Empty) info.Environment[name] = value;

        Process process;
        try
        {
            process = Process.Start(info)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new LabException(3, $"program {all[0]} cannot be started: {e.Message}; install it");
        }

        using (process)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
            end.CancelAfter(limit ?? TimeSpan.FromSeconds(60));
            var output = new StringBuilder();
            var error = new StringBuilder();
            process.OutputDataReceived += (_, e) => Append(output, e.Data);
            process.ErrorDataReceived += (_, e) => Append(error, e.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            try
            {
                if (input is not null) await process.StandardInput.WriteAsync(input.AsMemory(), end.Token);
                process.StandardInput.Close();
                await process.WaitForExitAsync(end.Token);
                return new(process.ExitCode, Read(output), Read(error));
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                process.Kill(entireProcessTree: true);
                return new(124, Read(output), Read(error) + $"(no end after {(limit ?? TimeSpan.FromSeconds(60)).TotalSeconds:0} s)\n");
            }
            catch (IOException)
            {
                // It ended without reading what it was given; its exit code says why.
                await process.WaitForExitAsync(end.Token);
                return new(process.ExitCode, Read(output), Read(error));
            }
        }
    }

    /// <summary>Runs it and fails with its own words when it fails.</summary>
    public static async Task<string> Must(params string[] words) => Check(words, await Run(words));

    public static async Task<string> MustWithin(TimeSpan limit, params string[] words) => Check(words, await Run(words, limit: limit));

    private static string Check(string[] words, CommandResult result) =>
        result.Good
            ? result.Output
            : throw new LabException(1, $"command failed with exit code {result.ExitCode}: {string.Join(' ', words)}\n  {result.Text.ReplaceLineEndings("\n  ")}");

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.Append(line).Append('\n');
    }

    private static string Read(StringBuilder text)
    {
        lock (text) return text.ToString();
    }
}
