using System.Text;

namespace Changeover.Transport;

/// <summary>
/// A command's arguments as the one line OpenSSH on Windows hands to its default shell (cmd.exe, or PowerShell).
/// </summary>
internal static class WindowsCommandLine
{
    public static string Of(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quote));

    /// <summary>
    /// One argument by the rules of the C runtime (backslashes count only before a quotation mark). Inside quotation marks
    /// cmd.exe takes everything letter for letter but the percent sign; drivers avoid the question with -EncodedCommand.
    /// </summary>
    private static string Quote(string argument)
    {
        if (argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,@+\\".Contains(c, StringComparison.Ordinal)))
            return argument;
        var text = new StringBuilder("\"");
        var backslashes = 0;
        foreach (var c in argument)
        {
            if (c == '"')
                text.Append('\\', backslashes + 1);
            backslashes = c == '\\' ? backslashes + 1 : 0;
            text.Append(c);
        }
        return text.Append('\\', backslashes).Append('"').ToString();
    }
}
