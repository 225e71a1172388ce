namespace Changeover.Tests.Cli;

/// <summary>Whatever is wrong with the words or the files: a sentence and the code of the table, never a stack trace.</summary>
public sealed class BadInputTests
{
    public static TheoryData<string, string, int> Inventories() => new()
    {
        { "empty", "", 3 },
        { "not YAML", "cluster: [", 3 },
        { "another document", "hello", 3 },
        { "an unknown key", "cluster: a\nclutser: b\n", 3 },
        { "an alias bomb", "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", 3 },
        { "bytes", "\0\u0001\u0002", 3 },
        { "ten megabytes", new string('#', 10_000_000), 3 },
    };

    [Theory]
    [MemberData(nameof(Inventories))]
    public void A_bad_inventory_is_refused_with_its_place(string what, string text, int code)
    {
        using var program = new ProgramProcess();
        var file = program.PathOf("cluster.yaml");
        File.WriteAllText(file, text);
        foreach (var command in new[] { "validate", "health" })
        {
            var said = program.Run(command, "-i", file, "--world", "simulated", "--journal", program.PathOf("journal"));
            Assert.True(said.Code == code, $"{what}: {command}: {said}");
            Assert.Contains("cluster.yaml", said.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", said.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(2, "no-such-command")]
    [InlineData(2, "health", "--no-such-option")]
    [InlineData(2, "health", "-i", "/nowhere/cluster.yaml")]
    [InlineData(2, "validate", "-i", "/nowhere/cluster.yaml")]
    [InlineData(2, "run", "sideways", "vm-host-1")]
    [InlineData(2, "run", "failover")]
    [InlineData(2, "health", "--world", "flat")]
    [InlineData(2, "health", "--speed", "fast")]
    public void Wrong_words_are_wrong_usage(int code, params string[] words)
    {
        using var program = new ProgramProcess();
        var said = program.Run(words);
        Assert.True(said.Code == code, said.ToString());
        Assert.NotEmpty(said.Error);
        Assert.DoesNotContain("   at ", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_journal_is_an_internal_error_with_a_sentence()
    {
        using var program = new ProgramProcess();
        File.WriteAllText(program.PathOf("journal"), "this is no journal, and long enough to be read as the head of one file of a database");
        var said = program.OnCluster("status");
        Assert.True(said.Code == 5, said.ToString());
        Assert.DoesNotContain("   at ", said.Error, StringComparison.Ordinal);
    }
}
