using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;

namespace Changeover.Tests.Running;

/// <summary>How long each function was not there: only what the run's own events prove, and as its outer bound.</summary>
public sealed class FunctionInterruptionTests
{
    private static readonly DateTimeOffset Start = PairedRun.Start;

    private static readonly ClusterInventory Site = PairedRun.Inventory with
    {
        Services = [new() { Name = "wildfly", Title = "Wildfly" }, new() { Name = "robot5", Title = "8-Server", Singleton = "distribute" }],
        Roles = [.. PairedRun.Inventory.Roles, new() { Name = "jb", Services = ["wildfly"] }, new() { Name = "acd", Services = ["robot5"] }],
        Machines =
        [
            .. PairedRun.Inventory.Machines,
            On("jb1", "h1", "jb"), On("jb2", "h2", "jb"), On("jb3", "h2", "jb"), On("acd1", "h1", "acd"), On("acd2", "h2", "acd"),
        ],
    };

    private static Machine On(string name, string host, string role) =>
        new() { Name = name, Host = host, Address = "10.0.0.1", Roles = [role], NodeName = name, HostName = name, GuestName = name };

    private static SeenFacts Runs(string machine, string service) =>
        new(new Subject(SubjectKind.Services, machine).ToString(), new ServiceFacts([new(service, ServiceRun.Running, ServiceStart.Automatic, "")]));

    private static Step Service(string machine, string service, bool run) =>
        PairedRun.Deed($"{(run ? "start" : "stop")}.{machine}.{service}", new SetService(machine, service, run)) with { Machine = machine };

    /// <summary>A failover of h1 whose steps are begun and done at these seconds; done at less than zero: not at all.</summary>
    private static ImmutableArray<FunctionInterruption> Of(params ImmutableArray<(Step Step, int Asked, int Done)> all) => Of(StepOutcome.Done, all);

    private static ImmutableArray<FunctionInterruption> Of(StepOutcome outcome, params ImmutableArray<(Step Step, int Asked, int Done)> all)
    {
        static Moment At(int second) => new(TimeSpan.FromSeconds(second), Start.AddSeconds(second));
        var baseline = new Baseline("m", Start, [Runs("jb1", "wildfly"), Runs("jb2", "wildfly"), Runs("jb3", "wildfly"), Runs("acd1", "robot5"), Runs("acd2", "robot5")], []);
        var plan = new Plan(new(GoalKind.Failover, "h1"), "pairs", "m", "digest", "5", baseline, [.. all.Select(a => a.Step)], [], "digest");
        RunEvent started = new RunStarted(At(0), "run", "controller", 1, Site, plan, []);
        var events = all.SelectMany(a => (RunEvent[])
        [
            .. outcome == StepOutcome.FoundSo || a.Asked < 0 ? Array.Empty<RunEvent>() : [new StepActing(At(a.Asked), a.Step.Id, 1)],
            .. a.Done < 0 ? Array.Empty<RunEvent>() : [new StepDone(At(a.Done), a.Step.Id, outcome == StepOutcome.FoundSo && a.Step.Id.StartsWith("start.", StringComparison.Ordinal) ? StepOutcome.Done : outcome)],
        ]);
        return FunctionInterruption.Of(Engine.Fold(events.OrderBy(e => e.At.Utc).Prepend(started)));
    }

    private static double? After(DateTimeOffset? at) => (at - Start)?.TotalSeconds;

    [Fact]
    public void None_is_left_from_when_the_last_was_asked_to_stop_until_the_first_was_seen_to_run()
    {
        var one = Assert.Single(Of(
            (Service("jb1", "wildfly", false), 10, 14), (Service("jb2", "wildfly", false), 20, 21), (Service("jb3", "wildfly", false), 12, 25),
            (Service("jb2", "wildfly", true), 100, 110), (Service("jb3", "wildfly", true), 90, 130)));

        Assert.Equal((FunctionKind.Service, "wildfly", "Wildfly"), (one.Kind, one.Name, one.Title));
        Assert.Equal((10, 20, 110, 130), (After(one.From), After(one.GoneFrom), After(one.BackAt), After(one.Until)));
        Assert.Equal(TimeSpan.FromSeconds(90), one.WithoutAny);
        Assert.Empty(one.ServedOn);
    }

    [Fact]
    public void While_one_machine_was_not_asked_to_stop_it_was_never_gone()
    {
        var one = Assert.Single(Of((Service("jb1", "wildfly", false), 10, 14), (Service("jb2", "wildfly", false), 20, 21)));

        Assert.Equal(["jb3"], one.ServedOn);
        Assert.Null(one.GoneFrom);
        Assert.Null(one.WithoutAny);
    }

    [Fact]
    public void A_stop_that_has_not_come_yet_stopped_nothing()
    {
        var one = Assert.Single(Of((Service("jb1", "wildfly", false), 10, 14), (Service("jb2", "wildfly", false), -1, -1), (Service("jb3", "wildfly", false), 12, 25)));

        Assert.Equal(["jb2"], one.ServedOn);
        Assert.Empty(Of((Service("jb1", "wildfly", false), -1, -1)));
    }

    [Fact]
    public void What_was_not_seen_again_has_no_end()
    {
        var one = Assert.Single(Of(
            (Service("jb1", "wildfly", false), 10, 14), (Service("jb2", "wildfly", false), 20, 21), (Service("jb3", "wildfly", false), 12, 25), (Service("jb2", "wildfly", true), 100, -1)));

        Assert.Equal((20, null, null), (After(one.GoneFrom), After(one.BackAt), After(one.Until)));
        Assert.Null(one.WithoutAny);
    }

    [Fact]
    public void What_was_stopped_before_the_run_has_no_beginning_in_it()
    {
        var one = Assert.Single(Of(StepOutcome.FoundSo,
            (Service("jb1", "wildfly", false), 10, 10), (Service("jb2", "wildfly", false), 10, 10), (Service("jb3", "wildfly", false), 10, 10), (Service("jb2", "wildfly", true), 100, 110)));

        Assert.Equal((null, null, 110), (After(one.From), After(one.GoneFrom), After(one.BackAt)));
        Assert.Null(one.WithoutAny);
    }

    [Fact]
    public void A_pair_is_gone_from_its_standby_until_the_other_was_seen_to_hold_it()
    {
        var one = Assert.Single(Of((PairedRun.Deed("standby.lb1", new SetStandby("lb1", true, "lb1")) with { Machine = "lb1" }, 10, 22)));

        Assert.Equal((FunctionKind.Pair, "lb", "lb (lb1 → lb2)"), (one.Kind, one.Name, one.Title));
        Assert.Equal(TimeSpan.FromSeconds(12), one.WithoutAny);
    }

    [Fact]
    public void What_a_person_accepted_was_not_seen()
    {
        var one = Assert.Single(Of(StepOutcome.Accepted, (PairedRun.Deed("standby.lb1", new SetStandby("lb1", true, "lb1")) with { Machine = "lb1" }, 10, 22)));

        Assert.Null(one.BackAt);
    }

    [Fact]
    public void A_singleton_is_gone_with_its_software_until_it_was_seen_itself()
    {
        var both = Of(
            (Service("acd1", "robot5", false), 10, 12), (Service("acd2", "robot5", false), 11, 13), (Service("acd2", "robot5", true), 50, 60),
            (PairedRun.Deed("singleton.acd2.distribute", new SetSingleton("acd2", "distribute", true)) with { Machine = "acd2" }, 61, 70));

        Assert.Equal([("robot5", 49d), ("distribute", 60d)], both.Select(b => (b.Name, b.WithoutAny!.Value.TotalSeconds)));
    }

    private static (Step Step, int Asked, int Done) Moves(string machine, int asked, int done) =>
        (PairedRun.Deed($"standby.{machine}", new SetStandby(machine, true, machine)) with { Machine = machine }, asked, done);

    private static readonly Step Carried = PairedRun.Deed("singleton.acd2.distribute", new SetSingleton("acd2", "distribute", true)) with { Machine = "acd2" };

    [Fact]
    public void What_was_asked_to_stop_counts_before_it_was_seen_and_one_that_was_asked_is_enough()
    {
        var one = Assert.Single(Of((Service("jb1", "wildfly", false), 10, -1), (Service("jb2", "wildfly", false), -1, 21), (Service("jb3", "wildfly", false), -1, 25)));

        Assert.Equal((10, 10), (After(one.From), After(one.GoneFrom)));
    }

    [Fact]
    public void It_is_whole_again_only_when_it_was_seen_everywhere()
    {
        var one = Assert.Single(Of((Service("jb1", "wildfly", false), 10, 12), (Service("jb2", "wildfly", true), 100, 110), (Service("jb3", "wildfly", true), 90, -1)));

        Assert.Equal((110, null), (After(one.BackAt), After(one.Until)));
    }

    [Fact]
    public void Each_function_has_its_own_times()
    {
        var all = Of(
            (Service("jb1", "wildfly", false), 5, 6), (Service("acd1", "robot5", false), 10, 12), (Service("acd2", "robot5", false), 11, 13),
            (Service("acd2", "robot5", true), 50, 60), (Service("jb2", "wildfly", true), 70, 80), (Carried, 61, 65));

        Assert.Equal(
            [(FunctionKind.Service, "wildfly", 5d, 80d), (FunctionKind.Service, "robot5", 10d, 60d), (FunctionKind.Singleton, "distribute", 10d, 65d)],
            all.Select(f => (f.Kind, f.Name, After(f.From)!.Value, After(f.BackAt)!.Value)));
    }

    [Fact]
    public void A_singleton_that_is_not_started_or_whose_software_nobody_stopped_is_not_told_of()
    {
        var other = PairedRun.Deed("singleton.acd2.other", new SetSingleton("acd2", "other", true)) with { Machine = "acd2" };
        Assert.Equal(["robot5"], Of((Service("acd1", "robot5", false), 10, 12), (other, 61, 70)).Select(f => f.Name));

        Assert.Equal(["robot5"], Of((Service("acd1", "robot5", false), -1, 12), (Service("acd2", "robot5", true), 50, 60), (Carried, 61, 70)).Select(f => f.Name));
    }

    [Fact]
    public void A_pair_is_told_of_by_its_own_name_when_it_moves_and_a_node_without_a_pair_by_the_nodes()
    {
        var all = Of(Moves("st1", 10, 22), Moves("tel1", 11, 23), Moves("lb1", -1, -1));

        Assert.Equal([("store", "store (st1 → st2)"), ("tel1", "tel1")], all.Select(f => (f.Name, f.Title)));
    }
}
