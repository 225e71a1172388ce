using Changeover.Running;

namespace Changeover.Serving;

/// <summary>
/// The way to the cluster, kept from look to look so that no login is made anew each time; opened anew when the inventory's file
/// changed. A simulated cluster is put back into its file every time, so that other commands see the same one. For one user at a time.
/// </summary>
public sealed class KeptSite(SiteOptions options) : IAsyncDisposable
{
    private Site? kept;
    private DateTime keptFrom;

    public Borrowed Borrow()
    {
        var written = File.GetLastWriteTimeUtc(options.Inventory);
        var old = kept is not null && written != keptFrom ? kept : null;
        if (old is not null)
            kept = null;
        keptFrom = written;
        return new(this, kept ??= Site.Open(options), old);
    }

    /// <summary>Nothing is kept any more: somebody else is about to open it.</summary>
    public async Task Return()
    {
        if (kept is { } site)
        {
            kept = null;
            await site.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await Return();

    public sealed class Borrowed(KeptSite own, Site site, Site? old) : IAsyncDisposable
    {
        public Site Site => site;

        public async ValueTask DisposeAsync()
        {
            if (old is not null)
                await old.DisposeAsync();
            if (site.IsSimulated)
                await own.Return();
        }
    }
}
