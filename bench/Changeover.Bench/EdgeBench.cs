using System.Diagnostics;
using System.Globalization;
using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Journal;
using Changeover.Transport;

namespace Changeover.Bench;

/// <summary>
/// What the impure edges cost, by the clock on the wall: a durable append, and an exchange with a machine. Single readings
/// of real disks and processes, so medians and tails, and no statistics beyond them.
/// </summary>
internal static class EdgeBench
{
    public static void Journal(string folder)
    {
        var file = Path.Combine(folder, $"bench-{Environment.ProcessId}.journal");
        try
        {
            using var journal = EventJournal.Open(file, "bench", TimeProvider.System);
            journal.StartEpoch("run", 0);
            var entry = new JournalEntry("note", 1, $$"""{"text":"{{new string('x', 130)}}"}""");
            Measure("append one entry of 141 bytes", 1000, () => journal.Append("run", 1, [entry]));
            Measure("append ten entries at once", 300, () => journal.Append("run", 1, [.. Enumerable.Repeat(entry, 10)]));
            journal.Append("run", 1, [.. Enumerable.Repeat(entry, 20_000)]);
            Measure("read a run of 24,000 entries", 5, () => journal.Read("run"));
            journal.Dispose();
            Measure("open and check it", 5, () => EventJournal.Open(file, "bench", TimeProvider.System).Dispose());
        }
        finally
        {
            foreach (var left in Directory.GetFiles(folder, Path.GetFileName(file) + "*"))
                File.Delete(left);
        }
    }

    /// <summary>
    /// Against a sshd of its own on loopback, with the login shell of whoever runs it. A bash that sshd starts reads ~/.bashrc
    /// unless SHLVL says that it is not the first; what stands there would be measured with it.
    /// </summary>
    public static async Task Ssh()
    {
        var folder = Directory.CreateTempSubdirectory("bench-sshd-").FullName;
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        foreach (var key in new[] { "host", "user" })
            await Process.Start("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", $"{folder}/{key}"]).WaitForExitAsync();
        File.Copy($"{folder}/user.pub", $"{folder}/authorized_keys");
        await File.WriteAllTextAsync($"{folder}/known_hosts", $"[127.0.0.1]:{port} {await File.ReadAllTextAsync($"{folder}/host.pub")}");
        await File.WriteAllTextAsync($"{folder}/sshd_config",
            $"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized_keys\nPidFile none\nStrictModes no\nUsePAM no\nLogLevel ERROR\nSetEnv SHLVL=2\n");
        if (Environment.IsPrivilegedProcess)
            Directory.CreateDirectory("/run/sshd");
        using var sshd = Process.Start("/usr/sbin/sshd", ["-D", "-e", "-f", $"{folder}/sshd_config"]);
        try
        {
            await Task.Delay(500);
            var machine = new Machine
            {
                Name = "m",
                Host = "h",
                Address = "127.0.0.1",
                Port = port,
                User = Environment.UserName,
                NodeName = "m",
                HostName = File.ReadAllText("/proc/sys/kernel/hostname").Trim(),
                GuestName = "m",
            };
            await using var transport = new RealTransport(
                new ClusterInventory { Cluster = "bench", Machines = [machine] },
                new SshOptions("none", $"{folder}/user", $"{folder}/known_hosts"), new Secrets(folder));
            var one = new Request.Shell("m", [new("a", ["true"])], TimeSpan.FromSeconds(30));
            var six = one with { Commands = [.. Enumerable.Range(0, 6).Select(i => new Command($"{i}", ["true"]))] };
            Measure("first exchange, login included", 1, () => Exchange(transport, one));
            Measure("one command", 100, () => Exchange(transport, one));
            Measure("six commands in one exchange", 50, () => Exchange(transport, six));
            Measure("eight exchanges at once", 20, () =>
                Task.WaitAll([.. Enumerable.Range(0, 8).Select(_ => Task.Run(() => Exchange(transport, one)))]));
            Measure("bare ssh start (ssh -V), for comparison", 50, () => Process.Start(
                new ProcessStartInfo("ssh", ["-V"]) { RedirectStandardError = true })!.WaitForExit());
            Measure("the login shell alone (true), for comparison", 50, () => Process.Start(
                new ProcessStartInfo(Environment.GetEnvironmentVariable("SHELL") ?? "/bin/sh", ["-c", "true"]))!.WaitForExit());
        }
        finally
        {
            sshd.Kill(entireProcessTree: true);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Exchange(RealTransport transport, Request request)
    {
        if (transport.Exchange(request, Ct.None).GetAwaiter().GetResult() is not Reply.Answered)
            throw new InvalidOperationException("no answer");
    }

    private static void Measure(string what, int times, Action action)
    {
        if (times > 1)
            action();
        var taken = new double[times];
        for (var i = 0; i < times; i++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            taken[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(taken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what,-46} n={times,-5} median {taken[times / 2],8:0.00} ms   p99 {taken[Math.Min(times - 1, times * 99 / 100)],8:0.00} ms"));
    }
}
