using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>
/// What is really so in the simulated cluster, apart from what is printed about it. Only the models of this namespace write
/// it; tests and the rehearsal read it. Quantities that grow by themselves (transactions, out-of-sync) are right as of the
/// last <see cref="World.Settle"/>.
/// </summary>
public sealed class GroundTruth
{
    /// <summary>Time of the newest event.</summary>
    public TimeSpan Now { get; set; }

    /// <summary>The backend whose chosen server is the writer; empty: no balancer chooses one.</summary>
    public string WriterBackend { get; set; } = "";
    public List<HostTruth> Hosts { get; set; } = [];
    public List<MachineTruth> Machines { get; set; } = [];
    public List<PairTruth> Pairs { get; set; } = [];

    /// <summary>Client connections to databases, those through a balancer and direct ones.</summary>
    public List<SessionTruth> Sessions { get; set; } = [];
    public List<DowntimeTruth> Downtimes { get; set; } = [];
    public TimeSpan MonitoringClockOffset { get; set; }

    /// <summary>Its login may only look.</summary>
    public bool MonitoringRefuses { get; set; }

    /// <summary>Everything that must never have been so, in the order it came.</summary>
    public List<Violation> Violations { get; set; } = [];

    /// <summary>Of each kind about each subject the one that began it. A state that somebody else began is not ours because we act while it lasts.</summary>
    public IEnumerable<Violation> FirstViolations() => Violations.GroupBy(v => (v.Code, v.Subject)).Select(g => g.OrderBy(v => v.At).First());

    private Dictionary<string, MachineTruth>? byName;

    public MachineTruth? Find(string machine)
    {
        byName ??= Machines.ToDictionary(m => m.Name, StringComparer.Ordinal);
        return byName.GetValueOrDefault(machine);
    }

    public MachineTruth Machine(string name) => Find(name) ?? throw new KeyNotFoundException($"no machine {name} in the simulated cluster");

    public PairTruth? PairOf(string machine)
    {
        foreach (var pair in Pairs)
        {
            if (pair.First == machine || pair.Second == machine)
                return pair;
        }
        return null;
    }

    /// <summary>The set of resources that carries a role on a machine's pair.</summary>
    public ResourceSetTruth? SetOf(string machine, string role)
    {
        foreach (var set in PairOf(machine)?.Sets ?? [])
        {
            if (set.Role == role)
                return set;
        }
        return null;
    }
}

public sealed class HostTruth
{
    public required string Name { get; init; }
    public required string Node { get; init; }

    public static readonly ImmutableArray<HostPart> UsualParts = [new(HostPartKind.Storage, "local-lvm"), new(HostPartKind.Network, "vmbr0")];

    /// <summary>Its storages and networks, usable or not.</summary>
    public List<HostPart> Parts { get; set; } = [.. UsualParts];

    /// <summary>Finished and running tasks of its interface, newest last.</summary>
    public List<TaskTruth> Tasks { get; set; } = [];
}

public sealed class TaskTruth
{
    public required string Id { get; init; }
    public required string Kind { get; init; }
    public required string Machine { get; init; }
    public bool Running { get; set; } = true;

    /// <summary><c>OK</c>, or what went wrong.</summary>
    public string Outcome { get; set; } = "";
}

/// <param name="Parent">Name of the host downtime a service downtime came with; empty: it is one of its own.</param>
public sealed record DowntimeTruth(
    int Id, string Name, string Object, long Start, long End, string Author, string Comment, string Parent = "");
