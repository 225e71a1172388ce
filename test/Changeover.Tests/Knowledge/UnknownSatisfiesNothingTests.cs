using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Tests.Drivers;

namespace Changeover.Tests.Knowledge;

/// <summary>Conditions that say "nothing bad is seen" where what would show it is not known. Found by damaging answers.</summary>
public sealed class UnknownSatisfiesNothingTests
{
    private static Verdict Judge(Condition condition, SubjectKind kind, string name, Facts facts)
    {
        var subject = new Subject(kind, name);
        var snapshot = Snapshot.Of([new(subject, facts, null, SmallCluster.Noon, SmallCluster.Noon)]);
        return condition.Judge(new(SmallCluster.Cluster, snapshot, SmallCluster.Noon, SmallCluster.Noon)).Verdict;
    }

    [Theory]
    [InlineData("acd-lb1", Verdict.Unknown)]
    [InlineData("acd-tel1", Verdict.Holds)]
    public void Disks_that_a_linux_machine_does_not_tell_have_no_room_for_certain_and_windows_is_not_asked(string machine, Verdict expected) =>
        Assert.Equal(expected, Judge(new DisksHaveRoom(machine), SubjectKind.Machine, machine, new MachineFacts(machine, "b", null, null, [], null)));

    [Theory]
    [InlineData(ServerAdmin.Unknown, false, Verdict.Unknown)]
    [InlineData(ServerAdmin.Ready, false, Verdict.Fails)]
    [InlineData(ServerAdmin.Maint, false, Verdict.Holds)]
    [InlineData(ServerAdmin.Ready, true, Verdict.Holds)]
    public void A_server_that_is_down_and_may_take_part_is_not_up(ServerAdmin admin, bool up, Verdict expected) => Assert.Equal(
        expected,
        Judge(new ServersUp("acd-lb1", ""), SubjectKind.Balancer, "acd-lb1", new BalancerFacts(
            "2.6", TimeSpan.FromHours(1), "sum", true, [new("web", "acd-jb1", "10.0.0.1", admin, up, up ? "UP" : "DOWN", 1, false, 0)])));
}
