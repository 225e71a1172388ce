using Changeover.Drivers.Pacemaker;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>Pacemaker clusters and the DRBD under them, as their nodes saw themselves and each other.</summary>
internal static class PairsAsSeen
{
    private const string Filesystem = "ocf:heartbeat:Filesystem";

    public static void Apply(Sighting seen)
    {
        for (var i = 0; i < seen.Truth.Pairs.Count; i++)
            seen.Truth.Pairs[i] = Pair(seen, seen.Truth.Pairs[i]);
    }

    /// <summary>The cluster as this machine's node says, or as its peer does.</summary>
    private static PacemakerFacts? View(Sighting seen, PairTruth pair, string machine) =>
        seen.Facts<PacemakerFacts>(SubjectKind.Pacemaker, machine) ?? seen.Facts<PacemakerFacts>(SubjectKind.Pacemaker, pair.Other(machine));

    private static PairTruth Pair(Sighting seen, PairTruth old)
    {
        var setup = seen.Facts<PacemakerSetupFacts>(SubjectKind.PacemakerSetup, old.First) ?? seen.Facts<PacemakerSetupFacts>(SubjectKind.PacemakerSetup, old.Second);
        var preference = setup?.Locations.FirstOrDefault(l => Math.Abs(l.Score) < LocationConstraint.Infinity && l.Node != LocationConstraint.AnyNode);
        var first = preference is not null && seen.Node(preference.Node)?.Name == old.Second ? old.Second : old.First;
        var view = View(seen, old, first);
        var pair = new PairTruth
        {
            Name = old.Name,
            First = first,
            Second = old.Other(first),
            Stickiness = setup is null ? old.Stickiness : setup.DefaultStickiness ?? 0,
            Preference = setup is null ? old.Preference : preference?.Score ?? 0,
            HasRule = setup?.Locations.Any(l => l.Node == LocationConstraint.AnyNode) ?? old.HasRule,
            MaintenanceMode = view?.MaintenanceMode ?? old.MaintenanceMode,
            NoQuorumPolicy = view is { NoQuorumPolicy.Length: > 0 } ? view.NoQuorumPolicy : old.NoQuorumPolicy,
            Bans = setup is null ? old.Bans : [.. setup.Locations.Where(l => Math.Abs(l.Score) >= LocationConstraint.Infinity).Select(l => Ban(seen, view, l)).OfType<BanTruth>()],
            Failures = view is null ? old.Failures : [.. view.Failures.Where(f => f.Operation.Length > 0).Select(f => Failure(seen, f)).OfType<FailureTruth>()],
        };
        foreach (var machine in Members(pair))
            Node(seen, pair, seen.Truth.Machine(machine), setup);
        pair.LinkCut = Members(pair).All(m => seen.Truth.Machine(m).Node!.Online)
            && Members(pair).All(m => seen.Facts<PacemakerFacts>(SubjectKind.Pacemaker, m) is { } own && own.Node(seen.Truth.Machine(pair.Other(m)).NodeName) is { Online: false });
        pair.Sets = [.. old.Sets.Select(s => Set(s, old, pair, view))];
        foreach (var set in pair.Sets)
        {
            if (view is null)
                Draw(seen, pair, set);
            foreach (var machine in Members(pair))
                Instance(seen, pair, set, machine);
            if (set.HasDrbd)
                Drbd(seen, pair, set);
        }
        return pair;
    }

    private static string[] Members(PairTruth pair) => [pair.First, pair.Second];

    private static BanTruth? Ban(Sighting seen, PacemakerFacts? view, LocationConstraint l) => seen.Node(l.Node) is not { } machine ? null
        : new(l.Id, l.Resource, machine.Name, view?.Bans.FirstOrDefault(b => b.Id == l.Id)?.PromotedOnly ?? l.Role == nameof(ResourceRole.Promoted), l.Score > 0);

    private static FailureTruth? Failure(Sighting seen, PacemakerFailure f) => seen.Node(f.Node) is not { } machine ? null
        : new(f.Resource, machine.Name, f.Operation, 1, f.Reason, TimeSpan.FromMinutes(-10));

    private static void Node(Sighting seen, PairTruth pair, MachineTruth machine, PacemakerSetupFacts? setup)
    {
        var own = seen.Facts<PacemakerFacts>(SubjectKind.Pacemaker, machine.Name);
        var status = own?.Node(machine.NodeName) ?? View(seen, pair, machine.Name)?.Node(machine.NodeName);
        var problem = seen.Problem(SubjectKind.Pacemaker, machine.Name);
        var node = machine.Node!;
        node.Online = status?.Online ?? (machine.Power == Power.On && problem.Length == 0);
        node.Running = machine.Power == Power.On && problem != PacemakerFindings.NotRunning.Code
            && (own is not null || problem == PacemakerFindings.Starting.Code || node.Online);
        if (problem == PacemakerFindings.Starting.Code)
            node.Online = false;
        node.Unclean = status?.Unclean ?? false;
        node.Standby = status?.Standby ?? setup?.StandbyNodes.Contains(machine.NodeName) ?? node.Standby;
        node.SeenPeer = own?.Quorate ?? (node.Online || !node.Running);
        if (seen.Facts<PacemakerSetupFacts>(SubjectKind.PacemakerSetup, machine.Name) is not { } installed)
            return;
        node.StartsAtBoot = installed.DaemonsEnabled ?? node.StartsAtBoot;
        node.HasCrmSimulate = installed.CanForecast;
        if (installed.PcsVersion.Length > 0)
            node.PcsVersion = installed.PcsVersion;
    }

    /// <summary>The set of a role under the names that the cluster has for it.</summary>
    private static ResourceSetTruth Set(ResourceSetTruth known, PairTruth old, PairTruth pair, PacemakerFacts? view)
    {
        var resources = view?.Resources.Where(r => !r.Orphaned && !r.Promotable).DistinctBy(r => r.Id).ToArray() ?? [];
        var store = resources.FirstOrDefault(r => r.Agent == Filesystem)?.Parent;
        // One role a pair: everything is its. Two: what is together with the file system is the store's, the rest the other's.
        var own = old.Sets.Count == 1 ? resources
            : known.HasDrbd ? [.. resources.Where(r => store?.Length > 0 ? r.Parent == store : r.Agent == Filesystem)]
            : [.. resources.Where(r => store?.Length > 0 ? r.Parent != store : r.Agent != Filesystem)];
        var clone = view?.Resources.FirstOrDefault(r => r is { Promotable: true, Orphaned: false })?.Id;
        return new()
        {
            Role = known.Role,
            Clone = known.HasDrbd ? clone ?? known.Clone : "",
            Group = own.Length > 0 ? own[0].Parent : known.Group,
            Resources = own.Length > 0 ? [.. own.Select(r => new ResourceTruth(r.Id, r.Agent))] : known.Resources,
            FloatingAddress = known.FloatingAddress,
            DrbdName = known.DrbdName,
            // Disks outlive what runs on them.
            First = pair.First == old.First ? known.First : known.Second,
            Second = pair.First == old.First ? known.Second : known.First,
        };
    }

    /// <summary>Nobody can say who holds it: one of those that are up does, if any is.</summary>
    private static void Draw(Sighting seen, PairTruth pair, ResourceSetTruth set)
    {
        string[] up = [.. Members(pair).Where(m => seen.Truth.Machine(m).Node is { Online: true, Running: true, Standby: false })];
        var holder = up.Length > 0 ? up[seen.Dice.Below(up.Length)] : "";
        foreach (var machine in Members(pair))
        {
            var here = set.On(pair, machine);
            here.Started = machine == holder ? set.Resources.Count : 0;
            here.Role = !set.HasDrbd || !up.Contains(machine) ? ResourceRole.Stopped : machine == holder ? ResourceRole.Promoted : ResourceRole.Unpromoted;
            here.Score = set.HasDrbd && up.Contains(machine) ? 10000 : null;
        }
    }

    private static void Instance(Sighting seen, PairTruth pair, ResourceSetTruth set, string machine)
    {
        var here = set.On(pair, machine);
        var node = seen.Truth.Machine(machine);
        if (View(seen, pair, machine) is { } view)
        {
            here.Role = view.Resources.FirstOrDefault(r => set.HasDrbd && r.Id == set.Clone && r.Node == node.NodeName)?.Role switch
            {
                ResourceRole.Promoted or ResourceRole.Demoting => ResourceRole.Promoted,
                ResourceRole.Unpromoted or ResourceRole.Promoting or ResourceRole.Stopping or ResourceRole.Started => ResourceRole.Unpromoted,
                _ => ResourceRole.Stopped,
            };
            here.Started = set.Resources.TakeWhile(r => view.Resources.Any(v => v.Id == r.Id && v.Node == node.NodeName && v.Role == ResourceRole.Started)).Count();
            here.Score = view.PromotionScores.FirstOrDefault(s => s.Node == node.NodeName && s.Resource == set.Clone)?.Score;
        }
        here.Hold = here.Started > 0 || here.Role == ResourceRole.Promoted;
        here.Failed = pair.Failures.Exists(f => f.Resource == set.Clone && f.Machine == machine && f.Operation == "promote");
    }

    private static void Drbd(Sighting seen, PairTruth pair, ResourceSetTruth set)
    {
        DrbdResource? See(string machine)
        {
            var facts = seen.Facts<DrbdFacts>(SubjectKind.Drbd, machine);
            if (facts is { Version.Length: > 0 })
                seen.Truth.Machine(machine).DrbdVersion = facts.Version;
            return facts?.Resources.FirstOrDefault(r => r.Name == set.DrbdName) ?? facts?.Resources.FirstOrDefault();
        }
        var (a, b) = (See(pair.First), See(pair.Second));
        var isLinked = (a, b) is not ({ Connection: < DrbdConnection.Busy }, _) and not (_, { Connection: < DrbdConnection.Busy });
        set.Connected = set.First.Up && set.Second.Up && !pair.LinkCut && isLinked;
        Copy(set.First, a, b);
        Copy(set.Second, b, a);
        set.SyncSource = "";
        var source = a?.Connection == DrbdConnection.SyncSource || b?.Connection == DrbdConnection.SyncTarget ? pair.First
            : b?.Connection == DrbdConnection.SyncSource || a?.Connection == DrbdConnection.SyncTarget ? pair.Second
            : "";
        if (set.Connected && source.Length > 0)
            Resync(pair, set, source, a ?? b!);

        void Copy(InstanceTruth here, DrbdResource? own, DrbdResource? peer)
        {
            here.StandAlone = own?.Connection == DrbdConnection.StandAlone;
            here.Disk = own is { Disk: not DrbdDisk.Unknown } ? own.Disk : peer is { PeerDisk: not DrbdDisk.Unknown } ? peer.PeerDisk : here.Disk;
            if (own is null)
                return;
            here.DirtyKiB = own.OutOfSyncKiB ?? 0;
            here.WroteAlone = !set.Connected && (here.Role == ResourceRole.Promoted || here.DirtyKiB > 0);
            here.AloneSince = here.WroteAlone && here.Role == ResourceRole.Promoted ? TimeSpan.Zero : null;
        }
    }

    /// <summary>What is left is copied at the usual rate.</summary>
    private static void Resync(PairTruth pair, ResourceSetTruth set, string source, DrbdResource seen)
    {
        var left = Math.Max(4, seen.OutOfSyncKiB ?? Timings.StoreKiB);
        var done = Math.Clamp((seen.SyncPercent ?? 0) / 100, 0, 0.99);
        var takes = TimeSpan.FromMilliseconds(Math.Max(Timings.ResyncLeast.TotalMilliseconds, left * 1000 / set.ResyncRate));
        set.SyncSource = source;
        set.SyncTotalKiB = (long)(left / (1 - done));
        set.SyncEnd = takes;
        set.SyncStart = takes - (takes / (1 - done));
        set.On(pair, source).WroteAlone = true;
        set.On(pair, source).DirtyKiB = left;
    }
}
