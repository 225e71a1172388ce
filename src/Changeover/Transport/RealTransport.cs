using System.Diagnostics;
using Changeover.Drivers;
using Changeover.Inventory;

namespace Changeover.Transport;

/// <summary>The way to the machines and interfaces of one inventory. An inventory that changed gets a new one.</summary>
public sealed class RealTransport(ClusterInventory inventory, SshOptions ssh, Secrets secrets) : ITransport, IAsyncDisposable
{
    private readonly SshTransport shell = new(inventory, ssh);
    private readonly HttpTransport http = new(inventory, secrets);

    public Task<Reply> Exchange(Request request, Ct ct) => request switch
    {
        Request.Shell r => shell.Exchange(r, ct),
        Request.Http r => http.Exchange(r, ct),
        _ => throw new UnreachableException(),
    };

    public ValueTask DisposeAsync() => shell.DisposeAsync();
}
