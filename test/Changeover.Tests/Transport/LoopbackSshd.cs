using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Transport;

namespace Changeover.Tests.Transport;

/// <summary>A real sshd of this test alone on a port of its own, with its own host key, user key and known_hosts.</summary>
internal sealed class LoopbackSshd : IAsyncDisposable
{
    private const string Program = "/usr/sbin/sshd";

    /// <summary>Longer than anything takes on a machine that does much else; only a test that fails waits for its end.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    /// <summary>What the tests' own machine calls itself: sshd's sessions see the same name.</summary>
    public static readonly string HostName = File.ReadAllText("/proc/sys/kernel/hostname").Trim();

    private readonly Process process;
    private readonly List<string> log = [];

    private LoopbackSshd(string folder, int port, Process process)
    {
        Folder = folder;
        Port = port;
        this.process = process;
        process.ErrorDataReceived += (_, e) =>
        {
            lock (log)
                log.Add(e.Data ?? "");
        };
        process.BeginErrorReadLine();
    }

    public string Folder { get; }
    public int Port { get; }

    /// <summary>Logins that this sshd accepted: one for each connection.</summary>
    public int Logins
    {
        get
        {
            lock (log)
                return log.Count(l => l.Contains("Accepted publickey", StringComparison.Ordinal));
        }
    }

    public string KnownHosts => Path.Combine(Folder, "known_hosts");
    public string UserKey => Path.Combine(Folder, "user");

    public SshOptions Options => new(ConfigFile: "none", Identity: UserKey, KnownHosts: KnownHosts);

    /// <param name="settings">Further lines of sshd_config.</param>
    /// <param name="forced">Options in front of the key in authorized_keys.</param>
    public static async Task<LoopbackSshd> Start(string settings = "", string forced = "")
    {
        Assert.SkipUnless(File.Exists(Program), "no sshd here: install openssh-server to test the ssh transport for real");
        if (Environment.IsPrivilegedProcess)
            Directory.CreateDirectory("/run/sshd"); // Where sshd, started by root, keeps its unprivileged part.
        var folder = Directory.CreateTempSubdirectory("sshd-").FullName;
        foreach (var key in new[] { "host", "user", "other" })
            await Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(folder, key));
        var port = FreePort();
        await File.WriteAllTextAsync(Path.Combine(folder, "authorized_keys"), forced + (forced.Length > 0 ? " " : "") + Key("user"));
        await File.WriteAllTextAsync(Path.Combine(folder, "known_hosts"), $"[127.0.0.1]:{port} {Key("host")}");
        await File.WriteAllTextAsync(Path.Combine(folder, "sshd_config"),
            $"""
            Port {port}
            ListenAddress 127.0.0.1
            HostKey {folder}/host
            AuthorizedKeysFile {folder}/authorized_keys
            PidFile none
            StrictModes no
            UsePAM no
            PermitRootLogin prohibit-password
            LogLevel INFO
            {settings.Replace("FOLDER", folder, StringComparison.Ordinal)}

            """);
        var process = Process.Start(new ProcessStartInfo(Program, ["-D", "-e", "-f", Path.Combine(folder, "sshd_config")])
        {
            RedirectStandardError = true,
        })!;
        var sshd = new LoopbackSshd(folder, port, process);
        await Eventually(() => !process.HasExited && Answers(port), "sshd does not listen");
        return sshd;

        string Key(string name) => File.ReadAllText(Path.Combine(folder, name + ".pub"));
    }

    /// <summary>An inventory with one machine "m" that this sshd stands for.</summary>
    public ClusterInventory Inventory(Func<Machine, Machine>? change = null)
    {
        var machine = new Machine
        {
            Name = "m",
            Host = "h1",
            Address = "127.0.0.1",
            Port = Port,
            User = Environment.UserName,
            NodeName = "m",
            HostName = HostName,
            GuestName = "m",
        };
        return new() { Cluster = "test", Machines = [change is null ? machine : change(machine)] };
    }

    public RealTransport Transport(Func<Machine, Machine>? change = null, SshOptions? options = null) =>
        new(Inventory(change), options ?? Options, new Secrets("/"));

    /// <summary>Ends, stops or lets go on what serves the connections (not what listens for new ones).</summary>
    public async Task SignalConnections(string signal)
    {
        foreach (var pid in (await File.ReadAllTextAsync($"/proc/{process.Id}/task/{process.Id}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", pid]) { RedirectStandardError = true })!;
            await kill.WaitForExitAsync(); // One that has just ended by itself needs no signal.
        }
    }

    public static Request.Shell Ask(params ImmutableArray<Command> commands) => new("m", commands, Patience);

    public static Command Sh(string key, string line) => new(key, ["/bin/sh", "-c", line]);

    public static async Task Eventually(Func<bool> holds, string otherwise)
    {
        for (var start = Stopwatch.StartNew(); !holds();)
        {
            if (start.Elapsed > Patience)
                Assert.Fail(otherwise);
            await Task.Delay(10);
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static async Task Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments))!;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }

    private static bool Answers(int port)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Stopped ones first go on: they could not die otherwise.
        await SignalConnections("CONT");
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
