using System.Text;
using System.Text.Json.Nodes;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Journal;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Reporting;
using Changeover.Running;

namespace Changeover.Serving;

/// <summary>What the page and the API do, without HTTP: look, derive, start, answer. What decides is the same as for the command line.</summary>
/// <param name="rightNow">See <see cref="Gatekeeper.RightNow"/>.</param>
public sealed class Desk(SiteOptions options, string journalFile, TimeProvider time, Func<Person, DateTimeOffset, Right> rightNow) : IAsyncDisposable
{
    /// <summary>A look that is this young is not repeated for the next person who asks.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(3);

    /// <summary>One thing at a time is done with the cluster: a second start waits, and then finds the first.</summary>
    private readonly SemaphoreSlim one = new(1);
    private readonly CancellationTokenSource leaving = new();
    private volatile Picture? picture;
    private volatile LiveRun? live;
    private Task carrying = Task.CompletedTask;
    private volatile bool closing;
    private readonly KeptSite kept = new(options);
    private readonly Lately lately = new(time);
    private readonly ShownPlans shown = new(time);

    /// <summary>The cluster as it was seen last.</summary>
    /// <param name="At">On the clock of the site that looked, and <paramref name="TakenAt"/> on ours.</param>
    private sealed record Picture(ClusterInventory Inventory, Snapshot Snapshot, Moment At, long TakenAt);

    public JournalTail Tail { get; } = new(journalFile);

    /// <summary>Plans that somebody approved for another person to start.</summary>
    public Approvals Approvals { get; } = Approvals.Read(Approvals.PathOf(journalFile), time);

    /// <summary>Answers that wait for a second person.</summary>
    public WaitingWords Words { get; } = new(time);

    /// <summary>Plans that are played on simulated clusters; whoever carries out a run of this journal comes first.</summary>
    public Rehearsals Rehearsals { get; } = new(() => RunnerLock.Living(journalFile) is not null, time);

    /// <summary>Rises with every new picture.</summary>
    public int Pictures { get; private set; }

    /// <summary>The run that is carried out here has written into the journal; told by its runner, which does not wait.</summary>
    public event Action? Written;

    /// <summary>Why the last run that was carried out here ended by a fault; empty: it did not.</summary>
    public string Trouble { get; private set; } = "";

    /// <returns>JSON.</returns>
    public async Task<byte[]> Cluster(Language language, Ct ct)
    {
        if (live is null && await Elsewhere("cluster", language, ct) is { } theirs)
            return Encoding.UTF8.GetBytes(theirs.ToJsonString());
        if (picture is null && live is null)
            await Look(ct);
        return lately.Json($"cluster {language}", (object?)live?.Current ?? picture ?? (object)this, () =>
        {
            var (inventory, snapshot, now) = Now();
            return ClusterJson.Of(inventory, snapshot, now, live?.Current.Run ?? "", language);
        });
    }

    public async Task<JsonObject> Machine(string machine, Language language, Ct ct)
    {
        if (picture is null && live is null)
            await Look(ct);
        var (inventory, snapshot, now) = Now();
        return inventory.FindMachine(machine) is null
            ? throw new CommandEnds(ExitCodes.Usage, $"no machine {machine} in the inventory")
            : ClusterJson.Machine(inventory, snapshot, now, machine, language);
    }

    /// <summary>The last picture, with what the run here has seen since.</summary>
    private (ClusterInventory, Snapshot, Moment) Now()
    {
        var last = picture;
        if (live?.Current is { } state)
            return (state.Inventory, (last?.Snapshot ?? Snapshot.Empty).With(state.Snapshot.All), state.Now);
        // Another process works on the cluster, and was not asked or just ended.
        return last is null
            ? throw new CommandEnds(ExitCodes.Refused, "the cluster was not looked at yet, because another runner works on it. Ask again.")
            : (last.Inventory, last.Snapshot, last.At + time.GetElapsedTime(last.TakenAt));
    }

    public async Task<JsonObject> Health(string expect, Language language, Ct ct)
    {
        using var alone = await Alone(ct);
        await RefuseLiving(ct);
        await using var site = kept.Borrow();
        if (picture is not { } last || time.GetElapsedTime(last.TakenAt) > Young)
            await See(site.Site, ct);
        return HealthText.Json(Deriving.Health(site.Site, picture!.Snapshot, Tail.Runs(), expect), language);
    }

    /// <summary>Looks, unless somebody works on the cluster: then that one looks.</summary>
    public async Task Look(Ct ct)
    {
        using var alone = await Alone(ct);
        if (live is not null || RunnerLock.Living(journalFile) is not null)
            return;
        await using var site = kept.Borrow();
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

    public async Task<(JsonObject Json, bool Refused)> Plan(string goal, string host, PlanWords words, Person who, Language language, Ct ct)
    {
        using var alone = await Alone(ct);
        await RefuseLiving(ct);
        await using var site = kept.Borrow();
        var runs = Tail.Runs();
        var derived = await Derive(site.Site, goal, host, words, runs, ct);
        if (derived.Plan is not { } plan)
            return (HealthText.Json(derived.Health, language), true);
        shown.Add(plan.Digest, who.Name);
        var json = PlanJson.Of(site.Site.Inventory, plan, Schedule.Of(site.Site.Inventory, plan, runs, site.Site.Clock.Now.Utc), language);
        json["advice"] = new JsonArray([.. derived.Health.Advice.Distinct().Select(f => (JsonNode)StatusJson.FindingJson(f, language))]);
        return (json, false);
    }

    /// <summary>The plan of what is seen now, played in the background on clusters made like that, with every fault at every step.</summary>
    /// <returns>Why there is no plan, as the health check says it; null: it is played.</returns>
    public async Task<JsonObject?> Rehearse(string goal, string host, PlanWords words, Person who, Language language, Ct ct)
    {
        using var alone = await Alone(ct);
        await RefuseLiving(ct);
        await using var site = kept.Borrow();
        var wanted = Deriving.Goal(site.Site.Inventory, goal, host);
        Rehearsals.RefuseSecond();
        var derived = await Derive(site.Site, goal, host, words, Tail.Runs(), ct);
        if (derived.Plan is not { } plan)
            return HealthText.Json(derived.Health, language);
        var inventory = site.Site.Inventory;
        Rehearsals.Start(wanted, who.Name, () => Rehearsing.Of(inventory, plan, derived.Snapshot, Rehearsing.Seed));
        return null;
    }

    private async Task<Derived> Derive(Site site, string goal, string host, PlanWords words, ImmutableArray<RunState> runs, Ct ct)
    {
        var derived = goal == "close"
            ? await Deriving.Close(site, "", runs, _ => { }, ct)
            : await Deriving.Derive(site, Deriving.Goal(site.Inventory, goal, host), runs, words.Read(site), _ => { }, ct);
        if (derived.Plan is { } plan && plan.Goal.Host != host)
            throw new CommandEnds(ExitCodes.Refused, $"the maintenance that waits to be closed is one of {plan.Goal.Host}, not of {host}");
        Seen(site, derived.Snapshot);
        return derived;
    }

    /// <summary>Approvals that count now: of people who may still approve.</summary>
    public IEnumerable<Approval> Approved(IEnumerable<Approval> approvals) => approvals.Where(a => rightNow(a.By, a.At) >= Right.Approve);

    /// <summary>What the others are shown beside the digest has to be one of the inventory's hosts, and words that a plan can be derived with.</summary>
    public async Task Approve(string digest, string goal, string host, PlanWords words, Person who, Ct ct)
    {
        using var alone = await Alone(ct);
        await RefuseLiving(ct);
        await using var site = kept.Borrow();
        var named = goal == "close" && site.Site.Inventory.FindHost(host) is not null ? $"close {host}" : Deriving.Goal(site.Site.Inventory, goal, host).ToString();
        if (goal != "close")
            words.Read(site.Site);
        Approvals.Add(digest, named, who, words);
    }

    /// <returns>Who approved the plan and may still, where that is somebody else than who starts it.</returns>
    /// <exception cref="CommandEnds">Refused: two people are wanted, and this is one.</exception>
    private ImmutableArray<Approval> OfOthers(string digest, Person who, bool secondPerson)
    {
        var others = Approvals.Of(digest).RemoveAll(a => a.Who == who.Name);
        ImmutableArray<Approval> counting = [.. Approved(others)];
        return !secondPerson || !counting.IsEmpty ? counting
            : others.IsEmpty ? throw new CommandEnds(ExitCodes.Refused, $"a run needs two people here: somebody other than {who.Name} has to approve the plan {digest} first. Nothing was changed.")
            : throw new CommandEnds(ExitCodes.Refused, $"{others[0].Who} approved the plan {digest}, but may not approve any more, or was added anew since: that does not count. Somebody other than {who.Name} has to approve it. Nothing was changed.");
    }

    /// <returns>The new run; or why there is none, as the health check says it.</returns>
    public async Task<(string Run, JsonObject? Unhealthy)> Start(string goal, string host, string digest, PlanWords words, ImmutableArray<string> holds, Person who, bool secondPerson, Language language, Ct ct)
    {
        JsonObject? unhealthy = null;
        var run = await Carry(async (site, journal) =>
        {
            var runs = Starting.RefuseUnfinished(RunStore.All(journal));
            OfOthers(digest, who, secondPerson);
            var derived = await Derive(site, goal, host, words, runs, ct);
            if (derived.Plan is not { } plan)
            {
                unhealthy = HealthText.Json(derived.Health, language);
                return null;
            }
            Starting.RefuseAnother(plan, digest);
            // Again: looking takes its time, and meanwhile somebody may have been taken away.
            var approvals = OfOthers(digest, who, secondPerson);
            var approval = approvals.FirstOrDefault(a => a.Who == plan.Signed?.Who) ?? approvals.FirstOrDefault();
            if (plan.Signed is { } signed && signed.Who != who.Name && signed.Who != approval?.Who)
                throw new CommandEnds(ExitCodes.Refused, $"{signed.Who} signs this plan, and neither starts it nor has approved it. Sign it yourself. Nothing was changed.");
            if (!shown.Take(digest, who.Name) && runs.LastOrDefault(r => r.Plan.Digest == digest) is { } before)
                throw new CommandEnds(ExitCodes.Refused, $"the plan {digest} was started already, as {before.Run}. To start it again, derive it anew, look at it, and start that. Nothing was changed.");
            // An approval is for one start.
            Approvals.Take(digest);
            return Starting.Begin(site, journal, plan, goal == "close" ? [] : Starting.Holds(plan.Goal, holds), who.Name, approval?.Who ?? "");
        }, ct);
        return (run, unhealthy);
    }

    public async Task Resume(string run, Person who, Ct ct) => await Carry((site, journal) =>
    {
        // Its moments are another clock's.
        picture = null;
        return Task.FromResult<(RunState, RunEvent)?>(Starting.Resume(site, journal, Deciding.Find(RunStore.All(journal), run, unfinished: true), who.Name));
    }, ct);

    /// <summary>Opens what a run needs, begins it and carries it out; without a run nothing stays open.</summary>
    /// <returns>Id of the run; empty: there is none.</returns>
    private async Task<string> Carry(Func<Site, EventJournal, Task<(RunState State, RunEvent Begun)?>> begin, Ct ct)
    {
        using var alone = await Alone(ct);
        if (closing)
            throw new CommandEnds(ExitCodes.Refused, "the server is ending, so it begins nothing. Nothing was changed. Do it when the server is back, or from the command line.");
        await RefuseLiving(ct);
        await kept.Return();
        var site = Site.Open(options);
        EventJournal? journal = null;
        var carried = "";
        try
        {
            journal = EventJournal.Open(journalFile, Environment.MachineName, time);
            if (await begin(site, journal) is var (state, begun))
            {
                await Carry(site, journal, state, begun);
                carried = state.Run;
            }
            return carried;
        }
        finally
        {
            if (carried.Length == 0)
            {
                journal?.Dispose();
                await site.DisposeAsync();
            }
        }
    }

    private async Task Carry(Site site, EventJournal journal, RunState state, RunEvent begun)
    {
        var run = await LiveRun.Open(site, journal, state, begun);
        run.Changed += (_, events) =>
        {
            if (!events.IsEmpty)
                Written?.Invoke();
        };
        Trouble = "";
        live = run;
        Written?.Invoke();
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
                await Leave(run, journal, site);
                live = null;
                Pictures++;
            }
        });
    }

    /// <summary>The run is over or left, whatever becomes of what it held.</summary>
    private static async Task Leave(LiveRun run, EventJournal journal, Site site)
    {
        try
        {
            await using (site)
            {
                using (journal)
                    await run.DisposeAsync();
            }
        }
        catch (Exception e)
        {
            Server.Log($"what run {run.Current.Run} held could not be closed: {e.Message}");
        }
    }

    /// <inheritdoc cref="Deciding.Tell"/>
    public async Task<bool> Decide(string run, Decided word, Ct ct)
    {
        var alive = true;
        if (live is { } own && own.Current.Run == run)
            await own.Decide(word);
        else
            alive = await Deciding.Tell(journalFile, run, word, ct);
        Words.Drop(run, word.Step);
        return alive;
    }

    /// <summary>The first of two people says what only counts with the second.</summary>
    /// <param name="seen">See <see cref="Decided.About"/>.</param>
    public async Task<WaitingWord> Say(RunState run, string step, Answer answer, string reason, string seen, Person who, Ct ct)
    {
        if (string.IsNullOrWhiteSpace(reason))
            throw new CommandEnds(ExitCodes.Usage, $"{Deciding.Word(answer)} needs a reason; the second person has to know it, and it goes into the report");
        var about = await What(run, step, answer, ct);
        if (seen.Length > 0 && seen != about)
            throw Deciding.Changed(step, answer);
        var at = live?.Current is { } own && own.Run == run.Run ? own.Now.Utc : time.GetUtcNow();
        return Words.Add(run.Run, step, answer, reason, who, at, about);
    }

    /// <summary>The second of two people: the first one's word counts from now on, with both names.</summary>
    public async Task<(WaitingWord Word, bool Alive)> Confirm(RunState run, string id, Person who, Ct ct)
    {
        var word = Words.Find(run.Run, id)
            ?? throw new CommandEnds(ExitCodes.Refused, $"no word of {run.Run} waits under {id}: it was confirmed, something else was answered, or it is older than an hour. Look at what waits now. Nothing was changed.");
        if (word.Who == who.Name)
            throw new CommandEnds(ExitCodes.Refused, $"{who.Name} said it, so somebody else has to confirm it. Nothing was changed.");
        var isSo = await What(run, word.Step, word.Answer, ct);
        if (rightNow(word.By, word.Since) < Right.Run)
            throw new CommandEnds(ExitCodes.Refused, $"{word.Who} said {Deciding.Word(word.Answer)}, but may not answer any more, or was added anew since: that does not count. Look at it, and say it anew. Nothing was changed.");
        if (!Words.Take(word))
            throw new CommandEnds(ExitCodes.Refused, $"{word.Step} was answered this very moment by somebody else. Nothing was changed by you.");
        if (isSo != word.About)
            throw new CommandEnds(ExitCodes.Refused, $"{word.Step} is not as it was when {word.Who} said {Deciding.Word(word.Answer)}. Look at it, and say it anew. Nothing was changed.");
        return (word, await Decide(run.Run, new(default, word.Step, word.Answer, word.Who, word.Reason, new(who.Name, word.At), word.About), ct));
    }

    /// <summary><see cref="Answers.About"/> now.</summary>
    /// <exception cref="CommandEnds">Refused: the answer is not allowed now.</exception>
    private async Task<string> What(RunState run, string step, Answer answer, Ct ct)
    {
        var status = await Status(run, Language.English, ct);
        var halt = status["halts"]!.AsArray().FirstOrDefault(h => (string?)h!["id"] == step);
        ImmutableArray<string> allowed = [.. halt?["answers"]!.AsArray().Select(a => (string)a!) ?? []];
        if (halt is null || !allowed.Contains(Deciding.Word(answer)))
            throw Deciding.NotAllowed(step, answer, allowed);
        return (string)halt["about"]!;
    }

    /// <inheritdoc cref="Deciding.Pause"/>
    public async Task<string> Pause(string run, string reason, Person who, Ct ct) => live is { } own && own.Current.Run == run
        ? await own.Pause(who.Name, reason)
        : await Deciding.Pause(journalFile, run, reason, who.Name, ct);

    /// <summary>Nothing new starts, what is in flight comes back; a resume goes on.</summary>
    public async Task Stop(string run, Person who, Ct ct)
    {
        if (live is { } own && own.Current.Run == run)
            own.Stop(who.Name);
        else if (RunnerLock.Living(journalFile)?.Run != run || await Deciding.AskRunner(journalFile, new() { ["verb"] = "stop", ["who"] = who.Name }, ct) is null)
            throw new CommandEnds(ExitCodes.Refused, $"run {run} is not being carried out");
    }

    /// <summary>The same as JSON: what is carried out here is asked for by everybody who watches.</summary>
    public async Task<byte[]> StatusText(RunState state, Language language, Ct ct) => live?.Current is { } own && own.Run == state.Run
        ? lately.Json($"status {language}", own, () => StatusJson.Of(own, language))
        : Encoding.UTF8.GetBytes((await Status(state, language, ct)).ToJsonString());

    /// <summary>Where a run stands, with what its runner sees where one lives.</summary>
    public async Task<JsonObject> Status(RunState state, Language language, Ct ct)
    {
        if (live?.Current is { } own && own.Run == state.Run)
            return StatusJson.Of(own, language);
        return !state.IsOver && RunnerLock.Living(journalFile)?.Run == state.Run && await Elsewhere("status", language, ct) is { } theirs ? theirs.AsObject() : StatusJson.Of(state, language);
    }

    /// <summary>What must be in view of the run that is not over; null: there is none.</summary>
    public async Task<JsonObject?> Live(Language language, Ct ct)
    {
        if (live?.Current is { } own)
            return With(LiveJson.Of(own, language), "here", language);
        if (await Elsewhere("live", language, ct) is { } theirs)
            return With(theirs.AsObject(), "elsewhere", language);
        return Maintenances.Unfinished(Tail.Runs()) is { } state ? With(LiveJson.Of(state, language), null, language) : null;
    }

    private JsonObject With(JsonObject json, string? runner, Language language)
    {
        json["runner"] = runner;
        json["words"] = Words.Json((string)json["run"]!);
        json["trouble"] = Trouble.Length > 0 ? language.Say(Trouble) : null;
        return json;
    }

    /// <summary>Asks the runner of another process; null: none lives, or it just ended.</summary>
    private async Task<JsonNode?> Elsewhere(string verb, Language language, Ct ct)
    {
        try
        {
            return live is null && RunnerLock.Living(journalFile) is not null ? await Deciding.AskRunner(journalFile, new() { ["verb"] = verb, ["language"] = language.ToString() }, ct) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>A run that has just ended still closes its connections: that is waited for, it is not refused.</summary>
    private async Task RefuseLiving(Ct ct)
    {
        if (live is { Current.IsOver: true })
            await carrying.WaitAsync(ct);
        if (live?.Current is { } own)
            throw new CommandEnds(ExitCodes.Refused, $"run {own.Run} ({own.Plan.Goal}) is going on. Nothing was changed.");
        if (RunnerLock.Living(journalFile) is { } other)
            throw new CommandEnds(ExitCodes.Refused, $"another runner works on this cluster ({other}). Nothing was changed.");
    }

    private async Task<IDisposable> Alone(Ct ct)
    {
        await one.WaitAsync(ct);
        return new Turn(one);
    }

    private sealed class Turn(SemaphoreSlim one) : IDisposable
    {
        public void Dispose() => one.Release();
    }

    /// <summary>A run here is asked to stop, and is waited for; <paramref name="atOnce"/> leaves what is in flight to a resume.</summary>
    public async Task Close(Ct atOnce)
    {
        closing = true;
        live?.Stop();
        try
        {
            // Whoever is about to begin a run has begun it, or finds that it is too late.
            using (await Alone(atOnce))
                live?.Stop();
        }
        catch (OperationCanceledException)
        {
            // Nothing is waited for.
        }
        using var second = atOnce.Register(leaving.Cancel);
        await carrying;
    }

    public async ValueTask DisposeAsync()
    {
        await Close(new Ct(canceled: true));
        await Rehearsals.DisposeAsync();
        await kept.DisposeAsync();
        Tail.Dispose();
        leaving.Dispose();
        one.Dispose();
    }
}
