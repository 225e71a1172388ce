using System.Globalization;
using System.Text.Json;
using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>
/// The simulated cluster. It answers the same exchange as the real one: the command lines the drivers render, in the text
/// formats the real tools print. It has no clock: time is moved on with <see cref="AdvanceTo"/>, and everything that is going
/// to happen stands in an agenda ordered by time and sequence. One seed gives one history. Not for several threads.
/// </summary>
public sealed class World
{
    private readonly PriorityQueue<Item, (TimeSpan Due, long Sequence)> agenda = new();
    private readonly Answers answers;
    private readonly FaultModel faults;
    private readonly Dictionary<string, ImmutableHashSet<string>> requiredStores = new(StringComparer.Ordinal);
    private long sequence;

    private World(ClusterInventory inventory, GroundTruth truth, DateTimeOffset start, Dice dice)
    {
        Inventory = inventory;
        Truth = truth;
        Start = start;
        Dice = dice;
        Pacemaker = new(this);
        Drbd = new(this);
        Balancers = new(this);
        Databases = new(this);
        Services = new(this);
        Machines = new(this);
        Invariants = new(this);
        Doings = new(this);
        faults = new(this);
        answers = new(this);
        DatabaseOrder = [.. truth.Machines.Where(m => m.Database is not null).OrderBy(m => m.Database!.IsMaster ? 0 : 1).ThenBy(m => m.Database!.ServerId)];
    }

    /// <summary>A cluster in its normal state: every pair's role on its member of the first host, everything running.</summary>
    /// <param name="start">The time of day at which it begins.</param>
    public static World Create(ClusterInventory inventory, ulong seed, DateTimeOffset start)
    {
        var world = Of(inventory, WorldBuilder.Build(inventory), new Dice(seed), start);
        foreach (var machine in world.Truth.Machines)
        {
            foreach (var service in machine.Services)
            {
                if (service is { NeedsDatabase: true, Run: ServiceRun.Running })
                    world.Services.Connects(new(machine.Name, service.Name, service.Turn));
            }
        }
        return world;
    }

    /// <summary>A cluster in this state, in which nothing is going to happen yet.</summary>
    internal static World Of(ClusterInventory inventory, GroundTruth truth, Dice dice, DateTimeOffset start)
    {
        var world = new World(inventory, truth, start, dice);
        world.Balancers.Remember();
        return world;
    }

    public ClusterInventory Inventory { get; }
    public GroundTruth Truth { get; }
    public DateTimeOffset Start { get; }
    public TimeSpan Now { get; private set; }
    public DateTimeOffset Utc => Start + Now;

    /// <summary>The rates of lost and slow exchanges. Faults with a time are scheduled one by one.</summary>
    public FaultPlan Plan { get; private set; } = FaultPlan.None;

    /// <summary>Over everything that happened so far, times included: two equal histories have equal hashes.</summary>
    public ulong TraceHash { get; private set; } = 14695981039346656037;

    /// <summary>Hears every happening, request and answer, for a trace on the screen; null: nobody listens.</summary>
    public Action<TimeSpan, string>? Tracer { get; set; }

    /// <summary>Commands and calls the world did not know; each was answered with 127 or 404. A test holds this empty.</summary>
    public IReadOnlyList<string> NotKnown => answers.NotKnown;

    internal Dice Dice { get; }
    internal Cause Cause { get; private set; } = Cause.Nobody;
    internal PacemakerModel Pacemaker { get; }
    internal DrbdModel Drbd { get; }
    internal BalancerModel Balancers { get; }
    internal DatabaseModel Databases { get; }
    internal ServiceModel Services { get; }
    internal MachineModel Machines { get; }
    internal Invariants Invariants { get; }
    internal Doings Doings { get; }
    internal string WriterBackend => Truth.WriterBackend;

    /// <summary>Machines with a database, masters first.</summary>
    internal ImmutableArray<MachineTruth> DatabaseOrder { get; }

    /// <summary>When the next thing happens; null: nothing is going to happen by itself.</summary>
    public TimeSpan? NextDue => agenda.TryPeek(out _, out var key) ? key.Due : null;

    /// <summary>Lets everything happen that is due up to and including this time.</summary>
    public void AdvanceTo(TimeSpan time)
    {
        while (agenda.TryPeek(out var item, out var key) && key.Due <= time)
        {
            agenda.Dequeue();
            Now = Truth.Now = key.Due;
            Happen(item, key.Sequence);
        }
        if (time > Now)
            Now = Truth.Now = time;
    }

    private void Happen(Item item, long at)
    {
        if (item.Entry is { } entry)
        {
            Note(entry.Happening.GetType().Name, at);
            Tracer?.Invoke(Now, entry.Happening.ToString());
            Cause = entry.Cause;
            faults.Happens(entry.Happening);
            Cause = Cause.Nobody;
        }
        else
        {
            Note("exchange", at);
            item.Exchange!();
        }
    }

    private void Note(string what, long at)
    {
        const ulong Prime = 1099511628211;
        var hash = TraceHash;
        foreach (var c in what)
            hash = (hash ^ c) * Prime;
        hash = (hash ^ (ulong)Now.Ticks) * Prime;
        TraceHash = (hash ^ (ulong)at) * Prime;
    }

    /// <summary>Brings growing quantities (transactions, replication) up to now.</summary>
    public void Settle() => Databases.Settle();

    internal void After(TimeSpan span, Happening happening)
    {
        var entry = new Entry(Now + span, sequence++, Cause, happening);
        agenda.Enqueue(new(entry, null), (entry.Due, entry.Sequence));
    }

    private void ExchangeAt(TimeSpan due, Action action) => agenda.Enqueue(new(null, action), (due, sequence++));

    // ---- the exchange --------------------------------------------------------------------------------------------------

    /// <summary>
    /// A request leaves now. Its effect comes when it arrives, its answer after that; either may be lost on the way, and then
    /// the asker hears at the end of the request's budget that no answer came.
    /// </summary>
    /// <param name="fate">What happens to it on its way, besides what the plan of faults does to exchanges.</param>
    /// <param name="looked">See <see cref="Cause.Looked"/>.</param>
    public void Submit(Request request, Action<Reply> answered, Fate fate = Fate.Arrives, ImmutableSortedDictionary<string, TimeSpan>? looked = null)
    {
        var target = TargetOf(request);
        var budgetEnds = Now + request.Budget;
        var done = false;
        void Answer(Reply reply)
        {
            if (done)
                return;
            done = true;
            Tracer?.Invoke(Now, $"< {target} {reply.GetType().Name}");
            answered(reply);
        }
        var arrives = Now + Latency();
        Tracer?.Invoke(Now, $"> {target}");
        if (faults.LosesRequest(target) || fate == Fate.IsLost || arrives >= budgetEnds)
        {
            ExchangeAt(budgetEnds, () => Answer(new Reply.NoAnswer("no answer in time")));
            return;
        }
        ExchangeAt(arrives, () =>
        {
            Cause = new(Hand.Program, Describe(request, target), Now, looked);
            var (reply, takes) = answers.To(request);
            Cause = Cause.Nobody;
            var back = Now + takes + Latency() + faults.Delay(target) + (fate == Fate.AnswerIsLate ? Timings.Late : TimeSpan.Zero);
            if (faults.LosesReply(target) || fate == Fate.AnswerIsLost || back >= budgetEnds || reply is null)
            {
                ExchangeAt(budgetEnds, () => Answer(new Reply.NoAnswer("no answer in time")));
                return;
            }
            var machine = request is Request.Shell shell ? Truth.Find(shell.Machine) : null;
            var boot = machine?.Boot ?? 0;
            ExchangeAt(back, () => Answer(
                reply is Reply.Answered && machine is not null && (machine.Boot != boot || machine.Unreachable || machine.Power == Power.Off)
                    ? new Reply.NoAnswer("the link dropped before the answer was complete")
                    : reply));
        });
    }

    private TimeSpan Latency() => Dice.Between(Timings.LatencyLeast, Timings.LatencyMost);

    internal static string TargetOf(Request request) => request switch
    {
        Request.Shell shell => shell.Machine,
        Request.Http http => http.Endpoint,
        _ => "",
    };

    private static string Describe(Request request, string target) => request switch
    {
        Request.Shell { Commands: [var one] } => $"{target}: {one.Key} {string.Join(' ', one.Arguments.Where(a => a.Length < 60))}",
        Request.Http { Calls: [var one, ..] } => $"{target}: {one.Method} {one.Path}",
        _ => target,
    };

    // ---- people and faults ---------------------------------------------------------------------------------------------

    /// <summary>The person carries out by hand what an instruction stands for. It begins now and takes its time like any other.</summary>
    public void Person(ClusterAction action)
    {
        Cause = new(Hand.Person, action.GetType().Name, Now);
        faults.ByHand(action);
        Cause = Cause.Nobody;
    }

    /// <summary>A fault strikes at a time of the cluster's clock, or at once if that is past.</summary>
    public void Schedule(Fault fault, TimeSpan at)
    {
        var cause = Cause;
        Cause = new(Hand.Other, fault.GetType().Name, Now);
        After(at > Now ? at - Now : TimeSpan.Zero, new FaultStrikes(fault));
        Cause = cause;
    }

    /// <summary>Sets the rates of a plan and schedules its faults.</summary>
    public void Apply(FaultPlan plan)
    {
        Plan = plan;
        foreach (var planned in plan.Scheduled)
            Schedule(planned.Fault, planned.At);
    }

    /// <summary>
    /// The second phase of a rehearsal: no new fault, and everything heals that heals without a decision (links, logins,
    /// lags, rates). What somebody set or broke stays for a person.
    /// </summary>
    public void Heal()
    {
        Plan = FaultPlan.None;
        var kept = agenda.UnorderedItems.Where(i => i.Element.Entry?.Happening is not FaultStrikes).ToArray();
        agenda.Clear();
        agenda.EnqueueRange(kept);
        Cause = new(Hand.Other, nameof(Heal));
        faults.Heal();
        Cause = Cause.Nobody;
    }

    internal BalancerRefuses? RefusesServers(string balancer) => faults.RefusesServers(balancer);

    /// <param name="by">Whose doing it is; null: whoever's doing is happening now.</param>
    internal void Violate(string code, string subject, string text, bool oursOnly = false, Cause? by = null)
    {
        var cause = by ?? Cause;
        if (oursOnly && !cause.IsOurs)
            return;
        foreach (var v in Truth.Violations)
        {
            if (v.Code == code && v.Subject == subject && v.Text == text && v.Cause == cause)
                return;
        }
        Truth.Violations.Add(new(Now, code, subject, text, cause, by is not null && Cause.IsOurs ? Cause.By : ""));
        Tracer?.Invoke(Now, $"! {code} {subject}: {text} (by {cause.Hand} {cause.By})");
    }

    // ---- shared by the models ------------------------------------------------------------------------------------------

    internal PairTruth Pair(string name) => Truth.Pairs.Find(p => p.Name == name)!;

    internal HostTruth Host(string name) => Truth.Hosts.Find(h => h.Name == name)!;

    /// <summary>Addresses came or went.</summary>
    internal void AddressesChanged()
    {
        Invariants.AfterAddresses();
        if (BalancerModel.HolderOfAddress(Truth) is { } holder)
            Invariants.AfterServers(holder);
        Services.DropSessions(s => s.Balancer.Length > 0
            && !BalancerModel.HoldsAddress(Truth, Truth.Machine(s.Balancer), Truth.Machine(s.Balancer).Balancer!.Role));
        Balancers.WriterMayHaveChanged();
    }

    /// <summary>True when the share a machine needs can be read and written now.</summary>
    internal bool ShareAnswers(MachineTruth client)
    {
        if (client.Unreachable || client.MountLost)
            return false;
        foreach (var pair in Truth.Pairs)
        {
            foreach (var set in pair.Sets)
            {
                if (set.HasDrbd && NeedsSet(client, set) && !IsServing(pair, set))
                    return false;
            }
        }
        return true;
    }

    internal bool IsServing(PairTruth pair, ResourceSetTruth set) => IsServing(pair.First, set.First, set) || IsServing(pair.Second, set.Second, set);

    private bool IsServing(string machine, InstanceTruth here, ResourceSetTruth set) =>
        here.Started == set.Resources.Count && here.Doing != "stop" && Truth.Machine(machine) is { IsUp: true, Unreachable: false };

    /// <summary>A client needs every store that its roles require, directly or not; one whose roles require none needs all.</summary>
    internal bool NeedsSet(MachineTruth client, ResourceSetTruth set)
    {
        if (!requiredStores.TryGetValue(client.Name, out var required))
            required = requiredStores[client.Name] = WorldBuilder.RequiredStores(Inventory, client.Name);
        return required.IsEmpty || required.Contains(set.Role);
    }

    // ---- keeping -------------------------------------------------------------------------------------------------------

    /// <summary>
    /// The whole cluster as JSON, with everything that is pending in it. Exchanges in flight are not kept: they are lost, as
    /// when the controller dies.
    /// </summary>
    public string Save()
    {
        var pending = agenda.UnorderedItems
            .Where(i => i.Element.Entry is not null)
            .Select(i => i.Element.Entry!)
            .OrderBy(e => e.Due).ThenBy(e => e.Sequence)
            .ToList();
        var saved = new SavedWorld(1, Inventory.Cluster, Start, Now, sequence, Dice.State, TraceHash, Databases.Settled, Plan, [.. faults.Armed], Truth, pending);
        return JsonSerializer.Serialize(saved, WorldJson.Default.SavedWorld);
    }

    /// <summary>The cluster as saved.</summary>
    /// <param name="inventory">The one it was made from; access data may have changed since.</param>
    /// <exception cref="FormatException">The text is no saved cluster, or one of another version or inventory.</exception>
    public static World Load(string json, ClusterInventory inventory)
    {
        SavedWorld saved;
        try
        {
            saved = JsonSerializer.Deserialize(json, WorldJson.Default.SavedWorld) ?? throw new FormatException("the saved cluster is empty");
        }
        catch (JsonException e)
        {
            throw new FormatException($"this is no saved cluster: {e.Message}", e);
        }
        if (saved.Version != 1)
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"the saved cluster has version {saved.Version}, expected 1"));
        if (saved.Cluster != inventory.Cluster || saved.Truth.Machines.Any(m => inventory.FindMachine(m.Name) is null))
            throw new FormatException($"the saved cluster is {saved.Cluster} and does not fit the inventory of {inventory.Cluster}; start it anew");
        var world = new World(inventory, saved.Truth, saved.Start, new Dice(saved.Dice))
        {
            Now = saved.Now,
            Plan = saved.Plan,
            TraceHash = saved.TraceHash,
            sequence = saved.Sequence,
        };
        world.Databases.Settled = saved.Settled;
        world.faults.Armed.AddRange(saved.Armed);
        foreach (var entry in saved.Pending)
            world.agenda.Enqueue(new(entry, null), (entry.Due, entry.Sequence));
        world.Balancers.Remember();
        return world;
    }

    /// <summary>Either something of the cluster (data) or something of an exchange in flight.</summary>
    private readonly record struct Item(Entry? Entry, Action? Exchange);
}
