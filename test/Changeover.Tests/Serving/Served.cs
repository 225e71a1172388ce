using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Changeover.Running;
using Changeover.Serving;
using Changeover.Simulation;
using Changeover.Tests.Simulation;
using Changeover.Tests.Tidy;

namespace Changeover.Tests.Serving;

/// <summary>A clock that stands still until it is told.</summary>
internal sealed class StandingClock : TimeProvider
{
    public TimeSpan Later { get; set; }

    /// <summary>A machine that is busy with other things is slow: what waits here waits so much longer.</summary>
    public int Patience { get; set; } = 30;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Later;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, dueTime * Patience, period);
}

/// <param name="Id">Empty for what is not in the journal.</param>
internal sealed record StreamEvent(string Id, string Kind, JsonElement Data);

/// <summary>The real server on a free port, with the example's simulated cluster in a folder of its own.</summary>
internal sealed class Served : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    /// <summary>Much more than anything here takes; a machine that is busy with other things is slow.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    private readonly string folder = Directory.CreateTempSubdirectory("changeover-serve-").FullName;
    private readonly List<HttpClient> clients = [];
    private ServeOptions options = null!;

    public static CancellationToken Now => TestContext.Current.CancellationToken;

    public Server Server { get; private set; } = null!;

    public string Journal => Path.Combine(folder, "cluster.journal");

    public ServeOptions Options => options;

    public string PathOf(string name) => Path.Combine(folder, name);

    public StandingClock Clock { get; } = new();

    /// <param name="world">The simulated cluster to begin with; null: the example's as it is built.</param>
    /// <param name="faults">What strikes the simulated cluster as soon as its time goes on.</param>
    /// <param name="provider">Signs people in beside local accounts.</param>
    /// <param name="signIn">A provider will, that has to know the page's address first: until <see cref="Use(RealProvider, string)"/> there is none at the address of the settings.</param>
    public static async Task<Served> Start(
        bool personAbsent = false, bool secondPerson = false, bool secondPersonAccept = false, double speed = 1000, string inventory = "", bool socket = false, World? world = null, OwnProvider? provider = null, bool signIn = false,
        params ImmutableArray<Fault> faults)
    {
        var served = new Served();
        if (world is not null || !faults.IsDefaultOrEmpty)
        {
            world ??= World.Create(SimulatedRun.Example, 1, DateTimeOffset.UtcNow);
            foreach (var fault in faults)
                world.Schedule(fault, world.Now);
            await File.WriteAllTextAsync(Path.ChangeExtension(served.Journal, ".world.json"), world.Save());
        }
        var site = new SiteOptions
        {
            Inventory = inventory.Length > 0 ? inventory : Path.Combine(Checkout.Root, "examples/two-hosts/cluster.yaml"),
            Journal = served.Journal,
            Simulated = true,
            Speed = speed,
            PersonAbsent = personAbsent,
        };
        served.options = new(site, served.Journal, new IPEndPoint(IPAddress.Loopback, 0), Socket: socket ? served.PathOf("web.sock") : "", SecondPerson: secondPerson, SecondPersonAccept: secondPersonAccept, SignIn: provider is null && !signIn ? "" : served.SignInFile);
        if (provider is not null)
            served.Use(provider, "https://127.0.0.1:1");
        if (signIn)
            await File.WriteAllTextAsync(served.SignInFile, "{ issuer: https://localhost:1, client: none, secret: file:client-secret, page: https://127.0.0.1:1, rights: { nobody: view } }");
        served.Server = await Server.Start(served.options, served.Clock);
        if (provider is not null)
            served.Use(provider);
        return served;
    }

    public string SignInFile => PathOf("sign-in.yaml");

    /// <summary>From now on this provider signs people in.</summary>
    /// <param name="page">Where browsers have the page; empty: where the server listens.</param>
    /// <param name="more">Further lines of the settings.</param>
    public void Use(OwnProvider provider, string page = "", string more = "")
    {
        page = page.Length > 0 ? page : Page;
        provider.Redirect = page + "/";
        Use(provider.Authority, OwnProvider.ClientSecret, provider.Settings(page, more));
    }

    public void Use(RealProvider provider, string secret = RealProvider.ClientSecret) => Use(provider.Authority, secret, provider.Settings);

    private void Use(string authority, string secret, string settings)
    {
        File.WriteAllText(PathOf("provider.pem"), authority);
        File.WriteAllText(PathOf("client-secret"), secret + "\n");
        File.SetUnixFileMode(PathOf("client-secret"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(SignInFile, settings);
    }

    /// <summary>Where browsers have the page, unless they have it by way of something else.</summary>
    public string Page => Address.GetLeftPart(UriPartial.Authority);

    public Uri Address => Server.Address;

    /// <summary>Ended and started again, as after an update of the program.</summary>
    public async Task Restart()
    {
        await Server.DisposeAsync();
        Server = await Server.Start(options, Clock);
    }

    /// <summary>What was recorded of these kinds, in its order.</summary>
    public ImmutableArray<JsonElement> Recorded(params string[] kinds) =>
        [.. File.ReadLines(Audit.PathOf(Journal)).Select(l => JsonDocument.Parse(l).RootElement).Where(r => kinds.Contains(r.GetProperty("kind").GetString()))];

    public void Account(string name, Right right, string password = Password) =>
        Change(people => people.With(new Account(name, right, Passwords.Hash(password), DateTimeOffset.UtcNow)));

    public void Change(Func<People, People> change)
    {
        var file = People.PathOf(Journal);
        change(People.Read(file)).Write(file);
    }

    /// <summary>A program with a token of this right.</summary>
    public HttpClient With(Right right)
    {
        var token = Passwords.NewToken();
        Change(people => people.With(new Token(right.ToString().ToLowerInvariant(), right, Passwords.Digest(token), DateTimeOffset.UtcNow)));
        var client = Client();
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    /// <summary>As a browser: with a place for cookies, and saying where its requests come from.</summary>
    public HttpClient Client()
    {
        var fingerprint = Server.Fingerprint;
        var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) => Certificate.Fingerprint(new(certificate!)) == fingerprint,
            },
        })
        {
            BaseAddress = Server.Address,
            Timeout = Limit,
        };
        client.DefaultRequestHeaders.Add("Origin", Server.Address.GetLeftPart(UriPartial.Authority));
        clients.Add(client);
        return client;
    }

    public async Task<HttpClient> SignedIn(string name)
    {
        var client = Client();
        var answer = await client.PostAsJsonAsync("/api/session", new { name, password = Password });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return client;
    }

    public static async Task<JsonElement> Get(HttpClient client, string path)
    {
        var answer = await client.GetAsync(path);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public static async Task<(HttpStatusCode Status, JsonElement Body)> Post(HttpClient client, string path, object body)
    {
        var answer = await client.PostAsJsonAsync(path, body);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }

    /// <summary>Looks at the plan, approves and starts it.</summary>
    public static async Task<string> Run(HttpClient client, string goal, params string[] holds)
    {
        var plan = await Get(client, $"/api/plan/{goal}/vm-host-1");
        var (status, body) = await Post(client, "/api/runs", new { goal, host = "vm-host-1", digest = plan.GetProperty("digest").GetString(), holds });
        Assert.True(status == HttpStatusCode.Created, $"{goal}: {status} {body}");
        return body.GetProperty("run").GetString()!;
    }

    /// <summary>The stream, from an entry on, until something is told.</summary>
    public static async Task<List<StreamEvent>> Until(HttpClient client, Func<StreamEvent, bool> told, long since = 0)
    {
        using var limit = new CancellationTokenSource(Limit);
        var heard = new List<StreamEvent>();
        await foreach (var e in Events(client, since, limit.Token))
        {
            heard.Add(e);
            if (told(e))
                return heard;
        }
        throw new Xunit.Sdk.XunitException($"the stream ended after {heard.Count} events");
    }

    /// <summary>The status object of this run as soon as it is in this state.</summary>
    public static async Task<JsonElement> UntilRun(HttpClient client, string run, Func<JsonElement, bool> live)
    {
        await Until(client, e => e.Kind == "live" && e.Data.ValueKind == JsonValueKind.Object && e.Data.GetProperty("run").GetString() == run && live(e.Data));
        return await Get(client, $"/api/runs/{run}");
    }

    public static async Task<JsonElement> UntilOver(HttpClient client, string run)
    {
        await Until(client, e => e.Kind == "journal" && e.Data.GetProperty("kind").GetString() == "run-ended" && e.Data.GetProperty("run").GetString() == run);
        return await Get(client, $"/api/runs/{run}");
    }

    public static async IAsyncEnumerable<StreamEvent> Events(HttpClient client, long since, [EnumeratorCancellation] CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/events");
        request.Headers.Add("Last-Event-ID", $"{since}");
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(ct));
        var (id, kind, data) = ("", "", "");
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                kind = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data = line[6..];
            else if (line.Length == 0 && kind.Length > 0)
            {
                yield return new(id, kind, JsonDocument.Parse(data).RootElement);
                (id, kind, data) = ("", "", "");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in clients)
            client.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
