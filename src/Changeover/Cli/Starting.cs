using System.Globalization;
using System.Security.Cryptography;
using Changeover.Journal;
using Changeover.Planning;
using Changeover.Running;
using Spectre.Console;

namespace Changeover.Cli;

/// <summary>From an open journal to a running plan: the same for <c>run</c>, <c>close</c> and <c>demo</c>.</summary>
public static class Starting
{
    /// <summary>A cluster has at most one run that is not over.</summary>
    public static ImmutableArray<RunState> RefuseUnfinished(ImmutableArray<RunState> runs) => Maintenances.Unfinished(runs) is { } unfinished
        ? throw new CommandEnds(ExitCodes.Refused, $"run {unfinished.Run} ({unfinished.Plan.Goal}) is not over: changeover resume {unfinished.Run}, or end it with changeover decide {unfinished.Run} gate.done abort")
        : runs;

    /// <summary>Nothing is changed without approval of exactly this plan.</summary>
    /// <param name="expected">A digest approved before; empty: somebody approves it now. A close is approved by --yes alone.</param>
    public static void Approve(Plan plan, string expected, bool yes, bool json)
    {
        if (expected.Length > 0)
        {
            if (plan.Digest != expected)
                throw new CommandEnds(ExitCodes.Refused, $"the plan comes out differently now: digest {plan.Digest}, approved was {expected}. Look at it again (changeover plan {plan.Goal}) and approve that. Nothing was changed.");
            return;
        }
        if (yes)
            return;
        if (json || Console.IsInputRedirected || !AnsiConsole.Profile.Capabilities.Interactive)
            throw new CommandEnds(ExitCodes.Usage, $"nobody is here to approve the plan: give --yes{(plan.Goal.Kind == GoalKind.Close ? "" : $", or --approve {plan.Digest} after reading it (changeover plan {plan.Goal})")}. Nothing was changed.");
        Console.Out.WriteLine(PlanText.Text(plan));
        if (!AnsiConsole.Prompt(new ConfirmationPrompt("Carry out exactly this plan?") { DefaultValue = false }))
            throw new CommandEnds(ExitCodes.Refused, "not approved; nothing was changed");
    }

    /// <summary>
    /// A claim is held by a run's id, so no two runs may ever have the same: two controllers that started in the same second did,
    /// and each took the other's claims for its own.
    /// </summary>
    public static string RunId(Goal goal, DateTimeOffset at) =>
        string.Create(CultureInfo.InvariantCulture, $"{goal.Word}-{at:yyyyMMdd-HHmmss}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3))}");

    /// <summary>
    /// This controller, and which of its runners. A claim of a run's epoch is held by the runner that took it and by no other: one
    /// that began the same epoch from an older copy of the journal has another name, and is refused.
    /// </summary>
    public static string RunnerName() => $"{Environment.MachineName}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3))}";

    public static async Task<int> Run(Site site, EventJournal journal, Plan plan, ImmutableArray<string> holds, ExecutionOptions options)
    {
        var run = RunId(plan.Goal, site.Clock.Now.Utc);
        var epoch = journal.StartEpoch(run, 0);
        var started = new RunStarted(site.Clock.Now, run, RunnerName(), epoch, site.Inventory, plan, holds);
        journal.Append(run, epoch, [RunStore.Entry(started)]);
        return await new Execution(site, journal, options).Run(Engine.Evolve(null, started), started);
    }
}
