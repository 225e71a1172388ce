using System.Net;
using System.Net.Sockets;
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

    /// <summary>
    /// Wrong passwords for one name from all networks that never had the right one: somebody guesses from many places. From then on each
    /// of those has one try in the window instead of five, so the guessing is slow, and nobody who knows the password is kept out by it.
    /// </summary>
    private const int TriesOfStrangers = 20;
    private const int TriesWhileGuessed = 1;
    private const int MostKnown = 1000;

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

    /// <summary>Names at networks from which the right password came before.</summary>
    private readonly HashSet<(string Name, string Network)> known = [];

    /// <returns>The session's secret; null: wrong name or password. TooOften above zero: how long to wait; then nothing was compared.</returns>
    public async Task<(string? Secret, TimeSpan TooOften)> SignIn(People people, string name, string password, IPAddress? address, Ct ct)
    {
        var network = Network(address);
        var (forName, ofName) = ($"{network} {name}", $"* {name}");
        await atOnce.WaitAsync(ct);
        try
        {
            bool isKnown;
            lock (gate)
                isKnown = known.Contains((name, network));
            var tries = !isKnown && Wait(ofName, TriesOfStrangers) is not null ? TriesWhileGuessed : TriesForName;
            if ((Wait(forName, tries) ?? Wait(network, TriesFromAddress)) is { } tooOften)
                return (null, tooOften);
            var account = people.Accounts.FirstOrDefault(a => a.Name == name);
            if (!Passwords.Fits(password, account?.Password))
            {
                Failed(forName);
                Failed(network);
                if (!isKnown)
                    Failed(ofName);
                return (null, TimeSpan.Zero);
            }
            lock (gate)
            {
                failures.Remove(forName);
                if (known.Count >= MostKnown)
                    known.Clear();
                known.Add((name, network));
            }
            return (Open(new Proof.OfAccount(name, account!.Password)), TimeSpan.Zero);
        }
        finally
        {
            atOnce.Release();
        }
    }

    /// <summary>How long who comes from there has to wait with anything that could be guessed; zero: not at all.</summary>
    public TimeSpan TooOften(IPAddress? address) => Wait(Network(address), TriesFromAddress) ?? TimeSpan.Zero;

    /// <summary>A guess from there was wrong.</summary>
    public void Failed(IPAddress? address) => Failed(Network(address));

    /// <summary>What counts as one sender: an address, or the 64 bits of an IPv6 network, within which everybody takes as many as they like (RFC 4291, 2.5.1).</summary>
    /// <param name="address">Null: the Unix socket.</param>
    public static string Network(IPAddress? address) => address switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => $"{new IPAddress([.. address.GetAddressBytes()[..8], .. new byte[8]])}/64",
        _ => address.ToString(),
    };

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
    /// <param name="isThere">False: a page asks by itself, and the session goes on as idle.</param>
    public Person? Find(People people, ProviderSettings? settings, string secret, bool isThere = true)
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
            if (isThere)
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
