using Changeover.Inventory;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>When a step is expected to begin and to end, counted from the run's start.</summary>
/// <param name="Measured">In how many earlier runs its time was measured; zero: it is the plan's own figure, or nothing is known and it counts as none.</param>
public sealed record ScheduledStep(TimeSpan Begins, TimeSpan Ends, int Measured);

/// <summary>
/// How long a plan is expected to take. A step that earlier runs of the same goal and host did takes the median of what it took there;
/// any other what the plan says of it. The budgets beside it are no expectation: after them a person would have been asked.
/// Hold points and halts are in neither.
/// </summary>
/// <param name="Steps">By id, gates too.</param>
/// <param name="Takes">The longest way through what the steps require of each other.</param>
/// <param name="Budget">The same way if every step took all of its budget. One that makes progress may take longer still.</param>
/// <param name="Interruption">How long callers will be without service; null: not at all.</param>
/// <param name="InterruptionBudget">The same by the budgets.</param>
/// <param name="Runs">Where something was measured, the oldest first.</param>
public sealed record Schedule(
    ImmutableDictionary<string, ScheduledStep> Steps, TimeSpan Takes, TimeSpan Budget, TimeSpan? Interruption, TimeSpan? InterruptionBudget, ImmutableArray<string> Runs)
{
    /// <param name="runs">Those of the journal; what they are of is looked at here.</param>
    /// <param name="from">When the run begins or began: only what began before it is earlier.</param>
    public static Schedule Of(ClusterInventory inventory, Plan plan, ImmutableArray<RunState> runs, DateTimeOffset from)
    {
        var measured = runs.Where(r => r.Plan.Goal == plan.Goal && r.StartedAt < from).OrderBy(r => r.StartedAt)
            .SelectMany(r => r.Plan.Steps.Where(s => !s.IsGate && plan.Index.ContainsKey(s.Id)).Select(s => (r.Run, s.Id, Took: Took(r.Steps[s.Id]))))
            .Where(m => m.Took is not null)
            .ToLookup(m => m.Id, m => (m.Run, Took: m.Took!.Value), StringComparer.Ordinal);
        var expected = Way(plan, from, s => measured.Contains(s.Id) ? Median([.. measured[s.Id].Select(m => m.Took)]) : Later(s.Expected, s.Hold), begunEarly: true);
        // Begun is no later than done, and how much earlier no budget says.
        var budget = Way(plan, from, s => s.IsGate ? TimeSpan.Zero : (s.Acts ? s.CheckBudget : TimeSpan.Zero) + s.Budget + s.Hold, begunEarly: false);
        var gone = Running.Interruption.Of(inventory, plan);
        return new(
            plan.Steps.ToImmutableDictionary(s => s.Id, s => new ScheduledStep(expected[s.Id].Begins, expected[s.Id].Ends, measured[s.Id].Count()), StringComparer.Ordinal),
            Last(expected), Last(budget), Between(gone, expected), Between(gone, budget),
            [.. measured.SelectMany(m => m).Select(m => m.Run).Distinct()]);
    }

    /// <summary>What it took where nothing but the step itself took time; null: it says nothing of how long it takes.</summary>
    private static TimeSpan? Took(StepState s) =>
        s is { Status: StepStatus.Done, Outcome: StepOutcome.Done, HeldUp: false, StartedAt: { } from, EndedAt: { } until } ? until - from : null;

    private static TimeSpan Median(TimeSpan[] all)
    {
        Array.Sort(all);
        return (all[(all.Length - 1) / 2] + all[all.Length / 2]) / 2;
    }

    /// <summary>Every step as early as what it requires allows; steps stand behind what they require.</summary>
    private static Dictionary<string, (TimeSpan Begins, TimeSpan Ends)> Way(Plan plan, DateTimeOffset from, Func<Step, TimeSpan> takes, bool begunEarly)
    {
        var way = new Dictionary<string, (TimeSpan Begins, TimeSpan Ends)>(StringComparer.Ordinal);
        foreach (var step in plan.Steps)
        {
            var begins = step.Requires.Select(r => begunEarly && r.Kind == RequirementKind.Begun ? way[r.Step].Begins : way[r.Step].Ends).DefaultIfEmpty(TimeSpan.Zero).Max();
            var ends = step.After is TimeReached time ? Later(begins, time.At - from) : begins + takes(step);
            way[step.Id] = (begins, ends);
        }
        return way;
    }

    private static TimeSpan Last(Dictionary<string, (TimeSpan Begins, TimeSpan Ends)> way) => way.Values.Select(w => w.Ends).DefaultIfEmpty(TimeSpan.Zero).Max();

    private static TimeSpan? Between(Interruption? gone, Dictionary<string, (TimeSpan Begins, TimeSpan Ends)> way) => gone is { Starts.IsEmpty: false }
        ? gone.Starts.Max(s => way[s.Id].Ends) - gone.Stops.Min(s => way[s.Id].Begins)
        : null;

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
