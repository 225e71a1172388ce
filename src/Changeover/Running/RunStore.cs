using System.Text.Json;
using Changeover.Journal;

namespace Changeover.Running;

/// <summary>Run events in the journal, and runs read back from it.</summary>
public static class RunStore
{
    private const int Version = 1;

    public static JournalEntry Entry(RunEvent e)
    {
        var body = JsonSerializer.Serialize(e, CoreJson.Default.RunEvent);
        using var parsed = JsonDocument.Parse(body);
        return new(parsed.RootElement.GetProperty("event").GetString()!, Version, body);
    }

    public static RunEvent Event(JournalRecord record) =>
        JsonSerializer.Deserialize(record.Entry.Body, CoreJson.Default.RunEvent)
        ?? throw new JournalException(JournalTrouble.Damaged, record.Run, $"Entry {record.Sequence} of run {record.Run} in the journal is empty.");

    public static RunState State(EventJournal journal, string run) => Engine.Fold(journal.Read(run).Select(Event));

    /// <summary>Every run, the newest last.</summary>
    public static ImmutableArray<RunState> All(EventJournal journal) =>
        [.. journal.Runs().Where(r => r.Count > 0).OrderBy(r => r.StartedAt).Select(r => State(journal, r.Run))];
}
