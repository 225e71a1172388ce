namespace Changeover.Lab;

/// <summary>
/// Nineteen systems on one kernel need more inotify instances than its usual 128 a user; without them a container's systemd waits for
/// ever in the middle of its start. Raised while a lab is up, put back when it ends.
/// </summary>
public static class KernelLimits
{
    private const string Limit = "/proc/sys/fs/inotify/max_user_instances";
    private const int Needed = 1024;

    private static string Before => $"{LabPaths.State}/inotify-instances-before";

    public static void Raise()
    {
        var now = File.ReadAllText(Limit).Trim();
        if (int.Parse(now) >= Needed) return;
        File.WriteAllText(Before, now);
        File.WriteAllText(Limit, $"{Needed}");
    }

    public static void PutBack()
    {
        if (File.Exists(Before)) File.WriteAllText(Limit, File.ReadAllText(Before));
    }
}
