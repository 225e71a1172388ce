using System.Text.Json.Nodes;
using Changeover.Findings;
using Changeover.Reporting;
using Changeover.Running;
using Changeover.Simulation;

namespace Changeover.Tests.Reporting;

public sealed class RehearsalJsonTests
{
    private static RehearsalEnd End(params ImmutableArray<Violation> harm) => new(new(MishapKind.None), true, [], harm.IsEmpty ? RunOutcome.None : RunOutcome.Done, [], harm, [], TimeSpan.Zero, null);

    [Fact]
    public void A_broken_promise_is_told_in_the_language_that_is_asked_for()
    {
        Cause by = new(Hand.Program, "pcs node standby");
        var harm = End(
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
