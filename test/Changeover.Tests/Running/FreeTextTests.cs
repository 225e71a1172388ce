using Changeover.Running;

namespace Changeover.Tests.Running;

/// <summary>What people write begins no line of its own, steers no terminal, and has an end.</summary>
public sealed class FreeTextTests
{
    [Theory]
    [InlineData("it was set by hand", "it was set by hand")]
    [InlineData("one\ntwo\r\nthree\u2028four\tfive", "one two three four five")]
    [InlineData("Größe 100 %, 👩‍🔧 war da", "Größe 100 %, 👩‍🔧 war da")]
    [InlineData("", "")]
    public void It_is_one_line(string said, string line) => Assert.Equal(line, FreeText.Line("reason", said));

    [Theory]
    [InlineData("\u001b[2J", "U+001B")]
    [InlineData("a\0b", "U+0000")]
    [InlineData("a\bb", "U+0008")]
    [InlineData("a\u009bb", "U+009B")]
    [InlineData("\u202edlo", "U+202E")]
    [InlineData("\u2066x\u2069", "U+2066")]
    public void What_steers_is_refused(string said, string named)
    {
        var refused = Assert.Throws<CommandEnds>(() => FreeText.Line("--reason", said));
        Assert.Equal((ExitCodes.Usage, $"--reason has the control character {named} in it; write it without"), (refused.ExitCode, refused.Message));
    }

    [Fact]
    public void It_has_2000_characters_at_most()
    {
        Assert.Equal(2000, FreeText.Line("reason", new('x', 2000)).Length);
        Assert.Contains("has 2001 characters; at most 2000", Assert.Throws<CommandEnds>(() => FreeText.Line("reason", new('x', 2001))).Message, StringComparison.Ordinal);
    }
}
