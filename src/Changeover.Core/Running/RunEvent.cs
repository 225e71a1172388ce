using System.Text.Json.Serialization;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>
/// What happened in a run. The journal is the list of these; the run's state is their fold. Discriminators and members are a
/// contract with journals of earlier versions: never rename, only add.
/// </summary>
/// <param name="At">On the runner's two clocks; after a resume only the UTC part still means anything.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(RunStarted), "run-started")]
[JsonDerivedType(typeof(RunResumed), "run-resumed")]
[JsonDerivedType(typeof(StepReady), "step-ready")]
[JsonDerivedType(typeof(StepActing), "step-acting")]
[JsonDerivedType(typeof(StepHeard), "step-heard")]
[JsonDerivedType(typeof(StepDone), "step-done")]
[JsonDerivedType(typeof(StepHalted), "step-halted")]
[JsonDerivedType(typeof(PictureTaken), "picture-taken")]
[JsonDerivedType(typeof(StandingBroken), "standing-broken")]
[JsonDerivedType(typeof(StandingMended), "standing-mended")]
[JsonDerivedType(typeof(StandingAccepted), "standing-accepted")]
[JsonDerivedType(typeof(PauseAsked), "pause-asked")]
[JsonDerivedType(typeof(HoldReached), "hold-reached")]
[JsonDerivedType(typeof(HoldReleased), "hold-released")]
[JsonDerivedType(typeof(Decision), "decision")]
[JsonDerivedType(typeof(ClaimRenewed), "claim-renewed")]
[JsonDerivedType(typeof(DowntimeExtending), "downtime-extending")]
[JsonDerivedType(typeof(DowntimeExtended), "downtime-extended")]
[JsonDerivedType(typeof(MendAsked), "mend-asked")]
[JsonDerivedType(typeof(MendHeard), "mend-heard")]
[JsonDerivedType(typeof(StopAsked), "stop-asked")]
[JsonDerivedType(typeof(Refusing), "refusing")]
[JsonDerivedType(typeof(ClaimGivenBack), "claim-given-back")]
[JsonDerivedType(typeof(RunEnded), "run-ended")]
public abstract record RunEvent(Moment At)
{
    /// <summary>Kept in the journal. What was seen is not: after a resume everything is looked at again.</summary>
    [JsonIgnore]
    public virtual bool IsDurable => true;
}

/// <summary>The whole plan and the whole inventory are in the journal: a newer program resumes the plan as it is.</summary>
/// <param name="Holds">X10: gates before which the run waits for a person.</param>
public sealed record RunStarted(
    Moment At, string Run, string Controller, int Epoch, ClusterInventory Inventory, Plan Plan, ImmutableArray<string> Holds) : RunEvent(At)
{
    /// <summary>Who started it; empty: from before this was recorded.</summary>
    public string Who { get; init; } = "";

    /// <summary>Who approved the plan, where that was not who started it; empty otherwise.</summary>
    public string ApprovedBy { get; init; } = "";
}

public sealed record RunResumed(Moment At, string Controller, int Epoch) : RunEvent(At)
{
    /// <summary>The inventory from now on, when what changed in it only says how something is reached; null: as before.</summary>
    public ClusterInventory? Inventory { get; init; }

    /// <summary>Who resumed it; empty: from before this was recorded.</summary>
    public string Who { get; init; } = "";
}

/// <summary>Everything it waits for is fulfilled; it is being looked at.</summary>
public sealed record StepReady(Moment At, string Step) : RunEvent(At);

/// <summary>Write-ahead: the intention, durable before the request leaves.</summary>
/// <param name="Hard">A person's word to pull the plug.</param>
public sealed record StepActing(Moment At, string Step, int Attempt, bool Hard = false) : RunEvent(At);

public sealed record StepHeard(Moment At, string Step, int Attempt, Reception Reception) : RunEvent(At)
{
    /// <summary>What was sent, line by line; null: a person's deed, or from before this was recorded.</summary>
    public ImmutableArray<string>? Sent { get; init; }
}

public enum StepOutcome
{
    /// <summary>Done by this run and seen done.</summary>
    Done,

    /// <summary>It was so already.</summary>
    FoundSo,

    /// <summary>A person accepted that it is not so, with a reason.</summary>
    Accepted,
}

/// <param name="Notes">What its verification had to say although it holds; null: nothing.</param>
public sealed record StepDone(
    Moment At, string Step, StepOutcome Outcome, string Who = "", string Reason = "", ImmutableArray<Finding>? Notes = null) : RunEvent(At);

public sealed record StepHalted(Moment At, string Step, ImmutableArray<Finding> Findings) : RunEvent(At);

/// <summary>The second picture of the baseline (F4).</summary>
public sealed record PictureTaken(Moment At, ImmutableArray<SeenFacts> Facts) : RunEvent(At);

public sealed record StandingBroken(Moment At, string Standing, ImmutableArray<Finding> Findings) : RunEvent(At);

public sealed record StandingMended(Moment At, string Standing) : RunEvent(At);

/// <summary>A person goes on although it is so; it is not watched any more.</summary>
public sealed record StandingAccepted(Moment At, string Standing, string Who, string Reason) : RunEvent(At);

/// <summary>A person's word while it runs: this gate becomes a hold point.</summary>
public sealed record PauseAsked(Moment At, string Gate, string Who, string Reason) : RunEvent(At);

public sealed record HoldReached(Moment At, string Gate) : RunEvent(At);

public sealed record HoldReleased(Moment At, string Gate) : RunEvent(At);

/// <summary>A person's word, with who and why.</summary>
public sealed record Decision(Moment At, string Step, Answer Answer, string Who, string Reason) : RunEvent(At)
{
    /// <summary>Where it counted only with a second person's word; null: it counted when it was said.</summary>
    public Confirmation? Confirmed { get; init; }
}

/// <summary>A second person's word that makes the first one's count.</summary>
/// <param name="Who">Somebody other than who said it.</param>
/// <param name="SaidAt">When the first person said it; it was confirmed at the time of the decision.</param>
public sealed record Confirmation(string Who, DateTimeOffset SaidAt);

/// <summary>After a resume: this machine carries the claim in the new epoch.</summary>
public sealed record ClaimRenewed(Moment At, string Machine) : RunEvent(At);

/// <summary>Write-ahead: the run takes longer, so the downtime of this step is to last until then.</summary>
public sealed record DowntimeExtending(Moment At, string Step, DateTimeOffset Until, int Attempt) : RunEvent(At);

/// <summary>What the monitoring said to it.</summary>
public sealed record DowntimeExtended(Moment At, string Step, int Attempt, Reception Reception) : RunEvent(At)
{
    /// <inheritdoc cref="StepHeard.Sent"/>
    public ImmutableArray<string>? Sent { get; init; }
}

/// <summary>Write-ahead: a person wants the tool to do something about a halt.</summary>
/// <param name="Step">What is halted.</param>
/// <param name="Number">Counts the mends of the run, from 1.</param>
public sealed record MendAsked(Moment At, string Step, int Number, ImmutableArray<ClusterAction> Actions) : RunEvent(At);

/// <param name="Part">Place in the mend's actions.</param>
public sealed record MendHeard(Moment At, string Step, int Number, int Part, Reception Reception) : RunEvent(At)
{
    /// <inheritdoc cref="StepHeard.Sent"/>
    public ImmutableArray<string>? Sent { get; init; }
}

/// <summary>Ctrl-C or a person's word on the page: nothing new starts; what is in flight comes back.</summary>
/// <param name="Who">Who asked; empty: a signal, whose sender nobody knows, or from before this was recorded.</param>
public sealed record StopAsked(Moment At, string Who = "") : RunEvent(At);

/// <summary>Another run holds the cluster: give back what was claimed, change nothing.</summary>
public sealed record Refusing(Moment At, ImmutableArray<Finding> Findings) : RunEvent(At);

/// <summary>While refusing: this machine's claim was given back, or it was tried.</summary>
public sealed record ClaimGivenBack(Moment At, string Machine) : RunEvent(At);

public enum RunOutcome
{
    /// <summary>Not over.</summary>
    None,

    /// <summary>Goal reached, seen.</summary>
    Done,

    /// <summary>Ended before anything was changed.</summary>
    Refused,

    /// <summary>Handed over to a person, with everything left listed.</summary>
    Aborted,
}

public sealed record RunEnded(Moment At, RunOutcome Outcome) : RunEvent(At);

/// <summary>Not durable: what was seen, and that time went on.</summary>
public sealed record Looked(Moment At, ImmutableArray<Observation> Observations) : RunEvent(At)
{
    public override bool IsDurable => false;
}

/// <summary>Not durable: since when a verification holds (null: it does not).</summary>
public sealed record Holding(Moment At, string Step, Moment? Since) : RunEvent(At)
{
    public override bool IsDurable => false;
}

/// <summary>Not durable: a standing condition or invariant was first seen broken; it counts when a second look says the same.</summary>
public sealed record Suspected(Moment At, string Standing, bool Suspect) : RunEvent(At)
{
    public override bool IsDurable => false;
}

/// <summary>What a person may answer to something halted.</summary>
public enum Answer
{
    /// <summary>A manual step was carried out.</summary>
    Confirm,

    /// <summary>Look again, and act again if it is still not so.</summary>
    Retry,

    /// <summary>Go on although it is not so. Needs a reason; never for danger.</summary>
    Accept,

    /// <summary>Pull the plug of a guest that ignores its shutdown.</summary>
    Force,

    /// <summary>Do what is offered about it (end the sessions, start the replica threads), then look again. Needs a reason.</summary>
    Mend,

    /// <summary>Go on behind a hold point.</summary>
    Continue,

    /// <summary>Hand over to a person.</summary>
    Abort,
}

/// <summary>Not durable: a step's measure improved (bytes written, kilobytes left to synchronise).</summary>
public sealed record Progressed(Moment At, string Step, double Mark) : RunEvent(At)
{
    public override bool IsDurable => false;
}
