namespace Changeover.Lab.Images;

/// <summary>The disks of the store pair: one root image and one data image serve both nodes, which differ only by the kernel's line.</summary>
public static class StoreImage
{
    private const int DataMegabytes = 64;

    public static async Task Fill(Layer layer, Kernel kernel)
    {
        await CommonLayer.Fill(layer);
        layer.Copy("store");
        await Command.Must("mkdir", "-p", layer.Root + "/usr/lib/modules");
        await Command.Must("cp", "-a", $"{kernel.Modules}/{kernel.Version}", layer.Root + "/usr/lib/modules/");
        await Command.Must("depmod", "-b", layer.Root + "/usr", kernel.Version);

        await layer.Systemctl("enable", "lab-net.service", "corosync.service", "pacemaker.service");
        await layer.Shell(
            """
            ln -sfn /lib/systemd/system/poweroff.target /etc/systemd/system/ctrl-alt-del.target
            sed -i 's/usage-count yes/usage-count no/' /etc/drbd.d/global_common.conf
            mkdir -p /srv/jtel
            """);
        await PacemakerConfiguration.Write(layer);
    }

    /// <summary>ext4 without a journal: a reset throws the changes away, so nothing has to survive a hard power-off but DRBD's own device.</summary>
    public static async Task WriteRoot(Layer layer, string image)
    {
        await Command.Must("truncate", "-s", "1536M", image);
        await Command.MustWithin(TimeSpan.FromMinutes(3), "mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", layer.Root, image);
    }

    /// <summary>The share's first content under DRBD metadata that says "up to date", so that the pair needs no first synchronisation.</summary>
    public static async Task WriteData(Layer layer, string image)
    {
        await Command.Must("truncate", "-s", $"{DataMegabytes}M", image);
        // 16374 blocks of 4 KiB leave room for DRBD's internal metadata at the end.
        await Command.Must("mke2fs", "-q", "-t", "ext4", "-b", "4096", "-d", Path.Combine(LabPaths.Tree, "share"), image, "16374");
        var loop = (await Command.Must("losetup", "-f", "--show", image)).Trim();
        try
        {
            await layer.Run("drbdmeta", "--force", "0", "v08", loop, "internal", "create-md");
            await layer.Run("drbdmeta", "--force", "0", "v08", loop, "internal", "restore-md", "/usr/local/share/lab/drbd-metadata.txt");
            var seen = await layer.Run("drbdmeta", "--force", "0", "v08", loop, "internal", "show-gi");
            if (!seen.Contains("UpToDate", StringComparison.Ordinal)) throw new LabException(1, $"DRBD metadata of the stores: expected UpToDate, seen:\n{seen}");
        }
        finally
        {
            await Command.Must("losetup", "-d", loop);
        }
    }
}
