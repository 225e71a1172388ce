using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Changeover.Serving;

/// <summary>The identity token of a provider: by whom it is signed, for whom, until when, in answer to which sign-in (OpenID Connect Core 1.0, 3.1.3.7).</summary>
public static class IdToken
{
    /// <summary>Signatures that only the holder of the private key can make; with HS256 the published key itself would be enough.</summary>
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>By which the clocks of provider and this machine may differ.</summary>
    private static readonly TimeSpan Allowance = TimeSpan.FromMinutes(1);

    private const int SmallestRsaKey = 2048;

    /// <summary>Of what the provider publishes, the keys that can have signed.</summary>
    public static ImmutableArray<JsonWebKey> Keys(string json) =>
    [
        .. new JsonWebKeySet(json).Keys.Where(k =>
            k.Use is null or "" or "sig" && (k.Kty == JsonWebAlgorithmsKeyTypes.EllipticCurve || (k.Kty == JsonWebAlgorithmsKeyTypes.RSA && k.KeySize >= SmallestRsaKey))),
    ];

    /// <summary>Those of the keys that the token says it is signed with: of its name, or, where it names none, the only one there is.</summary>
    public static ImmutableArray<JsonWebKey> Named(string token, ImmutableArray<JsonWebKey> keys)
    {
        var name = Read(token).Kid;
        return string.IsNullOrEmpty(name) ? (keys.Length == 1 ? keys : []) : [.. keys.Where(k => k.Kid == name)];
    }

    /// <param name="keys">The one that the token names; see <see cref="Named"/>.</param>
    /// <exception cref="Refusal">401 something about the token is not as it must be; 403 the person has no name that can stand in the journal.</exception>
    public static async Task<Identity> Check(string token, ImmutableArray<JsonWebKey> keys, ProviderSettings settings, string nonce, DateTimeOffset now)
    {
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKeys = keys,
            ValidAlgorithms = Algorithms,
            ValidIssuer = settings.Issuer,
            ValidAudience = settings.Client,
            LifetimeValidator = (from, until, _, _) => until is { } end && now <= end + Allowance && (from is not { } begin || now >= begin - Allowance),
        });
        if (!result.IsValid)
        {
            throw result.Exception switch
            {
                SecurityTokenInvalidIssuerException => Refused("it names another issuer"),
                SecurityTokenInvalidAudienceException => Refused("it is meant for another program"),
                SecurityTokenInvalidLifetimeException => Refused("it does not hold at this time by this machine's clock"),
                _ => Refused("it is not signed by the provider as it must be"),
            };
        }
        var read = (JsonWebToken)result.SecurityToken;
        // A token for several programs says which of them asked for it.
        var askedBy = Texts(read, "azp");
        if (read.Audiences.Count() > 1 ? askedBy is not [var one] || one != settings.Client : !askedBy.All(a => a == settings.Client))
            throw Refused("it is meant for another program");
        if (Texts(read, "nonce") is not [var said] || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(said), Encoding.UTF8.GetBytes(nonce)))
            throw Refused("it does not answer this sign-in (nonce)");
        return Texts(read, settings.Name) is [var name] && People.IsName(name)
            ? new(settings.Source, name, Texts(read, settings.RightsFrom))
            : throw new Refusal(StatusCodes.Status403Forbidden, $"the provider gives you no name that can stand in the journal (claim {settings.Name}): letters, digits and . _ - @ only, at most 64, and in the identity token itself, because nothing else is asked. Nobody was signed in.");
    }

    /// <exception cref="Refusal">401.</exception>
    private static JsonWebToken Read(string token)
    {
        try
        {
            return new JsonWebToken(token);
        }
        catch (ArgumentException)
        {
            throw Refused("it cannot be read");
        }
    }

    /// <summary>A claim's texts: one, or those of a list. A number or an object is none.</summary>
    private static ImmutableArray<string> Texts(JsonWebToken token, string claim) =>
        [.. token.Claims.Where(c => c.Type == claim && c.ValueType == ClaimValueTypes.String).Select(c => c.Value)];

    private static Refusal Refused(string why) => new(StatusCodes.Status401Unauthorized, $"the provider's token is not accepted: {why}. Nobody was signed in.");
}
