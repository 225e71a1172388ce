using System.Security.Cryptography;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Running;
using Changeover.Transport;
using static Changeover.Inventory.Shape;

namespace Changeover.Serving;

/// <summary>Who somebody is by the word of the provider, at the time of the sign-in.</summary>
/// <param name="Source">The settings it was read with; see <see cref="ProviderSettings.Source"/>.</param>
/// <param name="Values">Of the claim that rights come from.</param>
public sealed record Identity(string Source, string Name, ImmutableArray<string> Values);

/// <summary>
/// The OpenID Connect provider that signs people in, and which of them may what: a YAML file that people write, see docs/serve.md. Read
/// anew when it changes, as the accounts are.
/// </summary>
/// <param name="Page">Where browsers have the page, <c>https://HOST[:PORT]/</c>; the provider sends people back there and nowhere else.</param>
/// <param name="Secret">Reference to the client secret; see <see cref="Secrets"/>.</param>
/// <param name="Name">The claim whose value stands in the journal.</param>
/// <param name="RightsFrom">The claim with one value or several that <paramref name="Rights"/> has rights for.</param>
/// <param name="CertificateAuthority">File; empty: the system's.</param>
/// <param name="Folder">To which relative paths belong.</param>
public sealed record ProviderSettings(
    string Title, Uri Page, string Issuer, string Client, string Secret, ImmutableArray<string> Scopes,
    string Name, string RightsFrom, ImmutableDictionary<string, Right> Rights, string CertificateAuthority, string Folder)
{
    private const int Largest = 64 * 1024;

    private static readonly Text OwnAddress = new("the address under which browsers have this page, such as https://changeover.example.org:8443, without a path",
        "^https://[^\\s@?#/]+/?$", YamlValues.IsUrl);
    private static readonly Text IssuerAddress = new("the provider's issuer, exactly as it writes it, beginning with https://", "^https://[^\\s@?#]+$", YamlValues.IsUrl);
    private static readonly Text ClientName = new("the identifier that the provider has given this page", "^\\S{1,200}$");
    private static readonly Text Scope = new("a scope, a word without blanks", "^[!#-\\[\\]-~]{1,100}$");
    private static readonly Text Claim = new("the name of a claim of the identity token", "^\\S{1,200}$");
    private static readonly Text Line = new("one line", "^\\S(.{0,198}\\S)?$");
    private static readonly Text AnyPath = new("the path of a file", "^[^\\s-].*$");

    private static readonly Section Form = new("sign-in", [
        new("issuer", IssuerAddress, "", Required: true),
        new("client", ClientName, "", Required: true),
        new("secret", new Shape.Secret(), "", Required: true),
        new("page", OwnAddress, "", Required: true),
        new("rights", new Map(Line, new Choice(["view", "plan", "approve", "run"]), "values of the claim that rightsFrom names", NotEmpty: true), "", Required: true),
        new("rightsFrom", Claim, "", "groups"),
        new("name", Claim, "", "preferred_username"),
        new("scopes", new List(Scope), "", "[openid, profile]"),
        new("title", Line, "", "(the issuer's host)"),
        new("certificateAuthority", AnyPath, "", "(the system's)"),
    ], []);

    /// <summary>The keys, for the test that finds each of them in the documentation.</summary>
    internal static IEnumerable<string> Keys => Form.Keys.Select(k => k.Name);

    /// <summary>What an identity was read with: with another issuer, client or claim the same name can be somebody else.</summary>
    public string Source => string.Join(' ', Issuer, Client, Name, RightsFrom);

    /// <summary>The issuer's host, for sentences.</summary>
    public string Host => new Uri(Issuer).Authority;

    /// <summary>None: nothing of what the provider said of them has a right now.</summary>
    public Right RightOf(Identity who) =>
        who.Source == Source ? who.Values.Select(v => Rights.GetValueOrDefault(v)).Append(Right.None).Max() : Right.None;

    /// <summary>A name that a local account has is its name alone: the journal must not say of one that the other did it.</summary>
    public static bool IsTaken(Identity who, People people) => people.Accounts.Any(a => string.Equals(a.Name, who.Name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Null: may nothing (any more).</summary>
    public Person? PersonOf(Identity who, People people) => RightOf(who) is > Right.None and var right && !IsTaken(who, people) ? new(who.Name, right, who) : null;

    /// <exception cref="CommandEnds">With everything that is wrong with the file, each with its place.</exception>
    public static ProviderSettings Read(string file)
    {
        string text;
        try
        {
            text = new FileInfo(file).Length <= Largest
                ? File.ReadAllText(file)
                : throw new CommandEnds(ExitCodes.Usage, $"{file} has more than {Largest} bytes; the settings of a sign-in have about a thousand, so this is probably another file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandEnds(ExitCodes.Usage, $"the settings of the sign-in cannot be read: {e.Message} --sign-in names the file; docs/serve.md says what stands in it.");
        }
        var settings = Parse(file, text, out var findings);
        return settings ?? throw new CommandEnds(ExitCodes.Usage, string.Join('\n', findings));
    }

    internal static ProviderSettings? Parse(string file, string text, out ImmutableArray<LocatedFinding> findings)
    {
        var all = new List<LocatedFinding>();
        void Found(Place place, Finding finding)
        {
            // What an empty inventory lacks is something else; here the keys that must be there are named.
            if (finding.Code != InventoryFindings.Empty)
                all.Add(new(finding, file, place));
        }

        var start = new Place(1, 1);
        var tree = YamlTree.Parse(file, text, Found) ?? (all.Count == 0 ? new YamlNode.Mapping(start, []) : null);
        if (tree is YamlNode.Mapping root)
            Form.CheckKeys(root, "", start, Found);
        else if (tree is not null)
            Found(tree.At, InventoryFindings.WrongType.On(file, "found", "no map", "expected", Form.Expected));
        var folder = Path.GetDirectoryName(Path.GetFullPath(file)) ?? ".";
        CheckAuthority(tree as YamlNode.Mapping, folder, Found);
        findings = [.. all.OrderBy(f => f.At)];
        return findings.IsEmpty ? Of((YamlNode.Mapping)tree!, folder) : null;
    }

    private static void CheckAuthority(YamlNode.Mapping? root, string folder, Action<Place, Finding> found)
    {
        if (root?.Find("certificateAuthority") is not YamlNode.Scalar { Value.Length: > 0 } file)
            return;
        try
        {
            HttpTransport.Pinned(Path.Combine(folder, file.Value));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            found(file.At, InventoryFindings.BadValue.On("certificateAuthority", "value", YamlTree.Shown(file.Value), "expected", "a file with certificates in PEM that this user can read"));
        }
    }

    private static ProviderSettings Of(YamlNode.Mapping root, string folder)
    {
        string Value(string key, string whenMissing = "") => (root.Find(key) as YamlNode.Scalar)?.Value ?? whenMissing;
        var issuer = Value("issuer");
        var scopes = root.Find("scopes") is YamlNode.Sequence list ? list.Items.Cast<YamlNode.Scalar>().Select(s => s.Value) : ["profile"];
        return new(
            Value("title", new Uri(issuer).Host),
            new(Value("page")),
            issuer,
            Value("client"),
            Value("secret"),
            // Without it it would be no sign-in but a mere permission.
            [.. scopes.Prepend("openid").Distinct(StringComparer.Ordinal)],
            Value("name", "preferred_username"),
            Value("rightsFrom", "groups"),
            ((YamlNode.Mapping)root.Find("rights")!).Entries.ToImmutableDictionary(e => e.Key, e => Enum.Parse<Right>(((YamlNode.Scalar)e.Value).Value, ignoreCase: true), StringComparer.Ordinal),
            Value("certificateAuthority") is { Length: > 0 } authority ? Path.Combine(folder, authority) : "",
            folder);
    }
}
