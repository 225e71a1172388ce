using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;

namespace Changeover.Simulation;

/// <summary>
/// The same engine and drivers as in a real run, on the simulated cluster, in one thread and in virtual time: one seed, one
/// trace. Nothing waits; time jumps to whatever happens next.
/// </summary>
public sealed class Simulator(World world, DriverSet drivers)
{
    private readonly Queue<((string Id, int Attempt) Key, Func<Moment, RunInput> Input)> answers = new();

    // Attempt 0: a question, by its lane. Others: an action.
    private readonly HashSet<(string Id, int Attempt)> inFlight = [];
    private readonly KnownReadings readings = new();
    private readonly PriorityQueue<Decided, TimeSpan> person = new();
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);

    /// <summary>Every durable event so far, as a journal would hold them.</summary>
    public List<RunEvent> Journal { get; } = [];

    /// <summary>How long the simulated person takes to carry out an instruction; null: nobody is there.</summary>
    public TimeSpan? PersonTakes { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What becomes of the request of an action; null: all arrive.</summary>
    public Func<Effect.Perform, Fate>? Fates { get; init; }

    /// <summary>Told of everything that comes in, before the engine is.</summary>
    public Action<RunState, RunInput>? Comes { get; init; }

    /// <summary>Told of every durable event, in the moment it is in the journal.</summary>
    public Action<RunEvent>? Happened { get; init; }

    /// <summary>The controller dies with this event in its journal, before anything that follows from it leaves.</summary>
    public Func<RunEvent, bool>? DiesBefore { get; init; }

    /// <summary>The controller dies with this event in its journal, when what follows from it has just left.</summary>
    public Func<RunEvent, bool>? DiesAfter { get; init; }

    /// <summary>The controller's disk has no room for this event: nothing of its turn gets into the journal, and the controller ends.</summary>
    public Func<RunEvent, bool>? NoRoomFor { get; init; }

    /// <summary>The controller is dead: what it had sent goes on, nobody hears the answers.</summary>
    public bool IsDead { get; private set; }

    public Moment Now => new(world.Now, world.Utc);

    private bool isDying;

    /// <summary>Looks at subjects until each was answered once, or the time is over.</summary>
    public Snapshot Observe(IReadOnlyCollection<Subject> subjects, TimeSpan atMost)
    {
        var snapshot = Snapshot.Empty;
        var until = world.Now + atMost;
        // Twice: what depends on a first answer (a guest's autostart on its number) is known with the second.
        for (var pass = 0; pass < 2; pass++)
        {
            var open = 0;
            foreach (var group in subjects.GroupBy(s => s.Target))
            {
                var mine = group.ToArray();
                var context = new DriverContext(world.Inventory, snapshot);
                var askedAt = Now;
                open++;
                world.Submit(drivers.Ask(mine, context), reply =>
                {
                    snapshot = snapshot.With(drivers.Read(mine, reply, askedAt, Now, context, readings));
                    open--;
                });
            }
            while (open > 0 && world.NextDue is { } due && due <= until)
                world.AdvanceTo(due);
        }
        return snapshot;
    }

    /// <summary>
    /// Runs until the run is over, <paramref name="decide"/> gives no answer to a halt, the virtual time is over, or the journal
    /// has <paramref name="crashAfter"/> events: then the controller is dead, with whatever it had in flight.
    /// </summary>
    public RunState Run(RunState state, TimeSpan atMost, Func<RunState, Decided?> decide, int crashAfter = int.MaxValue)
    {
        var until = world.Now + atMost;
        inFlight.Clear();
        answers.Clear();
        state = Turn(state, new Tick(Now));
        while (!state.IsOver && world.Now < until && Journal.Count < crashAfter)
        {
            if (IsDead)
                return state;
            var outlook = Engine.Outlook(state);
            foreach (var effect in outlook.Effects)
                Start(effect, state);
            IsDead = isDying;
            if (IsDead)
                return state;
            if ((state.IsHalted || state.WaitsAtHold) && !state.InFlight)
            {
                if (decide(state) is not { } decision)
                    return state;
                state = Turn(state, decision with { At = Now });
                continue;
            }
            Advance(outlook, until);
            var any = false;
            while (answers.TryDequeue(out var answer))
            {
                inFlight.Remove(answer.Key);
                state = Turn(state, answer.Input(Now));
                any = true;
            }
            while (person.TryPeek(out var word, out var due) && due <= world.Now)
            {
                person.Dequeue();
                if (state.Plan.Step(word.Step).Action is Instruct { InPlaceOf: { } deed })
                    world.Person(deed);
                state = Turn(state, word with { At = Now });
                any = true;
            }
            if (!any)
                state = Turn(state, new Tick(Now));
        }
        return state;
    }

    /// <summary>
    /// Moves time on to whatever the controller can notice: an answer, the person, its own timer, or the first happening after
    /// something it saw grew too old. Other happenings in the cluster it cannot know of, and time alone changes nothing.
    /// </summary>
    private void Advance(Outlook outlook, TimeSpan until)
    {
        var next = until;
        if (outlook.Wake is { } wake && wake.Elapsed < next)
            next = wake.Elapsed;
        if (person.TryPeek(out _, out var word) && word < next)
            next = word;
        while (world.NextDue is { } due && due < next)
        {
            world.AdvanceTo(due);
            if (answers.Count > 0 || world.Now > outlook.SettledUntil?.Elapsed)
                return;
        }
        if (next > world.Now)
            world.AdvanceTo(next);
    }

    private RunState Turn(RunState state, RunInput input)
    {
        Comes?.Invoke(state, input);
        var (events, next) = Engine.DecideAndEvolve(state, input);
        if (NoRoomFor is { } isTooMuch && events.Any(e => e.IsDurable && isTooMuch(e)))
        {
            IsDead = true;
            return state;
        }
        state = next;
        foreach (var e in events)
        {
            if (!e.IsDurable || IsDead)
                continue;
            Journal.Add(e);
            Happened?.Invoke(e);
            isDying |= DiesAfter?.Invoke(e) == true;
            IsDead |= DiesBefore?.Invoke(e) == true;
        }
        return state;
    }

    private void Start(Effect effect, RunState state)
    {
        var context = new DriverContext(state.Inventory, state.Snapshot, new(state.Run, state.Plan.Maintenance, state.Controller, state.Epoch));
        switch (effect)
        {
            case Effect.Ask ask when inFlight.Add((ask.Lane, 0)):
                var askedAt = Now;
                world.Submit(drivers.Ask(ask.Subjects, context), reply =>
                {
                    var answeredAt = Now;
                    answers.Enqueue(((ask.Lane, 0), at => new Seen(at, drivers.Read(ask.Subjects, reply, askedAt, answeredAt, context, readings))));
                });
                break;
            case Effect.Perform perform when inFlight.Add((perform.Step, perform.Attempt)):
                world.Submit(drivers.Tell(perform.Action, context), reply =>
                    answers.Enqueue(((perform.Step, perform.Attempt), at =>
                        new Heard(at, perform.Step, perform.Attempt, drivers.Heard(perform.Action, reply, context)))), Fates?.Invoke(perform) ?? Fate.Arrives, Looked(state, perform.Step));
                break;
            case Effect.Instruct instruct when PersonTakes is { } takes && asked.Add($"{instruct.Step} {state.Steps[instruct.Step].Attempt}"):
                person.Enqueue(new(Now, instruct.Step, Answer.Confirm, "simulated person", ""), world.Now + takes);
                break;
        }
    }

    /// <summary>When what the guard of a step knows was asked; null: it is no step.</summary>
    private static ImmutableSortedDictionary<string, TimeSpan>? Looked(RunState state, string step) =>
        state.Plan.Index.TryGetValue(step, out var place)
            ? state.Plan.Steps[place].Subjects(state.Inventory).Before.Select(state.Snapshot.Find).OfType<Observation>().ToImmutableSortedDictionary(o => o.Subject.ToString(), o => o.AskedAt.Elapsed)
            : null;
}
