namespace Changeover.Serving;

/// <summary>
/// Plans that were derived for somebody, for a day. A digest says what is done, not when: the same request could start the same plan a
/// second time, in another maintenance too. So a plan that was started once is started again only by who has derived it anew since.
/// </summary>
/// <remarks>In memory: after a restart it has to be derived anew. Whoever uses it is alone (<see cref="Desk"/>).</remarks>
internal sealed class ShownPlans(TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);
    private ImmutableDictionary<(string Digest, string Who), DateTimeOffset> shown = ImmutableDictionary<(string, string), DateTimeOffset>.Empty;

    public void Add(string digest, string who)
    {
        var now = time.GetUtcNow();
        shown = shown.RemoveRange(shown.Where(s => now - s.Value >= Lifetime).Select(s => s.Key)).SetItem((digest, who), now);
    }

    /// <summary>It was for the start that follows.</summary>
    /// <returns>False: not derived for them, or longer ago than a day, or started since.</returns>
    public bool Take(string digest, string who)
    {
        var isThere = shown.TryGetValue((digest, who), out var at) && time.GetUtcNow() - at < Lifetime;
        shown = shown.Remove((digest, who));
        return isThere;
    }
}
