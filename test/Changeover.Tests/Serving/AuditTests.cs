using System.Text.Json;
using Changeover.Serving;

namespace Changeover.Tests.Serving;

/// <summary>What is recorded has an end: nobody fills a disk with it, and nobody hides one thing behind many others.</summary>
public sealed class AuditTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("audit-").FullName;
    private readonly StandingClock clock = new();
    private string Kept => Audit.PathOf(Path.Combine(folder, "cluster.journal"));
    private readonly Audit audit;

    public AuditTests() => audit = new(Kept, clock);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private JsonElement[] Lines => [.. File.ReadLines(Kept).Select(l => JsonDocument.Parse(l).RootElement)];

    private void Refused(string who, string address) => audit.Refused(who, address, address, "refused", "POST /api/runs", 403, "may not");

    [Fact]
    public void Of_one_who_is_refused_again_and_again_200_are_written_and_the_rest_is_counted()
    {
        for (var i = 0; i < 250; i++)
            Refused("anna", "192.0.2.1");
        // Others, and what the same person was let do, are not hidden behind that.
        Refused("bert", "192.0.2.1");
        audit.Done("anna", "192.0.2.1", "start", "failover");
        Assert.Equal(202, Lines.Length);

        clock.Later = TimeSpan.FromMinutes(61);
        Refused("anna", "192.0.2.1");

        Assert.Equal(["folded", "refused"], Lines[202..].Select(l => l.GetProperty("kind").GetString()));
        Assert.StartsWith("50 more since ", Lines[202].GetProperty("what").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_all_strangers_a_thousand_are_written_from_however_many_addresses()
    {
        for (var i = 0; i < 1200; i++)
            Refused("", $"192.0.{i / 250}.{i % 250}");
        Refused("anna", "192.0.2.1");
        audit.End();

        Assert.Equal(1002, Lines.Length);
        Assert.Equal("anna", Lines[1000].GetProperty("who").GetString());
        Assert.StartsWith("200 more since ", Lines[1001].GetProperty("what").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void One_entry_is_one_short_line_whatever_is_in_it()
    {
        audit.Refused("", "192.0.2.1", "192.0.2.1", "refused", "GET /" + new string('x', 8000), 404, "a\nb\u001b[31m{\"who\":\"anna\"}");

        var line = Assert.Single(File.ReadAllLines(Kept));
        Assert.DoesNotContain(line, char.IsControl);
        Assert.True(line.Length < 1500);
        Assert.Equal("a\nb\u001b[31m{\"who\":\"anna\"}", JsonDocument.Parse(line).RootElement.GetProperty("why").GetString());
    }

    [Fact]
    public void What_cannot_be_written_stops_nothing()
    {
        Directory.CreateDirectory(Kept);
        audit.Done("anna", "socket", "start", "failover");
        Directory.Delete(Kept);
        audit.Done("anna", "socket", "stop", "failover");
        Assert.Equal("stop", Assert.Single(Lines).GetProperty("kind").GetString());
    }
}
