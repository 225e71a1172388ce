namespace Changeover.Lab.Machines;

/// <summary>
/// A control group for every container. Without one all of them would share the group of whoever started them: one folder
/// "wildfly.service" for six machines, whose systemds then stumble over each other's processes.
/// </summary>
public static partial class ControlGroups
{
    private const string Mount = "/sys/fs/cgroup";
    private const string Name = "changeover-lab";

    /// <summary>The hierarchies systemd keeps its units in: the one of cgroup v2, or on older set-ups its own beside an empty v2.</summary>
    private static IEnumerable<string> Hierarchies =>
        File.Exists($"{Mount}/cgroup.controllers") ? [Mount] : ((string[])[$"{Mount}/systemd", $"{Mount}/unified"]).Where(Directory.Exists);

    public static IEnumerable<string> Of(Machine m) => Hierarchies.Select(h => $"{h}/{Name}/{m.Name}");

    public static void Create(Machine m)
    {
        foreach (var folder in Of(m)) Directory.CreateDirectory(folder);
    }

    /// <summary>Removes the groups of all machines; they are empty of processes by then.</summary>
    public static void Remove()
    {
        foreach (var root in Hierarchies.Select(h => $"{h}/{Name}").Where(Directory.Exists))
            foreach (var folder in Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories).OrderByDescending(d => d.Length).Append(root))
                RemoveOne(folder);
    }

    /// <summary>A group vanishes with rmdir although it "contains" files; a process that is just ending may hold it for a moment.</summary>
    private static void RemoveOne(string folder)
    {
        for (var round = 0; rmdir(folder) != 0 && Directory.Exists(folder) && round < 100; round++) Thread.Sleep(20);
    }

    [System.Runtime.InteropServices.LibraryImport("libc", SetLastError = true, StringMarshalling = System.Runtime.InteropServices.StringMarshalling.Utf8)]
    private static partial int rmdir(string path);
}
