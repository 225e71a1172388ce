using System.Collections.Frozen;
using System.Text.Json.Serialization;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Planning;

public enum GoalKind
{
    /// <summary>Empty a host for maintenance.</summary>
    Failover,

    /// <summary>Bring everything back to it.</summary>
    Failback,

    /// <summary>B16: a person accepts the result; what the maintenance still owns (backups, downtimes) is removed.</summary>
    Close,
}

public sealed record Goal(GoalKind Kind, string Host)
{
    public string Word => Kind switch
    {
        GoalKind.Failover => "failover",
        GoalKind.Failback => "failback",
        _ => "close",
    };


    public override string ToString() => $"{Word} {Host}";
}

/// <summary>
/// Everything that will be done, before any of it is: derived, approved by its digest, kept whole in the journal, executed as it is.
/// </summary>
/// <param name="Digest">Over goal, steps, standing conditions, what is left out, inventory and rule version; not over volatile readings.</param>
/// <param name="RuleVersion">Of the rules that derived it.</param>
/// <param name="Standing">Conditions that must hold between two steps.</param>
/// <param name="Without">Machines left out on purpose, with the reason (X1); null: none.</param>
/// <param name="Beginning">It goes on from what is found: an aborted run's, or signed; null: it begins where its goal usually does.</param>
/// <param name="Signed">Whose word stands for what no run explains; null: nobody's is needed.</param>
public sealed record Plan(
    Goal Goal,
    string Cluster,
    string Maintenance,
    string InventoryDigest,
    string RuleVersion,
    Baseline Baseline,
    ImmutableArray<Step> Steps,
    ImmutableArray<Standing> Standing,
    string Digest,
    ImmutableSortedDictionary<string, string>? Without = null,
    Beginning? Beginning = null,
    Signature? Signed = null)
{
    /// <summary>Derived without looking, and never run.</summary>
    [JsonIgnore]
    public bool IsPreview => Baseline.Assumed && Signed is null;

    /// <summary>Place of each step, by id.</summary>
    [JsonIgnore]
    public FrozenDictionary<string, int> Index => field ??= Steps.Select((s, i) => KeyValuePair.Create(s.Id, i)).ToFrozenDictionary(StringComparer.Ordinal);

    public Step Step(string id) => Steps[Index[id]];

    /// <summary>What each step requires, by places.</summary>
    [JsonIgnore]
    internal ImmutableArray<ImmutableArray<(int Place, RequirementKind Kind)>> Required =>
        required.IsDefault ? required = [.. Steps.Select(s => s.Requires.Select(r => (Index[r.Step], r.Kind)).ToImmutableArray())] : required;

    private ImmutableArray<ImmutableArray<(int, RequirementKind)>> required;

    /// <summary>The steps, by place, that ask about a subject, for one inventory; asked many times a second, so kept.</summary>
    internal ILookup<Subject, int> Asking(ClusterInventory inventory)
    {
        if (!ReferenceEquals(askingOf, inventory))
        {
            asking = Steps.SelectMany((s, i) => s.AllSubjects(inventory).Select(subject => (subject, i))).ToLookup(a => a.subject, a => a.i);
            askingOf = inventory;
        }
        return asking!;
    }

    private ClusterInventory? askingOf;
    private ILookup<Subject, int>? asking;
}

/// <summary>One step: look, act, look again.</summary>
public sealed record Step
{
    /// <summary>What is done to the cluster, whether the program does it or a person in its place; null: nothing.</summary>
    [JsonIgnore]
    public ClusterAction? Deed => Action is Instruct instruct ? instruct.InPlaceOf : Action;

    /// <summary>Stable, dotted, verb first: <c>poweroff.acd-dbm1</c>. Numbers are display only.</summary>
    public required string Id { get; init; }

    public required Phrase Title { get; init; }

    /// <summary>The gate it belongs to.</summary>
    public required string Gate { get; init; }

    /// <summary>The machine it is about; empty: several or none.</summary>
    public string Machine { get; init; } = "";

    /// <summary>The ids of RUNBOOK it covers.</summary>
    public ImmutableArray<string> Covers { get; init; } = [];

    public ImmutableArray<Requirement> Requires { get; init; } = [];

    /// <summary>The guard: must hold, freshly looked at, right before the action. Null: none.</summary>
    public Condition? Before { get; init; }

    /// <summary>What is done, one request; null: a check or a gate.</summary>
    public ClusterAction? Action { get; init; }

    /// <summary>The verification: the step is done when this is seen. Null: done with the action or at once.</summary>
    public Condition? After { get; init; }

    /// <summary>How long the guard may take to hold before a person is asked.</summary>
    public TimeSpan CheckBudget { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the verification may take before a person is asked.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the verification must keep holding.</summary>
    public TimeSpan Hold { get; init; }

    /// <summary>How long it usually takes; for people.</summary>
    public TimeSpan Expected { get; init; }

    /// <summary>The budget starts anew while this makes progress (a resync, a dump) and nothing else is missing; null: it does not.</summary>
    public Subject? Progress { get; init; }

    /// <summary>A person may accept the failed check with a reason. Never where the finding is a danger.</summary>
    public bool Acceptable { get; init; }

    /// <summary>What is seen when it is done becomes the second picture of the baseline (F4).</summary>
    public bool TakesPicture { get; init; }

    /// <summary>A named milestone that others order against.</summary>
    public bool IsGate { get; init; }

    /// <summary>What its guard and its verification must ask, for one inventory; asked many times a second, so kept.</summary>
    internal (ImmutableArray<Subject> Before, ImmutableArray<Subject> After) Subjects(ClusterInventory inventory)
    {
        if (!ReferenceEquals(subjectsOf, inventory))
        {
            subjects = ([.. Before?.Subjects(inventory).Distinct() ?? []], [.. After?.Subjects(inventory).Distinct() ?? []]);
            subjectsOf = inventory;
        }
        return subjects;
    }

    /// <summary>All that something may come of when it is seen.</summary>
    internal IEnumerable<Subject> AllSubjects(ClusterInventory inventory)
    {
        var (before, after) = Subjects(inventory);
        return before.Concat(after).Concat(Progress is { } progress ? [progress] : []).Distinct();
    }

    /// <summary>Its guard or its verification changes with the time of day alone.</summary>
    [JsonIgnore]
    internal bool ReadsClock => Before?.ReadsClock == true || After?.ReadsClock == true;

    private ClusterInventory? subjectsOf;
    private (ImmutableArray<Subject>, ImmutableArray<Subject>) subjects;

    public bool IsManual => Action is Instruct;

    /// <summary>Changes something in the cluster; a check does not, an instruction may.</summary>
    public bool Acts => Action is not null;
}

/// <param name="Kind">When it is fulfilled.</param>
public sealed record Requirement(string Step, RequirementKind Kind = RequirementKind.Done);

public enum RequirementKind
{
    /// <summary>The step is done.</summary>
    Done,

    /// <summary>Its software is proved stopped and its shutdown was asked for (F9).</summary>
    Begun,
}

/// <summary>
/// A condition that must hold from the end of one step until another begins or the run ends; looked at all the time in
/// between. When it breaks, no further step starts.
/// </summary>
/// <param name="Until">Step whose beginning ends it; empty: the run's end.</param>
public sealed record Standing(string Id, string From, string Until, Condition Condition, ImmutableArray<string> Covers);

/// <summary>A sentence for people as code and arguments; the words come from <see cref="Phrases"/>, one catalogue a language.</summary>
public sealed record Phrase(string Code, ImmutableArray<string> Arguments)
{
    public static Phrase Of(string code, params ImmutableArray<string> arguments) => new(code, arguments);
    public string In(Language language) => language == Language.German ? German.Phrase(Code, Arguments) ?? ToString() : ToString();
    public override string ToString() => Phrases.English(this);
}

/// <summary>The gates in order.</summary>
public static class Gates
{
    public const string Start = "start";
    public const string Quiet = "quiet";
    public const string Booted = "booted";
    public const string Synced = "synced";
    public const string Moved = "moved";
    public const string Isolated = "isolated";
    public const string Empty = "empty";
    public const string Checked = "checked";
    public const string Restored = "restored";
    public const string Serving = "serving";
    public const string Done = "done";

    public static readonly ImmutableArray<string> Failover = [Start, Quiet, Moved, Isolated, Empty, Checked, Serving, Done];
    public static readonly ImmutableArray<string> Failback = [Start, Quiet, Booted, Synced, Moved, Restored, Serving, Done];
    public static readonly ImmutableArray<string> Close = [Start, Done];

    public static ImmutableArray<string> Of(GoalKind kind) => kind switch
    {
        GoalKind.Failover => Failover,
        GoalKind.Failback => Failback,
        _ => Close,
    };

    /// <summary>The step id of a gate.</summary>
    public static string Id(string gate) => $"gate.{gate}";
}
