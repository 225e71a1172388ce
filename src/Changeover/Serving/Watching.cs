using Changeover.Findings;

namespace Changeover.Serving;

/// <summary>What watchers are told, worked out once for all of them: it costs the same for one browser and for two hundred.</summary>
public sealed class Watching(Desk desk) : IAsyncDisposable
{
    /// <summary>An entry has to be on the page within 200 ms of its append.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LiveEvery = TimeSpan.FromSeconds(1);

    /// <summary>How old the picture of the cluster becomes while somebody watches and no run looks.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private TaskCompletionSource news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Now current = new(0, "null", "null", 0);
    private Task looking = Task.CompletedTask;
    private Task beating = Task.CompletedTask;
    private int watchers;

    /// <param name="sequence">Of the newest journal entry.</param>
    /// <param name="english">The <c>live</c> object, or null; and in <paramref name="german"/>.</param>
    /// <param name="picture">Another number: there is another picture of the cluster.</param>
    public sealed class Now(long sequence, string english, string german, int picture)
    {
        // Written once for everybody.
        private readonly byte[] englishFrame = EventStream.Frame("live", english), germanFrame = EventStream.Frame("live", german);

        public long Sequence => sequence;

        public string English => english;

        public string German => german;

        public int Picture => picture;

        public byte[] PictureFrame { get; } = EventStream.Frame("cluster", $"{picture}");

        public string Live(Language language) => language == Language.German ? german : english;

        public byte[] LiveFrame(Language language) => language == Language.German ? germanFrame : englishFrame;

        public bool IsAs(Now other) => (sequence, english, german, picture) == (other.Sequence, other.English, other.German, other.Picture);
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
        var (picture, seen) = (current.Picture, desk.Pictures);
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
                var sequence = current.Sequence;
                if (desk.Tail.Since(sequence) is [.., var last])
                    sequence = last.Sequence;
                var (live, german) = (current.English, current.German);
                if (sequence != current.Sequence || clock.Elapsed - LiveEvery >= liveAt)
                {
                    live = (await desk.Live(Language.English, stopping.Token))?.ToJsonString() ?? "null";
                    german = live == "null" ? live : (await desk.Live(Language.German, stopping.Token))?.ToJsonString() ?? "null";
                    liveAt = clock.Elapsed;
                }
                // A run looks all the time: where it stands anew, so does the cluster.
                if (live != current.English || desk.Pictures != seen)
                    picture++;
                seen = desk.Pictures;
                Tell(new(sequence, live, german, picture));
                if (looking.IsCompleted && clock.Elapsed >= lookAt)
                {
                    lookAt = clock.Elapsed + LookEvery;
                    looking = Look();
                }
                await Task.Delay(Beat, stopping.Token);
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

    private async Task Look()
    {
        try
        {
            await desk.Look(stopping.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Server.Log($"looking at the cluster: {e.Message}");
        }
        catch (OperationCanceledException)
        {
            // It ends.
        }
    }

    private void Tell(Now now)
    {
        lock (gate)
        {
            if (now.IsAs(current))
                return;
            current = now;
            news.TrySetResult();
            news = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await beating;
        await looking;
        stopping.Dispose();
    }
}
