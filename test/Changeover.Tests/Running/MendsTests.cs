using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using static Changeover.Tests.Running.PairedRun;

namespace Changeover.Tests.Running;

/// <summary>Which mend a finding leads to, and when its parts are carried out and heard.</summary>
public sealed class MendsTests
{
    private static readonly Step Set = Deed("quiet.db", new SetService("db1", "a", Run: true));

    private static Finding Open(string id, string machine = "db1") => WritingFindings.Session.On(machine, "user", "u", "client", "c", "id", id, "command", "Sleep");

    private static Finding Off(string errno, string io) => WritingFindings.ReplicationOff.On("db2", "source", "db1", "io", io, "sql", "running", "errno", errno, "error", "it");

    private static ClusterAction[] For(params ImmutableArray<Finding> why) => [.. Mends.For(Of(Set).Halted("quiet.db", why), "quiet.db")];

    [Fact]
    public void Every_open_session_is_ended_once()
    {
        Assert.Equal([new EndSession("db1", 7), new EndSession("db1", 8)], For(Open("7"), Open("8"), Open("7"), StateFindings.NotSeen.On("db1", "asked", "it")));
        Assert.Empty(For(Open("seven"), Open("-7"), Open(" 7"), Open("")));
    }

    [Fact]
    public void What_another_finding_says_in_the_same_words_is_nobodys_session_and_no_thread() =>
        Assert.Empty(For(StateFindings.BackupNotComplete.On("db1", "id", "7", "seen", "running"), StateFindings.NotSeen.On("db2", "errno", "0", "io", "stopped")));

    /// <summary>2003: nobody answered; 2061: a server spoke; 1062: a row that is there already.</summary>
    [Theory]
    [InlineData("0", "stopped", true)]
    [InlineData("0", "running", true)]
    [InlineData("0", "connecting", false)]
    [InlineData("2003", "stopped", true)]
    [InlineData("2003", "connecting", false)]
    [InlineData("2061", "stopped", false)]
    [InlineData("1062", "stopped", false)]
    [InlineData(" 2003", "stopped", false)]
    [InlineData("", "stopped", false)]
    public void Replica_threads_are_started_when_no_error_stands_against_it(string errno, string io, bool starts)
    {
        ClusterAction[] offered = starts ? [new SetReplication("db2", Run: true)] : [];
        Assert.Equal(offered, For(Off(errno, io)));
    }

    [Fact]
    public void It_is_offered_for_what_broke_and_for_a_step_that_is_halted_and_for_nothing_else()
    {
        var run = Of(Set);
        Assert.Empty(Mends.For(run with { Steps = run.Steps.With("quiet.db", run.Steps["quiet.db"] with { Findings = [Open("7")] }) }, "quiet.db"));
        Assert.Empty(Mends.For(run.With("quiet.db", StepStatus.Halted), "quiet.db"));
        Assert.Empty(Mends.For(run, "another"));
        Assert.Equal([new EndSession("db1", 7)], Mends.For(run with { Broken = run.Broken.Add("standing.s", [Open("7")]) }, "standing.s"));
    }

    [Fact]
    public void People_read_what_will_be_done()
    {
        Assert.Equal("end session 7 on db1; what it has not committed is lost", Mends.Text(new EndSession("db1", 7)));
        Assert.Equal("start the replica threads on db2", Mends.Text(new SetReplication("db2", Run: true)));
    }

    [Theory]
    [InlineData("mend.0.quiet.db", 0, "quiet.db")]
    [InlineData("mend.12.standing.s", 12, "standing.s")]
    [InlineData("mend.x.quiet.db", null, null)]
    [InlineData("mend.-1.quiet.db", null, null)]
    [InlineData("mend. 1.quiet.db", null, null)]
    [InlineData("MEND.0.quiet.db", null, null)]
    [InlineData("mend.0", null, null)]
    [InlineData("extend.0.quiet.db", null, null)]
    public void The_id_of_an_effect_says_which_part_of_which_mend_it_is(string effect, int? part, string? id) =>
        Assert.Equal(part is { } p ? (p, id!) : ((int, string)?)null, Mends.Parse(effect));

    // ---- carried out ---------------------------------------------------------------------------------------------------------

    private static readonly ClusterAction[] Two = [new EndSession("db1", 7), new EndSession("db1", 8)];

    private static RunState Asked(RunState state, string id) => Engine.Evolve(state, new MendAsked(Now, id, 3, [.. Two]));

    private static RunState Hear(RunState state, int part, string id, int number = 3) =>
        Engine.DecideAndEvolve(state, new Heard(Now, $"mend.{part}.{id}", number, Reception.Accepted)).State;

    private static IEnumerable<Effect.Perform> Performs(RunState state) => Engine.Pending(state).OfType<Effect.Perform>();

    [Fact]
    public void Each_part_is_carried_out_until_it_was_answered_and_then_the_step_is_looked_at_again()
    {
        var asked = Asked(Of(Set).Halted("quiet.db", Open("7"), Open("8")), "quiet.db");
        Assert.Equal([("mend.0.quiet.db", 3, Two[0]), ("mend.1.quiet.db", 3, Two[1])], Performs(asked).Select(p => (p.Step, p.Attempt, p.Action)));
        Assert.True(asked.InFlight);

        var one = Hear(asked, 0, "quiet.db");
        Assert.Equal(["mend.1.quiet.db"], Performs(one).Select(p => p.Step));
        Assert.Equal(StepStatus.Halted, one.Steps["quiet.db"].Status);
        Assert.Equal(StepStatus.Halted, Hear(one, 0, "quiet.db").Steps["quiet.db"].Status);
        Assert.DoesNotContain(Engine.Decide(one, new Heard(Now, "mend.0.quiet.db", 3, Reception.Accepted)), e => e is MendHeard);

        var both = Hear(one, 1, "quiet.db");
        Assert.NotEqual(StepStatus.Halted, both.Steps["quiet.db"].Status);
        Assert.Empty(both.Mending);
    }

    [Fact]
    public void What_broke_is_watched_again_when_its_mend_was_answered()
    {
        var broken = Of(Set);
        broken = Asked(broken with { Broken = broken.Broken.Add("standing.s", [Open("7")]) }, "standing.s");

        Assert.Single(Hear(broken, 1, "standing.s").Broken);
        Assert.Empty(Hear(Hear(broken, 1, "standing.s"), 0, "standing.s").Broken);
    }

    [Fact]
    public void A_late_answer_to_an_earlier_mend_says_nothing()
    {
        var asked = Asked(Of(Set).Halted("quiet.db", Open("7")), "quiet.db");

        Assert.Equal(2, Performs(Hear(asked, 0, "quiet.db", number: 2)).Count());
        Assert.Equal(2, Performs(Hear(asked, 0, "another")).Count());
        Assert.Empty(Engine.Evolve(asked, new MendHeard(Now, "quiet.db", 2, 0, Reception.Accepted)).Mending["quiet.db"].Heard);
    }

    /// <summary>Another controller may hold the cluster by now.</summary>
    [Fact]
    public void Before_the_claims_are_taken_again_nothing_is_mended()
    {
        var asked = Asked(Of(Set).Halted("quiet.db", Open("7")), "quiet.db");

        Assert.Empty(Mends.Pending(asked with { Renewing = ["db1"] }));
    }
}
