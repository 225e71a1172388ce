using System.Diagnostics;
using System.Text;

namespace Changeover.Transport;

/// <summary>A child process with its three streams as bytes, in a session of its own.</summary>
/// <remarks>
/// In a session of its own (<c>setsid</c>), because Ctrl-C in the terminal goes to the whole foreground group: it would cut
/// requests that are in flight, of which this program wants the answer before it stops. Without a terminal nothing can ask
/// for a password either.
/// </remarks>
internal sealed class LocalProcess : IDisposable
{
    /// <summary>More than any answer has, and far from filling the controller's memory.</summary>
    public const int LongestOutput = 64 * 1024 * 1024;

    private const int LongestError = 64 * 1024;

    /// <summary>What a process that was given up and not waited for counts as: ended by a signal.</summary>
    private const int Killed = 128 + 9;

    private readonly Process process;
    private int? ended;

    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public LocalProcess(string program, IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo("setsid", [program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["LC_ALL"] = "C";
        process = Process.Start(info)!;
        Error = ReadError();
        Exited = process.WaitForExitAsync(Ct.None);
    }

    public int Id => process.Id;
    public Stream Input => process.StandardInput.BaseStream;
    public Stream Output => process.StandardOutput.BaseStream;

    /// <summary>Everything it says on standard error, up to 64 KiB, when it has ended or closed it.</summary>
    public Task<string> Error { get; }

    public Task Exited { get; }

    /// <summary>Null while it lives. May still be asked when it was disposed: others may be using the same connection.</summary>
    public int? ExitCode
    {
        get
        {
            try
            {
                return ended ?? (process.HasExited ? process.ExitCode : null);
            }
            catch (InvalidOperationException)
            {
                return Killed;
            }
        }
    }

    public void Kill()
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    public void Dispose()
    {
        ended = ExitCode ?? Killed;
        Kill();
        foreach (var stream in (ReadOnlySpan<Stream>)[Input, Output, process.StandardError.BaseStream])
        {
            try
            {
                stream.Dispose();
            }
            catch (IOException)
            {
                // Unwritten input of a program that is gone.
            }
        }
        process.Dispose();
    }

    private async Task<string> ReadError()
    {
        var text = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            int n;
            while ((n = await process.StandardError.BaseStream.ReadAsync(buffer, Ct.None)) > 0)
                text.Write(buffer, 0, (int)Math.Min(n, LongestError - text.Length));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Killed while it spoke: what it said until then counts.
        }
        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }
}
