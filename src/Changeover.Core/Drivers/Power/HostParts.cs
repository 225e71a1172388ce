using System.Text.Json;
using Changeover.Knowledge;

namespace Changeover.Drivers.Power;

/// <summary>The storages and networks of a host, and which of them a guest stands on, as the Proxmox VE interface writes them.</summary>
/// <remarks>Source: Proxmox VE API viewer (nodes/NODE/storage, nodes/NODE/network), qm.conf(5).</remarks>
internal static class HostParts
{
    private static readonly ImmutableArray<string> Disks = ["ide", "sata", "scsi", "virtio", "efidisk", "tpmstate"];

    /// <summary>Null: an entry that cannot be understood; then nothing of the host is known.</summary>
    public static ImmutableArray<HostPart>? OfHost(IEnumerable<JsonElement> storages, IEnumerable<JsonElement> networks)
    {
        var parts = ImmutableArray.CreateBuilder<HostPart>();
        foreach (var storage in storages)
        {
            if (storage.Text("storage") is not { } name)
                return null;
            parts.Add(new(HostPartKind.Storage, name, storage.Number("enabled") == 1 && storage.Number("active") == 1));
        }
        foreach (var network in networks)
        {
            if (network.Text("iface") is not { } name)
                return null;
            // What is down has no "active" at all.
            parts.Add(new(HostPartKind.Network, name, network.Number("active") == 1));
        }
        return parts.ToImmutable();
    }

    /// <param name="configuration">For example <c>"scsi0": "fast:vm-101-disk-0,size=32G"</c> and <c>"net0": "virtio=BC:24:11:00:00:01,bridge=vmbr0"</c>.</param>
    public static ImmutableArray<HostPart> OfGuest(JsonElement configuration) =>
    [
        .. configuration.EnumerateObject()
            .Where(m => m.Value.ValueKind == JsonValueKind.String)
            .Select(m => IsNumbered(m.Name, "net") ? Network(m.Value.GetString()!) : Disks.Any(d => IsNumbered(m.Name, d)) ? Storage(m.Value.GetString()!) : null)
            .OfType<HostPart>().Distinct().OrderBy(p => p.Kind).ThenBy(p => p.Name, StringComparer.Ordinal),
    ];

    private static bool IsNumbered(string name, string kind) =>
        name.Length > kind.Length && name.StartsWith(kind, StringComparison.Ordinal) && name.AsSpan(kind.Length).IndexOfAnyExceptInRange('0', '9') < 0;

    private static HostPart? Network(string card) =>
        card.Split(',').FirstOrDefault(p => p.StartsWith("bridge=", StringComparison.Ordinal)) is { } bridge ? new(HostPartKind.Network, bridge["bridge=".Length..]) : null;

    /// <summary>Null: an empty drive, or a disk of the host itself, which is on no storage.</summary>
    private static HostPart? Storage(string disk)
    {
        var volume = disk.Split(',')[0];
        if (volume.StartsWith("file=", StringComparison.Ordinal))
            volume = volume["file=".Length..];
        return volume.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && volume[0] != '/' ? new(HostPartKind.Storage, volume[..colon]) : null;
    }
}
