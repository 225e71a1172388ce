using System.Net;
using System.Text.Json;
using Changeover.Serving;

namespace Changeover.Tests.Serving;

/// <summary>The API says to people what it says in the language they like best, and to programs the same in every language.</summary>
public sealed class LanguageTests
{
    [Theory]
    [InlineData("de-DE,de;q=0.9,en;q=0.8", true)]
    [InlineData("en;q=0.5, de-AT", true)]
    [InlineData("en-GB,en;q=0.9,de;q=0.8", false)]
    [InlineData("fr, de;q=0.9", false)]
    [InlineData("*", false)]
    [InlineData(";;;,de", true)]
    [InlineData("", false)]
    public async Task A_plan_has_the_titles_that_are_asked_for(string accept, bool german)
    {
        await using var served = await Served.Start();
        var client = served.With(Right.Run);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Language", accept);

        var steps = (await Served.Get(client, "/api/plan/failover/vm-host-1")).GetProperty("steps").EnumerateArray().ToDictionary(s => s.GetProperty("id").GetString()!);

        Assert.Equal(
            german ? "acd-store1 auf Standby setzen, acd-store2 übernimmt" : "set acd-store1 to standby, acd-store2 takes over",
            steps["standby.acd-store1"].GetProperty("title").GetString());
        Assert.StartsWith(german ? "auf acd-store1 als root: " : "on acd-store1 as root: ", steps["standby.acd-store1"].GetProperty("sends")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("moved", steps["standby.acd-store1"].GetProperty("gate").GetString());
    }

    [Fact]
    public async Task What_is_asked_in_German_is_answered_in_German()
    {
        await using var served = await Served.Start(personAbsent: true);
        var english = served.With(Right.Run);
        served.Account("anna", Right.Run);
        var german = await served.SignedIn("anna");
        german.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Language", "de");

        // Nothing is emptied: what is seen is not what is expected.
        var findings = (await Served.Get(german, "/api/health?expect=emptied:vm-host-1")).GetProperty("findings").EnumerateArray().ToArray();
        var off = findings.First(f => f.GetProperty("code").GetString() == "power.not-as-expected");
        Assert.EndsWith(" ist laut Hypervisor an, Soll: aus. In der Konsole des Hypervisors nachsehen.", off.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("on", off.GetProperty("arguments").GetProperty("seen").GetString());

        var answer = await german.GetAsync("/api/runs/failover-1", Served.Now);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("kein Lauf failover-1 im Journal", JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Served.Now)).RootElement.GetProperty("error").GetString());

        var run = await Served.Run(english, "failover");
        var told = await Served.Until(german, e => e.Kind == "live" && e.Data.ValueKind == JsonValueKind.Object && e.Data.GetProperty("persons").GetArrayLength() > 0);
        Assert.Contains(told, e => e.Kind == "journal" && e.Data.GetProperty("text").GetString() is { } text && text.StartsWith("fertig: nachweisen, dass jede Funktion wie erwartet ist", StringComparison.Ordinal));
        var (_, refused) = await Served.Post(german, $"/api/runs/{run}/decisions", new { step = "site.announcement-on", answer = "retry" });
        Assert.Equal("site.announcement-on kann nicht mit neu versuchen beantwortet werden; jetzt erlaubt: erledigt, abbrechen", refused.GetProperty("error").GetString());
        Assert.Equal("", (await Served.Get(english, $"/api/runs/{run}")).GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("title").GetString()!).FirstOrDefault(t => t.Contains("nachweisen", StringComparison.Ordinal)) ?? "");
        await Served.Post(english, $"/api/runs/{run}/decisions", new { step = "site.announcement-on", answer = "abort", reason = "seen enough" });
        await Served.UntilOver(english, run);
    }

    [Fact]
    public async Task A_report_has_the_language_that_is_asked_for()
    {
        await using var served = await Served.Start();
        var english = served.With(Right.Run);
        served.Account("anna", Right.View);
        var german = await served.SignedIn("anna");
        german.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Language", "de-DE,de;q=0.9");
        var run = await Served.Run(english, "failover");
        await Served.UntilOver(english, run);
        Task<string> Report(HttpClient client, string format) => client.GetStringAsync($"/api/runs/{run}/report?format={format}", Served.Now);

        var html = await Report(german, "html");
        Assert.StartsWith("<!doctype html><html lang=\"de\">", html, StringComparison.Ordinal);
        Assert.Contains("<h2>Abweichungen</h2>", html, StringComparison.Ordinal);
        Assert.StartsWith("# Failover von vm-host-1, Cluster acd-main: fertig\n", await Report(german, "markdown"), StringComparison.Ordinal);
        Assert.Contains("auf acd-store1 als root: ", await Report(german, "markdown"), StringComparison.Ordinal);
        Assert.StartsWith("<!doctype html><html lang=\"en\">", await Report(english, "html"), StringComparison.Ordinal);
        Assert.StartsWith("# failover vm-host-1 of cluster acd-main: done\n", await Report(english, "markdown"), StringComparison.Ordinal);
        static string? Answered(JsonElement step) => step.GetProperty("exchanges")[0].GetProperty("words").GetString();
        Assert.Equal("neu angelegt", Answered(await Served.Get(german, $"/api/runs/{run}/steps/claim.acd-lb2")));
        Assert.Equal("made anew", Answered(await Served.Get(english, $"/api/runs/{run}/steps/claim.acd-lb2")));
        Assert.Equal("done", JsonDocument.Parse(await Report(german, "json")).RootElement.GetProperty("state").GetString());
    }
}
