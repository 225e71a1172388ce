using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Changeover.Control;

/// <summary>The other end: asks a living runner one thing.</summary>
public sealed class ControlClient : IDisposable
{
    private readonly NetworkStream stream;

    private ControlClient(NetworkStream stream) => this.stream = stream;

    /// <summary>Null: no living runner listens there.</summary>
    public static async Task<ControlClient?> Connect(string path, Ct ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct);
            return new(new NetworkStream(socket, ownsSocket: true));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable || !File.Exists(path))
        {
            // A dead runner's socket file refuses; none at all is not there.
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends one request and yields the lines of its answer until it is complete.</summary>
    /// <param name="request">One JSON object with a <c>verb</c>, in one line.</param>
    /// <exception cref="IOException">The runner ended meanwhile. Whether it took a decision is seen in the journal.</exception>
    public async IAsyncEnumerable<string> Ask(string request, [EnumeratorCancellation] Ct ct)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request.ReplaceLineEndings(" ") + "\n"), ct);
        using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
        while (await reader.ReadLineAsync(ct) is { } line)
            yield return line;
    }

    public void Dispose() => stream.Dispose();
}
