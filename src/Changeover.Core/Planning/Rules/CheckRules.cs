using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Planning.Rules;

/// <summary>F10, B8: the cluster is as it must be at this point, and only at this point.</summary>
public static class CheckRule
{
    public static void OneSided(PlanBuilder b)
    {
        foreach (var group in Expectations.OneSided(b.Inventory, b.Goal.Host, b.Options.Machines).GroupBy(e => e.Area))
        {
            b.Add(new Step
            {
                Id = $"check.{group.Key}",
                Title = Phrase.Of("check-area", group.Key),
                Gate = "",
                Covers = ["F10"],
                After = Condition.And([.. group.Select(e => e.Condition)]),
                Budget = b.Budgets.Look,
            });
        }
    }

    public static void Synchronised(PlanBuilder b, params IEnumerable<string> after)
    {
        var preceding = after.ToArray();
        foreach (var pair in b.Divided)
        {
            var holder = b.HolderNow(pair) ?? b.HolderWhileEmptied(pair);
            var conditions = new List<Condition> { new PairHeld(pair.Name, holder, PeerExpectation.Online) };
            if (pair.HasStore)
            {
                conditions.Add(new DrbdIs(holder, Primary: true, Alone: false));
                conditions.Add(new DrbdIs(pair.Other(holder), Primary: false, Alone: false));
                conditions.Add(new ScoresFull(pair.Name, holder));
            }
            conditions.AddRange(pair.FloatingAddresses.Select(a => new AddressAt(a, holder, pair.Members)));
            b.Add(new Step
            {
                Id = $"check.pair.{Ids.Of(pair.Name)}",
                Title = Phrase.Of("check-pair-whole", pair.Name, holder, pair.Other(holder)),
                Gate = "",
                Covers = ["B8"],
                After = Condition.And([.. conditions]),
                Budget = b.Budgets.Synchronise,
                Progress = pair.HasStore ? new(SubjectKind.Drbd, holder) : null,
            }, preceding);
        }
        var databases = b.Inventory.Databases.Where(m => b.Kept.Contains(m) || b.Emptied.Contains(m)).Select(m => m.Name).ToArray();
        if (databases.Length == 0)
            return;
        var replication = new List<Condition>();
        replication.AddRange(databases.Select(d => new Replicates(d, Expectations.Except(b.Options.Machines))));
        // End to end from the writer: that a replica equals its own source proves nothing while the source is behind.
        if (b.Masters is { } masters)
            replication.AddRange(databases.Where(d => d != masters.Kept).Select(d => new CaughtUp(d, masters.Kept, b.Between(masters.Kept, d))));
        b.Add(new Step
        {
            Id = "check.replication",
            Title = Phrase.Of("check-replication", string.Join(", ", databases)),
            Gate = "",
            Covers = ["B8", "G1"],
            After = Condition.And([.. replication]),
            Budget = b.Budgets.Synchronise,
            Progress = new(SubjectKind.Database, b.Masters?.Emptied ?? databases[0]),
        }, preceding);
    }
}

/// <summary>F12, B15: the System Health Check, and what a person must have seen work.</summary>
public static class HealthRule
{
    public static void Contribute(PlanBuilder b, params IEnumerable<string> after)
    {
        var without = b.Options.Machines;
        var expected = b.IsFailback
            ? Expectations.Normal(b.Inventory, b.Baseline, without)
            : Expectations.Emptied(b.Inventory, b.Goal.Host, b.Baseline, without, serving: true);
        var health = b.Add(new Step
        {
            Id = "check.health",
            Title = Phrase.Of(b.IsFailback ? "health-normal" : "health-emptied"),
            Gate = "",
            Covers = [b.IsFailback ? "B15" : "F12"],
            After = Condition.And([.. expected.Select(e => e.Condition)]),
            Budget = b.Budgets.Look,
            Hold = TimeSpan.FromSeconds(5),
        }, after);
        foreach (var item in b.Inventory.Acceptance)
        {
            b.Add(new Step
            {
                Id = $"accept.{item.Id}",
                Title = Phrase.Of("accept", item.Instruction),
                Gate = "",
                Covers = [b.IsFailback ? "B15" : "F12"],
                Action = new Instruct("", item.Instruction),
                Budget = b.Budgets.Person,
                Acceptable = true,
            }, health);
        }
        if (b.IsFailback)
            AsFound(b, health);
    }

    /// <summary>G3: a person may sign what differs.</summary>
    public static void AsFound(PlanBuilder b, string after) => b.Add(new Step
    {
        Id = "check.as-found",
        Title = Phrase.Of("as-found"),
        Gate = "",
        Covers = ["G3"],
        After = new AsFound(b.Options.Without.Count == 0 ? null : [.. b.Options.Without.Keys]),
        Budget = b.Budgets.Look,
        Acceptable = true,
    }, after);
}
