using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Changeover.Serving;
using Changeover.Tests.Serving;
using Changeover.Tests.Tidy;
using Microsoft.Playwright;

namespace Changeover.Tests.Page;

/// <summary>Debian's Chromium with the page open, by way of a line that can be cut.</summary>
internal sealed partial class Browser : IAsyncDisposable
{
    private const string Chromium = "/usr/bin/chromium";

    /// <summary>A machine that is busy with other things is slow.</summary>
    private const float Patience = 180_000;

    private readonly IPlaywright playwright;
    private readonly IBrowser browser;
    private readonly Line line;

    private Browser(IPlaywright playwright, IBrowser browser, Line line, IPage page, List<string> complaints) =>
        (this.playwright, this.browser, this.line, Page, Complaints) = (playwright, browser, line, page, complaints);

    public IPage Page { get; }

    /// <summary>What the browser's console says against the page: a script that failed, something its policy does not allow.</summary>
    public List<string> Complaints { get; }

    public static async Task<Browser> Open(Served served, string language = "en-GB", ColorScheme scheme = ColorScheme.Light, int width = 1400)
    {
        Assert.SkipUnless(PageFiles.AreThere, "this build has no page: it was made without Node");
        Assert.SkipUnless(File.Exists(Chromium), $"there is no {Chromium}: apt-get install chromium");
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox"], Timeout = Patience });
        var context = await browser.NewContextAsync(new() { IgnoreHTTPSErrors = true, Locale = language, ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 900 } });
        context.SetDefaultTimeout(Patience);
        Assertions.SetDefaultExpectTimeout(Patience);
        var page = await context.NewPageAsync();
        var complaints = new List<string>();
        page.PageError += (_, e) => complaints.Add(e);
        page.Console += (_, m) =>
        {
            if (m.Type == "error" && !m.Text.Contains("Failed to load resource", StringComparison.Ordinal))
                complaints.Add(m.Text);
        };
        var line = new Line(served.Address.Port);
        await page.GotoAsync($"https://127.0.0.1:{line.Port}/");
        return new(playwright, browser, line, page, complaints);
    }

    public async Task SignIn(string name)
    {
        await Page.FillAsync("#name", name);
        await Page.FillAsync("#password", Served.Password);
        await Page.ClickAsync("form button");
        await Page.WaitForSelectorAsync("nav");
    }

    /// <summary>The tile of a machine in the cluster view, whatever it says.</summary>
    public ILocator Machine(string name) => Page.GetByRole(AriaRole.Button, new() { NameRegex = new($"^{Regex.Escape(name)}\\b") });

    public Task Go(string view) => Page.EvaluateAsync($"location.hash = '#/{view}'");

    /// <summary>To be looked at by people: artifacts/page in the checkout.</summary>
    public async Task Picture(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Checkout.Root, "artifacts/page")).FullName;
        await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
    }

    private static readonly ImmutableArray<(int Width, int Height, string Device)> Screens = [(1400, 900, "wide"), (390, 900, "phone"), (3840, 2160, "wall")];

    /// <summary>This view as people see it, by day and by night, on a desk, on a phone and, where asked for, on a 4K wall; on none of them it is wider than the window.</summary>
    /// <returns>What is too wide, by the picture's name.</returns>
    public async Task<ImmutableArray<string>> Pictures(string name, string language, bool wall = false)
    {
        var wide = ImmutableArray.CreateBuilder<string>();
        foreach (var (width, height, device) in Screens.Where(s => wall || s.Device != "wall"))
        {
            await Page.SetViewportSizeAsync(width, height);
            foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await Page.EmulateMediaAsync(new() { ColorScheme = scheme });
                // The head of the page stays in view, and a whole picture has it where it happens to be.
                await Page.EvaluateAsync("scrollTo(0, 0)");
                await Picture($"{name}-{device}-{language}-{scheme.ToString().ToLowerInvariant()}");
            }
            if (await Page.EvaluateAsync<int>("document.documentElement.scrollWidth") is var needs && needs > width)
                wide.Add($"{name}-{device}-{language}: {needs}");
        }
        await Page.SetViewportSizeAsync(1400, 900);
        return wide.ToImmutable();
    }

    /// <summary>Confirms whatever a person is asked for, and goes on behind the hold, as a person does, until the run is done.</summary>
    public async Task UntilDone()
    {
        var confirm = Page.GetByRole(AriaRole.Button, new() { NameRegex = AnswerName() });
        var done = Page.Locator("[role=status].good");
        while (true)
        {
            await Assertions.Expect(confirm.Or(done).First).ToBeVisibleAsync();
            if (await done.CountAsync() > 0)
                return;
            try
            {
                await confirm.First.ClickAsync(new() { Timeout = 5_000 });
            }
            catch (TimeoutException)
            {
                // It was answered meanwhile, or another one came before it.
            }
        }
    }

    [GeneratedRegex("^(Done|Go on)$")]
    private static partial Regex AnswerName();

    /// <summary>What a person sees of something that waits for them.</summary>
    public ILocator Waits(string step, string heading = "Waits for you") =>
        Page.GetByRole(AriaRole.Region, new() { Name = heading }).Filter(new() { Has = Page.GetByText(step, new() { Exact = true }) });

    /// <summary>Looks at the plan, approves and starts it.</summary>
    public async Task Start(string goal)
    {
        await Go("plan");
        await Page.GetByLabel("Goal").SelectOptionAsync(goal);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Derive the plan" }).ClickAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Approve and start" }).ClickAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Yes, start it" }).ClickAsync();
        await Page.WaitForURLAsync($"**#/run/{goal}-*");
    }

    /// <summary>The id in the address of the run that is shown.</summary>
    public string Run => Page.Url.Split('/')[^1];

    public void Cut() => line.Cut();

    /// <summary>As a cable that is pulled, or a VPN that goes away: nothing comes through any more, and nobody says so.</summary>
    public void Swallow() => line.Swallow();

    public void Mend() => line.Mend();

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
        line.Dispose();
    }

    /// <summary>Passes bytes on until it is cut, or swallows them.</summary>
    private sealed class Line : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly Lock gate = new();
        private readonly List<TcpClient> open = [];
        private readonly int to;
        private bool isCut;
        private bool swallows;

        /// <summary>Of every connection that was open when it began to swallow: none of them passes anything on again.</summary>
        private CancellationTokenSource dead = new();

        public Line(int to)
        {
            this.to = to;
            listener.Start();
            _ = Accept();
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public void Cut()
        {
            lock (gate)
            {
                isCut = true;
                foreach (var client in open)
                    client.Dispose();
                open.Clear();
            }
        }

        public void Swallow()
        {
            lock (gate)
            {
                swallows = true;
                dead.Cancel();
                dead = new();
            }
        }

        public void Mend()
        {
            lock (gate)
                isCut = swallows = false;
        }

        private async Task Accept()
        {
            try
            {
                while (true)
                {
                    var near = await listener.AcceptTcpClientAsync();
                    var far = new TcpClient();
                    CancellationToken swallowed;
                    lock (gate)
                    {
                        if (isCut)
                        {
                            near.Dispose();
                            continue;
                        }
                        open.AddRange([near, far]);
                        if (swallows)
                            continue;
                        swallowed = dead.Token;
                    }
                    await far.ConnectAsync(IPAddress.Loopback, to);
                    _ = Copy(near, far, swallowed);
                    _ = Copy(far, near, swallowed);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It ends.
            }
        }

        private static async Task Copy(TcpClient from, TcpClient into, CancellationToken swallowed)
        {
            try
            {
                await from.GetStream().CopyToAsync(into.GetStream(), swallowed);
                into.Close();
            }
            catch (OperationCanceledException)
            {
                // Both ends stay open, and neither hears anything.
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // It was cut.
            }
        }

        public void Dispose()
        {
            Cut();
            listener.Dispose();
        }
    }
}
