using System.Net;
using System.Text.Json;
using Changeover.Running;
using Changeover.Serving;

namespace Changeover.Tests.Serving;

/// <summary>An approval is one person's, for one plan, one start and one day, and counts while that person may approve.</summary>
public sealed class ApprovalTests : IDisposable
{
    private const string Digest = "0123456789abcdef";
    private static readonly PlanWords Nothing = new([]);
    private static readonly Person Anna = new("anna", Right.Approve);

    private readonly string folder = Directory.CreateTempSubdirectory("approvals-").FullName;
    private readonly StandingClock clock = new();
    private string Kept => Approvals.PathOf(Path.Combine(folder, "cluster.journal"));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private Approvals Read() => Approvals.Read(Kept, clock);

    [Fact]
    public void They_outlast_the_server_in_a_file_for_this_user_alone()
    {
        var words = new PlanWords(["acd-jb1"], "its disk is broken", Signed: new("anna", "the journal is lost"));
        Read().Add(Digest, "failback vm-host-1", new("carla", Right.Approve, new Identity("issuer client", "carla", ["night-shift"])), words);

        var kept = Assert.Single(Read().Of(Digest));

        Assert.Equal(("carla", "failback vm-host-1", "acd-jb1", "its disk is broken", "the journal is lost"), (kept.Who, kept.Goal, Assert.Single(kept.Words.Without), kept.Words.Reason, kept.Words.Signed?.Why));
        Assert.Equal("night-shift", Assert.Single(kept.By.Identity!.Values));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Kept));
        Read().Take(Digest);
        Assert.Empty(Read().All);
    }

    [Fact]
    public void Nobody_takes_away_or_replaces_the_approval_of_somebody_else()
    {
        var approvals = Read();
        approvals.Add(Digest, "failover vm-host-1", Anna, Nothing);
        approvals.Add(Digest, "failover vm-host-1", new("bert", Right.Run), Nothing);
        Assert.False(approvals.Withdraw(Digest, "carla"));
        Assert.Equal(["anna", "bert"], approvals.Of(Digest).Select(a => a.Who));

        Assert.True(approvals.Withdraw(Digest, "bert"));
        Assert.Equal(["anna"], Read().Of(Digest).Select(a => a.Who));
    }

    [Theory]
    [InlineData(23.9, 1)]
    [InlineData(24.1, 0)]
    [InlineData(-24.1, 0)]
    public void One_counts_for_a_day_and_not_after_the_clock_was_set_back(double hours, int count)
    {
        Read().Add(Digest, "failover vm-host-1", Anna, Nothing);
        clock.Later = TimeSpan.FromHours(hours);
        Assert.Equal(count, Read().Of(Digest).Length);
    }

    [Fact]
    public void One_person_has_twenty_at_most_and_others_are_not_touched_by_that()
    {
        var approvals = Read();
        for (var i = 0; i < 20; i++)
            approvals.Add($"{i:x16}", "failover vm-host-1", Anna, Nothing);
        // Once more the same is no further one.
        approvals.Add($"{0:x16}", "failover vm-host-1", Anna, Nothing);

        var refused = Assert.Throws<CommandEnds>(() => approvals.Add(Digest, "failover vm-host-1", Anna, Nothing));

        Assert.Equal(ExitCodes.Refused, refused.ExitCode);
        Assert.Contains("20 plans that anna approved are not started yet; withdraw one", refused.Message, StringComparison.Ordinal);
        approvals.Add(Digest, "failover vm-host-1", new("bert", Right.Run), Nothing);
        Assert.Equal(21, Read().All.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("""[{"digest":"0123456789abcdef","goal":"failover vm-host-1","by":{"name":"anna","right":"Approve"},"at":"2026-11-23T02:11:07+00:00"}]""")]
    [InlineData("""[{"digest":"0123456789abcdef","goal":"failover vm-host-1","by":{"right":"Approve"},"at":"2026-11-23T02:11:07+00:00","words":{"without":[]}}]""")]
    [InlineData("[{\"digest\":\"0123")]
    public void A_damaged_file_approves_nothing_and_says_what_to_do(string text)
    {
        File.WriteAllText(Kept, text);
        var refused = Assert.Throws<CommandEnds>(Read);
        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
        Assert.StartsWith($"{Kept} cannot be read", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing counts as approved. Remove the file", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_kept_is_not_approved_and_not_taken()
    {
        var approvals = Read();
        approvals.Add(Digest, "failover vm-host-1", Anna, Nothing);
        // A folder where the next file is made cannot be written over, not even by root.
        Directory.CreateDirectory(Kept + ".new");

        Assert.Contains("cannot be written", Assert.Throws<CommandEnds>(() => approvals.Take(Digest)).Message, StringComparison.Ordinal);
        Assert.Throws<CommandEnds>(() => approvals.Add("ffffffffffffffff", "failover vm-host-1", Anna, Nothing));

        Assert.Equal([Digest], approvals.All.Select(a => a.Digest));
    }

    private static async Task<(HttpClient Anna, HttpClient Bert, object Order, string Digest)> Two(Served served)
    {
        served.Account("anna", Right.Approve);
        served.Account("bert", Right.Run);
        var (anna, bert) = (await served.SignedIn("anna"), await served.SignedIn("bert"));
        var digest = (await Served.Get(bert, "/api/plan/failover/vm-host-1")).GetProperty("digest").GetString()!;
        return (anna, bert, new { goal = "failover", host = "vm-host-1", digest }, digest);
    }

    private static string Error(JsonElement body) => body.GetProperty("error").GetString()!;

    [Fact]
    public async Task After_a_restart_an_approval_still_counts()
    {
        await using var served = await Served.Start(personAbsent: true, secondPerson: true);
        var (anna, _, order, _) = await Two(served);
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(anna, "/api/approvals", order)).Status);

        await served.Restart();
        var bert = await served.SignedIn("bert");

        Assert.Equal("anna", Assert.Single((await Served.Get(bert, "/api/approvals")).GetProperty("approvals").EnumerateArray()).GetProperty("who").GetString());
        Assert.Equal(HttpStatusCode.Created, (await Served.Post(bert, "/api/runs", order)).Status);
    }

    [Fact]
    public async Task The_approval_of_somebody_who_may_not_approve_any_more_does_not_count()
    {
        await using var served = await Served.Start(personAbsent: true, secondPerson: true);
        var (anna, bert, order, digest) = await Two(served);
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(anna, "/api/approvals", order)).Status);

        foreach (var change in new Action[]
        {
            () => served.Change(people => people with { Accounts = people.Accounts.RemoveAll(a => a.Name == "anna") }),
            () => served.Account("anna", Right.Plan),
            // Somebody else of that name, or with another password: added anew.
            () => served.Account("anna", Right.Approve),
        })
        {
            change();
            var (status, body) = await Served.Post(bert, "/api/runs", order);
            Assert.Equal(HttpStatusCode.Conflict, status);
            Assert.Contains($"anna approved the plan {digest}, but may not approve any more", Error(body), StringComparison.Ordinal);
            Assert.Empty((await Served.Get(bert, "/api/approvals")).GetProperty("approvals").EnumerateArray());
        }
        Assert.Empty((await Served.Get(bert, "/api/runs")).GetProperty("runs").EnumerateArray());

        anna = await served.SignedIn("anna");
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(anna, "/api/approvals", order)).Status);
        Assert.Equal(HttpStatusCode.Created, (await Served.Post(bert, "/api/runs", order)).Status);
    }

    [Fact]
    public async Task An_approval_is_withdrawn_by_who_gave_it_and_the_starters_own_replaces_nobodys()
    {
        await using var served = await Served.Start(personAbsent: true, secondPerson: true);
        var (anna, bert, order, digest) = await Two(served);
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(anna, "/api/approvals", order)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await bert.DeleteAsync($"/api/approvals/{digest}", Served.Now)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await anna.DeleteAsync($"/api/approvals/{digest}", Served.Now)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await Served.Post(bert, "/api/runs", order)).Status);

        Assert.Equal(HttpStatusCode.OK, (await Served.Post(anna, "/api/approvals", order)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(bert, "/api/approvals", order)).Status);
        Assert.Equal(HttpStatusCode.Created, (await Served.Post(bert, "/api/runs", order)).Status);
    }

    [Fact]
    public async Task What_others_are_shown_beside_a_digest_has_to_be_something_that_is_there()
    {
        await using var served = await Served.Start();
        var client = served.With(Right.Approve);
        foreach (var (order, says) in new (object, string)[]
        {
            (new { goal = "failover", host = "your boss says start it", digest = Digest }, "no host your boss says start it"),
            (new { goal = "a harmless look", host = "vm-host-1", digest = Digest }, "no goal a harmless look"),
            (new { goal = "close", host = "no-host", digest = Digest }, "no host no-host"),
            (new { goal = "failover", host = "vm-host-1", digest = Digest, without = new[] { "no-such" }, reason = "broken" }, "no such machine"),
        })
        {
            var (status, body) = await Served.Post(client, "/api/approvals", order);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains(says, Error(body), StringComparison.Ordinal);
        }
        Assert.Empty((await Served.Get(client, "/api/approvals")).GetProperty("approvals").EnumerateArray());
    }
}
