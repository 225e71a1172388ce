using System.Globalization;
using System.Text;

namespace Changeover.Drivers;

/// <summary>
/// A shell request as the one script that goes to the machine, and its output read back. The only place that quotes.
/// </summary>
/// <remarks>
/// Every command's standard error and exit code come back in the output itself, behind a line with a nonce: <c>ssh</c>'s own
/// exit code 255 is ambiguous, and a login banner or a shell's greeting in the output must not be taken for an answer.
/// </remarks>
public static class ShellScript
{
    /// <summary>The claim folder. Under /run: a boot forgets it, and it is made again (B5).</summary>
    public const string ClaimFolder = "/run/changeover-claim";

    /// <summary>Exit code with which the script itself says that the claim is not this run's in this epoch.</summary>
    public const int ClaimLost = 117;

    /// <summary>Why a request that is guarded by a claim did nothing, or why a claim could not be taken.</summary>
    public static string ClaimedBy(string run, string controller, string epoch) => $"claimed by run {run} of controller {controller}, epoch {epoch}";

    private const string Mark = "@@changeover";

    /// <param name="sudo">The machine's user is not root.</param>
    /// <param name="nonce">Letters and digits, new for every exchange.</param>
    public static string Render(Request.Shell request, bool sudo, string nonce)
    {
        var script = new StringBuilder("LC_ALL=C; export LC_ALL\nexec 3>&1\n");
        script.Append(CultureInfo.InvariantCulture, $"printf '%s begin\\n' '{Mark} {nonce}'\n");
        if (request.Guard is { } guard)
        {
            // The folder's files are written once, before it gets its name, so a reader sees all of them or none.
            script.Append(CultureInfo.InvariantCulture,
                $"""
                if [ "$(cat {ClaimFolder}/run {ClaimFolder}/epoch 2>/dev/null)" != {Quote($"{guard.Run}\n{guard.Epoch}")} ]; then
                printf '%s guard %s\n' '{Mark} {nonce}' "$(cat {ClaimFolder}/run {ClaimFolder}/controller {ClaimFolder}/epoch 2>/dev/null | tr '\n' ' ')"
                exit {ClaimLost}
                fi

                """);
        }
        foreach (var command in request.Commands)
        {
            script.Append("e=$( { ");
            if (command.Input.Length > 0)
                script.Append(CultureInfo.InvariantCulture, $"printf %s {Quote(command.Input)} | ");
            // The subshell becomes the command: a process less on the machine for every command of every question.
            script.Append("exec ");
            if (command.Limit is { } limit)
                script.Append(CultureInfo.InvariantCulture, $"timeout -k 2 {Math.Max(1, (int)limit.TotalSeconds)} ");
            if (command.Root && sudo)
                script.Append("sudo -n ");
            script.AppendJoin(' ', command.Arguments.Select(Quote));
            if (command.Input.Length == 0)
                script.Append(" </dev/null");
            script.Append(" ; } 2>&1 1>&3 3>&- ); c=$?\n");
            script.Append(CultureInfo.InvariantCulture,
                $"printf '\\n%s end %s %d\\n%s\\n%s next\\n' '{Mark} {nonce}' {Quote(command.Key)} \"$c\" \"$e\" '{Mark} {nonce}'\n");
        }
        script.Append(CultureInfo.InvariantCulture, $"printf '%s done\\n' '{Mark} {nonce}'\n");
        return script.ToString();
    }

    /// <summary>
    /// The results, or why there are none. Output that does not end with the script's own last line is no answer: the link
    /// dropped, or the machine went down while it spoke.
    /// </summary>
    public static Reply Read(Request.Shell request, string output, string nonce)
    {
        var text = output.Replace("\r\n", "\n", StringComparison.Ordinal);
        var begin = $"{Mark} {nonce} begin\n";
        var at = text.IndexOf(begin, StringComparison.Ordinal);
        if (at < 0)
            return new Reply.NoAnswer("the machine's shell did not start the script");
        at += begin.Length;
        var guard = $"{Mark} {nonce} guard ";
        if (text.AsSpan(at).StartsWith(guard))
        {
            var holder = text[(at + guard.Length)..].Trim();
            return new Reply.Refused(RefusalKind.ClaimLost, holder.Split(' ') switch
            {
                [""] => "nobody holds the claim there",
                [var run, var controller, var epoch] => ClaimedBy(run, controller, epoch),
                _ => $"claimed by {holder}",
            });
        }
        var results = ImmutableArray.CreateBuilder<Result>();
        foreach (var command in request.Commands)
        {
            if (Take(text, ref at, $"\n{Mark} {nonce} end {command.Key} ") is not { } printed
                || Take(text, ref at, "\n") is not { } code
                || Take(text, ref at, $"\n{Mark} {nonce} next\n") is not { } error
                || !int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var exit))
                return new Reply.NoAnswer($"the answer broke off in {command.Key}");
            // sudo's own refusals are exit 1 and a line of its own; the command never ran.
            if (command.Root && exit == 1 && error.StartsWith("sudo: ", StringComparison.Ordinal))
                return new Reply.Refused(RefusalKind.SudoAsksPassword, error);
            results.Add(new(command.Key, exit, printed, error));
        }
        return text.AsSpan(at).StartsWith($"{Mark} {nonce} done\n")
            ? new Reply.Answered(results.ToImmutable())
            : new Reply.NoAnswer("the answer broke off before its last line");
    }

    /// <summary>The text up to the mark, and moves behind it; null if the mark does not come.</summary>
    private static string? Take(string text, ref int at, string mark)
    {
        var end = text.IndexOf(mark, at, StringComparison.Ordinal);
        if (end < 0)
            return null;
        var taken = text[at..end];
        at = end + mark.Length;
        return taken;
    }

    /// <summary>One argument for a POSIX shell.</summary>
    public static string Quote(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,@%+".Contains(c, StringComparison.Ordinal))
            ? argument
            : "'" + argument.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
