using Changeover.Lab.Breaks;

namespace Changeover.Lab.Tests;

/// <summary>The list of breaks is consistent. Needs no lab.</summary>
public sealed class BreakTests
{
    [Fact]
    public void Every_break_has_its_own_name() =>
        Assert.Equal(BreakList.All.Length, BreakList.All.Select(b => b.Name).Distinct().Count());

    [Fact]
    public void Every_break_fits_the_machine_it_is_usually_made_on() =>
        Assert.All(BreakList.All, b => Assert.True(b.Fits(Topology.Find(b.Machine)), $"{b.Name} on {b.Machine}"));

    [Theory]
    [InlineData("left-session-balancer")]
    [InlineData("left-session-direct")]
    [InlineData("replication-stopped")]
    [InlineData("replication-lag")]
    [InlineData("drbd-disconnected")]
    [InlineData("stale-ban")]
    [InlineData("stickiness-zero")]
    [InlineData("haproxy-reloaded")]
    [InlineData("service-will-not-stop")]
    [InlineData("guest-ignores-shutdown")]
    [InlineData("machine-unreachable")]
    public void Break_is_there(string name) => Assert.Contains(BreakList.All, b => b.Name == name);
}
