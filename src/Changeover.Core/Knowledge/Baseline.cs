using Changeover.Inventory;

namespace Changeover.Knowledge;

/// <summary>
/// The picture of the cluster as found before the first change (G3), and the second picture of the balancers once the
/// software was stopped (F4). The failback is derived from it and ends when the difference to it is empty or signed.
/// </summary>
/// <param name="Maintenance">Id of the maintenance that owns it.</param>
/// <param name="Found">Facts of every subject, before F1.</param>
/// <param name="Quieted">The balancers at F4; empty until then.</param>
/// <param name="Assumed">True: not observed but taken from the inventory; a preview, or a person has signed it.</param>
public sealed record Baseline(
    string Maintenance, DateTimeOffset TakenAt, ImmutableArray<SeenFacts> Found, ImmutableArray<SeenFacts> Quieted, bool Assumed = false)
{
    public static Baseline Take(string maintenance, DateTimeOffset at, Snapshot snapshot) =>
        new(maintenance, at, Seen(snapshot.All), []);

    public static ImmutableArray<SeenFacts> Seen(IEnumerable<Observation> observations) =>
        [.. observations.Where(o => o.Facts is not null).OrderBy(o => o.Subject).Select(o => new SeenFacts(o.Subject.ToString(), o.Facts!))];

    public T? Facts<T>(SubjectKind kind, string name)
        where T : Facts => Find<T>(Found, new Subject(kind, name));

    /// <summary>Balancer as it was when the software had been stopped, which is what B11 goes back to.</summary>
    public BalancerFacts? QuietedBalancer(string machine) =>
        Find<BalancerFacts>(Quieted, new(SubjectKind.Balancer, machine)) ?? Facts<BalancerFacts>(SubjectKind.Balancer, machine);

    private static T? Find<T>(ImmutableArray<SeenFacts> seen, Subject subject)
        where T : Facts
    {
        var key = subject.ToString();
        return seen.FirstOrDefault(s => s.Subject == key)?.Facts as T;
    }

    public bool ServiceRan(string machine, string service) =>
        Facts<ServiceFacts>(SubjectKind.Services, machine)?.Find(service)?.Run is ServiceRun.Running or ServiceRun.Starting;

    /// <summary>The machine of the pair that held its roles, or null if that could not be told.</summary>
    public string? HolderOf(Pair pair, ClusterInventory inventory) =>
        pair.Members
            .Select(m => Facts<PacemakerFacts>(SubjectKind.Pacemaker, m))
            .Where(f => f is not null)
            .Select(f => PairJudge.HolderNode(f!))
            .Where(n => n is not null)
            .Select(n => pair.Members.FirstOrDefault(m => inventory.Machine(m).NodeName == n))
            .FirstOrDefault(m => m is not null);

    /// <summary>The machine the singleton ran on, or null.</summary>
    public string? SingletonAt(ClusterInventory inventory, string singleton) =>
        inventory.Machines.Select(m => m.Name).FirstOrDefault(m =>
            Facts<SingletonFacts>(SubjectKind.Singleton, m) is { Run: ServiceRun.Running } facts && facts.Name == singleton);

    /// <summary>As the hypervisor says; where none can be asked, a machine that answers is on.</summary>
    public bool WasOn(Machine machine) => Facts<PowerFacts>(SubjectKind.Power, machine.Host) is { } power
        ? power.Find(machine.GuestName)?.Power == PowerState.On
        : Facts<MachineFacts>(SubjectKind.Machine, machine.Name) is not null;

    /// <summary>The writer the balancer with the address chose, or null.</summary>
    public string? Writer(ClusterInventory inventory)
    {
        var holders = inventory.Pairs.Where(p => p.HasBalancer).Select(p => HolderOf(p, inventory));
        foreach (var balancer in holders.OfType<string>())
        {
            if (Facts<BalancerFacts>(SubjectKind.Balancer, balancer) is { } facts && BalancerJudge.Writer(facts, inventory, balancer) is { } writer)
                return writer;
        }
        return null;
    }
}

/// <param name="Subject">As text, because it is kept in the journal.</param>
public sealed record SeenFacts(string Subject, Facts Facts);
