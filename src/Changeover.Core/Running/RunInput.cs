using Changeover.Knowledge;

namespace Changeover.Running;

/// <summary>What the world tells the engine. Every input carries its own time; the engine has no clock.</summary>
public abstract record RunInput(Moment At);

/// <summary>Time went on.</summary>
public sealed record Tick(Moment At) : RunInput(At);

/// <summary>Observations came in.</summary>
public sealed record Seen(Moment At, ImmutableArray<Observation> Observations) : RunInput(At);

/// <summary>The answer to an action.</summary>
/// <param name="Step">The step's id, or the effect's id of a claim.</param>
public sealed record Heard(Moment At, string Step, int Attempt, Reception Reception) : RunInput(At)
{
    /// <summary>What was sent, line by line, for the journal; null: not told.</summary>
    public ImmutableArray<string>? Sent { get; init; }
}

/// <param name="Confirmed">By whom, where it counts only with a second person's word; null: it counts by itself.</param>
/// <param name="About"><see cref="Answers.About"/> as whoever answers had it before them; empty: they did not say.</param>
public sealed record Decided(Moment At, string Step, Answer Answer, string Who, string Reason, Confirmation? Confirmed = null, string About = "") : RunInput(At);

/// <summary>A person wants it to wait before the next gate.</summary>
public sealed record Pause(Moment At, string Who, string Reason) : RunInput(At);

/// <summary>Ctrl-C, or the latest turn-back time.</summary>
/// <param name="Who">See <see cref="StopAsked"/>.</param>
public sealed record Stop(Moment At, string Who = "") : RunInput(At);
