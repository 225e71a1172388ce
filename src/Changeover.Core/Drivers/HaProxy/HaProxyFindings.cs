using Changeover.Findings;

namespace Changeover.Drivers.HaProxy;

/// <summary>What can be wrong with asking a HAProxy.</summary>
public static class HaProxyFindings
{
    public static readonly FindingCode NoSocket = new("haproxy.no-socket", Severity.Error,
        "{subject}: HAProxy's socket {socket} cannot be opened: {why}. Nobody can see or set its servers, so it counts as unknown. Check that HAProxy runs there and that the inventory names the socket of its 'stats socket' line.");

    public static readonly FindingCode Denied = new("haproxy.denied", Severity.Error,
        "{subject}: HAProxy answers on {socket} but permits nothing there. Servers can only be set with 'level admin' on its 'stats socket' line.");

    public static readonly FindingCode Silent = new("haproxy.silent", Severity.Error,
        "{subject}: HAProxy's socket {socket} closed without an answer, so its servers are unknown. Look at HAProxy's log on the machine.");

    public static readonly FindingCode Hangs = new("haproxy.hangs", Severity.Error,
        "{subject}: HAProxy did not answer on {socket} in time, so its servers are unknown and callers are probably not served either. Look at the machine's load and HAProxy's log.");

    public static readonly FindingCode SeveralProcesses = new("haproxy.several-processes", Severity.Error,
        "{subject}: HAProxy runs as {count} processes (nbproc), each with administrative states of its own, and one socket reaches only one of them. MAINT would not hold for all traffic. Set nbproc to 1.");

    public static readonly FindingCode Leaving = new("haproxy.leaving", Severity.Error,
        "{subject}: the HAProxy process that answers is stopping after a reload; what it says does not hold for new traffic. Wait until the new process answers, then look again.");

    public static readonly FindingCode NoConfiguration = new("haproxy.no-configuration", Severity.Error,
        "{subject}: the configuration file {file} cannot be read: {why}. Without it nobody can tell whether both balancers agree, and what a restart would bring. Correct the path in the inventory.");

    internal static readonly ImmutableArray<FindingCode> All = [NoSocket, Denied, Silent, Hangs, SeveralProcesses, Leaving, NoConfiguration];
}
