using System.Net;
using System.Security.Cryptography.X509Certificates;
using Changeover.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Changeover.Serving;

/// <param name="Listen">Address and port; port 0: any that is free.</param>
/// <param name="Certificate">PEM with certificate and key; empty: an own one.</param>
/// <param name="Socket">A Unix socket beside it, for this user and root, without sign-in; empty: none.</param>
/// <param name="SecondPerson">A run needs the approval of somebody other than who starts it.</param>
/// <param name="SecondPersonAccept">Answers that override a judgement need the confirmation of somebody other than who says them.</param>
/// <param name="SignIn">Settings of the provider that signs people in; empty: local accounts only.</param>
public sealed record ServeOptions(SiteOptions Site, string Journal, IPEndPoint Listen, string Certificate = "", string Socket = "", bool SecondPerson = false,
    bool SecondPersonAccept = false, string SignIn = "");

/// <summary>Page and API of one cluster, by Kestrel: https on one address, and a Unix socket where one is wanted.</summary>
public sealed class Server : IAsyncDisposable
{
    /// <summary>The largest request is a decision with a long reason.</summary>
    public const int LargestBody = 64 * 1024;

    private readonly WebApplication app;
    private readonly Watching watching;
    private readonly CancellationTokenSource stopping;
    private readonly X509Certificate2 certificate;

    private readonly Audit audit;

    private Server(WebApplication app, Desk desk, Watching watching, Audit audit, CancellationTokenSource stopping, X509Certificate2 certificate)
    {
        (this.app, Desk, this.watching, this.audit, this.stopping, this.certificate) = (app, desk, watching, audit, stopping, certificate);
    }

    public Desk Desk { get; }

    public string Fingerprint => Serving.Certificate.Fingerprint(certificate);

    /// <summary>Where it listens, with the port that it got.</summary>
    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(a => a.StartsWith("https://", StringComparison.Ordinal)));

    public static async Task<Server> Start(ServeOptions options, TimeProvider time)
    {
        // What is wrong with the inventory is said now, not to the first who asks. Starting anew is done once.
        await using (Site.Open(options.Site))
        { }
        if (options.SignIn.Length > 0)
            ProviderSettings.Read(options.SignIn);
        var site = options.Site with { Fresh = false };
        await RequireRoomForSocket(options.Socket);
        Journal.StateFolder.Create(Path.GetDirectoryName(options.Journal)!);
        var certificate = Serving.Certificate.Load(options.Certificate, options.Journal, time);
        var chain = Serving.Certificate.Chain(options.Certificate, options.Journal);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Listen(options.Listen, listen => listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = certificate,
                ServerCertificateChain = chain,
                // A controller that looks at twenty machines at once can be busy for longer than the ten seconds of the default.
                HandshakeTimeout = TimeSpan.FromMinutes(1),
            }));
            if (options.Socket.Length > 0)
                kestrel.ListenUnixSocket(options.Socket);
        });
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var sessions = new Sessions(time);
        var audit = new Audit(Audit.PathOf(options.Journal), time);
        var gate = new Gatekeeper(People.PathOf(options.Journal), options.SignIn, sessions, audit, time);
        var desk = new Desk(site, options.Journal, time, gate.RightNow);
        var watching = new Watching(desk);
        var stopping = new CancellationTokenSource();
        app.Use((http, next) => gate.Answer(http, () => next(http)));
        app.UseRouting();
        foreach (var route in new Routes(desk, gate, sessions, new(time), watching, options).All)
        {
            app.MapMethods(route.Path, [route.Method], async http =>
            {
                var person = route.Right == Right.None ? null : gate.Require(http, route.Right);
                using var ends = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping.Token);
                await route.Handle(http, person, ends.Token);
            });
        }
        // Files too: the pattern that is the default leaves them out.
        app.MapFallback("{*path}", http => http.Request.Path.StartsWithSegments("/api")
            ? throw new Refusal(StatusCodes.Status404NotFound, $"there is nothing at {http.Request.Path}; /openapi.json says what there is")
            : PageFiles.Send(http));
        try
        {
            await app.StartAsync();
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            throw new CommandEnds(ExitCodes.Usage, $"{options.Listen} cannot be listened at: {e.Message} --listen gives another address.");
        }
        if (options.Socket.Length > 0)
            File.SetUnixFileMode(options.Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new(app, desk, watching, audit, stopping, certificate);
    }

    private static async Task RequireRoomForSocket(string path)
    {
        try
        {
            if (path.Length > 0)
                await Control.SocketFile.MakeRoom(path, "--socket");
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or UnauthorizedAccessException)
        {
            throw new CommandEnds(ExitCodes.Usage, $"--socket {path} cannot be listened at: {e.Message}");
        }
    }

    /// <summary>For the service's log: standard error, without time (systemd adds it), never with what a person typed as a password.</summary>
    public static void Log(string text)
    {
        try
        {
            // One entry, one line, whatever a request put into it.
            Console.Error.WriteLine(string.Concat(text.ReplaceLineEndings(" ").Where(c => !char.IsControl(c))));
        }
        catch (IOException)
        {
            // Nobody reads it.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await app.StopAsync();
        await app.DisposeAsync();
        await watching.DisposeAsync();
        audit.End();
        await Desk.DisposeAsync();
        certificate.Dispose();
        stopping.Dispose();
    }
}
