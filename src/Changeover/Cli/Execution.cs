using System.Runtime.InteropServices;
using Changeover.Journal;
using Changeover.Reporting;
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
    private LiveRun? live;

    private bool Live => !options.Json && AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;

    /// <param name="begun">The event the state began with (started, resumed): already in the journal.</param>
    public async Task<int> Run(RunState state, RunEvent begun)
    {
        Changed(state, [begun]);
        using var leave = new CancellationTokenSource();
        await using var running = live = await LiveRun.Open(site, journal, state, begun);
        running.Changed += Changed;
        running.PersonAsked += AskPerson;
        var presses = 0;
        // Ctrl-C, an orderly end of the machine, a terminal that went away: each stops cleanly; the second one leaves at once.
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            if (Interlocked.Increment(ref presses) == 1)
                running.Stop(context.Signal == PosixSignal.SIGINT ? Environment.UserName : "");
            else
                leave.Cancel();
        }
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        var said = Task.CompletedTask;
        while (true)
        {
            state = Live ? await RunLive(running, leave.Token) : await running.Go(s => !options.Stay && NeedsPerson(s), leave.Token);
            await Recorded(said);
            if (state.IsOver || state.Stopping || leave.IsCancellationRequested || !Live || Decide(state) is not { } decision)
                return End(state);
            // It is taken in as soon as the run goes on.
            said = running.Decide(decision);
        }
    }

    private static async Task Recorded(Task said)
    {
        try
        {
            await said;
        }
        catch (CommandEnds refused)
        {
            Say(refused.Message);
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

    private async Task<RunState> RunLive(LiveRun run, Ct leave)
    {
        var running = run.Go(s => NeedsPerson(s) || OnlyPersons(s), leave);
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
            return LiveScreen.Render(live!.Current, [.. log.TakeLast(LogLines)]);
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
        if (answer == Answer.Abort)
            AnsiConsole.WriteLine(string.Join("\n    ", LeftBehind.Of(state).Lines().DefaultIfEmpty("nothing").Prepend("an abort cleans up nothing; it would leave:")));
        var reason = Answers.NeedsReason(answer) || answer is Answer.Force or Answer.Abort
            ? AnsiConsole.Prompt(new TextPrompt<string>("Why (goes into the report)?"))
            : "";
        return new Decided(default, step, answer, Environment.UserName, reason);
    }

    private void Changed(RunState state, ImmutableArray<RunEvent> events)
    {
        foreach (var e in events)
        {
            var line = RunText.Line(state, e, TimeZoneInfo.Local);
            lock (gate)
            {
                if (line is not null)
                    log.Add(line);
            }
            if (options.Json)
                Say(RunStore.Entry(e).Body);
            else if (!Live && line is not null)
                Say(line);
        }
    }

    private void AskPerson(string step, Knowledge.Instruct instruction)
    {
        if (!options.Json && !Live)
            Say($"YOU: {instruction.Text}\n     then: changeover decide {live!.Current.Run} {step} confirm");
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
