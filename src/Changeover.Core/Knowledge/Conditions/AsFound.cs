using System.Globalization;
using Changeover.Inventory;

namespace Changeover.Knowledge.Conditions;

/// <summary>
/// G3: nothing differs from the picture taken before F1 (balancers: the one at F4). Compared is what a person would have to
/// set back; not compared are positions, counters, uptimes and sessions.
/// </summary>
/// <param name="Except">Machines left out on purpose: they are not asked.</param>
public sealed record AsFound(ImmutableArray<string>? Except = null) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) =>
        AsFoundPicture.Subjects(inventory).Where(s => Except?.Contains(s.Name) != true);

    // A downtime that has ended by itself no longer counts.
    internal override bool ReadsClock => true;

    public override Judgement Judge(View view)
    {
        if (view.Baseline is not { } baseline)
            return Judgement.Unknown(StateFindings.NotSeen.On("the picture as found", "asked", "baseline"));
        return View.Each(Subjects(view.Inventory), subject => view.See<Facts>(subject.Kind, subject.Name, now =>
        {
            var then = subject.Kind == SubjectKind.Balancer ? baseline.QuietedBalancer(subject.Name) : baseline.Facts<Facts>(subject.Kind, subject.Name);
            return then is null
                ? Judgement.Holds
                : View.Each(AsFoundPicture.Differences(AsFoundPicture.Expected(then, view), AsFoundPicture.Others(now, view)), d => Judgement.Fails(
                    WritingFindings.AsFound.On(subject.Name, "what", d.What, "seen", d.Now, "expected", d.Then)));
        }));
    }
}

/// <summary>One thing that is not as found.</summary>
public sealed record Difference(string What, string Then, string Now);

/// <summary>What of each kind of facts makes up the picture as found.</summary>
public static class AsFoundPicture
{
    public static ImmutableArray<Subject> Subjects(ClusterInventory inventory)
    {
        var subjects = ImmutableArray.CreateBuilder<Subject>();
        foreach (var host in inventory.Hosts.Where(h => h.Hypervisor != HypervisorKind.Person))
            subjects.Add(new(SubjectKind.Power, host.Name));
        if (inventory.Monitoring is { Kind: not MonitoringKind.Person })
            subjects.Add(new(SubjectKind.Downtimes, "monitoring"));
        foreach (var machine in inventory.Machines)
        {
            var roles = inventory.RolesOf(machine).ToArray();
            if (roles.Any(r => r.Redundancy == Redundancy.Pacemaker))
            {
                subjects.Add(new(SubjectKind.Pacemaker, machine.Name));
                subjects.Add(new(SubjectKind.PacemakerSetup, machine.Name));
            }
            if (roles.Any(r => r.Store is not null))
                subjects.Add(new(SubjectKind.Drbd, machine.Name));
            if (roles.Any(r => r.Balancer is not null))
                subjects.Add(new(SubjectKind.Balancer, machine.Name));
            if (roles.Any(r => r.Database is not null))
                subjects.Add(new(SubjectKind.Database, machine.Name));
            if (inventory.CarriesClaim(machine))
                subjects.Add(new(SubjectKind.Claim, machine.Name));
            if (ComesBack.AsksBoot(inventory, machine))
                subjects.Add(new(SubjectKind.Boot, machine.Name));
            var services = inventory.ServicesOf(machine).ToArray();
            if (services.Length > 0)
                subjects.Add(new(SubjectKind.Services, machine.Name));
            if (services.Any(s => s.SingletonProbe.Length > 0))
                subjects.Add(new(SubjectKind.Singleton, machine.Name));
        }
        return subjects.ToImmutable();
    }

    public static ImmutableArray<Difference> Differences(Facts then, Facts now)
    {
        // Most are the same, entry by entry.
        if (Entries(then).SequenceEqual(Entries(now)))
            return [];
        var before = Entries(then).ToImmutableSortedDictionary(e => e.What, e => e.Value, StringComparer.Ordinal);
        var after = Entries(now).ToImmutableSortedDictionary(e => e.What, e => e.Value, StringComparer.Ordinal);
        return
        [
            .. before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
                .Select(k => new Difference(k, before.GetValueOrDefault(k, "absent"), after.GetValueOrDefault(k, "absent")))
                .Where(d => d.Then != d.Now),
        ];
    }

    /// <summary>
    /// What was found, and no claim: one that was there was of a run that this one took over, or health would have refused it.
    /// </summary>
    public static Facts Expected(Facts then, View view) => then is ClaimFacts ? ClaimFacts.Nobody : Others(then, view);

    /// <summary>
    /// Without what is this maintenance's own, which is given back after the comparison, and without downtimes whose time was
    /// over by itself.
    /// </summary>
    public static Facts Others(Facts facts, View view) => facts switch
    {
        ClaimFacts f when f.Run == view.Run => ClaimFacts.Nobody,
        DowntimeFacts f when view.Baseline is { } baseline => new DowntimeFacts(
            [.. f.Downtimes.Where(d => d.End > view.Now.Utc && !(d.Key.Length > 0 && d.Key.StartsWith(baseline.Maintenance, StringComparison.Ordinal)))]),
        _ => facts,
    };

    private static IEnumerable<(string What, string Value)> Entries(Facts facts) => facts switch
    {
        PowerFacts f => f.Guests.SelectMany(g => new (string, string)[]
        {
            ($"power of {g.Name}", Text(g.Power)), ($"start at boot of {g.Name}", g.Autostart switch { true => "on", false => "off", _ => "unknown" }),
        }),
        PacemakerFacts f =>
        [
            ("holder of the pair", PairJudge.HolderNode(f) ?? "none"),
            ("maintenance mode", f.MaintenanceMode ? "on" : "off"),
            .. f.Nodes.Select(n => ($"node {n.Name}", PairJudge.Text(n))),
            .. f.Bans.Select(b => ($"constraint {b.Id}", $"{b.Resource} off {b.Node}")),
        ],
        PacemakerSetupFacts f =>
        [
            ("cluster configuration", f.Digest),
            .. f.Locations.Select(l => ($"constraint {l.Id}", string.Create(CultureInfo.InvariantCulture, $"{l.Resource} on {l.Node} {l.Score}"))),
            ("nodes with a standby attribute", string.Join(", ", f.StandbyNodes.Order(StringComparer.Ordinal))),
        ],
        DrbdFacts f => f.Resources.Select(r => ($"DRBD {r.Name}", $"{Text(r.Role)}, {r.Connection}, {r.Disk}/{r.PeerDisk}")),
        BalancerFacts f => f.Servers.Select(s =>
            ($"server {s.Backend}/{s.Name}", string.Create(CultureInfo.InvariantCulture, $"{Text(s.Admin)} with weight {s.Weight}"))),
        DatabaseFacts f =>
        [
            ("read_only", f.ReadOnly ? "on" : "off"),
            ("event scheduler", f.EventScheduler ? "on" : "off"),
            .. f.Channels.Select(c => ($"replication {c.Name} from {c.SourceHost}", c is { Io: ReplicationThread.Running, SqlRunning: true } ? "running" : "not running")),
        ],
        ServiceFacts f => f.Services.SelectMany(s => new (string, string)[]
        {
            ($"service {s.Name}", s.Run is ServiceRun.Running ? "running" : s.Run is ServiceRun.NotInstalled ? "not installed" : "stopped"),
            ($"start at boot of {s.Name}", Text(s.Start)),
        }),
        BootFacts f => f.Units.Select(u => ($"start at boot of {u.Name}", Text(u.Start))),
        ClaimFacts f => [("claim", f.Free ? "free" : $"run {f.Run} of {f.Controller}")],
        // Somebody else's: one that began and one that was ended early are what a person would have to know.
        DowntimeFacts f => f.Downtimes.GroupBy(d => d.Object, StringComparer.Ordinal).Select(g => (
            $"downtime of {g.Key}",
            string.Join(", ", g.Select(d => d.End).Distinct().Order().Select(e => e.ToString("'until' yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture))))),
        SingletonFacts f => [($"singleton {f.Name}", Text(f.Run))],
        _ => [],
    };

    private static string Text<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
