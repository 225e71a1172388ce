using System.Globalization;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Planning.Rules;

/// <summary>X1, G3: nothing starts while the state is unknown.</summary>
public static class CheckStartRule
{
    public const string Id = "check.start";

    public static void Contribute(PlanBuilder b)
    {
        var without = b.Options.Machines;
        var expected = b.Remainder is { } remainder ? Expectations.Partly(b.Inventory, b.Baseline, remainder, without)
            : b.IsFailback ? Expectations.Emptied(b.Inventory, b.Goal.Host, b.Baseline, without, serving: true)
            : Expectations.Normal(b.Inventory, b.Baseline, without);
        var comesBack = b.Goal.Kind != GoalKind.Failover ? [] : b.Emptied.Where(b.IsOn).Select(m => (Condition)new ComesBack(m.Name)).Where(c => c.Subjects(b.Inventory).Any()).ToArray();
        b.Add(new Step
        {
            Id = Id,
            Title = b.Remainder is not null ? Phrase.Of("check-partly", b.Goal.Host) : b.IsFailback ? Phrase.Of("check-emptied", b.Goal.Host) : Phrase.Of("check-start"),
            Gate = Gates.Start,
            Covers = b.Goal.Kind switch
            {
                GoalKind.Failover => ["X1", "X2", "X3", "X6", "G3"],
                GoalKind.Failback => ["X1", "B0", "B3", "X2"],
                _ => ["X1", "B16"],
            },
            After = Condition.And([.. expected.Select(e => e.Condition), .. comesBack, .. b.IsFailback ? Expectations.HostIsReady(b.Inventory, b.Goal.Host, without) : [], .. b.IsFailback && b.Remainder is null ? StillEmptied(b) : []]),
            Budget = b.Budgets.Look,
        });
    }

    /// <summary>B0: F7 still holds; and B3: what there will be to synchronise is said before anything is stopped.</summary>
    private static IEnumerable<Condition> StillEmptied(PlanBuilder b)
    {
        foreach (var balancer in b.KeptBalancers.Where(m => b.ServersToMaint(m.Name).Length > 0))
            yield return new ServersAre(balancer.Name, b.ServersToMaint(balancer.Name));
        yield return Expectations.Ahead(b.Inventory, b.Goal.Host, b.Options.Machines);
    }
}

/// <summary>The lease on the cluster itself: every pair and database machine that is up, in name order, all or none.</summary>
public static class ClaimRule
{
    public static string Id(string machine) => $"claim.{machine}";

    /// <summary>Linux machines of pairs and databases, in name order.</summary>
    public static IEnumerable<Machine> Machines(ClusterInventory inventory) => inventory.Machines
        .Where(inventory.CarriesClaim)
        .OrderBy(m => m.Name, StringComparer.Ordinal);

    public static void Contribute(PlanBuilder b)
    {
        var last = CheckStartRule.Id;
        foreach (var machine in FromTheStart(b))
            last = b.Add(Step(b, machine), last);
    }

    /// <summary>The claim that comes last: all are held when it is done.</summary>
    public static string Last(PlanBuilder b) => FromTheStart(b).Select(m => Id(m.Name)).LastOrDefault(CheckStartRule.Id);

    private static IEnumerable<Machine> FromTheStart(PlanBuilder b) =>
        Machines(b.Inventory).Where(m => b.Kept.Contains(m) || (b.Emptied.Contains(m) && b.IsOn(m)));

    /// <summary>Taken before the first change, and made again on a machine that booted: /run forgets it.</summary>
    public static Step Step(PlanBuilder b, Machine machine) => new()
    {
        Id = Id(machine.Name),
        Title = Phrase.Of("claim", machine.Name),
        Gate = "",
        Machine = machine.Name,
        Covers = ["X1"],
        Action = new TakeClaim(machine.Name, From: From(b)),
        After = new ClaimIs(machine.Name, Held: true),
        Budget = b.Budgets.Look,
    };

    /// <summary>Aborted runs of this maintenance have handed over; whoever else's claim is taken is a person's word.</summary>
    private static ImmutableArray<string>? From(PlanBuilder b)
    {
        ImmutableArray<string> runs = [.. b.Remainder?.Runs ?? [], .. b.Options.TakeOver.Length > 0 ? [b.Options.TakeOver] : Array.Empty<string>()];
        return runs.IsEmpty ? null : runs;
    }

    public static void Release(PlanBuilder b)
    {
        foreach (var machine in Machines(b.Inventory).Where(m => b.Kept.Contains(m) || (b.EndsWhole && b.Emptied.Contains(m))))
        {
            b.Add(new Step
            {
                Id = $"release.{machine.Name}",
                Title = Phrase.Of("release", machine.Name),
                Gate = "",
                Machine = machine.Name,
                Action = new ReleaseClaim(machine.Name),
                After = new ClaimIs(machine.Name, Held: false),
                Budget = b.Budgets.Look,
                Acceptable = true,
            });
        }
    }
}

/// <summary>F1, B1: the active master is backed up and the backup proved.</summary>
public static class BackupRule
{
    public static void Contribute(PlanBuilder b)
    {
        var active = b.Remainder?.Now.Writer(b.Inventory) is { } writer ? writer
            : b.IsFailback ? b.Masters?.Kept ?? b.Inventory.Masters.FirstOrDefault(b.Kept.Contains)?.Name : b.WriterAsFound;
        if (string.IsNullOrEmpty(active))
            return;
        // An aborted run's backup may be older than what was written since.
        var again = b.Remainder is { } before ? string.Create(CultureInfo.InvariantCulture, $"-{before.Runs.Length + 1}") : "";
        var id = $"{b.Baseline.Maintenance}-{b.Goal.Word}{again}";
        b.Add(new Step
        {
            Id = $"backup.{active}",
            Title = Phrase.Of("backup", active),
            Gate = "",
            Machine = active,
            Covers = [b.IsFailback ? "B1" : "F1"],
            Before = new MachineIs(active),
            Action = new StartBackup(active, id),
            After = new BackupIs(active, id),
            Budget = b.Budgets.Backup,
            Progress = new(SubjectKind.Backup, active),
            Expected = TimeSpan.FromMinutes(2),
        }, ClaimRule.Last(b));
    }
}

/// <summary>F2, F13, B2, B14: downtimes are leases of the maintenance, found again by their key.</summary>
public static class DowntimeRule
{
    public static string Key(PlanBuilder b, string side) => $"{b.Baseline.Maintenance}-{side}";

    public static void Contribute(PlanBuilder b)
    {
        if (b.Inventory.Monitoring is not { } monitoring)
            return;
        // Objects that belong to no host go red by design while one-sided, so they are covered with the emptied side.
        Set(b, monitoring, "kept", [.. b.Inventory.Machines.Where(m => m.Host != b.Goal.Host).Select(m => m.GuestName)], b.Now + b.Budgets.Downtime, b.IsFailback ? "B2" : "F2");
        Set(b, monitoring, "emptied", [.. b.Inventory.Machines.Where(m => m.Host == b.Goal.Host).Select(m => m.GuestName), .. monitoring.SharedObjects],
            b.IsFailback ? b.Now + b.Budgets.Downtime : b.Options.BackBy ?? b.Now + TimeSpan.FromDays(1), b.IsFailback ? "B2" : "F2");
    }

    public static void End(PlanBuilder b)
    {
        if (b.Inventory.Monitoring is not { } monitoring)
            return;
        End(b, monitoring, "kept", b.IsFailback ? "B14" : "F13");
        if (b.IsFailback)
            End(b, monitoring, "emptied", "B14");
    }

    private static void Set(PlanBuilder b, Monitoring monitoring, string side, ImmutableArray<string> objects, DateTimeOffset until, string covers)
    {
        var key = Key(b, side);
        var action = new SetDowntime(key, objects, until, $"{b.Goal}: {side} side");
        b.Add(new Step
        {
            Id = $"downtime.{side}",
            Title = Phrase.Of("downtime", $"the {side} side"),
            Gate = "",
            Covers = [covers],
            Action = monitoring.Kind == MonitoringKind.Person ? new Instruct("", $"Silence the monitoring until {Time(until)} for {string.Join(", ", objects)}.", action) : action,
            After = monitoring.Kind == MonitoringKind.Person ? null : new DowntimeCovers(key, objects, until),
            Budget = monitoring.Kind == MonitoringKind.Person ? b.Budgets.Person : b.Budgets.Look,
            Acceptable = true,
        }, ClaimRule.Last(b));
    }

    private static void End(PlanBuilder b, Monitoring monitoring, string side, string covers) => End(b, monitoring, side, Key(b, side), covers);

    /// <summary>A downtime by its key; a person ends it where no program can.</summary>
    public static void End(PlanBuilder b, Monitoring monitoring, string side, string key, string covers)
    {
        var action = new RemoveDowntime(key);
        b.Add(new Step
        {
            Id = $"downtime-end.{side}",
            Title = Phrase.Of("downtime-end", $"the {side} side"),
            Gate = "",
            Covers = [covers],
            Action = monitoring.Kind == MonitoringKind.Person ? new Instruct("", $"End the downtime of the {side} side in the monitoring.", action) : action,
            After = monitoring.Kind == MonitoringKind.Person ? null : new DowntimeGone(key),
            Budget = monitoring.Kind == MonitoringKind.Person ? b.Budgets.Person : b.Budgets.Look,
            Acceptable = true,
        });
    }

    private static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
