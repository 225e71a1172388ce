using System.Text;
using Changeover.Drivers;

namespace Changeover.Transport;

/// <summary>
/// What <c>ssh</c> says on its standard error when it gives up, sorted. Its exit code is 255 for everything, so its words are
/// all there is. They are OpenSSH's own and are not translated; each was seen with 9.2 (docs/drivers/ssh.md).
/// </summary>
internal static class SshMessages
{
    /// <summary>The longest text of ssh's that is handed on.</summary>
    private const int Longest = 300;

    /// <summary>
    /// Why a connection could not be made. No request had been handed over, so it is refused or not sent, never unclear.
    /// </summary>
    /// <param name="who">user@address, for the sentence.</param>
    public static Reply NotConnected(string said, string who)
    {
        var words = Words(said);
        if (Has(said, "REMOTE HOST IDENTIFICATION HAS CHANGED") || Has(said, "REVOKED HOST KEY") || Has(said, "has changed and you have requested strict checking"))
            return new Reply.Refused(RefusalKind.HostKeyChanged, words);
        if (Has(said, "host key is known for") || Has(said, "Host key verification failed"))
            return new Reply.Refused(RefusalKind.HostKeyUnknown, words);
        if (Has(said, "Permission denied (") || Has(said, "Too many authentication failures") || Has(said, "No more authentication methods"))
            return new Reply.Refused(RefusalKind.LoginRefused, $"{who}: {words}");
        // These do not get better by asking again: the two sides have no algorithm in common, or ssh's own configuration is wrong.
        if (Has(said, "Unable to negotiate") || Has(said, "Bad configuration option") || Has(said, "Bad owner or permissions")
            || Has(said, "Can't open user config file") || Has(said, "terminating, "))
            return new Reply.Refused(RefusalKind.Unknown, words);
        return new Reply.NotSent(words.Length > 0 ? words : $"ssh to {who} ended without a word");
    }

    /// <summary>The server opens no further session on this connection (MaxSessions). The command surely did not start.</summary>
    public static bool SessionRefused(string said) => Has(said, "Session open refused by peer") || Has(said, "session request failed");

    /// <summary>The connection was not there any more when the request wanted to use it. The command surely did not start.</summary>
    public static bool NotAttached(string said) => Has(said, "Control socket connect(") || Has(said, "kex_exchange_identification");

    /// <summary>ssh's words in one line: its frames of @ signs, its advice on ssh-keygen and blank lines left out.</summary>
    public static string Words(string said)
    {
        var text = new StringBuilder();
        foreach (var line in said.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith('@') || line.StartsWith("remove with:", StringComparison.Ordinal) || line.StartsWith("ssh-keygen -f", StringComparison.Ordinal)
                || line.StartsWith("IT IS POSSIBLE", StringComparison.Ordinal) || line.StartsWith("Someone could be", StringComparison.Ordinal)
                || line.StartsWith("It is also possible", StringComparison.Ordinal) || line.StartsWith("Please contact", StringComparison.Ordinal))
                continue;
            text.Append(text.Length > 0 ? "; " : "").Append(line.TrimEnd('.'));
        }
        return text.Length > Longest ? text.ToString(0, Longest) + "…" : text.ToString();
    }

    private static bool Has(string said, string words) => said.Contains(words, StringComparison.Ordinal);
}
