using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers;

/// <summary>
/// The newest answer about each subject and what it said. Reading is a function of subject, answer and inventory, and many subjects
/// answer in the same words again and again: the same words need not be read twice. Not for several threads.
/// </summary>
public sealed class KnownReadings
{
    private readonly Dictionary<Subject, (Reply.Answered Answer, ClusterInventory Inventory, Reading Reading)> newest = [];

    /// <summary>What the same answer said before, or null.</summary>
    public Reading? Find(Subject subject, Reply.Answered answer, ClusterInventory inventory) =>
        newest.TryGetValue(subject, out var known) && ReferenceEquals(known.Inventory, inventory)
            && known.Answer.Results.AsSpan().SequenceEqual(answer.Results.AsSpan())
            ? known.Reading
            : null;

    public void Keep(Subject subject, Reply.Answered answer, ClusterInventory inventory, Reading reading) =>
        newest[subject] = (answer, inventory, reading);
}
