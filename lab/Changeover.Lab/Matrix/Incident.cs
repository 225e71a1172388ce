using System.Text.Json;

namespace Changeover.Lab.Matrix;

/// <summary>What happens in the middle of a night, in the half it belongs to.</summary>
/// <param name="Goal">failover or failback.</param>
/// <param name="Event">The event at which it happens; empty: before the run is started.</param>
/// <param name="Step">How the id of the event's step begins.</param>
public abstract record Incident(string Goal, string Event, string Step)
{
    /// <summary>Not before so many steps of the run are done.</summary>
    public int Behind { get; init; }

    /// <param name="done">Steps of the run that are done.</param>
    public bool IsNow(JsonElement line, int done) =>
        done >= Behind && Event.Length > 0 && Person.Word(line, "event") == Event && Person.Word(line, "step").StartsWith(Step, StringComparison.Ordinal);
}

/// <summary>The controller gets SIGKILL; a resume goes on.</summary>
public sealed record Kill(string Goal, string Event, string Step, string When) : Incident(Goal, Event, Step);

/// <summary>Something breaks; the run halts with exit code 1 and names the cause; it is mended, and goes on by a person's answer.</summary>
/// <param name="Halts">How the id begins that the run halts at; several with <c>|</c> between them, where one thing shows in several ways.</param>
/// <param name="Code">How the code of its finding begins, likewise.</param>
/// <param name="Answer">The person's answer to the halt. Only before "retry" the person mends it; everything else has to work while it is broken.</param>
public sealed record Trouble(string Goal, string Event, string Step, string Break, string Machine, string Halts, string Code, string Answer = "retry") : Incident(Goal, Event, Step)
{
    public bool IsMendedByHand => Answer == "retry";

    public bool Explains(string halt, IEnumerable<string> codes) => Begins(Halts, halt) && codes.Any(c => Begins(Code, c));

    private static bool Begins(string beginnings, string text) => beginnings.Split('|').Any(b => text.StartsWith(b, StringComparison.Ordinal));
}

/// <summary>Something breaks at a moment that nobody chose: perhaps the run halts, with whatever cause, perhaps it is not met by it.</summary>
public sealed record Surprise(string Goal, string Break, string Machine) : Incident(Goal, "step-done", "");

/// <summary>A person aborts the run; the night goes on with what is derived from what is there.</summary>
public sealed record Abort(string Goal, string Event, string Step) : Incident(Goal, Event, Step);

/// <summary>Another controller with a journal of its own starts the same at the same moment: exactly one of them proceeds.</summary>
public sealed record Rivals(string Goal) : Incident(Goal, "", "");
