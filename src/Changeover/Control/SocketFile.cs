using System.Text;

namespace Changeover.Control;

/// <summary>The file of a Unix socket (unix(7)): a dead process leaves it behind, and it stands in the way of the next.</summary>
internal static class SocketFile
{
    private const int LongestPath = 107;

    /// <summary>ENXIO (open(2)): "The file is a UNIX domain socket", or a device that is not there.</summary>
    private const int NoSuchDevice = 6;

    /// <summary>Makes room for a socket. Only one that nobody listens at any more is removed.</summary>
    /// <param name="option">Of the command line: names the file that decides where the socket is.</param>
    /// <exception cref="IOException">The path is too long, something else stands there, or somebody listens.</exception>
    public static async Task MakeRoom(string path, string option)
    {
        if (Encoding.UTF8.GetByteCount(path) > LongestPath)
            throw new IOException($"{path} is too long for a socket (at most {LongestPath} bytes). Give {option} a file in a folder with a shorter name.");
        if (Directory.Exists(path))
            throw new IOException($"{path} is a folder, not a socket; it stays. Give {option} another path.");
        if (!File.Exists(path))
            return;
        // A connection to a file that is no socket is refused in the same way as by a dead process (unix(7)).
        if (!IsSocket(path))
            throw new IOException($"{path} is there already and is no socket; it stays. Give {option} another path, or move it away.");
        using var alive = await ControlClient.Connect(path, Ct.None);
        if (alive is not null)
            throw new IOException($"somebody listens at {path} already");
        File.Delete(path);
    }

    private static bool IsSocket(string path)
    {
        try
        {
            // For writing too: so a pipe that nobody reads does not keep us waiting (fifo(7)).
            using var opened = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return false;
        }
        catch (IOException e)
        {
            return e.HResult == NoSuchDevice;
        }
        catch (UnauthorizedAccessException)
        {
            // Not ours, so not ours to remove either.
            return false;
        }
    }
}
