using System.Text.Json;
using System.Text.Json.Serialization;
using Changeover.Running;

namespace Changeover.Serving;

/// <param name="Password">As <see cref="Passwords.Hash"/> keeps it.</param>
public sealed record Account(string Name, Right Right, string Password, DateTimeOffset Since);

/// <param name="Digest">As <see cref="Passwords.Digest"/> keeps it.</param>
public sealed record Token(string Name, Right Right, string Digest, DateTimeOffset Since);

/// <summary>Who may use page and API: a file beside the journal, for this user alone. Commands write it, the server reads it anew when it changed.</summary>
public sealed record People(ImmutableArray<Account> Accounts, ImmutableArray<Token> Tokens)
{
    public static readonly People Nobody = new([], []);

    public static string PathOf(string journal) => Path.ChangeExtension(Path.GetFullPath(journal), ".people.json");

    public static People Read(string file)
    {
        if (!File.Exists(file))
            return Nobody;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(file), PeopleJson.Default.People) is { Accounts.IsDefault: false, Tokens.IsDefault: false } people
                ? people
                : throw new JsonException("accounts or tokens are missing");
        }
        catch (JsonException e)
        {
            throw new CommandEnds(ExitCodes.Usage, $"{file} cannot be read, so nobody can sign in: {e.Message} Put it right, or remove it and add the accounts again (changeover account add).");
        }
    }

    /// <summary>Whole or not at all, and never readable by others, not even for a moment.</summary>
    public void Write(string file) => Journal.OwnFile.Write(file, stream => JsonSerializer.Serialize(stream, this, PeopleJson.Default.People));

    /// <summary>A name stands in journal, report and cookie log: no spaces, no signs that could be taken for something else.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '@');

    public static string CheckName(string name) => IsName(name)
        ? name
        : throw new CommandEnds(ExitCodes.Usage, $"{name} cannot be a name: letters, digits and . _ - @ only, at most 64");

    public People With(Account account) => this with { Accounts = [.. Accounts.Where(a => a.Name != account.Name), account] };

    public People With(Token token) => this with { Tokens = [.. Tokens.Where(t => t.Name != token.Name), token] };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(People))]
internal sealed partial class PeopleJson : JsonSerializerContext;
