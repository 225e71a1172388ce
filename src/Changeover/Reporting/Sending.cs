using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Reporting;

/// <summary>What an action sends, word for word: the lines a person would type.</summary>
public static class Sending
{
    /// <summary>What a person types or does for an action. The run's claim guard is left out: a person is the one who decides now.</summary>
    public static IEnumerable<string> ByHand(ClusterInventory inventory, RunIdentity run, ClusterAction? action)
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
        return Running.Site.Drivers.Tell(action, new DriverContext(inventory, Snapshot.Empty, run)) is Request.Shell shell ? RequestText.Lines(shell with { Guard = null }) : [];
    }
}
