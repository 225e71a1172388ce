using System.Security.Cryptography;

namespace Changeover.Serving;

/// <summary>Who is signed in, and who tried too often. In memory only: a restart signs everybody out.</summary>
public sealed class Sessions(TimeProvider time)
{
    /// <summary>A maintenance night, with some of the evening before.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(16);

    private static readonly TimeSpan Idle = TimeSpan.FromHours(4);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    /// <summary>Wrong passwords for one name from one address, and from one address for all names, within the window.</summary>
    private const int TriesForName = 5;
    private const int TriesFromAddress = 30;

    /// <summary>Each costs a quarter of a second of a core.</summary>
    private readonly SemaphoreSlim atOnce = new(2);
    private readonly Lock gate = new();
    private readonly Dictionary<string, Session> sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<DateTimeOffset>> failures = new(StringComparer.Ordinal);

    private sealed record Session(Proof Proof, DateTimeOffset Since, DateTimeOffset Last);

    /// <summary>What the person showed, and what has to be so still with every request.</summary>
    private abstract record Proof
    {
        public sealed record OfAccount(string Name, string Password) : Proof;

        public sealed record OfProvider(Identity Identity) : Proof;
    }

    /// <returns>The session's secret; null: wrong name or password. TooOften above zero: how long to wait; then nothing was compared.</returns>
    public async Task<(string? Secret, TimeSpan TooOften)> SignIn(People people, string name, string password, string address, Ct ct)
    {
        var (forName, forAddress) = ($"{address} {name}", address);
        await atOnce.WaitAsync(ct);
        try
        {
            if ((Wait(forName, TriesForName) ?? Wait(forAddress, TriesFromAddress)) is { } tooOften)
                return (null, tooOften);
            var account = people.Accounts.FirstOrDefault(a => a.Name == name);
            if (!Passwords.Fits(password, account?.Password))
            {
                Failed(forName);
                Failed(forAddress);
                return (null, TimeSpan.Zero);
            }
            lock (gate)
                failures.Remove(forName);
            return (Open(new Proof.OfAccount(name, account!.Password)), TimeSpan.Zero);
        }
        finally
        {
            atOnce.Release();
        }
    }

    /// <param name="identity">Of which it was found out that it may something here.</param>
    /// <returns>The session's secret.</returns>
    public string SignIn(Identity identity) => Open(new Proof.OfProvider(identity));

    private string Open(Proof proof)
    {
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow();
        lock (gate)
        {
            foreach (var old in sessions.Where(s => !Lives(s.Value, now)).Select(s => s.Key).ToArray())
                sessions.Remove(old);
            sessions[Passwords.Digest(secret)] = new(proof, now, now);
        }
        return secret;
    }

    /// <summary>
    /// Who it is, by the people and the settings of now: an account that is gone, or whose password changed, is signed out, and so is who came
    /// by the provider and has no right by its settings any more.
    /// </summary>
    /// <param name="settings">Null: there are none, or they cannot be read; until they can, who came by the provider is nobody.</param>
    public Person? Find(People people, ProviderSettings? settings, string secret)
    {
        var key = Passwords.Digest(secret);
        var now = time.GetUtcNow();
        lock (gate)
        {
            if (!sessions.TryGetValue(key, out var session))
                return null;
            if (session.Proof is Proof.OfProvider && settings is null)
                return null;
            if (!Lives(session, now) || PersonOf(session.Proof, people, settings) is not { } person)
            {
                sessions.Remove(key);
                return null;
            }
            sessions[key] = session with { Last = now };
            return person;
        }
    }

    private static Person? PersonOf(Proof proof, People people, ProviderSettings? settings) => proof switch
    {
        Proof.OfAccount shown => people.Accounts.FirstOrDefault(a => a.Name == shown.Name && a.Password == shown.Password) is { } account ? new(account.Name, account.Right) : null,
        Proof.OfProvider shown => settings?.PersonOf(shown.Identity, people),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <returns>True: it was one that the provider opened.</returns>
    public bool SignOut(string secret)
    {
        lock (gate)
            return sessions.Remove(Passwords.Digest(secret), out var session) && session.Proof is Proof.OfProvider;
    }

    private static bool Lives(Session session, DateTimeOffset now) => now - session.Since < Longest && now - session.Last < Idle;

    private TimeSpan? Wait(string who, int tries)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            if (!failures.TryGetValue(who, out var times))
                return null;
            times.RemoveAll(t => now - t >= Window);
            if (times.Count == 0)
                failures.Remove(who);
            return times.Count >= tries ? times[^tries] + Window - now : null;
        }
    }

    private void Failed(string who)
    {
        lock (gate)
        {
            // Names are whatever somebody types: none is kept longer than it counts.
            foreach (var old in failures.Where(f => time.GetUtcNow() - f.Value[^1] >= Window).Select(f => f.Key).ToArray())
                failures.Remove(old);
            if (!failures.TryGetValue(who, out var times))
                failures[who] = times = [];
            times.Add(time.GetUtcNow());
        }
    }
}
