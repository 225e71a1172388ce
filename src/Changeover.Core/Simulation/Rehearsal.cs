using System.Globalization;
using Changeover.Drivers;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;

namespace Changeover.Simulation;

/// <summary>One thing that goes wrong at one step.</summary>
/// <param name="Step">Empty: none, or everywhere (random faults).</param>
public sealed record Mishap(MishapKind Kind, string Step = "", ulong Seed = 0)
{
    /// <summary>How a person names it, to have it played again.</summary>
    public override string ToString() => Kind switch
    {
        MishapKind.None => "nothing",
        MishapKind.Random => string.Create(CultureInfo.InvariantCulture, $"seed-{Seed}"),
        _ => $"{Word(Kind)}@{Step}",
    };

    public static string Word(MishapKind kind) => kind switch
    {
        MishapKind.KilledBefore => "killed-before",
        MishapKind.KilledDuring => "killed-during",
        MishapKind.KilledAfter => "killed-after",
        MishapKind.JournalFull => "journal-full",
        MishapKind.EffectWithoutAnswer => "effect-without-answer",
        MishapKind.NoEffect => "no-effect",
        MishapKind.LateAnswer => "late-answer",
        MishapKind.Unreachable => "unreachable",
        MishapKind.OtherHand => "other-hand",
        MishapKind.Random => "random",
        _ => "nothing",
    };
}

public enum MishapKind
{
    /// <summary>Nothing goes wrong.</summary>
    None,

    /// <summary>The controller is killed with the intention in its journal, before the request leaves; a resume goes on.</summary>
    KilledBefore,

    /// <summary>The controller is killed when the request has just left.</summary>
    KilledDuring,

    /// <summary>The controller is killed with the answer in its journal, before it looks.</summary>
    KilledAfter,

    /// <summary>The controller's disk is full when the intention is to be written: nothing is sent. With room again a resume goes on.</summary>
    JournalFull,

    /// <summary>The request takes effect and the controller never hears of it.</summary>
    EffectWithoutAnswer,

    /// <summary>The request is lost, and the controller hears nothing.</summary>
    NoEffect,

    /// <summary>The answer comes after the answers to later questions.</summary>
    LateAnswer,

    /// <summary>The machine cannot be reached from the moment the step is looked at.</summary>
    Unreachable,

    /// <summary>As soon as it is done, somebody who knows nothing of this undoes it.</summary>
    OtherHand,

    /// <summary>Random faults all the way, drawn from a seed.</summary>
    Random,
}

/// <summary>How a rehearsed run ended.</summary>
/// <param name="Struck">False: the run never came to where it would have happened (the step was found so), and proves nothing about it.</param>
/// <param name="Halts">What it halted at on its own, with the cause, before anybody mended anything; empty: it did not.</param>
/// <param name="Outcome">After faults were off and a person said retry: None is halted for good.</param>
/// <param name="Left">Why it is halted for good.</param>
/// <param name="Harm">What must never be so and was so by our hand.</param>
/// <param name="Races">What must never be so and was so because somebody came between our last look and our action.</param>
/// <param name="Took">Simulated time.</param>
public sealed record RehearsalEnd(
    Mishap Mishap, bool Struck, ImmutableArray<(string Id, Finding Finding)> Halts, RunOutcome Outcome, ImmutableArray<(string Id, Finding Finding)> Left,
    ImmutableArray<Violation> Harm, ImmutableArray<Violation> Races, TimeSpan Took, TimeSpan? Interruption)
{
    /// <summary>The promise: done, refused or halted with a reason, never with harm, never hanging.</summary>
    public string Broken => Harm.Length > 0 ? string.Join("; ", Harm.Select(h => $"{h.Code} {h.Subject}: {h.Text} (by {h.Cause.By})"))
        : Outcome == RunOutcome.None && Left.IsEmpty ? "neither ended nor halted"
        : "";
}

/// <summary>
/// A plan played on the simulated cluster with one thing going wrong at one step, for every step and every thing: first with the
/// fault, to see that the run ends or halts with the reason; then without it, to see that it can be brought to its end.
/// </summary>
public sealed class Rehearsal
{
    private static readonly TimeSpan Night = TimeSpan.FromHours(12);

    /// <summary>A person tries this often, once nothing is wrong any more.</summary>
    private const int Retries = 8;

    private readonly ClusterInventory inventory;
    private readonly DriverSet drivers;

    /// <summary>Seed → the simulated cluster that a run begins with.</summary>
    private readonly Func<ulong, string> start;
    private readonly ulong seed;

    private Rehearsal(ClusterInventory inventory, DriverSet drivers, Plan plan, ulong seed, Func<ulong, string> start)
    {
        this.inventory = inventory;
        this.drivers = drivers;
        this.start = start;
        this.seed = seed;
        Plan = plan;
    }

    public Plan Plan { get; }

    /// <summary>When the picture was taken that every run begins with; null: it begins as the inventory describes the cluster, everything well.</summary>
    public DateTimeOffset? SeenAt { get; private init; }

    /// <inheritdoc cref="Likeness.Drawn"/>
    public ImmutableArray<Subject> Drawn { get; private init; } = [];

    public ImmutableArray<NotCarriedOver> NotCarriedOver { get; private init; } = [];

    /// <summary>A failback is rehearsed from where a failover without faults ends; when that does not end, null and why.</summary>
    /// <param name="seed">Of the simulated cluster: its times, and what nobody has seen.</param>
    public static (Rehearsal? Rehearsal, ImmutableArray<(string Id, Finding Finding)> Why) Of(ClusterInventory inventory, string inventoryDigest, DriverSet drivers, Goal goal, PlanOptions options, ulong seed, DateTimeOffset at)
    {
        var world = World.Create(inventory, seed, at);
        var baseline = Baseline.Take("rehearsal", world.Utc, new Simulator(world, drivers).Observe(WhatToLookAt.Everything(inventory), TimeSpan.FromMinutes(2)));
        if (goal.Kind == GoalKind.Failback)
        {
            var over = Planner.Derive(inventory, inventoryDigest, new(GoalKind.Failover, goal.Host), baseline, options, world.Utc);
            var simulator = new Simulator(world, drivers);
            var state = simulator.Run(Engine.Evolve(null, Started(over, "before", simulator.Now, inventory)), Night, _ => null);
            if (state.Outcome != RunOutcome.Done)
                return (null, Why(state));
            baseline = state.Baseline;
        }
        var plan = Planner.Derive(inventory, inventoryDigest, goal, baseline, options, world.Utc);
        var saved = world.Save();
        return (new(inventory, drivers, plan, seed, _ => saved), []);
    }

    /// <summary>
    /// The very plan that was derived from what was seen, on a cluster made like that. What the plan compares with (the picture as found)
    /// is what the simulated cluster would have said then: constraints and logs have names of their own there.
    /// </summary>
    /// <param name="seed">Of what nobody has seen; a random combination of faults has its own.</param>
    public static Rehearsal Of(ClusterInventory inventory, DriverSet drivers, Plan plan, Snapshot seen, ulong seed)
    {
        var at = seen.All.Max(o => o.AnsweredAt.Utc);
        var found = Picture(plan.Baseline, plan.Baseline.Found);
        var quieted = Picture(plan.Baseline, plan.Baseline.Quieted);
        Snapshot Look(World world) => Likeness.Look(world, drivers);
        var before = Look(Likeness.Of(inventory, [found], seed, plan.Baseline.TakenAt).World);
        var quiet = Look(Likeness.Of(inventory, [found.With(quieted.All)], seed, plan.Baseline.TakenAt).World);
        // Nothing is said of what was not known then.
        var baseline = plan.Baseline with
        {
            Found = Baseline.Seen(before.All.Where(o => found.Find(o.Subject) is not null)),
            Quieted = Baseline.Seen(quiet.All.Where(o => quieted.Find(o.Subject) is not null)),
        };
        var likeness = Likeness.Of(inventory, [found, seen], seed, at);
        var saved = likeness.World.Save();
        return new(
            inventory, drivers, plan with { Baseline = baseline }, seed,
            other => likeness.Drawn.IsEmpty || other == seed ? saved : Likeness.Of(inventory, [found, seen], other, at).World.Save())
        {
            SeenAt = at,
            Drawn = likeness.Drawn,
            NotCarriedOver = Simulation.NotCarriedOver.Between(inventory, seen, Look(likeness.World)),
        };
    }

    private static Snapshot Picture(Baseline baseline, ImmutableArray<SeenFacts> facts)
    {
        // A picture of a whole cluster is taken within some seconds; when each answer came is not kept in it.
        var asked = new Moment(TimeSpan.Zero, baseline.TakenAt - TimeSpan.FromMinutes(1));
        return Snapshot.Of(facts.Select(f => new Observation(Subject.Parse(f.Subject), f.Facts, null, asked, new(TimeSpan.Zero, baseline.TakenAt))));
    }

    /// <summary>Every single mishap at every step it can happen at, the plain run first.</summary>
    public IEnumerable<Mishap> Single()
    {
        yield return new(MishapKind.None);
        foreach (var step in Plan.Steps.Where(s => !s.IsGate))
        {
            if (step.Machine.Length > 0)
                yield return new(MishapKind.Unreachable, step.Id);
            if (step.Action is null)
                continue;
            yield return new(MishapKind.KilledBefore, step.Id);
            yield return new(MishapKind.KilledAfter, step.Id);
            yield return new(MishapKind.JournalFull, step.Id);
            if (step.IsManual)
                continue;
            yield return new(MishapKind.KilledDuring, step.Id);
            yield return new(MishapKind.EffectWithoutAnswer, step.Id);
            yield return new(MishapKind.NoEffect, step.Id);
            yield return new(MishapKind.LateAnswer, step.Id);
            if (Undoing(step.Action) is not null)
                yield return new(MishapKind.OtherHand, step.Id);
        }
    }

    public static IEnumerable<Mishap> Random(ulong first, int count) => Enumerable.Range(0, count).Select(i => new Mishap(MishapKind.Random, "", first + (ulong)i));

    /// <param name="trace">Told of everything that happens in the simulated cluster and of every event of the run; null: nobody is.</param>
    public RehearsalEnd Play(Mishap mishap, Action<TimeSpan, string>? trace = null)
    {
        var world = World.Load(start(mishap.Kind == MishapKind.Random ? mishap.Seed : seed), inventory);
        world.Tracer = trace;
        var kind = mishap.Kind;
        var struck = kind is MishapKind.None or MishapKind.Random;
        bool Is<T>(RunEvent e, Func<T, string> step)
            where T : RunEvent => !struck && e is T own && step(own) == mishap.Step && (struck = true);
        var simulator = new Simulator(world, drivers)
        {
            DiesBefore = kind switch
            {
                MishapKind.KilledBefore => e => Is<StepActing>(e, a => a.Step),
                MishapKind.KilledAfter => e => Is<StepHeard>(e, h => h.Step),
                _ => null,
            },
            NoRoomFor = kind == MishapKind.JournalFull ? e => Is<StepActing>(e, a => a.Step) : null,
            DiesAfter = kind == MishapKind.KilledDuring ? e => Is<StepActing>(e, a => a.Step) : null,
            Fates = perform => FateOf(kind) is var fate && fate != Fate.Arrives && perform.Step == mishap.Step && !struck && (struck = true) ? fate : Fate.Arrives,
            Happened = e =>
            {
                trace?.Invoke(world.Now, $"# {e}");
                if (kind == MishapKind.Unreachable && Is<StepReady>(e, r => r.Step))
                    world.Schedule(new MachineUnreachable(Plan.Step(mishap.Step).Machine), world.Now);
                if (kind == MishapKind.OtherHand && Is<StepDone>(e, d => d.Step) && Undoing(Plan.Step(mishap.Step).Action) is { } undoing)
                    world.Schedule(undoing, world.Now);
            },
        };
        var started = Started(Plan, "rehearsal", simulator.Now, inventory);
        simulator.Journal.Add(started);
        if (kind == MishapKind.Random)
            world.Apply(FaultPlan.Draw(mishap.Seed, inventory, TimeSpan.FromMinutes(8)).Later(world.Now));
        var from = world.Now;
        var state = simulator.Run(Engine.Evolve(null, started), Night, _ => null);
        if (simulator.IsDead)
        {
            var second = new Simulator(world, drivers) { Happened = trace is null ? null : e => trace(world.Now, $"# {e}") };
            second.Journal.AddRange(simulator.Journal);
            state = second.Run(Engine.Evolve(Engine.Fold(simulator.Journal), new RunResumed(second.Now, "rehearsal", 2)), Night, _ => null);
            simulator = second;
        }
        var halts = Why(state);
        if (state.IsHalted)
            state = Mended(world, simulator, state);
        var first = world.Truth.FirstViolations().ToArray();
        return new(
            mishap, struck, halts, state.Outcome, Why(state),
            [.. first.Where(v => v.Cause.IsOurs)], [.. first.Where(v => v.Race.Length > 0)], world.Now - from, RunView.Of(state).Interruption);
    }

    private static Fate FateOf(MishapKind kind) => kind switch
    {
        MishapKind.EffectWithoutAnswer => Fate.AnswerIsLost,
        MishapKind.NoEffect => Fate.IsLost,
        MishapKind.LateAnswer => Fate.AnswerIsLate,
        _ => Fate.Arrives,
    };

    /// <summary>Faults off; then a person says retry to everything that waits, a few times.</summary>
    private static RunState Mended(World world, Simulator simulator, RunState halted)
    {
        world.Heal();
        var said = 0;
        return simulator.Run(halted, Night, state => said++ < Retries * Math.Max(1, state.Halted.Count() + state.Broken.Count)
            ? new(default, state.Halted.Select(s => s.Id).Concat(state.Broken.Keys).First(), Answer.Retry, "rehearsal", "")
            : null);
    }

    private static ImmutableArray<(string Id, Finding Finding)> Why(RunState state) =>
    [
        .. state.Halted.SelectMany(s => state.Steps[s.Id].Findings.Select(f => (s.Id, f))),
        .. state.Broken.SelectMany(b => b.Value.Select(f => (b.Key, f))),
    ];

    private static RunStarted Started(Plan plan, string run, Moment at, ClusterInventory inventory) => new(at, run, "rehearsal", 1, inventory, plan, []);

    /// <summary>What somebody's hand would do against it; null: nothing of the kind.</summary>
    private Fault? Undoing(ClusterAction? action) => action switch
    {
        TakeClaim a => new SomebodyClaims(a.Machine, "somebody-else"),
        SetService { Run: false } a => new SomebodyStartsService(a.Machine, a.Service),
        SetStandby a => new SomebodySetsStandby(a.Machine, !a.Standby),
        SetServers a => new BalancerReloads(a.Balancer),
        SetPower { On: false } a => new SomebodyStartsGuest(a.Machine),
        SetPower { On: true } a => new MachineDies(a.Machine),
        _ => null,
    };
}
