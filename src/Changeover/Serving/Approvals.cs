using System.Text.Json.Nodes;
using Changeover.Reporting;
using Changeover.Running;

namespace Changeover.Serving;

/// <param name="Words">What the plan was derived with: who wants to see it needs the same.</param>
public sealed record Approval(string Digest, string Goal, string Who, DateTimeOffset At, PlanWords Words);

/// <summary>Plans that were approved and not yet started: each for one start and one day. The journal records who, with the start.</summary>
public sealed class Approvals(TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);
    private readonly Lock gate = new();
    private ImmutableArray<Approval> approvals = [];

    public void Add(string digest, string goal, string who, PlanWords words)
    {
        lock (gate)
            approvals = [.. Living().Where(a => a.Digest != digest), new(digest, goal, who, time.GetUtcNow(), words)];
    }

    public Approval? Find(string digest)
    {
        lock (gate)
            return Living().FirstOrDefault(a => a.Digest == digest);
    }

    public void Take(string digest)
    {
        lock (gate)
            approvals = [.. Living().Where(a => a.Digest != digest)];
    }

    public JsonArray Json()
    {
        lock (gate)
            return new([.. Living().Select(Json)]);
    }

    private static JsonNode Json(Approval a)
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

    private IEnumerable<Approval> Living() => approvals.Where(a => time.GetUtcNow() - a.At < Lifetime);
}
