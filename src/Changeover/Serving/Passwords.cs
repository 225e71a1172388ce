using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Changeover.Serving;

/// <summary>Passwords and tokens as they are kept: nobody can read them back.</summary>
public static class Passwords
{
    /// <summary>OWASP's number for PBKDF2 with SHA-256 (Password Storage Cheat Sheet, 2023): a quarter of a second here.</summary>
    private const int Iterations = 600_000;

    public const int Shortest = 12;

    /// <summary>Longer ones are refused: what is hashed before anybody is known must not cost much.</summary>
    public const int Longest = 256;

    /// <summary>What a wrong name is compared with, so that it takes as long as a wrong password.</summary>
    private static readonly Lazy<string> Nobody = new(() => Hash("nobody has this password"));

    public static string Hash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        return string.Create(CultureInfo.InvariantCulture, $"pbkdf2-sha256${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(password, salt, Iterations))}");
    }

    /// <param name="hash">Null: there is no such account.</param>
    public static bool Fits(string password, string? hash)
    {
        var parts = (hash ?? Nobody.Value).Split('$');
        if (parts is not ["pbkdf2-sha256", var count, var salt, var kept] || !int.TryParse(count, CultureInfo.InvariantCulture, out var iterations))
            return false;
        var fits = CryptographicOperations.FixedTimeEquals(Derive(password, Convert.FromBase64String(salt), iterations), Convert.FromBase64String(kept));
        return fits && hash is not null;
    }

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, 32);

    /// <summary>256 random bits: nobody guesses them, so what is kept of them needs no slow hash.</summary>
    public static string NewToken() => "chg_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    public static string Digest(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
