using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>
/// A Pacemaker cluster of two: decides who holds what by scores, as the real scheduler does for these clusters, and carries
/// it out action by action, each of which takes its time.
/// </summary>
/// <remarks>
/// Scores: promotion score + preference + stickiness (of the clone and of every resource of the group on it). Standby of the
/// only node with a usable score stops the resources everywhere; a node with score 10 (a resync target) is promotable in the
/// cluster's eyes. Both seen with crm_simulate 2.1.5.
/// </remarks>
internal sealed class PacemakerModel(World world)
{
    public void SetStandby(MachineTruth machine, bool standby)
    {
        var pair = world.Truth.PairOf(machine.Name)!;
        if (!standby && pair.PulledTo == machine.Name)
            pair.PullArmed = true;
        if (machine.Node!.Standby == standby)
            return;
        machine.Node.Standby = standby;
        Reconfigured(pair);
    }

    /// <summary>The configuration changed: the cluster decides again after one scheduler round.</summary>
    public void Reconfigured(PairTruth pair)
    {
        pair.Epoch++;
        world.Doings.Reconfigures(pair);
        Changed(pair);
        world.After(Timings.Scheduler, new ClusterDecides(pair.Name));
    }

    public void Changed(PairTruth pair)
    {
        pair.Version++;
        pair.ChangedAt = world.Now;
    }

    /// <summary>A shutdown was begun: everything leaves this node, then the node leaves the cluster.</summary>
    public void Leave(MachineTruth machine)
    {
        if (machine.Node is not { Running: true } node)
            return;
        var pair = world.Truth.PairOf(machine.Name)!;
        node.Leaving = true;
        Changed(pair);
        if (node.Online)
            Decide(pair);
        else
            Left(pair, machine);
    }

    /// <summary>The machine went without a word: its peer notices after the token's time.</summary>
    public void Lost(MachineTruth machine)
    {
        if (machine.Node is not { Running: true } node)
            return;
        var pair = world.Truth.PairOf(machine.Name)!;
        node.Running = false;
        node.Leaving = false;
        ClearInstances(pair, machine);
        world.After(Timings.Token, new NodeMissed(machine.Name, machine.Boot));
    }

    public void Missed(NodeMissed missed)
    {
        var machine = world.Truth.Machine(missed.Machine);
        if (machine.Node is not { Running: false, Online: true } node)
            return;
        var pair = world.Truth.PairOf(machine.Name)!;
        node.Online = false;
        node.Unclean = true;
        Changed(pair);
        Decide(pair);
    }

    public void Joins(NodeJoins joins)
    {
        var machine = world.Truth.Machine(joins.Machine);
        if (machine.Boot != joins.Boot || machine.Power != Power.On || machine.Node is not { Running: true, Online: false } node)
            return;
        var pair = world.Truth.PairOf(machine.Name)!;
        node.Online = true;
        node.Unclean = false;
        pair.Failures.RemoveAll(f => f.Machine == machine.Name);
        Meet(pair);
        Changed(pair);
        Decide(pair);
    }

    /// <summary>Both are members and hear each other: quorum is no question any more.</summary>
    public void Meet(PairTruth pair)
    {
        var a = world.Truth.Machine(pair.First).Node!;
        var b = world.Truth.Machine(pair.Second).Node!;
        if (a.Online && b.Online && !pair.LinkCut)
            a.SeenPeer = b.SeenPeer = true;
    }

    public void ClearInstances(PairTruth pair, MachineTruth machine)
    {
        foreach (var set in pair.Sets)
        {
            var here = set.On(pair, machine.Name);
            world.Drbd.StopsWriting(here);
            here.Role = ResourceRole.Stopped;
            here.Started = 0;
            here.Doing = "";
            here.Score = null;
            here.Hold = false;
            here.Failed = false;
            world.Drbd.Relink(pair, set);
        }
        Changed(pair);
        world.AddressesChanged();
    }

    public void Decide(PairTruth pair)
    {
        if (pair.MaintenanceMode)
            return;
        var a = world.Truth.Machine(pair.First);
        var b = world.Truth.Machine(pair.Second);
        if (pair.LinkCut)
        {
            Decide(pair, a, null);
            Decide(pair, b, null);
        }
        else
        {
            Decide(pair, a, b);
        }
        if (a.Node!.Leaving)
            LeftWhenEmpty(pair, a);
        if (b.Node!.Leaving)
            LeftWhenEmpty(pair, b);
    }

    /// <summary>One partition decides.</summary>
    private void Decide(PairTruth pair, MachineTruth a, MachineTruth? b)
    {
        foreach (var set in pair.Sets)
        {
            var scoreA = Score(pair, set, a);
            var scoreB = b is null ? null : Score(pair, set, b);
            var holder = scoreA is null && scoreB is null ? null
                : scoreB is null || scoreA >= scoreB ? a : b;
            set.On(pair, a.Name).Hold = holder == a;
            if (b is not null)
                set.On(pair, b.Name).Hold = holder == b;
            Step(pair, set, a, b);
            if (b is not null)
                Step(pair, set, b, a);
        }
    }

    private static bool MayRun(PairTruth pair, MachineTruth machine) =>
        machine.Node is { Online: true, Running: true, Standby: false, Leaving: false } node && (node.SeenPeer || pair.NoQuorumPolicy == "ignore");

    private static long? Score(PairTruth pair, ResourceSetTruth set, MachineTruth machine)
    {
        var here = set.On(pair, machine.Name);
        if (!MayRun(pair, machine) || (set.HasDrbd && !here.Up))
            return null;
        var score = Score(pair, set, machine.Name, here.Failed, here.Score, here.Started > 0 || here.Role == ResourceRole.Promoted);
        if (pair.PullArmed && pair.PulledTo == machine.Name && (!pair.PullAfterSync || !set.HasDrbd || here.Score == 10000))
            score += 10_000_000;
        return score;
    }

    /// <summary>How much the cluster would like the set's holder to be this node, of those that may run; null: it cannot be.</summary>
    /// <param name="promotion">Promotion score; ignored without DRBD.</param>
    public static long? Score(PairTruth pair, ResourceSetTruth set, string machine, bool failed, int? promotion, bool holdsNow)
    {
        if (failed || (set.HasDrbd && promotion is not > 0))
            return null;
        long score = set.HasDrbd ? promotion!.Value : 0;
        foreach (var ban in pair.Bans)
        {
            if (ban.Machine != machine || !Concerns(set, ban.Resource))
                continue;
            if (!ban.Prefers)
                return null;
            score += 1_000_000;
        }
        if (machine == pair.First)
            score += pair.Preference;
        if (holdsNow)
            score += (long)pair.Stickiness * (set.Resources.Count + (set.HasDrbd ? 1 : 0));
        return score;
    }

    internal static bool Concerns(ResourceSetTruth set, string resource)
    {
        if (resource == set.Group || (set.HasDrbd && (resource == set.Clone || resource == set.Clone + "-clone")))
            return true;
        foreach (var r in set.Resources)
        {
            if (r.Id == resource)
                return true;
        }
        return false;
    }

    /// <summary>The next action of a set on a node, if one is due and none runs.</summary>
    private void Step(PairTruth pair, ResourceSetTruth set, MachineTruth machine, MachineTruth? peer)
    {
        var here = set.On(pair, machine.Name);
        if (here.Doing.Length > 0 || machine.Node is not { Online: true, Running: true })
            return;
        var there = peer is null ? null : set.On(pair, peer.Name);
        var count = set.Resources.Count;
        if (!here.Hold && here.Started > 0)
            Begin(pair, set, machine, here, "stop", StopTime(set.Resources[here.Started - 1]));
        else if (!here.Hold && here.Role == ResourceRole.Promoted)
            Begin(pair, set, machine, here, "demote", Timings.Demote);
        else if (set.HasDrbd && !MayRun(pair, machine) && here.Role == ResourceRole.Unpromoted)
            Begin(pair, set, machine, here, "clone-stop", Timings.CloneStop);
        else if (set.HasDrbd && MayRun(pair, machine) && here.Role == ResourceRole.Stopped)
            Begin(pair, set, machine, here, "clone-start", Timings.CloneStart);
        else if (here.Hold && set.HasDrbd && here.Role == ResourceRole.Unpromoted && PeerIsOut(there))
            Begin(pair, set, machine, here, "promote", Timings.Promote);
        else if (here.Hold && here.Started < count && (set.HasDrbd ? here.Role == ResourceRole.Promoted : PeerIsOut(there)))
            Begin(pair, set, machine, here, "start", StartTime(set.Resources[here.Started]));
    }

    private static bool PeerIsOut(InstanceTruth? there) =>
        there is null || (there.Started == 0 && there.Role != ResourceRole.Promoted && there.Doing is not ("start" or "promote"));

    private void Begin(PairTruth pair, ResourceSetTruth set, MachineTruth machine, InstanceTruth here, string action, TimeSpan takes)
    {
        here.Doing = action;
        if (action == "stop" && here.Started == set.Resources.Count)
        {
            world.Doings.Leaves(set);
            world.Invariants.MovesAway(machine, set);
        }
        Changed(pair);
        world.After(takes, new ActionEnds(pair.Name, set.Role, machine.Name, machine.Boot, action));
    }

    public void ActionEnds(ActionEnds ends)
    {
        var pair = world.Pair(ends.Pair);
        var machine = world.Truth.Machine(ends.Machine);
        var set = world.Truth.SetOf(ends.Machine, ends.Role)!;
        var here = set.On(pair, machine.Name);
        if (machine.Boot != ends.Boot || here.Doing != ends.Action)
            return;
        here.Doing = "";
        switch (ends.Action)
        {
            case "stop":
                here.Started--;
                break;
            case "start":
                here.Started++;
                break;
            case "demote":
                world.Drbd.StopsWriting(here);
                here.Role = ResourceRole.Unpromoted;
                break;
            case "promote":
                Promote(pair, set, machine, here);
                break;
            case "clone-stop":
                here.Role = ResourceRole.Stopped;
                here.Score = null;
                world.Drbd.Relink(pair, set);
                break;
            case "clone-start":
                here.Role = ResourceRole.Unpromoted;
                world.Drbd.Relink(pair, set);
                here.Score = DrbdModel.Score(pair, set, here);
                break;
        }
        Changed(pair);
        if (ends.Action is "start" or "stop")
            world.AddressesChanged();
        Decide(pair);
    }

    private void Promote(PairTruth pair, ResourceSetTruth set, MachineTruth machine, InstanceTruth here)
    {
        var why = set.PromotionsToFail > 0 ? "drbd command failed" : DrbdModel.WhyNotPromoted(pair, set, machine.Name);
        if (why.Length > 0)
        {
            if (set.PromotionsToFail > 0)
                set.PromotionsToFail--;
            here.Failed = true;
            pair.Failures.Add(new(set.Clone, machine.Name, "promote", 1, why, world.Now));
            return;
        }
        world.Invariants.BeforePromotion(pair, set, machine.Name);
        here.Role = ResourceRole.Promoted;
        world.Drbd.Promoted(pair, set, machine.Name, here);
        world.Invariants.AfterPromotion(pair, set);
    }

    /// <summary>Cleanup: failed resources are tried again.</summary>
    public void Cleanup(PairTruth pair)
    {
        pair.Failures.Clear();
        foreach (var set in pair.Sets)
            set.First.Failed = set.Second.Failed = false;
        Reconfigured(pair);
    }

    public void ScoreRefreshes(ScoreRefreshes refresh)
    {
        var pair = world.Pair(refresh.Pair);
        var machine = world.Truth.Machine(refresh.Machine);
        var set = world.Truth.SetOf(refresh.Machine, refresh.Role)!;
        var here = set.On(pair, machine.Name);
        var score = DrbdModel.Score(pair, set, here);
        if (machine.Boot != refresh.Boot || !here.Up || set.ScoresLag || here.Score == score)
            return;
        here.Score = score;
        Changed(pair);
        Decide(pair);
    }

    private void LeftWhenEmpty(PairTruth pair, MachineTruth machine)
    {
        foreach (var set in pair.Sets)
        {
            var here = set.On(pair, machine.Name);
            if (here.Started > 0 || here.Doing.Length > 0 || here.Up)
                return;
        }
        Left(pair, machine);
    }

    private void Left(PairTruth pair, MachineTruth machine)
    {
        machine.Node!.Leaving = false;
        machine.Node.Running = false;
        machine.Node.Online = false;
        machine.Node.Unclean = false;
        Changed(pair);
        world.After(Timings.Scheduler, new ClusterDecides(pair.Name));
    }

    private static TimeSpan StartTime(ResourceTruth resource) => resource.Agent switch
    {
        "ocf:heartbeat:Filesystem" => Timings.FilesystemStart,
        "ocf:heartbeat:IPaddr2" => Timings.AddressStart,
        _ => Timings.ShareStart,
    };

    private static TimeSpan StopTime(ResourceTruth resource) => resource.Agent switch
    {
        "ocf:heartbeat:Filesystem" => Timings.FilesystemStop,
        "ocf:heartbeat:IPaddr2" => Timings.AddressStop,
        _ => Timings.ShareStop,
    };
}
