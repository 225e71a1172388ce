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
    public void Stop() => runner.Post(at => new Stop(at));

    /// <summary>It waits before the next gate, until a person says continue.</summary>
    /// <returns>See <see cref="Deciding.NextGate"/>.</returns>
    public string Pause(string who, string reason)
    {
        var gate = Deciding.NextGate(Current);
        runner.Post(at => new Pause(at, who, reason));
        return gate;
    }

    /// <summary>A person's word.</summary>
    /// <exception cref="CommandEnds">It is not allowed now.</exception>
    public void Decide(string step, Answer answer, string who, string reason, Confirmation? confirmed = null)
    {
        Deciding.Allow(Current, step, answer);
        runner.Post(at => new Decided(at, step, answer, who, reason, confirmed));
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
                Decide(request.Text("step"), Deciding.Parse(request.Text("answer"), request.Text("reason")), request.Who, request.Text("reason"), Deciding.Confirmed(request));
                yield return new JsonObject { ["recorded"] = true }.ToJsonString();
                break;
            case "pause":
                RefuseAnother(request);
                yield return new JsonObject { ["gate"] = Pause(request.Who, request.Text("reason")) }.ToJsonString();
                break;
            case "stop":
                Stop();
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
