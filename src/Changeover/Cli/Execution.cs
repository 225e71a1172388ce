using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Changeover.Control;
using Changeover.Journal;
using Changeover.Planning;
using Changeover.Running;
using Spectre.Console;

namespace Changeover.Cli;

/// <param name="Json">One JSON line an event, the last line a summary.</param>
/// <param name="Stay">Stays at a halt without a terminal, for decisions from another one.</param>
public sealed record ExecutionOptions(bool Json = false, bool Stay = false);

/// <summary>A run on a terminal or into a pipe, from its start or resume to its end or the place where a person is needed.</summary>
public sealed class Execution(Site site, EventJournal journal, ExecutionOptions options)
{
    private const int LogLines = 12;

    private readonly Lock gate = new();
    private readonly List<string> log = [];
    private readonly List<string> jsonLines = [];
    private RunState? current;

    private bool Live => !options.Json && AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;

    /// <param name="begun">The event the state began with (started, resumed): already in the journal, told to those who watch.</param>
    public async Task<int> Run(RunState state, RunEvent begun)
    {
        current = state;
        Changed(state, [begun]);
        using var leave = new CancellationTokenSource();
        var runner = new Runner(Site.Drivers, site.Transport, site.Clock, Append, Changed);
        runner.PersonAsked += (step, instruction) => AskPerson(runner, step, instruction);
        site.PaceWith(runner);
        journal.Runner!.WorksOn(state.Run);
        await using var control = await ControlServer.Start(ControlServer.PathOf(site.Journal), (request, ct) => Serve(runner, request, ct));
        var presses = 0;
        // Ctrl-C, an orderly end of the machine, a terminal that went away: each stops cleanly; the second one leaves at once.
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            if (Interlocked.Increment(ref presses) == 1)
                runner.Post(at => new Stop(at));
            else
                leave.Cancel();
        }
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        while (true)
        {
            state = Live ? await RunLive(runner, state, leave.Token) : await runner.Run(state, s => !options.Stay && NeedsPerson(s), leave.Token);
            if (state.IsOver || state.Stopping || leave.IsCancellationRequested || !Live || Decide(state) is not { } decision)
                return End(state);
            runner.Post(at => decision with { At = at });
        }
    }

    /// <summary>A terminal that has gone away must not end a run in the middle of a step; the journal has every word.</summary>
    private static void Say(string line)
    {
        try
        {
            Console.Out.WriteLine(line);
        }
        catch (IOException)
        {
            // Nobody reads it.
        }
    }

    private static bool NeedsPerson(RunState state) => state.IsHalted || state.WaitsAtHold;

    private async Task<RunState> RunLive(Runner runner, RunState state, Ct leave)
    {
        var running = runner.Run(state, s => NeedsPerson(s) || OnlyPersons(s), leave);
        try
        {
            await AnsiConsole.Live(Picture()).AutoClear(true).StartAsync(async screen =>
            {
                while (!running.IsCompleted)
                {
                    screen.UpdateTarget(Picture());
                    await Task.WhenAny(running, Task.Delay(200, Ct.None));
                }
            });
        }
        catch (IOException)
        {
            // The terminal has gone away; the hang-up stops the run cleanly.
        }
        return await running;
    }

    /// <summary>Nothing else goes on: the run waits for a person in the real world.</summary>
    private bool OnlyPersons(RunState state) => site.Person is null && RunView.Of(state) is { Persons.Length: > 0, Waiting.Length: 0 };

    private Spectre.Console.Rendering.IRenderable Picture()
    {
        lock (gate)
            return LiveScreen.Render(current!, [.. log.TakeLast(LogLines)]);
    }

    /// <summary>Asks the person at the terminal. Null: nothing to decide, or they leave it for later.</summary>
    private static Decided? Decide(RunState state)
    {
        var view = RunView.Of(state);
        var (step, title, answers) = view.Halts.Length > 0
            ? (view.Halts[0].Step, string.Join('\n', view.Halts[0].Findings.Select(f => f.Message).Prepend(view.Halts[0].Title)), view.Halts[0].Answers)
            : view.Persons.Length > 0
                ? (view.Persons[0].Step, view.Persons[0].Instruction, Answers.For(state, view.Persons[0].Step))
                : ("", "", []);
        if (step.Length == 0)
            return null;
        AnsiConsole.WriteLine();
        AnsiConsole.WriteLine($"{step}: {title}");
        const string later = "leave it for later";
        var word = AnsiConsole.Prompt(new SelectionPrompt<string>().Title("What now?").AddChoices([.. answers.Select(a => a.ToString().ToLowerInvariant()), later]));
        if (word == later)
            return null;
        var answer = Enum.Parse<Answer>(word, ignoreCase: true);
        var reason = Answers.NeedsReason(answer) || answer is Answer.Force or Answer.Abort
            ? AnsiConsole.Prompt(new TextPrompt<string>("Why (goes into the report)?"))
            : "";
        return new Decided(default, step, answer, Environment.UserName, reason);
    }

    private void Append(ImmutableArray<RunEvent> events)
    {
        var (run, epoch) = (current!.Run, current.Epoch);
        journal.Append(run, epoch, [.. events.Select(RunStore.Entry)]);
    }

    private void Changed(RunState state, ImmutableArray<RunEvent> events)
    {
        lock (gate)
        {
            current = state;
            foreach (var e in events)
            {
                jsonLines.Add(RunStore.Entry(e).Body);
                if (RunText.Line(state, e, TimeZoneInfo.Local) is { } line)
                    log.Add(line);
            }
        }
        foreach (var e in events)
        {
            if (options.Json)
                Say(RunStore.Entry(e).Body);
            else if (!Live && RunText.Line(state, e, TimeZoneInfo.Local) is { } line)
                Say(line);
        }
    }

    private void AskPerson(Runner runner, string step, Knowledge.Instruct instruction)
    {
        if (!options.Json && !Live)
            Say($"YOU: {instruction.Text}\n     then: changeover decide {current!.Run} {step} confirm");
        if (site.Person is not { } person)
            return;
        _ = Task.Run(async () =>
        {
            await person(instruction);
            runner.Post(at => new Decided(at, step, Running.Answer.Confirm, "simulated person", ""));
        });
    }

    private async IAsyncEnumerable<string> Serve(Runner runner, ControlRequest request, [EnumeratorCancellation] Ct ct)
    {
        switch (request.Verb)
        {
            case "status":
                yield return StatusJson.Of(current!).ToJsonString();
                break;
            case "decide":
                var step = request.Text("step");
                RunState state;
                lock (gate)
                    state = current!;
                if (!Enum.TryParse<Answer>(request.Text("answer"), ignoreCase: true, out var answer) || !Answers.For(state, step).Contains(answer))
                {
                    var allowed = string.Join(", ", Answers.For(state, step).Select(a => a.ToString().ToLowerInvariant()));
                    yield return new JsonObject { ["error"] = $"{step} cannot be answered with {request.Text("answer")}; allowed now: {(allowed.Length > 0 ? allowed : "nothing")}" }.ToJsonString();
                    break;
                }
                runner.Post(at => new Decided(at, step, answer, request.Who, request.Text("reason")));
                yield return new JsonObject { ["recorded"] = true }.ToJsonString();
                break;
            case "watch":
                for (var next = (int)request.Number("since"); !ct.IsCancellationRequested;)
                {
                    string[] lines;
                    bool over;
                    lock (gate)
                    {
                        lines = [.. jsonLines.Skip(next)];
                        over = current!.IsOver;
                    }
                    foreach (var line in lines)
                        yield return line;
                    next += lines.Length;
                    if (over)
                        break;
                    await Task.Delay(200, ct);
                }
                break;
            default:
                yield return new JsonObject { ["error"] = $"no such verb: {request.Verb}" }.ToJsonString();
                break;
        }
    }

    private int End(RunState state)
    {
        var view = RunView.Of(state);
        var code = state.Outcome switch
        {
            RunOutcome.Done => ExitCodes.Done,
            RunOutcome.Refused => ExitCodes.Refused,
            RunOutcome.Aborted => ExitCodes.Aborted,
            _ => ExitCodes.Halted,
        };
        if (options.Json)
        {
            Say(StatusJson.Of(state).ToJsonString());
            return code;
        }
        Say("");
        Say(RunReport.Summary(state));
        if (code == ExitCodes.Halted)
        {
            foreach (var halt in view.Halts)
                Say($"waits for you: {halt.Step} ({RunText.Answers(halt)})\n    changeover decide {state.Run} {halt.Step} ANSWER --reason \"...\"");
            Say($"{(view.SafeToLeave ? "safe to leave" : "do not leave it so")}: {view.LeaveReason}");
            Say($"go on with: changeover resume {state.Run}");
        }
        return code;
    }
}
