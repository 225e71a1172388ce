using System.Threading.Channels;
using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Transport;

namespace Changeover.Running;

/// <summary>
/// The loop around the engine: events are durable before anything they cause is started; what is pending and not in flight
/// is started; every answer comes back as an input. It owns the only timer and decides nothing.
/// </summary>
/// <param name="append">Makes events durable; returns when they are. Throws when they are not: then nothing further may start.</param>
/// <param name="changed">Told after every turn, for those who watch.</param>
public sealed class Runner(
    DriverSet drivers, ITransport transport, RunClock clock, Action<ImmutableArray<RunEvent>> append, Action<RunState, ImmutableArray<RunEvent>> changed)
{
    /// <summary>How often watchers are told although nothing happened, so that their clocks go on.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(250);

    /// <summary>A timer cannot wait for less; shorter waits would only spin.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly Channel<(string Key, RunInput Input, Posted? Posted)> inputs = Channel.CreateUnbounded<(string, RunInput, Posted?)>(new() { SingleReader = true });
    private volatile bool isOver;

    /// <summary>Exchanges whose answer has not been taken in yet. Only the loop touches it.</summary>
    private readonly HashSet<string> inFlight = new(StringComparer.Ordinal);

    /// <summary>It waits for an input and has taken in every answer: the simulated cluster's time may go on.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Exchanges started so far; each reaches the transport a little later.</summary>
    public long Started { get; private set; }

    /// <summary>Answers of exchanges taken in so far.</summary>
    public long TakenIn { get; private set; }

    /// <summary>A decision, a stop: anything that comes from people. Safe from any thread.</summary>
    public Posted Post(Func<Moment, RunInput> input)
    {
        var posted = new Posted();
        inputs.Writer.TryWrite(("", input(clock.Now), posted));
        if (isOver)
            posted.Withdraw();
        return posted;
    }

    /// <summary>Instructions a person has to carry out now; raised once for each.</summary>
    public event Action<string, Instruct>? PersonAsked;

    /// <summary>
    /// Runs until the run is over, or was asked to stop and nothing is in flight any more, or <paramref name="leaveWhen"/> says so.
    /// </summary>
    /// <param name="leave">The second Ctrl-C: leaves at once; what is in flight goes on by itself and is looked at by a resume.</param>
    public async Task<RunState> Run(RunState state, Func<RunState, bool> leaveWhen, Ct leave)
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        var goesOn = false;
        try
        {
            state = Turn(state, new Tick(clock.Now));
            while (!state.IsOver && !leave.IsCancellationRequested)
            {
                foreach (var effect in Engine.Pending(state))
                    Start(effect, state, asked);
                if (!state.InFlight && (state.Stopping || leaveWhen(state)))
                {
                    goesOn = !state.Stopping;
                    break;
                }
                var wake = Engine.NextWake(state) is { } next ? next - clock.Now : Heartbeat;
                await WaitForInput(wake < Heartbeat ? wake : Heartbeat, leave);
                var any = false;
                while (inputs.Reader.TryRead(out var answer))
                {
                    if (inFlight.Remove(answer.Key))
                        TakenIn++;
                    state = Turn(state, answer.Input, answer.Posted);
                    any = true;
                }
                if (!any)
                    state = Turn(state, new Tick(clock.Now));
            }
            return state;
        }
        finally
        {
            if (!goesOn)
                Close();
        }
    }

    private RunState Turn(RunState state, RunInput input, Posted? posted = null)
    {
        if (posted?.Take() == false)
            return state;
        try
        {
            var events = Engine.Decide(state, input);
            var durable = events.Where(e => e.IsDurable).ToImmutableArray();
            if (durable.Length > 0)
                append(durable);
            state = events.Aggregate(state, Engine.Evolve);
            changed(state, durable);
            posted?.Comes(durable);
            return state;
        }
        finally
        {
            // Only if it did not come to the line above.
            posted?.Comes(null);
        }
    }

    /// <summary>Nobody takes anything in any more.</summary>
    private void Close()
    {
        isOver = true;
        while (inputs.Reader.TryRead(out var left))
            left.Posted?.Withdraw();
    }

    private void Start(Effect effect, RunState state, HashSet<string> asked)
    {
        var context = new DriverContext(state.Inventory, state.Snapshot, new(state.Run, state.Plan.Maintenance, state.Controller, state.Epoch));
        switch (effect)
        {
            case Effect.Ask ask:
                Start($"ask {ask.Lane}", async () =>
                {
                    var askedAt = clock.Now;
                    var reply = await transport.Exchange(drivers.Ask(ask.Subjects, context), Ct.None);
                    return new Seen(clock.Now, drivers.Read(ask.Subjects, reply, askedAt, clock.Now, context));
                });
                break;
            case Effect.Perform perform:
                Start($"perform {perform.Step} {perform.Attempt}", async () =>
                {
                    var request = drivers.Tell(perform.Action, context);
                    var reply = await transport.Exchange(request, Ct.None);
                    return new Heard(clock.Now, perform.Step, perform.Attempt, drivers.Heard(perform.Action, reply, context)) { Sent = RequestText.Lines(request) };
                });
                break;
            case Effect.Instruct instruct:
                if (asked.Add($"{instruct.Step} {state.Steps[instruct.Step].Attempt}"))
                    PersonAsked?.Invoke(instruct.Step, instruct.Instruction);
                break;
        }
    }

    private void Start(string key, Func<Task<RunInput>> exchange)
    {
        if (!inFlight.Add(key))
            return;
        Started++;
        _ = Task.Run(async () => inputs.Writer.TryWrite((key, await exchange(), null)));
    }

    private async Task WaitForInput(TimeSpan atMost, Ct leave)
    {
        if (atMost <= TimeSpan.Zero)
            return;
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(leave);
        timer.CancelAfter(clock.Real(atMost) is var real && real > Shortest ? real : Shortest);
        IsWaiting = true;
        try
        {
            await inputs.Reader.WaitToReadAsync(timer.Token);
        }
        catch (OperationCanceledException)
        {
            // Time went on, or a person leaves: the loop looks which.
        }
        finally
        {
            IsWaiting = false;
        }
    }
}

/// <summary>Something that came from people, on its way to the loop: it is taken in or withdrawn, never both.</summary>
public sealed class Posted
{
    private readonly TaskCompletionSource<ImmutableArray<RunEvent>?> came = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int isTaken;

    /// <summary>The loop takes it in. False: it was withdrawn.</summary>
    internal bool Take() => Interlocked.Exchange(ref isTaken, 1) == 0;

    /// <param name="events">What came of it, durable now; null: nothing, and nothing will. The first word counts.</param>
    internal void Comes(ImmutableArray<RunEvent>? events) => came.TrySetResult(events);

    /// <summary>It does not count any more, unless the loop has it already.</summary>
    internal void Withdraw()
    {
        if (Take())
            Comes(null);
    }

    /// <returns>The durable events that came of it; null: nobody took it in for so long, or it could not be recorded, and it does not count any more.</returns>
    public async Task<ImmutableArray<RunEvent>?> Within(TimeSpan atMost)
    {
        if (atMost != TimeSpan.MaxValue)
        {
            await Task.WhenAny(came.Task, Task.Delay(atMost, Ct.None));
            Withdraw();
        }
        return await came.Task;
    }
}

/// <summary>The runner's two clocks: monotonic for budgets, UTC for people.</summary>
public abstract class RunClock
{
    public abstract Moment Now { get; }

    /// <summary>How long something of this length takes on a real clock.</summary>
    public abstract TimeSpan Real(TimeSpan span);
}

public sealed class RealClock(TimeProvider time) : RunClock
{
    private readonly long start = time.GetTimestamp();

    public override Moment Now => new(time.GetElapsedTime(start), time.GetUtcNow());

    public override TimeSpan Real(TimeSpan span) => span;
}
