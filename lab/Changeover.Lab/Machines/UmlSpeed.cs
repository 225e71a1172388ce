using System.Globalization;
using System.Text.RegularExpressions;

namespace Changeover.Lab.Machines;

/// <summary>
/// How fast the stores are on this machine. Every system call in User-Mode Linux is several changes between two processes, and what
/// one costs differs much between machines; how long a wait for the stores may be is measured, not guessed.
/// </summary>
public static partial class UmlSpeed
{
    /// <summary>What a subshell takes in a store, with nothing else running in it, where the lab and its waits were designed.</summary>
    private static readonly TimeSpan Designed = TimeSpan.FromMilliseconds(11);

    private const int Subshells = 100;

    // The machine's own files, read-only, are all it needs.
    private static readonly string Script = $$"""
        #!/bin/bash
        mount -t proc proc /proc
        read from rest < /proc/uptime
        for i in {1..{{Subshells}}}; do (:); done
        read to rest < /proc/uptime
        echo "subshells $from $to"
        echo o > /proc/sysrq-trigger
        sleep 10

        """;

    /// <summary>How many times as long as where the lab was designed, measured in a few seconds.</summary>
    /// <param name="program">The User-Mode Linux that is to run the stores.</param>
    /// <exception cref="LabException">It does not start on this machine.</exception>
    public static async Task<double> TimesAsLong(string program)
    {
        var folder = Directory.CreateTempSubdirectory("changeover-lab-speed-").FullName;
        try
        {
            var script = Path.Combine(folder, "init");
            await File.WriteAllTextAsync(script, Script);
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var said = await Command.Run(
                [
                    .. await UmlMachine.Urgent(), "taskset", "-c", "0", program, "seccomp=auto", "mem=128M", $"uml_dir={folder}/", "umid=speed", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",
                    "con0=null,fd:1", "con=null", "ssl=null", $"init={script}",
                ],
                limit: TimeSpan.FromSeconds(60), environment: new Dictionary<string, string> { ["TMPDIR"] = "/dev/shm", ["HOME"] = folder });
            return Read(said.Output) is { } took ? took / Designed : throw new LabException(3, $"it does not start on this machine:\n{said.Text}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static TimeSpan? Read(string output) => Took().Match(output) is { Success: true } m
        ? (double.Parse(m.Groups["to"].Value, CultureInfo.InvariantCulture) - double.Parse(m.Groups["from"].Value, CultureInfo.InvariantCulture)) * TimeSpan.FromSeconds(1) / Subshells
        : null;

    [GeneratedRegex(@"subshells (?<from>[0-9]+\.[0-9]+) (?<to>[0-9]+\.[0-9]+)")]
    private static partial Regex Took();
}
