using System.Text.Json;
using Changeover.Lab.VmHosts;

namespace Changeover.Lab.Lifecycle;

/// <summary>Which lab is there.</summary>
/// <param name="Ready">It was seen whole; false while it starts, and after a start that was cut off.</param>
public sealed record LabState(string Images, DateTimeOffset StartedAt, bool Ready)
{
    public static LabState? Load()
    {
        try
        {
            return JsonSerializer.Deserialize<LabState>(File.ReadAllText(LabPaths.Marker));
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    public void Save() => File.WriteAllText(LabPaths.Marker, JsonSerializer.Serialize(this));

    /// <summary>The lab that can be worked with now, or null: never started, or only rests of one that crashed.</summary>
    public static LabState? Running() =>
        Load() is { Ready: true } state && File.Exists(Network.NamespaceFile)
        && (Topology.Hosts.Any(h => new VmHostServer(h).IsOn) || Topology.Machines.Any(m => Machines.Power.Of(m).IsOn))
            ? state
            : null;

    public static LabState Must() => Running() ?? throw new LabException(1, "the lab is not up; start it with: lab/lab up");
}
