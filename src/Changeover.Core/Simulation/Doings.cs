using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>
/// Who did last what may cross an action of ours. Machines, software and moves take their time: when somebody parted the copies, took the
/// store or the writer, changed the cluster or began to write after our word was given, it is his doing. The word was right when it was
/// given, and no look before it could have told.
/// </summary>
internal sealed class Doings(World world)
{
    private readonly Dictionary<string, (TimeSpan At, Cause By)> parted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (TimeSpan At, Cause By)> left = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (TimeSpan At, Cause By)> reconfigured = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Machine, string Service), (TimeSpan At, Cause By)> begun = [];
    private (TimeSpan At, Cause By)? writerMoved;
    private (TimeSpan At, Cause By)? openedBeside;

    private (TimeSpan, Cause) Now => (world.Now, world.Cause);

    /// <summary>The two copies do not hear each other any more.</summary>
    public void Parted(ResourceSetTruth set) => parted[set.Role] = Now;

    /// <summary>A set of resources leaves its machine.</summary>
    public void Leaves(ResourceSetTruth set) => left[set.Role] = Now;

    /// <summary>A machine is not heard any more: what it holds serves nobody.</summary>
    public void FallsSilent(MachineTruth machine)
    {
        foreach (var pair in world.Truth.Pairs.Where(p => p.First == machine.Name || p.Second == machine.Name))
        {
            foreach (var set in pair.Sets.Where(s => s.On(pair, machine.Name).Started == s.Resources.Count))
                Leaves(set);
        }
    }

    public void WriterMoves() => writerMoved = Now;

    /// <summary>A session that writes was opened on a master itself, past the balancers.</summary>
    public void OpensBeside() => openedBeside = Now;

    public void Begins(MachineTruth machine, ServiceTruth service) => begun[(machine.Name, service.Name)] = Now;

    /// <summary>Stickiness, preferences, bans, maintenance mode of a pair's cluster.</summary>
    public void Reconfigures(PairTruth pair) => reconfigured[pair.Name] = Now;

    /// <summary>Who parted the copies, or took the role from where it was.</summary>
    public Cause? TakenSince(ResourceSetTruth set) => Since(parted, set.Role) ?? Since(left, set.Role);

    public Cause? WriterTakenSince() => Since(writerMoved) ?? Since(openedBeside);

    /// <summary>
    /// Who took a client's store after the word was given to start it: the store served then, which is all that a look before the word can
    /// tell. Null: it did not, or it was taken on our word.
    /// </summary>
    public Cause? StoreTakenSince(MachineTruth client)
    {
        Cause? by = null;
        foreach (var pair in world.Truth.Pairs)
        {
            foreach (var set in pair.Sets.Where(s => s.HasDrbd && world.NeedsSet(client, s) && !world.IsServing(pair, s)))
            {
                by = Since(left, set.Role);
                if (by is null)
                    return null;
            }
        }
        return by;
    }

    /// <summary>Who started this software behind our last look at it, or after our word; null: it ran then, or runs on our word.</summary>
    public Cause? BegunSince(string machine, string service) => Since(begun, (machine, service), new Subject(SubjectKind.Services, machine));

    /// <summary>
    /// Who gave a role a reason to leave this machine, where nothing makes it: a node that joins, or a copy that is synchronised, takes it
    /// long after our word.
    /// </summary>
    public Cause? DrawnSince(MachineTruth machine) =>
        machine.Node is { Standby: false, Leaving: false } && world.Truth.PairOf(machine.Name) is { } pair
            ? Since(reconfigured, pair.Name, new Subject(SubjectKind.PacemakerSetup, machine.Name))
            : null;

    private Cause? Since<T>(Dictionary<T, (TimeSpan At, Cause By)> done, T what, Subject? shows = null)
        where T : notnull =>
        done.TryGetValue(what, out var it) ? Since(it, shows) : null;

    /// <param name="shows">What would have shown it, where a guard looks at that: then it is his doing from that look on.</param>
    private Cause? Since((TimeSpan At, Cause By)? done, Subject? shows = null)
    {
        var cause = world.Cause;
        var from = shows is { } subject && cause.Looked?.TryGetValue(subject.ToString(), out var looked) == true ? looked : cause.At;
        return done is { } it && it.At > from && !it.By.IsOurs ? it.By : null;
    }
}
