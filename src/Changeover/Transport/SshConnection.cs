using System.ComponentModel;
using System.Diagnostics;
using Changeover.Drivers;
using Changeover.Inventory;

namespace Changeover.Transport;

/// <summary>
/// The one connection to a machine: an <c>ssh -N -M</c> that is started when it is first needed and again when it has ended.
/// Requests are sessions on it, so a request costs no key exchange, and one that cannot get there leaves nothing behind.
/// </summary>
internal sealed class SshConnection(Machine machine, SshOptions options, string socketBase) : IAsyncDisposable
{
    /// <summary>Login included. A healthy one takes 0.2 s; name look-ups of a sick network may take 30 s and more.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    /// <summary>How often the socket is looked for while ssh logs in: it appears when the login is done.</summary>
    private static readonly TimeSpan StartPoll = TimeSpan.FromMilliseconds(10);

    // The connection must not outlive this process, however that ends. A pipe tells: as long as its other end is open the
    // shell in the background waits, and a closed end without a line is our death. A line says that ssh has ended by itself,
    // so that the number, which may be somebody else's by now, is left alone. It ends with TERM, on which ssh removes its socket.
    private const string EndsWithUs =
        """
        exec 3<&0
        { read -r line || kill -TERM "$$"; } <&3 3<&- >/dev/null 2>&1 &
        exec "$@" </dev/null 3<&-
        """;

    private readonly Lock gate = new();
    private readonly List<Master> masters = [];
    private Task<Attempt>? current;
    private int started;
    private bool closed;

    /// <summary>Running or not: what is needed to use it, or why there is none.</summary>
    public sealed record Attempt(Master? Master, Reply? Closed);

    public sealed class Master(LocalProcess process, string socket)
    {
        public LocalProcess Process => process;
        public string Socket => socket;
        public bool Alive => process.ExitCode is null;

        /// <summary>A request found its socket dead. The next one gets a new connection; answers still under way on this one come in.</summary>
        public bool Abandoned { get; set; }

        /// <summary>Windows: the host name was compared on this very connection.</summary>
        public bool Identified { get; set; }
    }

    public string Who => $"{machine.User}@{machine.Address}{(machine.Port == 22 ? "" : $":{machine.Port}")}";

    /// <summary>
    /// The living connection, made now if there is none. Everyone who waits for it gets the same one; a caller whose budget
    /// is over stops waiting, the others do not.
    /// </summary>
    public Task<Attempt> Open(Ct ct)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed, this);
            if (current is null || (current.IsCompleted && current.Result.Master is not { Alive: true, Abandoned: false }))
                current = Task.Run(Start, Ct.None);
            return current.WaitAsync(ct);
        }
    }

    /// <summary>The arguments with which a session on this connection is opened. <paramref name="command"/> is the line for the login shell.</summary>
    /// <remarks>
    /// Only the socket leads anywhere: no configuration is read, and where the socket does not answer the connection of its
    /// own that ssh would try ends at <c>false</c>. So a request never takes a way that was not checked.
    /// </remarks>
    public static ImmutableArray<string> Session(Master master, string command) =>
    [
        "-F", "none", "-T", "-o", "LogLevel=ERROR", "-o", "ControlMaster=no", "-o", $"ControlPath={master.Socket}",
        "-o", "ProxyCommand=false", "-o", "BatchMode=yes", "--", "machine", command,
    ];

    private async Task<Attempt> Start()
    {
        var socket = $"{socketBase}.{++started}";
        LocalProcess process;
        try
        {
            process = new LocalProcess("/bin/sh", ["-c", EndsWithUs, "sh", options.Program, .. Arguments(socket)]);
        }
        catch (Win32Exception e)
        {
            return new(null, new Reply.Refused(RefusalKind.Unknown, $"the controller cannot start ssh: {e.Message}"));
        }
        var start = Stopwatch.StartNew();
        while (!File.Exists(socket))
        {
            if (process.ExitCode is not null)
            {
                var said = await process.Error;
                Retire(process);
                process.Dispose();
                return new(null, SshMessages.NotConnected(said, Who));
            }
            if (start.Elapsed > StartLimit)
            {
                process.Dispose();
                return new(null, new Reply.NotSent($"the login at {Who} did not end within {StartLimit.TotalSeconds:0} s"));
            }
            await Task.WhenAny(process.Exited, Task.Delay(StartPoll));
        }
        _ = process.Exited.ContinueWith(_ => Retire(process), TaskScheduler.Default);
        var master = new Master(process, socket);
        lock (gate)
        {
            foreach (var dead in masters.Where(m => !m.Alive))
                dead.Process.Dispose();
            masters.RemoveAll(m => !m.Alive);
            masters.Add(master);
        }
        return new(master, null);
    }

    private ImmutableArray<string> Arguments(string socket)
    {
        var arguments = ImmutableArray.CreateBuilder<string>();
        if (options.ConfigFile.Length > 0)
            arguments.AddRange("-F", options.ConfigFile);
        arguments.AddRange("-N", "-T", "-M", "-S", socket);
        Option("ControlPersist", "no");
        Option("BatchMode", "yes");
        Option("StrictHostKeyChecking", "yes");
        Option("UpdateHostKeys", "no");
        Option("ConnectTimeout", "10");
        Option("ServerAliveInterval", "5");
        Option("ServerAliveCountMax", "3");
        // ERROR keeps the login banner out of the words from which the reason is read.
        Option("LogLevel", "ERROR");
        // What an operator's configuration may ask for at a terminal and a program must not get.
        Option("ClearAllForwardings", "yes");
        Option("ForwardAgent", "no");
        Option("ForwardX11", "no");
        Option("PermitLocalCommand", "no");
        Option("RemoteCommand", "none");
        Option("ForkAfterAuthentication", "no");
        if (options.KnownHosts.Length > 0)
        {
            Option("UserKnownHostsFile", options.KnownHosts);
            Option("GlobalKnownHostsFile", "/dev/null");
        }
        if (options.Identity.Length > 0)
        {
            arguments.AddRange("-i", options.Identity);
            Option("IdentitiesOnly", "yes");
            Option("IdentityAgent", "none");
        }
        // 22 is the inventory's default, so it leaves the port to ssh_config, where an operator may have named another one.
        if (machine.Port != 22)
            arguments.AddRange("-p", machine.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        arguments.AddRange("-l", machine.User, "--", machine.Address);
        return arguments.ToImmutable();

        void Option(string name, string value) => arguments.AddRange("-o", $"{name}={value}");
    }

    /// <summary>ssh has ended by itself: the shell that watches over it is let go.</summary>
    private static void Retire(LocalProcess process)
    {
        try
        {
            process.Input.Write("\n"u8);
            process.Input.Flush();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The watching shell is gone as well.
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<Attempt>? last;
        lock (gate)
        {
            closed = true;
            last = current;
        }
        if (last is null)
            return;
        await last;
        await Task.WhenAll(masters.Select(Close));
    }

    private static async Task Close(Master master)
    {
        if (master.Alive)
        {
            // Closing the pipe is the end without a line: TERM, on which ssh says goodbye and removes its socket.
            await master.Process.Input.DisposeAsync();
            await Task.WhenAny(master.Process.Exited, Task.Delay(TimeSpan.FromSeconds(2)));
        }
        master.Process.Dispose();
    }
}
