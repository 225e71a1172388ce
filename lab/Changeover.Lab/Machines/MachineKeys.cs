using Changeover.Lab.Images;

namespace Changeover.Lab.Machines;

/// <summary>Puts a machine's own host key and the lab's login key into a tree.</summary>
public static class MachineKeys
{
    public static void Write(string root, Machine m)
    {
        Place(Credentials.HostKey(m), $"{root}/etc/ssh/ssh_host_ed25519_key");
        Place(Credentials.HostKey(m) + ".pub", $"{root}/etc/ssh/ssh_host_ed25519_key.pub");
        foreach (var home in (string[])["root", "home/changeover"]) Place(LabPaths.Key + ".pub", $"{root}/{home}/.ssh/authorized_keys");
    }

    public static async Task Own(string root) =>
        await Command.Must("chown", "-R", $"{CommonLayer.ChangeoverUserId}:{CommonLayer.ChangeoverUserId}", $"{root}/home/changeover");

    private static void Place(string from, string to)
    {
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var folder = Path.GetDirectoryName(to)!;
        if (!Directory.Exists(folder)) Directory.CreateDirectory(folder, owner | UnixFileMode.UserExecute);
        File.Copy(from, to, overwrite: true);
        File.SetUnixFileMode(to, owner);
    }
}
