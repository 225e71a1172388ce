using System.Diagnostics;
using Changeover.Drivers;
using Changeover.Drivers.Backup;
using Changeover.Knowledge;

namespace Changeover.Tests.Drivers.Backup;

public sealed class BackupDriverTests
{
    private static readonly BackupDriver Driver = new();
    private static readonly DriverContext Context = DataFixtures.Context(optionFile: "/etc/changeover.cnf");
    private static readonly Subject Dbm1 = new(SubjectKind.Backup, "acd-dbm1");

    private static Reading Read(string output, int exit = 0, string error = "") =>
        Driver.Read(Dbm1, new([new(BackupDriver.Look, exit, output, error)]), Context);

    private static BackupState State(string output, string id) => Assert.IsType<BackupFacts>(Read(output).Facts).Find(id)!;

    [Fact]
    public void A_running_backup_shows_its_progress_and_a_complete_one_is_complete()
    {
        var text = DataFixtures.Text("backup/backups-mariadb-10.11-complete-and-running.txt");

        Assert.Equal(new("m2", "/var/backups/changeover/m2.sql.gz", false, true, 563281, ""), State(text, "m2"));
        Assert.Equal(new("m1", "/var/backups/changeover/m1.sql.gz", true, false, 786432, ""), State(text, "m1"));
    }

    [Fact]
    public void A_failed_backup_has_its_reason_and_one_that_was_broken_off_is_not_running()
    {
        var text = DataFixtures.Text("backup/backups-mariadb-10.11-failed-and-broken-off.txt");

        var (failed, broken) = (State(text, "m3"), State(text, "m4"));
        Assert.Equal((false, false), (failed.Running, failed.Complete));
        Assert.Equal("the dump failed (3): mariadb-dump: Error 2013: Lost connection to server during query when dumping table `t` at row: 34497", failed.Detail);
        Assert.Equal((false, false, "it ended without a word"), (broken.Running, broken.Complete, broken.Detail));
        Assert.Equal("it was broken off", State("m5\tpart\tgone\t12\t\nend 1\n", "m5").Detail);
    }

    [Fact]
    public void A_backup_that_just_begins_is_running_before_it_has_a_file() => Assert.True(State("m1\tnone\tactivating\t0\t\nend 1\n", "m1").Running);

    [Fact]
    public void An_answer_cut_short_anywhere_is_unreadable()
    {
        var text = DataFixtures.Text("backup/backups-mariadb-10.11-complete-and-running.txt");
        for (var length = 0; length < text.Length; length++)
            Assert.Null(Read(text[..length]).Facts);
    }

    [Fact]
    public void A_damaged_letter_never_throws_and_never_completes_a_backup()
    {
        var text = DataFixtures.Text("backup/backups-mariadb-10.11-failed-and-broken-off.txt");
        for (var at = 0; at < text.Length; at++)
        {
            foreach (var letter in "x\t\n0")
            {
                var facts = Read(text[..at] + letter + text[(at + 1)..]).Facts as BackupFacts;
                Assert.False(facts?.Find("m3")?.Complete ?? false);
                Assert.False(facts?.Find("m4")?.Complete ?? false);
            }
        }
    }

    [Theory]
    [InlineData(3, "backup.no-folder")]
    [InlineData(4, "backup.no-units")]
    [InlineData(124, "backup.hangs")]
    [InlineData(1, "exchange.command-failed")]
    public void Every_way_of_getting_no_list_has_its_finding(int exit, string expected) =>
        Assert.Equal(expected, Read("", exit, "why").Problem!.Code.Code);

    [Fact]
    public void Starting_and_removing_are_guarded_and_name_one_backup()
    {
        var start = Assert.IsType<Request.Shell>(Driver.Tell(new StartBackup("acd-dbm1", "m1-acd-dbm1"), Context));
        var remove = Assert.IsType<Request.Shell>(Driver.Tell(new RemoveBackup("acd-dbm1", "m1-acd-dbm1"), Context));

        Assert.Equal(
            ["/bin/sh", "-c", BackupScripts.Start, "start-backup", "/etc/changeover.cnf", "/var/backups/changeover", "m1-acd-dbm1", BackupScripts.Dump],
            Assert.Single(start.Commands).Arguments);
        Assert.Equal(
            ["/bin/sh", "-c", BackupScripts.Remove, "remove-backup", "/var/backups/changeover", "m1-acd-dbm1"], Assert.Single(remove.Commands).Arguments);
        Assert.Equal((new ClaimGuard("run-1", 2), new ClaimGuard("run-1", 2)), (start.Guard, remove.Guard));
    }

    [Theory]
    [InlineData(0, "", ReceptionKind.Accepted)]
    [InlineData(3, "/var/backups/changeover has 2048 KiB free, the data is 102304 KiB", ReceptionKind.Refused)]
    [InlineData(1, "Failed to start transient service unit: Unit changeover-backup-m1.service already exists.", ReceptionKind.Refused)]
    [InlineData(1, "Failed to start transient service unit: Connection timed out", ReceptionKind.Unclear)]
    [InlineData(124, "", ReceptionKind.Unclear)]
    [InlineData(137, "", ReceptionKind.Unclear)]
    public void A_refusal_keeps_its_words(int exit, string error, ReceptionKind expected) =>
        Assert.Equal(new(expected, error), Driver.Heard(new StartBackup("acd-dbm1", "m1"), new([new(BackupDriver.Start, exit, "", error)]), Context));

    [Fact]
    public void The_unit_s_script_has_nothing_that_systemd_would_replace()
    {
        Assert.DoesNotContain("${", BackupScripts.Dump, StringComparison.Ordinal);
        Assert.DoesNotContain("$$", BackupScripts.Dump, StringComparison.Ordinal);
    }
}

/// <summary>The scripts are run by a real /bin/sh, with stand-ins for the database's and systemd's programs.</summary>
public sealed class BackupScriptTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("changeover-").FullName;

    private string Folder => Path.Combine(root, "backups");

    public BackupScriptTests()
    {
        Directory.CreateDirectory(Folder);
        Directory.CreateDirectory(Path.Combine(root, "bin"));
        StandIn("mariadb", "case \"$*\" in *log_bin*) echo 1 ;; *) cat \"$STAND/size\" ;; esac");
        StandIn("mariadb-dump", "case \"$*\" in *--help*) exit 0 ;; esac; printf '%s\\n' \"$*\" >\"$STAND/arguments\"; cat \"$STAND/dump\"; exit \"$(cat \"$STAND/exit\")\"");
        StandIn("systemctl", "cat \"$STAND/units\"");
        StandIn("systemd-run", "printf '%s\\n' \"$*\" >\"$STAND/started\"");
        Say("size", "1000");
        Say("dump", DataFixtures.Text("backup/mariadb-dump-10.11-complete.sql"));
        Say("exit", "0");
        Say("units", "");
    }

    public void Dispose() => Directory.Delete(root, true);

    private void StandIn(string name, string script)
    {
        var path = Path.Combine(root, "bin", name);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private void Say(string name, string text) => File.WriteAllText(Path.Combine(root, name), text);

    private (int Exit, string Output, string Error) Run(string script, params ReadOnlySpan<string> arguments)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", script, "test", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{Path.Combine(root, "bin")}:/usr/bin:/bin";
        start.Environment["STAND"] = root;
        using var sh = Process.Start(start)!;
        var output = sh.StandardOutput.ReadToEnd();
        var error = sh.StandardError.ReadToEnd();
        sh.WaitForExit();
        return (sh.ExitCode, output, error.TrimEnd());
    }

    private string[] Files => [.. Directory.GetFiles(Folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    private string Reason => File.ReadAllText(Path.Combine(Folder, "m1.failed")).Trim();

    [Fact]
    public void A_dump_with_its_last_line_gets_its_name()
    {
        var (exit, _, error) = Run(BackupScripts.Dump, "", Folder, "m1");

        Assert.Equal((0, ""), (exit, error));
        Assert.Equal(["m1.sql.gz"], Files);
        var arguments = File.ReadAllText(Path.Combine(root, "arguments"));
        Assert.Contains("--single-transaction --quick --routines --events --triggers --hex-blob", arguments, StringComparison.Ordinal);
        Assert.Contains("--master-data=2 --all-databases", arguments, StringComparison.Ordinal);
    }

    [Fact]
    public void The_option_file_comes_first_and_no_password_is_an_argument()
    {
        Run(BackupScripts.Dump, "/etc/changeover.cnf", Folder, "m1");

        Assert.StartsWith("--defaults-extra-file=/etc/changeover.cnf --", File.ReadAllText(Path.Combine(root, "arguments")), StringComparison.Ordinal);
        Assert.DoesNotContain("--password", BackupScripts.Start + BackupScripts.Dump, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dump_that_ends_before_its_last_line_fails_although_its_exit_code_is_0()
    {
        Say("dump", DataFixtures.Text("backup/mariadb-dump-10.11-truncated.sql"));

        Assert.Equal(1, Run(BackupScripts.Dump, "", Folder, "m1").Exit);
        Assert.Equal(["m1.failed"], Files);
        Assert.Equal("the dump ended without its last line", Reason);
    }

    [Fact]
    public void A_dump_that_fails_fails_although_the_compressor_is_content_and_its_last_line_is_there()
    {
        Say("exit", "2");

        Assert.Equal(1, Run(BackupScripts.Dump, "", Folder, "m1").Exit);
        Assert.Equal(["m1.failed"], Files);
        Assert.StartsWith("the dump failed (2)", Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_compressor_that_fails_fails_the_backup()
    {
        StandIn("gzip", "cat >/dev/null; exit 1");

        Assert.Equal(1, Run(BackupScripts.Dump, "", Folder, "m1").Exit);
        Assert.Equal(["m1.failed"], Files);
        Assert.Contains("compressing", Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dump_that_cannot_be_read_back_fails()
    {
        StandIn("gzip", "case $1 in -t) exit 1 ;; *) exec /bin/gzip \"$@\" ;; esac");

        Run(BackupScripts.Dump, "", Folder, "m1");

        Assert.Equal(["m1.failed"], Files);
        Assert.Equal("the dump cannot be read back to its end", Reason);
    }

    [Fact]
    public void A_backup_is_started_as_a_unit_of_its_own_name()
    {
        var (exit, _, error) = Run(BackupScripts.Start, "", Folder, "m1", "the script");

        Assert.Equal((0, ""), (exit, error));
        Assert.Equal(
            $"--quiet --unit=changeover-backup-m1.service --description=Changeover backup m1 --property=Type=oneshot --property=Nice=10 --no-block /bin/sh -c the script dump  {Folder} m1\n",
            File.ReadAllText(Path.Combine(root, "started")));
    }

    [Theory]
    [InlineData("activating")]
    [InlineData("deactivating")]
    public void A_backup_that_runs_is_not_started_again(string state)
    {
        Say("units", state + "\n");

        Assert.Equal(0, Run(BackupScripts.Start, "", Folder, "m1", "the script").Exit);
        Assert.False(File.Exists(Path.Combine(root, "started")));
    }

    [Fact]
    public void A_complete_backup_is_not_started_again()
    {
        File.WriteAllText(Path.Combine(Folder, "m1.sql.gz"), "");

        Assert.Equal(0, Run(BackupScripts.Start, "", Folder, "m1", "the script").Exit);
        Assert.False(File.Exists(Path.Combine(root, "started")));
    }

    [Fact]
    public void A_failed_backup_is_made_anew()
    {
        File.WriteAllText(Path.Combine(Folder, "m1.failed"), "why\n");
        File.WriteAllText(Path.Combine(Folder, "m1.sql.gz.part"), "half");
        Say("units", "failed\n");

        Assert.Equal(0, Run(BackupScripts.Start, "", Folder, "m1", "the script").Exit);
        Assert.True(File.Exists(Path.Combine(root, "started")));
        Assert.Empty(Files);
    }

    [Theory]
    [InlineData("900000000000000", "KiB free, the data is 878906251024 KiB")]
    [InlineData("NULL", "the size of the data could not be read")]
    [InlineData("", "the size of the data could not be read")]
    public void Without_known_room_nothing_is_started(string size, string words)
    {
        Say("size", size);

        var (exit, _, error) = Run(BackupScripts.Start, "", Folder, "m1", "the script");

        Assert.Equal(BackupScripts.Refused, exit);
        Assert.EndsWith(words, error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(root, "started")));
    }

    [Theory]
    [InlineData("../m1")]
    [InlineData("")]
    [InlineData("-rf")]
    [InlineData(".")]
    [InlineData("m 1")]
    [InlineData("m1;x")]
    public void A_name_that_could_lead_elsewhere_is_refused(string id)
    {
        Assert.Equal(BackupScripts.Refused, Run(BackupScripts.Start, "", Folder, id, "the script").Exit);
        Assert.Equal(BackupScripts.Refused, Run(BackupScripts.Remove, Folder, id).Exit);
    }

    [Fact]
    public void Removing_takes_exactly_this_backup()
    {
        foreach (var name in (string[])["m1.sql.gz", "m1.failed", "m1-acd-dbm1.sql.gz", "m11.sql.gz", "other.txt"])
            File.WriteAllText(Path.Combine(Folder, name), "");

        Assert.Equal(0, Run(BackupScripts.Remove, Folder, "m1").Exit);
        Assert.Equal(["m1-acd-dbm1.sql.gz", "m11.sql.gz", "other.txt"], Files);
    }

    [Fact]
    public void A_backup_that_is_being_made_is_not_removed()
    {
        File.WriteAllText(Path.Combine(Folder, "m1.sql.gz.part"), "half");
        Say("units", "activating\n");

        Assert.Equal(BackupScripts.Refused, Run(BackupScripts.Remove, Folder, "m1").Exit);
        Assert.Equal(["m1.sql.gz.part"], Files);
    }

    [Fact]
    public void The_list_names_what_files_and_units_know()
    {
        File.WriteAllText(Path.Combine(Folder, "m1.sql.gz"), "12345");
        File.WriteAllText(Path.Combine(Folder, "m2.failed"), "a\treason\n");
        File.WriteAllText(Path.Combine(Folder, "m3.sql.gz.part"), "123");
        File.WriteAllText(Path.Combine(Folder, "notes.txt"), "");
        Say("units", "Id=changeover-backup-m3.service\nActiveState=activating\n\nActiveState=activating\nId=changeover-backup-m4.service\n");

        var (exit, output, _) = Run(BackupScripts.List, Folder);

        Assert.Equal(0, exit);
        Assert.Equal("m1\tcomplete\tgone\t5\t\nm2\tfailed\tgone\t0\ta reason\nm3\tpart\tactivating\t3\t\nm4\tnone\tactivating\t0\t\nend 4\n", output);
    }

    [Fact]
    public void Without_a_folder_or_systemd_there_is_no_list()
    {
        Assert.Equal(BackupScripts.NoFolder, Run(BackupScripts.List, Path.Combine(root, "nowhere")).Exit);
        StandIn("systemctl", "exit 1");
        Assert.Equal(BackupScripts.NoUnits, Run(BackupScripts.List, Folder).Exit);
    }
}
