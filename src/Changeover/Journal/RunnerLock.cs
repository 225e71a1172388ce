using System.Text.Json;

namespace Changeover.Journal;

/// <summary>
/// One runner per cluster: a lock of the operating system on a file beside the journal, held while the runner lives. It goes
/// with its process, however that ends, so a dead holder needs no clearing up.
/// </summary>
/// <remarks>
/// The lock is flock(2) on <c>JOURNAL.lock</c>; who holds it stands in <c>JOURNAL.holder</c>, which means something only
/// while the lock is held. It keeps out runners on this controller; another controller is kept out by the claim on the
/// cluster, and a stale one by the epoch.
/// </remarks>
public sealed class RunnerLock : IDisposable
{
    private readonly string journal;
    private readonly FileStream file;

    private RunnerLock(string journal, FileStream file, RunnerIdentity holder)
    {
        this.journal = journal;
        this.file = file;
        Holder = holder;
    }

    /// <summary>Ourselves, as others see us.</summary>
    public RunnerIdentity Holder { get; private set; }

    /// <exception cref="JournalException">Locked: another runner lives. NotWritable, Storage: the file system does not let us.</exception>
    public static RunnerLock Take(string journal, string controller, TimeProvider time)
    {
        FileStream file;
        try
        {
            StateFolder.Create(Path.GetDirectoryName(Path.GetFullPath(journal))!);
            file = Open(journal);
        }
        catch (IOException) when (IsHeld(journal))
        {
            var alive = HolderOf(journal);
            throw new JournalException(JournalTrouble.Locked, journal,
                $"Another runner works on this cluster ({alive?.ToString() ?? "it does not say which"}). Two at once could undo each other's steps. "
                + "Follow it with 'changeover status', answer it with 'changeover decide', or end it first.")
            { Holder = alive };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalException(JournalTrouble.NotWritable, journal,
                $"{journal}.lock cannot be made: {e.Message} Give --journal a file in a folder that this user may write to.", e);
        }

        // Some file systems take a lock and keep nobody out, and .NET can be told to lock nothing. Then this lock is a lie.
        if (!IsHeld(journal))
        {
            file.Dispose();
            throw new JournalException(JournalTrouble.Storage, journal,
                $"{journal}.lock does not lock: the file system there keeps nobody out, so two runners could work on one cluster. Put the journal on a local disk.");
        }
        var taken = new RunnerLock(journal, file, new(Environment.ProcessId, controller, "", time.GetUtcNow()));
        taken.Tell();
        return taken;
    }

    /// <summary>The living runner of this journal; null when there is none. A holder whose note cannot be read counts as living.</summary>
    public static RunnerIdentity? Living(string journal) =>
        IsHeld(journal) ? HolderOf(journal) ?? new RunnerIdentity(0, "", "", default) : null;

    /// <summary>Notes which run it is, for those who ask.</summary>
    public void WorksOn(string run)
    {
        Holder = Holder with { Run = run };
        Tell();
    }

    public void Dispose()
    {
        file.Dispose();
    }

    private static FileStream Open(string journal)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return new(journal + ".lock", new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None, // This is what takes the lock.
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
            }
            catch (IOException) when (tries < 10)
            {
                // Somebody who only looks whether it is held is in the way as well, for a moment.
                Thread.Sleep(20);
            }
        }
    }

    private static bool IsHeld(string journal)
    {
        try
        {
            // Opened to read, so that looking needs no right to write; .NET asks for a shared lock then, which a held one denies.
            using var look = new FileStream(journal + ".lock", FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false; // Not ours to look at; whoever wants to write will hear so.
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static RunnerIdentity? HolderOf(string journal)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(journal + ".holder"), JournalJson.Default.RunnerIdentity);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private void Tell()
    {
        try
        {
            // Whole or not at all: somebody may be reading it.
            File.WriteAllText(journal + ".holder.new", JsonSerializer.Serialize(Holder, JournalJson.Default.RunnerIdentity));
            File.Move(journal + ".holder.new", journal + ".holder", overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A courtesy: the lock holds without it, and a full disk will be told by the journal itself.
        }
    }
}
