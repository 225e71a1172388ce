using Changeover.Findings;
using Changeover.Knowledge;
using Changeover.Running;

namespace Changeover.Tests.Running;

/// <summary>What counts as progress, and which reasons it takes away.</summary>
public sealed class ProgressTests
{
    private static DrbdFacts Drbd(params ReadOnlySpan<long?> outOfSync)
    {
        var resources = ImmutableArray.CreateBuilder<DrbdResource>();
        foreach (var kib in outOfSync)
            resources.Add(new("r", DrbdRole.Primary, DrbdRole.Secondary, DrbdConnection.Connected, DrbdDisk.UpToDate, DrbdDisk.Inconsistent, kib, null));
        return new("8.4", true, resources.ToImmutable());
    }

    private static BackupFacts Backups(params ImmutableArray<(bool Running, long Bytes)> backups) =>
        new([.. backups.Select(b => new BackupState("b", "f", b.Running, !b.Running, b.Bytes, ""))]);

    private static DatabaseFacts Replica(params ImmutableArray<(string File, long Position)> applied) => new(
        "mariadb", "10", 1, true, true, "b.1", 1, "", true, null, 1,
        [.. applied.Select(p => new ReplicationChannel("", "db1", 3306, ReplicationThread.Running, true, "", 0, "", 0, "", p.File, 900, p.File, p.Position, "", false, null, TimeSpan.Zero))], [], []);

    [Theory]
    [InlineData(100L, 40L)]
    [InlineData(2L, 1L)]
    public void A_copy_progresses_while_less_of_it_is_out_of_sync(long before, long after)
    {
        Assert.True(Progress.Mark(Drbd(after)) > Progress.Mark(Drbd(before)));
        Assert.Equal(Progress.Mark(Drbd(before + after)), Progress.Mark(Drbd(before, after, 0, null)));
    }

    [Fact]
    public void Copies_that_are_in_sync_or_unknown_have_no_measure()
    {
        Assert.Null(Progress.Mark(Drbd()));
        Assert.Null(Progress.Mark(Drbd(0, null)));
    }

    [Fact]
    public void A_dump_progresses_while_it_runs_and_grows()
    {
        Assert.True(Progress.Mark(Backups((true, 20))) > Progress.Mark(Backups((true, 10))));
        Assert.Equal(15, Progress.Mark(Backups((true, 10), (false, 5))));
        Assert.Null(Progress.Mark(Backups((false, 20))));
        Assert.Null(Progress.Mark(Backups()));
    }

    [Fact]
    public void A_replica_progresses_while_it_applies()
    {
        Assert.Equal(30, Progress.Mark(Replica(("", 10), ("", 20))));
        Assert.Equal(0, Progress.Mark(Replica(("", 0))));
        Assert.Null(Progress.Mark(Replica()));
    }

    /// <summary>In the next file the position is small again.</summary>
    [Fact]
    public void The_next_file_of_the_log_is_progress_and_a_byte_of_it_too()
    {
        Assert.True(Progress.Mark(Replica(("b.000007", 4))) > Progress.Mark(Replica(("b.000006", 1L << 30))));
        Assert.Equal(1, Progress.Mark(Replica(("b.999999", 11))) - Progress.Mark(Replica(("b.999999", 10))));
    }

    [Fact]
    public void Nothing_else_has_a_measure() => Assert.Null(Progress.Mark(ClaimFacts.Nobody));

    public static TheoryData<FindingCode, bool> Reasons() => new()
    {
        { PositionFindings.Behind, true },
        { StateFindings.DrbdNotAs, true },
        { StateFindings.ScoreLow, true },
        { StateFindings.BackupNotComplete, true },
        { new FindingCode("x.note", Severity.Info, ""), true },
        { new FindingCode("x.warning", Severity.Warning, ""), true },
        { new FindingCode("x.error", Severity.Error, ""), false },
        { new FindingCode("x.danger", Severity.Danger, ""), false },
        { StateFindings.NotSeen, false },
    };

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Going_on_takes_away_what_lags_behind_and_nothing_that_stands_beside_it(FindingCode code, bool cures) => Assert.Equal(cures, Progress.Cures(code.On("acd-store1")));
}
