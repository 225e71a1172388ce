using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Changeover.Lab.Machines;

namespace Changeover.Lab.Probing;

/// <summary>
/// Uses the cluster as its users do, once every 100 ms, and measures how long it was not there for them. The browser opens
/// the web application through the balancer's address. The caller is put through to whichever telephony machine takes the
/// call; the call counts when 8-Server there has written it to the database through the balancer's address. So the probe
/// holds no database session of its own that a changeover would rightly wait for.
/// </summary>
public static class Probe
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private const int CallPort = 5060;

    public static async Task<int> Run(ProbeOptions options)
    {
        using var end = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        if (options.Seconds is { } seconds) end.CancelAfter(TimeSpan.FromSeconds(seconds));

        var samples = new ConcurrentQueue<Sample>();
        var acknowledged = new ConcurrentQueue<long>();
        var number = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await using var log = new StreamWriter(options.Log) { AutoFlush = true };
        await Task.WhenAll(
            Stream("web", Browse),
            Stream("call", async ct =>
            {
                var mine = Interlocked.Increment(ref number);
                await Call(mine, ct);
                acknowledged.Enqueue(mine);
            }));

        foreach (var line in await Summary([.. samples], [.. acknowledged]))
        {
            await log.WriteLineAsync("# " + line);
            Console.WriteLine(line);
        }

        return 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            end.Cancel();
        }

        async Task Stream(string name, Func<Ct, Task> use)
        {
            using var timer = new PeriodicTimer(Pace);
            try
            {
                while (await timer.WaitForNextTickAsync(end.Token))
                {
                    var begun = DateTimeOffset.UtcNow;
                    string? failure = null;
                    using var limit = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
                    limit.CancelAfter(Patience);
                    try
                    {
                        await use(limit.Token);
                    }
                    catch (OperationCanceledException) when (end.IsCancellationRequested)
                    {
                        return;
                    }
                    catch (OperationCanceledException)
                    {
                        failure = $"no answer within {Patience.TotalSeconds:0} s";
                    }
                    catch (Exception e) when (e is SocketException or IOException)
                    {
                        failure = e.Message;
                    }

                    var sample = new Sample(name, begun, DateTimeOffset.UtcNow, failure);
                    samples.Enqueue(sample);
                    lock (log) log.WriteLine(sample);
                }
            }
            catch (OperationCanceledException)
            {
                // Asked to end.
            }
        }
    }

    private static async Task Browse(Ct ct)
    {
        var answer = await Exchange(Topology.BalancerAddress, 80, "GET / HTTP/1.0\r\nHost: portal\r\n\r\n", ct);
        var status = answer.Split('\r', '\n')[0];
        if (!status.Contains(" 200 ", StringComparison.Ordinal)) throw new IOException(status == "" ? "no answer" : status);
    }

    private static async Task Call(long number, Ct ct)
    {
        var reason = "";
        foreach (var m in Topology.Machines.Where(m => m.Kind == MachineKind.Telephony))
        {
            string answer;
            try
            {
                // A trunk tries its second way soon: a machine that is off does not even refuse.
                using var soon = CancellationTokenSource.CreateLinkedTokenSource(ct);
                soon.CancelAfter(Patience / 4);
                answer = await Exchange(m.Address, CallPort, $"{number}\n", soon.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException && !ct.IsCancellationRequested)
            {
                reason = $"{m.Name}: {(e is SocketException ? e.Message : "no answer")}";
                continue;
            }

            if (answer.Trim() == "ok") return;
            reason = $"{m.Name}: {answer.Trim()}";
        }

        throw new IOException(reason);
    }

    private static async Task<string> Exchange(string address, int port, string question, Ct ct)
    {
        using var socket = await Network.Connect(address, port, Patience, ct);
        await socket.SendAsync(Encoding.ASCII.GetBytes(question), ct);
        var buffer = new byte[4096];
        var size = await socket.ReceiveAsync(buffer, ct);
        return Encoding.ASCII.GetString(buffer, 0, size);
    }

    private static async Task<IEnumerable<string>> Summary(IReadOnlyList<Sample> samples, IReadOnlyList<long> acknowledged)
    {
        var lines = new List<string>();
        foreach (var stream in samples.GroupBy(s => s.Stream))
        {
            var breaks = Interruption.Of([.. stream]).ToList();
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"{stream.Key}: {stream.Count()} samples, {stream.Count(s => !s.Good)} failed, {breaks.Count} interruptions, longest {breaks.Select(b => b.Length.TotalSeconds).DefaultIfEmpty().Max():0.00} s, together {breaks.Sum(b => b.Length.TotalSeconds):0.00} s"));
            lines.AddRange(breaks.Select(b => "  " + b));
        }

        foreach (var m in Topology.Machines.Where(m => m.Kind == MachineKind.Database)) lines.Add(await Kept(m, acknowledged));
        return lines;
    }

    /// <summary>Every call that was acknowledged must be in the database: on the writer at once, on the other as soon as it has caught up.</summary>
    private static async Task<string> Kept(Machine m, IReadOnlyList<long> acknowledged)
    {
        if (acknowledged.Count == 0 || !Power.Of(m).IsOn) return $"{m.Name}: not asked for the {acknowledged.Count} acknowledged calls";
        var seen = await Power.Of(m).Execute(["mariadb", "-N", "jtel", "-e", $"select what from calls where cast(what as unsigned) >= {acknowledged.Min()}"], limit: TimeSpan.FromSeconds(30));
        if (!seen.Good) return $"{m.Name}: does not answer, so the {acknowledged.Count} acknowledged calls are not proved";
        var there = seen.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet();
        return $"{m.Name}: {acknowledged.Count(n => there.Contains($"{n}"))} of {acknowledged.Count} acknowledged calls are there";
    }
}
