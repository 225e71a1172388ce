using Changeover.Lab.Probing;

namespace Changeover.Lab.Tests;

/// <summary>What the probe's samples add up to. Needs no lab.</summary>
public sealed class ProbeTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static Sample At(double seconds, bool good) =>
        new("web", Start.AddSeconds(seconds), Start.AddSeconds(seconds + 0.01), good ? null : "refused");

    [Fact]
    public void An_interruption_lasts_from_the_last_good_sample_to_the_next()
    {
        var found = Assert.Single(Interruption.Of([At(0, true), At(0.1, false), At(0.2, false), At(0.3, true)]));
        Assert.Equal(2, found.Failed);
        Assert.Equal(0.3, found.Length.TotalSeconds, 3);
    }

    [Fact]
    public void A_failure_that_never_ends_counts_until_the_last_sample()
    {
        var found = Assert.Single(Interruption.Of([At(0, true), At(0.1, false), At(5, false)]));
        Assert.Equal(5, found.Length.TotalSeconds, 3);
    }

    [Fact]
    public void Good_samples_alone_are_no_interruption() => Assert.Empty(Interruption.Of([At(0, true), At(0.1, true)]));

    [Fact]
    public void Two_failures_with_a_good_sample_between_are_two_interruptions() =>
        Assert.Equal(2, Interruption.Of([At(0, true), At(0.1, false), At(0.2, true), At(0.3, false), At(0.4, true)]).Count());
}
