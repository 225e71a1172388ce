using System.Diagnostics;
using Changeover.Planning;

namespace Changeover.Tests.Cli;

/// <summary>Stopping, going on and deciding from a second terminal.</summary>
public sealed class PersonTests
{
    private const string Step = "site.announcement-on";

    /// <summary>The run waits for a person, because the simulated one is absent.</summary>
    private static Process Waiting(ProgramProcess program, params string[] words)
    {
        var process = program.Start([.. program.Simulated([.. words, "--person", "absent", "--json"], speed: 20)]);
        for (var line = process.StandardOutput.ReadLine(); line is not null; line = process.StandardOutput.ReadLine())
        {
            if (line.Contains("\"step-acting\"", StringComparison.Ordinal) && line.Contains(Step, StringComparison.Ordinal))
                return process;
        }
        throw new Xunit.Sdk.XunitException($"it never asked the person: {process.StandardError.ReadToEnd()}");
    }

    private static string RunOf(ProgramProcess program) => program.OnCluster("status", "--json").Json.GetProperty("run").GetString()!;

    [Fact]
    public void Two_runs_started_in_the_same_second_have_different_ids()
    {
        var at = new DateTimeOffset(2026, 11, 22, 1, 0, 0, TimeSpan.Zero);
        var goal = new Goal(GoalKind.Failover, "vm-host-1");
        Assert.NotEqual(Changeover.Running.Starting.RunId(goal, at), Changeover.Running.Starting.RunId(goal, at));
    }

    [Fact]
    public void Asked_to_stop_it_ends_with_1_and_can_be_resumed_from_where_it_stands()
    {
        using var program = new ProgramProcess();
        using (var process = Waiting(program, "run", "failover", "vm-host-1", "--yes"))
        {
            Assert.Equal(3, program.OnCluster("run", "failover", "vm-host-1", "--yes").Code);
            ProgramProcess.Stop(process);
            var ended = ProgramProcess.End(process);
            Assert.True(ended.Code == 1, ended.ToString());
        }
        var run = RunOf(program);
        Assert.Contains(run, program.OnCluster("run", "failover", "vm-host-1", "--yes").Error, StringComparison.Ordinal);
        Assert.Equal(0, program.OnCluster("decide", run, Step, "confirm").Code);
        var resumed = program.OnCluster("resume");
        Assert.True(resumed.Code == 0, resumed.ToString());
    }

    [Fact]
    public void A_second_terminal_sees_decides_and_aborts()
    {
        using var program = new ProgramProcess();
        using var process = Waiting(program, "run", "failover", "vm-host-1", "--yes");
        var run = RunOf(program);
        using (var watching = program.Start([.. program.Simulated(["watch", "--json"])]))
        {
            Assert.Contains("run-started", watching.StandardOutput.ReadLine()!, StringComparison.Ordinal);
            watching.Kill();
        }

        var notNow = program.OnCluster("decide", run, Step, "retry");
        Assert.Equal(3, notNow.Code);
        Assert.Contains("confirm", notNow.Error, StringComparison.Ordinal);
        Assert.Equal(0, program.OnCluster("decide", run, Step, "confirm").Code);
        Assert.Equal(0, program.OnCluster("decide", run, "gate.done", "abort").Code);
        var ended = ProgramProcess.End(process);
        Assert.True(ended.Code == 4, ended.ToString());
        Assert.Contains("claimed for this run: acd-dbm1, acd-dbm2", program.OnCluster("report").Output, StringComparison.Ordinal);
        Assert.Equal("aborted", program.OnCluster("status", "--json").Json.GetProperty("state").GetString());
        Assert.Equal(3, program.OnCluster("resume", run).Code);
        Assert.Contains("changeover run failback vm-host-1", program.OnCluster("report").Output, StringComparison.Ordinal);

        var wayOn = program.OnCluster("plan", "failover", "vm-host-1");
        Assert.Contains($"goes on from {run}", wayOn.Output, StringComparison.Ordinal);
        var back = program.OnCluster("run", "failback", "vm-host-1", "--yes");
        Assert.True(back.Code == 0, back.ToString());
        Assert.Contains("nothing differs from how it was found", back.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_terminal_lets_it_wait_before_the_next_gate()
    {
        using var program = new ProgramProcess();
        using var process = Waiting(program, "run", "failover", "vm-host-1", "--yes");
        var run = RunOf(program);

        Assert.Equal(3, program.OnCluster("pause", "failover-of-somebody-else").Code);
        Assert.Equal("quiet", program.OnCluster("pause", run, "--reason", "the hotline calls", "--json").Json.GetProperty("gate").GetString());
        Assert.Equal(0, program.OnCluster("decide", run, Step, "confirm").Code);
        var ended = ProgramProcess.End(process);

        Assert.True(ended.Code == 1, ended.ToString());
        Assert.Equal(("waiting", "gate.quiet"), (ended.Lines[^1].GetProperty("state").GetString(), Assert.Single(ended.Lines[^1].GetProperty("halts").EnumerateArray()).GetProperty("id").GetString()));
        Assert.Contains($"{Environment.UserName} asked for a pause before quiet: the hotline calls", program.OnCluster("report").Output, StringComparison.Ordinal);
        var dead = program.OnCluster("pause", run);
        Assert.Equal(3, dead.Code);
        Assert.Contains("is not being carried out", dead.Error, StringComparison.Ordinal);
        Assert.Equal(0, program.OnCluster("decide", run, "gate.quiet", "continue").Code);
        var resumed = program.OnCluster("resume");
        Assert.True(resumed.Code == 0, resumed.ToString());
    }

    [Fact]
    public void A_killed_run_is_not_resumed_with_another_inventory()
    {
        using var program = new ProgramProcess();
        using (var process = Waiting(program, "run", "failover", "vm-host-1", "--yes"))
            process.Kill();
        var text = File.ReadAllText(program.Inventory);
        var other = program.PathOf("other.yaml");
        ImmutableArray<string> With(string inventory) => [.. program.Simulated(["resume"]).Select(w => w == program.Inventory ? inventory : w)];

        File.WriteAllText(other, text.Replace("backup: 45m", "backup: 46m", StringComparison.Ordinal));
        var refused = program.Run(With(other));
        Assert.True(refused.Code == 3, refused.ToString());
        Assert.Contains("budgets backup: \"00:45:00\", now \"00:46:00\"", refused.Error, StringComparison.Ordinal);

        File.WriteAllText(other, text.Replace("env:VM_HOST_1_TOKEN", "file:/run/token", StringComparison.Ordinal));
        Assert.Equal(0, program.OnCluster("decide", RunOf(program), Step, "confirm").Code);
        var resumed = program.Run(With(other));
        Assert.True(resumed.Code == 0, resumed.ToString());
        Assert.Contains("access data changed", resumed.Output, StringComparison.Ordinal);
    }
}
