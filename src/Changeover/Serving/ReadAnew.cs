namespace Changeover.Serving;

/// <summary>What a file says now: read at the first question, and again when it was written since.</summary>
internal sealed class ReadAnew<T>(string file, Func<string, T> read)
{
    private readonly Lock gate = new();
    private (T Value, DateTime Written, long Length)? held;

    public T Now
    {
        get
        {
            lock (gate)
            {
                var info = new FileInfo(file);
                // The length too: the file system's clock ticks in milliseconds.
                var (written, length) = (info.LastWriteTimeUtc, info.Exists ? info.Length : -1);
                if (held is not { } known || known.Written != written || known.Length != length)
                    held = known = (read(file), written, length);
                return known.Value;
            }
        }
    }
}
