using System.CommandLine;
using Changeover.Planning;
using Changeover.Running;

namespace Changeover.Cli;

/// <summary>What a person says about a plan beforehand: <c>plan</c> and <c>run</c> take the same, because they have to come to the same plan.</summary>
public sealed class PlanningOptions
{
    private readonly Option<string[]> without = new("--without") { Description = "Leave this machine out (with --reason).", DefaultValueFactory = _ => [] };
    private readonly Option<string> reason = new("--reason") { Description = "Why a machine is left out.", DefaultValueFactory = _ => "" };
    private readonly Option<string> backBy = new("--back-by") { Description = "When the emptied host is expected back: its downtime lasts until then (a day, unless said).", DefaultValueFactory = _ => "" };
    private readonly Option<string> notBefore = new("--not-before") { Description = "Backup and downtimes at once, the first service stopped not before this time.", DefaultValueFactory = _ => "" };

    private readonly Option<string> takeOver = new("--take-over") { Description = "Take the claims of this run over: its controller is gone for good, by your word.", DefaultValueFactory = _ => "" };

    private readonly Option<string> turnBack = new("--turn-back") { Description = "When it is this late and the software does not start again yet, the run halts and asks whether to go on.", DefaultValueFactory = _ => "" };

    private readonly Option<string> sign = new("--sign") { Description = "failback: your word, with this reason, where no run in the journal explains the cluster: back to the inventory's normal state, and on from machines that are on already.", DefaultValueFactory = _ => "" };

    public void AddTo(Command command)
    {
        command.Options.Add(sign);
        command.Options.Add(turnBack);
        command.Options.Add(takeOver);
        command.Options.Add(without);
        command.Options.Add(reason);
        command.Options.Add(backBy);
        command.Options.Add(notBefore);
    }

    public PlanOptions Read(ParseResult parse, Site site) => new PlanWords(
        [.. parse.GetValue(without)!], parse.GetValue(reason)!, parse.GetValue(backBy)!, parse.GetValue(notBefore)!, parse.GetValue(takeOver)!, parse.GetValue(turnBack)!,
        parse.GetValue(sign) is { Length: > 0 } word ? new(Environment.UserName, word) : null).Read(site);
}
