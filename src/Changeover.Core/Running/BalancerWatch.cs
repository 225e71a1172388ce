using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>When the balancers of a pair can be compared: both are up, and no step of this run has set one of them and not yet the other.</summary>
internal static class BalancerWatch
{
    public static bool Comparable(RunState state, ImmutableArray<string> balancers)
    {
        var steps = state.Plan.Steps.Where(s => s.Action is SetServers set && balancers.Contains(set.Balancer)).ToArray();
        // A gate's steps set one balancer after the other; the last gate begun is the one that counts.
        var gate = steps.LastOrDefault(s => state.Steps[s.Id].Status != StepStatus.Waiting)?.Gate;
        return gate is null
            // HAProxy has forgotten MAINT when its machine boots, until it is told again; an aborted run may have set one of them only.
            ? state.Plan.Beginning is null && !state.Plan.Steps.Any(s => s.Deed is SetPower { On: true } power && balancers.Contains(power.Machine))
            : steps.Where(s => s.Gate == gate).All(s => state.Steps[s.Id] is { Status: StepStatus.Done, Outcome: StepOutcome.Done or StepOutcome.FoundSo });
    }
}

/// <summary>
/// Never two writers: the balancers of a pair, either of which may be reached through the floating address at any moment,
/// would give a new session to one and the same database. It is about routing: both masters may be writable.
/// </summary>
/// <remarks>One that chooses none, or cannot be asked, is not a second writer.</remarks>
internal sealed record OneWriter(ImmutableArray<string> Balancers) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => Balancers.Select(m => new Subject(SubjectKind.Balancer, m));

    public override Judgement Judge(View view)
    {
        var choices = new List<(string Balancer, string Writer)>();
        var judgement = View.Each(Balancers, b => view.See<BalancerFacts>(SubjectKind.Balancer, b, f =>
        {
            if (BalancerJudge.Writer(f, view.Inventory, b) is { } writer)
                choices.Add((b, writer));
            return Judgement.Holds;
        }));
        return choices.Select(c => c.Writer).Distinct().Count() > 1
            ? Judgement.Fails(RunFindings.TwoWriters.On(
                string.Join(" and ", choices.Select(c => c.Balancer)), "writers", string.Join(" and ", choices.Select(c => c.Writer))))
            : judgement;
    }
}

/// <summary>
/// Never the last ready server: every backend that had one as found has one that is not set aside. Whether the software behind
/// it answers is not asked, it is stopped for a part of the procedure.
/// </summary>
internal sealed record PoolsReady(string Balancer) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Balancer, Balancer)];

    public override Judgement Judge(View view) => view.See<BalancerFacts>(SubjectKind.Balancer, Balancer, facts =>
        view.Baseline?.QuietedBalancer(Balancer) is not { } found
            ? Judgement.Holds
            : View.Each(
                found.Servers.Where(s => s.Admin == ServerAdmin.Ready).Select(s => s.Backend).Distinct(),
                backend => facts.Servers.Where(s => s.Backend == backend).All(s => s.Admin is ServerAdmin.Maint or ServerAdmin.Drain)
                    ? Judgement.Fails(RunFindings.PoolEmptied.On(Balancer, "backend", backend))
                    : Judgement.Holds));
}
