using System.Diagnostics;
using System.Text.Json;
using Changeover.Lab.Breaks;
using static Changeover.Lab.Matrix.Person;

namespace Changeover.Lab.Matrix;

/// <summary>One run of the program from its start to its end, with what goes wrong in between.</summary>
public sealed class Half(Stage stage, string goal, string host, ImmutableArray<Incident> incidents)
{
    /// <summary>No event for so long means that it hangs; longer than the longest budget of lab/cluster.yaml.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(12);

    /// <param name="words">More options of <c>run</c>.</param>
    /// <returns>False: a person aborted it.</returns>
    public async Task<bool> Play(params ImmutableArray<string> words)
    {
        var clock = Stopwatch.StartNew();
        var open = incidents.Where(i => i.Goal == goal).ToList();
        foreach (var trouble in open.OfType<Trouble>().Where(t => t.Event.Length == 0)) await Break(trouble);
        var troubles = open.OfType<Trouble>().ToList();
        var person = new Person(stage);
        var run = "";
        var (done, retries, refused) = (0, 0, 0);
        var isChaos = incidents.OfType<Surprise>().Any();
        var program = stage.Program.Start(["run", goal, host, "--yes", "--json", .. words]);
        var rival = open.OfType<Rivals>().Any() ? stage.Rival.Start("run", goal, host, "--yes", "--json") : null;
        try
        {
            while (true)
            {
                var line = await program.Next(Silence);
                if (line is { } seen)
                {
                    if (Word(seen, "event") == "run-started") run = Word(seen, "run");
                    person.Sees(seen);
                    if (Word(seen, "event") == "step-done") done++;
                    if (open.FirstOrDefault(i => i.IsNow(seen, done)) is not { } now) continue;
                    open.Remove(now);
                    if (now is Trouble trouble)
                    {
                        await Break(trouble);
                        continue;
                    }
                    if (now is Surprise surprise)
                    {
                        await Chaos.Strike(stage, surprise);
                        continue;
                    }
                    if (now is Abort)
                    {
                        var said = await stage.Program.Run(Stage.Limit, "decide", run, "gate.done", "abort", "--reason", "called off");
                        var left = await program.Ended(Stage.Limit);
                        Stage.Must(said.Good && left.ExitCode == 4, $"abort: exit {said.ExitCode} and {left.ExitCode}: {said.Text}");
                        stage.Say($"aborted ({now.Event} {now.Step})");
                        await person.Done();
                        await stage.Whole("report", await stage.Program.Run(Stage.Limit, "report", run));
                        return false;
                    }
                    await program.Kill();
                    stage.Say($"SIGKILL {((Kill)now).When} ({now.Event} {now.Step})");
                }
                else
                {
                    var ended = await program.Ended(Stage.Limit);
                    stage.Say($"{program.Words.Split(' ')[0]} {goal} {host}: exit {ended.ExitCode}");
                    if (ended.ExitCode == 0) break;
                    if (ended.ExitCode == 3 && rival is { IsAlive: true })
                    {
                        stage.Say("the other controller was first; the night goes on with it");
                        stage.Swap();
                        (program, rival) = (rival, null);
                        continue;
                    }
                    // A person's word was being written into the journal of the run that had been killed.
                    if (ended.ExitCode == 3 && program.Words.StartsWith("resume", StringComparison.Ordinal) && ended.Text.Contains("Another runner works", StringComparison.Ordinal) && ++refused <= 3)
                        await Task.Delay(TimeSpan.FromSeconds(5));
                    else if (isChaos)
                        await Chaos.Recover(stage, run, ended, ++retries);
                    else if (!await Mend(run, troubles, ended))
                    {
                        await person.Done();
                        return false;
                    }
                }
                program = stage.Program.Start("resume", run, "--json");
            }
            if (rival is not null) await Lost(rival);
            await person.Done();
            if (isChaos) await Chaos.MendAll(stage);
            Stage.Must(troubles.Count == 0, $"never seen by the run: {string.Join(", ", troubles.Select(t => t.Break))}");
            Stage.Must(!open.OfType<Kill>().Any(k => k.Behind == 0), $"never came: {string.Join(", ", open.OfType<Kill>().Select(k => k.When))}");
            await stage.Whole("report", await stage.Program.Run(Stage.Limit, "status", run));
            var report = await stage.Program.Run(Stage.Limit, "report", run, "--measured", stage.ProbeLog);
            Stage.Must(report.Good, $"report --measured ended with {report.ExitCode}: {report.Text}");
            foreach (var line in report.Output.Split('\n').Where(l => l.Contains("measured from outside", StringComparison.Ordinal))) stage.Say($"  {line.Trim()}");
            stage.Say($"{goal} of {host}: {clock.Elapsed.TotalSeconds:0} s by the wall clock, {person.Answered} steps by a person");
            return true;
        }
        finally
        {
            await program.DisposeAsync();
            if (rival is not null) await rival.DisposeAsync();
        }
    }

    private async Task Break(Trouble trouble)
    {
        await BreakList.Apply(trouble.Break, trouble.Machine);
        stage.Say($"broken: {trouble.Break} on {trouble.Machine}");
    }

    /// <summary>The run has to have ended halted; what it waits for, and why, as its last line says.</summary>
    internal static List<(JsonElement Halt, List<(string Code, string Message)> Findings)> Halts(Stage stage, CommandResult ended)
    {
        Stage.Must(ended.ExitCode == 1, $"the run ended with {ended.ExitCode}: {ended.Text}");
        var status = JsonDocument.Parse(ended.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;
        var halts = status.GetProperty("halts").EnumerateArray()
            .Select(h => (h, h.GetProperty("findings").EnumerateArray().Select(f => (Code: Word(f, "code"), Message: Word(f, "message"))).ToList())).ToList();
        Stage.Must(halts.Count > 0, $"exit 1 and nothing is halted: {ended.Error}");
        foreach (var (halt, findings) in halts)
        {
            Stage.Must(findings.Count > 0, $"halted at {Word(halt, "id")} without a reason");
            foreach (var f in findings) stage.Say($"  halted at {Word(halt, "id")}: {f.Code}: {f.Message}");
        }
        return halts;
    }

    /// <summary>The run has to have halted because of one of the troubles: that is mended where the person's answer needs it, and the person answers.</summary>
    /// <returns>False: the answer was to abort.</returns>
    private async Task<bool> Mend(string run, List<Trouble> troubles, CommandResult ended)
    {
        var met = new List<(JsonElement Halt, Trouble Trouble)>();
        foreach (var (halt, findings) in Halts(stage, ended))
        {
            // One trouble can stand behind several halts.
            var trouble = met.Select(m => m.Trouble).Concat(troubles).FirstOrDefault(t => t.Explains(Word(halt, "id"), findings.Select(f => f.Code)));
            Stage.Must(trouble is not null, $"halted at {Word(halt, "id")} for no reason of this case: {string.Join("; ", findings)}");
            met.Add((halt, trouble!));
            if (!troubles.Remove(trouble!) || !trouble!.IsMendedByHand) continue;
            await BreakList.Mend(trouble.Break);
            stage.Say($"mended: {trouble.Break}");
        }
        foreach (var (halt, trouble) in met)
        {
            foreach (var offer in halt.GetProperty("mend").EnumerateArray()) stage.Say($"  offered: {offer.GetString()}");
            if (Word(halt, "without") is { Length: > 0 } machine) stage.Say($"  may be left out: {machine}");
            var said = await stage.Program.Run(Stage.Limit, "decide", run, Word(halt, "id"), trouble.Answer, "--reason", "as offered");
            Stage.Must(said.Good, $"decide {Word(halt, "id")} {trouble.Answer}: exit {said.ExitCode}: {said.Text}");
            stage.Say($"  person: {Word(halt, "id")} {trouble.Answer}");
            if (trouble.Answer == "abort") return false;
        }
        return true;
    }

    private async Task Lost(RunningProgram rival)
    {
        var ended = await rival.Ended(Stage.Limit);
        stage.Say($"the other controller: exit {ended.ExitCode}");
        Stage.Must(ended.ExitCode == 3, $"two controllers worked on one cluster: the second {goal} ended with {ended.ExitCode}: {ended.Text}");
    }
}
