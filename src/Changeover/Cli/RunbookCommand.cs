using System.CommandLine;
using System.Text;
using Changeover.Journal;
using Changeover.Reporting;
using Changeover.Running;

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
            Console.Out.WriteLine(Text(Deciding.Find(RunStore.All(journal), parse.GetValue(run)!, unfinished: false)));
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
                foreach (var line in Sending.ByHand(state.Inventory, new(state.Run, state.Plan.Maintenance, state.Controller, state.Epoch), step.Action))
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
}
