using Changeover.Findings;
using Changeover.Inventory;

namespace Changeover.Knowledge;

/// <summary>What the other node of a pair is expected to be.</summary>
public enum PeerExpectation
{
    /// <summary>Member, not in standby; of a store: its instance is there, unpromoted.</summary>
    Online,

    /// <summary>Member, in standby, with nothing running.</summary>
    Standby,

    /// <summary>Has left cleanly: offline and not unclean (X8).</summary>
    Offline,

    /// <summary>Nobody's business: asked is what callers need of the holder, and only the holder is.</summary>
    Any,
}

/// <summary>Reading a pair's Pacemaker facts.</summary>
public static class PairJudge
{
    /// <summary>The node that holds the pair's roles: the promoted one, else the one all plain resources run on; null if that is not one.</summary>
    public static string? HolderNode(PacemakerFacts facts)
    {
        var promoted = facts.Resources.Where(r => r.Promotable && r.Role == ResourceRole.Promoted).Select(r => r.Node).Distinct().ToArray();
        if (promoted.Length == 1)
            return promoted[0];
        if (promoted.Length > 1)
            return null;
        var plain = facts.Resources.Where(r => !r.Promotable && r.Active && r.Node.Length > 0).Select(r => r.Node).Distinct().ToArray();
        return plain.Length == 1 ? plain[0] : null;
    }

    /// <summary>The cluster itself is able and allowed to act: quorum, coordinator, no maintenance, nothing failed, unmanaged or banned.</summary>
    public static Judgement Sane(string pair, PacemakerFacts facts)
    {
        var why = ImmutableArray.CreateBuilder<Finding>();
        if (!facts.HasCoordinator)
            return Judgement.Unknown(PairFindings.NoCoordinator.On(pair));
        if (!facts.Quorate)
            why.Add(PairFindings.NoQuorum.On(pair));
        if (facts.MaintenanceMode)
            why.Add(PairFindings.MaintenanceMode.On(pair));
        if (facts.StopAllResources)
            why.Add(PairFindings.StopAll.On(pair));
        foreach (var node in facts.Nodes)
        {
            if (node.Maintenance)
                why.Add(PairFindings.NodeMaintenance.On(pair, "node", node.Name));
            if (node.Unclean)
                why.Add(PairFindings.NodeUnclean.On(pair, "node", node.Name));
            if (node.StandbyOnFail)
                why.Add(PairFindings.StandbyOnFail.On(pair, "node", node.Name));
        }
        foreach (var r in facts.Resources)
        {
            if (r.Failed || r.Blocked)
                why.Add(PairFindings.ResourceFailed.On(pair, "resource", r.Id, "node", Where(r)));
            if (!r.Managed)
                why.Add(PairFindings.ResourceUnmanaged.On(pair, "resource", r.Id));
            if (r.TargetRole is "Stopped" or "stopped")
                why.Add(PairFindings.ResourceDisabled.On(pair, "resource", r.Id));
        }
        foreach (var f in facts.Failures)
            why.Add(PairFindings.Failure.On(pair, "resource", f.Resource, "node", f.Node, "operation", f.Operation, "reason", f.Reason));
        foreach (var b in facts.Bans)
            why.Add(PairFindings.Banned.On(pair, "ban", b.Id, "resource", b.Resource, "node", b.Node));
        return why.Count == 0 ? Judgement.Holds : Judgement.Fails(why.ToImmutable());
    }

    /// <summary>Everything runs on the holder and nothing elsewhere; the other node is as expected.</summary>
    public static Judgement Held(Pair pair, PacemakerFacts facts, string holderNode, string otherNode, PeerExpectation other)
    {
        var why = ImmutableArray.CreateBuilder<Finding>();
        if (facts.Node(holderNode) is not { Online: true, Standby: false, Pending: false, Unclean: false })
            why.Add(PairFindings.HolderNotOnline.On(pair.Name, "node", holderNode));
        var promotable = facts.Resources.Where(r => r.Promotable).GroupBy(r => r.Id).ToArray();
        foreach (var clone in promotable)
        {
            var promoted = clone.Where(r => r.Role == ResourceRole.Promoted).ToArray();
            if (promoted.Length > 1)
                why.Add(PairFindings.TwoPromoted.On(pair.Name, "resource", clone.Key, "nodes", string.Join(", ", promoted.Select(r => r.Node))));
            else if (promoted.Length == 0 || promoted[0].Node != holderNode)
                why.Add(PairFindings.NotPromotedThere.On(pair.Name, "resource", clone.Key, "node", holderNode, "seen", promoted.Length == 0 ? "nowhere" : promoted[0].Node));
            var peerInstance = clone.FirstOrDefault(r => r.Node == otherNode);
            if (other == PeerExpectation.Online && peerInstance is not { Role: ResourceRole.Unpromoted, Active: true })
                why.Add(PairFindings.PeerInstanceMissing.On(pair.Name, "resource", clone.Key, "node", otherNode, "seen", peerInstance is null ? "stopped" : peerInstance.Role.ToString().ToLowerInvariant()));
        }
        foreach (var r in facts.Resources.Where(r => !r.Promotable))
        {
            if (r is not { Active: true, Role: ResourceRole.Started, Pending: false } || r.Node != holderNode)
                why.Add(PairFindings.NotRunningThere.On(pair.Name, "resource", r.Id, "node", holderNode, "seen", Where(r)));
        }
        if (facts.Resources.Length == 0)
            why.Add(PairFindings.NoResources.On(pair.Name));
        var node = facts.Node(otherNode);
        var asExpected = other switch
        {
            PeerExpectation.Online => node is { Online: true, Standby: false, Pending: false, Unclean: false },
            PeerExpectation.Standby => node is { Online: true, Standby: true, Unclean: false, ResourcesRunning: 0 },
            PeerExpectation.Offline => node is { Online: false, Unclean: false },
            PeerExpectation.Any => true,
            _ => false,
        };
        if (!asExpected)
            why.Add(PairFindings.PeerNotAsExpected.On(pair.Name, "node", otherNode, "expected", other.ToString().ToLowerInvariant(), "seen", Text(node)));
        return why.Count == 0 ? Judgement.Holds : Judgement.Fails(why.ToImmutable());
    }

    private static string Where(PacemakerResource r) => r.Node.Length == 0 ? "nowhere" : $"{r.Role.ToString().ToLowerInvariant()} on {r.Node}";

    public static string Text(PacemakerNode? node) => node switch
    {
        null => "not known to the cluster",
        { Unclean: true } => "unclean",
        { Online: false } => "offline",
        { Pending: true } => "pending",
        { Standby: true, ResourcesRunning: > 0 } => "standby with active resources",
        { Standby: true } => "standby",
        _ => "online",
    };
}
