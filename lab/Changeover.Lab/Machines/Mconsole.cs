using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Changeover.Lab.Machines;

/// <summary>The management console of a User-Mode Linux machine: one datagram asks, datagrams answer.</summary>
public static class Mconsole
{
    private const uint Magic = 0xcafebabe;
    private const int TextSize = 512;

    /// <summary>Sends a command (version, cad, halt, stop, go); fails when the machine does not answer or refuses.</summary>
    public static async Task<string> Send(string path, string command)
    {
        var request = new byte[12 + TextSize];
        BinaryPrimitives.WriteUInt32LittleEndian(request, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(4), 2);
        BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(8), command.Length);
        Encoding.ASCII.GetBytes(command).CopyTo(request, 12);

        var own = $"{path}.{Guid.NewGuid():n}";
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(own));
        try
        {
            using var end = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await socket.SendToAsync(request, SocketFlags.None, new UnixDomainSocketEndPoint(path), end.Token);
            var text = new StringBuilder();
            var buffer = new byte[65536];
            while (true)
            {
                var size = await socket.ReceiveAsync(buffer, SocketFlags.None, end.Token);
                var error = BinaryPrimitives.ReadUInt32LittleEndian(buffer);
                var more = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(4));
                text.Append(Encoding.ASCII.GetString(buffer, 12, size - 12).TrimEnd('\0'));
                if (error != 0) throw new LabException(1, $"console {path}: command {command} refused: {text}");
                if (more == 0) return text.ToString();
            }
        }
        finally
        {
            File.Delete(own);
        }
    }
}
