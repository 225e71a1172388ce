using System.Diagnostics.CodeAnalysis;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Running;

public enum StepStatus
{
    /// <summary>For other steps.</summary>
    Waiting,

    /// <summary>Being looked at before the action.</summary>
    Checking,

    /// <summary>The request is out, or a person was asked.</summary>
    Acting,

    /// <summary>Being looked at after the action.</summary>
    Verifying,

    /// <summary>Waits for a person.</summary>
    Halted,

    /// <summary>Finished, see the outcome.</summary>
    Done,
}

/// <param name="Since">When this status began; judged on the monotonic clock of the present runner.</param>
/// <param name="LookFrom">Answers to questions asked before this say nothing about this step.</param>
/// <param name="HeldSince">Since when the verification holds.</param>
/// <param name="ProgressAt">When progress was last seen.</param>
/// <param name="Doubt">Whether the action happened is not known: no clear answer came, or the runner that sent it is gone.</param>
/// <param name="Acted">An action of this step was sent at least once, so "found so" would be a lie.</param>
public sealed record StepState(
    StepStatus Status,
    Moment Since,
    Moment LookFrom,
    int Attempt = 0,
    Moment? HeldSince = null,
    Moment? ProgressAt = null,
    double? ProgressMark = null,
    bool Acted = false,
    bool Hard = false,
    bool Doubt = false,
    StepOutcome Outcome = StepOutcome.Done,
    ImmutableArray<Finding> Findings = default)
{
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>The state of every step of a plan, by id or by its place in the plan.</summary>
public sealed class StepStates(Plan plan, ImmutableArray<StepState> states)
{
    public StepState this[string id] => states[plan.Index[id]];

    public StepState this[int place] => states[place];

    public ImmutableArray<StepState> Values => states;

    public bool TryGetValue(string id, [NotNullWhen(true)] out StepState? state)
    {
        state = plan.Index.TryGetValue(id, out var place) ? states[place] : null;
        return state is not null;
    }

    public StepStates With(string id, StepState state) => new(plan, states.SetItem(plan.Index[id], state));

    public StepStates Select(Func<Step, StepState, StepState> change) => new(plan, [.. states.Select((s, i) => change(plan.Steps[i], s))]);
}

/// <summary>
/// Where a run stands: the fold of its events. <see cref="Snapshot"/>, <see cref="Now"/> and suspicions are volatile: a resume
/// begins without them.
/// </summary>
public sealed record RunState
{
    public required string Run { get; init; }
    public required string Controller { get; init; }
    public required int Epoch { get; init; }
    public required ClusterInventory Inventory { get; init; }
    public required Plan Plan { get; init; }
    public required Baseline Baseline { get; init; }
    public required StepStates Steps { get; init; }
    public ImmutableHashSet<string> Holds { get; init; } = [];
    public ImmutableArray<string> HoldsReached { get; init; } = [];

    /// <summary>Standing conditions and invariants that broke and wait for a person.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<Finding>> Broken { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<Finding>>.Empty;

    /// <summary>First seen broken at this moment, not yet confirmed.</summary>
    public ImmutableDictionary<string, Moment> Suspects { get; init; } = ImmutableDictionary<string, Moment>.Empty;

    /// <summary>Machines whose claim must be taken in the new epoch before anything is done.</summary>
    public ImmutableSortedSet<string> Renewing { get; init; } = [];

    /// <summary>Downtimes that were extended, or are being, by the step that set them.</summary>
    public ImmutableSortedDictionary<string, Extension> Extensions { get; init; } = ImmutableSortedDictionary<string, Extension>.Empty;

    public bool Stopping { get; init; }
    public ImmutableArray<Finding> Refusal { get; init; } = [];
    public bool IsRefusing { get; init; }
    public ImmutableHashSet<string> GivenBack { get; init; } = [];
    public RunOutcome Outcome { get; init; }
    public Snapshot Snapshot { get; init; } = Snapshot.Empty;
    public Moment Now { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When an action was last sent or answered: invariants are judged on what was asked after it.</summary>
    public Moment LastAction { get; init; }

    public bool IsOver => Outcome != RunOutcome.None;
    public IEnumerable<Step> Halted => Plan.Steps.Where(s => Steps[s.Id].Status == StepStatus.Halted);

    /// <summary>A person is needed before anything new is done.</summary>
    public bool IsHalted => Broken.Count > 0 || Any(StepStatus.Halted);

    public bool WaitsAtHold => !HoldsReached.IsDefaultOrEmpty;

    /// <summary>Nothing new may start: halted, stopping, over, claims not renewed.</summary>
    public bool MayAct => !IsOver && !Stopping && !IsRefusing && Renewing.IsEmpty && !IsHalted;

    public bool InFlight => Plan.Steps.Any(s => Steps[s.Id].Status == StepStatus.Acting && !s.IsManual);

    private bool Any(StepStatus status)
    {
        foreach (var s in Steps.Values)
        {
            if (s.Status == status)
                return true;
        }
        return false;
    }

    public View View(Moment notBefore) => new(Inventory, Snapshot, Now, notBefore, Baseline, Run);

    /// <summary>True: the run has not changed anything yet (claims aside).</summary>
    public bool NothingChanged => Plan.Steps.All(s => s.Action is null or TakeClaim or ReleaseClaim || !Steps[s.Id].Acted);

    public bool Fulfilled(Requirement requirement)
    {
        var state = Steps[requirement.Step];
        return state.Status == StepStatus.Done
            || (requirement.Kind == RequirementKind.Begun && state.Status == StepStatus.Verifying);
    }
}
