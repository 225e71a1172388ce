using System.Globalization;
using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Running;

/// <summary>
/// What the tool can do about a halt when a person says so, and never by itself: ending the sessions that are still open (F4),
/// starting replica threads that somebody stopped or that gave up. What it is stands in the findings of the halt, so that exactly what a person
/// read is done.
/// </summary>
public static class Mends
{
    /// <summary>Begins the id of the effect that carries out a part of a mend; its place and the halt's id follow.</summary>
    public const string Prefix = "mend.";

    /// <summary>Everything that would be done; empty: nothing can be.</summary>
    public static ImmutableArray<ClusterAction> For(RunState state, string id) =>
    [
        .. Findings(state, id).Select(Of).OfType<ClusterAction>().Distinct(),
    ];

    /// <summary>For people, one line each.</summary>
    public static string Text(ClusterAction action) => action switch
    {
        EndSession e => string.Create(CultureInfo.InvariantCulture, $"end session {e.Session} on {e.Machine}; what it has not committed is lost"),
        SetReplication r => $"start the replica threads on {r.Machine}",
        _ => action.ToString(),
    };

    /// <summary>The parts that are to be carried out now.</summary>
    public static IEnumerable<Effect> Pending(RunState state)
    {
        // Another controller may hold the cluster by now.
        if (!state.Renewing.IsEmpty)
            yield break;
        foreach (var (id, mend) in state.Mending)
        {
            for (var i = 0; i < mend.Actions.Length; i++)
            {
                if (!mend.Heard.Contains(i))
                    yield return new Effect.Perform(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{i}.{id}"), mend.Number, mend.Actions[i]);
            }
        }
    }

    /// <summary>Place and halt of an effect's id.</summary>
    public static (int Part, string Id)? Parse(string effect) =>
        effect.StartsWith(Prefix, StringComparison.Ordinal) && effect[Prefix.Length..].Split('.', 2) is [var part, var id]
        && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            ? (place, id)
            : null;

    private static ImmutableArray<Finding> Findings(RunState state, string id) =>
        state.Broken.TryGetValue(id, out var broken) ? broken
        : state.Steps.TryGetValue(id, out var s) && s.Status == StepStatus.Halted && !s.Findings.IsDefault ? s.Findings
        : [];

    private static ClusterAction? Of(Finding finding) =>
        finding.Code == WritingFindings.Session && long.TryParse(finding.Arguments.GetValueOrDefault("id"), NumberStyles.None, CultureInfo.InvariantCulture, out var session)
            ? new EndSession(finding.Subject, session)
            : finding.Code == WritingFindings.ReplicationOff && CanStart(finding.Arguments.GetValueOrDefault("errno"), finding.Arguments.GetValueOrDefault("io"))
                ? new SetReplication(finding.Subject, Run: true)
                : null;

    /// <summary>
    /// Stopped by hand, or ended after its retries because nobody answered (MySQL 8.4: ten, a minute apart): no error stands against
    /// going on.
    /// </summary>
    private static bool CanStart(string? errno, string? io) =>
        errno == "0" ? io != "connecting"
        : io == "stopped" && int.TryParse(errno, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && WaitsForSource.IsAway(number);
}

/// <summary>A mend that a person asked for.</summary>
/// <param name="Number">Counts the mends of a run, so that a late answer cannot be taken for another's.</param>
/// <param name="Heard">Places of the parts that were answered, whatever the answer: the step itself looks whether it helped.</param>
public sealed record Mend(int Number, ImmutableArray<ClusterAction> Actions, ImmutableHashSet<int> Heard);
