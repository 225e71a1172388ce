using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Transport;

/// <summary>
/// The simulated cluster behind the same exchange: the whole program runs on it. Its time runs faster than real time, but
/// never ahead of the program: it stands still while an answer is being taken in, so a slow machine changes nothing.
/// </summary>
public sealed class SimulatedTransport : ITransport, IAsyncDisposable
{
    /// <summary>How often the world is moved on; real time.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    private readonly World world;
    private readonly double speed;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly Task pump;
    private long submitted;
    private long delivered;

    /// <param name="speed">Simulated seconds a real second, at most.</param>
    public SimulatedTransport(World world, double speed)
    {
        this.world = world;
        this.speed = speed;
        Clock = new SimulatedClock(world, speed);
        MayGoOn = () => Submitted != Delivered;
        pump = Task.Run(Pump);
    }

    public RunClock Clock { get; }

    /// <summary>Questions and commands that have reached the cluster so far.</summary>
    public long Submitted => Interlocked.Read(ref submitted);

    /// <summary>Answers given so far.</summary>
    public long Delivered => Interlocked.Read(ref delivered);

    /// <summary>Whether time may go on: while an answer is outstanding, until a runner knows better.</summary>
    public Func<bool> MayGoOn { get; set; }

    public Task<Reply> Exchange(Request request, Ct ct)
    {
        var answer = new TaskCompletionSource<Reply>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            Interlocked.Increment(ref submitted);
            world.Submit(request, reply =>
            {
                Interlocked.Increment(ref delivered);
                answer.TrySetResult(reply);
            });
        }
        return answer.Task;
    }

    /// <summary>A simulated person carries out what an instruction stands for.</summary>
    public void Person(ClusterAction action)
    {
        lock (gate)
            world.Person(action);
    }

    /// <summary>The cluster as it is now, to be kept in a file until the next command.</summary>
    public string Save()
    {
        lock (gate)
            return world.Save();
    }

    private async Task Pump()
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(Pace);
            lock (gate)
            {
                var until = world.Now + (Pace * speed);
                // Up to the next happening at a time: what it sets off is taken in before time goes on.
                while (world.Now < until && MayGoOn())
                    world.AdvanceTo(world.NextDue is { } due && due < until ? due : until);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await pump;
        stopping.Dispose();
    }

    private sealed class SimulatedClock(World world, double speed) : RunClock
    {
        public override Moment Now => new(world.Now, world.Utc);

        public override TimeSpan Real(TimeSpan span) => span / speed;
    }
}
