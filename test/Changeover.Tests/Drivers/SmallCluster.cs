using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Tests.Drivers;

/// <summary>Enough of a cluster to ask one machine of each kind, and a way to let real programs answer.</summary>
internal static class SmallCluster
{
    public static readonly RunIdentity Run = new("20261122-1", "m-1", "control1", 2);

    public static readonly ClusterInventory Cluster = new()
    {
        Cluster = "acd",
        Hosts = [new() { Name = "host1", Node = "pve-1", Hypervisor = HypervisorKind.Proxmox }, new() { Name = "host2", Node = "host2", Hypervisor = HypervisorKind.Person }],
        Roles =
        [
            new() { Name = "store", Redundancy = Redundancy.Pacemaker, Store = new(Share: "//10.0.0.20/acd", Mount: "/srv/jtel/shared") },
            new() { Name = "balancer", Redundancy = Redundancy.Pacemaker, FloatingAddress = "10.0.0.30", Balancer = new() { WriterBackend = "mysql" } },
            new() { Name = "master", Redundancy = Redundancy.Replicated, Database = new() { ClientOptionFile = "/etc/changeover/client.cnf" }, Services = ["jtel-listener"] },
            new() { Name = "web", Services = ["wildfly"] },
            new() { Name = "telephony", Services = ["robot5", "jtel Platform UDP Listener", "jtel Twin", "jtelEWSMailService", "jtelIMAPMailService", "TAPI", "Presence"] },
        ],
        Machines =
        [
            Machine("acd-store1", "store"), Machine("acd-lb1", "balancer"), Machine("acd-dbm1", "master"), Machine("acd-jb1", "web"),
            Machine("acd-tel1", "telephony") with { Platform = Platform.Windows },
        ],
        Services =
        [
            new() { Name = "wildfly", Title = "Wildfly", NeedsShare = true, NeedsDatabase = true },
            new() { Name = "jtel-listener", Title = "Listener" },
            new()
            {
                Name = "robot5", Title = "8-Server", NeedsShare = true, NeedsDatabase = true,
                Singleton = "AcdGroupDistribute", SingletonProbe = "acd-group-distribute status", SingletonControl = "acd-group-distribute",
            },
            new() { Name = "jtel Platform UDP Listener", Title = "Listener" },
            new() { Name = "jtel Twin", Title = "Twin" },
            new() { Name = "jtelEWSMailService", Title = "Exchange" },
            new() { Name = "jtelIMAPMailService", Title = "IMAP" },
            new() { Name = "TAPI", Title = "TAPI", Form = ServiceForm.Desktop, Process = "jteltapimonitorservice.exe" },
            new() { Name = "Presence", Title = "Presence", Form = ServiceForm.Desktop, Process = "presence.exe" },
        ],
        Monitoring = new() { Kind = MonitoringKind.Icinga2 },
    };

    public static readonly DriverContext Context = new(Cluster, Snapshot.Empty, Run);

    public static readonly Moment Noon = new(TimeSpan.FromHours(1), new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    public static DriverContext Seen(Subject subject, Facts facts) =>
        Context with { Snapshot = Snapshot.Of([new(subject, facts, null, Noon, Noon)]) };

    public static Reply.Answered Answer(string key, string output, int code = 0, string error = "") => new([new(key, code, output, error)]);

    public static string Fixture(string path, [CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!.Split("/Drivers")[0], "Fixtures", path));

    /// <summary>Lets this machine answer a command.</summary>
    public static Result Execute(IEnumerable<string> arguments, string key = "a", string? workingDirectory = null, params (string, string)[] environment)
    {
        var list = arguments.ToArray();
        var start = new ProcessStartInfo(list[0], list[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.WorkingDirectory = workingDirectory ?? "/";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(key, process.ExitCode, output, error.Result.Trim());
    }

    private static Machine Machine(string name, string role) => new()
    {
        Name = name,
        Host = "host1",
        Address = "10.0.0.1",
        Roles = [role],
        NodeName = name,
        HostName = name,
        GuestName = name,
    };
}
