using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Changeover.Lab.Matrix;

/// <summary>Changeover, from the outside: a process in the lab's network, its words, its events and its exit code. Nothing of its code is called.</summary>
/// <param name="folder">Where this controller keeps its journal.</param>
public sealed class ProgramUnderTest(string folder, string journal = "acd-lab.journal")
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));

    /// <summary>The build beside this one, of the same configuration.</summary>
    private static string Program
    {
        get
        {
            var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
            var path = Path.Combine(Root, "src/Changeover/bin", configuration, "net10.0/changeover.dll");
            return File.Exists(path) ? path : throw new LabException(3, $"{path} is not there; build it: dotnet build src/Changeover -c {configuration}");
        }
    }

    public string Journal => Path.Combine(folder, journal);

    public RunningProgram Start(params string[] words)
    {
        Directory.CreateDirectory(folder);
        var info = new ProcessStartInfo("ip",
        [
            "netns", "exec", Topology.Namespace, "dotnet", Program, .. words,
            "-i", Path.Combine(Root, "lab/cluster.yaml"), "--journal", Journal,
            "--identity", LabPaths.Key, "--known-hosts", LabPaths.KnownHosts, "--ssh-config", "none",
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        return new(string.Join(' ', words), Process.Start(info)!);
    }

    /// <summary>Runs it to its end and gives the exit code with all it said.</summary>
    public async Task<CommandResult> Run(TimeSpan limit, params string[] words)
    {
        await using var program = Start(words);
        return await program.Ended(limit);
    }
}

/// <summary>One process of the program under test.</summary>
public sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process process;
    private readonly Channel<JsonElement> events = Channel.CreateUnbounded<JsonElement>();
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();
    private readonly Task reading;

    public RunningProgram(string words, Process process)
    {
        Words = words;
        this.process = process;
        process.StandardInput.Close();
        reading = Task.WhenAll(ReadOutput(), ReadError());
    }

    public string Words { get; }

    public bool IsAlive => !process.HasExited;

    /// <summary>The next line of JSON it prints; null when it has ended.</summary>
    public async Task<JsonElement?> Next(TimeSpan limit)
    {
        using var end = new CancellationTokenSource(limit);
        try
        {
            return await events.Reader.WaitToReadAsync(end.Token) && events.Reader.TryRead(out var line) ? line : null;
        }
        catch (OperationCanceledException)
        {
            throw new LabException(1, $"{Words}: no event for {limit.TotalMinutes:0} min; last words: {Tail()}");
        }
    }

    public async Task<CommandResult> Ended(TimeSpan limit)
    {
        using var end = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(end.Token);
            await reading;
        }
        catch (OperationCanceledException)
        {
            throw new LabException(1, $"{Words}: not ended after {limit.TotalMinutes:0} min; last words: {Tail()}");
        }
        return new(process.ExitCode, Text(output), Text(error));
    }

    /// <summary>SIGKILL: it has no chance to say or keep anything. "ip netns exec" replaced itself by it, so it is this very process.</summary>
    public async Task Kill()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await Kill();
        process.Dispose();
    }

    private async Task ReadOutput()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (output) output.AppendLine(line);
            if (line.StartsWith('{'))
                events.Writer.TryWrite(JsonDocument.Parse(line).RootElement);
        }
        events.Writer.Complete();
    }

    private async Task ReadError()
    {
        while (await process.StandardError.ReadLineAsync() is { } line)
            lock (error) error.AppendLine(line);
    }

    private string Tail() => string.Join(" | ", (Text(output) + Text(error)).Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(3).Select(l => l.Length > 300 ? l[..300] : l));

    private static string Text(StringBuilder text)
    {
        lock (text) return text.ToString();
    }
}
