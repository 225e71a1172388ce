using System.CommandLine;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Changeover.Running;
using Changeover.Serving;

namespace Changeover.Cli;

/// <summary><c>serve</c>: the page and the API.</summary>
public static class ServeCommand
{
    public static Command Serve(CommonOptions common)
    {
        var listen = new Option<string>("--listen") { Description = "Address and port.", DefaultValueFactory = _ => "127.0.0.1:8443" };
        var certificate = new Option<string>("--certificate") { Description = "PEM file with certificate and key (default: an own one, beside the journal).", DefaultValueFactory = _ => "" };
        var socket = new Option<string>("--socket") { Description = "A Unix socket beside it, for you and root, without sign-in.", DefaultValueFactory = _ => "" };
        var second = new Option<bool>("--second-person") { Description = "A run needs the approval of somebody other than who starts it." };
        var signIn = new Option<string>("--sign-in") { Description = "Settings of an OpenID Connect provider that signs people in beside local accounts (docs/serve.md).", DefaultValueFactory = _ => "" };
        var secondAccept = new Option<bool>("--second-person-accept") { Description = "accept, force and mend count only when somebody other than who says them has confirmed them." };
        var command = new Command("serve", "The page and the API: see the cluster, approve a plan, watch and steer the run.") { listen, certificate, socket, second, secondAccept, signIn };
        common.AddTo(command);
        command.SetAction(async (parse, _) =>
        {
            if (!IPEndPoint.TryParse(parse.GetValue(listen)!, out var at) || !parse.GetValue(listen)!.Contains(':', StringComparison.Ordinal))
                throw new CommandEnds(ExitCodes.Usage, $"--listen {parse.GetValue(listen)} is no address with a port; give 127.0.0.1:8443, or 0.0.0.0:8443 for every address of this machine");
            var site = common.Read(parse);
            await Run(new(site, JournalCommands.JournalOf(site), at, parse.GetValue(certificate)!, parse.GetValue(socket)!, parse.GetValue(second), parse.GetValue(secondAccept), parse.GetValue(signIn)!));
            return ExitCodes.Done;
        });
        return command;
    }

    // Not inlined: what is loaded for the web server is loaded here, and no other command waits for it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task Run(ServeOptions options)
    {
        using var atOnce = new CancellationTokenSource();
        var asked = new TaskCompletionSource();
        // As for a run: the first asks to stop, what is in flight comes back; the second leaves at once.
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            if (!asked.TrySetResult())
                atOnce.Cancel();
        }
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        await using var server = await Server.Start(options, TimeProvider.System);
        Console.Out.WriteLine($"{server.Address} (certificate {server.Fingerprint})");
        if (!PageFiles.AreThere)
            Console.Out.WriteLine("this build has no page (it was made without Node); the API is there");
        if (options.SignIn.Length == 0 && People.Read(People.PathOf(options.Journal)) is { Accounts.IsEmpty: true, Tokens.IsEmpty: true })
            Console.Out.WriteLine("nobody can sign in yet: changeover account add NAME --right run");
        await asked.Task;
        await server.Desk.Close(atOnce.Token);
    }
}
