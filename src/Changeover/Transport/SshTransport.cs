using System.Collections.Concurrent;
using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;
using Changeover.Drivers;
using Changeover.Inventory;

namespace Changeover.Transport;

/// <summary>Shell requests over the <c>ssh</c> program. See docs/drivers/ssh.md.</summary>
/// <remarks>
/// On Linux a request goes in two steps: a session starts a shell that first says the machine's name, and only when that is
/// the name meant is the script handed to it. So "not sent" is a fact and not a guess from an exit code, and a machine that
/// answers at another's address never gets a command.
/// </remarks>
internal sealed class SshTransport(ClusterInventory inventory, SshOptions options) : IAsyncDisposable
{
    /// <summary>What a login shell may print before the script (profiles, messages of the day).</summary>
    private const int LongestGreeting = 64 * 1024;

    /// <summary>How long a machine that opens no further session is left alone.</summary>
    private static readonly TimeSpan FullPause = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan ClosingTime = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<string, Link> links = new(StringComparer.Ordinal);
    private readonly RuntimeDirectory runtime = new();
    private int linkCount;

    private sealed record Link(SshConnection Connection, SemaphoreSlim Slots);

    /// <summary>Why a session got no reply yet: it may be tried on a new connection, or a little later.</summary>
    private enum Retry
    {
        No,
        Reconnect,
        Later,
    }

    public async Task<Reply> Exchange(Request.Shell request, Ct ct)
    {
        if (inventory.FindMachine(request.Machine) is not { } machine)
            return new Reply.Refused(RefusalKind.Unknown, $"no machine {request.Machine} in the inventory");
        if (machine.Platform == Platform.Windows && request.Guard is not null)
            return new Reply.Refused(RefusalKind.Unknown, "a Windows machine holds no claim, so a guard cannot be tested there");
        var link = links.GetOrAdd(machine.Name, _ => new(
            new SshConnection(machine, options, Path.Combine(runtime.Path, $"m{Interlocked.Increment(ref linkCount)}")),
            new SemaphoreSlim(SshOptions.AtATime)));
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(ct);
        budget.CancelAfter(request.Budget);
        try
        {
            await link.Slots.WaitAsync(budget.Token);
        }
        catch (OperationCanceledException)
        {
            return new Reply.NotSent(Ended("earlier requests to it were still waiting for their answer", request.Budget, ct));
        }
        try
        {
            return await Attempts(request, machine, link.Connection, budget.Token, ct);
        }
        finally
        {
            link.Slots.Release();
        }
    }

    /// <summary>
    /// The request on a living connection. Tried again only as long as nothing was handed over: once when the connection
    /// turns out to be dead, and until the budget is over when the machine has no session free.
    /// </summary>
    private async Task<Reply> Attempts(Request.Shell request, Machine machine, SshConnection connection, Ct budget, Ct ct)
    {
        Reply? full = null;
        for (var reconnects = 0; ;)
        {
            SshConnection.Attempt opened;
            try
            {
                opened = await connection.Open(budget);
            }
            catch (OperationCanceledException)
            {
                return new Reply.NotSent(Ended($"no login at {connection.Who}", request.Budget, ct));
            }
            if (opened.Closed is { } closed)
                return closed;
            var (reply, retry) = machine.Platform == Platform.Windows
                ? await OnWindows(request, machine, opened.Master!, budget, ct)
                : await OnLinux(request, machine, opened.Master!, budget, ct);
            // When time runs out on a machine that had no session free before, that is the reason.
            if (retry == Retry.No || (retry == Retry.Reconnect && ++reconnects > 1))
                return reply is Reply.NotSent ? full ?? reply : reply;
            if (retry == Retry.Reconnect)
            {
                opened.Master!.Abandoned = true;
                continue;
            }
            full = reply;
            try
            {
                await Task.Delay(FullPause, budget);
            }
            catch (OperationCanceledException)
            {
                return reply;
            }
        }
    }

    private async Task<(Reply Reply, Retry Retry)> OnLinux(Request.Shell request, Machine machine, SshConnection.Master master, Ct budget, Ct ct)
    {
        var nonce = RandomNumberGenerator.GetHexString(16, lowercase: true);
        // The script itself goes through the shell's standard input: no limit of length, nothing in a process list, no second quoting.
        // The shell reads the name by itself: every exchange begins like this, and uname would be a process more.
        var greet = $"""/bin/sh -c 'read -r name </proc/sys/kernel/hostname; printf "@@changeover %s host %s\n" {nonce} "$name"; exec /bin/sh -s'""";
        if (Start(master, greet) is not { } session)
            return (new Reply.NotSent("the controller cannot start another ssh"), Retry.No);
        using (session)
        {
            var received = new MemoryStream();
            string? name;
            try
            {
                name = await HostName(session, received, nonce, budget);
            }
            catch (OperationCanceledException)
            {
                return (new Reply.NotSent(Ended("it opened no shell", request.Budget, ct)), Retry.No);
            }
            if (name is null)
                return await NotStarted(session, received, master);
            if (!SameHost(name, machine.HostName))
                return (WrongHost(name, machine), Retry.No);

            // From here on it may have happened.
            try
            {
                await session.Input.WriteAsync(Encoding.UTF8.GetBytes(ShellScript.Render(request, machine.Sudo, nonce)), budget);
                session.Input.Close();
                await ReadAnswer(session, received, Encoding.UTF8.GetBytes($"@@changeover {nonce} done\n"), budget);
            }
            catch (OperationCanceledException)
            {
                return (new Reply.NoAnswer(Ended("it did not answer", request.Budget, ct) + "; what was asked may still be running there"), Retry.No);
            }
            catch (IOException)
            {
                // The pipe to ssh broke while the script was written; what came back until then is read like any other answer.
            }
            if (received.Length >= LocalProcess.LongestOutput)
                return (new Reply.NoAnswer($"the answer is longer than {LocalProcess.LongestOutput / 1024 / 1024} MiB"), Retry.No);
            var reply = ShellScript.Read(request, Text(received), nonce);
            if (reply is Reply.NoAnswer silent)
                return (new Reply.NoAnswer(await Because(silent.Why, session, master)), Retry.No);
            // Its session counts against the machine's limit until it has closed, a millisecond later as a rule.
            await Task.WhenAny(session.Exited, Task.Delay(ClosingTime));
            return (reply, Retry.No);
        }
    }

    /// <summary>On Windows every command is a session of its own: the shell there is cmd.exe, which cannot be handed a script.</summary>
    private async Task<(Reply Reply, Retry Retry)> OnWindows(Request.Shell request, Machine machine, SshConnection.Master master, Ct budget, Ct ct)
    {
        if (!master.Identified)
        {
            var (asked, again) = await OneCommand(new Command("host", ["hostname"]), request.Budget, master, budget, ct);
            if (asked is not Reply.Answered { Results: [var answer] })
                // The name was only asked for, so whatever became of that, the request itself has not left.
                return (asked is Reply.NoAnswer silent ? new Reply.NotSent(silent.Why) : asked, again);
            if (answer.Code != 0 || !SameHost(answer.Output.Trim(), machine.HostName))
                return (WrongHost(answer.Output.Trim(), machine), Retry.No);
            master.Identified = true;
        }
        var results = ImmutableArray.CreateBuilder<Result>();
        foreach (var command in request.Commands)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(budget);
            // A command that changes something stands alone in its request: cut short, it is unclear. Among several, which only
            // look, one that hangs must not silence the others, and reads as timed out, although it may run on over there.
            var mayTimeOut = command.Limit is not null && request.Commands.Length > 1;
            if (command.Limit is { } span)
                limit.CancelAfter(span);
            var (reply, retry) = await OneCommand(command, command.Limit ?? request.Budget, master, limit.Token, ct);
            if (reply is Reply.Answered answered)
                results.AddRange(answered.Results);
            else if (mayTimeOut && !budget.IsCancellationRequested && limit.IsCancellationRequested)
                results.Add(new(command.Key, Result.TimedOut, "", "cut short here; it may still be running on the machine"));
            else if (results.Count == 0)
                return (reply, retry);
            else
                return (new Reply.NoAnswer(reply switch
                {
                    Reply.NotSent r => r.Why,
                    Reply.NoAnswer r => r.Why,
                    _ => "the answer broke off",
                }), Retry.No);
        }
        return (new Reply.Answered(results.ToImmutable()), Retry.No);
    }

    private async Task<(Reply Reply, Retry Retry)> OneCommand(Command command, TimeSpan span, SshConnection.Master master, Ct budget, Ct ct)
    {
        if (budget.IsCancellationRequested)
            return (new Reply.NotSent(Ended("there was no time left for it", span, ct)), Retry.No);
        if (Start(master, WindowsCommandLine.Of(command.Arguments)) is not { } session)
            return (new Reply.NotSent("the controller cannot start another ssh"), Retry.No);
        using (session)
        {
            var received = new MemoryStream();
            try
            {
                await Feed(session, command.Input, budget);
                await ReadAnswer(session, received, [], budget);
                await session.Exited.WaitAsync(budget);
            }
            catch (OperationCanceledException)
            {
                return (new Reply.NoAnswer(Ended("it did not answer", span, ct) + "; what was asked may still be running there"), Retry.No);
            }
            var code = session.ExitCode ?? 255;
            var error = await session.Error;
            if (code != 255)
                return (new Reply.Answered([new(command.Key, code, Text(received), error)]), Retry.No);
            // 255 is ssh's own failure, or a program's exit code. Only words of ssh's that say so prove that it never started.
            if (received.Length == 0 && SshMessages.SessionRefused(error))
                return (new Reply.NotSent("the machine opens no further session (MaxSessions of its sshd)"), Retry.Later);
            if (received.Length == 0 && SshMessages.NotAttached(error))
                return (new Reply.NotSent("the connection was lost before the command left"), Retry.Reconnect);
            return (new Reply.NoAnswer(await Because("the session ended with 255", session, master)), Retry.No);
        }
    }

    private static async Task Feed(LocalProcess session, string input, Ct budget)
    {
        try
        {
            await session.Input.WriteAsync(Encoding.UTF8.GetBytes(input), budget);
            session.Input.Close();
        }
        catch (IOException)
        {
            // The program ended without reading its input.
        }
    }

    private LocalProcess? Start(SshConnection.Master master, string command)
    {
        try
        {
            return new LocalProcess(options.Program, SshConnection.Session(master, command));
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>
    /// Reads until the shell has said the machine's name; a banner or a profile's greeting before it is passed over. What came
    /// after it stays in <paramref name="received"/>. Null: the session ended before.
    /// </summary>
    private static async Task<string?> HostName(LocalProcess session, MemoryStream received, string nonce, Ct budget)
    {
        var mark = Encoding.UTF8.GetBytes($"@@changeover {nonce} host ");
        var buffer = new byte[4096];
        while (received.Length < LongestGreeting)
        {
            var n = await session.Output.ReadAsync(buffer, budget);
            if (n == 0)
                return null;
            received.Write(buffer, 0, n);
            var text = received.GetBuffer().AsSpan(0, (int)received.Length);
            var at = text.IndexOf(mark);
            if (at < 0)
                continue;
            var name = text[(at + mark.Length)..];
            var end = name.IndexOf((byte)'\n');
            if (end >= 0)
                return Encoding.UTF8.GetString(name[..end]).Trim();
        }
        return null;
    }

    /// <summary>
    /// Reads until the last line of the script, or to the end. Not always to the end: a daemon that a command started may
    /// keep the session's output open for ever.
    /// </summary>
    private static async Task ReadAnswer(LocalProcess session, MemoryStream received, byte[] last, Ct budget)
    {
        var buffer = new byte[64 * 1024];
        while (received.Length < LocalProcess.LongestOutput)
        {
            var n = await session.Output.ReadAsync(buffer, budget);
            if (n == 0)
                return;
            received.Write(buffer, 0, n);
            if (last.Length > 0 && received.GetBuffer().AsSpan(0, (int)received.Length).EndsWith(last))
                return;
        }
    }

    /// <summary>The session ended before its shell spoke. The script was never handed over, whatever the reason.</summary>
    private static async Task<(Reply Reply, Retry Retry)> NotStarted(LocalProcess session, MemoryStream received, SshConnection.Master master)
    {
        if (received.Length >= LongestGreeting)
            return (new Reply.Refused(RefusalKind.LoginRefused, "its login shell prints without end before it takes a command"), Retry.No);
        await session.Exited;
        var error = await session.Error;
        if (SshMessages.SessionRefused(error))
            return (new Reply.NotSent("the machine opens no further session (MaxSessions of its sshd)"), Retry.Later);
        if (SshMessages.NotAttached(error) || !master.Alive || session.ExitCode == 255)
            return (new Reply.NotSent("the connection was lost before the request left" + After(SshMessages.Words(error))), Retry.Reconnect);
        // A session that ends well and says nothing: nologin, an expired password, a forced command.
        return (new Reply.Refused(RefusalKind.LoginRefused,
            "its login shell takes no command" + After(SshMessages.Words(Text(received) + "\n" + error))), Retry.No);
    }

    /// <summary>What ssh says of a session that broke off, added to what the answer itself shows.</summary>
    private static async Task<string> Because(string why, LocalProcess session, SshConnection.Master master)
    {
        await Task.WhenAny(session.Exited, Task.Delay(TimeSpan.FromMilliseconds(200)));
        if (session.ExitCode is null)
            return why;
        var words = SshMessages.Words(await session.Error);
        return why + (master.Alive ? "" : "; the connection broke") + After(words);
    }

    private static string After(string words) => words.Length > 0 ? ": " + words : "";

    private static Reply WrongHost(string name, Machine machine) =>
        new Reply.Refused(RefusalKind.WrongHost, $"{(name.Length > 0 ? name : "a machine without a name")} answered at {machine.Address}, expected {machine.HostName}");

    /// <summary>Compares the first label only: some machines call themselves by their full name.</summary>
    internal static bool SameHost(string answered, string expected) =>
        answered.Length > 0 && answered.Split('.')[0].Equals(expected.Split('.')[0], StringComparison.OrdinalIgnoreCase);

    private static string Ended(string what, TimeSpan budget, Ct ct) =>
        ct.IsCancellationRequested ? $"{what} before this program was told to stop" : $"{what} within {budget.TotalSeconds:0.#} s";

    private static string Text(MemoryStream received) => Encoding.UTF8.GetString(received.GetBuffer(), 0, (int)received.Length);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(links.Values.Select(l => l.Connection.DisposeAsync().AsTask()));
        runtime.Dispose();
    }
}
