using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Planning.Rules;

/// <summary>B16: backups and downtimes of the maintenance are removed, one after the other, once a person accepted the result.</summary>
public static class CloseRule
{
    public static void Contribute(PlanBuilder b)
    {
        if (b.Options.Leftovers is not { } left)
            return;
        string[] last = [];
        foreach (var backup in left.Backups)
        {
            last =
            [
                b.Add(new Step
                {
                    Id = $"remove-backup.{backup.Machine}.{Ids.Of(backup.Id)}",
                    Title = Phrase.Of("remove-backup", backup.Id, backup.Machine),
                    Gate = "",
                    Machine = backup.Machine,
                    Covers = ["B16"],
                    Action = new RemoveBackup(backup.Machine, backup.Id),
                    After = new BackupGone(backup.Machine, backup.Id),
                    Budget = b.Budgets.Look,
                    Acceptable = true,
                }, last),
            ];
        }
        if (b.Inventory.Monitoring is not { } monitoring)
            return;
        foreach (var key in left.Downtimes)
            DowntimeRule.End(b, monitoring, key, key, "B16");
    }
}
