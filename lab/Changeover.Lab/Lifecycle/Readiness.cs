using Changeover.Lab.Machines;

namespace Changeover.Lab.Lifecycle;

/// <summary>What "the lab is up" means: the normal state of the runbook, each part asked where it is true or not.</summary>
public static class Readiness
{
    /// <summary>Where the stores are as fast as where the lab was designed.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMinutes(6);

    /// <param name="times">How many times as long the stores take here; see <see cref="UmlSpeed"/>.</param>
    public static async Task Whole(Progress progress, double times)
    {
        var budget = Budget * Math.Max(1, times);
        List<Task> waits =
        [
            .. Containers().Select(m => Wait.Until($"{m.Name} has sshd", budget, () => Network.Answers(m.Address, 22), Off([m]))),
            Part("acd-lb1 has the balancer's address", [Topology.Find("acd-lb1")], BalancerAddress),
            Part("databases replicate", Databases(), () => All(Databases().Select(Replicates))),
            Part("Icinga answers", [Topology.Find("acd-mon")], () => Network.Answers(Topology.Find("acd-mon").Address, 5665)),
            Part("DRBD is connected and up to date, acd-store1 primary", Stores(), Drbd, pause: 4),
            Part("the share answers on acd-store1", Stores(), Share, pause: 2),
            Part("software is up behind the balancer", Containers(), Servers),
            Part("Windows services are up", [.. Topology.Machines.Where(m => m.Kind == MachineKind.Telephony)], Telephony),
        ];
        while (waits.Count > 0)
        {
            // The first that can no longer come true ends the wait for the others.
            var ended = await Task.WhenAny(waits);
            await ended;
            waits.Remove(ended);
        }

        progress.Say("every machine has sshd");

        async Task Part(string what, IReadOnlyList<Machine> alive, Func<Task<bool>> holds, int pause = 1)
        {
            await Wait.Until(what, budget, holds, Off(alive), TimeSpan.FromSeconds(pause));
            progress.Say(what);
        }
    }

    /// <summary>The first store has taken the role by itself.</summary>
    /// <param name="times">As for <see cref="Whole"/>.</param>
    public static Task FirstStoreHolds(double times)
    {
        var first = Stores()[0];
        return Wait.Until($"{first.Name} is primary", Budget * Math.Max(1, times), async () => (await OfDrbd(first)).Contains(" ro:Primary/", StringComparison.Ordinal), Off([first]), TimeSpan.FromSeconds(2));
    }

    private static Func<string?> Off(IReadOnlyList<Machine> alive) => () =>
        alive.FirstOrDefault(m => !Power.Of(m).IsOn) is { } m ? $"{m.Name} went off; see {LabPaths.MachineDirectory(m)}/console.log" : null;

    private static IReadOnlyList<Machine> Containers() => [.. Topology.Machines.Where(m => !m.IsStore)];

    private static IReadOnlyList<Machine> Stores() => [.. Topology.Machines.Where(m => m.IsStore)];

    private static IReadOnlyList<Machine> Databases() => [.. Topology.Machines.Where(m => m.Kind is MachineKind.Database or MachineKind.Replica)];

    private static async Task<bool> All(IEnumerable<Task<bool>> all) => (await Task.WhenAll(all)).All(x => x);

    private static async Task<bool> BalancerAddress() =>
        (await Power.Of(Topology.Find("acd-lb1")).Shell($"ip -o addr show to {Topology.BalancerAddress}")).Output.Length > 0;

    private static async Task<bool> Replicates(Machine m)
    {
        var seen = (await Power.Of(m).Execute(["mariadb", "-e", "show slave status\\G"])).Output;
        return seen.Contains("Slave_IO_Running: Yes", StringComparison.Ordinal) && seen.Contains("Slave_SQL_Running: Yes", StringComparison.Ordinal);
    }

    private static async Task<bool> Drbd() =>
        (await OfDrbd(Stores()[0])).Contains("cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate", StringComparison.Ordinal);

    /// <summary>What the kernel of a store says of DRBD; empty while it does not answer.</summary>
    private static async Task<string> OfDrbd(Machine store) =>
        await Network.Answers(store.Address, 22) ? (await Power.Of(store).Execute(["cat", "/proc/drbd"])).Output : "";

    private static async Task<bool> Share() =>
        await Network.Answers(Topology.StoreAddress, 445)
        && (await Power.Of(Topology.Find("acd-mon")).Execute(["smbclient", "-N", "-t", "5", $"//{Topology.StoreAddress}/acd", "-c", "ls"])).Good;

    private static async Task<bool> Servers()
    {
        var rows = await Balancer.Read(Topology.Find("acd-lb1"));
        return rows.Count > 0 && rows.All(r => r.Status == "UP");
    }

    private static async Task<bool> Telephony() => await All(Topology.Machines.Where(m => m.Kind == MachineKind.Telephony)
        .Select(async m => (await Power.Of(m).Execute(["systemctl", "is-active", "robot5", "jtelUDPListener", "jtelIMAPMailService"])).Output == "active\nactive\nactive\n"));
}
