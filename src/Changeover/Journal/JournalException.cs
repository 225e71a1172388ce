namespace Changeover.Journal;

public enum JournalTrouble
{
    /// <summary>The storage failed in a way that has no name of its own here.</summary>
    Storage,

    /// <summary>The file is broken or rows are missing. Nothing may go on with it.</summary>
    Damaged,

    /// <summary>Another kind of file stands at the path.</summary>
    NotAJournal,

    /// <summary>A newer program has written it.</summary>
    Newer,

    /// <summary>There is none yet.</summary>
    Missing,
    NoSpace,
    NotWritable,

    /// <summary>Another runner of this cluster lives.</summary>
    Locked,

    /// <summary>This run was taken over: a later epoch of it has been started.</summary>
    Fenced,
}

/// <summary>
/// The journal cannot be used. There is no going on without it: what is not written down did not happen, so the program ends
/// and says this. Nothing is ever half written.
/// </summary>
public sealed class JournalException(JournalTrouble trouble, string path, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public JournalTrouble Trouble => trouble;
    public string Path => path;

    /// <summary>Who lives, where <see cref="Trouble"/> is Locked and it could be read.</summary>
    public RunnerIdentity? Holder { get; init; }
}

/// <summary>A living runner, for people who want to know who holds the cluster.</summary>
/// <param name="Process">Process number on <paramref name="Controller"/>.</param>
/// <param name="Run">Empty: it has not started a run yet.</param>
/// <param name="Since">When it took the lock.</param>
public sealed record RunnerIdentity(int Process, string Controller, string Run, DateTimeOffset Since)
{
    public override string ToString() => $"process {Process} on {Controller}{(Run.Length > 0 ? $" with run {Run}" : "")} since {Since:u}";
}
