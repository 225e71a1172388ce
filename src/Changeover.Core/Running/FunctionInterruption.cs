using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>What of a cluster can be missed by its users.</summary>
public enum FunctionKind
{
    /// <summary>Software of the catalogue, on however many machines.</summary>
    Service,

    /// <summary>What one of them carries, on exactly one machine.</summary>
    Singleton,

    /// <summary>The roles of a pair: they move from one machine to the other.</summary>
    Pair,
}

/// <summary>
/// How long one function was not there, as far as the run's own events prove it. That is the outer bound: it counts from when something was asked
/// to stop, not from when it stopped, and until it was seen to run, not until a caller was served. What users had only a probe outside knows.
/// </summary>
/// <param name="Name">Of the service or pair in the inventory, or the singleton.</param>
/// <param name="Title">What people call it.</param>
/// <param name="From">When the first of its machines was asked to stop it, or its pair to move; null: it was stopped before this run began.</param>
/// <param name="GoneFrom">When the last of them was: from then on there may have been none; null: not so, or not known because it was stopped before.</param>
/// <param name="BackAt">When it was seen to run on one machine again; null: this run has not seen it.</param>
/// <param name="Until">When it was seen on all machines on which the plan starts it; null: this run has not seen it.</param>
/// <param name="ServedOn">Machines on which this run did not ask it to stop: while there is one, there was no interruption.</param>
public sealed record FunctionInterruption(
    FunctionKind Kind, string Name, string Title, DateTimeOffset? From, DateTimeOffset? GoneFrom, DateTimeOffset? BackAt, DateTimeOffset? Until, ImmutableArray<string> ServedOn)
{
    /// <summary>How long there was none; null: there always was one, or the beginning or the end is not in this run.</summary>
    public TimeSpan? WithoutAny => GoneFrom is { } gone && BackAt is { } back ? back - gone : null;

    /// <summary>Of everything this run stopped or moved, in the inventory's order, or found stopped where it would have stopped it.</summary>
    public static ImmutableArray<FunctionInterruption> Of(RunState state) =>
    [
        .. state.Inventory.Services.SelectMany(s => OfService(state, s) is { } own ? new[] { own }.Concat(OfSingleton(state, s)) : []),
        .. state.Plan.Steps.Where(s => s.Deed is SetStandby { Standby: true } && state.Steps[s.Id].ActedAt is not null).Select(s => OfPair(state, s)),
    ];

    private static FunctionInterruption? OfService(RunState state, Service service)
    {
        var stops = state.Plan.Steps.Where(s => Interruption.IsStop(s) && s.Deed is SetService d && d.Service == service.Name).ToArray();
        var stopped = stops.Where(s => state.Steps[s.Id] is { Acted: true } or { Status: StepStatus.Done }).ToArray();
        if (stopped.Length == 0)
            return null;
        var asked = stopped.Select(s => state.Steps[s.Id].ActedAt).OfType<DateTimeOffset>().ToArray();
        var servedOn = state.Inventory.Machines
            .Where(m => IsMeantToRun(state, m, service) && stopped.All(s => s.Machine != m.Name))
            .Select(m => m.Name).ToImmutableArray();
        var starts = state.Plan.Steps.Where(s => Interruption.IsStart(s) && s.Deed is SetService d && d.Service == service.Name).Select(s => SeenAt(state, s)).ToArray();
        return new(
            FunctionKind.Service, service.Name, service.Title,
            asked.Length > 0 ? asked.Min() : null,
            asked.Length > 0 && servedOn.IsEmpty ? asked.Max() : null,
            starts.Min(),
            starts.All(s => s is not null) ? starts.Max() : null,
            servedOn);
    }

    /// <summary>On the side that stays it ran as found. The machines of the host are off before a failback and after a failover: they keep nothing going.</summary>
    private static bool IsMeantToRun(RunState state, Machine machine, Service service) =>
        machine.Host != state.Plan.Goal.Host && state.Plan.Without?.ContainsKey(machine.Name) != true
        && state.Inventory.ServicesOf(machine).Any(s => s.Name == service.Name) && state.Plan.Baseline.ServiceRan(machine.Name, service.Name);

    /// <summary>It is gone with the software that carries it, and there again when it was seen on its machine.</summary>
    private static IEnumerable<FunctionInterruption> OfSingleton(RunState state, Service carrier)
    {
        if (state.Plan.Steps.FirstOrDefault(s => s.Deed is SetSingleton { Run: true } d && d.Singleton == carrier.Singleton) is not { } start)
            yield break;
        var stops = state.Plan.Steps.Where(s => Interruption.IsStop(s) && s.Deed is SetService d && d.Service == carrier.Name).Select(s => state.Steps[s.Id].ActedAt).OfType<DateTimeOffset>().ToArray();
        // Which of the machines carried it is in no event: it was not gone before the first of them was asked to stop.
        if (stops.Length == 0)
            yield break;
        var seen = SeenAt(state, start);
        yield return new(FunctionKind.Singleton, carrier.Singleton, carrier.Singleton, stops.Min(), stops.Min(), seen, seen, []);
    }

    private static FunctionInterruption OfPair(RunState state, Step standby)
    {
        var pair = state.Inventory.Pairs.FirstOrDefault(p => p.Members.Contains(standby.Machine));
        var (asked, seen) = (state.Steps[standby.Id].ActedAt, SeenAt(state, standby));
        var name = pair?.Name ?? standby.Machine;
        return new(FunctionKind.Pair, name, pair is null ? name : $"{name} ({standby.Machine} → {pair.Other(standby.Machine)})", asked, asked, seen, seen, []);
    }

    /// <summary>Null: not seen. What a person accepted was not.</summary>
    private static DateTimeOffset? SeenAt(RunState state, Step step) =>
        state.Steps[step.Id] is { Status: StepStatus.Done, Outcome: not StepOutcome.Accepted, EndedAt: { } at } ? at : null;
}
