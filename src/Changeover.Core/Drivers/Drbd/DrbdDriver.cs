using System.Diagnostics;
using System.Globalization;
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

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context)
    {
        var machine = subject.Name;
        if (reply.Find(DrbdCommands.ProcKey) is not { } proc)
            return Unreadable(machine, "/proc/drbd", "no answer");
        if (proc.Code != 0)
            return WithoutProc(machine, proc, reply);
        var version = ProcDrbd.Version(proc.Output);
        if (version.Length == 0)
            return Unreadable(machine, "/proc/drbd", proc.Output);
        if (!version.StartsWith("8.", StringComparison.Ordinal))
            return FromTools(machine, version, reply);
        try
        {
            var events = reply.Find(DrbdCommands.EventsKey) is { Code: 0 } listed ? listed.Output : "";
            return Facts(version, ProcDrbd.Resources(proc.Output, events));
        }
        catch (FormatException damaged)
        {
            return Unreadable(machine, "/proc/drbd", damaged.Message);
        }
    }

    public Request? Tell(ClusterAction action, DriverContext context) => null;

    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context) =>
        throw new UnreachableException("DRBD is never told anything");

    /// <summary>
    /// No /proc/drbd. The tools are silent when the module is not loaded; where they speak, it is a DRBD 9 without that file.
    /// </summary>
    private static Reading WithoutProc(string machine, Result proc, Reply.Answered reply)
    {
        if (!proc.Error.Contains("No such file or directory", StringComparison.Ordinal))
        {
            return Reading.Unreadable(ExchangeFindings.Failed.On(
                machine, "what", "cat /proc/drbd", "exit", proc.Code.ToString(CultureInfo.InvariantCulture), "text", Excerpt.Of(proc.Error)));
        }
        return reply.Results.Any(r => r.Key != DrbdCommands.ProcKey && (r.Code != 1 || r.Output.Length > 0 || r.Error.Length > 0))
            ? FromTools(machine, "9", reply)
            : Facts("", []);
    }

    /// <summary>DRBD 9: JSON, or where these utils have none, the text for people. Both failing is unknown, never "nothing is up".</summary>
    private static Reading FromTools(string machine, string version, Reply.Answered reply)
    {
        var json = reply.Find(DrbdCommands.JsonKey);
        var status = reply.Find(DrbdCommands.StatusKey);
        try
        {
            if (json is { Code: 0 })
                return Facts(version, DrbdJson.Resources(json.Output));
        }
        catch (FormatException)
        {
            // The text below may still be whole.
        }
        try
        {
            if (status is { Code: 0 } && status.Output.Length > 0)
                return Facts(version, DrbdStatus.Resources(status.Output));
        }
        catch (FormatException damaged)
        {
            return Unreadable(machine, "drbdadm status", damaged.Message);
        }
        return Reading.Unreadable(DrbdFindings.NoStatus.On(
            machine, "version", version, "text", json?.Code == Result.TimedOut ? "drbdsetup did not end in its time" : Excerpt.Of(json?.Error ?? "", json?.Output ?? "", status?.Error ?? "")));
    }

    private static Reading Facts(string version, ImmutableArray<DrbdResource> resources) =>
        Reading.Of(new DrbdFacts(version, resources.Length > 0, resources));

    private static Reading Unreadable(string machine, string what, string text) =>
        Reading.Unreadable(ExchangeFindings.Unreadable.On(machine, "what", what, "text", Excerpt.Of(text)));
}
