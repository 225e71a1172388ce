using Changeover.Serving;
using Changeover.Tests.Serving;
using Microsoft.Playwright;

namespace Changeover.Tests.Page;

/// <summary>Sign-in by an OpenID Connect provider in a real browser, with the provider on another site than the page.</summary>
public sealed class ByProviderTests
{
    private static ILocator Button(Browser browser, string name) => browser.Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>The browser has the page by way of its own line, and comes back by it.</summary>
    private static async Task<Browser> Open(Served served, OwnProvider provider, string language = "en-GB")
    {
        var browser = await Browser.Open(served, language);
        served.Use(provider, page: new Uri(browser.Page.Url).GetLeftPart(UriPartial.Authority));
        // The page asked at its start who signs people in here, and that may have been before.
        await browser.Page.ReloadAsync();
        return browser;
    }

    [Fact]
    public async Task Who_goes_on_at_the_provider_is_signed_in_where_they_wanted_to_be_and_signs_out_of_both()
    {
        await using var provider = await OwnProvider.Start();
        await using var served = await Served.Start(provider: provider);
        await using var browser = await Open(served, provider);
        var page = browser.Page;
        await browser.Go("health");
        await Assertions.Expect(Button(browser, "Sign in")).ToBeVisibleAsync();
        await browser.Picture("sign-in-provider");
        await Button(browser, "Sign in with Office login").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Continue as bert" }).ClickAsync();

        await Assertions.Expect(page.GetByText("bert@office.example")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Healthy: every function is as expected")).ToBeVisibleAsync();
        await browser.Picture("signed-in-by-provider");
        Assert.Equal(provider.Redirect + "#/health", page.Url);
        var cookies = await page.Context.CookiesAsync();
        Assert.Equal([Gatekeeper.Cookie], cookies.Where(c => c.Domain == "127.0.0.1").Select(c => c.Name));
        Assert.Equal("[0,0]", await page.EvaluateAsync<string>("JSON.stringify([sessionStorage.length, localStorage.length])"));

        // As after a reload, nobody has to sign in again.
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByText("bert@office.example")).ToBeVisibleAsync();
        await Button(browser, "Sign out").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Signed out of the office" })).ToBeVisibleAsync();
        await page.GotoAsync(provider.Redirect);
        await Assertions.Expect(Button(browser, "Sign in with Office login")).ToBeVisibleAsync();
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task A_person_signs_in_at_a_real_provider_signs_out_of_both_and_says_no()
    {
        await using var served = await Served.Start(signIn: true);
        await using var browser = await Browser.Open(served);
        var page = browser.Page;
        // Its pages want a font from somewhere else.
        await page.Context.RouteAsync(url => !new Uri(url).IsLoopback, route => route.AbortAsync());
        var home = new Uri(page.Url).GetLeftPart(UriPartial.Authority);
        await using var provider = await RealProvider.Start(home);
        served.Use(provider);
        await page.ReloadAsync();

        await Button(browser, "Sign in with Office login").ClickAsync();
        await page.FillAsync("[name=login]", "bert");
        await page.FillAsync("[name=password]", "any");
        await Button(browser, "Sign-in").ClickAsync();
        await Button(browser, "Continue").ClickAsync();
        await Assertions.Expect(page.GetByText("bert@office.example")).ToBeVisibleAsync();

        await Button(browser, "Sign out").ClickAsync();
        await Button(browser, "Yes, sign me out").ClickAsync();
        await Button(browser, "Sign in with Office login").ClickAsync();
        // There too they are somebody who has to sign in first.
        await Assertions.Expect(page.Locator("[name=login]")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "[ Cancel ]" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("the sign-in was denied at the provider (access_denied). Nobody was signed in.");
        Assert.Equal(home + "/", page.Url);
        Assert.Empty(browser.Complaints);
    }

    [Theory]
    [InlineData("en-GB", "Sign in with Office login", "the sign-in was denied at the provider (access_denied). Nobody was signed in.", "nothing in groups has a right here", "cannot be reached", "")]
    [InlineData("de-DE", "Anmelden mit Office login", "die Anmeldung wurde beim Anmeldedienst verweigert (access_denied). Niemand wurde angemeldet.", "nichts in groups hat hier ein Recht", "ist nicht erreichbar", "-de")]
    public async Task Who_is_refused_reads_why_and_can_still_use_a_local_account(string language, string button, string denied, string noRight, string notReached, string suffix)
    {
        await using var provider = await OwnProvider.Start();
        await using var served = await Served.Start(provider: provider);
        served.Account("anna", Right.Run);
        await using var browser = await Open(served, provider, language);
        var page = browser.Page;
        var problem = page.GetByRole(AriaRole.Alert);
        await Button(browser, button).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "No", Exact = true }).ClickAsync();

        await Assertions.Expect(problem).ToHaveTextAsync(denied);
        await browser.Picture($"sign-in-denied{suffix}");
        // What came back is not in the address any more: going back and looking again asks nobody anything.
        Assert.Equal(provider.Redirect, page.Url);

        provider.Claims = claims => claims["groups"] = "sales";
        await Button(browser, button).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Continue as bert" }).ClickAsync();
        await Assertions.Expect(problem).ToContainTextAsync(noRight);

        provider.Stop();
        served.Use(provider, page: provider.Redirect.TrimEnd('/'), more: "name: email");
        await Button(browser, button).ClickAsync();
        await Assertions.Expect(problem).ToContainTextAsync(notReached);
        await browser.Picture($"sign-in-unreachable{suffix}");

        await page.FillAsync("#name", "anna");
        await page.FillAsync("#password", Served.Password);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("anna")).ToBeVisibleAsync();
        Assert.Empty(browser.Complaints);
    }
}
