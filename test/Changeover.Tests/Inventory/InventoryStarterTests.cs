using System.Text.RegularExpressions;
using Changeover.Findings;
using Changeover.Inventory;

namespace Changeover.Tests.Inventory;

public sealed class InventoryStarterTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("changeover-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_starter_validates_as_it_is_written()
    {
        var directory = Path.Combine(folder, "new", "site");

        var outcome = InventoryStarter.Write(directory);

        Assert.Equal(0, outcome.ExitCode);
        var reading = InventoryFile.Read(Path.Combine(directory, "cluster.yaml"));
        Assert.Empty(reading.Findings.Where(f => f.Finding.Severity > Severity.Info).Select(f => f.ToString()));
        Assert.Equal(0, reading.ExitCode);
        Assert.Equal(InventorySchema.Text(), File.ReadAllText(Path.Combine(directory, "inventory.schema.json")));
    }

    [Theory]
    [InlineData("cluster.yaml")]
    [InlineData("inventory.schema.json")]
    public void What_is_there_already_is_never_overwritten(string name)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, "mine");

        var outcome = InventoryStarter.Write(folder);

        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains(path, outcome.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_said()
    {
        File.WriteAllText(Path.Combine(folder, "file"), "");

        var outcome = InventoryStarter.Write(Path.Combine(folder, "file", "site"));

        Assert.Equal(2, outcome.ExitCode);
    }

    [Fact]
    public void Every_line_that_is_commented_out_is_right_too()
    {
        const string keys = "node|certificateAuthority|acd-chat1|dbm|optionFile|allowedSessions|services|robot5|my-exporter|monitoring|icinga2|user|secret|servers";
        var text = string.Join('\n', InventoryStarter.Text.Split('\n').Select(l =>
            Regex.Replace(l, $"^( *)# ( *(?:{keys}):.*)$", "$1$2")));
        Assert.Contains("\nmonitoring:", text, StringComparison.Ordinal);

        var reading = InventoryFile.Parse("starter", System.Text.Encoding.UTF8.GetBytes(text));

        Assert.Empty(reading.Findings.Where(f => f.Finding.Severity >= Severity.Error).Select(f => f.ToString()));
    }
}
