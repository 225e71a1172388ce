using System.Diagnostics;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers;

/// <summary>All drivers, and the questions of many subjects put to one target in one exchange.</summary>
public sealed class DriverSet
{
    private readonly ImmutableArray<IDriver> drivers;
    private readonly ImmutableDictionary<SubjectKind, IDriver> byKind;

    public DriverSet(params ImmutableArray<IDriver> drivers)
    {
        this.drivers = drivers;
        byKind = drivers.SelectMany(d => d.Subjects.Select(k => (k, d))).ToImmutableDictionary(x => x.k, x => x.d);
    }

    /// <summary>The one exchange that answers for all these subjects of one target.</summary>
    public Request Ask(IReadOnlyCollection<Subject> subjects, DriverContext context)
    {
        var requests = subjects.Order().Select(s => (Subject: s, Request: byKind[s.Kind].Ask(s, context))).ToImmutableArray();
        var budget = requests.Max(r => r.Request.Budget);
        return requests[0].Request switch
        {
            Request.Shell first => new Request.Shell(
                first.Machine,
                [.. requests.SelectMany(r => ((Request.Shell)r.Request).Commands.Select(c => c with { Key = Key(r.Subject, c.Key) }))],
                budget),
            Request.Http first => new Request.Http(
                first.Endpoint,
                [.. requests.SelectMany(r => ((Request.Http)r.Request).Calls.Select(c => c with { Key = Key(r.Subject, c.Key) }))],
                budget),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>What the answer says of each subject; a reply that is no answer makes every one of them unknown, with the reason.</summary>
    public ImmutableArray<Observation> Read(
        IReadOnlyCollection<Subject> subjects, Reply reply, Moment askedAt, Moment answeredAt, DriverContext context) =>
    [
        .. subjects.Order().Select(s =>
        {
            var reading = reply switch
            {
                Reply.Answered answered => byKind[s.Kind].Read(s, Own(answered, s), context),
                Reply.NotSent notSent => Reading.Unreadable(ExchangeFindings.NotSent.On(s.Target, "asked", s.ToString(), "why", notSent.Why)),
                Reply.NoAnswer silent => Reading.Unreadable(ExchangeFindings.NoAnswer.On(s.Target, "asked", s.ToString(), "why", silent.Why)),
                Reply.Refused refused => Reading.Unreadable(ExchangeFindings.Refusal(s.Target, refused)),
                _ => throw new UnreachableException(),
            };
            return new Observation(s, reading.Facts, reading.Problem, askedAt, answeredAt);
        }),
    ];

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
        return new([.. reply.Results.Where(r => r.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(r => r with { Key = r.Key[prefix.Length..] })]);
    }
}
