using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Changeover.Journal;

/// <summary>
/// The memory of a cluster: every event of every run, in one file, only ever added to. See docs/journal.md.
/// </summary>
/// <remarks>
/// SQLite with a write-ahead log and full synchronisation: when <see cref="Append"/> returns, the entries survive a power
/// cut. Every trouble is a <see cref="JournalException"/>, after which this object takes nothing more. Not for use by two
/// threads at once; a reader of another thread or process opens its own.
/// </remarks>
public sealed class EventJournal : IDisposable
{
    /// <summary>"CHGO" in the file's header: what says that a SQLite file is one of these.</summary>
    private const int ApplicationId = 0x4348474F;

    private const int Schema = 1;

    // json_valid keeps out what could not be read back; the triggers keep out our own mistakes.
    private const string Tables =
        """
        CREATE TABLE epochs(
            run TEXT NOT NULL, epoch INTEGER NOT NULL CHECK (epoch >= 1), at TEXT NOT NULL, controller TEXT NOT NULL,
            PRIMARY KEY (run, epoch)) STRICT;
        CREATE TABLE events(
            sequence INTEGER PRIMARY KEY, run TEXT NOT NULL, epoch INTEGER NOT NULL, at TEXT NOT NULL,
            kind TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL CHECK (json_valid(body)),
            FOREIGN KEY (run, epoch) REFERENCES epochs(run, epoch)) STRICT;
        CREATE INDEX events_of_run ON events(run, sequence);
        CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;
        CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;
        CREATE TRIGGER epochs_stay BEFORE UPDATE ON epochs BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;
        CREATE TRIGGER epochs_remain BEFORE DELETE ON epochs BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;
        """;

    private readonly SqliteConnection database;
    private readonly TimeProvider time;
    private JournalException? broken;

    private EventJournal(string file, SqliteConnection database, RunnerLock? runner, TimeProvider time)
    {
        File = file;
        this.database = database;
        this.time = time;
        Runner = runner;
    }

    public string File { get; }

    /// <summary>The lock of the cluster, held as long as this is open; null for a reader.</summary>
    public RunnerLock? Runner { get; }

    /// <summary>Opens the journal to run: takes the cluster's lock, makes the file if there is none, and checks it whole.</summary>
    /// <param name="controller">Host name of this controller.</param>
    /// <exception cref="JournalException"/>
    public static EventJournal Open(string file, string controller, TimeProvider time)
    {
        var runner = RunnerLock.Take(file, controller, time);
        try
        {
            // SQLite would make it readable by everybody; its other files take over the mode of this one.
            using (new FileStream(file, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            { }
            return Checked(file, SqliteOpenMode.ReadWrite, runner, time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            runner.Dispose();
            throw new JournalException(JournalTrouble.NotWritable, file,
                $"The journal {file} cannot be written: {e.Message} Check the file's owner and the file system.", e);
        }
        catch
        {
            runner.Dispose();
            throw;
        }
    }

    /// <summary>Opens the journal to look, also while a runner writes.</summary>
    /// <exception cref="JournalException">Missing: there is none yet.</exception>
    public static EventJournal OpenToRead(string file, TimeProvider time)
    {
        if (!System.IO.File.Exists(file))
            throw new JournalException(JournalTrouble.Missing, file, $"There is no journal {file} yet: nothing was run with it. --journal names another file.");
        return Checked(file, SqliteOpenMode.ReadOnly, null, time);
    }

    /// <summary>
    /// Starts the next epoch of a run: the first for a new run, or one more than <paramref name="after"/> to take a run over.
    /// Every runner with an older epoch can write nothing from here on.
    /// </summary>
    /// <param name="after">The epoch the caller has read, 0 for a new run: somebody else may have been quicker.</param>
    /// <returns>The new epoch.</returns>
    /// <exception cref="JournalException">Fenced: another epoch than <paramref name="after"/> is the highest.</exception>
    public int StartEpoch(string run, int after) => Write(transaction =>
    {
        var highest = Highest(run, transaction);
        if (highest != after)
            throw Fenced(run, after, highest);
        using var insert = Command("INSERT INTO epochs VALUES ($run, $epoch, $at, $controller)", transaction);
        insert.Parameters.AddWithValue("$run", run);
        insert.Parameters.AddWithValue("$epoch", after + 1);
        insert.Parameters.AddWithValue("$at", Now());
        insert.Parameters.AddWithValue("$controller", Runner!.Holder.Controller);
        insert.ExecuteNonQuery();
        return after + 1;
    });

    /// <summary>Adds all entries or none, and returns when they are on the disk.</summary>
    /// <returns>Their sequence numbers, in order.</returns>
    /// <exception cref="JournalException">Fenced: a later epoch of the run has been started. NoSpace, NotWritable, Storage.</exception>
    public ImmutableArray<long> Append(string run, int epoch, IReadOnlyList<JournalEntry> entries) => Write(transaction =>
    {
        var highest = Highest(run, transaction);
        if (highest != epoch || epoch < 1)
            throw Fenced(run, epoch, highest);
        using var insert = Command("INSERT INTO events VALUES (NULL, $run, $epoch, $at, $kind, $version, $body) RETURNING sequence", transaction);
        insert.Parameters.AddWithValue("$run", run);
        insert.Parameters.AddWithValue("$epoch", epoch);
        insert.Parameters.AddWithValue("$at", Now());
        var kind = insert.Parameters.Add("$kind", SqliteType.Text);
        var version = insert.Parameters.Add("$version", SqliteType.Integer);
        var body = insert.Parameters.Add("$body", SqliteType.Text);
        var sequences = ImmutableArray.CreateBuilder<long>(entries.Count);
        foreach (var entry in entries)
        {
            kind.Value = entry.Kind;
            version.Value = entry.Version;
            body.Value = entry.Body;
            sequences.Add((long)insert.ExecuteScalar()!);
        }
        return sequences.MoveToImmutable();
    });

    /// <summary>All entries of a run, in order.</summary>
    public ImmutableArray<JournalRecord> Read(string run) => Records("WHERE run = $1", run);

    /// <summary>All entries of all runs after a sequence number, in order; 0: from the first.</summary>
    public ImmutableArray<JournalRecord> ReadSince(long sequence) => Records("WHERE sequence > $1", sequence);

    /// <summary>All runs, in the order of their start.</summary>
    public ImmutableArray<JournalRun> Runs() => Guard(() =>
    {
        using var select = Command(
            """
            SELECT e.run, max(e.epoch), min(e.at), (SELECT count(*) FROM events v WHERE v.run = e.run),
                   (SELECT coalesce(max(v.sequence), 0) FROM events v WHERE v.run = e.run)
            FROM epochs e GROUP BY e.run ORDER BY min(e.rowid)
            """, null);
        using var reader = select.ExecuteReader();
        var runs = ImmutableArray.CreateBuilder<JournalRun>();
        while (reader.Read())
            runs.Add(new(reader.GetString(0), reader.GetInt32(1), Time(reader.GetString(2)), reader.GetInt64(3), reader.GetInt64(4)));
        return runs.ToImmutable();
    });

    /// <summary>Every entry after a sequence number as one line of JSON, for archives and other tools.</summary>
    public void Export(TextWriter to, long since = 0)
    {
        foreach (var record in ReadSince(since))
            to.Write(Line(record) + "\n");
    }

    /// <summary>One entry as one line of JSON: sequence, run, epoch, at (UTC, RFC 3339), kind, version, body.</summary>
    public static string Line(JournalRecord record)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("sequence", record.Sequence);
            json.WriteString("run", record.Run);
            json.WriteNumber("epoch", record.Epoch);
            json.WriteString("at", Text(record.At));
            json.WriteString("kind", record.Entry.Kind);
            json.WriteNumber("version", record.Entry.Version);
            json.WritePropertyName("body");
            using var body = JsonDocument.Parse(record.Entry.Body);
            body.WriteTo(json); // Not as it stands: a line break in it would end the line.
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    public void Dispose()
    {
        // Closing the last connection copies the log into the file and removes it.
        database.Dispose();
        Runner?.Dispose();
    }

    private static EventJournal Checked(string file, SqliteOpenMode mode, RunnerLock? runner, TimeProvider time)
    {
        var database = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = mode,
            Pooling = false, // A pooled connection would keep the file open, and its locks, after it is closed here.
            DefaultTimeout = 10, // Seconds. Only a reader that copies the log into the file can be in the way, for milliseconds.
        }.ToString());
        var journal = new EventJournal(file, database, runner, time);
        try
        {
            journal.Guard(() =>
            {
                database.Open();
                journal.Check(writes: runner is not null);
                return 0;
            });
            return journal;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private void Check(bool writes)
    {
        // The first statement that reads is also what finds out that this is no SQLite file at all.
        var tables = Number("SELECT count(*) FROM sqlite_schema");
        var id = Number("PRAGMA application_id");
        var version = Number("PRAGMA user_version");
        if (tables == 0 && id == 0 && writes)
        {
            Execute("PRAGMA journal_mode = WAL");
            Settings();
            // The mark last: a file that was not made to its end is an empty one the next time.
            Execute($"BEGIN IMMEDIATE; {Tables} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Schema}; COMMIT;");
            return;
        }
        if (tables == 0 && id == 0)
            throw new JournalException(JournalTrouble.Missing, File, $"The journal {File} is empty: nothing was run with it yet.");
        if (id != ApplicationId)
            throw new JournalException(JournalTrouble.NotAJournal, File, $"{File} is a database of something else, not a journal of changeover. --journal names another file.");
        if (version > Schema)
            throw new JournalException(JournalTrouble.Newer, File,
                $"The journal {File} has schema {version}; this program knows up to {Schema}. A newer changeover has written it: use that one.");
        if (Word("PRAGMA integrity_check(1)") is not "ok" and var found)
            throw Damage(found);
        if (Number("SELECT count(*) FROM pragma_foreign_key_check") is not 0 and var lost)
            throw Damage($"{lost} entries of runs that were never started");
        if (Number("SELECT coalesce(max(sequence), 0) - count(*) FROM events") is not 0 and var missing)
            throw Damage($"{missing} entries are missing");
        if (writes)
            Settings();
    }

    private void Settings()
    {
        if (Word("PRAGMA journal_mode") is not "wal" and var mode)
            throw new JournalException(JournalTrouble.Storage, File,
                $"The journal {File} cannot have a write-ahead log (it is in mode {mode}), so a power cut could tear it. Put it on a local disk.");
        Execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
    }

    private ImmutableArray<JournalRecord> Records(string where, object value) => Guard(() =>
    {
        using var select = Command($"SELECT sequence, run, epoch, at, kind, version, body FROM events {where} ORDER BY sequence", null);
        select.Parameters.AddWithValue("$1", value);
        using var reader = select.ExecuteReader();
        var records = ImmutableArray.CreateBuilder<JournalRecord>();
        while (reader.Read())
        {
            records.Add(new(reader.GetInt64(0), reader.GetString(1), reader.GetInt32(2), Time(reader.GetString(3)),
                new(reader.GetString(4), reader.GetInt32(5), reader.GetString(6))));
        }
        return records.ToImmutable();
    });

    private T Write<T>(Func<SqliteTransaction, T> write)
    {
        if (Runner is null)
            throw new InvalidOperationException("this journal was opened to read");
        return Guard(() =>
        {
            // Immediate: the epoch that is read is still the highest when the entries are written.
            using var transaction = database.BeginTransaction(deferred: false);
            var result = write(transaction);
            transaction.Commit();
            return result;
        });
    }

    /// <summary>
    /// Runs it, and turns what the storage says into one exception. After a failed write nobody can know what the disk has, so
    /// this object is done for then, and the next one reads what is really there.
    /// </summary>
    private T Guard<T>(Func<T> use)
    {
        if (broken is not null)
            throw new JournalException(broken.Trouble, File, broken.Message, broken);
        try
        {
            return use();
        }
        catch (JournalException e)
        {
            // A runner that was taken over can still read who did it; it can never write again, because epochs only rise.
            if (e.Trouble != JournalTrouble.Fenced)
                broken = e;
            throw;
        }
        catch (SqliteException e)
        {
            broken = Translate(e);
            throw broken;
        }
        catch (FormatException e)
        {
            broken = Damage(e.Message);
            throw broken;
        }
    }

    private JournalException Translate(SqliteException e) => e.SqliteErrorCode switch
    {
        raw.SQLITE_FULL or raw.SQLITE_IOERR when e.SqliteErrorCode == raw.SQLITE_FULL || e.SqliteExtendedErrorCode == raw.SQLITE_IOERR_SHMSIZE => new(JournalTrouble.NoSpace, File,
            $"There is no room left for the journal {File}. Nothing of the last event was written and nothing more is done. Make room, then resume the run.", e),
        raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM => new(JournalTrouble.NotWritable, File,
            $"The journal {File} cannot be opened or written ({e.Message}). Check its owner, and whether the file system is mounted read-only.", e),
        raw.SQLITE_NOTADB => new(JournalTrouble.NotAJournal, File, $"{File} is no journal. --journal names another file.", e),
        raw.SQLITE_CORRUPT => Damage(e.Message),
        _ => new(JournalTrouble.Storage, File, $"The journal {File} failed: {e.Message}. Nothing more is done. Check the disk, then resume the run.", e),
    };

    private JournalException Damage(string found) => new(JournalTrouble.Damaged, File,
        $"The journal {File} is damaged: {found}. What it says cannot be trusted, so nothing is done with it. Keep the file, look at the cluster "
        + "('changeover health' with another --journal), and finish by hand from the last report or an exported copy.");

    private JournalException Fenced(string run, int epoch, int highest) => new(JournalTrouble.Fenced, File,
        highest == 0
            ? $"The journal {File} does not know run {run}."
            : $"Run {run} was taken over: epoch {highest} of it has been started, this one is {epoch}. This runner may not act any more.");

    private int Highest(string run, SqliteTransaction transaction)
    {
        using var select = Command("SELECT coalesce(max(epoch), 0) FROM epochs WHERE run = $run", transaction);
        select.Parameters.AddWithValue("$run", run);
        return (int)(long)select.ExecuteScalar()!;
    }

    private SqliteCommand Command(string text, SqliteTransaction? transaction)
    {
        var command = database.CreateCommand();
        command.CommandText = text;
        command.Transaction = transaction;
        return command;
    }

    private void Execute(string text)
    {
        using var command = Command(text, null);
        command.ExecuteNonQuery();
    }

    private long Number(string text)
    {
        using var command = Command(text, null);
        return (long)command.ExecuteScalar()!;
    }

    private string Word(string text)
    {
        using var command = Command(text, null);
        return (string)command.ExecuteScalar()!;
    }

    private string Now() => Text(time.GetUtcNow());

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset Time(string text) => DateTimeOffset.ParseExact(
        text, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
