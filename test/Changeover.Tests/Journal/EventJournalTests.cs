using System.Diagnostics;
using System.Text.Json;
using Changeover.Journal;
using Microsoft.Data.Sqlite;

namespace Changeover.Tests.Journal;

public sealed class EventJournalTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("journal-").FullName;
    private string File => Path.Combine(folder, "test.journal");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static JournalEntry Entry(string text) => new("note", 1, JsonSerializer.Serialize(text));

    private EventJournal Open() => EventJournal.Open(File, "controller", TimeProvider.System);

    private EventJournal OpenToRead() => EventJournal.OpenToRead(File, TimeProvider.System);

    private JournalException Trouble(JournalTrouble trouble, Action action)
    {
        var e = Assert.Throws<JournalException>(action);
        Assert.Equal(trouble, e.Trouble);
        Assert.Equal(File, e.Path);
        return e;
    }

    private void Sql(string text)
    {
        using var database = new SqliteConnection($"Data Source={File};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    private void Filled(int entries = 3)
    {
        using var journal = Open();
        journal.StartEpoch("run-1", 0);
        journal.Append("run-1", 1, [.. Enumerable.Range(0, entries).Select(i => Entry($"{i}"))]);
    }

    [Fact]
    public void What_was_appended_is_read_back_in_order_after_reopening()
    {
        using (var journal = Open())
        {
            journal.StartEpoch("run-1", 0);
            journal.StartEpoch("run-2", 0);
            Assert.Equal([1, 2], journal.Append("run-1", 1, [Entry("a"), Entry("b")]));
            Assert.Equal([3], journal.Append("run-2", 1, [Entry("c")]));
            Assert.Equal([4], journal.Append("run-1", 1, [Entry("d")]));
        }

        using var again = OpenToRead();
        Assert.Equal(["\"a\"", "\"b\"", "\"d\""], again.Read("run-1").Select(r => r.Entry.Body));
        Assert.Equal([3, 4], again.ReadSince(2).Select(r => r.Sequence));
        Assert.Equal([("run-1", 1, 3L, 4L), ("run-2", 1, 1L, 3L)], again.Runs().Select(r => (r.Run, r.Epoch, r.Count, r.LastSequence)));
        Assert.InRange(DateTimeOffset.UtcNow - again.Read("run-2")[0].At, TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void A_reader_sees_what_a_living_runner_has_written()
    {
        using var journal = Open();
        journal.StartEpoch("run-1", 0);
        journal.Append("run-1", 1, [Entry("a")]);

        using var reader = OpenToRead();
        Assert.Single(reader.ReadSince(0));
        journal.Append("run-1", 1, [Entry("b")]);
        Assert.Equal(2, reader.ReadSince(0).Length);
        Assert.Throws<InvalidOperationException>(() => reader.Append("run-1", 1, [Entry("c")]));
    }

    [Fact]
    public void A_runner_that_was_taken_over_writes_nothing_any_more_but_may_look()
    {
        using var journal = Open();
        Assert.Equal(1, journal.StartEpoch("run-1", 0));
        journal.Append("run-1", 1, [Entry("first")]);
        Assert.Equal(2, journal.StartEpoch("run-1", 1));

        var fenced = Trouble(JournalTrouble.Fenced, () => journal.Append("run-1", 1, [Entry("stale")]));

        Assert.Contains("taken over", fenced.Message, StringComparison.Ordinal);
        Assert.Equal(["\"first\""], journal.Read("run-1").Select(r => r.Entry.Body));
        journal.Append("run-1", 2, [Entry("second")]);
    }

    [Fact]
    public void Of_two_who_take_a_run_over_from_the_same_epoch_one_is_refused()
    {
        using var journal = Open();
        journal.StartEpoch("run-1", 0);
        journal.StartEpoch("run-1", 1);

        Trouble(JournalTrouble.Fenced, () => journal.StartEpoch("run-1", 1));
        Trouble(JournalTrouble.Fenced, () => journal.StartEpoch("run-1", 0));

        Assert.Equal(2, journal.Runs()[0].Epoch);
    }

    [Fact]
    public void A_run_that_was_never_started_takes_no_entries()
    {
        using var journal = Open();

        Trouble(JournalTrouble.Fenced, () => journal.Append("run-9", 1, [Entry("a")]));
        Trouble(JournalTrouble.Fenced, () => journal.Append("run-9", 0, [Entry("a")]));
    }

    [Fact]
    public void Of_several_entries_all_are_written_or_none()
    {
        using var journal = Open();
        journal.StartEpoch("run-1", 0);

        Assert.Throws<JournalException>(() => journal.Append("run-1", 1, [Entry("a"), new("note", 1, "no JSON"), Entry("c")]));

        using var reader = OpenToRead();
        Assert.Empty(reader.ReadSince(0));
    }

    [Fact]
    public void After_a_failed_write_the_journal_takes_nothing_more()
    {
        using (var journal = Open())
        {
            journal.StartEpoch("run-1", 0);
            Assert.Throws<JournalException>(() => journal.Append("run-1", 1, [new("note", 1, "no JSON")]));

            Assert.Throws<JournalException>(() => journal.Append("run-1", 1, [Entry("a")]));
        }

        using var again = Open();
        Assert.Equal([1], again.Append("run-1", 1, [Entry("a")]));
    }

    [Theory]
    [InlineData("UPDATE events SET body = '1'")]
    [InlineData("DELETE FROM events")]
    [InlineData("UPDATE epochs SET epoch = 9")]
    [InlineData("DELETE FROM epochs")]
    public void What_is_written_cannot_be_changed(string sql)
    {
        Filled();

        Assert.Contains("only added to", Assert.Throws<SqliteException>(() => Sql(sql)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_runner_is_kept_out_and_told_who_is_there()
    {
        using var journal = Open();
        journal.Runner!.WorksOn("run-7");

        var locked = Trouble(JournalTrouble.Locked, () => Open().Dispose());

        Assert.Equal((Environment.ProcessId, "controller", "run-7"), (locked.Holder!.Process, locked.Holder.Controller, locked.Holder.Run));
        Assert.Contains("run-7", locked.Message, StringComparison.Ordinal);
        Assert.Equal("run-7", RunnerLock.Living(File)!.Run);
    }

    [Fact]
    public void The_lock_is_free_when_its_holder_is_gone()
    {
        Open().Dispose();

        Assert.Null(RunnerLock.Living(File));
        Open().Dispose();
    }

    [Fact]
    public async Task The_lock_of_a_killed_process_is_free_at_once()
    {
        // Another program with a lock of the same kind: what counts is that the kernel drops it, whoever held it.
        Open().Dispose();
        Assert.SkipUnless(System.IO.File.Exists("/usr/bin/flock"), "no flock(1) here");
        using var other = Process.Start(new ProcessStartInfo("flock", ["-x", File + ".lock", "sh", "-c", "echo held; exec sleep 60"]) { RedirectStandardOutput = true })!;
        Assert.Equal("held", await other.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Trouble(JournalTrouble.Locked, () => Open().Dispose());

        other.Kill(entireProcessTree: true);
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);

        Open().Dispose();
    }

    [Fact]
    public async Task Looking_who_runs_keeps_no_runner_out()
    {
        Open().Dispose();
        using var stop = new CancellationTokenSource();
        var looking = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                RunnerLock.Living(File);
        }, Ct.None);

        for (var i = 0; i < 20; i++)
            Open().Dispose();

        await stop.CancelAsync();
        await looking;
    }

    [Fact]
    public void A_journal_is_for_its_user_alone()
    {
        Filled();
        using var journal = Open();

        Assert.All(Directory.GetFiles(folder, "test.journal*").Where(f => !f.EndsWith(".holder", StringComparison.Ordinal)),
            f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(f)));
    }

    [Fact]
    public void A_missing_journal_can_be_made_but_not_looked_at()
    {
        Trouble(JournalTrouble.Missing, () => OpenToRead().Dispose());
        Assert.False(System.IO.File.Exists(File));
        Open().Dispose();
        OpenToRead().Dispose();
    }

    [Fact]
    public void A_journal_of_a_newer_program_is_left_alone()
    {
        Filled();
        Sql("PRAGMA user_version = 2");

        Assert.Contains("newer", Trouble(JournalTrouble.Newer, () => Open().Dispose()).Message, StringComparison.OrdinalIgnoreCase);
        Trouble(JournalTrouble.Newer, () => OpenToRead().Dispose());
        Assert.Null(RunnerLock.Living(File));
    }

    [Fact]
    public void Another_database_is_not_written_into()
    {
        Sql("CREATE TABLE somebody_elses(a)");

        Trouble(JournalTrouble.NotAJournal, () => Open().Dispose());
    }

    [Fact]
    public void A_text_file_is_not_written_into()
    {
        var text = string.Concat(Enumerable.Repeat("cluster: jtel\n", 1000));
        System.IO.File.WriteAllText(File, text);

        Trouble(JournalTrouble.NotAJournal, () => Open().Dispose());
        Assert.Equal(text, System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void A_missing_row_is_damage()
    {
        Filled();
        Sql("DROP TRIGGER events_remain; DELETE FROM events WHERE sequence = 2");

        Assert.Contains("1 entries are missing", Trouble(JournalTrouble.Damaged, () => Open().Dispose()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_cut_short_anywhere_is_never_read_as_whole()
    {
        Filled(entries: 200);
        var whole = System.IO.File.ReadAllBytes(File);
        Assert.True(whole.Length > 3 * 4096);

        // Empty, and for SQLite one byte, is a new journal: what an emptied one loses, the claim on the cluster still knows.
        for (var length = 2; length < whole.Length; length += 509)
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);
            var e = Record.Exception(() => Open().Dispose()) as JournalException;
            Assert.True(e?.Trouble is JournalTrouble.Damaged or JournalTrouble.NotAJournal, $"{length} of {whole.Length} bytes: {e?.Trouble}");
        }
    }

    [Fact]
    public void A_page_of_other_bytes_is_damage()
    {
        Filled(entries: 200);
        var whole = System.IO.File.ReadAllBytes(File);

        for (var page = 1; page < whole.Length / 4096; page++)
        {
            var damaged = whole.ToArray();
            Array.Fill(damaged, (byte)0xA5, page * 4096, 4096);
            System.IO.File.WriteAllBytes(File, damaged);
            Trouble(JournalTrouble.Damaged, () => Open().Dispose());
        }
    }

    [Fact]
    public void A_full_disk_is_told_and_nothing_is_half_written()
    {
        using var small = SmallDisk.Mount(folder, "size=1m");
        var file = Path.Combine(small.Folder, "test.journal");
        var appended = 0;
        JournalException? full = null;
        using (var journal = EventJournal.Open(file, "controller", TimeProvider.System))
        {
            journal.StartEpoch("run-1", 0);
            while (full is null)
            {
                Assert.True(appended < 2000, "the disk does not get full");
                try
                {
                    journal.Append("run-1", 1, [Entry(new string('a', 1000)), Entry(new string('b', 1000))]);
                    appended += 2;
                }
                catch (JournalException e)
                {
                    full = e;
                }
            }
        }

        Assert.Equal(JournalTrouble.NoSpace, full.Trouble);
        Assert.Contains(file, full.Message, StringComparison.Ordinal);
        small.Resize("2m");
        using var again = EventJournal.Open(file, "controller", TimeProvider.System);
        Assert.Equal(appended, again.ReadSince(0).Length);
        again.Append("run-1", 1, [Entry("there is room")]);
    }

    [Fact]
    public void A_read_only_file_system_is_told()
    {
        using var disk = SmallDisk.Mount(folder, "size=1m");
        var file = Path.Combine(disk.Folder, "test.journal");
        EventJournal.Open(file, "controller", TimeProvider.System).Dispose();
        disk.ReadOnly();

        var e = Assert.Throws<JournalException>(() => EventJournal.Open(file, "controller", TimeProvider.System));

        Assert.Equal(JournalTrouble.NotWritable, e.Trouble);
        Assert.Contains(file, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_export_is_one_line_of_JSON_an_entry()
    {
        using var journal = Open();
        journal.StartEpoch("run-1", 0);
        journal.Append("run-1", 1, [new("note", 3, "{\n  \"text\": \"a\\nb\"\n}"), Entry("c")]);
        var text = new StringWriter();

        journal.Export(text);

        var lines = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        using var first = JsonDocument.Parse(lines[0]);
        Assert.Equal(["sequence", "run", "epoch", "at", "kind", "version", "body"], first.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(3, first.RootElement.GetProperty("version").GetInt32());
        Assert.Equal("a\nb", first.RootElement.GetProperty("body").GetProperty("text").GetString());
        Assert.EndsWith("Z", first.RootElement.GetProperty("at").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jtel-vienna", "jtel-vienna")]
    [InlineData("acd_1.test", "acd_1.test")]
    public void A_plain_cluster_name_is_the_file_name(string cluster, string file) => Assert.Equal(file, StateFolder.FileName(cluster));

    [Fact]
    public void Two_clusters_never_share_a_journal()
    {
        string[] clusters = ["a/b", "a_b", "a b", "../a", "..", ".", "Wien Süd", "Wien Sud", new('x', 300), new('x', 301), "a\0b"];
        var files = clusters.Select(StateFolder.FileName).ToArray();

        Assert.Equal(files.Length, files.Distinct(StringComparer.Ordinal).Count());
        Assert.All(files, f => Assert.Matches("^[A-Za-z0-9_-][A-Za-z0-9._-]{0,40}$", f));
    }

    [Theory]
    [InlineData("/x/state", true, "/x/state/changeover")]
    [InlineData("relative", false, "/home/a/.local/state/changeover")]
    [InlineData(null, false, "/home/a/.local/state/changeover")]
    [InlineData("", true, "/var/lib/changeover")]
    public void Journals_lie_in_the_users_state_folder(string? stateHome, bool root, string expected) =>
        Assert.Equal(expected, StateFolder.Of(stateHome, root, "/home/a"));
}
