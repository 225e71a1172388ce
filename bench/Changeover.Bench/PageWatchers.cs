using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Changeover.Bench;

internal static partial class PageBench
{
    private const int Watching = 200;

    private static readonly TimeSpan Span = TimeSpan.FromSeconds(40);

    /// <summary>
    /// What two hundred watchers of one run cost its server: those that only listen, and those that ask for what is new as the page's run view and
    /// cluster view do. Half of them are German. The run itself, with nobody watching, is measured beside them.
    /// </summary>
    private static async Task Watchers(string example)
    {
        await using var served = await ServedProcess.Start(example);
        using var client = served.Client();
        using var plan = JsonDocument.Parse(await client.GetStringAsync("/api/plan/failover/vm-host-1"));
        using var begun = await client.PostAsJsonAsync("/api/runs", new { goal = "failover", host = "vm-host-1", digest = plan.RootElement.GetProperty("digest").GetString() });
        var run = JsonDocument.Parse(await begun.EnsureSuccessStatusCode().Content.ReadAsStringAsync()).RootElement.GetProperty("run").GetString()!;
        // What is compiled at first use is not what a night costs.
        await Task.Delay(TimeSpan.FromSeconds(10));
        await Measure(served, "nobody watches", 0, null);
        await Measure(served, "streams", Watching, null);
        await Measure(served, "streams, each asking for the cluster when told", Watching, _ => "/api/cluster");
        await Measure(served, "streams, each asking for run and cluster as the page's run view does", Watching, kind => kind == "cluster" ? "/api/cluster" : $"/api/runs/{run}");
        using var live = JsonDocument.Parse(await client.GetStringAsync("/api/live"));
        Console.WriteLine(live.RootElement.ValueKind == JsonValueKind.Null ? "  the run was over before the last of these" : $"  the run went on all the time: {live.RootElement.GetProperty("done")} of {live.RootElement.GetProperty("total")} steps done");
    }

    /// <param name="asks">What a watcher asks for when it is told of this; null: nothing.</param>
    private static async Task Measure(ServedProcess served, string what, int watchers, Func<string, string>? asks)
    {
        using var ends = new CancellationTokenSource();
        var all = Enumerable.Range(0, watchers).Select(i => new Watcher(served.Client(i % 2 == 0 ? "en" : "de"), asks)).ToArray();
        var listening = all.Select(w => w.Listen(ends.Token)).ToArray();
        // All are there, and have what went before.
        await Task.Delay(TimeSpan.FromSeconds(watchers > 0 ? 8 : 1));
        var (from, told, asked, bytes, watch) = (served.Processor, all.Sum(w => w.Told), all.Sum(w => w.Asked), all.Sum(w => w.Bytes), Stopwatch.StartNew());
        await Task.Delay(Span);
        var (spent, took) = (served.Processor - from, watch.Elapsed.TotalSeconds);
        (told, asked, bytes) = (all.Sum(w => w.Told) - told, all.Sum(w => w.Asked) - asked, all.Sum(w => w.Bytes) - bytes);
        await ends.CancelAsync();
        await Task.WhenAll(listening);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {(watchers > 0 ? $"{watchers} " : "")}{what}: {spent.TotalSeconds / took * 100:0.0} % of one core over {took:0} s; {told / took:0} events, {asked / took:0} requests, {bytes / took / 1000:0} kB a second; load average {Load()}"));
        foreach (var watcher in all)
            watcher.Dispose();
    }

    /// <summary>One browser's line, and what its page asks for.</summary>
    private sealed class Watcher(HttpClient client, Func<string, string>? asks) : IDisposable
    {
        private readonly HashSet<string> asking = [];
        private readonly HashSet<string> again = [];
        private long told, asked, bytes;

        public long Told => Interlocked.Read(ref told);

        public long Asked => Interlocked.Read(ref asked);

        public long Bytes => Interlocked.Read(ref bytes);

        public async Task Listen(CancellationToken ct)
        {
            try
            {
                using var answer = await client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead, ct);
                using var reader = new StreamReader(await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(ct));
                while (await reader.ReadLineAsync(ct) is { } line)
                {
                    Interlocked.Add(ref bytes, Encoding.UTF8.GetByteCount(line) + 1);
                    if (!line.StartsWith("event: ", StringComparison.Ordinal))
                        continue;
                    Interlocked.Increment(ref told);
                    if (asks?.Invoke(line[7..]) is { } path)
                        _ = Ask(path, ct);
                }
            }
            catch (OperationCanceledException)
            {
                // It was long enough.
            }
        }

        /// <summary>One question at a time; what became new meanwhile is asked for once more, as the page does it.</summary>
        private async Task Ask(string path, CancellationToken ct)
        {
            lock (asking)
            {
                if (!asking.Add(path))
                {
                    again.Add(path);
                    return;
                }
            }
            try
            {
                for (var more = true; more;)
                {
                    Interlocked.Add(ref bytes, (await client.GetByteArrayAsync(path, ct)).Length);
                    Interlocked.Increment(ref asked);
                    if (path == "/api/cluster")
                        await Task.Delay(300, ct);
                    lock (asking)
                    {
                        more = again.Remove(path);
                        if (!more)
                            asking.Remove(path);
                    }
                }
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException)
            {
                // It was long enough; anything else is missing in the number of requests.
            }
        }

        public void Dispose() => client.Dispose();
    }
}
