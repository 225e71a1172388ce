using Changeover.Inventory;

namespace Changeover.Tests.Inventory;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("90s", 90, "1m30s")]
    [InlineData("5m", 300, "5m")]
    [InlineData("2h", 7200, "2h")]
    [InlineData("1d2h3m4s", 93784, "1d2h3m4s")]
    [InlineData("0s", 0, "0s")]
    public void A_duration_is_read_and_written(string text, int seconds, string written)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), Durations.Parse(text));
        Assert.Equal(written, Durations.Text(TimeSpan.FromSeconds(seconds)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("90")]
    [InlineData("s")]
    [InlineData("-5m")]
    [InlineData("1.5h")]
    [InlineData("5m1h")]
    [InlineData("1h1h")]
    [InlineData("5 m")]
    [InlineData("5M")]
    [InlineData("9999999999d")]
    [InlineData("99999999999999999999s")]
    public void Anything_else_is_none(string text) => Assert.Null(Durations.Parse(text));

    [Theory]
    [InlineData("role", "rolle", 1)]
    [InlineData("role", "rloe", 1)]
    [InlineData("", "abc", 3)]
    public void Letters_changed_and_swapped_are_counted(string a, string b, int distance) => Assert.Equal(distance, Spelling.Distance(a, b));

    [Fact]
    public void The_nearest_name_is_the_first_in_order_among_equals()
    {
        Assert.Equal("vm-host-1", Spelling.Nearest("vm-host-3", ["vm-host-2", "vm-host-1", "other"]));
        Assert.Equal("", Spelling.Nearest("x", []));
    }
}
