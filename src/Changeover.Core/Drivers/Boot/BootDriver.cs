using Changeover.Drivers.Services;
using Changeover.Knowledge;

namespace Changeover.Drivers.Boot;

/// <summary>
/// What a machine of a pair or a database starts by itself at its next boot (X6): units of database, balancer and share, and
/// whether the kernel that boots has DRBD. It changes nothing and needs no root.
/// </summary>
/// <remarks>Source: systemctl(1), sysv-generator(8), depmod(8), modules.builtin.</remarks>
public sealed class BootDriver : IDriver
{
    public const string Key = "boot";

    /// <summary>
    /// One block a unit that exists: systemd's properties, or the same words for an init script; then one line a kernel: the
    /// running one and the newest installed one, because an update brings another kernel at the next boot.
    /// </summary>
    public const string Script = """
        PATH=/usr/sbin:/usr/bin:/sbin:/bin
        units='mariadb mysql mysqld haproxy smbd smb nfs-server nfs-kernel-server'
        if [ -d /run/systemd/system ]; then
        systemctl show --property=Id,LoadState,UnitFileState,WantedBy -- $(printf '%s.service ' $units) || exit
        else
        level=$(runlevel 2>/dev/null); level=${level##* }
        for name in $units; do
        [ -x "/etc/init.d/$name" ] || continue
        if [ -z "$level" ]; then state=unknown; elif ls /etc/rc"$level".d/S[0-9][0-9]"$name" >/dev/null 2>&1; then state=enabled; else state=disabled; fi
        printf 'Id=%s.service\nLoadState=loaded\nUnitFileState=%s\nWantedBy=\n\n' "$name" "$state"
        done
        fi
        echo
        for kernel in $(printf '%s\n' "$(uname -r)" "$(ls /lib/modules 2>/dev/null | sort -V | tail -n 1)" | sort -u); do
        if grep -qs '/drbd[.]ko' "/lib/modules/$kernel/modules.dep" "/lib/modules/$kernel/modules.builtin"; then echo "kernel=$kernel drbd=yes"
        elif [ -r "/lib/modules/$kernel/modules.dep" ]; then echo "kernel=$kernel drbd=no"
        else echo "kernel=$kernel drbd=unknown"
        fi
        done
        echo end
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public ImmutableArray<SubjectKind> Subjects => [SubjectKind.Boot];

    public Request Ask(Subject subject, DriverContext context) => new Request.Shell(
        subject.Name, [new(Key, ["/bin/sh", "-c", Script, Key], Limit: Limit)], context.Inventory.Budgets.Look);

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context) =>
        reply.Find(Key) is { Code: 0 } result && Facts(result.Output) is { } facts
            ? Reading.Of(facts)
            : Reading.Unreadable(BootFindings.Unreadable.On(subject.Name, "text", Excerpt.Of(reply.Find(Key))));

    public Request? Tell(ClusterAction action, DriverContext context) => null;

    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context) => new(ReceptionKind.Unclear);

    /// <summary>Null: not whole, or a line that is not known.</summary>
    private static BootFacts? Facts(string text)
    {
        if (!text.EndsWith("\nend\n", StringComparison.Ordinal))
            return null;
        var units = ImmutableArray.CreateBuilder<BootUnit>();
        var kernels = ImmutableArray.CreateBuilder<BootKernel>();
        foreach (var block in text[..^4].Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = block.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (lines.Length == 0)
                continue;
            if (lines[0].StartsWith("kernel=", StringComparison.Ordinal))
            {
                foreach (var line in lines)
                {
                    if (line.Split(' ') is not [['k', 'e', 'r', 'n', 'e', 'l', '=', .. var kernel], ['d', 'r', 'b', 'd', '=', .. var has]])
                        return null;
                    kernels.Add(new(kernel, has switch { "yes" => true, "no" => false, _ => null }));
                }
                continue;
            }
            var properties = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var line in lines)
            {
                if (line.Split('=', 2) is not [var key, var value] || !properties.TryAdd(key, value))
                    return null;
            }
            if (properties.GetValueOrDefault("Id") is not { Length: > 0 } id || properties.GetValueOrDefault("LoadState") is not { Length: > 0 } load
                || properties.GetValueOrDefault("UnitFileState") is not { } file)
                return null;
            // Several names can lead to one unit: mysql is an alias of mariadb.
            if (load != "not-found" && !units.Any(u => $"{u.Name}.service" == id))
                units.Add(new(id.EndsWith(".service", StringComparison.Ordinal) ? id[..^8] : id, LinuxServices.Start(load, file, properties.GetValueOrDefault("WantedBy", ""))));
        }
        return new(units.ToImmutable(), kernels.ToImmutable());
    }
}
