using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Transport;

/// <summary>
/// The simulated cluster behind the same exchange: the whole program runs on it. Its time follows the run's clock, which may
/// run faster than real time.
/// </summary>
public sealed class SimulatedTransport : ITransport, IAsyncDisposable
{
    /// <summary>How often the world is moved on when nothing is due sooner; real time.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private readonly World world;
    private readonly RunClock clock;
    private readonly TimeSpan begin;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly Task pump;

    public SimulatedTransport(World world, RunClock clock)
    {
        this.world = world;
        this.clock = clock;
        begin = world.Now - clock.Now.Elapsed;
        pump = Task.Run(Pump);
    }

    public Task<Reply> Exchange(Request request, Ct ct)
    {
        var answer = new TaskCompletionSource<Reply>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            Advance();
            world.Submit(request, reply => answer.TrySetResult(reply));
        }
        return answer.Task;
    }

    /// <summary>A simulated person carries out what an instruction stands for.</summary>
    public void Person(ClusterAction action)
    {
        lock (gate)
        {
            Advance();
            world.Person(action);
        }
    }

    /// <summary>The cluster as it is now, to be kept in a file until the next command.</summary>
    public string Save()
    {
        lock (gate)
        {
            Advance();
            return world.Save();
        }
    }

    private void Advance()
    {
        var now = begin + clock.Now.Elapsed;
        if (now > world.Now)
            world.AdvanceTo(now);
    }

    private async Task Pump()
    {
        while (!stopping.IsCancellationRequested)
        {
            lock (gate)
                Advance();
            await Task.Delay(Pace);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await pump;
        stopping.Dispose();
    }
}
