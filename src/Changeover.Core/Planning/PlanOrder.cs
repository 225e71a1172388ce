namespace Changeover.Planning;

/// <summary>Order of steps: sorting and leaving out edges that others already imply.</summary>
public static class PlanOrder
{
    /// <summary>
    /// Topological, in the order the rules added them. Throws on an unknown id, a duplicate or a cycle (shown as a path):
    /// those are mistakes in a rule, not in an inventory.
    /// </summary>
    public static ImmutableArray<Step> Sort(IReadOnlyList<Step> steps)
    {
        var byId = new Dictionary<string, Step>(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            if (!byId.TryAdd(step.Id, step))
                throw new InvalidOperationException($"two steps are called {step.Id}");
        }
        var sorted = ImmutableArray.CreateBuilder<Step>(steps.Count);
        var done = new HashSet<string>(StringComparer.Ordinal);
        var path = new List<string>();
        foreach (var step in steps)
            Visit(step);
        return sorted.ToImmutable();

        void Visit(Step step)
        {
            if (done.Contains(step.Id))
                return;
            var at = path.IndexOf(step.Id);
            if (at >= 0)
                throw new InvalidOperationException($"steps wait for each other: {string.Join(" -> ", path.Skip(at))} -> {step.Id}");
            path.Add(step.Id);
            foreach (var requirement in step.Requires)
                Visit(byId.GetValueOrDefault(requirement.Step) ?? throw new InvalidOperationException($"{step.Id} requires {requirement.Step}, which does not exist"));
            path.RemoveAt(path.Count - 1);
            done.Add(step.Id);
            sorted.Add(step);
        }
    }

    /// <summary>
    /// Drops an edge that a longer way implies: any way implies "begun", only a way of "done" edges implies "done".
    /// </summary>
    public static ImmutableArray<Step> Reduce(IReadOnlyList<Step> steps)
    {
        var byId = steps.ToDictionary(s => s.Id, StringComparer.Ordinal);
        var reached = new Dictionary<(string, RequirementKind), HashSet<string>>();
        return [.. steps.Select(s => s with { Requires = [.. s.Requires.Distinct().Where(r => !s.Requires.Any(o => o != r && Implies(o, r)))] })];

        bool Implies(Requirement other, Requirement edge)
        {
            if (other.Step == edge.Step)
                return other.Kind == RequirementKind.Done && edge.Kind == RequirementKind.Begun;
            return (edge.Kind == RequirementKind.Begun || other.Kind == RequirementKind.Done) && Reached(other.Step, edge.Kind).Contains(edge.Step);
        }

        // Everything that lies behind a step on ways that imply this kind.
        HashSet<string> Reached(string from, RequirementKind kind)
        {
            if (reached.TryGetValue((from, kind), out var known))
                return known;
            var all = reached[(from, kind)] = new(StringComparer.Ordinal);
            foreach (var requirement in byId[from].Requires.Where(r => kind == RequirementKind.Begun || r.Kind == RequirementKind.Done))
            {
                all.Add(requirement.Step);
                all.UnionWith(Reached(requirement.Step, kind));
            }
            return all;
        }
    }
}
