using System.CommandLine;
using Changeover.Planning;

namespace Changeover.Cli;

/// <summary><c>--without MACHINE --reason WHY</c> of <c>plan</c> and <c>run</c> (X1).</summary>
public sealed class WithoutOptions
{
    private readonly Option<string[]> without = new("--without") { Description = "Leave this machine out (with --reason).", DefaultValueFactory = _ => [] };
    private readonly Option<string> reason = new("--reason") { Description = "Why a machine is left out.", DefaultValueFactory = _ => "" };

    public void AddTo(Command command)
    {
        command.Options.Add(without);
        command.Options.Add(reason);
    }

    public PlanOptions Read(ParseResult parse, Site site)
    {
        var left = parse.GetValue(without)!;
        var why = parse.GetValue(reason)!;
        if (left.Length > 0 && string.IsNullOrWhiteSpace(why))
            throw new CommandEnds(ExitCodes.Usage, "--without needs a --reason; it goes into the plan and the report");
        foreach (var machine in left.Where(m => site.Inventory.FindMachine(m) is null))
            throw new CommandEnds(ExitCodes.Usage, $"--without {machine}: no such machine in the inventory");
        return new(left.Distinct().ToImmutableSortedDictionary(m => m, _ => why, StringComparer.Ordinal));
    }
}
