using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;

namespace Changeover.Tests.Running;

/// <summary>A run of a step or two on a cluster of two machines, and the words in which the engine's tests speak of it.</summary>
internal sealed class TinyRun
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero);

    private static readonly ClusterInventory Two = new()
    {
        Cluster = "two",
        Hosts = [new() { Name = "h1", Hypervisor = HypervisorKind.Proxmox, Node = "h1" }, new() { Name = "h2", Hypervisor = HypervisorKind.Proxmox, Node = "h2" }],
        Machines = [On("m1", "h1"), On("m2", "h2")],
    };

    public TinyRun(params ImmutableArray<Step> steps)
        : this([], steps)
    {
    }

    public TinyRun(ImmutableArray<Standing> standing, params ImmutableArray<Step> steps)
    {
        Now = new(TimeSpan.Zero, Start);
        var plan = new Plan(new(GoalKind.Failover, "h1"), "two", "m", "digest", "3", new("m", Start, [], []), steps, standing, "digest");
        State = Engine.Evolve(null, new RunStarted(Now, "run", "controller", 1, Two, plan, []));
        Take(new Tick(Now));
    }

    public RunState State { get; private set; }

    public Moment Now { get; private set; }

    public IEnumerable<Effect.Perform> Performs => Engine.Pending(State).OfType<Effect.Perform>();

    public IEnumerable<Subject> Asked => Engine.Pending(State).OfType<Effect.Ask>().SelectMany(a => a.Subjects);

    public (string Code, string Subject)[] Why(string step) => State.Steps[step].Status == StepStatus.Halted ? [.. State.Steps[step].Findings.Select(f => (f.Code.Code, f.Subject))] : [];

    public TinyRun At(Moment now)
    {
        Now = now;
        return this;
    }

    public ImmutableArray<RunEvent> See(params ImmutableArray<Observation> seen) =>
        Take(new Seen(Now, [.. seen.Select(o => o with { AskedAt = o.AskedAt == Unset ? Now : o.AskedAt, AnsweredAt = Now })]));

    /// <summary>Asked half a millisecond ago: what it leads to is later than the question.</summary>
    public ImmutableArray<RunEvent> Hear(params ImmutableArray<Observation> seen) =>
        See([.. seen.Select(o => o with { AskedAt = Now + TimeSpan.FromMilliseconds(-0.5) })]);

    public ImmutableArray<RunEvent> Hear(string step, int attempt, Reception reception) => [.. Take(new Heard(Now, step, attempt, reception)).Where(e => e is not Looked)];

    public ImmutableArray<RunEvent> Say(string id, Answer answer, string reason = "because") => [.. Take(new Decided(Now, id, answer, "anna", reason)).Where(e => e is not Looked)];

    /// <summary>Puts it where no few words would bring it.</summary>
    public void Change(Func<RunState, RunState> change) => State = change(State);

    public ImmutableArray<RunEvent> Take(RunInput input)
    {
        var (events, state) = Engine.DecideAndEvolve(State, input);
        // What was left alone is only what nothing would have come of.
        Assert.Equal(EventText.Of(Engine.Decide(State with { Settled = null }, input)), EventText.Of(events));
        State = state;
        return events;
    }

    private static Machine On(string name, string host) => new() { Name = name, Host = host, Address = "10.0.0.1", Roles = [], NodeName = name, HostName = name, GuestName = name };

    // ---- steps and what is seen ------------------------------------------------------------------------------------------

    internal static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    /// <summary>When time alone would let it halt.</summary>
    internal static Moment Deadline(TinyRun run, int budget) => Wakes(run, run.State.Steps["a"].Since + TimeSpan.FromSeconds(budget) + Millisecond).Last();

    /// <summary>The moments at which it wakes until then, if nothing is ever heard.</summary>
    internal static IEnumerable<Moment> Wakes(TinyRun run, Moment until)
    {
        var state = run.State;
        while (Engine.NextWake(state) is { } wake && wake <= until)
        {
            yield return wake;
            state = Engine.DecideAndEvolve(state, new Tick(wake)).State;
        }
    }

    /// <summary>Sets service "id" of m2 running, when it is not; guards have 20 s, the verification as told.</summary>
    internal static Step Step(string id, int budget = 60) => new()
    {
        Id = id,
        Title = Phrase.Of("gate", id),
        Gate = Gates.Quiet,
        Machine = "m2",
        Action = new SetService("m2", id, Run: true),
        After = new ServiceIs("m2", id, Running: true),
        CheckBudget = TimeSpan.FromSeconds(20),
        Budget = TimeSpan.FromSeconds(budget),
    };

    internal static Step Check(string id) => Step(id) with { Action = null };

    internal static Step Claim(string machine) => Step($"claim.{machine}") with { Machine = machine, Action = new TakeClaim(machine), After = new ClaimIs(machine, Held: true) };

    internal static Observation Seen(TinyRun run, Subject subject, Facts facts) => new(subject, facts, null, run.Now, run.Now);

    internal static Observation Claimed(TinyRun run, string machine, string by) => Seen(run, new(SubjectKind.Claim, machine), new ClaimFacts(by, by, by.Length > 0 ? 1 : 0));

    internal static Observation Holder(TinyRun run, string machine, bool address) =>
        Seen(run, new(SubjectKind.Machine, machine), new MachineFacts(machine, "", null, null, address ? ["10.0.0.9"] : [], null));

    // The moment of these is set when they are seen.
    internal static Observation Found(string id, bool running) => Found((id, running));

    internal static Observation Found(params (string Id, bool Running)[] services) => Services("m2", services);

    internal static Observation Found(string machine, string service, bool running) => Services(machine, (service, running));

    internal static Observation Services(string machine, params (string Id, bool Running)[] services) => new(
        new(SubjectKind.Services, machine),
        new ServiceFacts([.. services.Select(s => new ServiceState(s.Id, s.Running ? ServiceRun.Running : ServiceRun.Stopped, ServiceStart.Automatic, ""))]),
        null, Unset, Unset);

    internal static Observation Silent(string machine) =>
        new(new(SubjectKind.Services, machine), null, StateFindings.NotSeen.On(machine, "asked", "services"), Unset, Unset, Silent: true);

    internal static readonly Moment Unset = new(TimeSpan.FromDays(-1), default);
}
