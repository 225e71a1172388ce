using Changeover.Lab.Breaks;
using Changeover.Lab.Machines;

namespace Changeover.Lab.Matrix;

/// <summary>
/// A whole maintenance as the operator has it: health, failover, the one-sided time, failback, close; with what goes wrong in
/// between. It ends with the cluster as found, by the program's word and by the lab's own look, and with every call kept.
/// </summary>
public sealed record Night(string Name, string Summary, string Host, params ImmutableArray<Incident> Incidents)
{
    /// <summary>How it goes over and back; by default once over, and from wherever that ended once back.</summary>
    public Func<Night, Stage, Task> Course { get; init; } = async (night, stage) =>
    {
        if (await night.Over(stage).Play())
            await night.MustBeEmptied(stage);
        await night.Back(stage).Play();
    };

    public Case Case => new(Name, Summary, Play);

    public Half Over(Stage stage) => new(stage, "failover", Host, Incidents);

    public Half Back(Stage stage) => new(stage, "failback", Host, Incidents);

    public async Task MustBeEmptied(Stage stage)
    {
        foreach (var m in Topology.Machines.Where(m => m.Host is not null))
            Stage.Must(Power.Of(m).IsOn == (m.Host != Host), $"{m.Name} is {(Power.Of(m).IsOn ? "on" : "off")} after the failover of {Host}");
        stage.Say($"{Host} is empty, everything else is on");
        await Refusal.MustBeHealthy(stage, "--expect", $"emptied:{Host}");
    }

    private async Task Play(Stage stage)
    {
        var asFound = await ClusterPicture.Take();
        await Refusal.MustBeHealthy(stage);
        await using var probe = ProbeProcess.Start(stage.ProbeLog);

        await Course(this, stage);
        // Who closes has looked before: what comes and goes by itself (a promotion score until DRBD's next monitor) is waited for, not what stays.
        await Refusal.MustBeHealthy(stage);
        await stage.Whole("close", await stage.Program.Run(Stage.Limit, "close", "--yes"));

        foreach (var trouble in Incidents.OfType<Trouble>().Where(t => !t.IsMendedByHand)) await BreakList.Mend(trouble.Break);
        var differences = ClusterPicture.Differences(asFound, await ClusterPicture.Take());
        Stage.Must(differences.IsEmpty, $"not as found: {string.Join("; ", differences)}");
        stage.Say("the lab's own look: as found");
        foreach (var line in await probe.Stop()) stage.Say($"probe: {line}");
        Stage.Must(probe.Lost.IsEmpty, $"acknowledged calls are missing: {string.Join("; ", probe.Lost)}");
    }
}
