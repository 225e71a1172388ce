using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Changeover.Tests.Cli;

/// <summary>The program at a terminal, with somebody who presses keys.</summary>
public sealed partial class TerminalTests
{
    private const string Enter = "\r", CtrlC = "\u0003";

    [Fact]
    public async Task While_a_person_is_asked_the_run_goes_on_another_may_answer_and_Ctrl_C_stops_it()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "no script(1) here, which makes the terminal");
        using var program = new ProgramProcess();
        var digest = program.OnCluster("plan", "failover", "vm-host-1", "--json").Json.GetProperty("digest").GetString()!;
        using var terminal = new Terminal(program, [.. program.Simulated(["run", "failover", "vm-host-1", "--approve", digest, "--person", "absent", "--hold", "quiet", "--hold", "moved"], speed: 50)]);
        await terminal.Shows("site.announcement-on: .*What now\\?.*leave it for later");
        var run = program.OnCluster("status", "--json").Json.GetProperty("run").GetString()!;

        // Nobody has touched the keys yet.
        Assert.Equal(0, program.OnCluster("decide", run, "site.announcement-on", "confirm").Code);
        await terminal.Shows("gate.quiet: .*What now\\?.*leave it for later");
        terminal.Press(Enter);
        await terminal.Shows("gate.moved: .*What now\\?.*leave it for later");
        terminal.Press(CtrlC);

        Assert.Equal(1, await terminal.Ended());
        Assert.Contains($"go on with: changeover resume {run}", terminal.Text, StringComparison.Ordinal);
        var report = program.OnCluster("report", run).Output;
        Assert.Contains($"{Environment.UserName} decided confirm on site.announcement-on", report, StringComparison.Ordinal);
        Assert.Contains($"{Environment.UserName} decided continue on gate.quiet", report, StringComparison.Ordinal);
    }

    /// <summary>What script(1) makes of a pipe: a terminal of a hundred columns.</summary>
    private sealed partial class Terminal : IDisposable
    {
        private readonly Process process;
        private readonly StringBuilder text = new();
        private readonly Task reading;
        private int seen;

        public Terminal(ProgramProcess program, ImmutableArray<string> words)
        {
            // Where tests run in the background of a shell, Ctrl-C would be ignored.
            var line = string.Join(' ', words.Prepend(Path.Combine(AppContext.BaseDirectory, "changeover.dll")).Select(w => $"'{w}'"));
            var info = new ProcessStartInfo("/usr/bin/script", ["-qefc", $"stty cols 100 rows 40; exec env --default-signal=INT dotnet {line}", "/dev/null"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            // A build server says in its environment that nobody sits there; here somebody does.
            foreach (var name in info.Environment.Keys.Where(k => k is not ("PATH" or "HOME") && !k.StartsWith("DOTNET", StringComparison.Ordinal)).ToArray())
                info.Environment.Remove(name);
            info.Environment["XDG_STATE_HOME"] = Path.GetDirectoryName(program.PathOf("journal"));
            info.Environment["TERM"] = "xterm";
            info.Environment["SHELL"] = "/bin/sh";
            process = Process.Start(info)!;
            reading = Task.Run(async () =>
            {
                var buffer = new char[4096];
                for (int n; (n = await process.StandardOutput.ReadAsync(buffer)) > 0;)
                {
                    lock (text)
                        text.Append(buffer, 0, n);
                }
            });
        }

        /// <summary>Everything it showed, without colours and movements of the cursor.</summary>
        public string Text
        {
            get
            {
                lock (text)
                    return Escapes().Replace(text.ToString(), "");
            }
        }

        /// <summary>Waits until something is shown behind what was waited for before.</summary>
        public async Task<Match> Shows(string pattern)
        {
            var since = Stopwatch.StartNew();
            while (since.Elapsed < TimeSpan.FromMinutes(5))
            {
                var now = Text;
                if (Regex.Match(now[Math.Min(seen, now.Length)..], pattern, RegexOptions.Singleline) is { Success: true } match)
                {
                    seen += match.Index + match.Length;
                    return match;
                }
                if (process.HasExited && reading.IsCompleted)
                    break;
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
            throw new Xunit.Sdk.XunitException($"never shown: {pattern}; last: {Text[^Math.Min(Text.Length, 2000)..]}");
        }

        public void Press(string keys)
        {
            process.StandardInput.Write(keys);
            process.StandardInput.Flush();
        }

        public async Task<int> Ended()
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            await process.WaitForExitAsync(limit.Token);
            await reading;
            return process.ExitCode;
        }

        public void Dispose()
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            process.Dispose();
        }

        [GeneratedRegex(@"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[()][A-B0])")]
        private static partial Regex Escapes();
    }
}
