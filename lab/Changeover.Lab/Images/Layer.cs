namespace Changeover.Lab.Images;

/// <summary>A layer of files being made: the overlay of what lies below it and its own folder, entered with chroot.</summary>
public sealed class Layer
{
    private readonly List<string> _mounts = [];

    private Layer(string root) => Root = root;

    /// <summary>Where the whole tree can be seen while the layer is made.</summary>
    public string Root { get; }

    /// <summary>Makes the layer in <paramref name="folder"/> over <paramref name="below"/> (topmost first).</summary>
    /// <param name="after">Done with the whole tree still visible, but /dev and /proc no longer in it.</param>
    public static async Task Make(string folder, IEnumerable<string> below, Func<Layer, Task> make, Func<Layer, Task>? after = null)
    {
        var root = folder + ".root";
        var work = folder + ".work";
        foreach (var d in (string[])[folder, root, work]) Directory.CreateDirectory(d);
        var layer = new Layer(root);
        try
        {
            await layer.Mount("-t", "overlay", "overlay", "-o", $"lowerdir={string.Join(':', below)},upperdir={folder},workdir={work}", root);
            await layer.Mount("--bind", "/dev", root + "/dev");
            await layer.Mount("-t", "proc", "proc", root + "/proc");
            await make(layer);
            await layer.Unmount(root + "/proc");
            await layer.Unmount(root + "/dev");
            if (after is not null) await after(layer);
        }
        finally
        {
            foreach (var mount in layer._mounts.AsEnumerable().Reverse().ToList()) await layer.Unmount(mount);
            Directory.Delete(root);
            await Command.Must("rm", "-rf", work);
        }
    }

    /// <summary>Copies a folder of lab/tree into the layer. What starts with #! may be executed.</summary>
    public void Copy(string treeFolder)
    {
        var from = Path.Combine(LabPaths.Tree, treeFolder);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            Write(Path.GetRelativePath(from, file), File.ReadAllText(file));
    }

    public void Write(string path, string text)
    {
        var target = Path.Combine(Root, path.TrimStart('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllText(target, text);
        const UnixFileMode readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(target, text.StartsWith("#!", StringComparison.Ordinal) ? readable | executable : readable);
    }

    public void Delete(params string[] paths)
    {
        foreach (var path in paths) File.Delete(Path.Combine(Root, path.TrimStart('/')));
    }

    public async Task<string> Run(params string[] words) => await Command.MustWithin(TimeSpan.FromMinutes(3), ["chroot", Root, .. words]);

    public async Task<string> Shell(string script) => await Run("bash", "-ec", script);

    /// <summary>Enables units from outside, without a running systemd.</summary>
    public async Task Systemctl(string verb, params string[] units)
    {
        // A unit that a package does not have is no fault: the list is the same for both trees.
        foreach (var unit in units) await Command.Run(["systemctl", $"--root={Root}", verb, unit]);
    }

    private async Task Mount(params string[] words)
    {
        await Command.Must(["mount", .. words]);
        _mounts.Add(words[^1]);
    }

    private async Task Unmount(string path)
    {
        var done = await Command.Run(["umount", path]);
        if (!done.Good) await Command.Run(["umount", "-l", path]);
        _mounts.Remove(path);
    }
}
