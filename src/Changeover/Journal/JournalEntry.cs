namespace Changeover.Journal;

/// <summary>Something to be remembered. What it means is the engine's business; here it is kept as it is.</summary>
/// <param name="Kind">Names the type of <paramref name="Body"/>.</param>
/// <param name="Version">Of that type; readers know every older one.</param>
/// <param name="Body">One JSON value, without secrets.</param>
public sealed record JournalEntry(string Kind, int Version, string Body);

/// <summary>An entry as it stands in the journal.</summary>
/// <param name="Sequence">1, 2, 3 … over all runs of the cluster, without a gap.</param>
/// <param name="Epoch">Of the runner that wrote it: 1 for the first, one more with every resume.</param>
/// <param name="At">When it was written, by the controller's clock.</param>
public sealed record JournalRecord(long Sequence, string Run, int Epoch, DateTimeOffset At, JournalEntry Entry);

/// <summary>A run that the journal knows.</summary>
/// <param name="Epoch">The highest that was started.</param>
/// <param name="Count">Of its entries.</param>
/// <param name="LastSequence">0 when it has none.</param>
public sealed record JournalRun(string Run, int Epoch, DateTimeOffset StartedAt, long Count, long LastSequence);
