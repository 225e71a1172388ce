using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Security;
using Changeover.Serving;

namespace Changeover.Bench;

/// <summary>
/// <c>changeover serve</c> as a process of its own, on loopback, with a simulated cluster in a folder that is removed: its processor time is
/// the server's alone, not that of whoever watches.
/// </summary>
internal sealed class ServedProcess : IAsyncDisposable
{
    public const string Name = "bench";
    public const string Password = "correct horse battery";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly string folder = Directory.CreateTempSubdirectory("changeover-bench-").FullName;
    private readonly Process process;
    private readonly string token = Passwords.NewToken();

    private ServedProcess(string inventory, double speed)
    {
        Inventory = Path.Combine(folder, "cluster.yaml");
        Journal = Path.Combine(folder, "cluster.journal");
        File.Copy(inventory, Inventory);
        People.Nobody
            .With(new Account(Name, Right.Run, Passwords.Hash(Password), DateTimeOffset.UtcNow))
            .With(new Token(Name, Right.Run, Passwords.Digest(token), DateTimeOffset.UtcNow))
            .Write(People.PathOf(Journal));
        process = Process.Start(new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "changeover.dll"), "serve", "--listen", "127.0.0.1:0", "-i", Inventory, "--journal", Journal,
            "--world", "simulated", "--speed", speed.ToString(CultureInfo.InvariantCulture),
        ])
        { RedirectStandardOutput = true })!;
    }

    public string Inventory { get; }

    public string Journal { get; }

    public Uri Address { get; private set; } = null!;

    public TimeSpan Processor
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    public static async Task<ServedProcess> Start(string inventory, double speed = 1)
    {
        var served = new ServedProcess(inventory, speed);
        try
        {
            var line = await served.process.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? throw new InvalidOperationException("the server ended before it listened");
            served.Address = new(line.Split(' ')[0]);
            return served;
        }
        catch
        {
            await served.DisposeAsync();
            throw;
        }
    }

    /// <summary>A program with a token, each with a connection of its own.</summary>
    public HttpClient Client(string language = "en")
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            // Its certificate was made by the process that was started above, on loopback.
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        })
        { BaseAddress = Address, Timeout = Patience };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        client.DefaultRequestHeaders.AcceptLanguage.Add(new(language));
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        // As systemd does it: asked first.
        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (TimeoutException)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
