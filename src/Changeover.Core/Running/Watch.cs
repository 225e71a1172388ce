using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>What is looked at all the time, whatever step is on: the plan's standing conditions and the invariants.</summary>
public static class Watch
{
    /// <summary>It changes with the steps only, so it is kept with their status.</summary>
    public static ImmutableArray<Watched> Conditions(RunState state)
    {
        var kept = state.Steps.ByStatus;
        if (kept.Watched.IsDefault)
            kept.Watched = [.. Derive(state).Select(w => new Watched(w.Id, w.Condition, [.. w.Condition.Subjects(state.Inventory)]))];
        return kept.Watched;
    }

    private static IEnumerable<(string Id, Condition Condition)> Derive(RunState state)
    {
        foreach (var standing in state.Plan.Standing)
        {
            if (state.Steps[standing.From].Status == StepStatus.Done
                && (standing.Until.Length == 0 || state.Steps[standing.Until].Status == StepStatus.Waiting))
                yield return ($"standing.{standing.Id}", standing.Condition);
        }
        foreach (var pair in state.Inventory.Pairs)
        {
            var up = pair.Members.Where(m => IsUp(state, m)).ToImmutableArray();
            if (pair.HasBalancer)
            {
                foreach (var balancer in up)
                    yield return ($"invariant.pools-ready.{balancer}", new PoolsReady(balancer));
                if (up.Length == 2 && BalancerWatch.Comparable(state, up))
                    yield return ($"invariant.one-writer.{pair.Name}", new OneWriter(up));
            }
            if (up.Length < 2)
                continue;
            if (pair.HasStore)
                yield return ($"invariant.one-primary.{pair.Name}", new OnePrimary(up));
            foreach (var address in pair.FloatingAddresses)
                yield return ($"invariant.one-owner.{address}", new OneOwner(address, up));
        }
    }

    /// <summary>The run has not asked it to go down, or has seen it up again.</summary>
    public static bool IsUp(RunState state, string machine)
    {
        var up = state.Inventory.Machine(machine).Host != state.Plan.Goal.Host
            || (state.Plan.Beginning?.On.Contains(machine) ?? state.Plan.Goal.Kind != GoalKind.Failback);
        foreach (var step in state.Plan.Steps)
        {
            if (step.Deed is not SetPower power || power.Machine != machine)
                continue;
            var s = state.Steps[step.Id];
            if (power.On && s.Status == StepStatus.Done)
                up = true;
            else if (!power.On && s.Acted)
                up = false;
        }
        return up;
    }
}

/// <param name="Subjects">What must be asked to judge it.</param>
public sealed record Watched(string Id, Condition Condition, ImmutableArray<Subject> Subjects);

/// <summary>Never two DRBD primaries. Only a sight of two breaks it: one that cannot be asked is not a second one.</summary>
internal sealed record OnePrimary(ImmutableArray<string> Machines) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => Machines.Select(m => new Subject(SubjectKind.Drbd, m));

    public override Judgement Judge(View view)
    {
        var primaries = new List<string>();
        var judgement = View.Each(Machines, m => view.See<DrbdFacts>(SubjectKind.Drbd, m, f =>
        {
            if (f.Resources.Any(r => r.Role == DrbdRole.Primary))
                primaries.Add(m);
            return Judgement.Holds;
        }));
        return primaries.Count > 1 ? Judgement.Fails(RunFindings.TwoPrimaries.On(string.Join(" and ", primaries))) : judgement;
    }
}

/// <summary>Never two owners of a floating address.</summary>
internal sealed record OneOwner(string Address, ImmutableArray<string> Machines) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => Machines.Select(m => new Subject(SubjectKind.Machine, m));

    public override Judgement Judge(View view)
    {
        var owners = new List<string>();
        var judgement = View.Each(Machines, m => view.See<MachineFacts>(SubjectKind.Machine, m, f =>
        {
            if (f.Addresses.Contains(Address))
                owners.Add(m);
            return Judgement.Holds;
        }));
        return owners.Count > 1 ? Judgement.Fails(StateFindings.AddressTwice.On(Address, "machines", string.Join(" and ", owners))) : judgement;
    }
}
