using System.Text;
using Changeover.Reporting;
using Changeover.Running;
using Changeover.Serving;

namespace Changeover.Tests.Serving;

/// <summary>The report as PDF, by whatever Chromium is installed.</summary>
public sealed class ReportPdfTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("changeover-pdf-");

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>In place of Chromium: says where it was told to work, and does this.</summary>
    private string Chromium(string script)
    {
        var file = Path.Combine(folder.FullName, "chromium");
        File.WriteAllText(file, $"#!/bin/sh\nprintf '%s\\n' \"$@\" > {folder.FullName}/told\nfor a; do case $a in --print-to-pdf=*) pdf=${{a#*=}};; esac; done\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return folder.FullName;
    }

    private string[] Told => File.ReadAllLines(Path.Combine(folder.FullName, "told"));

    /// <summary>The profile's folder is gone, whatever came of it.</summary>
    private void LeftNothing() =>
        Assert.False(Directory.Exists(Path.GetDirectoryName(Assert.Single(Told, a => a.StartsWith("--user-data-dir=", StringComparison.Ordinal)).Split('=')[1])));

    [Fact]
    public async Task A_report_is_printed_by_Chromium()
    {
        Assert.SkipUnless(ReportPdf.IsPossible, "there is no Chromium: apt-get install chromium");
        await using var served = await Served.Start();
        var client = served.With(Right.Run);
        var run = await Served.Run(client, "failover");
        await Served.UntilOver(client, run);

        var answer = await client.GetAsync($"/api/runs/{run}/report?format=pdf", Served.Now);
        var pdf = await answer.Content.ReadAsByteArrayAsync(Served.Now);

        Assert.True(answer.IsSuccessStatusCode, Encoding.UTF8.GetString(pdf));
        Assert.Equal("application/pdf", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("%PDF-", Encoding.ASCII.GetString(pdf, 0, 5));
        // Some ninety steps with what was sent do not fit on one page.
        Assert.True(Encoding.Latin1.GetString(pdf).Split("/Type /Page\n").Length > 3);
    }

    [Fact]
    public async Task Without_Chromium_it_is_said_what_to_install()
    {
        var refused = await Assert.ThrowsAsync<CommandEnds>(() => ReportPdf.Print("<p>report</p>", "/no/such/folder", Long, new(0), Served.Now));
        Assert.Equal(ExitCodes.Refused, refused.ExitCode);
        Assert.Contains("apt-get install chromium", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_prints_without_a_network_with_a_profile_of_its_own_and_leaves_nothing()
    {
        var pdf = await ReportPdf.Print("<p>report</p>", Chromium("printf '%%PDF-1' > $pdf"), Long, new(0), Served.Now);

        Assert.Equal("%PDF-1", Encoding.ASCII.GetString(pdf));
        Assert.Contains("--host-resolver-rules=MAP * ~NOTFOUND", Told);
        LeftNothing();
    }

    [Fact]
    public async Task One_that_does_not_print_is_told_with_its_code()
    {
        var refused = await Assert.ThrowsAsync<CommandEnds>(() => ReportPdf.Print("<p>report</p>", Chromium("exit 7"), Long, new(0), Served.Now));
        Assert.Contains("(code 7)", refused.Message, StringComparison.Ordinal);
        LeftNothing();
    }

    [Fact]
    public async Task One_that_never_comes_back_is_ended()
    {
        var path = Chromium("exec sleep 3600");
        var printing = ReportPdf.Print("<p>report</p>", path, TimeSpan.FromSeconds(20), new(0), Served.Now);
        var refused = await Assert.ThrowsAsync<CommandEnds>(() => printing);
        Assert.Contains("within 20 s", refused.Message, StringComparison.Ordinal);
        LeftNothing();
    }

    [Fact]
    public async Task One_prints_while_only_so_many_wait()
    {
        var gate = Path.Combine(folder.FullName, "gate");
        using (var made = System.Diagnostics.Process.Start("mkfifo", gate)!)
            await made.WaitForExitAsync(Served.Now);
        // Each prints when somebody writes a line for it.
        var path = Chromium($"read go < {gate}; printf '%%PDF-1' > $pdf");
        var queue = new PrintQueue(1);
        Task<byte[]>[] both = [ReportPdf.Print("<p>report</p>", path, Long, queue, Served.Now), ReportPdf.Print("<p>report</p>", path, Long, queue, Served.Now)];

        var refused = await Assert.ThrowsAsync<CommandEnds>(() => ReportPdf.Print("<p>report</p>", path, Long, queue, Served.Now));

        Assert.Equal(ExitCodes.Refused, refused.ExitCode);
        Assert.Contains("1 more wait for it", refused.Message, StringComparison.Ordinal);
        foreach (var printing in both)
        {
            await File.WriteAllTextAsync(gate, "go\n", Served.Now);
            Assert.Equal("%PDF-1", Encoding.ASCII.GetString(await printing));
        }
        // There is room again.
        var third = ReportPdf.Print("<p>report</p>", path, Long, queue, Served.Now);
        await File.WriteAllTextAsync(gate, "go\n", Served.Now);
        Assert.NotEmpty(await third);
    }

    [Fact]
    public async Task Who_gives_up_waiting_leaves_room()
    {
        var queue = new PrintQueue(1);
        var first = await queue.Enter(Served.Now);
        using var goes = new CancellationTokenSource();
        var second = queue.Enter(goes.Token);
        await Assert.ThrowsAsync<CommandEnds>(() => queue.Enter(Served.Now));

        await goes.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        var third = queue.Enter(Served.Now);
        Assert.False(third.IsCompleted);
        first.Dispose();
        (await third).Dispose();
    }
}
