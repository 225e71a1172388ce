using System.Diagnostics;

namespace Changeover.Tests.Journal;

/// <summary>A file system of its own in memory, which can be filled and made read-only. Needs the right to mount.</summary>
internal sealed class SmallDisk(string folder) : IDisposable
{
    public string Folder => folder;

    public static SmallDisk Mount(string parent, string options)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parent, "disk")).FullName;
        Assert.SkipUnless(Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder) == 0,
            "only root can mount the small disk that this test fills");
        return new(folder);
    }

    public void Resize(string size) => Assert.Equal(0, Run("mount", "-o", $"remount,size={size}", folder));

    public void ReadOnly() => Assert.Equal(0, Run("mount", "-o", "remount,ro", folder));

    public void Dispose() => Run("umount", "-l", folder);

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
