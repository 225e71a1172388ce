using System.Diagnostics;
using System.Text.Json;
using Changeover.Lab.Breaks;
using Changeover.Lab.Machines;
using static Changeover.Lab.Matrix.Person;

namespace Changeover.Lab.Matrix;

/// <summary>
/// A whole maintenance as the operator has it: health, failover, the one-sided time, failback, close; with what goes wrong in
/// between. It ends with the cluster as found, by the program's word and by the lab's own look, and with every call kept.
/// </summary>
public sealed record Night(string Name, string Summary, string Host, params ImmutableArray<Incident> Incidents)
{
    /// <summary>No event for so long means that it hangs; longer than the longest budget of lab/cluster.yaml.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(12);

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public Case Case => new(Name, Summary, Play);

    private async Task Play(Stage stage)
    {
        var asFound = await ClusterPicture.Take();
        await Refusal.MustBeHealthy(stage);
        await using var probe = ProbeProcess.Start(Path.Combine(stage.Folder, $"{Name}.probe.log"));

        if (await Half(stage, "failover"))
        {
            foreach (var m in Topology.Machines.Where(m => m.Host is not null))
                Stage.Must(Power.Of(m).IsOn == (m.Host != Host), $"{m.Name} is {(Power.Of(m).IsOn ? "on" : "off")} after the failover of {Host}");
            stage.Say($"{Host} is empty, everything else is on");
            await Refusal.MustBeHealthy(stage, "--expect", $"emptied:{Host}");
        }

        await Half(stage, "failback");
        await Whole(stage, "close", await stage.Program.Run(Limit, "close", "--yes"));

        foreach (var trouble in Incidents.OfType<Trouble>().Where(t => t.ByTool)) await BreakList.Mend(trouble.Break);
        var differences = ClusterPicture.Differences(asFound, await ClusterPicture.Take());
        Stage.Must(differences.IsEmpty, $"not as found: {string.Join("; ", differences)}");
        stage.Say("the lab's own look: as found");
        foreach (var line in await probe.Stop()) stage.Say($"probe: {line}");
        Stage.Must(probe.Lost.IsEmpty, $"acknowledged calls are missing: {string.Join("; ", probe.Lost)}");
    }

    private static Task Whole(Stage stage, string what, CommandResult done)
    {
        foreach (var line in done.Text.Split('\n').TakeLast(4)) stage.Say($"  {line.TrimEnd()}");
        Stage.Must(done.Good, $"{what} ended with {done.ExitCode}: {done.Text}");
        return Task.CompletedTask;
    }

    /// <returns>False: a person aborted it.</returns>
    private async Task<bool> Half(Stage stage, string goal)
    {
        var clock = Stopwatch.StartNew();
        var open = Incidents.Where(i => i.Goal == goal).ToList();
        foreach (var trouble in open.OfType<Trouble>().Where(t => t.Event.Length == 0)) await Break(stage, trouble);
        var troubles = open.OfType<Trouble>().ToList();
        var person = new Person(stage);
        var run = "";
        var program = stage.Program.Start("run", goal, Host, "--yes", "--json");
        var rival = open.OfType<Rivals>().Any() ? stage.Rival.Start("run", goal, Host, "--yes", "--json") : null;
        try
        {
            while (true)
            {
                var line = await program.Next(Silence);
                if (line is { } seen)
                {
                    if (Word(seen, "event") == "run-started") run = Word(seen, "run");
                    person.Sees(seen);
                    if (open.FirstOrDefault(i => i.IsNow(seen)) is not { } now) continue;
                    open.Remove(now);
                    if (now is Trouble trouble)
                    {
                        await Break(stage, trouble);
                        continue;
                    }
                    if (now is Abort)
                    {
                        var said = await stage.Program.Run(Limit, "decide", run, "gate.done", "abort", "--reason", "called off");
                        var left = await program.Ended(Limit);
                        Stage.Must(said.Good && left.ExitCode == 4, $"abort: exit {said.ExitCode} and {left.ExitCode}: {said.Text}");
                        stage.Say($"aborted ({now.Event} {now.Step})");
                        await person.Done();
                        await Whole(stage, "report", await stage.Program.Run(Limit, "report", run));
                        return false;
                    }
                    await program.Kill();
                    stage.Say($"SIGKILL {((Kill)now).When} ({now.Event} {now.Step})");
                }
                else
                {
                    var ended = await program.Ended(Limit);
                    stage.Say($"{program.Words.Split(' ')[0]} {goal} {Host}: exit {ended.ExitCode}");
                    if (ended.ExitCode == 0) break;
                    if (ended.ExitCode == 3 && rival is { IsAlive: true })
                    {
                        stage.Say("the other controller was first; the night goes on with it");
                        stage.Swap();
                        (program, rival) = (rival, null);
                        continue;
                    }
                    await Mend(stage, run, troubles, ended);
                }
                program = stage.Program.Start("resume", run, "--json");
            }
            if (rival is not null) await Lost(stage, rival, goal);
            await person.Done();
            Stage.Must(troubles.Count == 0, $"never seen by the run: {string.Join(", ", troubles.Select(t => t.Break))}");
            Stage.Must(!open.OfType<Kill>().Any(), $"never came: {string.Join(", ", open.OfType<Kill>().Select(k => k.When))}");
            await Whole(stage, "report", await stage.Program.Run(Limit, "status", run));
            stage.Say($"{goal} of {Host}: {clock.Elapsed.TotalSeconds:0} s by the wall clock, {person.Answered} steps by a person");
            return true;
        }
        finally
        {
            await program.DisposeAsync();
            if (rival is not null) await rival.DisposeAsync();
        }
    }

    private static async Task Break(Stage stage, Trouble trouble)
    {
        await BreakList.Apply(trouble.Break, trouble.Machine);
        stage.Say($"broken: {trouble.Break} on {trouble.Machine}");
    }

    /// <summary>The run has to have halted because of one of the troubles: that is mended, and a person says retry.</summary>
    private static async Task Mend(Stage stage, string run, List<Trouble> troubles, CommandResult ended)
    {
        Stage.Must(ended.ExitCode == 1, $"the run ended with {ended.ExitCode}: {ended.Text}");
        var status = JsonDocument.Parse(ended.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;
        var halts = status.GetProperty("halts").EnumerateArray().ToList();
        Stage.Must(halts.Count > 0, $"exit 1 and nothing is halted: {ended.Error}");
        var mended = new HashSet<Trouble>();
        foreach (var halt in halts)
        {
            var findings = halt.GetProperty("findings").EnumerateArray().Select(f => (Code: Word(f, "code"), Message: Word(f, "message"))).ToList();
            foreach (var f in findings) stage.Say($"  halted at {Word(halt, "id")}: {f.Code}: {f.Message}");
            // One trouble can stand behind several halts.
            var trouble = mended.Concat(troubles).FirstOrDefault(t => t.Explains(Word(halt, "id"), findings.Select(f => f.Code)));
            Stage.Must(trouble is not null, $"halted at {Word(halt, "id")} for no reason of this case: {string.Join("; ", findings)}");
            if (!mended.Add(trouble!)) continue;
            troubles.Remove(trouble!);
            if (trouble!.ByTool) continue;
            await BreakList.Mend(trouble.Break);
            stage.Say($"mended: {trouble.Break}");
        }
        foreach (var halt in halts)
        {
            var answer = mended.Any(t => t.ByTool) ? "mend" : "retry";
            foreach (var offer in halt.GetProperty("mend").EnumerateArray()) stage.Say($"  offered: {offer.GetString()}");
            var said = await stage.Program.Run(Limit, "decide", run, Word(halt, "id"), answer, "--reason", "as offered");
            Stage.Must(said.Good, $"decide {Word(halt, "id")} {answer}: exit {said.ExitCode}: {said.Text}");
        }
    }

    private static async Task Lost(Stage stage, RunningProgram rival, string goal)
    {
        var ended = await rival.Ended(Limit);
        stage.Say($"the other controller: exit {ended.ExitCode}");
        Stage.Must(ended.ExitCode == 3, $"two controllers worked on one cluster: the second {goal} ended with {ended.ExitCode}: {ended.Text}");
    }
}
