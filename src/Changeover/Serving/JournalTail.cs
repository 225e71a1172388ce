using System.Text.Json.Nodes;
using Changeover.Findings;
using Changeover.Journal;
using Changeover.Reporting;
using Changeover.Running;

namespace Changeover.Serving;

/// <summary>An entry of the journal as it is told to watchers, ready to be sent: it is written once for all of them.</summary>
/// <param name="English">Its data is one line of JSON: sequence, run, at, kind, body, and the sentence for people.</param>
/// <param name="German">The same with the German sentence.</param>
public sealed record Told(long Sequence, byte[] English, byte[] German)
{
    public byte[] In(Language language) => language == Language.German ? German : English;
}

/// <summary>The journal as it grows, read once for everybody: the runs as they stand, and every entry in order.</summary>
public sealed class JournalTail(string file) : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<Told> told = [];
    private readonly Dictionary<string, RunState> states = new(StringComparer.Ordinal);
    private EventJournal? journal;

    /// <summary>Every run, the newest last; without what only its runner has seen.</summary>
    public ImmutableArray<RunState> Runs()
    {
        lock (gate)
        {
            Read();
            return [.. states.Values.OrderBy(s => s.StartedAt)];
        }
    }

    /// <summary>All entries after a sequence number.</summary>
    public ImmutableArray<Told> Since(long sequence)
    {
        lock (gate)
            Read();
        return Known(sequence);
    }

    /// <summary>Those that somebody has read already: costs no look into the file.</summary>
    public ImmutableArray<Told> Known(long sequence)
    {
        lock (gate)
        {
            // Sequences are 1, 2, 3 … without a gap.
            return [.. told.Skip((int)Math.Clamp(sequence, 0, told.Count))];
        }
    }

    /// <summary>The entries of one run, for its report.</summary>
    public RunHistory History(string run)
    {
        lock (gate)
        {
            Read();
            return RunHistory.Of(journal!.Read(run).Select(RunStore.Event));
        }
    }

    private void Read()
    {
        if (journal is null)
        {
            if (!File.Exists(file))
                return;
            try
            {
                journal = EventJournal.OpenToRead(file, TimeProvider.System);
            }
            catch (JournalException e) when (e.Trouble == JournalTrouble.Missing)
            {
                return; // Somebody is making it.
            }
        }
        try
        {
            foreach (var record in journal.ReadSince(told.Count))
            {
                var e = RunStore.Event(record);
                var state = states[record.Run] = Engine.Evolve(states.GetValueOrDefault(record.Run), e);
                told.Add(new(record.Sequence, Frame(record, state, e, Language.English), Frame(record, state, e, Language.German)));
            }
        }
        catch (JournalException)
        {
            // It takes nothing more; the next reading begins with a check of the whole file.
            journal.Dispose();
            journal = null;
            throw;
        }
    }

    private static byte[] Frame(JournalRecord record, RunState state, RunEvent e, Language language) =>
        EventStream.Frame("journal", Data(record, state, e, language), record.Sequence);

    private static string Data(JournalRecord record, RunState state, RunEvent e, Language language)
    {
        var body = JsonNode.Parse(record.Entry.Body)!.AsObject();
        // Whole inventories, plans and pictures have their own addresses; here they would be most of the bytes.
        foreach (var large in new[] { "inventory", "plan", "facts" })
            body.Remove(large);
        return new JsonObject
        {
            ["sequence"] = record.Sequence,
            ["run"] = record.Run,
            ["at"] = StatusJson.Time(e.At.Utc),
            ["kind"] = record.Entry.Kind,
            ["body"] = body,
            ["text"] = RunText.Sentence(state, e, TimeZoneInfo.Local, language),
        }.ToJsonString();
    }

    public void Dispose()
    {
        lock (gate)
            journal?.Dispose();
    }
}
