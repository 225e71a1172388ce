using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Changeover.Control;

namespace Changeover.Tests.Control;

public sealed class ControlServerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("control-").FullName;
    private string Socket => Path.Combine(folder, "test.sock");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static Ct Ct => TestContext.Current.CancellationToken;

    private async Task<List<string>> Ask(string request)
    {
        using var client = await ControlClient.Connect(Socket, Ct);
        Assert.NotNull(client);
        var lines = new List<string>();
        await foreach (var line in client.Ask(request, Ct))
            lines.Add(line);
        return lines;
    }

    private static async IAsyncEnumerable<string> Echo(ControlRequest request, [EnumeratorCancellation] Ct ct)
    {
        await Task.Yield();
        yield return $"{request.Verb}|{request.Text("step")}|{request.Number("since")}|{request.Who}";
    }

    [Fact]
    public async Task A_request_is_answered_with_who_asked_by_the_kernels_word()
    {
        await using var server = await ControlServer.Start(Socket, Echo);

        Assert.Equal([$"decide|store.move|0|{Environment.UserName}"], await Ask("""{"verb":"decide","step":"store.move"}"""));
        Assert.Equal([$"watch||7|Anna (as {Environment.UserName})"], await Ask("""{"verb":"watch","since":7,"who":"Anna"}"""));
    }

    [Fact]
    public async Task What_stands_there_and_is_no_dead_socket_stays()
    {
        await File.WriteAllTextAsync(Socket, "keep me", Ct);
        Assert.Contains("is no socket; it stays", (await Assert.ThrowsAsync<IOException>(() => ControlServer.Start(Socket, Echo))).Message, StringComparison.Ordinal);
        Assert.Equal("keep me", await File.ReadAllTextAsync(Socket, Ct));
        File.Delete(Socket);
        Directory.CreateDirectory(Socket);
        Assert.Contains("is a folder", (await Assert.ThrowsAsync<IOException>(() => ControlServer.Start(Socket, Echo))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("\"text\"")]
    [InlineData("{\"verb\":1}")]
    [InlineData("{\"verb\":\"\"}")]
    public async Task What_is_no_request_is_told_so_and_the_server_goes_on(string line)
    {
        await using var server = await ControlServer.Start(Socket, Echo);

        Assert.StartsWith("""{"error":""", Assert.Single(await Ask(line)), StringComparison.Ordinal);
        Assert.Single(await Ask("""{"verb":"status"}"""));
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_not_taken()
    {
        await using var server = await ControlServer.Start(Socket, Echo);

        Assert.StartsWith("""{"error":""", Assert.Single(await Ask(new string('x', 70_000))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_throws_tells_the_client_and_the_server_goes_on()
    {
        await using var server = await ControlServer.Start(Socket, (r, _) => r.Verb == "bad" ? throw new InvalidDataException("no step \"x\"") : Echo(r, Ct));

        using var error = JsonDocument.Parse(Assert.Single(await Ask("""{"verb":"bad"}""")));
        Assert.Equal("no step \"x\"", error.RootElement.GetProperty("error").GetString());
        Assert.Single(await Ask("""{"verb":"status"}"""));
    }

    [Fact]
    public async Task A_watcher_gets_each_line_as_it_comes_and_its_going_away_is_noticed()
    {
        var step = new SemaphoreSlim(0);
        var ended = new TaskCompletionSource();
        async IAsyncEnumerable<string> Watch(ControlRequest request, [EnumeratorCancellation] Ct ct)
        {
            try
            {
                for (var i = 1; ; i++)
                {
                    await step.WaitAsync(ct);
                    yield return $"{i}";
                }
            }
            finally
            {
                ended.SetResult();
            }
        }
        await using var server = await ControlServer.Start(Socket, Watch);
        var client = (await ControlClient.Connect(Socket, Ct))!;
        await using (var lines = client.Ask("""{"verb":"watch","since":0}""", Ct).GetAsyncEnumerator(Ct))
        {
            foreach (var expected in new[] { "1", "2" })
            {
                step.Release();
                Assert.True(await lines.MoveNextAsync());
                Assert.Equal(expected, lines.Current);
            }
        }

        client.Dispose();

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(10), Ct);
    }

    /// <summary>A person's abort ends the run, and with it the server that has to tell them so.</summary>
    [Fact]
    public async Task What_is_being_answered_when_the_server_ends_still_gets_its_answer()
    {
        var (heard, ends) = (new TaskCompletionSource(), new TaskCompletionSource());
        async IAsyncEnumerable<string> Answer(ControlRequest request, [EnumeratorCancellation] Ct ct)
        {
            heard.SetResult();
            await ends.Task.WaitAsync(ct);
            yield return "recorded";
        }
        var server = await ControlServer.Start(Socket, Answer);
        var asked = Ask("""{"verb":"decide"}""");
        await heard.Task.WaitAsync(Ct);

        var ending = server.DisposeAsync().AsTask();
        // One that waits for nobody has ended by then, and cut off who was being answered.
        await Task.WhenAny(ending, Task.Delay(100, Ct));
        ends.SetResult();

        Assert.Equal(["recorded"], await asked);
        await ending;
    }

    [Fact]
    public async Task The_socket_is_for_its_user_alone_and_goes_with_the_server()
    {
        await using (await ControlServer.Start(Socket, Echo))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Socket));

        Assert.False(File.Exists(Socket));
        Assert.Null(await ControlClient.Connect(Socket, Ct));
    }

    [Fact]
    public async Task Another_user_is_not_heard()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv") && File.Exists("/usr/bin/python3"),
            "only root can ask as another user");
        await using var server = await ControlServer.Start(Socket, Echo);
        // It is refused before it says anything; were it to speak first, the closed connection could cut it off. Even with open doors.
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        File.SetUnixFileMode(Socket, (UnixFileMode)0b110_110_110);

        using var other = Process.Start(new ProcessStartInfo("setpriv", ["--reuid=65534", "--clear-groups", "/usr/bin/python3", "-c",
            $"import socket; s=socket.socket(socket.AF_UNIX); s.connect('{Socket}'); print(s.recv(1000).decode())"])
        {
            RedirectStandardOutput = true,
        })!;

        Assert.Contains("may not talk", await other.StandardOutput.ReadToEndAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_socket_of_a_dead_runner_is_replaced_and_that_of_a_living_one_is_not()
    {
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, "dead")));
            // A killed process leaves the file: this one's is kept under another name before .NET clears it away.
            File.CreateSymbolicLink(Path.Combine(folder, "keep"), "dead");
            File.Move(Path.Combine(folder, "dead"), Socket);
        }
        Assert.True(File.Exists(Socket));
        Assert.Null(await ControlClient.Connect(Socket, Ct));

        await using var server = await ControlServer.Start(Socket, Echo);

        Assert.Single(await Ask("""{"verb":"status"}"""));
        await Assert.ThrowsAsync<IOException>(() => ControlServer.Start(Socket, Echo));
        Assert.Single(await Ask("""{"verb":"status"}"""));
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_is_told_with_the_way_out() =>
        Assert.Contains("--journal", (await Assert.ThrowsAsync<IOException>(
            () => ControlServer.Start(Path.Combine(folder, new string('x', 100) + ".sock"), Echo))).Message, StringComparison.Ordinal);
}
