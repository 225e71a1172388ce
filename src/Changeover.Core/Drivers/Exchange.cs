namespace Changeover.Drivers;

/// <summary>
/// The one seam to the world: a request goes out, a reply comes back. The simulated cluster answers the same exchange.
/// </summary>
/// <param name="Budget">How long to wait for the answer. No answer in time is not a failure, it is unknown.</param>
public abstract record Request(TimeSpan Budget)
{
    /// <summary>
    /// Commands on one machine, run one after the other in one exchange. A command that changes something stands alone in
    /// its request (one action is one request). On Windows each command is a PowerShell line of its own.
    /// </summary>
    /// <param name="Guard">Tested on the machine in the same exchange, before the commands; null: nothing to test.</param>
    public sealed record Shell(string Machine, ImmutableArray<Command> Commands, TimeSpan Budget, ClaimGuard? Guard = null) : Request(Budget);

    /// <summary>Calls to one HTTP interface, one after the other.</summary>
    /// <param name="Endpoint"><c>host:NAME</c> or <c>monitoring</c>; the transport knows address and secret.</param>
    public sealed record Http(string Endpoint, ImmutableArray<Call> Calls, TimeSpan Budget) : Request(Budget);
}

/// <summary>One command. Arguments are a list; quoting happens once, in <see cref="ShellScript"/>.</summary>
/// <param name="Key">Finds its result again; unique in its request.</param>
/// <param name="Root">Needs root: runs as <c>sudo -n</c> where the machine's user is not root.</param>
/// <param name="Input">Standard input; empty: none.</param>
/// <param name="Limit">After this long the machine itself ends the command (exit 124), so that one hanging command does not
/// silence the others. Null: the request's budget.</param>
public sealed record Command(string Key, ImmutableArray<string> Arguments, bool Root = false, string Input = "", TimeSpan? Limit = null);

/// <param name="Path">Below the endpoint's base address, with query.</param>
/// <param name="Body">JSON, or empty.</param>
/// <param name="After">Key of an earlier call of the same request that must have answered 2xx; if it did not, this call is not
/// made and has no result. Empty: always made.</param>
public sealed record Call(string Key, string Method, string Path, string Body = "", string After = "");

/// <summary>"Act only if this run in this epoch holds the claim": what makes a stale runner unable to act.</summary>
public sealed record ClaimGuard(string Run, int Epoch);

public abstract record Reply
{
    /// <summary>It came back. Whether it said yes only the driver knows.</summary>
    public sealed record Answered(ImmutableArray<Result> Results) : Reply
    {
        public Result? Find(string key)
        {
            foreach (var result in Results)
            {
                if (result.Key == key)
                    return result;
            }
            return null;
        }
    }

    /// <summary>It surely never left: nothing happened, it may be asked again.</summary>
    public sealed record NotSent(string Why) : Reply;

    /// <summary>It left, or may have left, and no answer came: it may have happened. Look before doing anything.</summary>
    public sealed record NoAnswer(string Why) : Reply;

    /// <summary>The way there is closed (host key, login, sudo, claim). Asking again does not help.</summary>
    public sealed record Refused(RefusalKind Kind, string Why) : Reply;
}

/// <param name="Code">Exit code of a command, or HTTP status.</param>
/// <param name="Output">Standard output, or HTTP body.</param>
/// <param name="Error">Standard error; for HTTP the reason phrase, which is where Proxmox VE says why it refuses.</param>
public sealed record Result(string Key, int Code, string Output, string Error = "")
{
    /// <summary>What <c>timeout</c> answers when a command ran out of its limit.</summary>
    public const int TimedOut = 124;
}

public enum RefusalKind
{
    Unknown,
    HostKeyUnknown,
    HostKeyChanged,
    LoginRefused,
    SudoAsksPassword,
    WrongHost,
    CertificateInvalid,
    SecretMissing,

    /// <summary>Another run, or a later epoch of this one, holds the claim.</summary>
    ClaimLost,
}
