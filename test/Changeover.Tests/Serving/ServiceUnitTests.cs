using System.Diagnostics;
using Changeover.Tests.Tidy;

namespace Changeover.Tests.Serving;

/// <summary>The unit that docs/serve.md installs.</summary>
public sealed class ServiceUnitTests : IDisposable
{
    private const string Analyze = "/usr/bin/systemd-analyze";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("changeover-unit-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Systemd_has_nothing_to_say_against_the_unit()
    {
        var unit = Unit();
        Assert.Contains("ExecStart=/usr/bin/changeover serve ", unit, StringComparison.Ordinal);

        Assert.Equal((0, ""), Verify(unit));
        // What is looked for would be seen.
        Assert.NotEqual((0, ""), Verify(unit.Replace("KillMode=mixed", "KilMode=mixed", StringComparison.Ordinal)));
    }

    private static string Unit() => File.ReadAllText(Path.Combine(Checkout.Root, "packaging/changeover.service"));

    /// <summary>What it says about this unit, and not about others of the machine; in place of the program, which is not installed here, another that is.</summary>
    private (int Code, string Said) Verify(string unit)
    {
        Assert.SkipUnless(File.Exists(Analyze), $"there is no {Analyze}");
        var file = Path.Combine(folder.FullName, "changeover.service");
        File.WriteAllText(file, unit.Replace("/usr/bin/changeover ", "/bin/true ", StringComparison.Ordinal));
        using var process = Process.Start(new ProcessStartInfo(Analyze, ["verify", "--man=no", "--recursive-errors=no", file]) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, string.Join('\n', said.Split('\n').Where(l => l.Contains("changeover", StringComparison.Ordinal))));
    }
}
