using System.CommandLine;
using System.Text;
using Changeover.Drivers;
using Changeover.Journal;
using Changeover.Knowledge;
using Changeover.Running;
using Command = System.CommandLine.Command;

namespace Changeover.Cli;

/// <summary>
/// <c>runbook</c>: finish by hand. What is proved done, what remains, and the exact commands, from the journal alone: it works
/// with the runner dead and the cluster out of reach.
/// </summary>
public static class RunbookCommand
{
    public static Command Runbook(CommonOptions common)
    {
        var run = new Argument<string>("run") { Description = "Which run (default: the last).", DefaultValueFactory = _ => "" };
        var command = new Command("runbook", "Finish by hand: what is proved done, what remains, the exact commands.") { run };
        common.AddTo(command);
        command.SetAction(parse =>
        {
            using var journal = EventJournal.OpenToRead(JournalCommands.JournalOf(common.Read(parse)), TimeProvider.System);
            Console.Out.WriteLine(Text(JournalCommands.Find(RunStore.All(journal), parse.GetValue(run)!, unfinished: false)));
            return ExitCodes.Done;
        });
        return command;
    }

    public static string Text(RunState state)
    {
        var text = new StringBuilder($"{state.Plan.Goal}, run {state.Run}: {StatusJson.Word(state)}\n");
        text.AppendLine("[x] proved done   [?] in doubt: look first   [ ] not begun");
        foreach (var gate in state.Plan.Steps.Where(s => !s.IsGate).GroupBy(s => s.Gate))
        {
            text.AppendLine().AppendLine($"== {gate.Key}");
            foreach (var step in gate)
            {
                var s = state.Steps[step.Id];
                text.AppendLine($"[{Mark(s)}] {step.Title}  ({string.Join(' ', step.Covers)})");
                if (s.Status == StepStatus.Done)
                    continue;
                foreach (var line in How(state, step.Action))
                    text.AppendLine($"        {line}");
            }
        }
        return text.ToString().TrimEnd();
    }

    private static string Mark(StepState s) => s switch
    {
        { Status: StepStatus.Done, Outcome: StepOutcome.Done or StepOutcome.FoundSo } => "x",
        { Status: StepStatus.Done } => "-",
        { Acted: true } => "?",
        _ => " ",
    };

    /// <summary>What a person types or does for an action. The run's claim guard is left out: a person is the one who decides now.</summary>
    private static IEnumerable<string> How(RunState state, ClusterAction? action)
    {
        switch (action)
        {
            case null or TakeClaim or ReleaseClaim:
                return [];
            case Instruct instruct:
                return [instruct.Text];
            // A driver renders these for a machine's state that is not known here; by hand they are one word in the hypervisor.
            case SetPower power:
                return [$"in the hypervisor of {power.Host}: {(power.On ? "start" : "shut down (guest shutdown)")} {power.Machine}"];
            case SetDowntime downtime:
                return [$"in the monitoring: downtime until {downtime.Until:yyyy-MM-dd HH:mm} UTC for {string.Join(", ", downtime.Objects)}"];
            case RemoveDowntime:
                return ["in the monitoring: end the downtimes of this maintenance"];
        }
        var context = new DriverContext(state.Inventory, Snapshot.Empty, new(state.Run, state.Plan.Maintenance, state.Controller, state.Epoch));
        return Site.Drivers.Tell(action, context) is Request.Shell shell
            ? shell.Commands.Select(c => $"on {shell.Machine}{(c.Root ? " as root" : "")}: {(c.Input.Length > 0 ? $"printf %s {ShellScript.Quote(c.Input)} | " : "")}{string.Join(' ', c.Arguments.Select(ShellScript.Quote))}")
            : [];
    }
}
