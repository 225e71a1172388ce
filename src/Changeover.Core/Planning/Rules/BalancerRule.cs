using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Planning.Rules;

/// <summary>F4, F7, B5, B11: the balancers' servers.</summary>
public static class BalancerRule
{
    /// <summary>The second picture: software stopped, before anything of HAProxy is changed. B11 goes back to it.</summary>
    public static void Picture(PlanBuilder b, params IEnumerable<string> after)
    {
        var balancers = b.Inventory.Balancers.Where(m => b.Kept.Contains(m) || b.Emptied.Contains(m)).Select(m => m.Name).ToArray();
        // An aborted run has taken it already, before it changed anything of HAProxy.
        if (balancers.Length == 0 || (b.Remainder is not null && !b.Baseline.Quieted.IsEmpty))
            return;
        b.Add(new Step
        {
            Id = "picture.balancers",
            Title = Phrase.Of("picture"),
            Gate = "",
            Covers = ["F4", "G3"],
            TakesPicture = true,
            After = balancers.Length == 2 ? new BalancersAgree(balancers[0], balancers[1]) : new ServersAre(balancers[0], []),
            Budget = b.Budgets.Look,
        }, after);
    }

    /// <summary>F7: every server of the emptied host to MAINT. The kept balancer matters; the other is protection.</summary>
    public static void Isolate(PlanBuilder b)
    {
        // Before the pair moved they were set where an aborted run had left them set differently.
        var last = b.Moves.Any(m => m.Pair.HasBalancer) && b.BalancersAreLeftSet ? [] : MaintAll(b);
        if (b.Masters is { } masters && b.KeptBalancers.Any(k => b.ServersToMaint(k.Name).Length > 0))
        {
            foreach (var balancer in b.KeptBalancers)
            {
                b.Add(new Step
                {
                    Id = $"check.writer.{balancer.Name}",
                    Title = Phrase.Of("writer", masters.Kept),
                    Gate = "",
                    Machine = balancer.Name,
                    Covers = ["F7", "G1"],
                    After = new WriterIs(balancer.Name, masters.Kept),
                    Budget = b.Budgets.Look,
                }, last);
            }
        }
    }

    /// <summary>F7 is a standing condition: a reload forgets MAINT, and a booting master was seen to become the writer 5 s later.</summary>
    public static void Watch(PlanBuilder b, string from, string until)
    {
        foreach (var balancer in b.KeptBalancers.Where(m => b.ServersToMaint(m.Name).Length > 0))
            b.Watch(new($"maint.{balancer.Name}", from, until, new ServersAre(balancer.Name, b.ServersToMaint(balancer.Name)), ["F7", "X7"]));
    }

    /// <summary>The host's servers to MAINT on every balancer that is on, the kept ones first.</summary>
    public static string[] MaintAll(PlanBuilder b, params IEnumerable<string> after)
    {
        var last = after.ToList();
        foreach (var balancer in b.KeptBalancers)
            last.AddRange(Maint(b, balancer.Name, last, acceptable: false));
        foreach (var balancer in b.EmptiedBalancers.Where(b.IsOn))
            last.AddRange(Maint(b, balancer.Name, last, acceptable: true));
        return [.. last];
    }

    public static IEnumerable<string> Maint(PlanBuilder b, string balancer, IEnumerable<string> after, bool acceptable)
    {
        var servers = b.ServersToMaint(balancer);
        if (servers.Length == 0)
            yield break;
        var guards = new List<Condition> { new PoolsSurvive(balancer, servers) };
        if (!b.IsFailback && QuietRule.Matters(b) && NothingLostRule.Condition(b) is { } nothingLost)
            guards.Add(nothingLost);
        yield return b.Add(new Step
        {
            Id = $"maint.{balancer}",
            Title = Phrase.Of("maint", balancer, b.Goal.Host),
            Gate = "",
            Machine = balancer,
            Covers = b.IsFailback ? ["B5"] : ["F7", "G1"],
            Before = Condition.And([.. guards]),
            Action = new SetServers(balancer, servers),
            After = new ServersAre(balancer, servers),
            Budget = b.Budgets.Look,
            Acceptable = acceptable,
            CheckBudget = b.Budgets.Synchronise,
        }, after);
    }

    /// <summary>B11: administrative state and weight of every server as found at F4, on both balancers.</summary>
    public static void Restore(PlanBuilder b)
    {
        var last = new List<string>();
        if (NothingLostRule.Contribute(b, "nothing-lost.restore") is { } proof)
            last.Add(proof);
        foreach (var balancer in b.Inventory.Balancers.Where(m => b.Kept.Contains(m) || b.Emptied.Contains(m)))
        {
            if (b.Baseline.QuietedBalancer(balancer.Name) is not { } found)
                continue;
            // A machine that is left out does not take part again: nobody has looked at what it would serve.
            var settings = BalancerJudge.Settings(b.Inventory, balancer.Name);
            var servers = found.Servers
                .Where(s => settings?.MachineOf(s.Name, b.Inventory) is not { } machine || !b.Options.Machines.Contains(machine))
                .Select(s => new ServerSetting(s.Backend, s.Name, s.Admin, s.Weight)).ToImmutableArray();
            var step = new Step
            {
                Id = $"restore.{balancer.Name}",
                Title = Phrase.Of("restore-servers", balancer.Name),
                Gate = "",
                Machine = balancer.Name,
                Covers = ["B11", "G1"],
                Before = QuietRule.Matters(b) ? NothingLostRule.Condition(b) : null,
                Action = new SetServers(balancer.Name, servers),
                After = new ServersAre(balancer.Name, servers),
                Budget = b.Budgets.Look,
            };
            last = [b.Add(step, last)];
        }
    }
}
