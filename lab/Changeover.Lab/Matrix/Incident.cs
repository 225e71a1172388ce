using System.Text.Json;

namespace Changeover.Lab.Matrix;

/// <summary>What happens in the middle of a night, in the half it belongs to.</summary>
/// <param name="Goal">failover or failback.</param>
/// <param name="Event">The event at which it happens; empty: before the run is started.</param>
/// <param name="Step">How the id of the event's step begins.</param>
public abstract record Incident(string Goal, string Event, string Step)
{
    public bool IsNow(JsonElement line) =>
        Event.Length > 0 && Person.Word(line, "event") == Event && Person.Word(line, "step").StartsWith(Step, StringComparison.Ordinal);
}

/// <summary>The controller gets SIGKILL; a resume goes on.</summary>
public sealed record Kill(string Goal, string Event, string Step, string When) : Incident(Goal, Event, Step);

/// <summary>Something breaks; the run halts with exit code 1 and names the cause; it is mended and goes on by a person's "retry".</summary>
/// <param name="Halts">How the id begins that the run halts at; several with <c>|</c> between them, where one thing shows in several ways.</param>
/// <param name="Code">How the code of its finding begins, likewise.</param>
/// <param name="ByTool">Not the person but the program mends it, by the person's word "mend".</param>
public sealed record Trouble(string Goal, string Event, string Step, string Break, string Machine, string Halts, string Code, bool ByTool = false) : Incident(Goal, Event, Step)
{
    public bool Explains(string halt, IEnumerable<string> codes) => Begins(Halts, halt) && codes.Any(c => Begins(Code, c));

    private static bool Begins(string beginnings, string text) => beginnings.Split('|').Any(b => text.StartsWith(b, StringComparison.Ordinal));
}

/// <summary>A person aborts the failover; the night goes on with the failback that is derived from what is there.</summary>
public sealed record Abort(string Event, string Step) : Incident("failover", Event, Step);

/// <summary>Another controller with a journal of its own starts the same at the same moment: exactly one of them proceeds.</summary>
public sealed record Rivals(string Goal) : Incident(Goal, "", "");
