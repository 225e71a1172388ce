using System.Diagnostics;
using Changeover.Knowledge;

namespace Changeover.Drivers.Pacemaker;

/// <summary>
/// Pacemaker, asked with <c>crm_mon</c>, <c>cibadmin</c> and <c>crm_simulate</c>, told with <c>pcs</c>. A node answers for the
/// whole cluster as it sees it; two nodes can see different clusters, so each is asked.
/// </summary>
public sealed class PacemakerDriver : IDriver
{
    private static readonly TimeSpan LookBudget = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SetupBudget = TimeSpan.FromSeconds(30);

    /// <summary>Two runs of pcs and three of crm_simulate; about 13 s on the slowest machine seen.</summary>
    private static readonly TimeSpan ForecastBudget = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StandbyBudget = TimeSpan.FromSeconds(60);

    public ImmutableArray<SubjectKind> Subjects => [SubjectKind.Pacemaker, SubjectKind.PacemakerSetup, SubjectKind.Forecast];

    public Request Ask(Subject subject, DriverContext context) => subject.Kind switch
    {
        SubjectKind.Pacemaker => new Request.Shell(subject.Name, StateQuestions(subject, context), LookBudget),
        SubjectKind.PacemakerSetup => new Request.Shell(subject.Name, SetupQuestions, SetupBudget),
        SubjectKind.Forecast => new Request.Shell(
            subject.Name,
            [
                new(PacemakerCommands.ForecastKey, PacemakerCommands.Forecast(NodeOf(subject.Name, context)), Root: true,
                    Limit: TimeSpan.FromSeconds(55)),
            ],
            ForecastBudget),
        _ => throw new UnreachableException($"{subject} is not Pacemaker's"),
    };

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context) => throw new NotImplementedException();

    public Request? Tell(ClusterAction action, DriverContext context) => action is SetStandby standby
        ? new Request.Shell(
            standby.Via,
            [
                new(
                    PacemakerCommands.StandbyKey,
                    PacemakerCommands.Standby(NodeOf(standby.Machine, context), standby.Standby, ClusterForm(standby, context)),
                    Root: true,
                    Limit: TimeSpan.FromSeconds(55)),
            ],
            StandbyBudget,
            context.Run is { } run ? new ClaimGuard(run.Id, run.Epoch) : null)
        : null;

    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context) => throw new NotImplementedException();

    /// <summary>
    /// Which form crm_mon understands shows only in its answer: old versions print their help and exit 0. As long as no
    /// answer was read, both forms are asked in the one exchange; after that, the one that was read.
    /// </summary>
    private static ImmutableArray<Command> StateQuestions(Subject subject, DriverContext context)
    {
        var known = context.Snapshot.Facts<PacemakerFacts>(subject.Kind, subject.Name);
        var limit = TimeSpan.FromSeconds(8);
        var questions = ImmutableArray.CreateBuilder<Command>();
        if (known is not { LegacyForm: true })
            questions.Add(new(PacemakerCommands.CrmMonKey, PacemakerCommands.CrmMon, Root: true, Limit: limit));
        if (known is not { LegacyForm: false })
            questions.Add(new(PacemakerCommands.CrmMonLegacyKey, PacemakerCommands.CrmMonLegacy, Root: true, Limit: limit));
        questions.Add(new(PacemakerCommands.CrmNodeKey, PacemakerCommands.CrmNode, Root: true, Limit: TimeSpan.FromSeconds(4)));
        return questions.ToImmutable();
    }

    private static readonly ImmutableArray<Command> SetupQuestions =
    [
        new(PacemakerCommands.CibKey, PacemakerCommands.Cib, Root: true, Limit: TimeSpan.FromSeconds(10)),
        new(PacemakerCommands.PcsVersionKey, PacemakerCommands.PcsVersion, Limit: TimeSpan.FromSeconds(10)),
        new(PacemakerCommands.DaemonsEnabledKey, PacemakerCommands.DaemonsEnabled, Limit: TimeSpan.FromSeconds(5)),
        new(PacemakerCommands.CanForecastKey, PacemakerCommands.CanForecast, Limit: TimeSpan.FromSeconds(5)),
    ];

    private static string NodeOf(string machine, DriverContext context) => context.Inventory.Machine(machine).NodeName;

    /// <summary>
    /// Every pcs 0.9 knows the cluster form, only its later half the node form; 0.10 removed the cluster form (X4). An
    /// unknown version gets the node form: were it wrong, pcs would refuse with its usage and do nothing.
    /// </summary>
    private static bool ClusterForm(SetStandby standby, DriverContext context) =>
        context.Snapshot.Facts<PacemakerSetupFacts>(SubjectKind.PacemakerSetup, standby.Via)?.PcsVersion is { } version
        && version.StartsWith("0.9.", StringComparison.Ordinal);
}
