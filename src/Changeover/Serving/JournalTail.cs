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
    /// <summary>This many of the newest entries at least are kept as they are told; who asks for older ones waits until they are written once more.</summary>
    internal int Kept { get; init; } = 5000;

    private readonly Lock gate = new();
    private readonly List<Told> told = [];

    /// <summary>Entries before those that are kept. Sequences are 1, 2, 3 … without a gap.</summary>
    private int before;

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

    /// <summary>Sequence number of the newest entry; 0: there is none.</summary>
    public long Newest()
    {
        lock (gate)
        {
            Read();
            return before + told.Count;
        }
    }

    /// <summary>All entries after a sequence number, of those that somebody has read already: costs no look into the file, unless they are old.</summary>
    public ImmutableArray<Told> Known(long sequence)
    {
        ImmutableArray<JournalRecord> old;
        ImmutableArray<Told> kept;
        lock (gate)
        {
            kept = [.. told.Skip((int)Math.Clamp(sequence - before, 0, told.Count))];
            if (sequence >= before)
                return kept;
            Read();
            old = [.. journal!.ReadSince(0).Take(before)];
            kept = [.. told];
        }
        var past = new Dictionary<string, RunState>(StringComparer.Ordinal);
        return [.. old.Select(record => (Record: record, Then: Next(record, past))).Where(r => r.Record.Sequence > sequence).Select(r => Write(r.Record, r.Then.State, r.Then.Event)), .. kept];
    }

    /// <summary>The entries of one run, for its report.</summary>
    public RunHistory History(string run) => RunHistory.Of(Records(run).Select(RunStore.Event));

    /// <summary>The entries of one run from its first, each as watchers are told it.</summary>
    public JsonArray Entries(string run, Language language)
    {
        var states = new Dictionary<string, RunState>(StringComparer.Ordinal);
        return new([.. Records(run).Select(record => (Record: record, Then: Next(record, states))).Select(r => (JsonNode)Entry(r.Record, r.Then.State, r.Then.Event, language))]);
    }

    /// <summary>Only read under the lock: what is made of a whole run takes long, and nobody who watches waits for it.</summary>
    private ImmutableArray<JournalRecord> Records(string run)
    {
        lock (gate)
        {
            Read();
            return journal!.Read(run);
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
            var read = journal.ReadSince(before + told.Count);
            foreach (var record in read)
            {
                var (state, e) = Next(record, states);
                if (record.Sequence > read[^1].Sequence - Kept)
                {
                    told.Add(Write(record, state, e));
                }
                else
                {
                    told.Clear();
                    before = (int)record.Sequence;
                }
            }
            if (told.Count > 2 * Kept)
            {
                before += told.Count - Kept;
                told.RemoveRange(0, told.Count - Kept);
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

    private static (RunState State, RunEvent Event) Next(JournalRecord record, Dictionary<string, RunState> states)
    {
        var e = RunStore.Event(record);
        return (states[record.Run] = Engine.Evolve(states.GetValueOrDefault(record.Run), e), e);
    }

    private static Told Write(JournalRecord record, RunState state, RunEvent e) =>
        new(record.Sequence, Frame(record, state, e, Language.English), Frame(record, state, e, Language.German));

    private static byte[] Frame(JournalRecord record, RunState state, RunEvent e, Language language) =>
        EventStream.Frame("journal", Entry(record, state, e, language).ToJsonString(), record.Sequence);

    private static JsonObject Entry(JournalRecord record, RunState state, RunEvent e, Language language)
    {
        var body = JsonNode.Parse(record.Entry.Body)!.AsObject();
        // Whole inventories, plans and pictures have their own addresses; here they would be most of the bytes.
        foreach (var large in new[] { "inventory", "plan", "facts" })
            body.Remove(large);
        return new()
        {
            ["sequence"] = record.Sequence,
            ["run"] = record.Run,
            ["at"] = StatusJson.Time(e.At.Utc),
            ["kind"] = record.Entry.Kind,
            ["body"] = body,
            ["text"] = RunText.Sentence(state, e, TimeZoneInfo.Local, language),
        };
    }

    public void Dispose()
    {
        lock (gate)
            journal?.Dispose();
    }
}
