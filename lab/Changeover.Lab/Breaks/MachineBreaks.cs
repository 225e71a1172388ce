using Changeover.Lab.Machines;
using Changeover.Lab.VmHosts;

namespace Changeover.Lab.Breaks;

/// <summary>Machines and services that do not obey or cannot be reached.</summary>
internal static class MachineBreaks
{
    public static ImmutableArray<Break> All { get; } =
    [
        new("service-will-not-stop", "the machine's program ignores the request to stop, and systemd waits for ever", "acd-jb4", false, m => Service(m) is not null,
            (m, power) => power.Must(
                $"""
                mkdir -p /run/systemd/system/{Service(m)}.service.d
                printf '[Service]\nTimeoutStopSec=infinity\nSendSIGKILL=no\n' > /run/systemd/system/{Service(m)}.service.d/lab.conf
                systemctl daemon-reload
                touch /run/lab-ignores-stop.{Service(m)}
                """),
            (m, power, _) => power.Shell(
                $"""
                rm -rf /run/lab-ignores-stop.{Service(m)} /run/systemd/system/{Service(m)}.service.d
                systemctl daemon-reload
                # A stop that was asked for meanwhile has waited long enough.
                if [ "$(systemctl is-active {Service(m)})" = deactivating ]; then systemctl kill --signal=TERM {Service(m)}; fi
                """)),
        new("guest-ignores-shutdown", "the power button and \"poweroff\" have no effect; only a hard power-off ends it", "acd-chat1", false, m => m.Host is not null,
            (_, power) => power.Must("systemctl mask --runtime --quiet poweroff.target halt.target"),
            (_, power, _) => power.Shell("systemctl unmask --runtime --quiet poweroff.target halt.target")),
        new("machine-unreachable", "the machine runs, but its cable is cut", "acd-jb3", true, _ => true,
            async (m, _) =>
            {
                await Network.SetCable(m, plugged: false);
                return "";
            },
            (m, _, _) => Network.SetCable(m, plugged: true)),
        new("guest-locked", "its VM host keeps it locked for a backup and neither starts nor stops it", "acd-jb1", true, m => m.Host is not null,
            (m, _) => Set(m, s => s with { Lock = "backup" }), (m, _, _) => Set(m, s => s with { Lock = "" })),
        new("host-storage-down", "the storage of its VM host is not active", "acd-jb1", true, m => m.Host is not null,
            (m, _) =>
            {
                File.WriteAllText(LabPaths.StorageDown(Topology.FindHost(m.Host!)), "");
                return Task.FromResult("");
            },
            (m, _, _) =>
            {
                File.Delete(LabPaths.StorageDown(Topology.FindHost(m.Host!)));
                return Task.CompletedTask;
            }),
        new("disk-full", "no space left on the machine's disk", "acd-dbs2", true, m => !m.IsStore,
            async (_, power) =>
            {
                await power.Shell("dd if=/dev/zero of=/lab-fill bs=1M 2>/dev/null");
                return "";
            },
            (_, power, _) => power.Shell("rm -f /lab-fill")),
    ];

    private static Task<string> Set(Machine m, Func<VmSettings, VmSettings> change)
    {
        VmSettings.Change(m, change);
        return Task.FromResult("");
    }

    private static string? Service(Machine m) => m.Kind switch
    {
        MachineKind.Web => "wildfly",
        MachineKind.Chat => "jtel-clientmessenger",
        MachineKind.Api => "jtelrest",
        MachineKind.Telephony => "robot5",
        MachineKind.Database => "jtel-listener",
        _ => null,
    };
}
