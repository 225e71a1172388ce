using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Planning;

/// <summary>A step without what differs between two derivations of the same plan: times and the maintenance's id.</summary>
internal static class PlanDigest
{
    public static Step Stable(Step step) => step with { Action = Stable(step.Action), After = Stable(step.After) };

    private static ClusterAction? Stable(ClusterAction? action) => action switch
    {
        SetDowntime d => d with { Until = default, Key = "" },
        RemoveDowntime d => d with { Key = "" },
        StartBackup s => s with { Id = "" },
        RemoveBackup r => r with { Id = "" },
        Instruct { InPlaceOf: { } inner } i => i with { InPlaceOf = Stable(inner), Text = "" },
        _ => action,
    };

    private static Condition? Stable(Condition? condition) => condition switch
    {
        DowntimeCovers d => d with { Until = default, Key = "" },
        DowntimeGone d => d with { Key = "" },
        BackupIs b => b with { Id = "" },
        BackupGone b => b with { Id = "" },
        All a => new All([.. a.Conditions.Select(c => Stable(c)!)]),
        _ => condition,
    };
}
