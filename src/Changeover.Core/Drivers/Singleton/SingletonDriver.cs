using Changeover.Drivers.Claim;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers.Singleton;

/// <summary>
/// The singleton inside a service (AcdGroupDistribute), by the site's own commands (F8, B13). Without a probe no step is planned; without a control a person does it.
/// </summary>
public sealed class SingletonDriver : IDriver
{
    public const string LookKey = "singleton";
    public const string SetKey = "set";
    public const string ProbeVerb = "probe-singleton";
    public const string StartVerb = "start-singleton";
    public const string StopVerb = "stop-singleton";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <param name="verb">Null: the probe, which prints <c>running</c> or <c>stopped</c> as its last line.</param>
    public static ImmutableArray<string> Command(Platform platform, string verb, string singleton, string command) =>
        platform == Platform.Windows
            ? PowerShell.Arguments(verb, command, "name", singleton, "command", command)
            : ["/bin/sh", "-c", command];

    public ImmutableArray<SubjectKind> Subjects => [SubjectKind.Singleton];

    public Request Ask(Subject subject, DriverContext context) => new Request.Shell(
        subject.Name,
        Carrier(subject.Name, context) is { SingletonProbe.Length: > 0 } service
            ? [new(LookKey, Command(PlatformOf(subject.Name, context), ProbeVerb, service.Singleton, service.SingletonProbe), Limit: Limit)]
            : [],
        context.Inventory.Budgets.Look);

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context)
    {
        if (Carrier(subject.Name, context) is not { SingletonProbe.Length: > 0 } service)
            return Reading.Unreadable(SingletonFindings.NoProbe.On(subject.Name));
        var result = reply.Find(LookKey);
        var word = result?.Output.Split('\n').Select(l => l.Trim().TrimStart('\ufeff')).LastOrDefault(l => l.Length > 0);
        return (result?.Code, word) switch
        {
            (0, "running") => Reading.Of(new SingletonFacts(service.Singleton, ServiceRun.Running)),
            (0, "stopped") => Reading.Of(new SingletonFacts(service.Singleton, ServiceRun.Stopped)),
            _ => Reading.Unreadable(SingletonFindings.Unreadable.On(
                subject.Name, "singleton", service.Singleton, "exit", $"{result?.Code}", "text", Excerpt.Of(result))),
        };
    }

    /// <summary>Null where the site gave no command: then a person does it.</summary>
    public Request? Tell(ClusterAction action, DriverContext context)
    {
        if (action is not SetSingleton set
            || Carrier(set.Machine, context) is not { SingletonControl.Length: > 0 } service
            || service.Singleton != set.Singleton)
            return null;
        var command = Command(
            PlatformOf(set.Machine, context),
            set.Run ? StartVerb : StopVerb,
            service.Singleton,
            $"{service.SingletonControl} {(set.Run ? "start" : "stop")}");
        return new Request.Shell(
            set.Machine, [new(SetKey, command, Limit: Limit)], context.Inventory.Budgets.Look, ClaimMachines.Guard(set.Machine, context));
    }

    /// <summary>A site's command that fails may have done half: it is looked at.</summary>
    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context) =>
        reply.Find(SetKey) is { Code: 0 } ? Reception.Accepted : new(ReceptionKind.Unclear, Excerpt.Of(reply.Find(SetKey)));

    private static Service? Carrier(string machine, DriverContext context) =>
        context.Inventory.ServicesOf(context.Inventory.Machine(machine)).FirstOrDefault(s => s.Singleton.Length > 0);

    private static Platform PlatformOf(string machine, DriverContext context) => context.Inventory.Machine(machine).Platform;
}
