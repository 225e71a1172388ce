using Changeover.Drivers;
using Changeover.Drivers.Client;
using Changeover.Drivers.Services;

namespace Changeover.Tests.Drivers;

public sealed class PowerShellTests
{
    [Fact]
    public void The_first_line_names_verb_and_arguments_as_JSON()
    {
        Assert.Equal("""{"verb":"get-services"}""", PowerShell.Comment(WindowsServices.Look));
        Assert.Equal("""{"verb":"start-service","name":"robot5"}""", PowerShell.Comment(WindowsServices.Set("robot5", run: true)));
        Assert.Equal("""{"verb":"stop-service","name":"robot5"}""", PowerShell.Comment(WindowsServices.Set("robot5", run: false)));
    }

    [Fact]
    public void A_name_can_neither_leave_the_comment_nor_its_string()
    {
        var script = PowerShell.Script(WindowsServices.Set("a'; Stop-Computer #\nb\u2019c", run: true))!;

        Assert.Equal(2, script.Split("Stop-Computer").Length - 1);
        Assert.StartsWith("# changeover: {\"verb\":\"start-service\",\"name\":\"a\\u0027; Stop-Computer #\\nb\\u2019c\"}\n", script);
        Assert.Contains("$n='a''; Stop-Computer #\nb\u2019\u2019c'", script);
    }

    [Fact]
    public void Every_command_line_fits_the_default_shell_of_Windows()
    {
        var name = new string('x', 80);
        foreach (var arguments in new[]
                 {
                     WindowsServices.Look, WindowsServices.Set(name, run: true), WindowsServices.Set(name, run: false),
                     WindowsClient.Share($"//{name}/{name}", name), WindowsClient.Database(name, 65535),
                 })
            Assert.True(string.Join(' ', arguments).Length < PowerShell.LongestCommandLine);
    }
}
