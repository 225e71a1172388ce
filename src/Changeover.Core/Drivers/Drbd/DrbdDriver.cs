using Changeover.Knowledge;

namespace Changeover.Drivers.Drbd;

/// <summary>DRBD as one machine sees it: 8.4 from /proc/drbd, 9 from JSON. It is never told anything: Pacemaker moves it.</summary>
public sealed class DrbdDriver : IDriver
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);

    /// <summary>A tool of DRBD can hang in the kernel; it must not silence the others.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public ImmutableArray<SubjectKind> Subjects => [SubjectKind.Drbd];

    /// <summary>All sources at once until one was read; then only those of that generation of the module.</summary>
    public Request Ask(Subject subject, DriverContext context)
    {
        var version = context.Snapshot.Facts<DrbdFacts>(subject.Kind, subject.Name) is { Loaded: true } known ? known.Version : "";
        var old = version.StartsWith("8.", StringComparison.Ordinal);
        var nine = version.StartsWith("9.", StringComparison.Ordinal);
        var questions = ImmutableArray.CreateBuilder<Command>();
        questions.Add(new(DrbdCommands.ProcKey, DrbdCommands.Proc, Limit: Limit));
        if (!old)
            questions.Add(new(DrbdCommands.JsonKey, DrbdCommands.Json, Root: true, Limit: Limit));
        if (!nine)
            questions.Add(new(DrbdCommands.EventsKey, DrbdCommands.Events, Root: true, Limit: Limit));
        if (!old && !nine)
            questions.Add(new(DrbdCommands.StatusKey, DrbdCommands.Status, Root: true, Limit: Limit));
        return new Request.Shell(subject.Name, questions.ToImmutable(), Budget);
    }

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context) => throw new NotImplementedException();

    public Request? Tell(ClusterAction action, DriverContext context) => null;

    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context) => throw new NotImplementedException();
}
