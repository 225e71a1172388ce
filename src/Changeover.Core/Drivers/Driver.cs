using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers;

/// <summary>
/// Knowledge of one technology, without any input or output: how to ask, how to read, how to tell. Drivers never see a plan.
/// </summary>
public interface IDriver
{
    /// <summary>The kinds of subject it answers for.</summary>
    ImmutableArray<SubjectKind> Subjects { get; }

    /// <summary>The one exchange that answers for a subject. Requests to the same machine are merged into one, see <see cref="DriverSet"/>.</summary>
    Request Ask(Subject subject, DriverContext context);

    /// <summary>
    /// What the answer says. Damaged or unexpected text is a problem, never an exception and never a healthy fact. Of the context only
    /// the inventory may matter: the same answer says the same whenever it comes (<see cref="KnownReadings"/>).
    /// </summary>
    Reading Read(Subject subject, Reply.Answered reply, DriverContext context);

    /// <summary>The one request that carries out an action, or null if this driver does not know the action.</summary>
    Request? Tell(ClusterAction action, DriverContext context);

    /// <summary>What the answer to an action means. Exit 0 alone is no acceptance: HAProxy refuses in text with exit 0.</summary>
    Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context);
}

/// <param name="Snapshot">What is known: versions decide dialects.</param>
/// <param name="Run">Identifies transient units, downtimes and claims; null outside a run.</param>
public sealed record DriverContext(ClusterInventory Inventory, Snapshot Snapshot, RunIdentity? Run = null);

/// <param name="Id">The run's id, letters, digits and dashes.</param>
/// <param name="Maintenance">The maintenance it belongs to: key of downtimes and backups.</param>
/// <param name="Controller">Host name of the controller.</param>
/// <param name="Epoch">Rises with every resume.</param>
public sealed record RunIdentity(string Id, string Maintenance, string Controller, int Epoch);

/// <summary>Facts, or why there are none.</summary>
public sealed record Reading(Facts? Facts, Finding? Problem)
{
    public static Reading Of(Facts facts) => new(facts, null);
    public static Reading Unreadable(Finding problem) => new(null, problem);
}
