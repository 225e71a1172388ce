using System.Text.Json.Nodes;
using Changeover.Findings;
using Changeover.Reporting;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Tests.Reporting;

/// <summary>What is told beside a plan of many runs.</summary>
public sealed class RehearsalJsonTests
{
    /// <summary>A random run that came to its end, and in which somebody else's hand did this.</summary>
    internal static RehearsalEnd End(ulong seed, params ImmutableArray<string> races) => new(
        new(MishapKind.Random, Seed: seed), true, [], RunOutcome.Done, [], [],
        [.. races.Select(code => new Violation(TimeSpan.FromMinutes(3), code, "acd-store1", "", Cause.Nobody, "standby.acd-store1"))],
        TimeSpan.FromMinutes(40), null);

    [Fact]
    public void Races_are_counted_by_runs_with_one_of_each_to_replay_the_most_frequent_first()
    {
        var json = new JsonObject();
        RehearsalJson.Ends(json, [End(1), End(2, "moved-while-used"), End(3, "two-writers", "two-writers"), End(4, "two-writers", "moved-while-used"), End(5, "two-writers")], Language.English);

        Assert.Equal(4, (int)json["raced"]!);
        Assert.Equal([("two-writers", 3, "seed-3"), ("moved-while-used", 2, "seed-2")], json["races"]!.AsArray().Select(r => ((string)r!["code"]!, (int)r["runs"]!, (string)r["name"]!)));
        Assert.Empty(json["broken"]!.AsArray());
    }

    private static RehearsalEnd Harmed(params ImmutableArray<Violation> harm) => new(new(MishapKind.None), true, [], harm.IsEmpty ? RunOutcome.None : RunOutcome.Done, [], harm, [], TimeSpan.Zero, null);

    [Fact]
    public void A_broken_promise_is_told_in_the_language_that_is_asked_for()
    {
        Cause by = new(Hand.Program, "pcs node standby");
        var harm = Harmed(
            new Violation(TimeSpan.Zero, "two-primaries", "store", "acd is primary on acd-store1 and acd-store2", by), new Violation(TimeSpan.Zero, "two-writers", "acd-dbm1+acd-dbm2", "clients write on both masters", by));
        string? Text(RehearsalEnd end, Language language)
        {
            var json = new JsonObject();
            RehearsalJson.Ends(json, [end], language);
            return (string?)Assert.Single(json["broken"]!.AsArray())!["text"];
        }

        Assert.Equal(harm.Broken, Text(harm, Language.English));
        Assert.Equal(
            "two-primaries store: acd ist Primary auf acd-store1 und acd-store2 (durch pcs node standby); two-writers acd-dbm1+acd-dbm2: Clients schreiben auf beiden Mastern (durch pcs node standby)",
            Text(harm, Language.German));
    }
}
