namespace Changeover.Lab.Images;

/// <summary>What every machine of the lab has in common: accounts, sshd, and nothing that starts by itself.</summary>
public static class CommonLayer
{
    public const int ChangeoverUserId = 1500;

    /// <summary>Debian enables them on installation; each role enables what it needs. mariadb.socket would hold port 3306 on every machine.</summary>
    private static readonly string[] Disabled =
    [
        "pcsd.service", "pcsd-ruby.service", "logd.service", "e2scrub_reap.service", "remote-fs.target", "haproxy.service", "mariadb.service", "mariadb.socket",
        "icinga2.service", "corosync.service", "pacemaker.service", "nmbd.service", "smbd.service", "samba-ad-dc.service", "drbd.service",
    ];

    /// <summary>Work by the clock that only disturbs, and what waits for a console or a network there is not.</summary>
    private static readonly string[] Masked =
    [
        "apt-daily.timer", "apt-daily-upgrade.timer", "e2scrub_all.timer", "fstrim.timer", "dpkg-db-backup.timer", "logrotate.timer", "man-db.timer",
        "systemd-networkd.service", "systemd-resolved.service", "systemd-timesyncd.service", "systemd-udev-settle.service", "getty@tty1.service", "console-getty.service",
        "serial-getty@.service",
    ];

    public static async Task Fill(Layer layer)
    {
        layer.Copy("common");
        await layer.Systemctl("disable", Disabled);
        await layer.Systemctl("mask", Masked);
        await layer.Systemctl("enable", "ssh.service");
        await layer.Shell(
            $"""
            useradd --uid {ChangeoverUserId} --create-home --shell /bin/bash changeover
            chmod 440 /etc/sudoers.d/changeover
            rm -f /etc/ssh/ssh_host_* /etc/hostname
            : > /etc/machine-id
            """);
        layer.Write("/etc/hosts", Topology.HostsFile());
    }
}
