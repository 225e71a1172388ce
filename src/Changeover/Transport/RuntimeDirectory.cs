using System.Security.Cryptography;

namespace Changeover.Transport;

/// <summary>
/// A folder of this process alone (0700) for the sockets of its connections, gone when it ends. What a killed process left
/// behind is removed by the next one: a living owner holds a lock on <c>owner</c>.
/// </summary>
internal sealed class RuntimeDirectory : IDisposable
{
    private const string Prefix = "changeover-";

    /// <summary>
    /// A Unix socket's path may have 107 bytes, and ssh first binds to the path with 17 more. The rest is for the name.
    /// </summary>
    private const int LongestPath = 107 - 17 - 8;

    private readonly FileStream owner;

    public RuntimeDirectory()
    {
        var parent = Parent();
        RemoveAbandoned(parent);
        Path = System.IO.Path.Combine(parent, Prefix + RandomNumberGenerator.GetHexString(8, lowercase: true));
        Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        owner = new FileStream(System.IO.Path.Combine(Path, "owner"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    public string Path { get; }

    public void Dispose()
    {
        owner.Dispose();
        Remove(Path);
    }

    private static string Parent()
    {
        var own = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        return own is { Length: > 0 and <= LongestPath - 20 } && Directory.Exists(own) ? own : "/tmp";
    }

    private static void RemoveAbandoned(string parent)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent, Prefix + "????????"))
        {
            try
            {
                // Without its owner's file it is somebody's who is just making it, or not ours at all.
                using var abandoned = new FileStream(System.IO.Path.Combine(folder, "owner"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                Remove(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A living owner, or another user's.
            }
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A socket that is just being removed by its ssh. The next process takes the rest away.
        }
    }
}
