using Changeover.Drivers.Claim;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers.Services;

/// <summary>
/// The catalogue's services on a machine: systemd, SysV init scripts, Windows services and desktop programs (X5, F3, F11, B6, B12).
/// </summary>
/// <remarks>Source: systemctl(1), LSB 5.0 "Init Script Actions", Win32_Service.</remarks>
public sealed class ServicesDriver : IDriver
{
    public const string LookKey = "services";
    public const string SetKey = "set";

    /// <summary>
    /// Prints one block a service: <c>name=</c>, <c>manager=systemd|sysv</c>, then systemd's properties, or <c>installed=</c>,
    /// <c>start=</c> and the script's own <c>status=</c> (LSB code) and <c>text=</c>; the last line is <c>end</c>.
    /// Arguments: <c>services NAME…</c>.
    /// </summary>
    /// <remarks>
    /// The folder is systemd's own test for "is it the init system" (sd_booted(3)); systemctl alone may be installed without it.
    /// A unit generated from an init script without a pid file stays "active (exited)" after its program died, so there the
    /// script is asked itself.
    /// </remarks>
    public const string LookScript = """
        lsb() {
        text=$(cd / && env -i PATH=/sbin:/usr/sbin:/bin:/usr/bin LC_ALL=C SYSTEMCTL_SKIP_REDIRECT=1 _SYSTEMCTL_SKIP_REDIRECT=1 timeout -k 2 8 "$1" status </dev/null 2>&1)
        printf 'status=%s\ntext=%s\n' $? "$(printf %s "$text" | tr '\n' ' ' | cut -c 1-200)"
        }
        for name
        do
        printf 'name=%s\n' "$name"
        if [ -d /run/systemd/system ]; then
        echo manager=systemd
        shown=$(/bin/systemctl show --property=Id,LoadState,ActiveState,SubState,Result,UnitFileState,MainPID,SourcePath,WantedBy,Job -- "$name") || { printf 'failed=%s\n' $?; continue; }
        printf '%s\n' "$shown"
        case $shown in
        *SubState=exited*) script=$(printf '%s\n' "$shown" | sed -n 's/^SourcePath=//p'); if [ -n "$script" ]; then lsb "$script"; fi;;
        esac
        else
        echo manager=sysv
        if [ -x "/etc/init.d/$name" ]; then
        echo installed=yes
        level=$(/sbin/runlevel 2>/dev/null); level=${level##* }
        if [ -z "$level" ]; then echo start=unknown; elif ls /etc/rc"$level".d/S[0-9][0-9]"$name" >/dev/null 2>&1; then echo start=on; else echo start=off; fi
        lsb "/etc/init.d/$name"
        else
        echo installed=no
        fi
        fi
        done
        echo end
        """;

    /// <summary>
    /// Runs an init script with start or stop in a session of its own and does not wait: a lost link does not kill it half-way,
    /// and its daemon does not keep the link open. Arguments: <c>service NAME start|stop</c>.
    /// </summary>
    public const string SysVScript = """
        [ -x "/etc/init.d/$1" ] || { echo "no /etc/init.d/$1" >&2; exit 5; }
        cd / && env -i PATH=/sbin:/usr/sbin:/bin:/usr/bin LC_ALL=C setsid "/etc/init.d/$1" "$2" </dev/null >/dev/null 2>&1 3>&- &
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static ImmutableArray<string> LookCommand(IEnumerable<string> names) => ["/bin/sh", "-c", LookScript, "services", .. names];

    /// <summary>Returns as soon as the job is queued; the end is observed.</summary>
    public static ImmutableArray<string> SystemdCommand(string name, bool run) =>
        ["/bin/systemctl", run ? "start" : "stop", "--no-block", "--", name];

    public static ImmutableArray<string> SysVCommand(string name, bool run) =>
        ["/bin/sh", "-c", SysVScript, "service", name, run ? "start" : "stop"];

    public ImmutableArray<SubjectKind> Subjects => [SubjectKind.Services];

    public Request Ask(Subject subject, DriverContext context)
    {
        var machine = context.Inventory.Machine(subject.Name);
        return new Request.Shell(
            subject.Name,
            [
                machine.Platform == Platform.Windows
                    ? new(LookKey, WindowsServices.Look, Limit: WindowsServices.Limit)
                    : new(LookKey, LookCommand(Asked(machine, context).Select(s => s.Name)), Limit: Limit),
            ],
            context.Inventory.Budgets.Look);
    }

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context)
    {
        var machine = context.Inventory.Machine(subject.Name);
        if (reply.Find(LookKey) is not { Code: 0 } result)
            return Bad(subject, "the command failed", reply.Find(LookKey));
        if (machine.Platform == Platform.Windows)
        {
            return WindowsServices.Read(result.Output, machine.Name, context.Inventory.ServicesOf(machine)) is { } facts
                ? Reading.Of(facts)
                : Bad(subject, "not one line of JSON with computer, bootTime and services", result);
        }
        var asked = Asked(machine, context).ToImmutableArray();
        if (LinuxServices.Read(result.Output, machine.Name, asked) is not { } read)
            return Bad(subject, "not one whole block a service", result);
        var desktop = context.Inventory.ServicesOf(machine).Where(s => s.Form == ServiceForm.Desktop);
        return Reading.Of(read with { Services = [.. read.Services, .. desktop.Select(s => WindowsServices.Desktop(machine.Name, s, null))] });
    }

    /// <summary>Null for a desktop program: only a person can start it (session 0 has no desktop).</summary>
    public Request? Tell(ClusterAction action, DriverContext context)
    {
        if (action is not SetService set || Of(set, context) is not { Form: ServiceForm.Service } service)
            return null;
        var windows = context.Inventory.Machine(set.Machine).Platform == Platform.Windows;
        var command = windows
            ? new Command(SetKey, WindowsServices.Set(service.Name, set.Run), Limit: WindowsServices.Limit)
            : new Command(SetKey, ManagerOf(set.Machine, context) == ServiceManager.SysV
                ? SysVCommand(service.Name, set.Run)
                : SystemdCommand(service.Name, set.Run), Root: true, Limit: Limit);
        return new Request.Shell(set.Machine, [command], context.Inventory.Budgets.Look, ClaimMachines.Guard(set.Machine, context));
    }

    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context)
    {
        var set = (SetService)action;
        if (reply.Find(SetKey) is not { } result || result.Code == Result.TimedOut)
            return new(ReceptionKind.Unclear, Excerpt.Of(reply.Find(SetKey)));
        return context.Inventory.Machine(set.Machine).Platform == Platform.Windows
            ? WindowsServices.Heard(result)
            : LinuxServices.Heard(result);
    }

    private static Reading Bad(Subject subject, string what, Result? result) =>
        Reading.Unreadable(ServicesFindings.Unreadable.On(subject.Name, "what", what, "text", Excerpt.Of(result)));

    private static IEnumerable<Service> Asked(Inventory.Machine machine, DriverContext context) =>
        context.Inventory.ServicesOf(machine).Where(s => s.Form == ServiceForm.Service);

    private static Service? Of(SetService set, DriverContext context) =>
        context.Inventory.ServicesOf(context.Inventory.Machine(set.Machine)).FirstOrDefault(s => s.Name == set.Service);

    private static ServiceManager ManagerOf(string machine, DriverContext context) =>
        context.Snapshot.Facts<ServiceFacts>(SubjectKind.Services, machine)?.Manager ?? ServiceManager.Unknown;
}
