using Changeover.Lab.Machines;

namespace Changeover.Lab.Lifecycle;

public sealed record BalancerServer(string Backend, string Server, string Status, int Sessions);

/// <summary>What one HAProxy says about its servers.</summary>
public static class Balancer
{
    public static async Task<IReadOnlyList<BalancerServer>> Read(Machine m)
    {
        var seen = await Power.Of(m).Execute(["socat", "-t", "5", "-", "/run/haproxy/admin.sock"], input: "show stat\n", limit: TimeSpan.FromSeconds(15));
        var lines = seen.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0 || !lines[0].StartsWith("# ", StringComparison.Ordinal)) return [];
        var columns = lines[0][2..].Split(',');
        int At(string name) => Array.IndexOf(columns, name);
        return [.. lines.Skip(1).Select(l => l.Split(',')).Where(f => f[At("type")] == "2")
            .Select(f => new BalancerServer(f[At("pxname")], f[At("svname")], f[At("status")], int.Parse(f[At("scur")])))];
    }

    public static async Task<string> Ask(Machine m, string line)
    {
        var done = await Power.Of(m).Execute(["socat", "-t", "5", "-", "/run/haproxy/admin.sock"], input: line + "\n", limit: TimeSpan.FromSeconds(15));
        return done.Good ? done.Output.Trim() : throw new LabException(1, $"HAProxy on {m.Name} did not take \"{line}\": {done.Text}");
    }
}
