using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Changeover.Control;
using Changeover.Findings;
using Changeover.Journal;
using Changeover.Knowledge;
using Changeover.Reporting;

namespace Changeover.Running;

/// <summary>
/// A run that is carried out in this process, whatever face shows it. Its events are in the journal before anybody is told; the
/// socket beside the journal lets other processes watch and answer it.
/// </summary>
public sealed class LiveRun : IAsyncDisposable
{
    /// <summary>A loop that goes on takes a word in within a turn, far below a second.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly List<string> lines = [];
    private readonly Site site;
    private readonly EventJournal journal;
    private readonly Runner runner;
    private RunState current;
    private ControlServer? control;

    private LiveRun(Site site, EventJournal journal, RunState state)
    {
        (this.site, this.journal, current) = (site, journal, state);
        runner = new Runner(Site.Drivers, site.Transport, site.Clock, Append, Turned);
        runner.PersonAsked += AskPerson;
    }

    /// <param name="begun">The event the state began with (started, resumed): already in the journal, told to those who watch.</param>
    public static async Task<LiveRun> Open(Site site, EventJournal journal, RunState state, RunEvent begun)
    {
        var live = new LiveRun(site, journal, state);
        live.lines.Add(RunStore.Entry(begun).Body);
        site.PaceWith(live.runner);
        journal.Runner!.WorksOn(state.Run);
        live.control = await ControlServer.Start(ControlServer.PathOf(site.Journal), live.Serve);
        return live;
    }

    /// <summary>Where it stands now, with what it has seen.</summary>
    public RunState Current
    {
        get
        {
            lock (gate)
                return current;
        }
    }

    /// <summary>Told after every turn, with the durable events of it.</summary>
    public event Action<RunState, ImmutableArray<RunEvent>>? Changed;

    /// <summary>A person has to carry something out now; raised once for each.</summary>
    public event Action<string, Instruct>? PersonAsked;

    /// <inheritdoc cref="Runner.Run"/>
    public Task<RunState> Go(Func<RunState, bool> leaveWhen, Ct leave) => runner.Run(Current, leaveWhen, leave);

    /// <summary>Nothing new starts; what is in flight comes back.</summary>
    /// <param name="who">Empty: a signal, whose sender nobody knows.</param>
    public void Stop(string who = "") => runner.Post(at => new Stop(at, who));

    /// <summary>It waits before the next gate, until a person says continue. Comes back when that is in the journal.</summary>
    /// <returns>The gate it waits before.</returns>
    /// <exception cref="CommandEnds">Refused: see <see cref="Deciding.NextGate"/>.</exception>
    public async Task<string> Pause(string who, string reason)
    {
        Deciding.NextGate(Current);
        var events = await runner.Post(at => new Pause(at, who, reason)).Within(Patience)
            ?? throw new CommandEnds(ExitCodes.Refused, $"run {Current.Run} is ending and takes nothing in any more. Nothing was paused; changeover status says where it stands.");
        if (events.OfType<PauseAsked>().FirstOrDefault() is { } paused)
            return paused.Gate;
        Deciding.NextGate(Current);
        throw new CommandEnds(ExitCodes.Refused, $"run {Current.Run} ends. Nothing was paused.");
    }

    /// <summary>A person's word. Comes back when it is in the journal.</summary>
    /// <exception cref="CommandEnds">Refused: it is not allowed now, something else is so than they had before them, or nobody took it in. It is not recorded.</exception>
    public async Task Decide(Decided word)
    {
        Deciding.Allow(Current, word);
        var events = await runner.Post(at => word with { At = at }).Within(Patience)
            ?? throw new CommandEnds(ExitCodes.Refused, $"run {Current.Run} is ending and takes nothing in any more. Your {Deciding.Word(word.Answer)} to {word.Step} is not recorded; changeover status says where it stands.");
        if (events.OfType<Decision>().Any())
            return;
        Deciding.Allow(Current, word);
        throw Deciding.Changed(word.Step, word.Answer);
    }

    private void Append(ImmutableArray<RunEvent> events)
    {
        // First: the journal never knows of what the simulated cluster has not got.
        site.Keep();
        journal.Append(current.Run, current.Epoch, [.. events.Select(RunStore.Entry)]);
    }

    private void Turned(RunState state, ImmutableArray<RunEvent> events)
    {
        lock (gate)
        {
            current = state;
            lines.AddRange(events.Select(e => RunStore.Entry(e).Body));
        }
        Changed?.Invoke(state, events);
    }

    private void AskPerson(string step, Instruct instruction)
    {
        PersonAsked?.Invoke(step, instruction);
        if (site.Person is not { } person)
            return;
        _ = Task.Run(async () =>
        {
            await person(instruction);
            runner.Post(at => new Decided(at, step, Answer.Confirm, "simulated person", ""));
        });
    }

    private async IAsyncEnumerable<string> Serve(ControlRequest request, [EnumeratorCancellation] Ct ct)
    {
        var language = request.Text("language") == nameof(Language.German) ? Language.German : Language.English;
        switch (request.Verb)
        {
            case "status":
                yield return StatusJson.Of(Current, language).ToJsonString();
                break;
            case "live":
                yield return LiveJson.Of(Current, language).ToJsonString();
                break;
            case "cluster":
                yield return ClusterJson.Of(Current.Inventory, Current.Snapshot, Current.Now, Current.Run, language).ToJsonString();
                break;
            case "decide":
                RefuseAnother(request);
                await Decide(Deciding.Word(request));
                yield return new JsonObject { ["recorded"] = true }.ToJsonString();
                break;
            case "pause":
                RefuseAnother(request);
                yield return new JsonObject { ["gate"] = await Pause(request.Who, FreeText.Line("reason", request.Text("reason"))) }.ToJsonString();
                break;
            case "stop":
                Stop(request.Who);
                yield return new JsonObject { ["recorded"] = true }.ToJsonString();
                break;
            case "watch":
                for (var next = (int)request.Number("since"); !ct.IsCancellationRequested;)
                {
                    string[] news;
                    bool over;
                    lock (gate)
                    {
                        news = [.. lines.Skip(next)];
                        over = current.IsOver;
                    }
                    foreach (var line in news)
                        yield return line;
                    next += news.Length;
                    if (over)
                        break;
                    await Task.Delay(200, ct);
                }
                break;
            default:
                throw new CommandEnds(ExitCodes.Usage, $"no such verb: {request.Verb}");
        }
    }

    private void RefuseAnother(ControlRequest request)
    {
        if (request.Text("run") is { Length: > 0 } run && run != Current.Run)
            throw new CommandEnds(ExitCodes.Refused, $"run {run} is not the one that is going on: that is {Current.Run}");
    }

    public async ValueTask DisposeAsync()
    {
        if (control is not null)
            await control.DisposeAsync();
    }
}
