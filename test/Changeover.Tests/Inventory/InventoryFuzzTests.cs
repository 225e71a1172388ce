using System.Text;
using Changeover.Findings;
using Changeover.Inventory;

namespace Changeover.Tests.Inventory;

/// <summary>Whatever stands in the file: an answer, findings that point into it, and never an exception.</summary>
public sealed class InventoryFuzzTests
{
    private static readonly byte[] Example = File.ReadAllBytes(RepositoryFile.Path("examples", "two-hosts", "cluster.yaml"));
    private static readonly byte[] Base = File.ReadAllBytes(RepositoryFile.Path("test", "Changeover.Tests", "Fixtures", "inventory", "made-base.yaml"));

    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ":", ": ", "- ", "\n", "\r\n", "\t", "  ", "#", "\"", "'", "&a ", "*a", "!!int ", "<<: *a", "|", ">-", "? ", "---\n", "...\n", "%YAML 9.9\n",
        "%YAML 99999999999999.1\n", "\0", "\ufeff", "\u2028", "\\U00110000", "\"\\U00110000\"", "\"\\xZZ\"", "~", "null", "true", "0x10", "1e999", "@", "`", ",", "é", "👾",
        "roles: ", "machines: ", "host: ", "requires: [jb]", "pair: a",
    ];

    private static void AnswersWithFindingsInside(byte[] bytes, string what)
    {
        InventoryReading reading;
        try
        {
            reading = InventoryFile.Parse("f.yaml", bytes);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{what}:\n{Encoding.UTF8.GetString(bytes)}", e);
        }
        Assert.Equal(reading.Inventory is null, reading.Findings.Any(f => f.Finding.Severity >= Severity.Error));
        Assert.All(reading.Findings, f => Assert.True(f.At is { Line: >= 1, Column: >= 1 }, $"{what}: {f}"));
    }

    [Fact]
    public void Every_beginning_of_an_inventory_is_answered()
    {
        for (var length = 0; length <= Base.Length; length++)
            AnswersWithFindingsInside(Base[..length], $"the first {length} bytes");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_damaged_inventory_is_answered(int seed)
    {
        var dice = new Random(seed);
        for (var round = 0; round < 400; round++)
        {
            var bytes = (round % 4 == 0 ? Example : Base).ToList();
            for (var change = dice.Next(1, 4); change > 0; change--)
            {
                var at = dice.Next(bytes.Count);
                switch (dice.Next(5))
                {
                    case 0:
                        bytes[at] = (byte)dice.Next(256);
                        break;
                    case 1:
                        bytes.RemoveRange(at, Math.Min(dice.Next(1, 40), bytes.Count - at));
                        break;
                    case 2:
                        bytes.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[dice.Next(Pieces.Length)]));
                        break;
                    case 3:
                        bytes.InsertRange(at, bytes.GetRange(dice.Next(at + 1), Math.Min(60, bytes.Count - at)).ToArray());
                        break;
                    default:
                        var lines = Encoding.UTF8.GetString([.. bytes]).Split('\n');
                        dice.Shuffle(lines);
                        bytes = [.. Encoding.UTF8.GetBytes(string.Join('\n', lines))];
                        break;
                }
                if (bytes.Count == 0)
                    bytes.Add((byte)'\n');
            }
            AnswersWithFindingsInside([.. bytes], $"seed {seed}, round {round}");
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void Pieces_of_yaml_thrown_together_are_answered(int seed)
    {
        var dice = new Random(seed);
        for (var round = 0; round < 1500; round++)
            AnswersWithFindingsInside(
                Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, dice.Next(1, 25)).Select(_ => Pieces[dice.Next(Pieces.Length)]))), $"seed {seed}, round {round}");
    }

    [Theory]
    [InlineData("a: b\n")]
    [InlineData("a")]
    [InlineData("- x\n")]
    [InlineData("? ")]
    [InlineData("[],")]
    [InlineData("\n")]
    [InlineData("\"")]
    [InlineData("!")]
    [InlineData("&")]
    [InlineData(" ")]
    [InlineData("# x\n")]
    public void A_megabyte_of_one_piece_is_answered(string piece)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, InventoryFile.Largest / piece.Length)));

        AnswersWithFindingsInside(bytes, piece);
    }
}
