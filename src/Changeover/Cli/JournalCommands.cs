using System.CommandLine;
using System.Text.Json.Nodes;
using Changeover.Control;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Journal;
using Changeover.Reporting;
using Changeover.Running;

namespace Changeover.Cli;

/// <summary><c>status</c>, <c>runs</c>, <c>watch</c>, <c>decide</c>, <c>pause</c>, <c>report</c>: what was, what is, and a person's word.</summary>
public static class JournalCommands
{
    private static (string Journal, ImmutableArray<RunState> Runs) Read(SiteOptions options)
    {
        var path = JournalOf(options);
        using var journal = EventJournal.OpenToRead(path, TimeProvider.System);
        return (path, RunStore.All(journal));
    }

    public static string JournalOf(SiteOptions options)
    {
        if (options.Journal.Length > 0)
            return Path.GetFullPath(options.Journal);
        var reading = InventoryFile.Read(options.Inventory);
        return reading.Inventory is null
            ? throw new CommandEnds(reading.ExitCode, string.Join('\n', reading.Findings))
            : StateFolder.JournalOf(reading.Inventory.Cluster + (options.Simulated ? "-simulated" : ""));
    }

    private static Argument<string> RunArgument() => new("run") { Description = "Which run (default: the last).", DefaultValueFactory = _ => "" };

    public static Command Status(CommonOptions common)
    {
        var run = RunArgument();
        var command = new Command("status", "Where a run stands.") { run };
        common.AddTo(command);
        command.SetAction(parse =>
        {
            var state = Deciding.Find(Read(common.Read(parse)).Runs, parse.GetValue(run)!, unfinished: false);
            if (common.Json(parse))
            {
                Console.Out.WriteLine(StatusJson.Of(state).ToJsonString());
                return ExitCodes.Done;
            }
            Console.Out.WriteLine($"{state.Run}: {StatusJson.Word(state)}");
            Console.Out.WriteLine(RunReport.Summary(state));
            foreach (var step in state.Plan.Steps.Where(s => !s.IsGate && state.Steps[s.Id].Status is not (StepStatus.Waiting or StepStatus.Done)))
                Console.Out.WriteLine($"  {state.Steps[step.Id].Status.ToString().ToLowerInvariant(),-9} {step.Id}: {step.Title}");
            foreach (var halt in RunView.Of(state).Halts)
            {
                Console.Out.WriteLine($"  halted    {halt.Step}: {RunText.Answers(halt)}");
                foreach (var finding in halt.Findings)
                    Console.Out.WriteLine($"            {finding.Message}");
            }
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Runs(CommonOptions common)
    {
        var command = new Command("runs", "Every run in the journal.");
        common.AddTo(command);
        command.SetAction(parse =>
        {
            var runs = Read(common.Read(parse)).Runs;
            if (common.Json(parse))
            {
                Console.Out.WriteLine(StatusJson.List(runs).ToJsonString());
                return ExitCodes.Done;
            }
            foreach (var r in runs)
                Console.Out.WriteLine($"{r.Run}  {r.Plan.Goal}  {StatusJson.Word(r)}");
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Watch(CommonOptions common)
    {
        var command = new Command("watch", "Follow a living run from another terminal.");
        common.AddTo(command);
        command.SetAction(async (parse, ct) =>
        {
            var path = JournalOf(common.Read(parse));
            using var client = await ControlClient.Connect(ControlServer.PathOf(path), ct)
                ?? throw new CommandEnds(ExitCodes.Refused, "no run is going on; see changeover status");
            RunState? state = null;
            await foreach (var line in client.Ask("""{"verb":"watch","since":0}""", ct))
            {
                if (common.Json(parse))
                {
                    Console.Out.WriteLine(line);
                    continue;
                }
                var e = System.Text.Json.JsonSerializer.Deserialize(line, CoreJson.Default.RunEvent)!;
                // Before the first line of the watched runner stands what the journal holds of its run.
                state ??= Deciding.Find(Read(common.Read(parse)).Runs, "", unfinished: false);
                if (RunText.Line(state, e, TimeZoneInfo.Local) is { } text)
                    Console.Out.WriteLine(text);
            }
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Decide(CommonOptions common)
    {
        var run = new Argument<string>("run") { Description = "Which run." };
        var step = new Argument<string>("step") { Description = "What waits for you: a step, a gate, a standing condition." };
        var answer = new Argument<string>("answer") { Description = "confirm, retry, accept, force, mend, continue or abort: whatever is offered." };
        var reason = new Option<string>("--reason") { Description = "Why; it goes into the report.", DefaultValueFactory = _ => "" };
        var command = new Command("decide", "Give your word to something that waits for it.") { run, step, answer, reason };
        common.AddTo(command);
        command.SetAction(async (parse, ct) =>
        {
            var path = JournalOf(common.Read(parse));
            var (wanted, why) = (parse.GetValue(answer)!, FreeText.Line("--reason", parse.GetValue(reason)!));
            var word = Deciding.Parse(wanted, why);
            var told = await Deciding.Tell(path, parse.GetValue(run)!, new(default, parse.GetValue(step)!, word, Environment.UserName, why), ct);
            if (common.Json(parse))
                Console.Out.WriteLine(Recorded(parse.GetValue(run)!, parse.GetValue(step)!, wanted, told));
            else
                Console.Out.WriteLine(told ? "recorded" : word == Answer.Abort ? $"{parse.GetValue(run)} is aborted; changeover report {parse.GetValue(run)} says what is left" : $"recorded; go on with: changeover resume {parse.GetValue(run)}");
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Pause(CommonOptions common)
    {
        var run = new Argument<string>("run") { Description = "Which run." };
        var reason = new Option<string>("--reason") { Description = "Why; it goes into the report.", DefaultValueFactory = _ => "" };
        var command = new Command("pause", "Let a living run wait before the next gate that has not begun, until somebody says continue.") { run, reason };
        common.AddTo(command);
        command.SetAction(async (parse, ct) =>
        {
            var (id, why) = (parse.GetValue(run)!, FreeText.Line("--reason", parse.GetValue(reason)!));
            var gate = await Deciding.Pause(JournalOf(common.Read(parse)), id, why, Environment.UserName, ct);
            Console.Out.WriteLine(common.Json(parse)
                ? new JsonObject { ["schemaVersion"] = StatusJson.SchemaVersion, ["recorded"] = true, ["run"] = id, ["gate"] = gate }.ToJsonString()
                : $"recorded; it waits before the next gate ({gate}). Go on with: changeover decide {id} {Planning.Gates.Id(gate)} continue");
            return ExitCodes.Done;
        });
        return command;
    }

    private static string Recorded(string run, string step, string answer, bool live) => new JsonObject
    {
        ["schemaVersion"] = StatusJson.SchemaVersion,
        ["recorded"] = true,
        ["run"] = run,
        ["step"] = step,
        ["answer"] = answer,
        ["runnerIsAlive"] = live,
    }.ToJsonString();

    public static Command Report(CommonOptions common)
    {
        var run = RunArgument();
        var format = new Option<string>("--format") { Description = "text, markdown, html (one file that needs nothing else), pdf (by an installed Chromium, into a file) or json.", DefaultValueFactory = _ => "text" }.AcceptOnlyFromAmong("text", "markdown", "html", "pdf", "json");
        var log = new Option<string>("--measured") { Description = "Log of a probe that used the cluster meanwhile: what its users really had (docs/measuring.md).", DefaultValueFactory = _ => "" };
        var language = new Option<string>("--language") { Description = "en or de; JSON is the same in both.", DefaultValueFactory = _ => "en" }.AcceptOnlyFromAmong("en", "de");
        var command = new Command("report", "What a run did, when, and who decided what.") { run, format, log, language };
        common.AddTo(command);
        command.SetAction(async (parse, ct) =>
        {
            if (parse.GetValue(format) == "pdf" && !Console.IsOutputRedirected)
                throw new CommandEnds(ExitCodes.Usage, "a PDF is nothing for a terminal: changeover report RUN --format pdf > report.pdf");
            var path = JournalOf(common.Read(parse));
            using var journal = EventJournal.OpenToRead(path, TimeProvider.System);
            var state = Deciding.Find(RunStore.All(journal), parse.GetValue(run)!, unfinished: false);
            ImmutableArray<Measured> measured = parse.GetValue(log) is { Length: > 0 } file ? Measured.Read(file, state.StartedAt, state.EndedAt ?? DateTimeOffset.MaxValue) : [];
            if (common.Json(parse) || parse.GetValue(format) == "json")
            {
                var json = ReportJson.Of(RunHistory.Of(journal.Read(state.Run).Select(RunStore.Event)) with { Measured = measured });
                Console.Out.WriteLine(json.ToJsonString());
                return ExitCodes.Done;
            }
            var said = parse.GetValue(language) == "de" ? Language.German : Language.English;
            var events = journal.Read(state.Run).Select(RunStore.Event);
            if (parse.GetValue(format) is "markdown" or "html" or "pdf")
            {
                var history = RunHistory.Of(events) with { Measured = measured };
                if (parse.GetValue(format) == "pdf")
                {
                    await using var output = Console.OpenStandardOutput();
                    await output.WriteAsync(await ReportPdf.Print(history, TimeZoneInfo.Local, said, ct), ct);
                    return ExitCodes.Done;
                }
                Console.Out.WriteLine(parse.GetValue(format) == "html" ? ReportText.Html(history, TimeZoneInfo.Local, said) : ReportText.Markdown(history, TimeZoneInfo.Local, said));
                return ExitCodes.Done;
            }
            Console.Out.WriteLine(ReportText.Plain(events, measured, TimeZoneInfo.Local, said));
            return ExitCodes.Done;
        });
        return command;
    }
}
