using System.Diagnostics;
using Changeover.Drivers;

namespace Changeover.Tests.Drivers;

/// <summary>The script is run by a real /bin/sh: what it must survive is a shell's behaviour, not ours.</summary>
public sealed class ShellScriptTests
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(10);

    private static Request.Shell Of(params ImmutableArray<Command> commands) => new("m", commands, Budget);

    private static string Run(string script)
    {
        using var sh = Process.Start(new ProcessStartInfo("/bin/sh", ["-s"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        sh.StandardInput.Write(script);
        sh.StandardInput.Close();
        var output = sh.StandardOutput.ReadToEnd();
        sh.WaitForExit();
        return output;
    }

    private static Reply Exchange(Request.Shell request) => ShellScript.Read(request, Run(ShellScript.Render(request, sudo: false, "n1")), "n1");

    [Fact]
    public void Output_error_and_exit_code_of_every_command_come_back_apart()
    {
        var reply = Exchange(Of(
            new("a", ["/bin/sh", "-c", "echo out; echo err >&2; exit 3"]),
            new("b", ["printf", "no newline"]),
            new("c", ["cat"], Input: "typed\nin"),
            new("d", ["/no/such/tool"])));

        var answered = Assert.IsType<Reply.Answered>(reply);
        Assert.Equal(new Result("a", 3, "out\n", "err"), answered.Results[0]);
        Assert.Equal(new Result("b", 0, "no newline"), answered.Results[1]);
        Assert.Equal(new Result("c", 0, "typed\nin"), answered.Results[2]);
        Assert.Equal(127, answered.Results[3].Code);
    }

    [Theory]
    [InlineData("it's")]
    [InlineData("two words")]
    [InlineData("$(touch /tmp/no)")]
    [InlineData("`x`; y & z | \"q\" \\ * ? ~ #")]
    [InlineData("line\nbreak")]
    [InlineData("")]
    public void An_argument_arrives_letter_for_letter(string argument)
    {
        var reply = Exchange(Of(new Command("a", ["printf", "%s", argument])));

        Assert.Equal(argument, Assert.IsType<Reply.Answered>(reply).Results[0].Output);
    }

    [Fact]
    public void A_command_that_hangs_is_ended_and_the_next_still_answers()
    {
        var reply = Exchange(Of(new("a", ["sleep", "30"], Limit: TimeSpan.FromSeconds(1)), new("b", ["echo", "here"])));

        var answered = Assert.IsType<Reply.Answered>(reply);
        Assert.Equal(Result.TimedOut, answered.Results[0].Code);
        Assert.Equal("here\n", answered.Results[1].Output);
    }

    /// <summary>Where starting processes is dear, one a command is much.</summary>
    [Fact]
    public void No_shell_stands_between_the_script_and_a_command()
    {
        var answered = Assert.IsType<Reply.Answered>(Exchange(Of(new("a", ["/bin/sh", "-c", "echo $PPID"]), new("b", ["/bin/sh", "-c", "echo $PPID"]))));

        Assert.Equal(answered.Results[0].Output, answered.Results[1].Output);
    }

    [Fact]
    public void A_login_banner_is_not_taken_for_an_answer()
    {
        var request = Of(new Command("a", ["echo", "x"]));
        var output = "Authorised users only!\n@@changeover other begin\n" + Run(ShellScript.Render(request, sudo: false, "n1"));

        Assert.Equal("x\n", Assert.IsType<Reply.Answered>(ShellScript.Read(request, output, "n1")).Results[0].Output);
    }

    [Fact]
    public void An_answer_cut_short_anywhere_is_no_answer()
    {
        var request = Of(new("a", ["echo", "x"]), new("b", ["/bin/sh", "-c", "echo y >&2"]));
        var output = Run(ShellScript.Render(request, sudo: false, "n1"));

        for (var length = 0; length < output.Length; length++)
            Assert.IsType<Reply.NoAnswer>(ShellScript.Read(request, output[..length], "n1"));
    }

    [Fact]
    public void A_request_guarded_by_a_claim_that_is_not_there_does_nothing()
    {
        var request = new Request.Shell("m", [new("a", ["echo", "acted"])], Budget, new ClaimGuard("no-such-run-of-ours", 1));

        var reply = Exchange(request);

        Assert.Equal(RefusalKind.ClaimLost, Assert.IsType<Reply.Refused>(reply).Kind);
    }

    [Fact]
    public void Sudo_that_asks_is_a_refusal_and_not_a_failed_command()
    {
        var request = Of(new Command("a", ["id"], Root: true));
        var output = "@@changeover n1 begin\n\n@@changeover n1 end a 1\nsudo: a password is required\n@@changeover n1 next\n@@changeover n1 done\n";

        Assert.Equal(RefusalKind.SudoAsksPassword, Assert.IsType<Reply.Refused>(ShellScript.Read(request, output, "n1")).Kind);
    }
}
