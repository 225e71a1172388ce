using Changeover.Drivers;

namespace Changeover.Transport;

/// <summary>
/// The one seam to the world. It has two implementations: the real one (<see cref="RealTransport"/>) and the simulated cluster.
/// </summary>
public interface ITransport
{
    /// <summary>
    /// Carries the request out and says what came of it. It never throws for what the world does, and is never late by more
    /// than a moment: when the budget is over or <paramref name="ct"/> is cancelled it says whether the request had left.
    /// </summary>
    Task<Reply> Exchange(Request request, Ct ct);
}
