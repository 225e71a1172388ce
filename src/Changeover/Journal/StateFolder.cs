using System.Security.Cryptography;
using System.Text;

namespace Changeover.Journal;

/// <summary>Where journals are kept when no file is named.</summary>
public static class StateFolder
{
    /// <summary>A longer name would leave the socket beside the journal no room (a Unix socket's path has 107 bytes).</summary>
    private const int LongestName = 40;

    /// <summary><c>$XDG_STATE_HOME/changeover</c> where that is set; otherwise <c>/var/lib/changeover</c> for root and <c>~/.local/state/changeover</c> for everybody else.</summary>
    public static string Path => Of(
        Environment.GetEnvironmentVariable("XDG_STATE_HOME"), Environment.IsPrivilegedProcess,
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <summary>The journal of a cluster.</summary>
    public static string JournalOf(string cluster) => System.IO.Path.Combine(Path, FileName(cluster) + ".journal");

    internal static string Of(string? stateHome, bool root, string home) =>
        // The specification says to ignore a relative one.
        stateHome is { Length: > 0 } && System.IO.Path.IsPathRooted(stateHome) ? System.IO.Path.Combine(stateHome, "changeover")
        : root ? "/var/lib/changeover"
        : System.IO.Path.Combine(home, ".local/state/changeover");

    /// <summary>
    /// The cluster's name as a file name: itself where it can be, otherwise with what is not allowed replaced and a piece of its
    /// digest, so that two clusters never share a journal.
    /// </summary>
    internal static string FileName(string cluster)
    {
        var safe = new string([.. cluster.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')]);
        if (safe == cluster && safe.Length is > 0 and <= LongestName && !safe.StartsWith('.'))
            return safe;
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(cluster)))[..8];
        return $"{safe.TrimStart('.')[..Math.Min(safe.TrimStart('.').Length, LongestName - 9)]}-{digest}";
    }

    /// <summary>A folder for this user alone, if it is not there yet: journals tell a lot about a site.</summary>
    internal static void Create(string folder)
    {
        if (!Directory.Exists(folder))
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
