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
        if (a.Verdict == Verdict.Holds && a.Findings.IsEmpty)
            return b;
        if (b.Verdict == Verdict.Holds && b.Findings.IsEmpty)
            return a;
        var verdict = a.Verdict == Verdict.Fails || b.Verdict == Verdict.Fails ? Verdict.Fails
            : a.Verdict == Verdict.Unknown || b.Verdict == Verdict.Unknown ? Verdict.Unknown
            : Verdict.Holds;
        // What could not be read of one machine is a reason for many conditions, and said once.
        return new(verdict, [.. a.Findings, .. b.Findings.Where(f => !a.Findings.Contains(f))]);
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

    public static Condition And(params ImmutableArray<Condition> conditions) => conditions.Length == 1 ? conditions[0] : new All(conditions);
}
