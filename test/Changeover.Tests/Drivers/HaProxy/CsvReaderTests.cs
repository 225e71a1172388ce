using Changeover.Drivers.HaProxy;

namespace Changeover.Tests.Drivers.HaProxy;

public sealed class CsvReaderTests
{
    [Theory]
    [InlineData("a,b\n", "a|b")]
    [InlineData(",,\n", "||")]
    [InlineData("a,\"b,c\",d\n", "a|b,c|d")]
    [InlineData("\"two\nlines\",b\n", "two\nlines|b")]
    [InlineData("\"said \"\"yes\"\"\",b\n", "said \"yes\"|b")]
    [InlineData("x\"y,z\"w,b\n", "xy,zw|b")]
    [InlineData("\na\n\nb\n\n", "a;b")]
    [InlineData("a,b\nc,d", "a|b")]
    public void Fields_end_at_commas_outside_of_quotes(string text, string rows)
    {
        var reader = new CsvReader(text, 0);
        var read = new List<string>();
        while (reader.Next())
            read.Add(string.Join('|', Enumerable.Range(0, reader.Count).Select(i => reader[i])));

        Assert.Equal(rows, string.Join(';', read));
        Assert.False(reader.IsCutOff);
    }

    [Fact]
    public void A_quote_that_does_not_end_is_told()
    {
        var reader = new CsvReader("# a,b\n1,\"2\n", 2);

        Assert.True(reader.Next());
        Assert.Equal((0, 1, -1), (reader.Find("a"), reader.Find("b"), reader.Find("c")));
        Assert.False(reader.Next());
        Assert.True(reader.IsCutOff);
    }
}
