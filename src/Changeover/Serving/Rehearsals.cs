using System.Text.Json.Nodes;
using Changeover.Findings;
using Changeover.Planning;
using Changeover.Reporting;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Serving;

/// <summary>
/// Rehearsals in the background, one at a time: each plays its plan on simulated clusters of its own, on one thread, and waits while a
/// run is carried out. The last one of each goal is kept until the server ends.
/// </summary>
/// <param name="isBusy">A run is carried out: it comes first.</param>
public sealed class Rehearsals(Func<bool> isBusy, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>What is played of a rehearsal. A test has no quarter of an hour.</summary>
    internal Func<Rehearsal, IEnumerable<Mishap>> Mishaps { get; init; } = r => r.Single().Concat(Rehearsal.Random(Rehearsing.Seed, Rehearsing.Seeds));

    private readonly Lock gate = new();
    private readonly Dictionary<string, Rehearsed> last = new(StringComparer.Ordinal);
    private CancellationTokenSource stopping = new();
    private Task playing = Task.CompletedTask;

    /// <param name="State">playing, ended, cancelled, failed.</param>
    private sealed record Rehearsed(string Goal, string State, string Who, DateTimeOffset StartedAt)
    {
        /// <summary>Of the plan that is played; empty: not prepared yet.</summary>
        public string Digest { get; init; } = "";

        /// <summary>What every run begins with, in both languages; null: not prepared yet.</summary>
        public (JsonObject English, JsonObject German)? Beginning { get; init; }
        public int Planned { get; init; }
        public ImmutableArray<RehearsalEnd> Ends { get; init; } = [];
        public DateTimeOffset? EndedAt { get; init; }
        public string Problem { get; init; } = "";
    }

    /// <exception cref="CommandEnds">Refused: one is going on.</exception>
    public void RefuseSecond()
    {
        lock (gate)
        {
            if (last.Values.FirstOrDefault(r => r.State == "playing") is { } other)
                throw new CommandEnds(ExitCodes.Refused, $"a rehearsal of {other.Goal} is going on, begun by {other.Who}: {other.Ends.Length} of {other.Planned} runs. Wait for it, or cancel it.");
        }
    }

    /// <param name="prepare">Takes some seconds, so it is done in the background too.</param>
    /// <exception cref="CommandEnds">Refused: one is going on.</exception>
    public void Start(Goal goal, string who, Func<Rehearsal> prepare)
    {
        lock (gate)
        {
            RefuseSecond();
            last[goal.ToString()] = new(goal.ToString(), "playing", who, time.GetUtcNow());
            stopping.Dispose();
            stopping = new();
            var stop = stopping.Token;
            playing = Task.Factory.StartNew(() => Play(goal, prepare, stop), Ct.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <exception cref="CommandEnds">Refused: none is going on.</exception>
    public void Cancel()
    {
        lock (gate)
        {
            if (last.Values.All(r => r.State != "playing"))
                throw new CommandEnds(ExitCodes.Refused, "no rehearsal is going on");
            stopping.Cancel();
        }
    }

    public JsonArray Json(Language language)
    {
        ImmutableArray<Rehearsed> all;
        lock (gate)
            all = [.. last.Values.OrderBy(r => r.Goal, StringComparer.Ordinal)];
        return new([.. all.Select(r => (JsonNode)Json(r, language))]);
    }

    private static JsonObject Json(Rehearsed r, Language language)
    {
        var json = new JsonObject
        {
            ["goal"] = r.Goal,
            ["state"] = r.State,
            ["who"] = r.Who,
            ["startedAt"] = StatusJson.Time(r.StartedAt),
            ["endedAt"] = r.EndedAt is { } at ? StatusJson.Time(at) : null,
            ["problem"] = r.Problem.Length > 0 ? language.Say(r.Problem) : null,
            ["digest"] = r.Digest,
            ["beginning"] = (language == Language.German ? r.Beginning?.German : r.Beginning?.English)?.DeepClone(),
            ["planned"] = r.Planned,
        };
        RehearsalJson.Ends(json, r.Ends, language);
        return json;
    }

    private void Play(Goal goal, Func<Rehearsal> prepare, Ct stop)
    {
        var problem = "";
        try
        {
            var rehearsal = prepare();
            Mishap[] mishaps = [.. Mishaps(rehearsal)];
            Change(goal, r => r with { Digest = rehearsal.Plan.Digest, Beginning = (RehearsalJson.Beginning(rehearsal), RehearsalJson.Beginning(rehearsal, Language.German)), Planned = mishaps.Length });
            foreach (var mishap in mishaps)
            {
                while (isBusy() && !stop.WaitHandle.WaitOne(Beat))
                {
                    // It waits.
                }
                stop.ThrowIfCancellationRequested();
                var end = rehearsal.Play(mishap);
                Change(goal, r => r with { Ends = r.Ends.Add(end) });
            }
        }
        catch (OperationCanceledException)
        {
            // What is known so far is worth showing.
        }
        catch (Exception e)
        {
            problem = e.Message;
            Server.Log($"rehearsal of {goal}: {e.Message}");
        }
        Change(goal, r => r with { State = problem.Length > 0 ? "failed" : r.Planned > 0 && r.Ends.Length == r.Planned ? "ended" : "cancelled", Problem = problem, EndedAt = time.GetUtcNow() });
    }

    private void Change(Goal goal, Func<Rehearsed, Rehearsed> change)
    {
        lock (gate)
            last[goal.ToString()] = change(last[goal.ToString()]);
    }

    public async ValueTask DisposeAsync()
    {
        Task ending;
        CancellationTokenSource stop;
        lock (gate)
            (ending, stop) = (playing, stopping);
        await stop.CancelAsync();
        await ending;
        stop.Dispose();
    }
}
