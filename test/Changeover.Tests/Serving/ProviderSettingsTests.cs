using System.Text.RegularExpressions;
using Changeover.Findings;
using Changeover.Running;
using Changeover.Serving;
using Changeover.Tests.Tidy;

namespace Changeover.Tests.Serving;

/// <summary>The file that says which provider signs people in.</summary>
public sealed partial class ProviderSettingsTests
{
    private const string Good = """
        issuer: https://login.example.org/realms/office
        client: changeover
        secret: file:client-secret
        page: https://changeover.example.org:8443
        rights: { operators: run }
        """;

    private static string[] Wrong(string text)
    {
        Assert.Null(ProviderSettings.Parse("sign-in.yaml", text, out var findings));
        Assert.All(findings, f => Assert.NotEqual(f.Finding.Message, f.Finding.In(Language.German)));
        return [.. findings.Select(f => f.ToString())];
    }

    [Fact]
    public void What_is_not_said_has_its_default()
    {
        var settings = ProviderSettings.Parse("/etc/changeover/sign-in.yaml", Good, out var findings)!;

        Assert.Empty(findings);
        Assert.Equal(
            ("login.example.org", "https://changeover.example.org:8443/", "preferred_username", "groups", "", "/etc/changeover"),
            (settings.Title, settings.Page.AbsoluteUri, settings.Name, settings.RightsFrom, settings.CertificateAuthority, settings.Folder));
        Assert.Equal(["openid", "profile"], settings.Scopes);
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once_with_its_place()
    {
        var wrong = Wrong("""
            issuer: http://login.example.org
            client: ''
            secret: hunter2-in-the-file
            page: https://changeover.example.org:8443/somewhere
            rights: { operators: admin, noc: view }
            scope: [openid]
            scopes: openid
            certificateAuthority: nowhere.pem
            """);

        Assert.Collection(
            wrong,
            f => Assert.StartsWith("sign-in.yaml:1:9: issuer is 'http://login.example.org'; expected the provider's issuer", f, StringComparison.Ordinal),
            f => Assert.StartsWith("sign-in.yaml:2:9: client is empty; expected", f, StringComparison.Ordinal),
            f => Assert.StartsWith("sign-in.yaml:3:9: secret is no reference", f, StringComparison.Ordinal),
            f => Assert.StartsWith("sign-in.yaml:4:7: page is 'https://changeover.example.org:8443/somewhere'; expected the address under which browsers have this page", f, StringComparison.Ordinal),
            f => Assert.StartsWith("sign-in.yaml:5:22: rights.operators is 'admin'; expected one of: view, plan, approve, run", f, StringComparison.Ordinal),
            f => Assert.StartsWith("sign-in.yaml:6:1: scope is not a key here (nearest: scopes)", f, StringComparison.Ordinal),
            f => Assert.StartsWith("sign-in.yaml:7:9: scopes is one value; expected a list", f, StringComparison.Ordinal),
            f => Assert.StartsWith("sign-in.yaml:8:23: certificateAuthority is 'nowhere.pem'; expected a file with certificates", f, StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", string.Join(' ', wrong), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing yet\n")]
    [InlineData("{}")]
    public void Of_an_empty_file_every_key_that_is_needed_is_named(string text) =>
        Assert.Equal(
            ["issuer", "client", "secret", "page", "rights"],
            Wrong(text).Select(f => f.Replace("sign-in.yaml:1:1: ", "", StringComparison.Ordinal).Split(" is missing")[0]));

    [Theory]
    [InlineData("rights: {}", "rights is empty")]
    [InlineData("rights: operators", "rights is one value")]
    [InlineData("rights: { operators: None }", "rights.operators is 'None'")]
    [InlineData("rights: { operators: run, operators: view }", "rights.operators is given twice")]
    public void Rights_are_a_map_of_what_is_known(string rights, string says) =>
        Assert.Contains(Wrong(Good.Replace("rights: { operators: run }", rights, StringComparison.Ordinal)), f => f.Contains(says, StringComparison.Ordinal));

    /// <summary>Every place at which the file can be cut short.</summary>
    [Fact]
    public void A_file_that_is_cut_short_is_never_an_exception()
    {
        for (var i = 0; i < Good.Length - 1; i++)
        {
            var settings = ProviderSettings.Parse("sign-in.yaml", Good[..i], out var findings);
            Assert.True(settings is null == findings.Any(), Good[..i]);
        }
    }

    [Fact]
    public async Task The_server_does_not_start_with_settings_that_are_wrong()
    {
        var folder = Directory.CreateTempSubdirectory("sign-in-").FullName;
        try
        {
            var file = Path.Combine(folder, "sign-in.yaml");
            var site = new SiteOptions { Inventory = Path.Combine(Checkout.Root, "examples/two-hosts/cluster.yaml"), Journal = Path.Combine(folder, "cluster.journal"), Simulated = true };
            var options = new ServeOptions(site, site.Journal, new(System.Net.IPAddress.Loopback, 0), SignIn: file);

            var missing = await Assert.ThrowsAsync<CommandEnds>(() => Server.Start(options, TimeProvider.System));
            await File.WriteAllTextAsync(file, "client: x", Served.Now);
            var wrong = await Assert.ThrowsAsync<CommandEnds>(() => Server.Start(options, TimeProvider.System));

            Assert.Contains("--sign-in names the file", missing.Message, StringComparison.Ordinal);
            Assert.Equal((ExitCodes.Usage, 4), (wrong.ExitCode, wrong.Message.Split('\n').Length));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_documentation_names_every_key_and_its_example_is_right()
    {
        var page = File.ReadAllText(Path.Combine(Checkout.Root, "docs/serve.md"));
        Assert.All(ProviderSettings.Keys, key => Assert.Contains($"| `{key}` |", page, StringComparison.Ordinal));

        var example = Example().Match(page).Groups[1].Value.Replace("certificateAuthority:", "# certificateAuthority:", StringComparison.Ordinal);
        Assert.NotNull(ProviderSettings.Parse("sign-in.yaml", Regex.Replace(example, "^    ", "", RegexOptions.Multiline), out var findings));
        Assert.Empty(findings);
    }

    [GeneratedRegex(@"\n((?:    .*\n)*    issuer: .*\n(?:    .*\n)*)")]
    private static partial Regex Example();
}
