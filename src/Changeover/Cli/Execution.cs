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
        var leaves = false;
        var going = running.Go(s => Volatile.Read(ref leaves) || (!Live && !options.Stay && NeedsPerson(s)), leave.Token);
        if (Live)
            await Converse(running, going, () => Volatile.Write(ref leaves, true));
        return End(await going);
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

    /// <summary>
    /// Shows the run, and asks the person where it needs one. It goes on meanwhile: the cluster is looked at, downtimes are extended, and
    /// somebody else may answer.
    /// </summary>
    /// <param name="leave">The person leaves it for later: the run is left as soon as nothing is in flight.</param>
    private async Task Converse(LiveRun run, Task going, Action leave)
    {
        while (!going.IsCompleted)
        {
            await Show(run, going);
            if (going.IsCompleted || Questions(run.Current) is not [var question, ..])
                continue;
            if (await Ask(run, going, question) is not { } word)
                continue;
            if (word == Later)
            {
                leave();
                return;
            }
            try
            {
                await run.Decide(word with { Reason = FreeText.Line("the reason", word.Reason) });
            }
            catch (CommandEnds refused)
            {
                Say(refused.Message);
            }
        }
    }

    /// <summary>Until it needs a person, or is over.</summary>
    private async Task Show(LiveRun run, Task going)
    {
        try
        {
            await AnsiConsole.Live(Picture()).AutoClear(true).StartAsync(async screen =>
            {
                while (!going.IsCompleted && (run.Current.InFlight || Questions(run.Current).IsEmpty))
                {
                    screen.UpdateTarget(Picture());
                    await Task.WhenAny(going, Task.Delay(200, Ct.None));
                }
            });
        }
        catch (IOException)
        {
            // The terminal has gone away; the hang-up stops the run cleanly.
            await going;
        }
    }

    /// <summary>What only a person can answer.</summary>
    private ImmutableArray<Question> Questions(RunState state)
    {
        if (state.IsOver || state.Stopping)
            return [];
        var view = RunView.Of(state);
        if (view.Halts.Length > 0)
            return [.. view.Halts.Select(h => new Question(h.Step, string.Join('\n', h.Findings.Select(f => f.Message).Prepend(h.Title)), Answers.About(state, h.Step), [.. h.Answers]))];
        // Of what is done by hand only when the run waits for nothing else, that they would have to watch.
        return site.Person is null && view.Waiting.Length == 0
            ? [.. view.Persons.Select(p => new Question(p.Step, p.Instruction, Answers.About(state, p.Step), [.. Answers.For(state, p.Step)]))]
            : [];
    }

    /// <param name="About">What is asked about; with another the question is another.</param>
    private sealed record Question(string Step, string Text, string About, ImmutableArray<Answer> Answers)
    {
        public bool IsAsked(ImmutableArray<Question> questions) => questions.Any(q => (q.Step, q.About) == (Step, About) && q.Answers.SequenceEqual(Answers));
    }

    /// <summary>The person goes; the question stays.</summary>
    private static readonly Decided Later = new(default, "", default, "", "");

    /// <returns>Null: it was answered elsewhere, or is another by now, or the run is over.</returns>
    private async Task<Decided?> Ask(LiveRun run, Task going, Question question)
    {
        // Not disposed: a turn of the run may just be looking.
        var gone = new CancellationTokenSource();
        void Look(RunState state, ImmutableArray<RunEvent> events)
        {
            if (!question.IsAsked(Questions(state)))
                gone.Cancel();
        }
        run.Changed += Look;
        try
        {
            Look(run.Current, []);
            var asking = Ask(run.Current, question, gone.Token);
            await Task.WhenAny(asking, going);
            if (!asking.IsCompleted)
                await gone.CancelAsync();
            return await asking;
        }
        catch (OperationCanceledException)
        {
            AnsiConsole.Cursor.Show();
            Say("");
            return null;
        }
        finally
        {
            run.Changed -= Look;
        }
    }

    private static async Task<Decided> Ask(RunState state, Question question, Ct gone)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.WriteLine($"{question.Step}: {question.Text}");
        const string later = "leave it for later";
        var word = await new SelectionPrompt<string>().Title("What now?").AddChoices([.. question.Answers.Select(a => a.ToString().ToLowerInvariant()), later]).ShowAsync(AnsiConsole.Console, gone);
        if (word == later)
            return Later;
        var answer = Enum.Parse<Answer>(word, ignoreCase: true);
        if (answer == Answer.Abort)
            AnsiConsole.WriteLine(string.Join("\n    ", LeftBehind.Of(state).Lines().DefaultIfEmpty("nothing").Prepend("an abort cleans up nothing; it would leave:")));
        var reason = Answers.NeedsReason(answer) || answer is Answer.Force or Answer.Abort
            ? await new TextPrompt<string>("Why (goes into the report)?").ShowAsync(AnsiConsole.Console, gone)
            : "";
        return new Decided(default, question.Step, answer, Environment.UserName, reason, About: question.About);
    }

    private Spectre.Console.Rendering.IRenderable Picture()
    {
        lock (gate)
            return LiveScreen.Render(live!.Current, [.. log.TakeLast(LogLines)]);
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
