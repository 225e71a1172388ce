using System.Text;
using System.Text.Json;

namespace Changeover.Drivers;

/// <summary>
/// A script for Windows PowerShell 5.1, as the argument list that reaches it unharmed through OpenSSH and any default shell.
/// </summary>
/// <remarks>
/// Its first line is a comment that names verb and arguments as JSON, so that whoever stands in for Windows needs no PowerShell.
/// Source: about_PowerShell_exe (EncodedCommand is base64 of UTF-16LE). Level: documented.
/// </remarks>
public static class PowerShell
{
    /// <summary>cmd.exe, the default shell of Windows' OpenSSH, takes no longer line.</summary>
    public const int LongestCommandLine = 8191;

    private const string Mark = "# changeover: ";

    /// <summary>
    /// Errors end the script, progress bars (which arrive as CLIXML) are off, and text is UTF-8 without a byte order mark.
    /// </summary>
    private const string Head = """
        $ErrorActionPreference='Stop';$ProgressPreference='SilentlyContinue'
        [Console]::OutputEncoding=New-Object Text.UTF8Encoding $false

        """;

    /// <param name="verb">What the script does, in the words of docs/drivers.</param>
    /// <param name="values">Name, value, name, value.</param>
    public static ImmutableArray<string> Arguments(string verb, string body, params ReadOnlySpan<string> values)
    {
        var script = new StringBuilder(Mark).Append("{\"verb\":").Append(Json(verb));
        for (var i = 0; i + 1 < values.Length; i += 2)
            script.Append(',').Append(Json(values[i])).Append(':').Append(Json(values[i + 1]));
        script.Append("}\n").Append(Head).Append(body).Append('\n');
        var encoded = Convert.ToBase64String(Encoding.Unicode.GetBytes(script.ToString().Replace("\r\n", "\n", StringComparison.Ordinal)));
        return ["powershell.exe", "-NoProfile", "-NonInteractive", "-EncodedCommand", encoded];
    }

    /// <summary>The whole script of such an argument list, or null if it is none.</summary>
    public static string? Script(ImmutableArray<string> arguments)
    {
        if (arguments is not ["powershell.exe", .., "-EncodedCommand", var encoded])
            return null;
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) ? Encoding.Unicode.GetString(bytes, 0, length) : null;
    }

    /// <summary>The JSON of its first line (<c>{"verb":…}</c>), or null if it has none.</summary>
    public static string? Comment(ImmutableArray<string> arguments) =>
        Script(arguments) is { } script && script.StartsWith(Mark, StringComparison.Ordinal)
            ? script[Mark.Length..script.IndexOf('\n', StringComparison.Ordinal)]
            : null;

    /// <summary>
    /// A PowerShell string. Typographic quotes end a string too, so they are doubled like the plain one.
    /// </summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (var c in text)
        {
            quoted.Append(c);
            if (c is '\'' or '\u2018' or '\u2019' or '\u201a' or '\u201b')
                quoted.Append(c);
        }
        return quoted.Append('\'').ToString();
    }

    /// <summary>
    /// The one line of the output that is a JSON object; null if there is none, more than one, or it is damaged. Byte order
    /// marks, blank lines and CLIXML around it are what Windows adds on its own.
    /// </summary>
    internal static JsonDocument? Answer(string output)
    {
        JsonDocument? found = null;
        foreach (var line in output.Split('\n').Select(l => l.Trim().TrimStart('\ufeff')))
        {
            if (!line.StartsWith('{'))
                continue;
            if (found is not null || JsonReading.Parse(line) is not { } parsed)
                return null;
            found = parsed;
        }
        return found;
    }

    private static string Json(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
