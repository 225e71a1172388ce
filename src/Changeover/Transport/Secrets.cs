using System.Collections.Concurrent;
using System.ComponentModel;
using System.Text;

namespace Changeover.Transport;

/// <summary>A value that must never be seen: its text form says only that it is one.</summary>
public sealed class Secret(string value)
{
    /// <summary>The value, for the one place that sends it.</summary>
    public string Reveal() => value;

    public override string ToString() => "(secret)";
}

/// <summary>
/// Reads what the inventory's references stand for: <c>env:NAME</c>, <c>file:PATH</c>, <c>command:LINE</c>. Late, when a
/// request needs it, and kept in memory only.
/// </summary>
/// <param name="directory">Folder of the inventory, to which relative paths belong and in which commands run.</param>
public sealed class Secrets(string directory)
{
    /// <summary>A password store may ask a token or a server; longer than this it waits for somebody.</summary>
    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(20);

    private const int Longest = 64 * 1024;

    private readonly ConcurrentDictionary<string, Secret> known = new(StringComparer.Ordinal);

    /// <summary>The secret, or why there is none. The reason names the reference and never what was read.</summary>
    public async Task<(Secret? Secret, string Why)> Resolve(string reference, Ct ct)
    {
        if (known.TryGetValue(reference, out var held))
            return (held, "");
        var colon = reference.IndexOf(':', StringComparison.Ordinal);
        var rest = reference[(colon + 1)..];
        var (value, why) = (colon < 0 ? "" : reference[..colon]) switch
        {
            "env" => FromEnvironment(rest),
            "file" => FromFile(Path.Combine(directory, rest)),
            "command" => await FromCommand(rest, ct),
            // What stands there may be the secret itself, so it is not repeated.
            _ => (null, "a reference starts with env:, file: or command:"),
        };
        if (value is null)
            return (null, why);
        if (value.Length == 0)
            return (null, $"{reference} is empty");
        // A line break would end the header it is sent in.
        if (value.Any(char.IsControl))
            return (null, $"{reference} has more than one line, or control characters");
        // The first one wins, so that one request is not sent with two.
        return (known.GetOrAdd(reference, new Secret(value)), "");
    }

    private static (string?, string) FromEnvironment(string name) =>
        Environment.GetEnvironmentVariable(name) is { } value ? (value, "") : (null, $"env:{name} is not set");

    private static (string?, string) FromFile(string path)
    {
        try
        {
            const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            // Asked of the open file, so that it is the one that is read.
            if ((File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0)
                return (null, $"file:{path} can be read or changed by others; take that away (chmod 600)");
            if (file.Length > Longest)
                return (null, $"file:{path} is too large for a secret");
            return (new StreamReader(file).ReadToEnd().TrimEnd('\r', '\n'), "");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, $"file:{path} does not exist");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"file:{path} cannot be read by this user");
        }
    }

    private async Task<(string?, string)> FromCommand(string line, Ct ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(CommandLimit);
        try
        {
            using var process = new LocalProcess("/bin/sh", ["-c", $"cd {Drivers.ShellScript.Quote(directory)} && {line}"]);
            process.Input.Close();
            var output = new byte[Longest];
            var length = await process.Output.ReadAtLeastAsync(output, Longest, throwOnEndOfStream: false, limit.Token);
            await process.Exited.WaitAsync(limit.Token);
            // Its error text is not shown: nobody can know what a password program writes there.
            return process.ExitCode == 0
                ? (Encoding.UTF8.GetString(output, 0, length).Split('\n')[0].TrimEnd('\r'), "")
                : (null, $"command:{line} ended with code {process.ExitCode}");
        }
        catch (OperationCanceledException)
        {
            return (null, $"command:{line} did not end in time");
        }
        catch (Win32Exception)
        {
            return (null, $"command:{line} cannot be started");
        }
    }
}
