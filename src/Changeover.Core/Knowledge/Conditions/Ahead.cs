using System.Globalization;
using Changeover.Findings;
using Changeover.Inventory;

namespace Changeover.Knowledge.Conditions;

/// <summary>F12: always so; says which jobs stand still on this master while the one they were made on is off.</summary>
public sealed record JobsStandStill(string Machine) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Database, Machine)];

    public override Judgement Judge(View view) => view.See<DatabaseFacts>(SubjectKind.Database, Machine, facts => facts.StandingJobs.Length == 0
        ? Judgement.Holds
        : Judgement.Holds.Saying(AheadFindings.JobsStandStill.On(Machine, "jobs", string.Join(", ", facts.StandingJobs))));
}

/// <summary>
/// B0: the kept master still has the logs that the emptied one will ask for. That one had everything up to the log that was
/// written when the picture as found was taken (G1 was proved after it), so no older one is needed.
/// </summary>
public sealed record LogsKept(string Kept, string Emptied) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Database, Kept)];

    public override Judgement Judge(View view) => view.See<DatabaseFacts>(SubjectKind.Database, Kept, now =>
    {
        var needed = view.Baseline?.Facts<DatabaseFacts>(SubjectKind.Database, Kept)?.LogFile ?? "";
        if (Positions.LogNumber(now.OldestLog) is not { } oldest || Positions.LogNumber(needed) is not { } then || oldest.Name != then.Name)
            return Judgement.Unknown(AheadFindings.LogsUnknown.On(Kept, "replica", Emptied, "oldest", Text(now.OldestLog), "needed", Text(needed)));
        return oldest.Number <= then.Number
            ? Judgement.Holds
            : Judgement.Fails(AheadFindings.LogsGone.On(Kept, "replica", Emptied, "oldest", now.OldestLog, "needed", needed));
    });

    private static string Text(string log) => log.Length > 0 ? log : "none";
}

/// <summary>B3: always so; says how much has to be synchronised and caught up once the emptied side is back.</summary>
/// <param name="Stores">Machines that hold a store now.</param>
/// <param name="Masters">Masters that are written now.</param>
public sealed record SynchronisationAhead(ImmutableArray<string> Stores, ImmutableArray<string> Masters) : Condition
{
    /// <summary>c-max-rate, the upper limit DRBD sets itself where the configuration says nothing. Source: drbd.conf(5), 8.4 and 9.</summary>
    private const double KiBPerSecondMost = 100 * 1024;

    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) =>
        Stores.Select(m => new Subject(SubjectKind.Drbd, m)).Concat(Masters.Select(m => new Subject(SubjectKind.Database, m)));

    public override Judgement Judge(View view) =>
        View.Each(Stores, m => view.See<DrbdFacts>(SubjectKind.Drbd, m, facts => View.Each(
            facts.Resources.Where(r => r.OutOfSyncKiB is > 0),
            r => Judgement.Holds.Saying(AheadFindings.ToSynchronise.On(
                m, "resource", r.Name, "mib", MiB(r.OutOfSyncKiB!.Value * 1024), "minutes", Math.Ceiling(r.OutOfSyncKiB.Value / KiBPerSecondMost / 60).ToString(CultureInfo.InvariantCulture))))))
        & View.Each(Masters, m => view.See<DatabaseFacts>(SubjectKind.Database, m, now =>
        {
            var then = view.Baseline?.Facts<DatabaseFacts>(SubjectKind.Database, m);
            // Where old logs were removed meanwhile all that is left is the best that can be said.
            var bytes = then is not null && then.OldestLog == now.OldestLog ? now.LogBytes - then.LogBytes : now.LogBytes;
            return bytes <= 0 ? Judgement.Holds : Judgement.Holds.Saying(AheadFindings.ToCatchUp.On(m, "mib", MiB(bytes)));
        }));

    private static string MiB(long bytes) => Math.Ceiling(bytes / 1024.0 / 1024.0).ToString(CultureInfo.InvariantCulture);
}
