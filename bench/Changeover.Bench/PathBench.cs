using System.Globalization;
using Changeover.Journal;
using Changeover.Planning;
using Changeover.Running;

namespace Changeover.Bench;

/// <summary>
/// Where a run's time went, from its journal: the chain of steps that decided when it ended, and what each of them spent. A step is
/// looked at before it acts (ready until sent), its request is on its way (sent until answered), and it is watched until it is seen
/// done (answered until done). The last part holds the machine's own time and the tool's: what a machine's own log says decides between them.
/// </summary>
internal static class PathBench
{
    private sealed record Times(DateTimeOffset Ready, DateTimeOffset? Acting, DateTimeOffset? Heard, DateTimeOffset Done);

    public static void Print(string file)
    {
        using var journal = EventJournal.OpenToRead(file, TimeProvider.System);
        foreach (var run in journal.Runs())
        {
            var events = journal.Read(run.Run).Select(RunStore.Event).ToArray();
            if (events is [RunStarted started, ..])
                Print(started, events);
        }
    }

    private static void Print(RunStarted started, RunEvent[] events)
    {
        var times = new Dictionary<string, Times>(StringComparer.Ordinal);
        foreach (var e in events)
        {
            switch (e)
            {
                case StepReady r:
                    times[r.Step] = times.TryGetValue(r.Step, out var again) ? again : new(r.At.Utc, null, null, default);
                    break;
                case StepActing a when times.TryGetValue(a.Step, out var t):
                    times[a.Step] = t with { Acting = a.At.Utc };
                    break;
                case StepHeard h when times.TryGetValue(h.Step, out var t):
                    times[h.Step] = t with { Heard = h.At.Utc };
                    break;
                case StepDone d:
                    times[d.Step] = times.TryGetValue(d.Step, out var known) ? known with { Done = d.At.Utc } : new(d.At.Utc, null, null, d.At.Utc);
                    break;
            }
        }
        var done = times.Where(t => t.Value.Done != default).ToDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal);
        if (done.Count == 0)
            return;
        var chain = new List<Step>();
        for (var at = started.Plan.Step(done.MaxBy(t => t.Value.Done).Key); ;)
        {
            chain.Insert(0, at);
            var before = at.Requires.Where(r => done.ContainsKey(r.Step)).ToArray();
            if (before.Length == 0)
                break;
            at = started.Plan.Step(before.MaxBy(r => r.Kind == RequirementKind.Begun ? done[r.Step].Heard ?? done[r.Step].Done : done[r.Step].Done)!.Step);
        }
        TimeSpan begin = default, look = default, request = default, watch = default, hold = default, person = default;
        var last = started.At.Utc;
        Console.WriteLine($"{started.Run}: {done.Count} steps done in {(done.Values.Max(t => t.Done) - started.At.Utc).TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s; the chain that decided it:");
        Console.WriteLine("  begin   look    sent    watch   step (seconds; held = of the watching, the plan's own window)");
        foreach (var step in chain.Where(s => !s.IsGate))
        {
            var t = done[step.Id];
            var sent = t.Acting ?? t.Ready;
            var heard = t.Heard ?? sent;
            var (b, l, r, w) = (Positive(t.Ready - last), sent - t.Ready, heard - sent, t.Done - heard);
            last = t.Done;
            begin += b;
            look += l;
            if (step.IsManual)
                person += r + w;
            else
                (request, watch, hold) = (request + r, watch + w, hold + (step.Hold < w ? step.Hold : w));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{b.TotalSeconds,7:0.00} {l.TotalSeconds,7:0.00} {r.TotalSeconds,7:0.00} {w.TotalSeconds,8:0.00}   {step.Id}{(step.Hold > TimeSpan.Zero ? $" (held {step.Hold.TotalSeconds:0})" : "")}{(step.IsManual ? " (a person)" : "")}"));
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  in all: began after its turn {begin.TotalSeconds:0.0}, looked before acting {look.TotalSeconds:0.0}, requests on their way {request.TotalSeconds:0.0}, watched {watch.TotalSeconds:0.0} (of it the plan's windows {hold.TotalSeconds:0.0}), people {person.TotalSeconds:0.0}"));
    }

    private static TimeSpan Positive(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;
}
