namespace Changeover.Inventory;

/// <summary>Order from "requires": who comes after whom, and the circles that make an order impossible.</summary>
public static class StartOrder
{
    /// <summary>
    /// The used roles, each after every role it requires, equals in ordinal order of their names. A role that no machine has
    /// is left out and passed through: what it requires is required by those that required it.
    /// </summary>
    /// <param name="known">All roles, of catalogue and inventory. A required role that is not among them is ignored here.</param>
    /// <param name="used">Names of the roles that a machine has.</param>
    /// <returns>In a circle no order is right; its roles come in ordinal order then, see <see cref="Cycle"/>.</returns>
    public static ImmutableArray<Role> Of(IReadOnlyCollection<Role> known, IReadOnlySet<string> used)
    {
        var byName = known.DistinctBy(r => r.Name).ToImmutableDictionary(r => r.Name, StringComparer.Ordinal);
        var left = new SortedDictionary<string, Role>(StringComparer.Ordinal);
        foreach (var role in byName.Values.Where(r => used.Contains(r.Name)))
            left.Add(role.Name, role with { Requires = Through(role) });

        var ordered = ImmutableArray.CreateBuilder<Role>(left.Count);
        while (left.Count > 0)
        {
            var next = left.Values.FirstOrDefault(r => !r.Requires.Any(q => left.ContainsKey(q) && q != r.Name)) ?? left.Values.First();
            left.Remove(next.Name);
            ordered.Add(next);
        }
        return ordered.ToImmutable();

        ImmutableArray<string> Through(Role role)
        {
            var found = new List<string>();
            var seen = new HashSet<string>(StringComparer.Ordinal);
            Follow(role);
            return [.. found];

            void Follow(Role at)
            {
                foreach (var name in at.Requires.Where(seen.Add))
                {
                    if (used.Contains(name))
                        found.Add(name);
                    else if (byName.TryGetValue(name, out var absent))
                        Follow(absent);
                }
            }
        }
    }

    /// <summary>
    /// A shortest circle through <paramref name="start"/>, with it first and last: <c>a, b, a</c>. Null if there is none.
    /// </summary>
    public static ImmutableArray<string>? Cycle(string start, Func<string, IEnumerable<string>> requires)
    {
        var cameFrom = new Dictionary<string, string>(StringComparer.Ordinal);
        var queue = new Queue<string>([start]);
        while (queue.TryDequeue(out var at))
        {
            foreach (var next in requires(at).Order(StringComparer.Ordinal))
            {
                if (next == start)
                {
                    var path = new Stack<string>([start]);
                    for (var back = at; back != start; back = cameFrom[back])
                        path.Push(back);
                    path.Push(start);
                    return [.. path];
                }
                if (cameFrom.TryAdd(next, at))
                    queue.Enqueue(next);
            }
        }
        return null;
    }

    /// <summary>One circle for each group of names that are in a circle, beginning with the first in ordinal order.</summary>
    public static IEnumerable<ImmutableArray<string>> Cycles(IEnumerable<string> names, Func<string, IEnumerable<string>> requires)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            if (told.Contains(name) || Cycle(name, requires) is not { } cycle)
                continue;
            told.UnionWith(cycle);
            yield return cycle;
        }
    }
}
