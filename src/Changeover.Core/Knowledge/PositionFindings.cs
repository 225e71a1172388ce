using Changeover.Findings;

namespace Changeover.Knowledge;

/// <summary>What comparing two databases can find (G1, B8).</summary>
public static class PositionFindings
{
    public static readonly FindingCode Behind = new("database.behind", Severity.Error,
        "{subject} has not applied everything that {source} has: it lacks {missing}. Moving the writer now would lose that. Wait until it has caught up, or repair its replication.");

    public static readonly FindingCode Apart = new("database.apart", Severity.Error,
        "{subject} stands at {at} and {source} at {there}, and it cannot be told that the one contains the other ({missing}). Either both were written to, or transactions were skipped or filtered. Compare their logs before the writer moves.");

    public static readonly FindingCode NotComparable = new("database.not-comparable", Severity.Error,
        "Whether {subject} has applied everything that {source} has cannot be told: {why}. Unknown counts as not applied.");

    internal static readonly ImmutableArray<FindingCode> All = [Behind, Apart, NotComparable];
}
