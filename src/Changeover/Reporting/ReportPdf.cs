using System.ComponentModel;
using Changeover.Findings;
using Changeover.Running;
using Changeover.Transport;

namespace Changeover.Reporting;

/// <summary>
/// A report as PDF, printed by the Chromium that is installed: with a profile of its own that is removed, without a network, and not
/// longer than a minute.
/// </summary>
public static class ReportPdf
{
    private static readonly ImmutableArray<string> Names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

    /// <summary>A long report takes a second or two; a machine that is busy with other things is slow.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>A browser has some hundred megabytes: whoever asks, one prints at a time, and a few may wait.</summary>
    private static readonly PrintQueue Own = new(4);

    public static bool IsPossible => Find(Environment.GetEnvironmentVariable("PATH") ?? "") is not null;

    public static Task<byte[]> Print(RunHistory run, TimeZoneInfo zone, Language language, Ct ct) =>
        Print(Page(run, zone, language), Environment.GetEnvironmentVariable("PATH") ?? "", Limit, Own, ct);

    /// <summary>What is printed: the report as HTML, and on paper nobody opens anything.</summary>
    internal static string Page(RunHistory run, TimeZoneInfo zone, Language language) =>
        ReportText.Html(run, zone, language).Replace("<details>", "<details open>", StringComparison.Ordinal);

    /// <param name="path">Folders to look for a Chromium in, as in PATH.</param>
    /// <exception cref="CommandEnds">Refused: there is none, it does not print, or too many wait for it.</exception>
    internal static async Task<byte[]> Print(string html, string path, TimeSpan limit, PrintQueue queue, Ct ct)
    {
        var chromium = Find(path) ?? throw new CommandEnds(ExitCodes.Refused,
            $"a PDF is printed by Chromium, and none is installed here ({string.Join(", ", Names)}). Install it (apt-get install chromium), or take the report as HTML and print that.");
        using var turn = await queue.Enter(ct);
        var folder = Directory.CreateTempSubdirectory("changeover-report-");
        try
        {
            var (page, pdf) = (Path.Combine(folder.FullName, "report.html"), Path.Combine(folder.FullName, "report.pdf"));
            await File.WriteAllTextAsync(page, html, ct);
            // A run that goes on meanwhile, and whoever watches it, comes first.
            using var process = new LocalProcess("nice", ["-n", "19", chromium, .. Arguments(folder.FullName, page, pdf)]);
            process.Input.Close();
            try
            {
                await process.Exited.WaitAsync(limit, ct);
            }
            catch (TimeoutException)
            {
                throw new CommandEnds(ExitCodes.Refused, $"{chromium} did not print the report within {limit.TotalSeconds:0} s and was ended. Take the report as HTML and print that.");
            }
            return process.ExitCode == 0 && File.Exists(pdf)
                ? await File.ReadAllBytesAsync(pdf, ct)
                : throw new CommandEnds(ExitCodes.Refused, $"{chromium} did not print the report (code {process.ExitCode}). Take the report as HTML and print that.");
        }
        catch (Win32Exception e)
        {
            throw new CommandEnds(ExitCodes.Refused, $"{chromium} cannot be started: {e.Message}. Take the report as HTML and print that.");
        }
        finally
        {
            Remove(folder);
        }
    }

    private static string? Find(string path) =>
        Names.SelectMany(n => path.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(f => Path.Combine(f, n))).FirstOrDefault(File.Exists);

    private static IEnumerable<string> Arguments(string folder, string page, string pdf) =>
    [
        "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-sync", "--disable-component-update", "--disable-background-networking",
        // The report asks nobody for anything; the browser around it must not either.
        "--host-resolver-rules=MAP * ~NOTFOUND",
        // Its sandbox cannot be used by root. What is printed is our own page, without a script.
        .. Environment.IsPrivilegedProcess ? ["--no-sandbox"] : Array.Empty<string>(),
        $"--user-data-dir={Path.Combine(folder, "profile")}", "--no-pdf-header-footer", $"--print-to-pdf={pdf}", new Uri(page).AbsoluteUri,
    ];

    /// <summary>Children of a browser that was ended may still write for a moment.</summary>
    private static void Remove(DirectoryInfo folder)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                folder.Delete(recursive: true);
                return;
            }
            catch (IOException) when (tries < 20)
            {
                Thread.Sleep(100);
            }
        }
    }
}

/// <summary>One prints, and only so many wait: each of them keeps a report in memory, and a request open.</summary>
/// <param name="waiting">How many may wait.</param>
internal sealed class PrintQueue(int waiting)
{
    private readonly SemaphoreSlim one = new(1);
    private int inside;

    /// <summary>Waits for its turn, which ends when what it returns is disposed.</summary>
    /// <exception cref="CommandEnds">Refused: so many wait already.</exception>
    public async Task<IDisposable> Enter(Ct ct)
    {
        if (Interlocked.Increment(ref inside) > waiting + 1)
        {
            Interlocked.Decrement(ref inside);
            throw new CommandEnds(ExitCodes.Refused, $"a report is being printed, and {waiting} more wait for it. Ask again in a minute, or take the report as HTML and print that.");
        }
        try
        {
            await one.WaitAsync(ct);
        }
        catch
        {
            Interlocked.Decrement(ref inside);
            throw;
        }
        return new Turn(this);
    }

    private sealed class Turn(PrintQueue queue) : IDisposable
    {
        public void Dispose()
        {
            queue.one.Release();
            Interlocked.Decrement(ref queue.inside);
        }
    }
}
