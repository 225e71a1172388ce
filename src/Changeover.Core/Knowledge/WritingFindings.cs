using Changeover.Findings;

namespace Changeover.Knowledge;

/// <summary>Sessions, writer, replication and the balancers' servers: everything that decides whether a transaction can be lost.</summary>
public static class WritingFindings
{
    public static readonly FindingCode Session = new("quiet.session", Severity.Error,
        "{subject}: {user} from {client} is still connected (session {id}, {command}). Switching now could cut or lose its work. Stop that program, or name the session as allowed in the inventory with a reason.");

    public static readonly FindingCode BlindSessions = new("quiet.blind", Severity.Error,
        "{subject}: the login of the tool sees only its own sessions (PROCESS privilege missing), so an empty list proves nothing. Grant it, see docs/rights.md.");

    public static readonly FindingCode BalancerSessions = new("quiet.balancer-sessions", Severity.Error,
        "{subject}: {count} session(s) are open on server {backend}/{server}. Look for the program that was not stopped (show sess on the admin socket); a port check of the monitoring is a session for a moment and goes by itself.");

    public static readonly FindingCode NoWriter = new("writer.none", Severity.Error,
        "{subject} chooses no single database server as the writer; nothing can be written, or on two sides.");

    public static readonly FindingCode WriterIs = new("writer.not-as-expected", Severity.Error,
        "{subject} chooses {seen} as the writer, expected {expected}.");

    public static readonly FindingCode BalancersDiffer = new("balancer.differ", Severity.Error,
        "{subject} and {other} differ in {what}: {seen} and {expected}. When the address moves, the choice of servers moves with it; make them equal first.");

    public static readonly FindingCode ServerNotAs = new("balancer.server-not-as-expected", Severity.Error,
        "{subject}: server {backend}/{server} is {seen}, expected {expected}.");

    public static readonly FindingCode ServerMissing = new("balancer.server-missing", Severity.Error,
        "{subject} knows no server {backend}/{server}. Its configuration is another one than when the plan was made.");

    public static readonly FindingCode ServerUnknown = new("balancer.server-unknown", Severity.Warning,
        "{subject}: server {backend}/{server} stands for no machine of the inventory; it is not touched. Add it to servers: of the role if it should be.");

    public static readonly FindingCode LastServer = new("balancer.last-server", Severity.Error,
        "{subject}: backend {backend} would have no ready server left; callers would be turned away.");

    public static readonly FindingCode ServerDown = new("balancer.server-down", Severity.Error,
        "{subject}: server {backend}/{server} is {seen} by its checks although it should take part.");

    public static readonly FindingCode BalancerReadOnly = new("balancer.read-only", Severity.Error,
        "{subject}: HAProxy's socket shows its servers but may not set them, expected level admin. MAINT could not be set when the roles have moved already. Put 'level admin' on its 'stats socket' line and reload HAProxy.");

    public static readonly FindingCode BalancerRightsUnknown = new("balancer.rights-unknown", Severity.Error,
        "{subject}: HAProxy does not say whether its socket may set servers (show cli level), expected level admin. Unknown counts as not allowed. Try 'show cli level' on the socket, and put 'level admin' on its 'stats socket' line.");

    public static readonly FindingCode ConfigurationInvalid = new("balancer.configuration-invalid", Severity.Error,
        "{subject}: HAProxy refuses its own configuration file (haproxy -c). It runs now but would not start again after a boot.");

    public static readonly FindingCode ConfigurationNewer = new("balancer.configuration-newer", Severity.Error,
        "{subject}: HAProxy's configuration file was written after HAProxy started, so after a boot it may do something else than now. Compare it with what runs, then reload HAProxy or put the file back.");

    public static readonly FindingCode ReplicationOff = new("replication.not-running", Severity.Error,
        "{subject} does not follow {source}: IO {io}, SQL {sql}, {error}. Changes are not copied; see docs/troubleshooting.md.");

    public static readonly FindingCode NoReplication = new("replication.not-configured", Severity.Error,
        "{subject} follows no server although its role says so.");

    public static readonly FindingCode ReplicationDelay = new("replication.delay", Severity.Error,
        "{subject} follows {source} with a set delay of {seconds} s; it can never have everything. Remove the delay (MASTER_DELAY).");


    public static readonly FindingCode NotWaiting = new("replication.not-waiting", Severity.Error,
        "{subject}: replication from {source} is IO {io}, SQL {sql}, expected to wait for it (connecting).");

    public static readonly FindingCode AsFound = new("as-found.differs", Severity.Error,
        "{subject}: {what} is {seen}, as found it was {expected}.");

    internal static readonly ImmutableArray<FindingCode> All =
    [
        Session, BlindSessions, BalancerSessions, NoWriter, WriterIs, BalancersDiffer, ServerNotAs, ServerMissing, ServerUnknown, LastServer,
        ServerDown, BalancerReadOnly, BalancerRightsUnknown, ConfigurationInvalid, ConfigurationNewer, ReplicationOff, NoReplication, ReplicationDelay, NotWaiting, AsFound,
    ];
}
