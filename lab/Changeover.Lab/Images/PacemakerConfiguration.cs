namespace Changeover.Lab.Images;

/// <summary>Writes a pair's keys and first CIB into a layer, so that the cluster starts without a first set-up.</summary>
public static class PacemakerConfiguration
{
    public static async Task Write(Layer layer) =>
        await layer.Shell(
            """
            umask 077
            dd if=/dev/urandom of=/etc/corosync/authkey bs=256 count=1 status=none
            chmod 400 /etc/corosync/authkey
            mkdir -p /etc/pacemaker
            dd if=/dev/urandom of=/etc/pacemaker/authkey bs=4096 count=1 status=none
            chown -R hacluster:haclient /etc/pacemaker
            chmod 750 /etc/pacemaker
            chmod 440 /etc/pacemaker/authkey
            bash /usr/local/share/lab/cib.sh /root/cib.xml
            mv /root/cib.xml /var/lib/pacemaker/cib/cib.xml
            chown hacluster:haclient /var/lib/pacemaker/cib/cib.xml
            chmod 600 /var/lib/pacemaker/cib/cib.xml
            """);
}
