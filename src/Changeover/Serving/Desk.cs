using System.Text.Json.Nodes;
using Changeover.Journal;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Reporting;
using Changeover.Running;

namespace Changeover.Serving;

/// <summary>What the page and the API do, without HTTP: look, derive, start, answer. What decides is the same as for the command line.</summary>
public sealed class Desk(SiteOptions options, string journalFile, TimeProvider time) : IAsyncDisposable
{
    /// <summary>A look that is this young is not repeated for the next person who asks.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(3);

    /// <summary>One thing at a time is done with the cluster: a second start waits, and then finds the first.</summary>
    private readonly SemaphoreSlim one = new(1);
    private readonly CancellationTokenSource leaving = new();
    private volatile Picture? picture;
    private volatile LiveRun? live;
    private Task carrying = Task.CompletedTask;
    private Site? kept;
    private DateTime keptFrom;

    /// <summary>The cluster as it was seen last.</summary>
    /// <param name="At">On the clock of the site that looked, and <paramref name="TakenAt"/> on ours.</param>
    private sealed record Picture(Inventory.ClusterInventory Inventory, Snapshot Snapshot, Moment At, long TakenAt);

    public JournalTail Tail { get; } = new(journalFile);

    /// <summary>Plans that somebody approved for another person to start.</summary>
    public Approvals Approvals { get; } = new(time);

    /// <summary>Rises with every new picture.</summary>
    public int Pictures { get; private set; }

    /// <summary>Why the last run that was carried out here ended by a fault; empty: it did not.</summary>
    public string Trouble { get; private set; } = "";

    public async Task<JsonObject> Cluster(Ct ct)
    {
        if (live is null && await Elsewhere("cluster", ct) is { } theirs)
            return theirs.AsObject();
        if (picture is null && live is null)
            await Look(ct);
        return Now() is var (inventory, snapshot, now) ? ClusterJson.Of(inventory, snapshot, now, live?.Current.Run ?? "") : throw new CommandEnds(ExitCodes.Refused, "nothing was seen yet");
    }

    public async Task<JsonObject> Machine(string machine, Ct ct)
    {
        if (picture is null && live is null)
            await Look(ct);
        var (inventory, snapshot, now) = Now();
        return inventory.FindMachine(machine) is null
            ? throw new CommandEnds(ExitCodes.Usage, $"no machine {machine} in the inventory")
            : ClusterJson.Machine(inventory, snapshot, now, machine);
    }

    /// <summary>The last picture, with what the run here has seen since.</summary>
    private (Inventory.ClusterInventory, Snapshot, Moment) Now()
    {
        var last = picture;
        if (live?.Current is { } state)
            return (state.Inventory, (last?.Snapshot ?? Snapshot.Empty).With(state.Snapshot.All), state.Now);
        return (last!.Inventory, last.Snapshot, last.At + time.GetElapsedTime(last.TakenAt));
    }

    public async Task<JsonObject> Health(string expect, Ct ct)
    {
        using var alone = await Alone(ct);
        RefuseLiving();
        await using var site = Borrow();
        if (picture is not { } last || time.GetElapsedTime(last.TakenAt) > Young)
            await See(site.Site, ct);
        return HealthText.Json(Deriving.Health(site.Site, picture!.Snapshot, Tail.Runs(), expect));
    }

    /// <summary>Looks, unless somebody works on the cluster: then that one looks.</summary>
    public async Task Look(Ct ct)
    {
        using var alone = await Alone(ct);
        if (live is not null || RunnerLock.Living(journalFile) is not null)
            return;
        await using var site = Borrow();
        await See(site.Site, ct);
    }

    private async Task See(Site site, Ct ct)
    {
        var snapshot = await site.Look(_ => { }, ct);
        Seen(site, snapshot);
    }

    private void Seen(Site site, Snapshot snapshot)
    {
        picture = new(site.Inventory, snapshot, site.Clock.Now, time.GetTimestamp());
        Pictures++;
    }

    public async Task<(JsonObject Json, bool Refused)> Plan(string goal, string host, PlanWords words, Ct ct)
    {
        using var alone = await Alone(ct);
        RefuseLiving();
        await using var site = Borrow();
        var derived = await Derive(site.Site, goal, host, words, Tail.Runs(), ct);
        if (derived.Plan is not { } plan)
            return (HealthText.Json(derived.Health), true);
        var json = PlanJson.Of(site.Site.Inventory, plan);
        json["advice"] = new JsonArray([.. derived.Health.Advice.Distinct().Select(f => (JsonNode)StatusJson.FindingJson(f))]);
        return (json, false);
    }

    private async Task<Derived> Derive(Site site, string goal, string host, PlanWords words, ImmutableArray<RunState> runs, Ct ct)
    {
        var derived = goal == "close"
            ? await Deriving.Close(site, "", runs, _ => { }, ct)
            : await Deriving.Derive(site, Deriving.Goal(site, goal, host), runs, words.Read(site), _ => { }, ct);
        if (derived.Plan is { } plan && plan.Goal.Host != host)
            throw new CommandEnds(ExitCodes.Refused, $"the maintenance that waits to be closed is one of {plan.Goal.Host}, not of {host}");
        Seen(site, derived.Snapshot);
        return derived;
    }

    /// <returns>The new run; or why there is none, as the health check says it.</returns>
    public async Task<(string Run, JsonObject? Unhealthy)> Start(string goal, string host, string digest, PlanWords words, ImmutableArray<string> holds, Person who, bool secondPerson, Ct ct)
    {
        using var alone = await Alone(ct);
        RefuseLiving();
        await Return();
        var site = Site.Open(options);
        EventJournal? journal = null;
        try
        {
            journal = EventJournal.Open(journalFile, Environment.MachineName, time);
            var runs = Starting.RefuseUnfinished(RunStore.All(journal));
            var approval = Approvals.Find(digest);
            if (secondPerson && (approval is null || approval.Who == who.Name))
                throw new CommandEnds(ExitCodes.Refused, $"a run needs two people here: somebody other than {who.Name} has to approve the plan {digest} first. Nothing was changed.");
            var derived = await Derive(site, goal, host, words, runs, ct);
            if (derived.Plan is not { } plan)
            {
                journal.Dispose();
                await site.DisposeAsync();
                return ("", HealthText.Json(derived.Health));
            }
            Starting.RefuseAnother(plan, digest);
            // An approval is for one start.
            Approvals.Take(digest);
            var (state, begun) = Starting.Begin(site, journal, plan, goal == "close" ? [] : Starting.Holds(plan.Goal, holds), who.Name, approval is not null && approval.Who != who.Name ? approval.Who : "");
            await Carry(site, journal, state, begun);
            return (state.Run, null);
        }
        catch
        {
            journal?.Dispose();
            await site.DisposeAsync();
            throw;
        }
    }

    public async Task Resume(string run, Person who, Ct ct)
    {
        using var alone = await Alone(ct);
        RefuseLiving();
        await Return();
        var site = Site.Open(options);
        EventJournal? journal = null;
        try
        {
            journal = EventJournal.Open(journalFile, Environment.MachineName, time);
            // Its moments are another clock's.
            picture = null;
            var (state, begun) = Starting.Resume(site, journal, Deciding.Find(RunStore.All(journal), run, unfinished: true), who.Name);
            await Carry(site, journal, state, begun);
        }
        catch
        {
            journal?.Dispose();
            await site.DisposeAsync();
            throw;
        }
    }

    private async Task Carry(Site site, EventJournal journal, RunState state, RunEvent begun)
    {
        var run = await LiveRun.Open(site, journal, state, begun);
        Trouble = "";
        live = run;
        carrying = Task.Run(async () =>
        {
            try
            {
                // At a halt it stays: the page answers.
                var ended = await run.Go(_ => false, leaving.Token);
                picture = new(ended.Inventory, (picture?.Snapshot ?? Snapshot.Empty).With(ended.Snapshot.All), ended.Now, time.GetTimestamp());
            }
            catch (Exception e)
            {
                // Nothing further is started; what was begun stands in the journal, and a resume looks at it.
                Trouble = $"run {state.Run} is not carried out any more: {e.Message}";
                Server.Log(Trouble);
            }
            finally
            {
                await run.DisposeAsync();
                journal.Dispose();
                await site.DisposeAsync();
                live = null;
                Pictures++;
            }
        });
    }

    public async Task<bool> Decide(string run, string step, Answer answer, string reason, Person who, Ct ct)
    {
        if (live is { } own && own.Current.Run == run)
        {
            own.Decide(step, answer, who.Name, reason);
            return true;
        }
        return await Deciding.Tell(journalFile, run, step, answer, reason, who.Name, ct);
    }

    /// <summary>Nothing new starts, what is in flight comes back; a resume goes on.</summary>
    public async Task Stop(string run, Ct ct)
    {
        if (live is { } own && own.Current.Run == run)
            own.Stop();
        else if (RunnerLock.Living(journalFile)?.Run != run || await Deciding.AskRunner(journalFile, new() { ["verb"] = "stop" }, ct) is null)
            throw new CommandEnds(ExitCodes.Refused, $"run {run} is not being carried out");
    }

    /// <summary>Where a run stands, with what its runner sees where one lives.</summary>
    public async Task<JsonObject> Status(RunState state, Ct ct)
    {
        if (live?.Current is { } own && own.Run == state.Run)
            return StatusJson.Of(own);
        return !state.IsOver && RunnerLock.Living(journalFile)?.Run == state.Run && await Elsewhere("status", ct) is { } theirs ? theirs.AsObject() : StatusJson.Of(state);
    }

    /// <summary>What must be in view of the run that is not over; null: there is none.</summary>
    public async Task<JsonObject?> Live(Ct ct)
    {
        if (live?.Current is { } own)
            return With(LiveJson.Of(own), "here");
        if (await Elsewhere("live", ct) is { } theirs)
            return With(theirs.AsObject(), "elsewhere");
        return Maintenances.Unfinished(Tail.Runs()) is { } state ? With(LiveJson.Of(state), null) : null;
    }

    private JsonObject With(JsonObject json, string? runner)
    {
        json["runner"] = runner;
        json["trouble"] = Trouble.Length > 0 ? Trouble : null;
        return json;
    }

    /// <summary>Asks the runner of another process; null: none lives, or it just ended.</summary>
    private async Task<JsonNode?> Elsewhere(string verb, Ct ct)
    {
        try
        {
            return live is null && RunnerLock.Living(journalFile) is not null ? await Deciding.AskRunner(journalFile, new() { ["verb"] = verb }, ct) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void RefuseLiving()
    {
        if (live?.Current is { } own)
            throw new CommandEnds(ExitCodes.Refused, $"run {own.Run} ({own.Plan.Goal}) is going on. Nothing was changed.");
        if (RunnerLock.Living(journalFile) is { } other)
            throw new CommandEnds(ExitCodes.Refused, $"another runner works on this cluster ({other}). Nothing was changed.");
    }

    private async Task<IDisposable> Alone(Ct ct)
    {
        await one.WaitAsync(ct);
        return new Leave(one);
    }

    private sealed class Leave(SemaphoreSlim one) : IDisposable
    {
        public void Dispose() => one.Release();
    }

    /// <summary>
    /// The way to the cluster, kept from look to look so that no login is made anew each time; opened anew when the inventory's file
    /// changed. A simulated cluster is put back into its file every time, so that other commands see the same one.
    /// </summary>
    private Borrowed Borrow()
    {
        var written = File.GetLastWriteTimeUtc(options.Inventory);
        var old = kept is not null && written != keptFrom ? kept : null;
        if (old is not null)
            kept = null;
        keptFrom = written;
        return new(this, kept ??= Site.Open(options), old);
    }

    private sealed class Borrowed(Desk desk, Site site, Site? old) : IAsyncDisposable
    {
        public Site Site => site;

        public async ValueTask DisposeAsync()
        {
            if (old is not null)
                await old.DisposeAsync();
            if (site.IsSimulated)
                await desk.Return();
        }
    }

    private async Task Return()
    {
        if (kept is { } site)
        {
            kept = null;
            await site.DisposeAsync();
        }
    }

    /// <summary>A run here is asked to stop, and is waited for; <paramref name="atOnce"/> leaves what is in flight to a resume.</summary>
    public async Task Close(Ct atOnce)
    {
        live?.Stop();
        using var second = atOnce.Register(leaving.Cancel);
        await carrying;
    }

    public async ValueTask DisposeAsync()
    {
        await Close(new Ct(canceled: true));
        await Return();
        Tail.Dispose();
        leaving.Dispose();
        one.Dispose();
    }
}
