namespace Changeover.Journal;

/// <summary>Files that are for this user alone: never readable by others, not even for a moment.</summary>
internal static class OwnFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Whole or not at all, also when the power goes meanwhile.</summary>
    public static void Write(string file, Action<Stream> write)
    {
        StateFolder.Create(Path.GetDirectoryName(file)!);
        var next = file + ".new";
        File.Delete(next);
        using (var stream = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }
        File.Move(next, file, overwrite: true);
    }

    /// <summary>At the end of what is there, and on the disk when this returns.</summary>
    public static void Append(string file, ReadOnlySpan<byte> text)
    {
        // Opened each time: a file that was moved away meanwhile is begun anew.
        using var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite, BufferSize = 0, UnixCreateMode = OwnerOnly });
        stream.Write(text);
        stream.Flush(flushToDisk: true);
    }
}
