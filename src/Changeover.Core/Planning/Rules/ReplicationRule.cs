using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Planning.Rules;

/// <summary>
/// B5, B8: a booted database replicates (X8), and so do those elsewhere that follow it. Threads that gave up on a source that was off, or that do not start by
/// themselves, are started; those that run need nothing.
/// </summary>
public static class ReplicationRule
{
    public static string Id(string machine) => $"replicate.{machine}";

    /// <summary>Databases that stayed on and follow one that was off.</summary>
    public static void Follow(PlanBuilder b, IReadOnlyCollection<Machine> booted)
    {
        foreach (var machine in b.Inventory.Databases.Where(b.IsOn).Where(m => b.Kept.Contains(m) || b.Emptied.Contains(m)))
        {
            var sources = booted.Where(s => b.Inventory.Databases.Contains(s) && b.FollowedAsFound(machine.Name, s)).ToArray();
            if (sources.Length > 0)
                b.Add(Step(b, machine.Name, booted: false), sources.Select(PowerRule.OnId));
        }
    }

    public static Step Step(PlanBuilder b, string machine, bool booted) => new()
    {
        Id = Id(machine),
        Title = Phrase.Of("replicate", machine),
        Gate = "",
        Machine = machine,
        Covers = booted ? ["B5", "B8", "X8"] : ["B8"],
        Before = new MayReplicate(machine, booted, Expectations.Except(b.Options.Machines)),
        Action = new SetReplication(machine, Run: true),
        After = new Replicates(machine, Expectations.Except(b.Options.Machines)),
        // The server may still be starting, and one that waits for its source asks it once a minute.
        CheckBudget = b.Budgets.PowerOn,
        Budget = b.Budgets.PowerOn,
    };
}
