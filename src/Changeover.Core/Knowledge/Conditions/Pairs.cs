using System.Globalization;
using Changeover.Findings;
using Changeover.Inventory;

namespace Changeover.Knowledge.Conditions;

/// <summary>
/// A pair's cluster is able to act, everything of it runs on one machine, and the other node is as expected: as every member
/// that can be asked sees it.
/// </summary>
/// <param name="Holder">Machine that holds the pair's roles; empty: either, but one.</param>
public sealed record PairHeld(string Pair, string Holder, PeerExpectation Other) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => Asked(inventory).Select(m => new Subject(SubjectKind.Pacemaker, m));

    public override Judgement Judge(View view)
    {
        var pair = view.Inventory.Pairs.First(p => p.Name == Pair);
        return View.Each(Asked(view.Inventory), asked => view.See<PacemakerFacts>(SubjectKind.Pacemaker, asked, facts =>
        {
            var holder = Holder.Length > 0
                ? Holder
                : pair.Members.FirstOrDefault(m => view.Inventory.Machine(m).NodeName == PairJudge.HolderNode(facts));
            return holder is null
                ? PairJudge.Sane(Pair, facts) & Judgement.Fails(PairFindings.NoHolder.On(Pair))
                : PairJudge.Sane(Pair, facts)
                    & PairJudge.Held(pair, facts, view.Inventory.Machine(holder).NodeName, view.Inventory.Machine(pair.Other(holder)).NodeName, Other);
        }));
    }

    private IEnumerable<string> Asked(ClusterInventory inventory) =>
        Other is PeerExpectation.Offline || (Other is PeerExpectation.Any && Holder.Length > 0) ? [Holder] : inventory.Pairs.First(p => p.Name == Pair).Members;
}

/// <summary>
/// G2: the cluster's own scheduler says that standby of this machine moves everything to the other, and that it stays there
/// after unstandby. Leftover move, ban and fence constraints are refused by name. Where crm_simulate is not installed,
/// stickiness and constraints are judged instead, see <see cref="PlainlySafe"/>.
/// </summary>
public sealed record MoveForecast(string Pair, string Machine) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) =>
        [new(SubjectKind.Forecast, Machine), new(SubjectKind.PacemakerSetup, Machine)];

    public override Judgement Judge(View view) => PairForecast.Judge(view, Pair, Machine, new(SubjectKind.Forecast, Machine), (p, step, node, target) =>
        StateFindings.ForecastMoves.On(Pair, "resource", p.Resource, "seen", PairForecast.Text(p), "step", step, "node", node, "expected", target));
}

/// <summary>
/// G2, B5: when this machine, which is off, is switched on and joins its pair, everything stays on the other one, also once both copies
/// are equal. The same question as <see cref="MoveForecast"/>, put to the other one.
/// </summary>
public sealed record JoinMovesNothing(string Pair, string Machine) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) =>
        [new(SubjectKind.JoinForecast, Holder(inventory)), new(SubjectKind.PacemakerSetup, Holder(inventory))];

    public override Judgement Judge(View view) => PairForecast.Judge(view, Pair, Machine, new(SubjectKind.JoinForecast, Holder(view.Inventory)), (p, _, node, target) =>
        StateFindings.JoinMoves.On(Pair, "resource", p.Resource, "seen", PairForecast.Text(p), "node", node, "expected", target));

    private string Holder(ClusterInventory inventory) => inventory.Pairs.First(p => p.Name == Pair).Other(Machine);
}

/// <summary>What the cluster is going to do with a pair when one of its nodes comes (back), judged on what the node that is asked says.</summary>
internal static class PairForecast
{
    /// <param name="comes">Machine whose node comes; everything has to be on the other one and stay there.</param>
    /// <param name="asked">The forecast, of the machine that is asked.</param>
    /// <param name="moves">What is said of something that would be elsewhere, after which step (standby, unstandby), of which node, needed where.</param>
    public static Judgement Judge(View view, string pair, string comes, Subject asked, Func<ForecastPlacement, string, string, string, Finding> moves)
    {
        var members = view.Inventory.Pairs.First(p => p.Name == pair);
        var target = view.Inventory.Machine(members.Other(comes)).NodeName;
        return view.See<PacemakerSetupFacts>(SubjectKind.PacemakerSetup, asked.Name, setup =>
            View.Each(setup.Locations.Where(IsLeftover), c => Judgement.Fails(StateFindings.LeftoverConstraint.On(pair, "constraint", c.Id, "resource", c.Resource)))
            & View.Each(setup.StandbyNodes, n => Judgement.Fails(StateFindings.StandbyLeft.On(pair, "node", n)))
            // Where the scheduler can be asked its word rules, also about constraints that cannot be read here.
            & (setup.CanForecast
                ? view.See<ForecastFacts>(asked.Kind, asked.Name, forecast =>
                    On(forecast.AfterStandby, "standby", forecast.Node, exceptNode: "") & On(forecast.AfterUnstandby, "unstandby", forecast.Node, exceptNode: forecast.Node))
                : PlainlySafe.Judge(pair, setup, view.Inventory.Machine(comes).NodeName, target)));

        Judgement On(ImmutableArray<ForecastPlacement> placements, string step, string node, string exceptNode)
        {
            if (placements.IsDefaultOrEmpty)
                return Judgement.Unknown(moves(new("nothing", "", ResourceRole.Unknown), step, node, target));
            // The node that comes has its unpromoted instance; everything that carries the role must be on the target.
            return View.Each(placements.Where(p => !(p.Role == ResourceRole.Unpromoted && p.Node == exceptNode)), p =>
                p.Node == target || (p.Node.Length == 0 && placements.Any(o => o.Resource == p.Resource && o.Node == target))
                    ? Judgement.Holds
                    : Judgement.Fails(moves(p, step, node, target)));
        }
    }

    public static string Text(ForecastPlacement p) => p.Node.Length == 0 ? "nowhere" : $"on {p.Node}";

    // What moves, bans and fence handlers leave behind (pcs resource move/ban, crm_resource, crm-fence-peer.sh).
    private static bool IsLeftover(LocationConstraint c) =>
        c.Id.StartsWith("cli-", StringComparison.Ordinal) || c.Id.StartsWith("drbd-fence-", StringComparison.Ordinal);
}

/// <summary>DRBD as one machine sees it: its own role, and the peer connected and up to date or (Alone) waited for.</summary>
/// <param name="Primary">This machine is primary; false: secondary.</param>
/// <param name="Alone">The peer is away: the connection waits for it. False: connected and both copies up to date.</param>
public sealed record DrbdIs(string Machine, bool Primary, bool Alone) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Drbd, Machine)];

    public override Judgement Judge(View view) => view.See<DrbdFacts>(SubjectKind.Drbd, Machine, facts =>
    {
        var wanted = view.Inventory.RolesOf(view.Inventory.Machine(Machine)).Select(r => r.Store?.DrbdResource).FirstOrDefault(r => r is { Length: > 0 });
        // Where only /proc/drbd speaks there are minors instead of names; then every resource counts.
        var resources = facts.Resources.Where(r => wanted is null || r.Name == wanted || !facts.Resources.Any(x => x.Name == wanted)).ToArray();
        return resources.Length == 0
            ? Judgement.Fails(StateFindings.DrbdNone.On(Machine))
            : View.Each(resources, Judge);
    });

    private Judgement Judge(DrbdResource r)
    {
        if (r.Connection == DrbdConnection.StandAlone)
            return Judgement.Fails(StateFindings.DrbdSplit.On(Machine, "resource", r.Name));
        if (r.Connection == DrbdConnection.Unknown || r.Disk == DrbdDisk.Unknown || r.Role == DrbdRole.Unknown)
            return Judgement.Unknown(StateFindings.DrbdNotAs.On(Machine, "resource", r.Name, "seen", Text(r), "expected", Expected));
        var role = r.Role == (Primary ? DrbdRole.Primary : DrbdRole.Secondary);
        var link = Alone
            ? r.Connection == DrbdConnection.Connecting
            : r is { Connection: DrbdConnection.Connected, PeerDisk: DrbdDisk.UpToDate } && r.PeerRole == (Primary ? DrbdRole.Secondary : DrbdRole.Primary);
        return role && link && r.Disk == DrbdDisk.UpToDate
            ? Judgement.Holds
            : Judgement.Fails(StateFindings.DrbdNotAs.On(Machine, "resource", r.Name, "seen", Text(r), "expected", Expected));
    }

    private string Expected => $"{(Primary ? "primary" : "secondary")}, {(Alone ? "waiting for its peer" : "connected, up to date on both sides")}";

    private static string Text(DrbdResource r) =>
        $"{r.Role.ToString().ToLowerInvariant()}, {r.Connection}, {r.Disk}/{r.PeerDisk}"
        + (r.OutOfSyncKiB is > 0 and var kib ? string.Create(CultureInfo.InvariantCulture, $", {kib} KiB out of sync") : "");
}

/// <summary>Both nodes have the full promotion score, so Pacemaker knows both copies to be good (10 is a node that still resyncs).</summary>
public sealed record ScoresFull(string Pair, string Asked) : Condition
{
    /// <summary>Source: linbit:drbd agent, adjust_master_score; seen on 9.22 with Pacemaker 2.1.5.</summary>
    private const int Full = 10000;

    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Pacemaker, Asked)];

    public override Judgement Judge(View view)
    {
        var pair = view.Inventory.Pairs.First(p => p.Name == Pair);
        return view.See<PacemakerFacts>(SubjectKind.Pacemaker, Asked, facts =>
        {
            // Where nothing can be promoted nothing says that a copy is good.
            var resources = facts.Resources.Where(r => r.Promotable).Select(r => r.Id).Distinct().DefaultIfEmpty("").ToArray();
            return View.Each(
                from member in pair.Members from resource in resources select (Node: view.Inventory.Machine(member).NodeName, resource),
                x => facts.PromotionScores.FirstOrDefault(s => s.Node == x.Node && s.Resource == x.resource)?.Score >= Full
                    ? Judgement.Holds
                    : Judgement.Fails(StateFindings.ScoreLow.On(Pair, "node", x.Node, "seen",
                        facts.PromotionScores.FirstOrDefault(s => s.Node == x.Node && s.Resource == x.resource)?.Score is { } low ? low.ToString(CultureInfo.InvariantCulture) : "none")));
        });
    }
}
