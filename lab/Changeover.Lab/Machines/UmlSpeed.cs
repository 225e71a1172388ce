using System.Globalization;
using System.Text.RegularExpressions;

namespace Changeover.Lab.Machines;

/// <summary>
/// Whether the stores can live on this machine. Every system call in User-Mode Linux is several changes between two processes, and what
/// one costs differs much between machines: where it is dear, resource agents take longer than their time-outs, and what a case shows is luck.
/// </summary>
public static partial class UmlSpeed
{
    /// <summary>Set to 1: the lab is tried on a machine that is too slow for it.</summary>
    public const string TryAnyway = "CHANGEOVER_LAB_SLOW";

    /// <summary>
    /// What a subshell may take in a store, with nothing else running in it. 11 ms where the lab was designed; at 29 ms neither of two
    /// labs came up within its six minutes.
    /// </summary>
    public static readonly TimeSpan SlowestSubshell = TimeSpan.FromMilliseconds(22);

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

    /// <summary>Why the stores are too slow here, or null: they are not, or nobody can tell.</summary>
    public static async Task<string?> Reason() =>
        Environment.GetEnvironmentVariable(TryAnyway) != "1" && await Subshell() is { } took && took > SlowestSubshell
            ? string.Create(CultureInfo.InvariantCulture,
                $"this machine is too slow for the two stores: a subshell in User-Mode Linux takes {took.TotalMilliseconds:0} ms here, at most {SlowestSubshell.TotalMilliseconds:0} are needed (11 where the lab was designed); {TryAnyway}=1 tries it all the same")
            : null;

    /// <summary>Measured in a few seconds; null: User-Mode Linux did not say.</summary>
    public static async Task<TimeSpan?> Subshell()
    {
        var folder = Directory.CreateTempSubdirectory("changeover-lab-speed-").FullName;
        try
        {
            var script = Path.Combine(folder, "init");
            await File.WriteAllTextAsync(script, Script);
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var said = await Command.Run(
                [
                    .. await UmlMachine.Urgent(), "taskset", "-c", "0", "linux.uml", "mem=128M", $"uml_dir={folder}/", "umid=speed", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",
                    "con0=null,fd:1", "con=null", "ssl=null", $"init={script}",
                ],
                limit: TimeSpan.FromSeconds(60), environment: new Dictionary<string, string> { ["TMPDIR"] = "/dev/shm", ["HOME"] = folder });
            return Read(said.Output);
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
