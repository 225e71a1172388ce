using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Changeover.Journal;
using Changeover.Reporting;
using Changeover.Running;

namespace Changeover.Serving;

/// <param name="By">As whom somebody approved; whether they may still is asked when it is to count.</param>
/// <param name="Words">What the plan was derived with: who wants to see it needs the same.</param>
public sealed record Approval(string Digest, string Goal, Person By, DateTimeOffset At, PlanWords Words)
{
    public string Who => By.Name;
}

/// <summary>
/// Plans that were approved and not yet started: each for one start and one day, of each person for itself. A file beside the journal, so
/// that they outlast the server; the journal records who, with the start.
/// </summary>
public sealed class Approvals
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    /// <summary>Of one person. Nobody has that many plans in a day, and the file is written whole each time.</summary>
    private const int Most = 20;

    private readonly Lock gate = new();
    private readonly string file;
    private readonly TimeProvider time;
    private ImmutableArray<Approval> approvals;

    private Approvals(string file, TimeProvider time, ImmutableArray<Approval> approvals) => (this.file, this.time, this.approvals) = (file, time, approvals);

    public static string PathOf(string journal) => Path.ChangeExtension(Path.GetFullPath(journal), ".approvals.json");

    /// <exception cref="CommandEnds">Usage: the file is damaged. Nothing counts as approved then.</exception>
    public static Approvals Read(string file, TimeProvider time)
    {
        if (!File.Exists(file))
            return new(file, time, []);
        try
        {
            var kept = JsonSerializer.Deserialize(File.ReadAllText(file), ApprovalsJson.Default.ImmutableArrayApproval);
            return !kept.IsDefault && kept.All(IsWhole) ? new(file, time, kept) : throw new JsonException("an approval is not whole.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CommandEnds(ExitCodes.Usage, $"{file} cannot be read, so nobody knows what was approved: {e.Message} Nothing counts as approved. Remove the file, start again, and have the plans approved again.");
        }
    }

    private static bool IsWhole(Approval? a) => a is { Digest: not null, Goal: not null, By.Name: not null, Words: { Without.IsDefault: false, Reason: not null, BackBy: not null, NotBefore: not null, TakeOver: not null, TurnBack: not null } }
        && a.By.Identity is null or { Source: not null, Values.IsDefault: false };

    /// <exception cref="CommandEnds">Refused: this person has approved too many, or it cannot be kept.</exception>
    public void Add(string digest, string goal, Person by, PlanWords words) => Change(living =>
    {
        var others = living.RemoveAll(a => a.Digest == digest && a.Who == by.Name);
        return others.Count(a => a.Who == by.Name) < Most
            ? others.Add(new(digest, goal, by, time.GetUtcNow(), words))
            : throw new CommandEnds(ExitCodes.Refused, $"{Most} plans that {by.Name} approved are not started yet; withdraw one of them first. Nothing was approved.");
    });

    /// <summary>Of everybody who approved this plan.</summary>
    public ImmutableArray<Approval> Of(string digest)
    {
        lock (gate)
            return [.. Living().Where(a => a.Digest == digest)];
    }

    /// <summary>They were for the start that follows.</summary>
    /// <exception cref="CommandEnds">Refused: that cannot be kept, and they would count once more.</exception>
    public void Take(string digest) => Change(living => living.RemoveAll(a => a.Digest == digest));

    /// <returns>False: this person has approved no such plan, or it was started.</returns>
    public bool Withdraw(string digest, string who)
    {
        var found = false;
        Change(living =>
        {
            var left = living.RemoveAll(a => a.Digest == digest && a.Who == who);
            found = left.Length < living.Length;
            return left;
        });
        return found;
    }

    public ImmutableArray<Approval> All
    {
        get
        {
            lock (gate)
                return Living();
        }
    }

    public static JsonNode Json(Approval a)
    {
        var json = new JsonObject { ["digest"] = a.Digest, ["goal"] = a.Goal, ["who"] = a.Who, ["at"] = StatusJson.Time(a.At), ["without"] = new JsonArray([.. a.Words.Without.Select(m => (JsonNode)m)]) };
        foreach (var (key, word) in new[]
        {
            ("reason", a.Words.Reason), ("backBy", a.Words.BackBy), ("notBefore", a.Words.NotBefore), ("takeOver", a.Words.TakeOver), ("turnBack", a.Words.TurnBack),
            ("sign", a.Words.Signed?.Why ?? ""), ("signedBy", a.Words.Signed?.Who ?? ""),
        })
        {
            if (word.Length > 0)
                json[key] = word;
        }
        return json;
    }

    private void Change(Func<ImmutableArray<Approval>, ImmutableArray<Approval>> change)
    {
        lock (gate)
        {
            var next = change(Living());
            if (next.SequenceEqual(approvals))
                return;
            try
            {
                OwnFile.Write(file, stream => JsonSerializer.Serialize(stream, next, ApprovalsJson.Default.ImmutableArrayApproval));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CommandEnds(ExitCodes.Refused, $"{file} cannot be written, so the approvals stay as they were: {e.Message} Nothing was changed.");
            }
            approvals = next;
        }
    }

    /// <summary>One from the future is none either: the clock was set back since, and nobody knows by how much.</summary>
    private ImmutableArray<Approval> Living() => approvals.RemoveAll(a => (time.GetUtcNow() - a.At).Duration() >= Lifetime);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(ImmutableArray<Approval>))]
internal sealed partial class ApprovalsJson : JsonSerializerContext;
