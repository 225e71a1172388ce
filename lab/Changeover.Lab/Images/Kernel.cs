using System.Globalization;
using Changeover.Lab.Machines;

namespace Changeover.Lab.Images;

/// <summary>
/// The User-Mode Linux that the stores run on. Since 6.16 it can hold its processes with seccomp instead of ptrace, and on a machine
/// whose task switches are dear a subshell then takes 7 ms instead of 27; bookworm's own is older.
/// </summary>
/// <param name="TimesAsLong">How many times as long the stores take here as where the lab was designed; see <see cref="UmlSpeed"/>.</param>
public sealed record Kernel(PackageTree Packages, double TimesAsLong)
{
    /// <summary>The release with the fast one first. It still moves, so the other is there for the day it cannot be had.</summary>
    private static readonly string[] Suites = ["forky", PackageTree.Release];

    /// <summary>What the runbook's cluster has; the lab is to show no other.</summary>
    private const string Drbd = "8.4.";

    /// <summary>The package's program, bound to the C library it came with: the machine's may be too old for it.</summary>
    public string Program => $"{Packages.Path}/linux.uml";

    /// <summary>A folder for every version of the kernel, which is one.</summary>
    public string Modules => $"{Packages.Path}/usr/lib/uml/modules";

    /// <summary>The version decides which modules the stores' image needs.</summary>
    public string Version => Path.GetFileName(Directory.EnumerateDirectories(Modules).Single());

    public static async Task<Kernel> Ensure(Progress progress)
    {
        var refused = new List<string>();
        foreach (var suite in Suites)
        {
            var kernel = new Kernel(new PackageTree("kernel", suite, false, ["user-mode-linux", "libc6"]), 1);
            try
            {
                if (!kernel.Packages.Exists) await kernel.Packages.Build(progress);
                if (!File.Exists(kernel.Program)) await kernel.MakeProgram();
                await kernel.CheckDrbd();
                kernel = kernel with { TimesAsLong = await UmlSpeed.TimesAsLong(kernel.Program) };
                progress.Say(string.Create(CultureInfo.InvariantCulture,
                    $"stores: User-Mode Linux {kernel.Version} of {suite}; they take {kernel.TimesAsLong:0.0} times as long as where the lab was designed"));
                return kernel;
            }
            catch (Exception e) when (e is LabException or IOException or InvalidOperationException)
            {
                // Whatever is wrong with one (not to be had, laid out otherwise, another DRBD, does not start here), the other may do.
                refused.Add($"User-Mode Linux of {suite}: {e.Message}");
                progress.Say(refused[^1]);
            }
        }

        throw new LabException(1, $"no User-Mode Linux for the stores:\n{string.Join('\n', refused)}");
    }

    private async Task MakeProgram()
    {
        // Older releases have it outside usr; the link between the two is made when a package is installed.
        var library = ((string[])["usr/lib", "lib"]).Select(d => $"{Packages.Path}/{d}/x86_64-linux-gnu").First(Directory.Exists);
        var unfinished = Program + ".unfinished";
        await Command.Must("patchelf", "--set-interpreter", $"{library}/ld-linux-x86-64.so.2", "--set-rpath", library, "--output", unfinished, $"{Packages.Path}/usr/bin/linux.uml");
        File.Move(unfinished, Program);
    }

    private async Task CheckDrbd()
    {
        var version = (await Command.Must("modinfo", "-F", "version", $"{Modules}/{Version}/kernel/drivers/block/drbd/drbd.ko")).Trim();
        if (!version.StartsWith(Drbd, StringComparison.Ordinal)) throw new LabException(3, $"its DRBD is {version}, expected {Drbd}x");
    }
}
