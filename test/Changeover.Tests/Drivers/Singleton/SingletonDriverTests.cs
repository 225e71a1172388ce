using Changeover.Drivers;
using Changeover.Drivers.Singleton;
using Changeover.Inventory;
using Changeover.Knowledge;
using static Changeover.Tests.Drivers.SmallCluster;

namespace Changeover.Tests.Drivers.Singleton;

public sealed class SingletonDriverTests
{
    private static readonly SingletonDriver Driver = new();
    private static readonly Subject Tel = new(SubjectKind.Singleton, "acd-tel1");

    [Theory]
    [InlineData(0, "running\n", ServiceRun.Running)]
    [InlineData(0, "looking\r\nstopped\r\n\r\n", ServiceRun.Stopped)]
    public void The_last_line_says_whether_it_runs(int code, string output, ServiceRun expected) =>
        Assert.Equal(new SingletonFacts("AcdGroupDistribute", expected), Driver.Read(Tel, Answer(SingletonDriver.LookKey, output, code), Context).Facts);

    [Theory]
    [InlineData(1, "running\n")]
    [InlineData(0, "")]
    [InlineData(0, "is not running\n")]
    [InlineData(0, "running\nerror\n")]
    [InlineData(0, "runnin")]
    public void Anything_else_is_unknown(int code, string output) =>
        Assert.Equal("singleton.unreadable", Driver.Read(Tel, Answer(SingletonDriver.LookKey, output, code), Context).Problem?.Code.Code);

    [Fact]
    public void On_Windows_the_command_travels_as_PowerShell_with_its_verb()
    {
        var ask = (Request.Shell)Driver.Ask(Tel, Context);
        var tell = (Request.Shell)Driver.Tell(new SetSingleton("acd-tel1", "AcdGroupDistribute", Run: true), Context)!;

        Assert.Equal("""{"verb":"probe-singleton","name":"AcdGroupDistribute","command":"acd-group-distribute status"}""", PowerShell.Comment(ask.Commands[0].Arguments));
        Assert.Equal("""{"verb":"start-singleton","name":"AcdGroupDistribute","command":"acd-group-distribute start"}""", PowerShell.Comment(tell.Commands[0].Arguments));
    }

    [Fact]
    public void On_Linux_a_site_s_command_is_run_by_the_shell()
    {
        var output = Execute(SingletonDriver.Command(Platform.Linux, SingletonDriver.ProbeVerb, "x", "echo looking; echo stopped")).Output;

        Assert.Equal(ServiceRun.Stopped, ((SingletonFacts)Driver.Read(Tel, Answer(SingletonDriver.LookKey, output), Context).Facts!).Run);
    }

    [Fact]
    public void Without_a_probe_it_is_unknown_and_without_a_control_not_told()
    {
        var none = Context with { Inventory = Cluster with { Services = [.. Cluster.Services.Select(s => s with { SingletonProbe = "", SingletonControl = "" })] } };

        Assert.Empty(((Request.Shell)Driver.Ask(Tel, none)).Commands);
        Assert.Equal("singleton.no-probe", Driver.Read(Tel, new([]), none).Problem?.Code.Code);
        Assert.Null(Driver.Tell(new SetSingleton("acd-tel1", "AcdGroupDistribute", Run: true), none));
    }

    [Fact]
    public void A_command_of_the_site_that_failed_may_have_done_half() =>
        Assert.Equal(ReceptionKind.Unclear, Driver.Heard(
            new SetSingleton("acd-tel1", "AcdGroupDistribute", Run: true), Answer(SingletonDriver.SetKey, "", 1, "robot5 is not running"), Context).Kind);
}
