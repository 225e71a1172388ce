using Changeover.Transport;

namespace Changeover.Tests.Transport;

public sealed class SecretsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("secrets-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task<(string? Value, string Why)> Resolve(string reference)
    {
        var (secret, why) = await new Secrets(folder).Resolve(reference, TestContext.Current.CancellationToken);
        return (secret?.Reveal(), why);
    }

    private string Write(string name, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, mode);
        return path;
    }

    [Fact]
    public async Task A_variable_a_file_and_a_command_are_read()
    {
        Environment.SetEnvironmentVariable("CHANGEOVER_TEST_SECRET", "from-env");
        var path = Write("token", "from-file\n");

        Assert.Equal("from-env", (await Resolve("env:CHANGEOVER_TEST_SECRET")).Value);
        Assert.Equal("from-file", (await Resolve($"file:{path}")).Value);
        Assert.Equal("from-file", (await Resolve("file:token")).Value);
        Assert.Equal("first", (await Resolve("command:echo first; echo second")).Value);
        Assert.Equal("from-file", (await Resolve("command:cat token")).Value);
    }

    [Theory]
    [InlineData("env:CHANGEOVER_NOT_SET")]
    [InlineData("file:no-such-file")]
    [InlineData("command:exit 3")]
    [InlineData("command:true")]
    [InlineData("command:printf 'two\\tparts'")]
    public async Task What_is_missing_is_told_by_its_reference(string reference)
    {
        var (value, why) = await Resolve(reference);

        Assert.Null(value);
        Assert.Contains(reference.Split(':')[1].Split('/')[^1], why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_others_can_read_is_refused()
    {
        Write("open", "geheim", UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Write("group", "geheim", UnixFileMode.UserRead | UnixFileMode.GroupRead);

        var (value, why) = await Resolve("file:open");

        Assert.Null(value);
        Assert.Contains("chmod 600", why, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", why, StringComparison.Ordinal);
        // root:changeover 0640 is how a secret is given to a daemon.
        Assert.Equal("geheim", (await Resolve("file:group")).Value);
    }

    [Fact]
    public async Task A_secret_written_where_its_reference_belongs_is_not_repeated()
    {
        Assert.DoesNotContain("geheim", (await Resolve("geheim")).Why, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", (await Resolve("token:geheim")).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_failing_command_says_is_not_repeated()
    {
        var (_, why) = await Resolve("command:cat token >&2; cat token; exit 1");
        Write("token", "geheim");

        Assert.DoesNotContain("geheim", why, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", (await Resolve("command:cat token >&2; cat token; exit 1")).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_does_not_show_itself()
    {
        var secret = new Secret("geheim");

        Assert.DoesNotContain("geheim", $"{secret}", StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", System.Text.Json.JsonSerializer.Serialize(secret), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_is_read_once()
    {
        var secrets = new Secrets(folder);
        Write("token", "one");
        var ct = TestContext.Current.CancellationToken;
        Assert.Equal("one", (await secrets.Resolve("file:token", ct)).Secret!.Reveal());
        Write("token", "two");

        Assert.Equal("one", (await secrets.Resolve("file:token", ct)).Secret!.Reveal());
    }

    [Fact]
    public async Task A_command_that_waits_for_somebody_ends_with_the_budget()
    {
        using var budget = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        var (secret, why) = await new Secrets(folder).Resolve("command:sleep 60", budget.Token);

        Assert.Null(secret);
        Assert.Contains("in time", why, StringComparison.Ordinal);
    }
}
