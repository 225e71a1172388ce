using System.Globalization;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Planning;

/// <param name="Without">X1: machines left out on purpose, with the reason.</param>
/// <param name="BackBy">F2: when the emptied host's machines are expected back; null: a day after the start.</param>
/// <param name="NotBefore">X10: nothing that interrupts anybody begins before; null: as soon as it can.</param>
/// <param name="Leftovers">B16: what the maintenance that is closed still owns, by its runs' own records.</param>
/// <param name="TurnBack">X10: when it has passed and the software does not start again yet, a person decides whether it goes on; null: nobody is asked.</param>
/// <param name="TakeOver">A person's word: a run whose claims are taken from it, because its controller is gone for good; empty: none.</param>
/// <param name="Signed">B0: a person's word where no run explains what is found; null: none was given.</param>
public sealed record PlanOptions(
    ImmutableSortedDictionary<string, string> Without, DateTimeOffset? BackBy = null, Leftovers? Leftovers = null, DateTimeOffset? NotBefore = null, string TakeOver = "", DateTimeOffset? TurnBack = null,
    Signature? Signed = null)
{
    /// <summary>A plan that stands longer no longer fits what it was derived from.</summary>
    public static readonly TimeSpan FarthestAhead = TimeSpan.FromDays(7);

    public static readonly PlanOptions Default = new(ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>The machines that are left out.</summary>
    public ImmutableHashSet<string> Machines => field ??= [.. Without.Keys];
}

/// <summary>
/// A failback begins although the journal does not explain all of it: without a failover in it, the inventory's normal state is
/// what to go back to; machines of the host that are on and did no harm are gone on from.
/// </summary>
public sealed record Signature(string Who, string Why);

/// <summary>What the runs of a maintenance made and did not remove.</summary>
/// <param name="Backups">As they were started: machine and id.</param>
/// <param name="Downtimes">Keys.</param>
public sealed record Leftovers(ImmutableArray<StartBackup> Backups, ImmutableArray<string> Downtimes);

/// <summary>One move of a pair.</summary>
/// <param name="From">Machine that holds the roles before.</param>
/// <param name="To">Machine that holds them after.</param>
public sealed record PairMove(Pair Pair, string From, string To);

/// <summary>
/// What the rules add steps to. It knows what the goal means for this inventory and this baseline; rules speak of it in terms
/// of roles and gates, never of machine names.
/// </summary>
public sealed class PlanBuilder
{
    private readonly List<Step> steps = [];
    private readonly List<Standing> standing = [];
    private readonly List<string> inGate = [];
    private ImmutableArray<string> siteSteps = [];
    private string gate = "";
    private string lastGate = "";

    public PlanBuilder(ClusterInventory inventory, Goal goal, Baseline baseline, PlanOptions options, DateTimeOffset now, Remainder? remainder = null)
    {
        Remainder = remainder;
        Inventory = inventory;
        Goal = goal;
        Baseline = baseline;
        Options = options;
        Now = now;
        Emptied = [.. inventory.Machines.Where(m => m.Host == goal.Host && !options.Without.ContainsKey(m.Name) && baseline.WasOn(m))];
        Kept = [.. inventory.Machines.Where(m => m.Host != goal.Host && !options.Without.ContainsKey(m.Name) && baseline.WasOn(m))];
        // A pair without one of its machines is left where it is.
        Divided = [.. inventory.Pairs.Where(p => !p.Members.Any(options.Machines.Contains) && p.Members.Any(m => inventory.Machine(m).Host == goal.Host) && p.Members.Any(m => inventory.Machine(m).Host != goal.Host))];
        Moves =
        [
            .. from pair in Divided
               where goal.Kind != GoalKind.Close && WasHome(pair)
               let home = HomeOf(pair)
               let target = goal.Kind == GoalKind.Failover ? pair.Other(home) : home
               where HolderNow(pair) is { } holder && holder != target
               select new PairMove(pair, pair.Other(target), target),
        ];
        WriterAsFound = baseline.Writer(inventory) ?? "";
    }

    public ClusterInventory Inventory { get; }
    public Goal Goal { get; }
    public Baseline Baseline { get; }
    public PlanOptions Options { get; }
    public DateTimeOffset Now { get; }
    public Budgets Budgets => Inventory.Budgets;
    public bool IsFailback => Goal.Kind == GoalKind.Failback;

    /// <summary>What is left to do of an aborted run's maintenance; null: the plan begins where its goal usually does.</summary>
    public Remainder? Remainder { get; }

    /// <summary>The machine is on when the plan begins.</summary>
    public bool IsOn(Machine machine) => Remainder is { } remainder ? remainder.IsOn(machine) : !IsFailback || machine.Host != Goal.Host;

    /// <summary>The machine that holds a divided pair when the plan begins; null: nobody can tell.</summary>
    public string? HolderNow(Pair pair) => Remainder is { } remainder ? remainder.Now.HolderOf(pair, Inventory)
        : IsFailback ? AwayOf(pair)
        : Baseline.HolderOf(pair, Inventory);

    /// <summary>The host's machines are on when the plan ends.</summary>
    public bool EndsWhole => Goal.Kind != GoalKind.Failover;

    /// <summary>Machines of the host that is emptied, those that were on as found.</summary>
    public ImmutableArray<Machine> Emptied { get; }

    /// <summary>Machines of all other hosts, those that were on as found.</summary>
    public ImmutableArray<Machine> Kept { get; }

    /// <summary>Pairs with one member on the host and one elsewhere, in start order of their roles.</summary>
    public ImmutableArray<Pair> Divided { get; }

    /// <summary>Pairs whose role stood on the host as found and that are still to be moved: away from it in a failover, back to it in a failback.</summary>
    public ImmutableArray<PairMove> Moves { get; }

    /// <summary>The writer as found; empty: none.</summary>
    public string WriterAsFound { get; }

    /// <summary>Something that software on the kept side stands on moves, or has moved: a pair, or the writer.</summary>
    public bool KeptSideIsTouched => Divided.Any(WasHome) || (WriterAsFound.Length > 0 && Inventory.Machine(WriterAsFound).Host == Goal.Host);

    /// <summary>
    /// Software has to be stopped for what the plan does. Only of a remainder it can be that nothing of the kind is left: then
    /// software that was stopped is started, and nothing else is disturbed.
    /// </summary>
    public bool Disturbs => Remainder is null || !IsFailback
        || Moves.Length > 0 || Emptied.Any(m => !IsOn(m)) || Divided.SelectMany(LeftInStandby).Any()
        || BalancersAreLeftSet;

    /// <summary>An aborted run left servers of a balancer otherwise than as found, perhaps of one balancer only.</summary>
    public bool BalancersAreLeftSet => Remainder is { } remainder && Inventory.Balancers.Any(m => IsOn(m) && remainder.IsSet(m.Name, Baseline));

    /// <summary>Machines of a pair that an aborted run left in standby.</summary>
    public IEnumerable<string> LeftInStandby(Pair pair) => Remainder is not { } remainder ? []
        : remainder.InStandby(pair, Inventory).Where(IsOn).Except(Planning.Remainder.Standing(Baseline, pair, Inventory)).Select(m => m.Name).Where(m => m != HolderNow(pair));

    private bool WasHome(Pair pair) => Baseline.HolderOf(pair, Inventory) == HomeOf(pair);

    public string HomeOf(Pair pair) => pair.Members.First(m => Inventory.Machine(m).Host == Goal.Host);

    public string AwayOf(Pair pair) => pair.Other(HomeOf(pair));

    /// <summary>The machine that holds the pair once the failover is done.</summary>
    public string HolderWhileEmptied(Pair pair) => AwayOf(pair);

    public bool IsEmptied(Machine machine) => machine.Host == Goal.Host;

    /// <summary>
    /// The machine that callers find behind a pair's addresses until roles go home: of one that is not divided the only one that is not left
    /// out; empty: either of two.
    /// </summary>
    public string ServesWhileEmptied(Pair pair) =>
        Divided.Contains(pair) ? HolderNow(pair) ?? HolderWhileEmptied(pair)
        : pair.Members.Where(m => !Options.Machines.Contains(m)).ToArray() is [var only] ? only
        : "";

    /// <summary>The database that is written while the host's servers are set aside; empty: none.</summary>
    public string WriterWhileEmptied => Kept.Any(m => m.Name == WriterAsFound) ? WriterAsFound : Inventory.Masters.FirstOrDefault(Kept.Contains)?.Name ?? "";

    /// <summary>Both machines of the master pair of a writer: the one that stays and the one on the emptied host; null where there is none.</summary>
    public (string Kept, string Emptied)? Masters
    {
        get
        {
            var masters = Inventory.Masters.ToArray();
            var kept = masters.FirstOrDefault(m => Kept.Contains(m));
            var emptied = masters.FirstOrDefault(m => Emptied.Contains(m));
            return kept is null || emptied is null ? null : (kept.Name, emptied.Name);
        }
    }

    /// <summary>The databases between a writer and one that follows it, directly or not, by the replication as found; empty: direct, or not known.</summary>
    public ImmutableArray<string> Between(string writer, string database)
    {
        var via = ImmutableArray.CreateBuilder<string>();
        for (var at = database; SourceOf(at) is { } source && source != writer && source != database && !via.Contains(source); at = source)
            via.Insert(0, source);
        return via.ToImmutable();
    }

    /// <summary>A database followed another, by the replication as found.</summary>
    public bool FollowedAsFound(string database, Machine source) =>
        Baseline.Facts<DatabaseFacts>(SubjectKind.Database, database)?.Channels.Any(c => Positions.Follows(c, source)) == true;

    private string? SourceOf(string database) =>
        Baseline.Facts<DatabaseFacts>(SubjectKind.Database, database)?.Channels
            .Select(c => Inventory.Databases.FirstOrDefault(m => Positions.Follows(c, m))?.Name)
            .FirstOrDefault(m => m is not null);

    /// <summary>The services of a machine that ran as found.</summary>
    public IEnumerable<Service> RanOn(Machine machine) => Inventory.ServicesOf(machine).Where(s => Baseline.ServiceRan(machine.Name, s.Name));

    /// <summary>Balancers of the kept side: they decide while one-sided.</summary>
    public IEnumerable<Machine> KeptBalancers => Inventory.Balancers.Where(Kept.Contains);

    public IEnumerable<Machine> EmptiedBalancers => Inventory.Balancers.Where(Emptied.Contains);

    /// <summary>The HAProxy servers on a balancer that stand for machines of the emptied host, all to MAINT.</summary>
    public ImmutableArray<ServerSetting> ServersToMaint(string balancer) =>
        Baseline.Facts<BalancerFacts>(SubjectKind.Balancer, balancer) is { } facts
            ? [.. BalancerJudge.ServersOn(facts, Inventory, balancer, Goal.Host).Select(s => new ServerSetting(s.Backend, s.Name, ServerAdmin.Maint))]
            : [];

    /// <summary>Opens a gate: steps added now belong to it and wait for the gate before and for the site's own steps here.</summary>
    public void Open(string name)
    {
        gate = name;
        inGate.Clear();
        siteSteps = [];
        if (name == Gates.Quiet && Options.NotBefore is { } at)
        {
            siteSteps =
            [
                Add(new Step
                {
                    Id = "wait.not-before", Title = Phrase.Of("not-before", at.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)), Gate = name, Covers = ["X10"],
                    After = new TimeReached(at), Budget = PlanOptions.FarthestAhead,
                }),
            ];
        }
        // Before the claims nothing is done, not even by a person: another controller may be at work.
        if (name != Gates.Start)
            SiteSteps();
    }

    /// <summary>X11: the site's own manual steps of the open gate; what is added after them waits for them.</summary>
    public void SiteSteps(params IEnumerable<string> after)
    {
        var before = after.ToArray();
        siteSteps =
        [
            .. siteSteps,
            .. Inventory.SiteSteps.Where(s => s.Gate == gate && (s.Goal == "both" || s.Goal == Goal.Word)).Select(site => Add(new Step
            {
                Id = $"site.{site.Id}", Title = Phrase.Of("site", site.Instruction), Gate = gate, Covers = ["X11"],
                Action = new Instruct("", site.Instruction), Budget = Budgets.Person, Acceptable = true,
            }, before)),
        ];
    }

    /// <summary>Closes the open gate: a step without action that every step of the gate comes before.</summary>
    public void Close()
    {
        var id = Gates.Id(gate);
        steps.Add(new Step
        {
            Id = id,
            Title = Phrase.Of("gate", gate),
            Gate = gate,
            IsGate = true,
            Requires = [.. inGate.Select(s => new Requirement(s)), .. lastGate.Length > 0 && inGate.Count == 0 ? [new Requirement(lastGate)] : Array.Empty<Requirement>()],
        });
        lastGate = id;
    }

    /// <summary>Adds a step to the open gate. It requires the gate before and what is named here.</summary>
    public string Add(Step step, params IEnumerable<string> after)
    {
        var requires = step.Requires.AddRange(after.Concat(siteSteps).Select(id => new Requirement(id)));
        if (lastGate.Length > 0)
            requires = requires.Insert(0, new Requirement(lastGate));
        steps.Add(step with { Gate = gate, Requires = requires });
        inGate.Add(step.Id);
        return step.Id;
    }

    /// <summary>The steps of the open gate so far.</summary>
    public string[] InGate() => [.. inGate];

    /// <summary>Orders steps already added.</summary>
    public void After(IEnumerable<string> later, IEnumerable<string> earlier)
    {
        var before = earlier.Select(id => new Requirement(id)).ToArray();
        var ids = later.ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < steps.Count; i++)
        {
            if (ids.Contains(steps[i].Id))
                steps[i] = steps[i] with { Requires = [.. steps[i].Requires, .. before.Where(r => r.Step != steps[i].Id)] };
        }
    }

    public bool Has(string id) => steps.Any(s => s.Id == id);

    public void Watch(Standing condition) => standing.Add(condition);

    public (ImmutableArray<Step> Steps, ImmutableArray<Standing> Standing) Build() => ([.. PlanOrder.Sort(PlanOrder.Reduce(steps))], [.. standing]);
}
