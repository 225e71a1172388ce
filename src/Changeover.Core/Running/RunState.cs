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

    /// <summary>When its request was about to be sent for the first time, or a person was asked; null: never.</summary>
    public DateTimeOffset? ActedAt { get; init; }

    /// <summary>Its time was not its own: it waited for a person's word to a halt, its own or another, or for a resume.</summary>
    public bool HeldUp { get; init; }
}

/// <summary>The state of every step of a plan, by id or by its place in the plan.</summary>
public sealed class StepStates
{
    private readonly Plan plan;
    private readonly ImmutableArray<StepState> states;
    private readonly StatusIndex index;

    public StepStates(Plan plan, ImmutableArray<StepState> states)
        : this(plan, states, new(plan, states))
    {
    }

    private StepStates(Plan plan, ImmutableArray<StepState> states, StatusIndex index) => (this.plan, this.states, this.index) = (plan, states, index);

    public StepState this[string id] => states[plan.Index[id]];

    public StepState this[int place] => states[place];

    public ImmutableArray<StepState> Values => states;

    /// <summary>What follows from the status of all steps.</summary>
    internal StatusIndex ByStatus => index;

    public bool TryGetValue(string id, [NotNullWhen(true)] out StepState? state)
    {
        state = plan.Index.TryGetValue(id, out var place) ? states[place] : null;
        return state is not null;
    }

    public StepStates With(string id, StepState state)
    {
        var place = plan.Index[id];
        var changed = states.SetItem(place, state);
        return new(plan, changed, states[place].Status == state.Status && states[place].Acted == state.Acted ? index : new(plan, changed));
    }

    public StepStates Select(Func<Step, StepState, StepState> change) => new(plan, [.. states.Select((s, i) => change(plan.Steps[i], s))]);
}

/// <summary>
/// What follows from the status of all steps and from whether each acted. A step changes some hundred times in a run, and this is
/// asked for with everything that is seen, so it is worked out once a change.
/// </summary>
internal sealed class StatusIndex
{
    public StatusIndex(Plan plan, ImmutableArray<StepState> states)
    {
        var (looking, acting, movable) = (new List<int>(), new List<int>(), new List<int>());
        var done = 0;
        for (var i = 0; i < states.Length; i++)
        {
            switch (states[i].Status)
            {
                case StepStatus.Done:
                    done++;
                    break;
                case StepStatus.Halted:
                    AnyHalted = true;
                    break;
                case StepStatus.Acting:
                    acting.Add(i);
                    break;
                case StepStatus.Checking or StepStatus.Verifying:
                    looking.Add(i);
                    movable.Add(i);
                    break;
                case StepStatus.Waiting when IsReady(plan.Required[i], states):
                    movable.Add(i);
                    break;
            }
        }
        (Looking, Acting, Movable, AllDone) = ([.. looking], [.. acting], [.. movable], done == states.Length);
    }

    /// <summary>Places of the steps that are being looked at, before or after their action.</summary>
    public ImmutableArray<int> Looking { get; }

    /// <summary>Places of the steps whose request is out.</summary>
    public ImmutableArray<int> Acting { get; }

    /// <summary>Places of the steps that something seen, or a hold released, may move on; of the waiting ones those that wait for no other.</summary>
    public ImmutableArray<int> Movable { get; }

    public bool AnyHalted { get; }
    public bool AllDone { get; }

    /// <summary>What is watched while the status is this; default: not asked for yet. See <see cref="Watch"/>.</summary>
    public ImmutableArray<Watched> Watched { get; set; }

    /// <summary>Downtimes this run has set and not begun to end; default: not asked for yet. See <see cref="Leases"/>.</summary>
    public ImmutableArray<(string Step, Knowledge.SetDowntime Action)> DowntimesHeld { get; set; }

    public int NextMovable(int after)
    {
        foreach (var place in Movable)
        {
            if (place > after)
                return place;
        }
        return -1;
    }

    private static bool IsReady(ImmutableArray<(int Place, RequirementKind Kind)> required, ImmutableArray<StepState> states)
    {
        foreach (var (place, kind) in required)
        {
            if (!RunState.Fulfils(states[place], kind))
                return false;
        }
        return true;
    }
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

    /// <summary>Standing conditions that a person has accepted as broken.</summary>
    public ImmutableHashSet<string> AcceptedStandings { get; init; } = [];

    /// <summary>First seen broken at this moment, not yet confirmed.</summary>
    public ImmutableDictionary<string, Moment> Suspects { get; init; } = ImmutableDictionary<string, Moment>.Empty;

    /// <summary>Machines whose claim must be taken in the new epoch before anything is done.</summary>
    public ImmutableSortedSet<string> Renewing { get; init; } = [];

    /// <summary>
    /// Those of <see cref="Renewing"/> that carried the claim when the runner before ended. When it is gone there, the machine has
    /// booted, or the run went on, ended and gave it back, and this journal is an older copy.
    /// </summary>
    public ImmutableSortedSet<string> SurelyHeld { get; init; } = [];

    /// <summary>Downtimes that were extended, or are being, by the step that set them.</summary>
    public ImmutableSortedDictionary<string, Extension> Extensions { get; init; } = ImmutableSortedDictionary<string, Extension>.Empty;

    /// <summary>What a person asked to be done about halts, by what is halted.</summary>
    public ImmutableSortedDictionary<string, Mend> Mending { get; init; } = ImmutableSortedDictionary<string, Mend>.Empty;

    /// <summary>Mends asked for so far.</summary>
    public int Mends { get; init; }

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

    /// <summary>What need not be judged again. Belongs to this very state: whatever happens clears it, and null only costs time.</summary>
    internal Settled? Settled { get; init; }

    public bool IsOver => Outcome != RunOutcome.None;

    /// <summary>The first gate of which no step has begun; empty: none is left.</summary>
    public string NextGate => Plan.Steps.Where(s => !s.IsGate).GroupBy(s => s.Gate, s => Steps[s.Id])
        .FirstOrDefault(g => g.All(s => s.Status == StepStatus.Waiting))?.Key ?? "";

    public IEnumerable<Step> Halted => Plan.Steps.Where(s => Steps[s.Id].Status == StepStatus.Halted);

    /// <summary>A person is needed before anything new is done.</summary>
    public bool IsHalted => Broken.Count > 0 || Steps.ByStatus.AnyHalted;

    public bool WaitsAtHold => !HoldsReached.IsDefaultOrEmpty;

    /// <summary>Nothing new may start: halted, stopping, over, claims not renewed.</summary>
    public bool MayAct => !IsOver && !Stopping && !IsRefusing && Renewing.IsEmpty && !IsHalted;

    public bool InFlight => !Mending.IsEmpty || Steps.ByStatus.Acting.Any(i => !Plan.Steps[i].IsManual);

    public View View(Moment notBefore) => new(Inventory, Snapshot, Now, notBefore, Baseline, Run);

    /// <summary>True: the run has not changed anything yet (claims aside).</summary>
    public bool NothingChanged => Plan.Steps.All(s => s.Action is null or TakeClaim or ReleaseClaim || !Steps[s.Id].Acted);

    public bool Fulfilled(Requirement requirement) => Fulfils(Steps[requirement.Step], requirement.Kind);

    /// <summary>Begun is what was asked for and heard: a request that may never have arrived began nothing.</summary>
    internal static bool Fulfils(StepState state, RequirementKind kind) =>
        state.Status == StepStatus.Done || (kind == RequirementKind.Begun && state is { Status: StepStatus.Verifying, Doubt: false });
}
