using System.Collections.Frozen;
using System.Diagnostics;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers;

/// <summary>All drivers, and the questions of many subjects put to one target in one exchange.</summary>
public sealed class DriverSet
{
    private readonly ImmutableArray<IDriver> drivers;
    private readonly FrozenDictionary<SubjectKind, IDriver> byKind;

    public DriverSet(params ImmutableArray<IDriver> drivers)
    {
        this.drivers = drivers;
        byKind = drivers.SelectMany(d => d.Subjects.Select(k => (k, d))).ToFrozenDictionary(x => x.k, x => x.d);
    }

    /// <summary>The one exchange that answers for all these subjects of one target.</summary>
    public Request Ask(IReadOnlyCollection<Subject> subjects, DriverContext context)
    {
        var (machine, endpoint) = ("", "");
        var commands = ImmutableArray.CreateBuilder<Command>();
        var calls = ImmutableArray.CreateBuilder<Call>();
        var budget = TimeSpan.MinValue;
        foreach (var subject in subjects.Order())
        {
            var request = byKind[subject.Kind].Ask(subject, context);
            budget = request.Budget > budget ? request.Budget : budget;
            switch (request)
            {
                case Request.Shell shell:
                    machine = shell.Machine;
                    foreach (var command in shell.Commands)
                        commands.Add(command with { Key = Key(subject, command.Key) });
                    break;
                case Request.Http http:
                    endpoint = http.Endpoint;
                    foreach (var call in http.Calls)
                        calls.Add(call with { Key = Key(subject, call.Key) });
                    break;
                default:
                    throw new UnreachableException();
            }
        }
        return machine.Length > 0 ? new Request.Shell(machine, commands.DrainToImmutable(), budget) : new Request.Http(endpoint, calls.DrainToImmutable(), budget);
    }

    /// <summary>What the answer says of each subject; a reply that is no answer makes every one of them unknown, with the reason.</summary>
    /// <param name="known">What was read before; null: everything is read anew.</param>
    public ImmutableArray<Observation> Read(
        IReadOnlyCollection<Subject> subjects, Reply reply, Moment askedAt, Moment answeredAt, DriverContext context, KnownReadings? known = null)
    {
        var seen = ImmutableArray.CreateBuilder<Observation>(subjects.Count);
        foreach (var s in subjects.Order())
        {
            var reading = reply switch
            {
                Reply.Answered answered => ReadOwn(s, Own(answered, s), context, known),
                Reply.NotSent notSent => Reading.Unreadable(ExchangeFindings.NotSent.On(s.Target, "asked", s.ToString(), "why", notSent.Why)),
                Reply.NoAnswer silent => Reading.Unreadable(ExchangeFindings.NoAnswer.On(s.Target, "asked", s.ToString(), "why", silent.Why)),
                Reply.Refused refused => Reading.Unreadable(ExchangeFindings.Refusal(s.Target, refused)),
                _ => throw new UnreachableException(),
            };
            seen.Add(new(s, reading.Facts, reading.Problem, askedAt, answeredAt, reply is Reply.NotSent or Reply.NoAnswer));
        }
        return seen.MoveToImmutable();
    }

    private Reading ReadOwn(Subject subject, Reply.Answered answer, DriverContext context, KnownReadings? known)
    {
        if (known?.Find(subject, answer, context.Inventory) is { } before)
            return before;
        var reading = byKind[subject.Kind].Read(subject, answer, context);
        known?.Keep(subject, answer, context.Inventory, reading);
        return reading;
    }

    public Request Tell(ClusterAction action, DriverContext context) =>
        drivers.Select(d => d.Tell(action, context)).FirstOrDefault(r => r is not null)
        ?? throw new UnreachableException($"no driver carries out {action.GetType().Name}");

    public Reception Heard(ClusterAction action, Reply reply, DriverContext context) => reply switch
    {
        Reply.Answered answered => drivers.First(d => d.Tell(action, context) is not null).Heard(action, answered, context),
        Reply.NotSent notSent => new(ReceptionKind.NotSent, notSent.Why),
        Reply.NoAnswer silent => new(ReceptionKind.Unclear, silent.Why),
        Reply.Refused refused => new(ReceptionKind.Refused, ExchangeFindings.Refusal("", refused).Message.TrimStart()),
        _ => throw new UnreachableException(),
    };

    private static string Key(Subject subject, string key) => $"{SubjectKinds.Text(subject.Kind)}/{key}";

    private static Reply.Answered Own(Reply.Answered reply, Subject subject)
    {
        var prefix = Key(subject, "");
        var own = ImmutableArray.CreateBuilder<Result>(reply.Results.Length);
        foreach (var result in reply.Results)
        {
            if (result.Key.StartsWith(prefix, StringComparison.Ordinal))
                own.Add(result with { Key = result.Key[prefix.Length..] });
        }
        return new(own.DrainToImmutable());
    }
}
