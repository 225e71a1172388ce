using System.Net;
using System.Net.Sockets;
using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Transport;
using static Changeover.Tests.Transport.LoopbackSshd;

namespace Changeover.Tests.Transport;

/// <summary>Against a real sshd on loopback. What is not sent must not have happened: each such test also looks.</summary>
public sealed class SshTransportTests
{
    private static Ct Ct => TestContext.Current.CancellationToken;

    private static Reply.Answered Answered(Reply reply) =>
        reply as Reply.Answered ?? throw new Xunit.Sdk.XunitException($"expected an answer, got {reply}");

    private static Reply.Refused Refused(RefusalKind kind, Reply reply)
    {
        var refused = Assert.IsType<Reply.Refused>(reply);
        Assert.Equal(kind, refused.Kind);
        Assert.NotEmpty(refused.Why);
        return refused;
    }

    [Fact]
    public async Task Output_error_and_exit_code_come_back_from_the_machine()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport();

        var reply = Answered(await transport.Exchange(Ask(Sh("a", "echo out; echo err >&2; exit 3"), Sh("b", "exit 255"), new("c", ["cat"], Input: "typed")), Ct));

        Assert.Equal([new Result("a", 3, "out\n", "err"), new Result("b", 255, ""), new Result("c", 0, "typed")], reply.Results);
    }

    [Fact]
    public async Task A_host_key_that_nobody_knows_is_refused_before_anything_is_sent()
    {
        await using var sshd = await Start();
        await File.WriteAllTextAsync(sshd.KnownHosts, "", Ct);
        await using var transport = sshd.Transport();

        var why = Refused(RefusalKind.HostKeyUnknown, await transport.Exchange(Ask(Sh("a", $"touch {sshd.Folder}/acted")), Ct)).Why;

        Assert.Contains("127.0.0.1", why, StringComparison.Ordinal);
        Assert.False(File.Exists(sshd.Folder + "/acted"));
    }

    [Fact]
    public async Task A_host_key_that_is_another_one_is_told_apart_from_an_unknown_one()
    {
        await using var sshd = await Start();
        await File.WriteAllTextAsync(sshd.KnownHosts, $"[127.0.0.1]:{sshd.Port} {await File.ReadAllTextAsync(sshd.Folder + "/other.pub", Ct)}", Ct);
        await using var transport = sshd.Transport();

        var why = Refused(RefusalKind.HostKeyChanged, await transport.Exchange(Ask(Sh("a", "true")), Ct)).Why;

        Assert.DoesNotContain("@@@", why, StringComparison.Ordinal);
        Assert.DoesNotContain("ssh-keygen", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_not_accepted_is_a_refused_login()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport(options: sshd.Options with { Identity = sshd.Folder + "/other" });

        var why = Refused(RefusalKind.LoginRefused, await transport.Exchange(Ask(Sh("a", "true")), Ct)).Why;

        Assert.Contains($"{Environment.UserName}@127.0.0.1:{sshd.Port}", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_that_does_not_exist_is_a_refused_login()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport(m => m with { User = "nobody-of-this-name" });

        Assert.Contains("nobody-of-this-name", Refused(RefusalKind.LoginRefused, await transport.Exchange(Ask(Sh("a", "true")), Ct)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_that_takes_no_command_is_refused_with_its_own_words()
    {
        await using var sshd = await Start(forced: "command=\"echo This account is currently not available.; exit 1\"");
        await using var transport = sshd.Transport();

        var why = Refused(RefusalKind.LoginRefused, await transport.Exchange(Ask(Sh("a", "true")), Ct)).Why;

        Assert.Contains("This account is currently not available", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_on_which_nobody_listens_is_not_sent()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport(m => m with { Port = FreePort() });

        Assert.Contains("Connection refused", Assert.IsType<Reply.NotSent>(await transport.Exchange(Ask(Sh("a", "true")), Ct)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_nobody_knows_is_not_sent()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport(m => m with { Address = "no-such-machine.invalid" });

        Assert.Contains("no-such-machine.invalid", Assert.IsType<Reply.NotSent>(await transport.Exchange(Ask(Sh("a", "true")), Ct)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_that_takes_the_connection_and_says_nothing_is_not_sent_when_the_budget_is_over()
    {
        await using var sshd = await Start();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var transport = sshd.Transport(m => m with { Port = ((IPEndPoint)silent.LocalEndpoint).Port });

        Assert.IsType<Reply.NotSent>(await transport.Exchange(Ask(Sh("a", "true")) with { Budget = TimeSpan.FromMilliseconds(500) }, Ct));
    }

    [Fact]
    public async Task A_command_that_hangs_is_no_answer_and_the_connection_goes_on()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport();
        Answered(await transport.Exchange(Ask(Sh("a", "true")), Ct));

        var reply = await transport.Exchange(Ask(Sh("a", $"touch {sshd.Folder}/acted; sleep 300")) with { Budget = TimeSpan.FromSeconds(6) }, Ct);

        Assert.Contains("may still be running", Assert.IsType<Reply.NoAnswer>(reply).Why, StringComparison.Ordinal);
        Assert.True(File.Exists(sshd.Folder + "/acted"));
        Answered(await transport.Exchange(Ask(Sh("b", "true")), Ct));
        Assert.Equal(1, sshd.Logins);
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_is_no_answer()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport();

        var exchange = transport.Exchange(Ask(Sh("a", $"touch {sshd.Folder}/acted; sleep 300")), Ct);
        await Eventually(() => File.Exists(sshd.Folder + "/acted"), "the command did not start");
        await sshd.SignalConnections("KILL");

        Assert.Contains("broke", Assert.IsType<Reply.NoAnswer>(await exchange).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_that_stands_still_before_the_script_is_not_sent()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport();
        Answered(await transport.Exchange(Ask(Sh("a", "true")), Ct));
        await sshd.SignalConnections("STOP");

        var reply = await transport.Exchange(Ask(Sh("b", $"touch {sshd.Folder}/acted")) with { Budget = TimeSpan.FromSeconds(1) }, Ct);

        Assert.IsType<Reply.NotSent>(reply);
        // The proof that it is true: the machine wakes up, and still nothing happens.
        await sshd.SignalConnections("CONT");
        Answered(await transport.Exchange(Ask(Sh("c", "true")), Ct));
        Assert.False(File.Exists(sshd.Folder + "/acted"));
    }

    [Fact]
    public async Task A_banner_changes_nothing_and_is_not_read_as_a_reason()
    {
        await using var sshd = await Start("Banner FOLDER/banner");
        await File.WriteAllTextAsync(sshd.Folder + "/banner", "Permission denied (unless authorised).\nHost key verification failed.\n", Ct);
        await using var right = sshd.Transport();
        await using var closed = sshd.Transport(options: sshd.Options with { Identity = sshd.Folder + "/other" });

        Assert.Equal("x\n", Answered(await right.Exchange(Ask(new Command("a", ["echo", "x"])), Ct)).Results[0].Output);
        Refused(RefusalKind.LoginRefused, await closed.Exchange(Ask(Sh("a", "true")), Ct));
    }

    [Fact]
    public async Task Thirty_requests_at_once_share_one_connection_and_eight_sessions()
    {
        await using var sshd = await Start($"MaxSessions {SshOptions.AtATime}");
        await using var transport = sshd.Transport();

        var replies = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => transport.Exchange(Ask(new Command("a", ["echo", $"{i}"])), Ct)));

        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"{i}\n"), replies.Select(r => Answered(r).Results[0].Output));
        Assert.Equal(1, sshd.Logins);
    }

    [Fact]
    public async Task A_machine_without_a_free_session_is_asked_again_until_one_is_free()
    {
        await using var sshd = await Start("MaxSessions 1");
        await using var transport = sshd.Transport();

        var replies = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => transport.Exchange(Ask(Sh("a", "sleep 0.2")), Ct)));

        Assert.All(replies, r => Answered(r));
        Assert.Equal(1, sshd.Logins);
    }

    [Fact]
    public async Task A_machine_that_never_has_a_free_session_is_not_sent()
    {
        await using var sshd = await Start("MaxSessions 0");
        await using var transport = sshd.Transport();
        await LoggedIn(sshd, transport);

        var reply = await transport.Exchange(Ask(Sh("a", "true")) with { Budget = TimeSpan.FromSeconds(3) }, Ct);

        Assert.Contains("MaxSessions", Assert.IsType<Reply.NotSent>(reply).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_died_between_two_requests_is_made_again()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport();
        Answered(await transport.Exchange(Ask(Sh("a", "true")), Ct));
        await sshd.SignalConnections("KILL");

        Answered(await transport.Exchange(Ask(Sh("b", "true")), Ct));

        Assert.Equal(2, sshd.Logins);
    }

    [Fact]
    public async Task Five_megabytes_come_back_whole()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport();

        var reply = Answered(await transport.Exchange(Ask(Sh("a", "yes 0123456789abcde | head -c 5242880")), Ct));

        Assert.Equal(5242880, reply.Results[0].Output.Length);
        Assert.EndsWith("0123456789abcde\n", reply.Results[0].Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_longer_than_an_argument_may_be_arrives()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport();
        var input = new string('x', 300_000) + "it's\n";

        // As a file and not as an argument: the machine's own shell is what limits an argument.
        var reply = Answered(await transport.Exchange(Ask([.. Enumerable.Range(0, 10).Select(i => new Command($"{i}", ["wc", "-c"], Input: input[^30_000..]))]), Ct));

        Assert.All(reply.Results, r => Assert.Equal("30000", r.Output.Trim()));
    }

    [Fact]
    public async Task Another_machine_at_the_address_gets_no_command()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport(m => m with { HostName = "acd-dbm1" });

        var why = Refused(RefusalKind.WrongHost, await transport.Exchange(Ask(Sh("a", $"touch {sshd.Folder}/acted")), Ct)).Why;

        Assert.Contains(HostName, why, StringComparison.Ordinal);
        Assert.Contains("acd-dbm1", why, StringComparison.Ordinal);
        Assert.False(File.Exists(sshd.Folder + "/acted"));
    }

    [Theory]
    [InlineData("acd-dbm1", "acd-dbm1", true)]
    [InlineData("ACD-TEL1", "acd-tel1", true)]
    [InlineData("acd-dbm1.example.org", "acd-dbm1", true)]
    [InlineData("acd-dbm1", "acd-dbm1.example.org", true)]
    [InlineData("acd-dbm10", "acd-dbm1", false)]
    [InlineData("acd-dbm2", "acd-dbm1", false)]
    [InlineData("", "acd-dbm1", false)]
    [InlineData("", "", false)]
    public void Host_names_are_compared_by_their_first_label(string answered, string expected, bool same) =>
        Assert.Equal(same, SshTransport.SameHost(answered, expected));

    [Fact]
    public async Task A_daemon_that_keeps_the_output_open_does_not_hold_up_the_answer()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport();

        var reply = Answered(await transport.Exchange(Ask(Sh("a", "sleep 300 2>/dev/null & echo started")), Ct));

        Assert.Equal("started\n", reply.Results[0].Output);
    }

    [Fact]
    public async Task Sudo_that_asks_is_refused()
    {
        // A stand-in with the words of sudo 1.9.13: a real one would need a second user on the machine that tests.
        await using var sshd = await Start("SetEnv PATH=FOLDER/stand-in:/usr/bin:/bin");
        Directory.CreateDirectory(sshd.Folder + "/stand-in");
        await File.WriteAllTextAsync(sshd.Folder + "/stand-in/sudo", "#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n", Ct);
        File.SetUnixFileMode(sshd.Folder + "/stand-in/sudo", (UnixFileMode)0b111_101_101);
        await using var transport = sshd.Transport(m => m with { Sudo = true });

        Refused(RefusalKind.SudoAsksPassword, await transport.Exchange(Ask(new Command("a", ["id"], Root: true)), Ct));
        Answered(await transport.Exchange(Ask(new Command("a", ["id"])), Ct));
    }

    [Fact]
    public async Task The_operators_own_configuration_applies_with_a_jump_host()
    {
        await using var sshd = await Start();
        // The jump host stands for itself and is asked for the machine's name on its own address.
        await File.WriteAllTextAsync(sshd.Folder + "/config",
            $"""
            Host behind
              HostName 127.0.0.1
              HostKeyAlias behind-the-jump
              ProxyJump jump
              RequestTTY yes
              RemoteCommand echo never
              LocalForward 127.0.0.1:1 127.0.0.1:1
              ControlMaster auto
              ControlPath /nowhere/%C
            Host jump
              HostName 127.0.0.1
            Host *
              Port {sshd.Port}
              User {Environment.UserName}
              IdentityFile {sshd.UserKey}
              IdentityAgent none
              UserKnownHostsFile {sshd.KnownHosts}

            """, Ct);
        await File.AppendAllTextAsync(sshd.KnownHosts, "behind-the-jump " + await File.ReadAllTextAsync(sshd.Folder + "/host.pub", Ct), Ct);
        await using var transport = sshd.Transport(m => m with { Address = "behind", Port = 22 }, new SshOptions(ConfigFile: sshd.Folder + "/config"));

        Answered(await transport.Exchange(Ask(Sh("a", "true")), Ct));

        Assert.Equal(2, sshd.Logins);
    }

    [Fact]
    public async Task Told_to_stop_the_transport_says_whether_the_request_had_left()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport();
        using var stop = new CancellationTokenSource();

        var exchange = transport.Exchange(Ask(Sh("a", $"touch {sshd.Folder}/acted; sleep 300")), stop.Token);
        await Eventually(() => File.Exists(sshd.Folder + "/acted"), "the command did not start");
        await stop.CancelAsync();

        Assert.Contains("told to stop", Assert.IsType<Reply.NoAnswer>(await exchange).Why, StringComparison.Ordinal);
        Assert.IsType<Reply.NotSent>(await transport.Exchange(Ask(Sh("b", "true")), stop.Token));
    }

    [Fact]
    public async Task Nothing_is_left_behind()
    {
        await using var sshd = await Start();
        var before = Sockets();
        await using (var transport = sshd.Transport())
        {
            Answered(await transport.Exchange(Ask(Sh("a", "true")), Ct));
            Assert.Single(Sockets().Except(before), s => Mine(s, sshd));
        }

        Assert.DoesNotContain(Sockets().Except(before), s => Mine(s, sshd));
        await Eventually(() => Children(sshd).Count == 0, "the connection outlived its transport");
    }

    [Fact]
    public async Task A_connection_ends_when_this_program_dies()
    {
        await using var sshd = await Start();
        // What a killed program leaves is the closed end of a pipe, and nothing else that ssh could notice.
        await using var connection = new SshConnection(sshd.Inventory().Machine("m"), sshd.Options, sshd.Folder + "/s");
        var master = (await connection.Open(Ct)).Master!;
        Assert.True(master.Alive);

        master.Process.Input.Close();

        await Eventually(() => !master.Alive, "ssh goes on without the program that started it");
        Assert.False(File.Exists(master.Socket));
    }

    [Fact]
    public async Task On_Windows_each_command_is_a_session_of_its_own()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport(m => m with { Platform = Platform.Windows });

        var reply = Answered(await transport.Exchange(Ask(new("a", ["cat"], Input: "typed"), new("b", ["sh", "-c", "echo no >&2; exit 5"])), Ct));

        Assert.Equal([new Result("a", 0, "typed"), new Result("b", 5, "", "no\n")], reply.Results);
        Assert.Equal(1, sshd.Logins);
    }

    [Fact]
    public async Task On_Windows_another_machine_at_the_address_gets_no_command()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport(m => m with { Platform = Platform.Windows, HostName = "acd-tel1" });

        Refused(RefusalKind.WrongHost, await transport.Exchange(Ask(new Command("a", ["touch", $"{sshd.Folder}/acted"])), Ct));

        Assert.False(File.Exists(sshd.Folder + "/acted"));
    }

    [Fact]
    public async Task On_Windows_255_is_no_answer_because_ssh_says_it_too()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport(m => m with { Platform = Platform.Windows });

        Assert.IsType<Reply.NoAnswer>(await transport.Exchange(Ask(new Command("a", ["sh", "-c", "exit 255"])), Ct));
    }

    [Fact]
    public async Task On_Windows_a_machine_without_a_free_session_is_not_sent()
    {
        await using var sshd = await Start("MaxSessions 0");
        await using var transport = sshd.Transport(m => m with { Platform = Platform.Windows });
        await LoggedIn(sshd, transport);

        Assert.IsType<Reply.NotSent>(await transport.Exchange(Ask(new Command("a", ["true"])) with { Budget = TimeSpan.FromSeconds(3) }, Ct));
    }

    [Fact]
    public async Task On_Windows_a_look_that_hangs_does_not_silence_the_others()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport(m => m with { Platform = Platform.Windows });
        var limit = TimeSpan.FromSeconds(1);

        var looks = Answered(await transport.Exchange(Ask(new("a", ["sleep", "300"], Limit: limit), new("b", ["echo", "x"])), Ct));
        var alone = await transport.Exchange(Ask(new Command("a", ["sleep", "300"], Limit: limit)), Ct);

        Assert.Equal([Result.TimedOut, 0], looks.Results.Select(r => r.Code));
        Assert.IsType<Reply.NoAnswer>(alone);
    }

    [Fact]
    public async Task A_guard_that_cannot_be_tested_is_not_passed_over()
    {
        await using var sshd = await Start();
        await using var transport = sshd.Transport(m => m with { Platform = Platform.Windows });

        Refused(RefusalKind.Unknown, await transport.Exchange(Ask(Sh("a", "true")) with { Guard = new("run", 1) }, Ct));
    }

    [Theory]
    [InlineData("powershell.exe -NoProfile -EncodedCommand aABp==", "powershell.exe", "-NoProfile", "-EncodedCommand", "aABp==")]
    [InlineData("sc.exe query \"jtel TAPI service\"", "sc.exe", "query", "jtel TAPI service")]
    [InlineData("a \"b\\\"c\" \"\" \"d e\\\\\"", "a", "b\"c", "", "d e\\")]
    [InlineData("a \"b&c\" \"d\\\\\\\"e\"", "a", "b&c", "d\\\"e")]
    public void Arguments_become_a_Windows_command_line(string expected, params string[] arguments) =>
        Assert.Equal(expected, WindowsCommandLine.Of(arguments));

    /// <summary>A caller who gives up at once does not stop the login for those who come after.</summary>
    private static async Task LoggedIn(LoopbackSshd sshd, RealTransport transport)
    {
        Assert.IsType<Reply.NotSent>(await transport.Exchange(Ask(Sh("a", "true")) with { Budget = TimeSpan.FromMilliseconds(1) }, Ct));
        await Eventually(() => sshd.Logins == 1, "nobody logged in");
    }

    private static ImmutableArray<string> Sockets() =>
    [
        .. new[] { "/tmp", Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") ?? "/tmp" }.Distinct()
            .SelectMany(d => Directory.EnumerateDirectories(d, "changeover-????????"))
            .SelectMany(d => Directory.Exists(d) ? Directory.GetFileSystemEntries(d, "m*") : []),
    ];

    /// <summary>Other tests run beside this one and have sockets too.</summary>
    private static bool Mine(string socket, LoopbackSshd sshd) =>
        Directory.EnumerateDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)).Any(p =>
        {
            try
            {
                var line = File.ReadAllText(p + "/cmdline");
                return line.Contains(socket, StringComparison.Ordinal) && line.Contains(sshd.Folder, StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return false;
            }
        });

    private static List<string> Children(LoopbackSshd sshd) => [.. Directory.EnumerateDirectories("/proc")
        .Where(p => int.TryParse(Path.GetFileName(p), out _))
        .Where(p =>
        {
            try
            {
                var line = File.ReadAllText(p + "/cmdline");
                return line.StartsWith("ssh\0", StringComparison.Ordinal) && line.Contains(sshd.Folder, StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return false;
            }
        })];
}
