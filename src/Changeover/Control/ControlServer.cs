using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Changeover.Control;

/// <summary>Who is at the other end of the socket, by the kernel's word.</summary>
/// <param name="User">Name of the user, or <c>uid N</c> where /etc/passwd does not know it.</param>
public sealed record Peer(int Process, uint Uid, string User)
{
    /// <summary>Root, and whoever this process runs as.</summary>
    public bool MayControl => Uid == 0 || Uid == OwnUid;

    private static uint OwnUid { get; } = uint.Parse(
        File.ReadLines("/proc/self/status").First(l => l.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[2],
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>SO_PEERCRED (unix(7)): process, user and group of who connected, which the client cannot make up.</summary>
    public static Peer Of(Socket client)
    {
        const int SolSocket = 1;
        const int SoPeerCred = 17;
        Span<byte> credentials = stackalloc byte[12];
        client.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        var uid = BitConverter.ToUInt32(credentials[4..8]);
        return new(BitConverter.ToInt32(credentials[..4]), uid, UserName(uid));
    }

    private static string UserName(uint uid)
    {
        var id = uid.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return File.ReadLines("/etc/passwd").Select(l => l.Split(':')).FirstOrDefault(f => f.Length > 2 && f[2] == id)?[0] ?? $"uid {id}";
    }
}

/// <param name="Verb">decide, status, watch.</param>
/// <param name="Body">The whole request.</param>
public sealed record ControlRequest(string Verb, JsonElement Body, Peer Peer)
{
    /// <summary>
    /// Who is to be recorded: the user the kernel vouches for, and the name that was given, which nobody vouches for.
    /// </summary>
    public string Who => Text("who") is { Length: > 0 } name && name != Peer.User ? $"{name} (as {Peer.User})" : Peer.User;

    /// <summary>A string of the request; empty when it is not there.</summary>
    public string Text(string name) => Body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>A whole number of the request; 0 when it is not there.</summary>
    public long Number(string name) => Body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var n) ? n : 0;
}

/// <summary>
/// Where a living runner listens for <c>decide</c>, <c>status</c> and <c>watch</c>: a Unix socket beside the journal. A
/// request is one line of JSON, an answer one or more; when the answer is complete the connection ends.
/// </summary>
/// <remarks>
/// Only the user who runs the runner, and root, are heard; the kernel says who it is. Whoever starts this holds the runner's
/// lock already, so a socket that still stands at the path is a dead runner's and is replaced.
/// </remarks>
public sealed class ControlServer : IAsyncDisposable
{
    /// <summary>A decision with a long reason has some hundred bytes.</summary>
    internal const int LongestLine = 64 * 1024;

    private const int AtATime = 64;

    /// <summary>An answer that is being written when the runner ends (its person's abort has ended it) still gets out.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly Socket listener;
    private readonly string path;
    private readonly Func<ControlRequest, Ct, IAsyncEnumerable<string>> handler;
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim slots = new(AtATime);
    private readonly Task accepting;

    private ControlServer(Socket listener, string path, Func<ControlRequest, Ct, IAsyncEnumerable<string>> handler)
    {
        this.listener = listener;
        this.path = path;
        this.handler = handler;
        accepting = Task.Run(Accept);
    }

    /// <summary>The socket of the runner of a journal.</summary>
    public static string PathOf(string journal) => Path.ChangeExtension(Path.GetFullPath(journal), ".sock");

    /// <param name="handler">
    /// Answers a request with lines of JSON. Its token ends when the client goes away or the server stops. What it throws the
    /// client gets as <c>{"error":…}</c>; the server goes on.
    /// </param>
    /// <exception cref="IOException">The socket cannot be made, or something stands there that may not be removed.</exception>
    public static async Task<ControlServer> Start(string path, Func<ControlRequest, Ct, IAsyncEnumerable<string>> handler)
    {
        await SocketFile.MakeRoom(path, "--journal");
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            // Between the two nobody can connect: it does not listen yet.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen(AtATime);
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new IOException($"the socket {path} cannot be made: {e.Message}", e);
        }
        return new(listener, path, handler);
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                await slots.WaitAsync(stopping.Token);
                _ = Serve(await listener.AcceptAsync(stopping.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It ends; a place that nobody took is free for who waits for all of them.
            if (!stopping.IsCancellationRequested)
                slots.Release();
        }
    }

    private async Task Serve(Socket client)
    {
        using var stream = new NetworkStream(client, ownsSocket: true);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        try
        {
            var peer = Peer.Of(client);
            if (!peer.MayControl)
            {
                await Send(stream, Error($"user {peer.User} may not talk to this runner"), gone.Token);
                return;
            }
            using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
            if (await ReadLine(reader, gone.Token) is not { } line)
                return;
            if (Parse(line, peer) is not { } request)
            {
                await Send(stream, Error("a request is one line of JSON with a verb"), gone.Token);
                return;
            }
            // A client says nothing more; that reading comes to an end is how we learn that it went away while it watches.
            _ = reader.ReadAsync(new char[1], gone.Token).AsTask().ContinueWith(_ => TryCancel(gone), TaskScheduler.Default);
            try
            {
                await foreach (var answer in handler(request, gone.Token).WithCancellation(gone.Token))
                    await Send(stream, answer, gone.Token);
            }
            catch (Exception e) when (e is not (OperationCanceledException or IOException))
            {
                await Send(stream, Error(e.Message), gone.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The client went away, or the server stops.
        }
        finally
        {
            slots.Release();
        }
    }

    private static ControlRequest? Parse(string line, Peer peer)
    {
        try
        {
            using var body = JsonDocument.Parse(line);
            var request = new ControlRequest("", body.RootElement.Clone(), peer);
            return request.Body.ValueKind == JsonValueKind.Object && request.Text("verb") is { Length: > 0 } verb ? request with { Verb = verb } : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The line; empty when it is too long; null when the client went away within it.</summary>
    private static async Task<string?> ReadLine(StreamReader reader, Ct ct)
    {
        var line = new StringBuilder();
        var buffer = new char[4096];
        int n;
        while ((n = await reader.ReadAsync(buffer, ct)) > 0)
        {
            var end = buffer.AsSpan(0, n).IndexOf('\n');
            // One too long is read to its end but not kept: closing on unread data would take the answer away again.
            if (line.Length <= LongestLine)
                line.Append(buffer, 0, end < 0 ? n : end);
            if (end >= 0)
                return line.Length <= LongestLine ? line.ToString() : "";
        }
        return null;
    }

    private static async Task Send(NetworkStream stream, string line, Ct ct) =>
        await stream.WriteAsync(Encoding.UTF8.GetBytes(line.ReplaceLineEndings(" ") + "\n"), ct);

    private static string Error(string message) => $$"""{"error":{{JsonSerializer.Serialize(message, ControlJson.Default.String)}}}""";

    private static void TryCancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The answer was complete before.
        }
    }

    public async ValueTask DisposeAsync()
    {
        listener.Dispose();
        using (var limit = new CancellationTokenSource(LastWords))
        {
            try
            {
                // Whoever is being answered has a place.
                for (var i = 0; i < AtATime; i++)
                    await slots.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                // They are cut off: a watcher listens as long as it likes.
            }
        }
        await stopping.CancelAsync();
        await accepting;
        // .NET removes the file on Dispose as well; a second time does no harm.
        File.Delete(path);
    }
}
