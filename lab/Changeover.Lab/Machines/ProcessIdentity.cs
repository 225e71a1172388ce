using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Changeover.Lab.Machines;

/// <summary>One process and no other: its number and the moment it started, because numbers are used again.</summary>
public sealed partial record ProcessIdentity(int Pid, long StartTicks)
{
    public const int Term = 15;
    public const int Kill = 9;

    [JsonIgnore]
    public bool IsAlive => Read(Pid) is { } now && now.StartTicks == StartTicks;

    /// <summary>When it started.</summary>
    [JsonIgnore]
    public DateTimeOffset StartedAt
    {
        get
        {
            var booted = File.ReadLines("/proc/stat").First(l => l.StartsWith("btime ", StringComparison.Ordinal))[6..];
            return DateTimeOffset.FromUnixTimeSeconds(long.Parse(booted)).AddMilliseconds(StartTicks * 10);
        }
    }

    public static ProcessIdentity? Read(int pid) =>
        Fields(pid) is { } fields && fields[0] is not ("Z" or "X") ? new(pid, long.Parse(fields[19])) : null;

    public static ProcessIdentity? Load(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<ProcessIdentity>(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    public void Save(string file) => File.WriteAllText(file, JsonSerializer.Serialize(this));

    /// <summary>The children it has now.</summary>
    public IEnumerable<int> Children()
    {
        try
        {
            return [.. File.ReadAllText($"/proc/{Pid}/task/{Pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    public void Signal(int signal)
    {
        if (IsAlive) Send(Pid, signal);
    }

    /// <summary>To its whole process group; it was started as the leader of one of its own.</summary>
    public void SignalGroup(int signal) => Send(-Pid, signal);

    public async Task<bool> HasEnded(TimeSpan within, Ct ct = default)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (IsAlive)
        {
            if (clock.Elapsed > within) return false;
            await Task.Delay(50, ct);
        }

        return true;
    }

    /// <summary>
    /// Puts its session before others. Where the kernel shares time between sessions (autogroup), "nice" alone only orders the
    /// processes of one session among themselves.
    /// </summary>
    public void PreferSession()
    {
        var file = $"/proc/{Pid}/autogroup";
        if (File.Exists(file)) File.WriteAllText(file, "-10");
    }

    /// <summary>Sends to one process by its number; for processes found in a namespace of the lab.</summary>
    public static void Send(int pid, int signal) => kill(pid, signal);

    /// <summary>Starts a program that outlives this one, as leader of its own group, with its outputs in a file.</summary>
    /// <param name="joined">The control groups it is to live in.</param>
    public static async Task<ProcessIdentity> Start(
        IEnumerable<string> words, string log, string directory, IReadOnlyDictionary<string, string>? environment = null, IEnumerable<string>? joined = null)
    {
        // The shell ends at once, so that the program belongs to nobody here; setsid in a job of a shell without job control keeps its number.
        const string script = "cd \"$1\" || exit 1; log=$2; for g in $3; do echo $$ >\"$g/cgroup.procs\" || exit 1; done; shift 3; setsid \"$@\" >>\"$log\" 2>&1 </dev/null & echo $!";
        var done = await Command.Run(["/bin/sh", "-c", script, "sh", directory, log, string.Join(' ', joined ?? []), .. words], environment: environment);
        if (!done.Good || !int.TryParse(done.Output.Trim(), out var pid))
            throw new LabException(1, $"program {words.First()} could not be started: {done.Text}");
        // The shell names it before it has left the shell's session; only afterwards does its group hold it and nothing else.
        for (var wait = 0; Fields(pid) is { } fields && fields[3] != $"{pid}" && wait < 200; wait++) await Task.Delay(10);
        return Read(pid) ?? throw new LabException(1, $"program {words.First()} ended at once; see {log}");
    }

    /// <summary>Of /proc/PID/stat what follows the name in brackets, which may hold anything: state, parent, group, session, …; the start time is the 20th.</summary>
    private static string[]? Fields(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
}
