using System.Globalization;
using Changeover.Lab.Breaks;
using Changeover.Lab.Machines;

namespace Changeover.Lab.Matrix;

/// <summary>
/// <c>lab chaos</c>: whole maintenances in which things go wrong at moments that nobody chose: killed controllers, cut cables, stopped
/// daemons, full disks, other people's hands. Whatever a run halts at, everything is mended and a person says "retry". Each round ends
/// as every night does: as found by the lab's own look, and with every acknowledged call in both masters.
/// </summary>
public static class Chaos
{
    /// <summary>Steps of one direction, roughly; an incident drawn behind the last one does not come.</summary>
    private const int Steps = 80;

    /// <summary>A person tries so often before it is taken for stuck. Everything is mended before the first.</summary>
    private const int RetriesMost = 8;

    /// <summary>
    /// What can be broken blindly and mended at any later time. Not among them: a reload of HAProxy, whose mending has to know what
    /// the run wants meanwhile.
    /// </summary>
    private static readonly ImmutableArray<string> Anywhere =
    [
        "replication-stopped", "drbd-disconnected", "stickiness-zero", "service-will-not-stop", "guest-ignores-shutdown", "machine-unreachable",
        "left-session-balancer", "left-session-direct", "guest-locked", "host-storage-down",
    ];

    /// <summary>These are mended inside the machine, so it has to be one that stays on.</summary>
    private static readonly ImmutableArray<string> OnStaying = ["replication-lag", "replication-error", "replica-stopped", "disk-full"];

    /// <summary>These move a pair. On the way back nothing would move it once more, and a person would have to.</summary>
    private static readonly ImmutableArray<string> OnTheWayOver = ["stale-ban", "standby-by-hand"];

    /// <summary>One seed draws one round.</summary>
    public static Case Round(int seed)
    {
        var dice = new Random(seed);
        var host = Topology.Hosts[dice.Next(Topology.Hosts.Length)].Name;
        var incidents = ImmutableArray.CreateBuilder<Incident>();
        foreach (var goal in (string[])["failover", "failback"])
        {
            foreach (var behind in Draw(dice, most: 2))
                incidents.Add(new Kill(goal, dice.GetItems(["step-acting", "step-heard", "step-done"], 1)[0], "", string.Create(CultureInfo.InvariantCulture, $"behind {behind} steps")) { Behind = behind });
            foreach (var behind in Draw(dice, most: 4))
                incidents.Add(Surprise(dice, goal, host) with { Behind = behind });
        }
        var night = new Night(string.Create(CultureInfo.InvariantCulture, $"chaos-{seed}"), $"{host}; {string.Join(", ", incidents.Select(Text))}", host, incidents.ToImmutable());
        return night.Case;
    }

    /// <summary>At least one thing of each sort.</summary>
    private static IEnumerable<int> Draw(Random dice, int most) => Enumerable.Range(0, dice.Next(1, most + 1)).Select(_ => dice.Next(1, Steps)).Order();

    private static Surprise Surprise(Random dice, string goal, string host)
    {
        var name = dice.GetItems([.. Anywhere, .. OnStaying, .. goal == "failover" ? OnTheWayOver : []], 1)[0];
        var found = BreakList.All.Single(b => b.Name == name);
        // A pair whose machines do not see each other has two sides without fencing, and no retry joins them; a master's full disk stops who writes to it.
        var fits = Topology.Machines.Where(m => m.Host is not null && found.Fits(m) && (!OnStaying.Contains(name) || m.Host != host)
            && (name is not ("machine-unreachable" or "disk-full") || m.Kind is MachineKind.Replica or MachineKind.Web or MachineKind.Chat or MachineKind.Api or MachineKind.Telephony)).ToArray();
        return new(goal, name, dice.GetItems(fits, 1)[0].Name);
    }

    private static string Text(Incident i) => i is Surprise s
        ? string.Create(CultureInfo.InvariantCulture, $"{s.Goal} {s.Behind}: {s.Break} {s.Machine}")
        : string.Create(CultureInfo.InvariantCulture, $"{i.Goal} {i.Behind}: killed ({i.Event})");

    public static async Task Strike(Stage stage, Surprise surprise)
    {
        if (!Power.Of(Topology.Find(surprise.Machine)).IsOn)
        {
            stage.Say($"not broken: {surprise.Break} on {surprise.Machine}, which is off");
            return;
        }
        try
        {
            await BreakList.Apply(surprise.Break, surprise.Machine);
            stage.Say($"broken: {surprise.Break} on {surprise.Machine}");
        }
        catch (LabException e)
        {
            stage.Say($"not broken: {surprise.Break} on {surprise.Machine}: {e.Message}");
        }
    }

    /// <summary>The run says why it halted; everything is mended, and a person says "retry" to everything that waits.</summary>
    public static async Task Recover(Stage stage, string run, CommandResult ended, int retries)
    {
        var halts = Half.Halts(stage, ended);
        Stage.Must(retries <= RetriesMost, $"halted {retries} times, the last time with nothing broken any more");
        await MendAll(stage);
        // What was mended may take a while to be whole again.
        await Task.Delay(TimeSpan.FromSeconds(20));
        foreach (var (halt, _) in halts)
        {
            var said = await stage.Program.Run(Stage.Limit, "decide", run, Person.Word(halt, "id"), "retry", "--reason", "mended");
            Stage.Must(said.Good, $"decide {Person.Word(halt, "id")} retry: exit {said.ExitCode}: {said.Text}");
        }
    }

    public static async Task MendAll(Stage stage)
    {
        foreach (var mended in await BreakList.Mend(null)) stage.Say($"mended: {mended.Name} on {mended.Machine}");
    }
}
