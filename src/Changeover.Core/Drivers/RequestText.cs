using System.Diagnostics;

namespace Changeover.Drivers;

/// <summary>
/// A request as people read it: each command as they would type it, each call with its body. A request has no secret in it; the
/// transport adds those where it sends.
/// </summary>
public static class RequestText
{
    public static ImmutableArray<string> Lines(Request request) => request switch
    {
        Request.Shell shell => [.. Guard(shell), .. shell.Commands.Select(c => Line(shell.Machine, c))],
        Request.Http http => [.. http.Calls.Select(c => $"{http.Endpoint} {c.Method} {c.Path}{(c.Body.Length > 0 ? $" {c.Body}" : "")}")],
        _ => throw new UnreachableException(),
    };

    private static IEnumerable<string> Guard(Request.Shell shell) =>
        shell.Guard is { } guard ? [$"only while {guard.Run} holds the claim of {shell.Machine} in epoch {guard.Epoch}"] : [];

    private static string Line(string machine, Command command) =>
        $"on {machine}{(command.Root ? " as root" : "")}: {(command.Input.Length > 0 ? $"printf %s {ShellScript.Quote(command.Input)} | " : "")}{string.Join(' ', command.Arguments.Select(ShellScript.Quote))}";
}
