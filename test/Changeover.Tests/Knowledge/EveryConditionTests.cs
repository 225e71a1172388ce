using System.Reflection;
using System.Text.Json.Serialization;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Tests.Knowledge;

/// <summary>What is so of every condition: it holds on what it is about, and on nothing that was not seen.</summary>
public sealed class EveryConditionTests
{
    private static readonly Sight Waiting = Sight.Well.But<DatabaseFacts>("db1", f => f with { Channels = f.Channels.Change(c => c with { Io = ReplicationThread.Connecting }) });

    private static readonly ImmutableArray<(Condition Condition, Sight Sight)> Holding =
    [
        (new All([new MachineIs("web1"), new MachineIs("web2")]), Sight.Well),
        (new PowerIs("web1", On: true), Sight.Well),
        (new PowerIs("desk", On: true), Sight.Well),
        (new PlacedOn("web1"), Sight.Well),
        (new HostReady("web1"), Sight.Well),
        (new MachineIs("web1"), Sight.Well),
        (new DisksHaveRoom("web1"), Sight.Well),
        (new ServiceIs("web1", "wildfly", Running: true), Sight.Well),
        (new ServicesStopped("web2"), Sight.Well),
        (new SingletonIs("tel1", "AcdGroupDistribute", Running: true), Sight.Well),
        (new PairHeld("store", "store1", PeerExpectation.Online), Sight.Well),
        (new PairHeld("store", "store1", PeerExpectation.Any), Sight.Well),
        (new PairHeld("store", "", PeerExpectation.Online), Sight.Well),
        (new PairHeld("store", "", PeerExpectation.Any), Sight.Well),
        (new PairHeld("balancer", "lb1", PeerExpectation.Online), Sight.Well),
        (new MoveForecast("store", "store1"), Sight.Well),
        (new JoinMovesNothing("store", "store2"), Sight.Well),
        (new DrbdIs("store1", Primary: true, Alone: false), Sight.Well),
        (new ScoresFull("store", "store1"), Sight.Well),
        (new ComesBack("store1"), Sight.Well),
        (new ComesBack("lb1"), Sight.Well),
        (new ComesBack("db1"), Sight.Well),
        (new AddressAt("10.0.0.30", "lb1", ["lb1", "lb2"]), Sight.Well),
        (new WriterIs("lb1", "db1"), Sight.Well),
        (new BalancersAgree("lb1", "lb2"), Sight.Well),
        (new ServersAre("lb1", [new("mysql", "first", ServerAdmin.Ready, 100), new("web", "web1", ServerAdmin.Ready)]), Sight.Well),
        (new ServersUp("lb1", ""), Sight.Well),
        (new PoolsSurvive("lb1", [new("web", "web1", ServerAdmin.Maint)]), Sight.Well),
        (new BalancerObeys("lb1"), Sight.Well),
        (new NoSessions(["db1", "db2"], ["lb1", "lb2"]), Sight.Well),
        (new Replicates("db1"), Sight.Well),
        (new MayReplicate("db1", Booted: false), Sight.Well),
        (new CaughtUp("db2", "db1"), Sight.Well),
        (new CaughtUp("report", "db1", ["db2"]), Sight.Well),
        (new WaitsForSource("db1", "db2"), Waiting),
        (new JobsStandStill("db1"), Sight.Well),
        (new LogsKept("db1", "db2"), Sight.Well.Found()),
        (new SynchronisationAhead(["store1", "store2"], ["db1", "db2"]), Sight.Well.Found()),
        (new ClientReady("web1", Share: true, Database: true), Sight.Well),
        (new ClaimIs("db1", Held: true), Sight.Well),
        (new DowntimeCovers("m1", ["vm-web1"], Sight.Noon.Utc.AddHours(1)), Sight.Well),
        (new DowntimeGone("m2"), Sight.Well),
        (new BackupIs("db1", "b1"), Sight.Well),
        (new BackupGone("db1", "b2"), Sight.Well),
        (new AsFound(), Sight.Well.Found()),
    ];

    public static TheoryData<string> Each() => new(Holding.Select((h, i) => Name(h.Condition, i)));

    private static string Name(Condition condition, int number) => $"{number} {condition.GetType().Name}";

    private static (Condition, Sight) Of(string name) => Holding.Where((h, i) => Name(h.Condition, i) == name).Single();

    /// <summary>Those that ask nothing, and the one that a machine without an answer does not hold up.</summary>
    private static readonly ImmutableArray<Type> Others = [typeof(TimeReached), typeof(TimeLeft), typeof(StoreUnused)];

    [Fact]
    public void None_that_a_plan_can_have_is_left_out() => Assert.Equal(
        typeof(Condition).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(a => a.DerivedType).Except(Others).Select(t => t.Name).Order(StringComparer.Ordinal),
        Holding.Select(h => h.Condition.GetType().Name).Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Each))]
    public void It_holds_where_it_is_so_and_on_the_subjects_alone_that_it_names(string name)
    {
        var (condition, sight) = Of(name);
        sight.Only(condition.Subjects(Sight.Cluster)).Holds(condition);
    }

    [Theory]
    [MemberData(nameof(Each))]
    public void It_is_unknown_when_one_of_them_was_not_seen(string name) => Missing(name, (sight, s) => sight.Without(s), s => $"state.not-seen {s.Name}: asked={s}");

    [Theory]
    [MemberData(nameof(Each))]
    public void It_is_unknown_when_one_of_them_was_seen_too_long_ago(string name) => Missing(name, (sight, s) => sight.Stale(s), s => $"state.stale {s.Name}: asked={s}");

    [Theory]
    [MemberData(nameof(Each))]
    public void It_is_unknown_when_one_of_them_could_not_be_read(string name) => Missing(name, (sight, s) => sight.Unreadable(s), _ => "machine.reboot-pending unreadable");

    private static void Missing(string name, Func<Sight, Subject, Sight> change, Func<Subject, string> why)
    {
        var (condition, sight) = Of(name);
        Assert.NotEmpty(condition.Subjects(Sight.Cluster));
        foreach (var subject in condition.Subjects(Sight.Cluster))
            change(sight, subject).IsUnknown(condition, why(subject));
    }
}
