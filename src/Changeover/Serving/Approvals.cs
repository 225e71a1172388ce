using System.Text.Json.Nodes;
using Changeover.Reporting;

namespace Changeover.Serving;

public sealed record Approval(string Digest, string Goal, string Who, DateTimeOffset At);

/// <summary>Plans that were approved and not yet started: each for one start and one day. The journal records who, with the start.</summary>
public sealed class Approvals(TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);
    private readonly Lock gate = new();
    private ImmutableArray<Approval> approvals = [];

    public void Add(string digest, string goal, string who)
    {
        lock (gate)
            approvals = [.. Living().Where(a => a.Digest != digest), new(digest, goal, who, time.GetUtcNow())];
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
            return new([.. Living().Select(a => (JsonNode)new JsonObject { ["digest"] = a.Digest, ["goal"] = a.Goal, ["who"] = a.Who, ["at"] = StatusJson.Time(a.At) })]);
    }

    private IEnumerable<Approval> Living() => approvals.Where(a => time.GetUtcNow() - a.At < Lifetime);
}
