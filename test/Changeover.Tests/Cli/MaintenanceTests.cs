using System.Text.Json;

namespace Changeover.Tests.Cli;

/// <summary>A whole maintenance from the command line: what each command ends with (docs/exit-codes.md) and says as JSON (docs/json.md).</summary>
public sealed class MaintenanceTests
{
    private static void Ends(int code, Said said) => Assert.True(said.Code == code, $"expected exit {code}, was {said}");

    private static string Text(JsonElement e, string name) => e.GetProperty(name).GetString()!;

    [Fact]
    public void From_the_first_look_to_the_close()
    {
        using var program = new ProgramProcess();

        Ends(2, program.OnCluster("status"));
        Ends(2, program.OnCluster("runs"));
        Ends(3, program.OnCluster("watch"));
        var health = program.OnCluster("health", "--json");
        Ends(0, health);
        Assert.Equal("healthy", Text(health.Json, "verdict"));
        Assert.Equal("normal", Text(health.Json, "expected"));
        Ends(2, program.OnCluster("health", "--expect", "emptied:nowhere"));
        Ends(2, program.OnCluster("health", "--expect", "wonderful"));
        Ends(3, program.OnCluster("health", "--expect", "emptied:vm-host-1"));

        var plan = program.OnCluster("plan", "failover", "vm-host-1", "--json", "--out", program.PathOf("plan.json"));
        Ends(0, plan);
        IsPlan(plan.Json);
        var text = program.OnCluster("plan", "failover", "vm-host-1");
        Assert.Contains("callers without service", text.Output, StringComparison.Ordinal);
        Assert.Contains("no earlier run in this journal; 0 steps measured", text.Output, StringComparison.Ordinal);
        foreach (var format in new[] { "text", "markdown", "dot" })
            Ends(0, program.OnCluster("plan", "failover", "vm-host-1", "--format", format));
        Ends(2, program.OnCluster("plan", "failover", "nowhere"));
        Ends(2, program.Run("rehearse", "failover", "nowhere", "-i", program.Inventory));
        Ends(2, program.Run("rehearse", "failover", "vm-host-1", "-i", program.Inventory, "--assume", "--only", "nothing-of-the-kind"));
        var rehearsed = program.Run("rehearse", "failover", "vm-host-1", "-i", program.Inventory, "--assume", "--only", "killed-during@standby.acd-store1", "--json");
        Ends(0, rehearsed);
        Assert.Equal("kept", Text(rehearsed.Json, "verdict"));
        Assert.True(Assert.Single(rehearsed.Json.GetProperty("ends").EnumerateArray()).GetProperty("struck").GetBoolean());
        // As it is seen, and so the very plan of what is seen.
        var seen = program.OnCluster("rehearse", "failover", "vm-host-1", "--only", "nothing", "--json");
        Ends(0, seen);
        Assert.Equal(Text(plan.Json, "digest"), Text(seen.Json, "digest"));
        Assert.Equal(JsonValueKind.String, seen.Json.GetProperty("beginning").GetProperty("seenAt").ValueKind);
        Assert.Equal(0, seen.Json.GetProperty("beginning").GetProperty("notCarriedOver").GetArrayLength() + seen.Json.GetProperty("beginning").GetProperty("drawn").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, rehearsed.Json.GetProperty("beginning").GetProperty("seenAt").ValueKind);
        Ends(3, program.OnCluster("rehearse", "failback", "vm-host-1"));
        Ends(3, program.OnCluster("plan", "failback", "vm-host-1"));
        foreach (var goal in new[] { "failover", "failback" })
        {
            var preview = program.OnCluster("plan", goal, "vm-host-1", "--assume", "--out", program.PathOf("preview.json"));
            Ends(0, preview);
            Assert.Contains("a preview", preview.Output, StringComparison.Ordinal);
        }
        Ends(0, program.OnCluster("plan", "failover", "vm-host-1", "--assume", "--out", program.PathOf("preview.json")));
        Ends(3, program.OnCluster("run", "failover", "vm-host-1", "--plan", program.PathOf("preview.json")));
        Ends(2, program.OnCluster("run", "failover", "vm-host-1"));
        Ends(2, program.OnCluster("run", "failover", "vm-host-1", "--yes", "--hold", "nowhere"));
        Ends(2, program.OnCluster("run", "failover", "vm-host-1", "--yes", "--without", "acd-jb1"));
        Ends(2, program.OnCluster("run", "failover", "vm-host-1", "--yes", "--back-by", "soon"));
        Ends(2, program.OnCluster("plan", "failover", "vm-host-1", "--not-before", "2020-01-01T00:00"));
        Assert.Contains("wait until", program.OnCluster("plan", "failover", "vm-host-1", "--not-before", "23:59").Output, StringComparison.Ordinal);
        Ends(3, program.OnCluster("run", "failover", "vm-host-1", "--approve", "0000000000000000"));
        Ends(3, program.OnCluster("run", "failback", "vm-host-1", "--yes"));
        Ends(3, program.OnCluster("close", "--yes"));

        var over = program.OnCluster("run", "failover", "vm-host-1", "--plan", program.PathOf("plan.json"), "--json");
        Ends(0, over);
        Assert.Equal("run-started", Text(over.Lines[0], "event"));
        Assert.All(over.Lines[..^1], l => Assert.True(l.TryGetProperty("event", out _) && l.TryGetProperty("at", out _), l.ToString()));
        IsStatus(over.Lines[^1], "done");
        var run = Text(over.Lines[^1], "run");

        Ends(3, program.OnCluster("run", "failover", "vm-host-1", "--yes"));
        Ends(3, program.OnCluster("close", "--yes"));
        Ends(0, program.OnCluster("health"));
        Ends(3, program.OnCluster("health", "--expect", "normal"));
        Ends(2, program.OnCluster("resume"));
        Ends(3, program.OnCluster("resume", run));
        Ends(2, program.OnCluster("resume", "no-such-run"));
        Ends(3, program.OnCluster("decide", run, "check.health", "retry"));
        Ends(2, program.OnCluster("decide", run, "check.health", "perhaps"));
        Ends(2, program.OnCluster("decide", run, "check.health", "accept"));
        IsStatus(program.OnCluster("status", run, "--json").Json, "done");
        IsStatus(program.OnCluster("report", run, "--format", "json").Json, "done");
        Ends(0, program.OnCluster("report"));
        Assert.StartsWith("# failover vm-host-1 of cluster acd-main: done\n", program.OnCluster("report", "--format", "markdown").Output, StringComparison.Ordinal);
        Assert.StartsWith("# Failover von vm-host-1, Cluster acd-main: fertig\n", program.OnCluster("report", "--format", "markdown", "--language", "de").Output, StringComparison.Ordinal);
        Assert.Contains("\nFailover von vm-host-1: fertig, ", program.OnCluster("report", "--language", "de").Output, StringComparison.Ordinal);
        Assert.Equal(program.OnCluster("report", run, "--json").Output, program.OnCluster("report", run, "--json", "--language", "de").Output);
        Ends(2, program.OnCluster("report", "--language", "fr"));
        var html = program.OnCluster("report", "--format", "html").Output;
        Assert.StartsWith("<!doctype html>", html, StringComparison.Ordinal);
        // One file that needs nothing else: no address but in text.
        Assert.DoesNotContain("src=", html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", html, StringComparison.Ordinal);
        Ends(2, program.OnCluster("report", "no-such-run"));
        Ends(0, program.OnCluster("runbook"));

        Ends(0, program.OnCluster("run", "failback", "vm-host-1", "--yes"));
        Assert.Contains("earlier runs in this journal: 1; ", program.OnCluster("plan", "failover", "vm-host-1").Output, StringComparison.Ordinal);
        Ends(2, program.OnCluster("close"));
        var closed = program.OnCluster("close", "--yes", "--json");
        Ends(0, closed);
        IsStatus(closed.Lines[^1], "done");
        Ends(3, program.OnCluster("close", "--yes"));

        var runs = program.OnCluster("runs", "--json");
        Assert.Equal(["failover vm-host-1", "failback vm-host-1", "close vm-host-1"], runs.Json.GetProperty("runs").EnumerateArray().Select(r => Text(r, "goal")));
        Assert.Single(runs.Json.GetProperty("runs").EnumerateArray().Select(r => Text(r, "maintenance")).Distinct());
    }

    private static void IsPlan(JsonElement plan)
    {
        Assert.Equal(1, plan.GetProperty("schemaVersion").GetInt32());
        Assert.Equal("failover vm-host-1", Text(plan, "goal"));
        Assert.Equal(16, Text(plan, "digest").Length);
        var steps = plan.GetProperty("steps").EnumerateArray().ToArray();
        var ids = steps.Select(s => Text(s, "id")).ToHashSet();
        Assert.Equal(steps.Length, ids.Count);
        foreach (var step in steps)
        {
            Assert.NotEmpty(Text(step, "title"));
            Assert.NotEmpty(Text(step, "gate"));
            Assert.True(step.GetProperty("timeoutSeconds").GetDouble() >= 0);
            Assert.True(step.GetProperty("automatic").ValueKind is JsonValueKind.True or JsonValueKind.False);
            Assert.All(step.GetProperty("covers").EnumerateArray(), c => Assert.Matches("^[XFBG][0-9]+$", c.GetString()));
            Assert.All(step.GetProperty("requires").EnumerateArray(), r =>
            {
                Assert.Contains(Text(r, "step"), ids);
                Assert.Contains(Text(r, "kind"), (string[])["done", "begun"]);
            });
        }
    }

    private static void IsStatus(JsonElement status, string state)
    {
        Assert.Equal(1, status.GetProperty("schemaVersion").GetInt32());
        Assert.Equal(state, Text(status, "state"));
        Assert.NotEmpty(Text(status, "maintenance"));
        Assert.All(status.GetProperty("steps").EnumerateArray(), s =>
        {
            Assert.NotEmpty(Text(s, "id"));
            Assert.Contains(Text(s, "state"), (string[])["waiting", "checking", "acting", "verifying", "halted", "done", "foundso", "accepted"]);
            Assert.True(s.GetProperty("answers").ValueKind == JsonValueKind.Array && s.GetProperty("attempts").GetInt32() >= 0);
        });
    }
}
