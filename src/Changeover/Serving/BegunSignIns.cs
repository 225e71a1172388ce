using System.Buffers.Text;
using System.Security.Cryptography;

namespace Changeover.Serving;

/// <summary>A sign-in that a browser has begun at the provider.</summary>
/// <param name="State">Comes back in the browser's address.</param>
/// <param name="Nonce">Comes back in the token.</param>
/// <param name="Verifier">What whoever redeems the code has to know (PKCE).</param>
/// <param name="Source">See <see cref="ProviderSettings.Source"/>.</param>
public sealed record BegunSignIn(string State, string Nonce, string Verifier, string Source, string Address, DateTimeOffset Since);

/// <summary>Sign-ins that have not come back yet. Each is for one browser, by a cookie, and for one answer, whatever that is. In memory only.</summary>
public sealed class BegunSignIns(TimeProvider time)
{
    public const string Cookie = "__Host-changeover-begun";

    /// <summary>Enough for a second factor that has to be looked for.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>Beginning needs no sign-in. More than these, and the address loses its own oldest, nobody else's.</summary>
    private const int MostFromAddress = 100;

    private readonly Lock gate = new();
    private readonly Dictionary<string, BegunSignIn> begun = new(StringComparer.Ordinal);

    /// <returns>It, and the secret for the browser's cookie.</returns>
    public (BegunSignIn Begun, string Secret) Begin(string source, string address)
    {
        var (secret, now) = (Random(), time.GetUtcNow());
        var one = new BegunSignIn(Random(), Random(), Random(), source, address, now);
        lock (gate)
        {
            foreach (var old in begun.Where(b => now - b.Value.Since >= Lifetime).Select(b => b.Key).ToArray())
                begun.Remove(old);
            var own = begun.Where(b => b.Value.Address == address).OrderBy(b => b.Value.Since).Select(b => b.Key).ToArray();
            foreach (var old in own.Take(own.Length - MostFromAddress + 1))
                begun.Remove(old);
            begun[Passwords.Digest(secret)] = one;
        }
        return (one, secret);
    }

    /// <summary>Null: none was begun with this secret, or it came back already, or too late.</summary>
    public BegunSignIn? Take(string secret)
    {
        lock (gate)
            return begun.Remove(Passwords.Digest(secret), out var one) && time.GetUtcNow() - one.Since < Lifetime ? one : null;
    }

    /// <summary>256 bits, in the letters that RFC 7636 allows for a verifier.</summary>
    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
