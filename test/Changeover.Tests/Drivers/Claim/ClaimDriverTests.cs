using System.Collections.Immutable;
using System.Diagnostics;
using Changeover.Drivers;
using Changeover.Drivers.Claim;
using Changeover.Knowledge;
using static Changeover.Tests.Drivers.SmallCluster;

namespace Changeover.Tests.Drivers.Claim;

/// <summary>The scripts are run by real shells on a real file system: what must hold is the kernel's atomicity, not ours.</summary>
public sealed class ClaimDriverTests : IDisposable
{
    private static readonly ClaimDriver Driver = new();
    private static readonly Subject Store = new(SubjectKind.Claim, "acd-store1");
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("changeover-claim-");

    private string Folder => Path.Combine(directory.FullName, "claim");

    public void Dispose() => directory.Delete(recursive: true);

    private static RunIdentity By(string run, string controller, int epoch) => new(run, "m-1", controller, epoch);

    private Reception Take(RunIdentity by, params ImmutableArray<string> from) => Driver.Heard(
        new TakeClaim("acd-store1", from),
        new([Execute(ClaimDriver.TakeCommand(by, from, Folder), ClaimDriver.SetKey)]),
        Context with { Run = by });

    private Reception Release(RunIdentity by) => Driver.Heard(
        new ReleaseClaim("acd-store1"), new([Execute(ClaimDriver.ReleaseCommand(by, Folder), ClaimDriver.SetKey)]), Context with { Run = by });

    private Reading Look() => Driver.Read(
        Store, new([Execute(["/bin/sh", "-c", ClaimDriver.LookScript, "claim-look", Folder], ClaimDriver.LookKey)]), Context);

    private ClaimFacts Held => Assert.IsType<ClaimFacts>(Look().Facts);

    /// <summary>What the guard of every changing request compares.</summary>
    private (string, string)? Guarded =>
        File.Exists($"{Folder}/run") && File.Exists($"{Folder}/epoch") ? (File.ReadAllText($"{Folder}/run"), File.ReadAllText($"{Folder}/epoch")) : null;

    [Fact]
    public void A_free_claim_is_taken_seen_and_released()
    {
        Assert.True(Held.Free);

        Assert.Equal(Reception.MadeAnew, Take(By("r1", "control1", 1)));
        Assert.Equal(new ClaimFacts("r1", "control1", 1), Held);
        Assert.Equal(("r1\n", "1\n"), Guarded);

        Assert.Equal(Reception.Accepted, Release(By("r1", "control1", 1)));
        Assert.True(Held.Free);
    }

    [Fact]
    public void Taking_and_releasing_twice_does_no_harm()
    {
        Take(By("r1", "control1", 1));

        Assert.Equal(Reception.Accepted, Take(By("r1", "control1", 1)));
        Assert.Equal(Reception.Accepted, Release(By("r1", "control1", 1)));
        Assert.Equal(Reception.Accepted, Release(By("r1", "control1", 1)));
    }

    [Fact]
    public void Another_run_is_refused_and_told_who_holds_it()
    {
        Take(By("r1", "control1", 3));

        var refused = Take(By("r2", "control2", 9));

        Assert.Equal(new Reception(ReceptionKind.Refused, "claimed by run r1 of controller control1, epoch 3"), refused);
        Assert.Equal(new ClaimFacts("r1", "control1", 3), Held);
    }

    [Theory]
    [InlineData("control1", 2, ReceptionKind.Refused)]
    [InlineData("control2", 3, ReceptionKind.Refused)]
    [InlineData("control1", 3, ReceptionKind.Accepted)]
    [InlineData("control2", 4, ReceptionKind.Accepted)]
    public void The_epoch_only_rises_and_one_epoch_belongs_to_one_controller(string controller, int epoch, ReceptionKind expected)
    {
        Take(By("r1", "control1", 3));

        Assert.Equal(expected, Take(By("r1", controller, epoch)).Kind);
        Assert.Equal(expected == ReceptionKind.Accepted ? epoch : 3, Held.Epoch);
    }

    [Fact]
    public void A_stale_runner_cannot_release()
    {
        Take(By("r1", "control1", 1));
        Take(By("r1", "control1", 2));

        Assert.Equal(ReceptionKind.Refused, Release(By("r1", "control1", 1)).Kind);
        Assert.Equal(2, Held.Epoch);
    }

    [Fact]
    public void A_person_s_word_takes_it_from_the_run_it_names_and_from_no_other()
    {
        Take(By("r1", "control1", 5));

        Assert.Equal(ReceptionKind.Refused, Take(By("r2", "control2", 1), "r0", "damaged", "").Kind);
        Assert.Equal(Reception.Accepted, Take(By("r2", "control2", 1), "r0", "r1"));
        Assert.Equal(new ClaimFacts("r2", "control2", 1), Held);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("controller")]
    [InlineData("epoch")]
    public void A_damaged_claim_is_unknown_and_given_to_nobody_but_by_a_person_s_word(string file)
    {
        Take(By("r1", "control1", 1));
        File.Delete($"{Folder}/{file}");

        Assert.Equal("claim.damaged", Look().Problem?.Code.Code);
        Assert.Equal(ReceptionKind.Refused, Take(By("r2", "control2", 1)).Kind);
        Assert.Equal(ReceptionKind.Refused, Take(By("r1", "control2", 1)).Kind);
        Assert.Equal(ReceptionKind.Refused, Take(By("r2", "control2", 1), "r1").Kind);
        Assert.Equal(Reception.Accepted, Take(By("r2", "control2", 1), "damaged"));
    }

    [Fact]
    public void An_empty_folder_in_its_place_is_a_damaged_claim_and_not_a_free_one()
    {
        Directory.CreateDirectory(Folder);

        Assert.Equal("claim.damaged", Look().Problem?.Code.Code);
        Assert.Equal(ReceptionKind.Refused, Take(By("r1", "control1", 1)).Kind);
    }

    [Fact]
    public void Everybody_may_read_it_because_the_guard_runs_as_the_login_user()
    {
        Take(By("r1", "control1", 1));

        Assert.Equal(
            "755 644 644 644",
            Execute(["/usr/bin/stat", "-c", "%a", Folder, $"{Folder}/run", $"{Folder}/controller", $"{Folder}/epoch"]).Output.Trim().Replace('\n', ' '));
    }

    [Fact]
    public void Of_many_contenders_at_once_exactly_one_gets_it()
    {
        const int contenders = 200;
        var started = Enumerable.Range(1, contenders).Select(i => Start(ClaimDriver.TakeCommand(By($"r{i}", $"control{i}", 1), null, Folder))).ToArray();
        var winners = started.Select((p, i) => (Won: End(p) == 0, Run: $"r{i + 1}")).Where(x => x.Won).ToArray();

        Assert.Equal(winners.Single().Run, Held.Run);
    }

    [Fact]
    public void Of_many_resumes_at_once_with_one_epoch_exactly_one_gets_it()
    {
        Take(By("r1", "control0", 1));

        var started = Enumerable.Range(1, 50).Select(i => Start(ClaimDriver.TakeCommand(By("r1", $"control{i}", 2), null, Folder))).ToArray();
        var winners = started.Select((p, i) => (Won: End(p) == 0, Controller: $"control{i + 1}")).Where(x => x.Won).ToArray();

        Assert.Equal(winners.Single().Controller, Held.Controller);
    }

    [Fact]
    public void Even_without_the_lock_a_held_folder_cannot_be_replaced()
    {
        Take(By("r1", "control1", 1));
        var other = directory.CreateSubdirectory("other");
        File.WriteAllText($"{other.FullName}/run", "r2\n");

        Assert.NotEqual(0, Execute(["/bin/mv", "-T", other.FullName, Folder]).Code);
        Assert.Equal("r1", Held.Run);
    }

    [Theory]
    [InlineData("free")]
    [InlineData("raise")]
    [InlineData("seize")]
    [InlineData("release")]
    public void Killed_at_any_command_it_leaves_the_old_holder_the_new_one_or_nobody(string story)
    {
        ImmutableArray<string> from = story == "seize" ? ["r0"] : [];
        var old = story switch { "free" => null, "seize" => By("r0", "control0", 7), _ => By("r1", "control0", 1) };
        var mine = story == "release" ? By("r1", "control0", 1) : By("r1", "control1", 2);
        var command = story == "release" ? ClaimDriver.ReleaseCommand(mine, Folder) : ClaimDriver.TakeCommand(mine, from, Folder);
        var after = story == "release" ? null : ((string, string)?)("r1\n", "2\n");
        var before = old is null ? null : ((string, string)?)($"{old.Id}\n", $"{old.Epoch}\n");
        var ended = false;
        for (var at = 1; !ended; at++)
        {
            Assert.True(at < 100, "the script never came to its end");
            Clean();
            if (old is not null)
                Take(old);

            // bash counts the commands of the script and kills itself before one of them.
            var trap = Path.Combine(directory.FullName, "trap");
            File.WriteAllText(trap, $"n=0; set -T; trap 'n=$((n+1)); [ $n -ne {at} ] || kill -9 $$' DEBUG\n");
            ended = Execute(["/bin/bash", .. command.Skip(1)], environment: ("BASH_ENV", trap)).Code == 0;

            Assert.True(Guarded is null || Guarded == before || Guarded == after, $"killed before command {at}: {Guarded}");
            if (!ended && Guarded is not null && Guarded == before && story != "release")
                Assert.Equal(ReceptionKind.Refused, Take(By("r9", "control9", 9)).Kind);
            // The same request again ends what was begun.
            Assert.Equal(ReceptionKind.Accepted, (story == "release" ? Release(mine) : Take(mine, from)).Kind);
            Assert.Equal(after, Guarded);
        }
    }

    [Fact]
    public void The_guard_of_a_request_knows_the_claim_by_the_same_files()
    {
        Take(By("r1", "control1", 2));
        var guarded = new Request.Shell("m", [new("a", ["echo", "acted"])], TimeSpan.FromSeconds(5), new("r1", 2));

        Reply Reply(ClaimGuard guard)
        {
            var request = guarded with { Guard = guard };
            var script = ShellScript.Render(request, sudo: false, "n1").Replace(ShellScript.ClaimFolder, Folder);
            return ShellScript.Read(request, Execute(["/bin/sh", "-c", script]).Output, "n1");
        }

        Assert.IsType<Reply.Answered>(Reply(new("r1", 2)));
        Assert.Contains("claimed by run r1 of controller control1, epoch 2", Assert.IsType<Reply.Refused>(Reply(new("r1", 1))).Why);
        Assert.IsType<Reply.Refused>(Reply(new("r2", 2)));
    }

    [Fact]
    public void An_answer_cut_short_anywhere_is_no_claim_and_no_freedom()
    {
        foreach (var text in new[] { "run=r1\ncontroller=control1\nepoch=12\nend\n", "free\nend\n" })
        {
            for (var i = 0; i < text.Length; i++)
                Assert.Equal("claim.damaged", Driver.Read(Store, Answer(ClaimDriver.LookKey, text[..i]), Context).Problem?.Code.Code);
        }
    }

    [Theory]
    [InlineData(124, "")]
    [InlineData(0, "")]
    [InlineData(0, "released\nrun=\ncontroller=\nepoch=\nend\n")]
    [InlineData(4, "failed\nrun=\ncontroller=\nepoch=\nend\n")]
    [InlineData(2, "")]
    public void Anything_else_than_its_own_words_is_unclear(int code, string output) =>
        Assert.Equal(ReceptionKind.Unclear, Driver.Heard(new TakeClaim("acd-store1"), Answer(ClaimDriver.SetKey, output, code), Context).Kind);

    [Fact]
    public void Claims_are_for_Linux_machines_of_pairs_and_databases_in_name_order() =>
        Assert.Equal(["acd-dbm1", "acd-lb1", "acd-store1"], ClaimMachines.Of(Cluster));

    [Fact]
    public void Outside_a_run_nothing_is_claimed_or_guarded()
    {
        var idle = Context with { Run = null };

        Assert.Null(Driver.Tell(new TakeClaim("acd-store1"), idle));
        Assert.Null(ClaimMachines.Guard("acd-store1", idle));
        Assert.Null(ClaimMachines.Guard("acd-jb1", Context));
        Assert.Equal(new ClaimGuard(Run.Id, Run.Epoch), ClaimMachines.Guard("acd-store1", Context));
    }

    private void Clean()
    {
        foreach (var entry in directory.EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo folder)
                folder.Delete(recursive: true);
            else
                entry.Delete();
        }
    }

    private static Process Start(ImmutableArray<string> command) =>
        Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;

    private static int End(Process process)
    {
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        using (process)
            return process.ExitCode;
    }
}
