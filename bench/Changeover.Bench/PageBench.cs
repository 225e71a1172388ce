using System.Globalization;
using System.Text;
using Microsoft.Playwright;

namespace Changeover.Bench;

/// <summary>
/// What the page costs, by the clock on the wall and the server's processor time: single readings with the load that the machine had when they
/// began, and no verdict but the figures.
/// </summary>
internal static partial class PageBench
{
    private const string Chromium = "/usr/bin/chromium";

    public static async Task Run(string example, IReadOnlyList<string> parts)
    {
        foreach (var part in parts.Count > 0 ? parts : ["view", "events", "watchers", "thousand"])
        {
            Console.WriteLine($"{part}: load average {Load()} at start, {Environment.ProcessorCount} processors");
            await (part switch
            {
                "view" => View(example),
                "events" => Events(example),
                "watchers" => Watchers(example),
                "thousand" => Thousand(example),
                _ => throw new ArgumentException($"{part}: there are view, events, watchers, thousand"),
            });
        }
    }

    private static string Load() => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);

    /// <summary>A browser that has never been here: what is sent until the cluster is drawn, and when that is. Ten times.</summary>
    private static async Task View(string example)
    {
        await using var served = await ServedProcess.Start(example);
        await using var browser = await OpenedBrowser.Open(served);
        var (sign, drawn, bytes, files) = (new List<double>(), new List<double>(), 0.0, "");
        for (var i = 0; i < 10; i++)
        {
            await using (var stranger = await browser.Page(signedIn: false))
                sign.Add(await stranger.When("#name", $"{served.Address}"));
            await using var known = await browser.Page();
            drawn.Add(await known.When("button.machine", $"{served.Address}"));
            bytes = await known.Tab.EvaluateAsync<double>("performance.getEntries().filter(e => 'transferSize' in e).reduce((sum, e) => sum + e.transferSize, 0)");
            files = await known.Tab.EvaluateAsync<string>("performance.getEntries().filter(e => 'transferSize' in e).map(e => `${new URL(e.name).pathname} ${e.transferSize} bytes, asked for at ${Math.round(e.startTime)}, there at ${Math.round(e.responseEnd)} ms`).join('; ')");
        }
        Print("sign-in can be filled in", sign);
        Print("cluster drawn and can be used", drawn);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  sent until then: {bytes / 1000:0} kB with headers ({files})"));
    }

    /// <summary>A cluster of a thousand machines: until it is drawn, and how long a frame takes while somebody scrolls through it.</summary>
    private static async Task Thousand(string example)
    {
        var inventory = Path.Combine(Path.GetTempPath(), $"changeover-thousand-{Environment.ProcessId}.yaml");
        await File.WriteAllTextAsync(inventory, ThousandMachines(await File.ReadAllTextAsync(example)));
        try
        {
            await using var served = await ServedProcess.Start(inventory, speed: 100);
            using var client = served.Client();
            var answer = await client.GetByteArrayAsync("/api/cluster");
            await using var browser = await OpenedBrowser.Open(served);
            var drawn = new List<double>();
            for (var i = 0; i < 5; i++)
            {
                await using var page = await browser.Page();
                drawn.Add(await page.When("button.machine", $"{served.Address}"));
                if (i < 4)
                    continue;
                var machines = await page.Tab.Locator("button.machine").CountAsync();
                var height = await page.Tab.EvaluateAsync<double>("document.documentElement.scrollHeight");
                var frames = await page.Tab.EvaluateAsync<double[]>(Scroll);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"  {machines} machines, the picture {answer.Length / 1000} kB, the page {height:0} px high"));
                Console.WriteLine("  " + await page.Tab.EvaluateAsync<string>("performance.getEntriesByType('resource').map(e => `${new URL(e.name).pathname} asked for at ${Math.round(e.startTime)}, there at ${Math.round(e.responseEnd)} ms`).join('; ')"));
                Print($"a frame while scrolling through it ({frames.Length} frames)", frames);
            }
            Print("cluster drawn and can be used", drawn);
        }
        finally
        {
            File.Delete(inventory);
        }
    }

    /// <summary>From top to bottom in two hundred steps, each with its frame: how long from one to the next.</summary>
    private const string Scroll = """
        () => new Promise(done => {
          const frames = [], steps = 200, height = document.documentElement.scrollHeight - innerHeight
          let last = performance.now()
          const go = at => {
            frames.push(at - last)
            last = at
            scrollTo(0, height * frames.length / steps)
            frames.length < steps ? requestAnimationFrame(go) : done(frames.slice(1))
          }
          requestAnimationFrame(go)
        })
        """;

    /// <summary>The example, with as many more of one role on both hosts as make a thousand.</summary>
    private static string ThousandMachines(string example)
    {
        const string Before = "  acd-chat1:";
        var more = new StringBuilder();
        for (var i = 7; i <= 986; i++)
            more.Append(CultureInfo.InvariantCulture, $"  acd-jb{i}: {{ host: vm-host-{i % 2 + 1}, address: 10.21.{i / 250}.{i % 250 + 1}, role: jb }}\n");
        return example.Replace(Before, more + Before, StringComparison.Ordinal);
    }

    private static void Print(string what, IReadOnlyCollection<double> milliseconds)
    {
        double[] sorted = [.. milliseconds.Order()];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {what}: n={sorted.Length} median {sorted[sorted.Length / 2]:0} ms, p99 {sorted[Math.Min(sorted.Length - 1, sorted.Length * 99 / 100)]:0} ms, longest {sorted[^1]:0} ms"));
    }

    /// <summary>A browser in which somebody is signed in, for as many first visits as are wanted.</summary>
    private sealed class OpenedBrowser(IPlaywright playwright, IBrowser browser, string session) : IAsyncDisposable
    {
        public static async Task<OpenedBrowser> Open(ServedProcess served)
        {
            var playwright = await Playwright.CreateAsync();
            var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox"] });
            await using var context = await browser.NewContextAsync(new() { IgnoreHTTPSErrors = true });
            var page = await context.NewPageAsync();
            await page.GotoAsync($"{served.Address}");
            await page.FillAsync("#name", ServedProcess.Name);
            await page.FillAsync("#password", ServedProcess.Password);
            await page.ClickAsync("form button");
            await page.WaitForSelectorAsync("nav");
            return new(playwright, browser, await context.StorageStateAsync());
        }

        /// <summary>With nothing kept of earlier visits but who is signed in.</summary>
        public async Task<OpenedPage> Page(bool signedIn = true)
        {
            var context = await browser.NewContextAsync(new() { IgnoreHTTPSErrors = true, StorageState = signedIn ? session : null, ViewportSize = new() { Width = 1400, Height = 900 } });
            context.SetDefaultTimeout(120_000);
            return new(context, await context.NewPageAsync());
        }

        public async ValueTask DisposeAsync()
        {
            await browser.DisposeAsync();
            playwright.Dispose();
        }
    }

    private sealed class OpenedPage(IBrowserContext context, IPage tab) : IAsyncDisposable
    {
        public IPage Tab { get; } = tab;

        /// <summary>Milliseconds from the beginning of the visit until this is there and the page has drawn it and waits for somebody.</summary>
        public async Task<double> When(string selector, string address)
        {
            await Tab.AddInitScriptAsync($$"""
                new MutationObserver((_, own) => {
                  if (!document.querySelector('{{selector}}')) return
                  own.disconnect()
                  requestAnimationFrame(() => setTimeout(() => (window.drawnAt = performance.now())))
                }).observe(document, { childList: true, subtree: true })
                """);
            await Tab.GotoAsync(address);
            return await Until("window.drawnAt ?? 0", at => at > 0);
        }

        /// <summary>Asked now and then, not longer than two minutes.</summary>
        public async Task<double> Until(string expression, Func<double, bool> isSo)
        {
            for (var tries = 0; tries < 2400; tries++)
            {
                if (await Tab.EvaluateAsync<double>(expression) is var value && isSo(value))
                    return value;
                await Task.Delay(50);
            }
            throw new InvalidOperationException($"{expression} did not become what was waited for within two minutes");
        }

        public ValueTask DisposeAsync() => context.DisposeAsync();
    }
}
