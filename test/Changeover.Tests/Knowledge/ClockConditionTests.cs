using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Tests.Knowledge;

/// <summary>X10: what the controller's clock decides; and that all reasons of several conditions are given.</summary>
public sealed class ClockConditionTests
{
    private static readonly TimeReached Reached = new(Sight.Noon.Utc);

    private static readonly TimeLeft Left = new(Sight.Noon.Utc);

    private static Sight At(int seconds) => Sight.Well with { Now = Sight.Noon + TimeSpan.FromSeconds(seconds) };

    [Fact]
    public void A_time_is_reached_from_its_moment_on()
    {
        At(-1).Fails(Reached, "state.not-yet the next step: time=2026-11-22 12:00 UTC");
        At(0).Holds(Reached);
        At(1).Holds(Reached);
    }

    [Fact]
    public void Time_is_left_up_to_its_moment()
    {
        At(-1).Holds(Left);
        At(0).Holds(Left);
        At(1).Fails(Left, "state.turn-back the latest time to turn back: time=2026-11-22 12:00 UTC");
    }

    [Fact]
    public void The_clock_is_nothing_that_is_asked()
    {
        Assert.Empty(Reached.Subjects(Sight.Cluster));
        Assert.Empty(Left.Subjects(Sight.Cluster));
    }

    [Fact]
    public void Only_what_the_clock_decides_reads_it()
    {
        Assert.True(Reached.ReadsClock);
        Assert.True(Left.ReadsClock);
        Assert.True(new AsFound().ReadsClock);
        Assert.True(new All([new MachineIs("web1"), Left]).ReadsClock);
        Assert.False(new All([new MachineIs("web1"), new MachineIs("web2")]).ReadsClock);
    }

    [Fact]
    public void Of_several_conditions_all_must_hold_and_all_reasons_are_given() => At(1).Without(new(SubjectKind.Machine, "web1")).Fails(
        new All([new MachineIs("web1"), Left, Reached, new TimeReached(Sight.Noon.Utc.AddDays(1))]), "state.not-seen web1", "state.turn-back the latest time to turn back", "state.not-yet the next step");
}
