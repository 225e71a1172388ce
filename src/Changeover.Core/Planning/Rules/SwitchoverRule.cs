using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Planning.Rules;

/// <summary>
/// F5, F6, B9, B10: a pair moves by standby and unstandby of the node that holds it. Before, the cluster's own scheduler is
/// asked what both will do (G2); after, the role must stay for a window that starts when both copies are equal.
/// </summary>
public static class SwitchoverRule
{
    public static void Contribute(PlanBuilder b)
    {
        var last = b.IsFailback ? "" : Wake(b).LastOrDefault("");
        // The pair moves only when both balancers choose alike; in a failback they were set before anything booted.
        if (!b.IsFailback && b.BalancersAreLeftSet && b.Moves.Any(m => m.Pair.HasBalancer))
            last = BalancerRule.MaintAll(b, Named(last)).LastOrDefault(last);
        foreach (var move in b.Moves)
        {
            var balances = move.Pair.HasBalancer;
            // With the balancer's address the choice of the writer moves too.
            if (balances && NothingLostRule.Contribute(b, $"nothing-lost.{move.Pair.Name}", Named(last)) is { } proof)
                last = proof;
            last = Move(b, move, last);
        }
    }

    /// <summary>
    /// While one-sided every divided pair's addresses stay on the kept side: somebody else's standby or move is seen at once, not
    /// at the next step that needs the pair.
    /// </summary>
    public static void Watch(PlanBuilder b)
    {
        foreach (var pair in b.Divided)
        {
            var holder = b.IsFailback ? b.HolderNow(pair) ?? b.HolderWhileEmptied(pair) : b.HolderWhileEmptied(pair);
            var until = !b.IsFailback ? "" : b.Moves.Any(m => m.Pair == pair) ? StandbyId(holder) : Gates.Id(Gates.Done);
            foreach (var address in pair.FloatingAddresses)
            {
                b.Watch(new($"held.{address}", Gates.Id(b.IsFailback ? Gates.Start : Gates.Moved), until, new AddressAt(address, holder, [holder]),
                    [pair.HasStore ? b.IsFailback ? "B9" : "F5" : b.IsFailback ? "B10" : "F6", "X7"]));
            }
        }
    }

    /// <summary>
    /// Nodes that an aborted run left in standby come back before anything else is done with their pair, as they do in a move.
    /// </summary>
    public static IEnumerable<string> Wake(PlanBuilder b, params IEnumerable<string> after)
    {
        var before = after.ToArray();
        foreach (var pair in b.Divided)
        {
            foreach (var node in b.LeftInStandby(pair))
            {
                var holder = pair.Other(node);
                yield return Unstandby(b, pair, node, holder, Taken(pair, holder), b.IsFailback ? "B8" : pair.HasStore ? "F5" : "F6", before);
            }
        }
    }

    private static string StandbyId(string machine) => $"standby.{machine}";

    private static string Move(PlanBuilder b, PairMove move, string after)
    {
        var (pair, from, to) = move;
        var covers = pair.HasStore ? b.IsFailback ? "B9" : "F5" : b.IsFailback ? "B10" : "F6";
        var safe = new List<Condition> { new PairHeld(pair.Name, from, PeerExpectation.Online), new MoveForecast(pair.Name, from) };
        if (pair.HasStore)
        {
            safe.Add(new ScoresFull(pair.Name, to));
            safe.Add(new DrbdIs(from, Primary: true, Alone: false));
            safe.Add(new DrbdIs(to, Primary: false, Alone: false));
            if (b.Kept.Concat(b.Emptied).Where(m => b.Inventory.ServicesOf(m).Any(s => s.NeedsShare)).Select(m => m.Name).ToImmutableArray() is { IsEmpty: false } users)
                safe.Add(new StoreUnused(users));
        }
        if (pair.HasBalancer && b.Inventory.Balancers.Count() == 2)
            safe.Add(new BalancersAgree(from, to));
        if (QuietRule.Matters(b))
            safe.Add(QuietRule.Condition(b, emptiedSideIsUp: true));
        var guard = Condition.And([.. safe]);

        var forecast = b.Add(new Step
        {
            Id = $"forecast.{from}",
            Title = Phrase.Of("forecast", from),
            Gate = "",
            Machine = from,
            Covers = ["G2", covers],
            After = guard,
            Budget = b.Budgets.Look,
        }, Named(after));

        var taken = Taken(pair, to);
        var standby = b.Add(new Step
        {
            Id = StandbyId(from),
            Title = Phrase.Of("standby", from, to),
            Gate = "",
            Machine = from,
            Covers = [covers, "X4", "X9"],
            Before = guard,
            Action = new SetStandby(from, Standby: true, Via: from),
            After = taken,
            Budget = b.Budgets.Move,
            Expected = TimeSpan.FromSeconds(30),
        }, forecast);

        return Unstandby(b, pair, from, to, taken, covers, standby);
    }

    /// <summary>The pair is held by the machine that takes it while the other node is in standby.</summary>
    private static Condition Taken(Pair pair, string to) => Condition.And(
        [new PairHeld(pair.Name, to, PeerExpectation.Standby), .. pair.FloatingAddresses.Select(a => new AddressAt(a, to, pair.Members))]);

    private static string Unstandby(PlanBuilder b, Pair pair, string from, string to, Condition taken, string covers, params IEnumerable<string> after)
    {
        var stays = new List<Condition> { new PairHeld(pair.Name, to, PeerExpectation.Online) };
        stays.AddRange(pair.FloatingAddresses.Select(a => new AddressAt(a, to, pair.Members)));
        if (pair.HasStore)
        {
            stays.Add(new DrbdIs(to, Primary: true, Alone: false));
            stays.Add(new DrbdIs(from, Primary: false, Alone: false));
            stays.Add(new ScoresFull(pair.Name, to));
        }
        return b.Add(new Step
        {
            Id = $"unstandby.{from}",
            Title = Phrase.Of("unstandby", from, to),
            Gate = "",
            Machine = from,
            Covers = [covers, "G2"],
            Before = taken,
            Action = new SetStandby(from, Standby: false, Via: from),
            After = Condition.And([.. stays]),
            Budget = pair.HasStore ? b.Budgets.Synchronise : b.Budgets.Move,
            Progress = pair.HasStore ? new(SubjectKind.Drbd, to) : null,
            Hold = b.Budgets.StayWindow,
            Expected = TimeSpan.FromSeconds(30) + b.Budgets.StayWindow,
        }, after);
    }

    private static string[] Named(string id) => id.Length > 0 ? [id] : [];
}
