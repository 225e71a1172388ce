using System.Globalization;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Planning;

/// <summary>The System Health Check: the expectation judged area by area (X1, F12, B15).</summary>
/// <param name="Expected"><c>normal</c>, <c>emptied:HOST</c>, <c>after:RUN</c> of an aborted run, or <c>signed</c>: machines are on by a person's word.</param>
/// <param name="Advice">Worth knowing before a maintenance; stops nothing.</param>
public sealed record HealthCheck(string Expected, ImmutableArray<HealthArea> Areas, ImmutableArray<Finding> Advice)
{
    public Verdict Verdict =>
        Areas.Any(a => a.Judgement.Verdict == Verdict.Fails) ? Verdict.Fails
        : Areas.Any(a => a.Judgement.Verdict == Verdict.Unknown) ? Verdict.Unknown
        : Verdict.Holds;

    /// <param name="emptiedHost">Empty: normal operation is expected.</param>
    /// <param name="baseline">The open maintenance's picture; null: who holds what is taken from what is seen.</param>
    /// <param name="goal">What it is looked at for, and <paramref name="options"/> with the machines that are not judged; null: everything is.</param>
    /// <param name="remainder">The cluster is between its states, after an aborted run or by a person's word; null: it is as a goal expects it.</param>
    public static HealthCheck Of(
        ClusterInventory inventory, Snapshot snapshot, Moment now, string emptiedHost, Baseline? baseline, Goal? goal = null, PlanOptions? options = null, Remainder? remainder = null)
    {
        var found = baseline ?? Baseline.Take("", now.Utc, snapshot);
        var view = new View(inventory, snapshot, now, new Moment(TimeSpan.MinValue, default), found, AnyAge: true);
        var left = options ?? PlanOptions.Default;
        var expected = remainder is not null ? Expectations.Partly(inventory, found, remainder, left.Machines)
            : emptiedHost.Length > 0 ? Expectations.Emptied(inventory, emptiedHost, found, left.Machines, serving: true)
            : Expectations.Normal(inventory, found, left.Machines);
        if (goal?.Kind == GoalKind.Failback)
            expected = [.. expected, .. Expectations.HostIsReady(inventory, goal.Host, left.Machines).Select(c => ("power", c))];
        var areas = expected
            .GroupBy(e => e.Area)
            .Select(g => new HealthArea(g.Key, View.Each(g, e => e.Condition.Judge(view))))
            .ToImmutableArray();
        if (goal is not null && LeavingOut.Against(inventory, goal, found, left) is { IsEmpty: false } against)
            areas = areas.Add(new("left out", Judgement.Fails(against)));
        if (emptiedHost.Length > 0 && remainder is null or { Runs.IsEmpty: true }
            && Evidence.Of(inventory, snapshot, emptiedHost, left.Machines, left.Signed is not null).ToImmutableArray() is { IsEmpty: false } on)
            areas = areas.Add(new("not explained", Judgement.Fails(on)));
        return new(remainder is { Runs: [.., var last] } ? $"after:{last}" : remainder is not null ? "signed" : emptiedHost.Length > 0 ? $"emptied:{emptiedHost}" : "normal", areas, [
            .. Advise(inventory, snapshot, emptiedHost),
            .. emptiedHost.Length > 0 ? Expectations.Ahead(inventory, emptiedHost, left.Machines).Judge(view).Findings.Where(f => f.Severity == Severity.Info) : [],
        ]);
    }

    private static IEnumerable<Finding> Advise(ClusterInventory inventory, Snapshot snapshot, string emptiedHost)
    {
        foreach (var host in inventory.Hosts)
        {
            if (snapshot.Facts<PowerFacts>(SubjectKind.Power, host.Name) is not { } power)
                continue;
            foreach (var guest in power.Guests)
            {
                var machine = inventory.Machines.FirstOrDefault(m => m.GuestName == guest.Name);
                if (machine is null)
                    yield return StateFindings.GuestUnknown.On(host.Name, "guest", guest.Name);
                else if (guest.Autostart == true)
                    yield return StateFindings.Autostart.On(machine.Name, "host", host.Name);
            }
        }
        foreach (var machine in inventory.Machines.Where(m => m.Host != emptiedHost))
        {
            if (snapshot.Find(SubjectKind.Machine, machine.Name) is not { Facts: MachineFacts facts } seen)
                continue;
            if (facts.RebootPending == true)
                yield return StateFindings.RebootPending.On(machine.Name);
            foreach (var disk in facts.Disks?.Where(d => d is { IsLow: true, IsFull: false }) ?? [])
                yield return StateFindings.DiskLow.On(machine.Name, "mount", disk.Mount, "free", string.Create(CultureInfo.InvariantCulture, $"{disk.Free >> 10}"));
            if (facts.Uptime > LongUptime)
                yield return ComesBackFindings.UpForLong.On(machine.Name, "days", ((int)facts.Uptime.Value.TotalDays).ToString(CultureInfo.InvariantCulture));
            // The clock was read somewhere between question and answer.
            if (facts.Clock is not { } clock)
                continue;
            var early = seen.AskedAt.Utc - clock;
            var late = clock - seen.AnsweredAt.Utc;
            var off = early > late ? early : late;
            if (off > ClockTolerance)
                yield return StateFindings.ClockOff.On(machine.Name, "seconds", off.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture));
        }
        foreach (var balancer in inventory.Balancers)
        {
            if (snapshot.Facts<BalancerFacts>(SubjectKind.Balancer, balancer.Name) is not { } facts)
                continue;
            foreach (var server in facts.Servers.Where(s => BalancerJudge.Settings(inventory, balancer.Name)?.MachineOf(s.Name, inventory) is null))
                yield return WritingFindings.ServerUnknown.On(balancer.Name, "backend", server.Backend, "server", server.Name);
        }
    }

    /// <summary>Longer than a year: no yearly maintenance has booted it.</summary>
    private static readonly TimeSpan LongUptime = TimeSpan.FromDays(400);

    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(2);
}

public sealed record HealthArea(string Name, Judgement Judgement);
