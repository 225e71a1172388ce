using System.Text;
using Changeover.Inventory;

namespace Changeover.Tests.Inventory;

/// <summary>
/// Every way an inventory can be wrong, with the exact lines a person reads. The cases and their lines stand in
/// Fixtures/inventory/made-bad-inputs.txt: <c>-</c> and <c>+</c> change made-base.yaml, <c>|</c> is a whole file,
/// the other lines are what is found.
/// </summary>
public sealed class BadInputTests
{
    private static readonly string Folder = RepositoryFile.Path("test", "Changeover.Tests", "Fixtures", "inventory");
    private static readonly string Base = File.ReadAllText(Path.Combine(Folder, "made-base.yaml"));

    private sealed record Case(string Name, string Input, string Text);

    private static IEnumerable<Case> Cases()
    {
        foreach (var block in File.ReadAllText(Path.Combine(Folder, "made-bad-inputs.txt")).Split("=== ", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = block.Split('\n');
            var input = lines.Skip(1).TakeWhile(l => l is ['-' or '+' or '|', ' ', ..]).ToImmutableArray();
            yield return new(lines[0], string.Join('\n', input), Apply(lines[0], input));
        }
    }

    private static string Apply(string name, ImmutableArray<string> input)
    {
        if (input[0][0] == '|')
            return string.Join('\n', input.Select(l => l[2..]));
        var text = Base;
        for (var i = 0; i < input.Length;)
        {
            var old = string.Join('\n', input.Skip(i).TakeWhile(l => l[0] == '-').Select(l => l[2..]));
            i += old.Count(c => c == '\n') + 1;
            var changed = string.Join('\n', input.Skip(i).TakeWhile(l => l[0] == '+').Select(l => l[2..]));
            i += changed.Count(c => c == '\n') + 1;
            var at = text.IndexOf(old, StringComparison.Ordinal);
            Assert.True(at >= 0, $"{name}: the base has no {old}");
            text = text[..at] + changed + text[(at + old.Length)..];
        }
        return text;
    }

    private static InventoryReading Read(string text) => InventoryFile.Parse("cluster.yaml", Encoding.UTF8.GetBytes(text));

    [Fact]
    public void The_base_has_no_findings() => Assert.Empty(Read(Base).Findings);

    [Fact]
    public void Every_bad_input_has_exactly_its_located_messages()
    {
        var told = new StringBuilder();
        foreach (var bad in Cases())
            told.Append($"=== {bad.Name}\n{bad.Input}\n").AppendJoin("", Read(bad.Text).Findings.Select(f => $"{f}\n")).Append('\n');

        RepositoryFile.AssertSame(Path.Combine(Folder, "made-bad-inputs.txt"), told.ToString());
    }

    [Fact]
    public void Every_bad_input_has_a_finding() => Assert.All(Cases(), c => Assert.NotEmpty(Read(c.Text).Findings));

    [Fact]
    public void A_finding_points_into_the_file()
    {
        Assert.All(Cases(), c =>
        {
            var lines = c.Text.Split('\n');
            Assert.All(Read(c.Text).Findings, f =>
            {
                Assert.InRange(f.At.Line, 1, lines.Length);
                Assert.InRange(f.At.Column, 1, lines[f.At.Line - 1].Length + 1);
            });
        });
    }

    [Fact]
    public void A_secret_written_into_the_file_is_never_repeated() =>
        Assert.DoesNotContain(Cases().SelectMany(c => Read(c.Text).Findings), f =>
            f.ToString().Contains("hunter2", StringComparison.Ordinal) || f.Finding.Arguments.Values.Any(v => v.Contains("hunter2", StringComparison.Ordinal)));

    [Fact]
    public void An_error_leaves_no_inventory_and_a_warning_leaves_one()
    {
        Assert.All(Cases(), c =>
        {
            var reading = Read(c.Text);
            var bad = reading.Findings.Any(f => f.Finding.Severity >= Changeover.Findings.Severity.Error);
            Assert.Equal(bad, reading.Inventory is null);
            Assert.Equal(bad ? 3 : 0, reading.ExitCode);
            Assert.Equal(bad, reading.Digest.Length == 0);
        });
    }

    [Fact]
    public void Every_kind_of_finding_has_a_case()
    {
        // Those need a file on disk, bytes that are no text, or a great many of something; InventoryFileTests has them.
        var elsewhere = new[]
        {
            InventoryFindings.Unreadable, InventoryFindings.TooLarge, InventoryFindings.NotText,
            InventoryFindings.TooDeep, InventoryFindings.TooMany, InventoryFindings.More,
        };
        var seen = Cases().SelectMany(c => Read(c.Text).Findings).Select(f => f.Finding.Code).ToHashSet();

        Assert.Empty(InventoryFindings.All.Except(seen).Except(elsewhere).Select(c => c.Code));
    }

    [Fact]
    public void No_sentence_has_an_argument_left_open() =>
        Assert.DoesNotContain(Cases().SelectMany(c => Read(c.Text).Findings), f => System.Text.RegularExpressions.Regex.IsMatch(f.ToString(), "\\{[a-z]+\\}"));
}
