using Changeover.Findings;

namespace Changeover.Serving;

/// <summary>What watchers are told, worked out once for all of them: it costs the same for one browser and for two hundred.</summary>
public sealed class Watching : IAsyncDisposable
{
    /// <summary>
    /// How often the journal is looked at for what another process wrote: an entry has to be on the page within 200 ms of its append.
    /// A run that is carried out here says so itself.
    /// </summary>
    internal TimeSpan Beat { get; init; } = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan LiveEvery = TimeSpan.FromSeconds(1);

    /// <summary>However quickly entries come: where the run stands is not worked out more often.</summary>
    private static readonly TimeSpan LiveAtMost = TimeSpan.FromMilliseconds(100);

    /// <summary>How old the picture of the cluster becomes while somebody watches and no run looks.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly Desk desk;
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim written = new(0);
    private readonly Lock gate = new();
    private TaskCompletionSource news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Now current = new(0, "null", "null", 0);
    private Task looking = Task.CompletedTask;
    private Task living = Task.CompletedTask;
    private Task beating = Task.CompletedTask;
    private int watchers;

    public Watching(Desk desk)
    {
        this.desk = desk;
        desk.Written += Wake;
    }

    private void Wake() => written.Release();

    /// <param name="sequence">Of the newest journal entry.</param>
    /// <param name="english">The <c>live</c> object, or null; and in <paramref name="german"/>.</param>
    /// <param name="picture">Another number: there is another picture of the cluster.</param>
    public sealed class Now(long sequence, string english, string german, int picture)
    {
        // Written once for everybody.
        private readonly byte[] englishFrame = EventStream.Frame("live", english), germanFrame = EventStream.Frame("live", german);

        public long Sequence => sequence;

        public int Picture => picture;

        public byte[] PictureFrame { get; } = EventStream.Frame("cluster", $"{picture}");

        public string Live(Language language) => language == Language.German ? german : english;

        public byte[] LiveFrame(Language language) => language == Language.German ? germanFrame : englishFrame;

        public Now With(long newest, int another) => newest == sequence && another == picture ? this : new(newest, english, german, another);

        /// <summary>A run looks all the time: where it stands anew, so does the cluster.</summary>
        public Now WithLive(string said, string inGerman) => (said, inGerman) == (english, german) ? this : new(sequence, said, inGerman, said == english ? picture : picture + 1);
    }

    /// <summary>What is so now, and what ends when that changes.</summary>
    public (Now Now, Task Changed) Read()
    {
        lock (gate)
            return (current, news.Task);
    }

    public IDisposable Join()
    {
        lock (gate)
        {
            if (watchers++ == 0 && beating.IsCompleted)
                beating = Task.Run(Go);
        }
        return new Leave(this);
    }

    private sealed class Leave(Watching own) : IDisposable
    {
        public void Dispose()
        {
            lock (own.gate)
                own.watchers--;
        }
    }

    private async Task Go()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var (liveAt, lookAt) = (-LiveEvery, TimeSpan.Zero);
        var (liveOf, seen) = (0L, desk.Pictures);
        while (true)
        {
            lock (gate)
            {
                if (watchers == 0)
                {
                    beating = Task.CompletedTask;
                    return;
                }
            }
            try
            {
                var sequence = desk.Tail.Newest();
                var pictures = desk.Pictures;
                Tell(now => now.With(sequence, pictures == seen ? now.Picture : now.Picture + 1));
                seen = pictures;
                // Beside it: the runner of another process may take its time to answer, and entries do not wait for it.
                if (living.IsCompleted && clock.Elapsed >= liveAt + (sequence == liveOf ? LiveEvery : LiveAtMost))
                {
                    (liveAt, liveOf) = (clock.Elapsed, sequence);
                    living = Beside("where the run stands", Live());
                }
                if (looking.IsCompleted && clock.Elapsed >= lookAt)
                {
                    lookAt = clock.Elapsed + LookEvery;
                    looking = Beside("looking at the cluster", desk.Look(stopping.Token));
                }
                await written.WaitAsync(Beat, stopping.Token);
                while (written.Wait(0))
                {
                    // Once is enough for all of them.
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                // Watchers keep what they have, with its age; the next beat tries again.
                Server.Log($"watching: {e.Message}");
                await Task.Delay(LiveEvery, Ct.None);
            }
        }
    }

    private async Task Live()
    {
        var english = (await desk.Live(Language.English, stopping.Token))?.ToJsonString() ?? "null";
        var german = english == "null" ? english : (await desk.Live(Language.German, stopping.Token))?.ToJsonString() ?? "null";
        Tell(now => now.WithLive(english, german));
    }

    private static async Task Beside(string what, Task work)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException)
        {
            // It ends.
        }
        catch (Exception e)
        {
            Server.Log($"{what}: {e.Message}");
        }
    }

    private void Tell(Func<Now, Now> change)
    {
        lock (gate)
        {
            var now = change(current);
            if (now == current)
                return;
            current = now;
            news.TrySetResult();
            news = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public async ValueTask DisposeAsync()
    {
        desk.Written -= Wake;
        await stopping.CancelAsync();
        await beating;
        await living;
        await looking;
        stopping.Dispose();
    }
}
