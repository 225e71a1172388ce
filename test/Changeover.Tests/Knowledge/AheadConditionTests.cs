using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Tests.Knowledge;

/// <summary>What stands still while one-sided, and what comes back with the emptied side.</summary>
public sealed class AheadConditionTests
{
    private static Sight Database(Func<DatabaseFacts, DatabaseFacts> change) => Sight.Well.Found().But("db1", change);

    [Fact]
    public void Jobs_that_stand_still_are_named_and_hold_nothing_up() =>
        Database(f => f with { StandingJobs = ["acd.night", "acd.hour"] }).Holds(new JobsStandStill("db1"), "database.jobs-stand-still db1: jobs=acd.night, acd.hour");

    private static readonly LogsKept Kept = new("db1", "db2");

    [Theory]
    [InlineData("binlog.000012", true)]
    [InlineData("binlog.000001", true)]
    [InlineData("binlog.000013", false)]
    [InlineData("binlog.000100", false)]
    public void Every_log_since_the_picture_as_found_is_still_there(string oldest, bool holds)
    {
        var sight = Database(f => f with { OldestLog = oldest });
        if (holds)
            sight.Holds(Kept);
        else
            sight.Fails(Kept, $"database.logs-gone db1: needed=binlog.000012, oldest={oldest}, replica=db2");
    }

    [Theory]
    [InlineData("", "none")]
    [InlineData("mysql-bin.000001", "mysql-bin.000001")]
    [InlineData("binlog", "binlog")]
    [InlineData("b", "b")]
    public void Logs_that_cannot_be_compared_are_not_known_to_be_there(string oldest, string said)
    {
        Database(f => f with { OldestLog = oldest }).IsUnknown(Kept, $"database.logs-unknown db1: needed=binlog.000012, oldest={said}, replica=db2");
        Sight.Well.But<DatabaseFacts>("db1", f => f with { LogFile = oldest }).Found().IsUnknown(Kept, $"database.logs-unknown db1: needed={said}, oldest=binlog.000010, replica=db2");
    }

    [Fact]
    public void Without_a_picture_as_found_it_is_not_known_which_logs_are_needed()
    {
        const string Why = "database.logs-unknown db1: needed=none, oldest=binlog.000010, replica=db2";

        Sight.Well.IsUnknown(Kept, Why);
        Sight.Well.Found(Sight.Well.Without(new(SubjectKind.Database, "db1")).Found().AsFound!).IsUnknown(Kept, Why);
    }

    private static readonly SynchronisationAhead Ahead = new(["store1"], ["db1"]);

    [Theory]
    [InlineData(0L, "")]
    [InlineData(null, "")]
    [InlineData(1L, "mib=1, minutes=1, resource=r0")]
    [InlineData(6144000L, "mib=6000, minutes=1, resource=r0")]
    [InlineData(6144001L, "mib=6001, minutes=2, resource=r0")]
    public void How_much_there_is_to_synchronise_is_said_and_how_long_that_takes_at_least(long? kib, string said)
    {
        var sight = Sight.Well.Found().But<DrbdFacts>("store1", f => f with { Resources = f.Resources.Change(r => r with { OutOfSyncKiB = kib }) });
        sight.Holds(Ahead, said.Length == 0 ? [] : [$"drbd.to-synchronise store1: {said}"]);
    }

    private const long MiB = 1 << 20;

    [Theory]
    [InlineData(4 * MiB, "binlog.000010", "")]
    [InlineData((4 * MiB) + 1, "binlog.000010", "1")]
    [InlineData(7 * MiB, "binlog.000010", "3")]
    [InlineData(3 * MiB, "binlog.000010", "")]
    [InlineData(3 * MiB, "binlog.000011", "3")]
    [InlineData(0, "binlog.000011", "")]
    public void How_much_there_is_to_catch_up_is_what_was_written_since_or_all_that_is_left(long bytes, string oldest, string mib) =>
        Database(f => f with { LogBytes = bytes, OldestLog = oldest }).Holds(Ahead, mib.Length == 0 ? [] : [$"database.to-catch-up db1: mib={mib}"]);

    [Fact]
    public void Without_a_picture_as_found_all_that_is_left_is_to_catch_up() => Sight.Well.Holds(Ahead, "database.to-catch-up db1: mib=4");
}
