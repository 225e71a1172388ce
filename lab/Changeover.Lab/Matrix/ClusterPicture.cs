using Changeover.Lab.Lifecycle;

namespace Changeover.Lab.Matrix;

/// <summary>
/// What must be the same before and after, read by the lab in its own way and not by the program under test: power, roles,
/// resources, replication, HAProxy's states, services. Counters, sessions and times are left out.
/// </summary>
public static class ClusterPicture
{
    public static async Task<ImmutableSortedDictionary<string, string>> Take()
    {
        var status = await Status.Read();
        return status.Machines.SelectMany(m => m.Facts.Select(f => ($"{m.Name} {f.Key}", Lasting(f.Key, f.Value))).Append(($"{m.Name} power", m.On ? "on" : "off")))
            .ToImmutableSortedDictionary(f => f.Item1, f => f.Item2, StringComparer.Ordinal);
    }

    /// <summary>Differences in words; empty: nothing differs.</summary>
    public static ImmutableArray<string> Differences(ImmutableSortedDictionary<string, string> before, ImmutableSortedDictionary<string, string> after) =>
    [
        .. before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
            .Where(k => before.GetValueOrDefault(k) != after.GetValueOrDefault(k))
            .Select(k => $"{k}: was \"{before.GetValueOrDefault(k)}\", is \"{after.GetValueOrDefault(k)}\""),
    ];

    private static string Lasting(string fact, string value) => fact switch
    {
        _ when fact.StartsWith("haproxy ", StringComparison.Ordinal) => string.Join(", ", value.Split(", ").Select(server => server[..server.LastIndexOf(' ')])),
        "replication" => string.Join(',', value.Split(',').Take(2)),
        _ => value,
    };
}
