using System.Collections.Immutable;
using Changeover.Drivers;
using Changeover.Drivers.Services;
using Changeover.Inventory;
using Changeover.Knowledge;
using static Changeover.Tests.Drivers.SmallCluster;

namespace Changeover.Tests.Drivers.Services;

public sealed class ServicesDriverTests
{
    private static readonly ServicesDriver Driver = new();
    private static readonly Subject Jb = new(SubjectKind.Services, "acd-jb1");
    private static readonly Subject Tel = new(SubjectKind.Services, "acd-tel1");

    private static DriverContext With(params string[] names) => Context with
    {
        Inventory = Cluster with
        {
            Services = [.. names.Select(n => new Service { Name = n, Title = n })],
            Roles = [.. Cluster.Roles.Select(r => r.Name == "web" ? r with { Services = [.. names] } : r)],
        },
    };

    private static readonly DriverContext Trial = With("trial-run", "trial-java", "trial-slow", "trial-pid", "trial-sysv", "no-such");
    private static readonly DriverContext Died = With("trial-sysv");

    private static ServiceFacts Linux(string text, DriverContext context) =>
        Assert.IsType<ServiceFacts>(Driver.Read(Jb, Answer(ServicesDriver.LookKey, text), context).Facts);

    private static ServiceFacts Windows(string text) =>
        Assert.IsType<ServiceFacts>(Driver.Read(Tel, Answer(ServicesDriver.LookKey, text), Context).Facts);

    [Fact]
    public void Systemd_units_are_told_apart()
    {
        var facts = Linux(Fixture("services/systemd-252-debian-12-six-units.txt"), Trial);

        Assert.Equal(ServiceManager.Systemd, facts.Manager);
        Assert.Equal(new("trial-run", ServiceRun.Running, ServiceStart.Automatic, "active (running)"), facts.Find("trial-run"));
        Assert.Equal(new("trial-java", ServiceRun.Stopped, ServiceStart.Manual, "failed (exit-code)"), facts.Find("trial-java"));
        Assert.Equal(ServiceRun.Starting, facts.Find("trial-slow")!.Run);
        Assert.Equal((ServiceRun.Running, ServiceStart.Automatic), (facts.Find("trial-pid")!.Run, facts.Find("trial-pid")!.Start));
        Assert.Equal(ServiceRun.Running, facts.Find("trial-sysv")!.Run);
        Assert.Equal(ServiceRun.NotInstalled, facts.Find("no-such")!.Run);
    }

    [Fact]
    public void A_script_without_pid_file_whose_program_died_is_stopped_though_systemd_calls_it_active()
    {
        var text = Fixture("services/systemd-252-debian-12-init-script-without-pid-file-died.txt");
        Assert.Contains("ActiveState=active", text);

        Assert.Equal(ServiceRun.Stopped, Linux(text, Died).Find("trial-sysv")!.Run);
    }

    [Fact]
    public void Active_without_a_process_and_without_a_script_to_ask_is_unknown()
    {
        var text = Fixture("services/systemd-252-debian-12-init-script-without-pid-file-died.txt");

        var read = Linux(text.Split("status=")[0] + "end\n", Died);

        Assert.Equal(ServiceRun.Unknown, read.Find("trial-sysv")!.Run);
    }

    [Theory]
    [InlineData("inactive", "dead", "12", ServiceRun.Starting)]
    [InlineData("inactive", "dead", "", ServiceRun.Stopped)]
    [InlineData("failed", "failed", "", ServiceRun.Stopped)]
    [InlineData("deactivating", "stop-sigterm", "12", ServiceRun.Stopping)]
    [InlineData("reloading", "reload", "", ServiceRun.Running)]
    [InlineData("maintenance", "x", "", ServiceRun.Unknown)]
    [InlineData("something-new", "x", "", ServiceRun.Unknown)]
    public void A_unit_with_a_queued_job_is_not_stopped_and_a_new_word_is_unknown(string active, string sub, string job, ServiceRun expected) =>
        Assert.Equal(expected, Linux(Block("loaded", active, sub, "enabled", job), Died).Find("trial-sysv")!.Run);

    [Theory]
    [InlineData("loaded", "enabled", ServiceStart.Automatic)]
    [InlineData("loaded", "enabled-runtime", ServiceStart.Disabled)]
    [InlineData("loaded", "disabled", ServiceStart.Disabled)]
    [InlineData("masked", "masked", ServiceStart.Disabled)]
    [InlineData("loaded", "static", ServiceStart.Manual)]
    [InlineData("loaded", "", ServiceStart.Unknown)]
    public void What_happens_at_boot_is_read(string load, string file, ServiceStart expected) =>
        Assert.Equal(expected, Linux(Block(load, "inactive", "dead", file, ""), Died).Find("trial-sysv")!.Start);

    [Theory]
    [InlineData("error")]
    [InlineData("bad-setting")]
    public void A_unit_whose_file_is_broken_is_unknown(string load) =>
        Assert.Equal(ServiceRun.Unknown, Linux(Block(load, "inactive", "dead", "enabled", ""), Died).Find("trial-sysv")!.Run);

    [Theory]
    [InlineData(0, "trial-sysv (pid 12) is running...", ServiceRun.Running)]
    [InlineData(0, "", ServiceRun.Running)]
    [InlineData(0, "trial-sysv is not running", ServiceRun.Unknown)]
    [InlineData(0, "trial-sysv is stopped", ServiceRun.Unknown)]
    [InlineData(1, "trial-sysv dead but pid file exists", ServiceRun.Stopped)]
    [InlineData(2, "trial-sysv dead but subsys locked", ServiceRun.Stopped)]
    [InlineData(3, "trial-sysv is stopped", ServiceRun.Stopped)]
    [InlineData(3, "trial-sysv is running", ServiceRun.Unknown)]
    [InlineData(4, "status unknown due to insufficient privileges.", ServiceRun.Unknown)]
    [InlineData(124, "", ServiceRun.Unknown)]
    [InlineData(127, "", ServiceRun.Unknown)]
    public void An_init_script_that_contradicts_itself_is_unknown_with_a_finding(int status, string text, ServiceRun expected)
    {
        var facts = Linux($"name=trial-sysv\nmanager=sysv\ninstalled=yes\nstart=on\nstatus={status}\ntext={text}\nend\n", Died);

        Assert.Equal(ServiceManager.SysV, facts.Manager);
        Assert.Equal(expected, facts.Services[0].Run);
        Assert.Equal(ServiceStart.Automatic, facts.Services[0].Start);
        Assert.Equal(expected == ServiceRun.Unknown ? "services.script-unclear" : null, facts.Services[0].Problem?.Code.Code);
    }

    [Theory]
    [InlineData("services/systemd-252-debian-12-six-units.txt")]
    [InlineData("services/systemd-252-debian-12-init-script-without-pid-file-died.txt")]
    public void An_answer_cut_short_anywhere_is_unreadable(string fixture)
    {
        var text = Fixture(fixture);
        for (var i = 0; i < text.Length; i++)
            Assert.Equal("services.unreadable", Driver.Read(Jb, Answer(ServicesDriver.LookKey, text[..i]), fixture.Contains("six") ? Trial : Died).Problem?.Code.Code);
    }

    [Fact]
    public void A_missing_line_never_makes_a_service_better()
    {
        var lines = Fixture("services/systemd-252-debian-12-six-units.txt").Split('\n');
        var whole = Linux(string.Join('\n', lines), Trial);
        for (var i = 0; i < lines.Length - 1; i++)
        {
            var reading = Driver.Read(Jb, Answer(ServicesDriver.LookKey, string.Join('\n', lines.Where((_, n) => n != i))), Trial);
            foreach (var state in (reading.Facts as ServiceFacts)?.Services ?? [])
            {
                // Without its job a starting unit would still be starting; without its state it must not become stopped or running.
                var before = whole.Find(state.Name)!.Run;
                Assert.True(state.Run == before || state.Run == ServiceRun.Unknown, $"{lines[i]}: {state.Name} {before} became {state.Run}");
            }
        }
    }

    [Fact]
    public void The_look_script_itself_asks_init_scripts_where_systemd_does_not_run()
    {
        if (Directory.Exists("/run/systemd/system"))
            Assert.Skip("systemd runs here, so the script asks systemd.");
        var facts = Linux(Execute(ServicesDriver.LookCommand(["no-such-script-of-ours"])).Output, With("no-such-script-of-ours"));

        Assert.Equal((ServiceManager.SysV, ServiceRun.NotInstalled), (facts.Manager, facts.Services[0].Run));
    }

    [Fact]
    public void Windows_services_are_found_by_short_or_display_name()
    {
        var facts = Windows(Fixture("windows/made-powershell-5.1-get-services.txt"));

        Assert.Equal(ServiceManager.Windows, facts.Manager);
        Assert.Equal((ServiceRun.Running, ServiceStart.Automatic), (facts.Find("robot5")!.Run, facts.Find("robot5")!.Start));
        Assert.Equal((ServiceRun.Stopped, ServiceStart.Manual), (facts.Find("jtel Platform UDP Listener")!.Run, facts.Find("jtel Platform UDP Listener")!.Start));
        Assert.Equal(ServiceRun.NotInstalled, facts.Find("jtelIMAPMailService")!.Run);
    }

    [Fact]
    public void A_display_name_that_two_services_carry_is_unknown_with_a_finding()
    {
        var twin = Windows(Fixture("windows/made-powershell-5.1-get-services.txt")).Find("jtel Twin")!;

        Assert.Equal((ServiceRun.Unknown, "services.ambiguous-name"), (twin.Run, twin.Problem?.Code.Code));
    }

    [Fact]
    public void A_paused_Windows_service_is_neither_running_nor_stopped() =>
        Assert.Equal(ServiceRun.Unknown, Windows(Fixture("windows/made-powershell-5.1-get-services.txt")).Find("jtelEWSMailService")!.Run);

    [Fact]
    public void A_desktop_program_runs_when_exactly_one_process_does()
    {
        var facts = Windows(Fixture("windows/made-powershell-5.1-get-services.txt"));

        Assert.Equal((ServiceRun.Unknown, "services.started-twice"), (facts.Find("TAPI")!.Run, facts.Find("TAPI")!.Problem?.Code.Code));
        Assert.Contains("1, 2", facts.Find("TAPI")!.Problem!.Message);
        Assert.Equal(ServiceRun.Stopped, facts.Find("Presence")!.Run);
    }

    [Fact]
    public void A_desktop_program_is_unknown_where_processes_were_not_listed()
    {
        var facts = Windows(Fixture("windows/made-stand-in-get-services-without-now.txt"));

        Assert.Equal((ServiceRun.Unknown, "services.no-process"), (facts.Find("Presence")!.Run, facts.Find("Presence")!.Problem?.Code.Code));
    }

    [Fact]
    public void Words_instead_of_numbers_and_one_object_instead_of_a_list_are_read()
    {
        var facts = Windows("""{"computer":"T","bootTime":"2026-11-20T03:04:05Z","services":{"Name":"ROBOT5","DisplayName":"x","Status":"Stop Pending","StartType":"Auto"}}""");

        Assert.Equal((ServiceRun.Stopping, ServiceStart.Automatic), (facts.Find("robot5")!.Run, facts.Find("robot5")!.Start));
    }

    [Fact]
    public void A_Windows_line_cut_short_anywhere_is_unreadable()
    {
        var text = Fixture("windows/made-powershell-5.1-get-services.txt").Split('\n')[1];
        for (var i = 0; i < text.Length; i++)
            Assert.Null(Driver.Read(Tel, Answer(ServicesDriver.LookKey, text[..i]), Context).Facts);
    }

    [Fact]
    public void Two_lines_of_JSON_are_no_answer()
    {
        var line = Fixture("windows/made-powershell-5.1-get-services.txt").Split('\n')[1];

        Assert.Null(Driver.Read(Tel, Answer(ServicesDriver.LookKey, line + "\n" + line), Context).Facts);
    }

    [Fact]
    public void A_unit_is_set_without_waiting_for_it()
    {
        var request = (Request.Shell)Driver.Tell(new SetService("acd-jb1", "wildfly", Run: false), Context)!;

        Assert.Equal(["/bin/systemctl", "stop", "--no-block", "--", "wildfly"], request.Commands.Single().Arguments);
        Assert.True(request.Commands.Single().Root);
        Assert.Null(request.Guard);
    }

    [Fact]
    public void On_a_machine_that_carries_a_claim_the_claim_is_tested_first() =>
        Assert.Equal(new ClaimGuard("20261122-1", 2), ((Request.Shell)Driver.Tell(new SetService("acd-dbm1", "jtel-listener", Run: true), Context)!).Guard);

    [Fact]
    public void Where_init_scripts_answered_they_are_told_too()
    {
        var seen = Seen(Jb, new ServiceFacts([]) { Manager = ServiceManager.SysV });

        var request = (Request.Shell)Driver.Tell(new SetService("acd-jb1", "wildfly", Run: true), seen)!;

        Assert.Equal(ServicesDriver.SysVCommand("wildfly", run: true), request.Commands.Single().Arguments);
    }

    [Fact]
    public void A_desktop_program_is_not_told() =>
        Assert.Null(Driver.Tell(new SetService("acd-tel1", "TAPI", Run: true), Context));

    [Theory]
    [InlineData(0, "", ReceptionKind.Accepted)]
    [InlineData(5, "Failed to start no-such.service: Unit no-such.service not found.", ReceptionKind.Refused)]
    [InlineData(4, "Failed to start trial-run.service: Access denied", ReceptionKind.Refused)]
    [InlineData(1, "Failed to start x.service: Unit x.service is masked.", ReceptionKind.Refused)]
    [InlineData(1, "Failed to start x.service: Connection timed out", ReceptionKind.Unclear)]
    [InlineData(124, "", ReceptionKind.Unclear)]
    public void What_systemctl_says_to_an_action(int code, string error, ReceptionKind expected) =>
        Assert.Equal(expected, Driver.Heard(new SetService("acd-jb1", "wildfly", Run: true), Answer(ServicesDriver.SetKey, "", code, error), Context).Kind);

    [Theory]
    [InlineData(0, """{"accepted":true}""", ReceptionKind.Accepted)]
    [InlineData(0, "", ReceptionKind.Accepted)]
    [InlineData(4, """{"refused":"Zugriff verweigert","code":5}""", ReceptionKind.Refused)]
    [InlineData(4, """{"refused":"no answer in time","code":1053}""", ReceptionKind.Unclear)]
    [InlineData(1, "", ReceptionKind.Unclear)]
    [InlineData(0, "what is this", ReceptionKind.Unclear)]
    public void What_Windows_says_to_an_action(int code, string output, ReceptionKind expected) =>
        Assert.Equal(expected, Driver.Heard(new SetService("acd-tel1", "robot5", Run: true), Answer(ServicesDriver.SetKey, output, code), Context).Kind);

    private static string Block(string load, string active, string sub, string file, string job) =>
        $"name=trial-sysv\nmanager=systemd\nLoadState={load}\nActiveState={active}\nSubState={sub}\nResult=success\nUnitFileState={file}\nMainPID=0\nSourcePath=\nWantedBy=\nJob={job}\nend\n";
}
