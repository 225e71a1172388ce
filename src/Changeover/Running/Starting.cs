using System.Globalization;
using System.Security.Cryptography;
using Changeover.Journal;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>From an open journal to a run that lives: the same for every face.</summary>
public static class Starting
{
    /// <summary>A cluster has at most one run that is not over.</summary>
    public static ImmutableArray<RunState> RefuseUnfinished(ImmutableArray<RunState> runs) => Maintenances.Unfinished(runs) is { } unfinished
        ? throw new CommandEnds(ExitCodes.Refused, $"run {unfinished.Run} ({unfinished.Plan.Goal}) is not over: changeover resume {unfinished.Run}, or end it with changeover decide {unfinished.Run} gate.done abort")
        : runs;

    /// <summary>Nothing is changed without approval of exactly this plan.</summary>
    public static void RefuseAnother(Plan plan, string approved)
    {
        if (plan.Digest != approved)
            throw new CommandEnds(ExitCodes.Refused, $"the plan comes out differently now: digest {plan.Digest}, approved was {approved}. Look at it again (changeover plan {plan.Goal}) and approve that. Nothing was changed.");
    }

    /// <summary>Gates that the plan of this goal has, or a sentence about the one that it has not.</summary>
    public static ImmutableArray<string> Holds(Goal goal, IEnumerable<string> wanted)
    {
        var gates = Gates.Of(goal.Kind);
        ImmutableArray<string> holds = [.. wanted.Distinct()];
        return holds.FirstOrDefault(g => !gates.Contains(g)) is { } unknown
            ? throw new CommandEnds(ExitCodes.Usage, $"--hold {unknown}: no such gate; a {goal.Word} has {string.Join(", ", gates)}")
            : holds;
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

    /// <summary>A new run of this plan, durable in the journal.</summary>
    /// <param name="who">Who started it, and <paramref name="approvedBy"/> who approved the plan where that was somebody else.</param>
    public static (RunState State, RunEvent Begun) Begin(
        Site site, EventJournal journal, Plan plan, ImmutableArray<string> holds, string who, string approvedBy = "")
    {
        var run = RunId(plan.Goal, site.Clock.Now.Utc);
        var epoch = journal.StartEpoch(run, 0);
        var started = new RunStarted(site.Clock.Now, run, RunnerName(), epoch, site.Inventory, plan, holds) { Who = who, ApprovedBy = approvedBy };
        journal.Append(run, epoch, [RunStore.Entry(started)]);
        return (Engine.Evolve(null, started), started);
    }

    /// <summary>The next epoch of a run that nobody carries out any more.</summary>
    public static (RunState State, RunEvent Begun) Resume(Site site, EventJournal journal, RunState state, string who)
    {
        var changed = Inventory.InventoryDifference.Between(state.Inventory, site.Inventory);
        if (Inventory.InventoryDigest.WithoutAccess(state.Inventory) != Inventory.InventoryDigest.WithoutAccess(site.Inventory))
            throw new CommandEnds(ExitCodes.Refused, $"run {state.Run} was started with another inventory, and its plan stands on that one. Different now: {string.Join("; ", changed)}. In the middle of a run only what says how something is reached may change (addresses, ports, users, secrets, certificates): put the rest back. Nothing was changed.");
        var epoch = journal.StartEpoch(state.Run, state.Epoch);
        var resumed = new RunResumed(site.Clock.Now, RunnerName(), epoch) { Inventory = changed.IsEmpty ? null : site.Inventory, Who = who };
        journal.Append(state.Run, epoch, [RunStore.Entry(resumed)]);
        return (Engine.Evolve(state, resumed), resumed);
    }
}
