using System.Globalization;
using Changeover.Drivers;
using Changeover.Inventory;

namespace Changeover.Simulation;

/// <summary>One command's answer and how long the machine takes for it.</summary>
/// <param name="Code">Exit code, or HTTP status.</param>
internal readonly record struct Said(int Code, string Output, string Error, TimeSpan Takes)
{
    public static Said Ok(string output) => new(0, output, "", Timings.QuickCommand);

    public static Said Of((int Code, string Text, string Error) said, TimeSpan takes) => new(said.Code, said.Text, said.Error, takes);

    public static Said Failed(int code, string error) => new(code, "", error, Timings.QuickCommand);
}

/// <summary>Whether a request gets through at all, and who answers each of its commands.</summary>
internal sealed class Answers(World world)
{
    private readonly LinuxAnswers linux = new(world);
    private readonly WindowsAnswers windows = new(world);
    private readonly HypervisorAnswers hypervisor = new(world);
    private readonly MonitoringAnswers monitoring = new(world);

    public List<string> NotKnown { get; } = [];

    /// <summary>The answer to a request that has arrived, and how long it takes; null: it will never be answered.</summary>
    public (Reply? Reply, TimeSpan Takes) To(Request request) => request switch
    {
        Request.Shell shell => ToShell(shell),
        Request.Http http => ToHttp(http),
        _ => (new Reply.Refused(RefusalKind.Unknown, "no such way"), TimeSpan.Zero),
    };

    private (Reply? Reply, TimeSpan Takes) ToShell(Request.Shell shell)
    {
        var machine = world.Truth.Find(shell.Machine);
        if (machine is null)
            return (new Reply.NotSent($"Could not resolve hostname {shell.Machine}"), Timings.QuickCommand);
        if (machine.Unreachable)
        {
            // Over a connection that was open already nobody can say whether it arrived.
            return world.Dice.Chance(0.5) ? (null, TimeSpan.Zero) : (new Reply.NotSent("Connection timed out"), Timings.ConnectTimeout);
        }
        if (machine.Power is Power.Off or Power.Starting)
            return (new Reply.NotSent("No route to host"), TimeSpan.FromSeconds(3));
        if (machine.Power == Power.Stopping && world.Now - machine.StoppingSince > Timings.SshGone)
            return (new Reply.NotSent("Connection refused"), Timings.QuickCommand);
        if (machine.HostKeyChanged)
            return (new Reply.Refused(RefusalKind.HostKeyChanged, "REMOTE HOST IDENTIFICATION HAS CHANGED"), Timings.QuickCommand);
        var access = world.Inventory.FindMachine(shell.Machine)!;
        if (machine.SudoGone && !access.Sudo)
            return (new Reply.Refused(RefusalKind.LoginRefused, "Permission denied (publickey)"), Timings.QuickCommand);
        if (machine.SudoGone && shell.Commands.Any(c => c.Root))
            return (new Reply.Refused(RefusalKind.SudoAsksPassword, "sudo: a password is required"), Timings.QuickCommand);
        if (shell.Guard is { } guard && (machine.Claim is not { } claim || claim.Run != guard.Run || claim.Epoch != guard.Epoch))
        {
            var holder = machine.Claim is { } held ? ShellScript.ClaimedBy(held.Run, held.Controller, held.Epoch.ToString(CultureInfo.InvariantCulture)) : "nobody holds the claim there";
            return (new Reply.Refused(RefusalKind.ClaimLost, holder), Timings.QuickCommand);
        }
        var results = ImmutableArray.CreateBuilder<Result>(shell.Commands.Length);
        var takes = TimeSpan.Zero;
        foreach (var command in shell.Commands)
        {
            var said = (access.Platform == Platform.Windows ? windows.To(machine, command) : linux.To(machine, command))
                ?? Unknown($"{shell.Machine}: {string.Join(' ', command.Arguments)}", 127, $"{command.Arguments.FirstOrDefault()}: not found");
            results.Add(new(command.Key, said.Code, said.Output, said.Error));
            takes += said.Takes;
        }
        return (new Reply.Answered(results.ToImmutable()), takes);
    }

    private (Reply? Reply, TimeSpan Takes) ToHttp(Request.Http http)
    {
        var results = ImmutableArray.CreateBuilder<Result>(http.Calls.Length);
        var takes = TimeSpan.Zero;
        foreach (var call in http.Calls)
        {
            if (call.After.Length > 0 && !results.Any(r => r.Key == call.After && r.Code is >= 200 and < 300))
                continue;
            var said = (http.Endpoint == "monitoring" ? monitoring.To(call)
                    : http.Endpoint.StartsWith("host:", StringComparison.Ordinal) ? hypervisor.To(http.Endpoint[5..], call)
                    : null)
                ?? Unknown($"{http.Endpoint}: {call.Method} {call.Path}", 404, "Not Found");
            results.Add(new(call.Key, said.Code, said.Output, said.Error));
            takes += said.Takes;
        }
        return (new Reply.Answered(results.ToImmutable()), takes);
    }

    private Said Unknown(string what, int code, string why)
    {
        NotKnown.Add(what);
        world.Tracer?.Invoke(world.Now, $"! the simulated cluster does not know: {what}");
        return Said.Failed(code, why);
    }
}
