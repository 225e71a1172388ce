using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.PairedRun;

namespace Changeover.Tests.Running;

/// <summary>What the runs of a cluster come to, in order: which maintenance is open, how far it came, what it still owns.</summary>
public sealed class MaintenancesTests
{
    private static readonly RunState Emptied = Ran(GoalKind.Failover, RunOutcome.Done);
    private static readonly RunState Back = Ran(GoalKind.Failback, RunOutcome.Done);
    private static readonly RunState Closed = Ran(GoalKind.Close, RunOutcome.Done);

    /// <summary>A run that started a service.</summary>
    private static RunState Ran(GoalKind kind, RunOutcome outcome, string host = "h1", string maintenance = "m", params string[] without)
    {
        var run = Of(new Goal(kind, host), null, Deed("a", new SetService("st1", "a", true))).With("a", StepStatus.Done);
        return run with
        {
            Outcome = outcome,
            Plan = run.Plan with { Maintenance = maintenance, Without = without.ToImmutableSortedDictionary(m => m, _ => "broken") },
        };
    }

    private static RunState Untouched(GoalKind kind, RunOutcome outcome) => Of(kind, Deed("a", new SetService("st1", "a", true))) with { Outcome = outcome };

    [Fact]
    public void A_cluster_s_unfinished_run_is_the_last_that_is_not_over()
    {
        var going = Ran(GoalKind.Failback, RunOutcome.None);

        Assert.Null(Maintenances.Unfinished([Emptied, Back]));
        Assert.Same(going, Maintenances.Unfinished([Ran(GoalKind.Failover, RunOutcome.None), going, Back]));
    }

    [Fact]
    public void A_maintenance_opens_with_the_first_run_that_changed_something_and_ends_when_all_is_back()
    {
        var aborted = Ran(GoalKind.Failback, RunOutcome.Aborted);

        Assert.Empty(Maintenances.Open([], "h1"));
        Assert.Equal([Emptied], Maintenances.Open([Emptied], "h1"));
        Assert.Equal([Emptied, aborted], Maintenances.Open([Emptied, aborted], "h1"));
        Assert.Empty(Maintenances.Open([Emptied, aborted, Back], "h1"));
        Assert.Equal([Emptied], Maintenances.Open([Emptied, Back, Emptied], "h1"));
    }

    [Fact]
    public void Runs_that_go_on_changed_nothing_closed_or_were_about_another_host_do_not_count()
    {
        Assert.Equal([Emptied], Maintenances.Open(
            [
                Ran(GoalKind.Failover, RunOutcome.Done, host: "h2"), Untouched(GoalKind.Failover, RunOutcome.Refused), Emptied, Closed,
                Untouched(GoalKind.Failback, RunOutcome.Aborted), Ran(GoalKind.Failback, RunOutcome.None),
            ],
            "h1"));
    }

    [Fact]
    public void An_abort_that_left_only_a_claim_opens_one()
    {
        var claimed = Of(Deed("claim", new TakeClaim("st1"))).With("claim", StepStatus.Done) with { Outcome = RunOutcome.Aborted };

        Assert.Equal([claimed], Maintenances.Open([claimed], "h1"));
        Assert.Empty(Maintenances.Open([claimed with { Outcome = RunOutcome.Refused }], "h1"));
    }

    [Fact]
    public void A_failback_without_a_machine_that_the_maintenance_switched_off_leaves_it_open()
    {
        var without = Ran(GoalKind.Failback, RunOutcome.Done, without: ["lb1"]);

        Assert.Equal([Emptied, without], Maintenances.Open([Emptied, without], "h1"));
        Assert.Empty(Maintenances.Open([Emptied, without, Back], "h1"));
        // The failover did without it too, so it was never switched off; or it is of the other host.
        Assert.Empty(Maintenances.Open([Ran(GoalKind.Failover, RunOutcome.Done, without: ["lb1"]), without], "h1"));
        Assert.Empty(Maintenances.Open([Emptied, Ran(GoalKind.Failback, RunOutcome.Done, without: ["lb2"])], "h1"));
        Assert.Empty(Maintenances.Open([Emptied, Ran(GoalKind.Failback, RunOutcome.Done, without: ["gone"])], "h1"));
    }

    [Fact]
    public void A_host_is_empty_when_its_failover_is_done_and_nothing_came_behind_it()
    {
        Assert.Same(Emptied, Maintenances.Emptied([Back, Emptied], "h1"));
        Assert.Null(Maintenances.Emptied([Emptied], "h2"));
        Assert.Null(Maintenances.Emptied([Emptied, Back], "h1"));
        Assert.Null(Maintenances.Emptied([Ran(GoalKind.Failover, RunOutcome.Aborted)], "h1"));
        Assert.Null(Maintenances.Emptied([Emptied, Ran(GoalKind.Failback, RunOutcome.Aborted)], "h1"));
        Assert.Null(Maintenances.Emptied([Emptied, Ran(GoalKind.Failback, RunOutcome.Done, without: ["lb1"])], "h1"));
    }

    [Fact]
    public void A_maintenance_can_be_closed_once_when_its_host_is_back()
    {
        Assert.Null(Maintenances.Closable([Emptied]));
        Assert.Null(Maintenances.Closable([Emptied, Ran(GoalKind.Failback, RunOutcome.Aborted)]));
        Assert.Equal("m", Maintenances.Closable([Emptied, Back]));
        Assert.Equal("m", Maintenances.Closable([Emptied, Back, Ran(GoalKind.Close, RunOutcome.Done, maintenance: "other"), Ran(GoalKind.Close, RunOutcome.Refused)]));
        Assert.Null(Maintenances.Closable([Emptied, Back, Closed]));
        Assert.Null(Maintenances.Closable([Emptied, Back, Emptied]));
        Assert.Equal("n", Maintenances.Closable([Back, Ran(GoalKind.Failback, RunOutcome.Done, maintenance: "n")]));
    }

    [Fact]
    public void The_runs_of_a_maintenance_are_those_with_its_name() =>
        Assert.Equal([Emptied, Back], Maintenances.OfMaintenance([Emptied, Ran(GoalKind.Failover, RunOutcome.Done, maintenance: "n"), Back], "m"));

    [Fact]
    public void What_was_made_or_may_have_been_is_owned_once()
    {
        var backup = new StartBackup("db1", "b");
        var run = Of(
            Deed("backup", backup), Deed("again", backup), Deed("kept", new SetDowntime("k2", ["o"], Start, "")), Deed("emptied", new SetDowntime("k1", ["o"], Start, "")),
            Deed("waits", new SetDowntime("k3", ["o"], Start, "")), Deed("looks", new SetDowntime("k4", ["o"], Start, "")));
        run = run.With("backup", StepStatus.Done).With("again", StepStatus.Acting).With("kept", StepStatus.Verifying).With("emptied", StepStatus.Done).With("looks", StepStatus.Checking);
        run = run with { Steps = run.Steps.With("emptied", run.Steps["emptied"] with { Acted = false }) };

        var left = Maintenances.Left([run, run]);

        Assert.Equal([backup], left.Backups);
        Assert.Equal(["k1", "k2"], left.Downtimes);
    }
}
