using System.Text.Json.Serialization;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge.Conditions;

namespace Changeover.Knowledge;

/// <summary>What a condition comes to. The default is Unknown, and Unknown never satisfies anything.</summary>
public enum Verdict
{
    Unknown,
    Fails,
    Holds,
}

/// <param name="Findings">Why it fails or is unknown: all reasons, not the first. What holds may say something worth knowing.</param>
public sealed record Judgement(Verdict Verdict, ImmutableArray<Finding> Findings)
{
    public static readonly Judgement Holds = new(Verdict.Holds, []);
    public static Judgement Fails(params ImmutableArray<Finding> why) => new(Verdict.Fails, why);
    public static Judgement Unknown(params ImmutableArray<Finding> why) => new(Verdict.Unknown, why);

    /// <summary>The same, with something worth knowing.</summary>
    public Judgement Saying(Finding note) => this with { Findings = Findings.Add(note) };

    /// <summary>Both must hold. A failure outweighs an unknown: it is a fact.</summary>
    public static Judgement operator &(Judgement a, Judgement b)
    {
        var sum = default(JudgementSum);
        sum.Add(a);
        sum.Add(b);
        return sum.Total;
    }
}

/// <summary>Many judgements of which all must hold.</summary>
internal struct JudgementSum
{
    private Judgement? first;
    private Verdict verdict;
    private List<Finding>? findings;

    public readonly Judgement Total => findings is null ? first ?? Judgement.Holds : new(verdict, [.. findings]);

    public void Add(Judgement judgement)
    {
        if (judgement.Verdict == Verdict.Holds && judgement.Findings.IsEmpty)
            return;
        if (first is null)
        {
            (first, verdict) = (judgement, judgement.Verdict);
            return;
        }
        findings ??= [.. first.Findings];
        verdict = verdict == Verdict.Fails || judgement.Verdict == Verdict.Fails ? Verdict.Fails
            : verdict == Verdict.Unknown || judgement.Verdict == Verdict.Unknown ? Verdict.Unknown
            : Verdict.Holds;
        // What could not be read of one machine is a reason for many conditions, and said once.
        foreach (var finding in judgement.Findings)
        {
            if (!findings.Contains(finding))
                findings.Add(finding);
        }
    }
}

/// <summary>
/// A predicate over observations, as data: it is part of the plan and so of the journal (never rename a discriminator, only
/// add). Judging is pure and three-valued; a condition names the subjects it needs, so that the engine knows what to ask.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "condition")]
[JsonDerivedType(typeof(All), "all")]
[JsonDerivedType(typeof(PowerIs), "power")]
[JsonDerivedType(typeof(PlacedOn), "placed")]
[JsonDerivedType(typeof(HostReady), "host-ready")]
[JsonDerivedType(typeof(MachineIs), "machine")]
[JsonDerivedType(typeof(DisksHaveRoom), "disks")]
[JsonDerivedType(typeof(ServiceIs), "service")]
[JsonDerivedType(typeof(ServicesStopped), "services-stopped")]
[JsonDerivedType(typeof(StoreUnused), "store-unused")]
[JsonDerivedType(typeof(SingletonIs), "singleton")]
[JsonDerivedType(typeof(PairHeld), "pair-held")]
[JsonDerivedType(typeof(MoveForecast), "forecast")]
[JsonDerivedType(typeof(JoinMovesNothing), "join-forecast")]
[JsonDerivedType(typeof(DrbdIs), "drbd")]
[JsonDerivedType(typeof(ScoresFull), "promotion-scores")]
[JsonDerivedType(typeof(ComesBack), "comes-back")]
[JsonDerivedType(typeof(AddressAt), "address")]
[JsonDerivedType(typeof(WriterIs), "writer")]
[JsonDerivedType(typeof(BalancersAgree), "balancers-agree")]
[JsonDerivedType(typeof(ServersAre), "servers")]
[JsonDerivedType(typeof(ServersUp), "servers-up")]
[JsonDerivedType(typeof(PoolsSurvive), "pools-survive")]
[JsonDerivedType(typeof(BalancerObeys), "balancer-obeys")]
[JsonDerivedType(typeof(NoSessions), "no-sessions")]
[JsonDerivedType(typeof(Replicates), "replicates")]
[JsonDerivedType(typeof(MayReplicate), "may-replicate")]
[JsonDerivedType(typeof(CaughtUp), "caught-up")]
[JsonDerivedType(typeof(WaitsForSource), "waits-for-source")]
[JsonDerivedType(typeof(JobsStandStill), "jobs-stand-still")]
[JsonDerivedType(typeof(LogsKept), "logs-kept")]
[JsonDerivedType(typeof(SynchronisationAhead), "synchronisation-ahead")]
[JsonDerivedType(typeof(ClientReady), "client")]
[JsonDerivedType(typeof(ClaimIs), "claim")]
[JsonDerivedType(typeof(DowntimeCovers), "downtime")]
[JsonDerivedType(typeof(DowntimeGone), "downtime-gone")]
[JsonDerivedType(typeof(BackupIs), "backup")]
[JsonDerivedType(typeof(BackupGone), "backup-gone")]
[JsonDerivedType(typeof(AsFound), "as-found")]
[JsonDerivedType(typeof(TimeLeft), "time-left")]
[JsonDerivedType(typeof(TimeReached), "time")]
public abstract record Condition
{
    /// <summary>What must be asked to judge it.</summary>
    public abstract IEnumerable<Subject> Subjects(ClusterInventory inventory);

    public abstract Judgement Judge(View view);

    /// <summary>It comes out otherwise by the time of day alone, not only when something is seen or has grown too old.</summary>
    [JsonIgnore]
    internal virtual bool ReadsClock => false;

    public static Condition And(params ImmutableArray<Condition> conditions) => conditions.Length == 1 ? conditions[0] : new All(conditions);
}
