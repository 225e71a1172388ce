using static Changeover.Inventory.Shape;

namespace Changeover.Inventory;

/// <summary>The inventory file: every key, its default and its meaning.</summary>
internal static class InventoryShape
{
    public const string Outside = "outside";

    public static readonly ImmutableArray<string> Catalogues = ["jtel", "none"];

    // Letters, digits, dot, dash and underscore only: the names become file names, unit names and arguments.
    private static readonly Text Name = new("a name of at most 63 letters, digits, dots, dashes and underscores, beginning with a letter or digit",
        "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$");
    // The plus sign joins the names of roles that are one pair.
    private static readonly Text RoleName = new("a name of at most 32 letters, digits and dashes, beginning with a letter", "^[A-Za-z][A-Za-z0-9-]{0,31}$");
    private static readonly Text ServiceName = new("the name of a unit, script or Windows service, at most 80 letters", "^[^\\s-].{0,79}$");
    private static readonly Text Id = new("a name of at most 40 letters, digits and dashes", "^[A-Za-z0-9][A-Za-z0-9-]{0,39}$");
    private static readonly Text User = new("a user name", "^[A-Za-z0-9_][A-Za-z0-9_.@\\\\$-]{0,63}$");
    private static readonly Text DatabaseUser = new("a user name of the database, exactly", "^\\S{1,80}$");
    private static readonly Text ClientHost = new("a client host without port, with * only at its end, such as 10.20.0.*", "^[A-Za-z0-9._:%-]*\\*?$", v => v.Length > 0);
    private static readonly Text Address = new("an IP address such as 10.20.0.21", "^[0-9A-Fa-f.:]+$", YamlValues.IsAddress);
    private static readonly Text Url = new("an address such as https://10.20.0.11:8006, without login and query", "^https?://[^\\s@?#]+$", YamlValues.IsUrl);
    private static readonly Text AbsolutePath = new("an absolute path such as /etc/changeover/client.cnf", "^/[^\\s].*$");
    private static readonly Text AnyPath = new("the path of a file", "^[^\\s-].*$");
    private static readonly Text Share = new("a share as //HOST/NAME", "^//[^/\\s]+/[^\\s]+$");
    // It becomes part of a command line of HAProxy's runtime interface, where a blank or semicolon would begin something else.
    private static readonly Text HaproxyName = new("a name as in haproxy.cfg: letters, digits, _ . : and -", "^[A-Za-z0-9_.:-]+$");
    private static readonly Text DrbdName = new("the name of a DRBD resource", "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$");
    private static readonly Text GuestName = new("a name of one line", "^[^\\s-].{0,99}$");
    private static readonly Text ProgramName = new("the name of a program such as startup.exe", "^[^\\s/\\\\-][^/\\\\]{0,79}$");
    private static readonly Text ObjectName = new("the name of a host object in the monitoring", "^[^\\s\"-][^\"]{0,120}$");
    private static readonly Text CommandLine = new("a command on the machine", "^[^\\s-].*$");
    private static readonly Text Sentence = new("a sentence", "\\S", Lines: true);
    private static readonly Flag YesNo = new();
    private static readonly Whole PortNumber = new(1, 65535);
    private static readonly Span Duration = new();
    private static readonly Secret SecretReference = new();
    private static readonly Choice PlatformWord = new(["linux", "windows"]);

    public static readonly Section Host = Of("host", ["proxmox", "person"],
        new("proxmox", Url, "Address of the Proxmox VE interface that switches this host's machines. Needs `secret`."),
        new("person", YesNo, "`true`: no interface; a person switches machines on and off and confirms it."),
        new("node", Name, "The host's own name inside its hypervisor.", "(the host's name)"),
        new("secret", SecretReference, "Where the API token is: `env:NAME`, `file:PATH` or `command:PROGRAM`. Never the token itself."),
        new("certificateAuthority", AnyPath, "File with the certificate authority the interface is pinned to. Checking is never switched off.", "(the system's)"));

    public static readonly Section Access = Of("access", [],
        new("user", User, "SSH user on Linux machines.", "root"),
        new("sudo", YesNo, "Commands that need root run as `sudo -n`.", "(true unless the user is root)"),
        new("windowsUser", User, "SSH user on Windows machines.", "Administrator"),
        new("port", PortNumber, "SSH port.", "22"));

    public static readonly Section Machine = Of("machine", ["role", "roles"],
        new("host", Name, "The host it is expected on. Where it really is, the hypervisor says.", Required: true),
        new("address", Address, "Its own address, never a floating one.", Required: true),
        new("role", RoleName, "What it is for. `role: x` is short for `roles: [x]`."),
        new("roles", new List(RoleName), "What it is for, where it is several things at once."),
        new("platform", PlatformWord, "What runs on it.", "(as its roles say, else linux)"),
        new("services", new List(ServiceName), "Services beyond those of its roles.", "[]"),
        new("pair", Id, "Which pair of its role it belongs to, where a Pacemaker role has more than two machines.", "(the role is the pair)"),
        new("user", User, "SSH user.", "(from access)"),
        new("sudo", YesNo, "Commands that need root run as `sudo -n`.", "(from access)"),
        new("port", PortNumber, "SSH port.", "(from access)"),
        new("nodeName", Name, "Its name in Pacemaker.", "(the machine's name)"),
        new("hostName", Name, "What `hostname` prints there; checked before anything is set.", "(the machine's name)"),
        new("guestName", GuestName, "Its name in the hypervisor and in the monitoring.", "(the machine's name)"));

    public static readonly Section AllowedSession = Of("allowed session", [],
        new("user", DatabaseUser, "Exact user name.", Required: true),
        new("host", ClientHost, "Client host as the server shows it, without port; `*` at the end matches any rest.", "*"),
        new("reason", Sentence, "Why it may stay; shown in plan and report.", Required: true));

    public static readonly Section Role = Of("role", [],
        new("kind", new Choice(["plain", "store", "balancer", "database"]),
            "What Changeover knows about it: `store` is DRBD with a share, `balancer` a HAProxy, `database` a MySQL or MariaDB server.", "plain"),
        new("redundancy", new Choice(["none", "activeActive", "pacemaker", "replicated"]),
            "`pacemaker`: two nodes, one holds the role. `replicated`: two databases replicating both ways, the balancer chooses the writer. `activeActive`: all work at once.", "none"),
        new("requires", new List(RoleName), "Roles that are up before this one and go down after it. The only source of order between machines.", "[]"),
        new("powersOffAlongside", YesNo, "What it requires need not wait until this machine is down, only until its software is stopped and its shutdown asked for.", "false"),
        new("platform", PlatformWord, "What its machines run, unless a machine says otherwise.", "linux"),
        new("services", new List(ServiceName), "Services its machines may have; whether one is installed is looked up. In an inventory it replaces the catalogue's list.", "[]"),
        new("floatingAddress", Address, "The address that moves with a Pacemaker pair."),
        new("drbdResource", DrbdName, "store: the DRBD resource.", "(every resource there)"),
        new("share", Share, "store: the share as clients name it. Without it the share is not proved before software starts."),
        new("mount", AbsolutePath, "store: where Linux clients have the share mounted. Without it smbclient is used."),
        new("writerBackend", HaproxyName, "balancer: the backend whose chosen server is the writer. Needed where databases are replicated."),
        new("servers", new Map(HaproxyName, Name, "HAProxy servers"), "balancer: HAProxy server → machine, where the names differ.", "{}"),
        new("socket", AbsolutePath, "balancer: the runtime socket, with level admin.", "/run/haproxy/admin.sock"),
        new("configuration", AbsolutePath, "balancer: its configuration file.", "/etc/haproxy/haproxy.cfg"),
        new("optionFile", AbsolutePath, "database: option file on the machine with the login for its client.", "(the socket, as root)"),
        new("clientOptionFile", AbsolutePath, "database: option file on client machines, with which they prove the database through the floating address."),
        new("port", PortNumber, "database: its port.", "3306"),
        new("allowedSessions", new List(AllowedSession), "database: sessions that may stay open when it has to be quiet.", "[]"));

    public static readonly Section Service = Of("service", [],
        new("title", Sentence, "What people call it.", "(its name)"),
        new("on", new List(RoleName), "Roles whose machines have it, beside those of the catalogue.", "[]"),
        new("form", new Choice(["service", "desktop"]),
            "`service`: systemd, SysV or a Windows service. `desktop`: a program on the desktop of a logged-on user, which only a person can start.", "service"),
        new("startInstruction", Sentence, "desktop: exactly what the person does to start it."),
        new("stopInstruction", Sentence, "desktop: exactly what the person does to stop it."),
        new("process", ProgramName, "desktop: the program whose process proves it: exactly one, or none."),
        new("needsShare", YesNo, "Before its start its machine proves that it reads and writes the share.", "false"),
        new("needsDatabase", YesNo, "Before its start its machine proves that it reaches the database through the floating address.", "false"),
        new("singleton", Id, "Name of what it carries that exactly one machine may run."),
        new("singletonProbe", CommandLine, "Command on the machine that prints `running` or `stopped` for the singleton.", "(nothing is planned for it)"),
        new("singletonControl", CommandLine, "Command on the machine that sets the singleton; `start` or `stop` is appended.", "(a person does)"));

    public static readonly Section Monitoring = Of("monitoring", ["icinga2", "person"],
        new("icinga2", Url, "Address of the Icinga 2 API. Needs `user` and `secret`."),
        new("person", YesNo, "`true`: a person sets the downtimes and confirms it."),
        new("user", User, "API user."),
        new("secret", SecretReference, "Where its password is: `env:NAME`, `file:PATH` or `command:PROGRAM`. Never the password itself."),
        new("certificateAuthority", AnyPath, "File with the certificate authority the interface is pinned to.", "(the system's)"),
        new("sharedObjects", new List(ObjectName), "Host objects that belong to no machine but go red by design: floating addresses, portal, test call.", "[]"));

    public static readonly Section Backup = Of("backup", [],
        new("directory", AbsolutePath, "Folder on the database machine; it must exist and have room.", "/var/backups/changeover"),
        new("snapshots", YesNo, "Also snapshots of store, balancer and database machines, one node of a pair at a time.", "false"));

    public static readonly Section Budgets = Of("budgets", [],
        Budget("look", b => b.Look, "Until everything was observed once."),
        Budget("serviceStop", b => b.ServiceStop, "Until a service has stopped."),
        Budget("serviceStart", b => b.ServiceStart, "Until a service runs."),
        Budget("quiet", b => b.Quiet, "Until the last session is gone."),
        Budget("quietWindow", b => b.QuietWindow, "How long it must stay quiet."),
        Budget("move", b => b.Move, "Until a pair has moved."),
        Budget("stayWindow", b => b.StayWindow, "How long a moved role must stay where it is."),
        Budget("synchronise", b => b.Synchronise, "Without progress; a resync that goes on has no limit."),
        Budget("powerOff", b => b.PowerOff, "Until a machine is off."),
        Budget("powerOn", b => b.PowerOn, "Until a machine is up."),
        Budget("backup", b => b.Backup, "Until a backup is complete."),
        Budget("person", b => b.Person, "Until a person has done what was asked."),
        Budget("downtime", b => b.Downtime, "Downtime of the machines that stay up; extended while a run takes longer."));

    public static readonly Section SiteStep = Of("site step", [],
        new("gate", new Choice(Validation.Gates), "The gate before which it is done.", Required: true),
        new("goal", new Choice(["failover", "failback", "both"]), "In which of the two.", "both"),
        new("instruction", Sentence, "What the person does, exactly.", Required: true));

    public static readonly Section File = Of("inventory", [],
        new("cluster", Name, "The cluster's name. It names the journal and the claim, so it stays the same during a maintenance.", Required: true),
        new("catalogue", new Choice(Catalogues), "Which software catalogue the roles and services come from; `none`: the inventory defines all of them.", "jtel"),
        new("hosts", new Map(Name, Host, "hosts", NotEmpty: true), "The hypervisors, at least two.", Required: true),
        new("access", Access, "How machines are reached, unless a machine says otherwise."),
        new("machines", new Map(Name, Machine, "machines", NotEmpty: true), "The guests.", Required: true),
        new("roles", new Map(RoleName, Role, "roles"), "Roles of the site's own, or what differs from the catalogue, key by key."),
        new("services", new Map(ServiceName, Service, "services"), "Services of the site's own, or what differs from the catalogue, key by key."),
        new("monitoring", Monitoring, "The monitoring whose alarms are silenced.", "(none)"),
        new("backup", Backup, "The backup before the work."),
        new("budgets", Budgets, "How long things may take before a person is asked, as durations such as `90s`, `5m`, `2h`."),
        new("dependencies", new Map(Name, new List(new Choice(Validation.DependencyWords)), "places (a host, or 'outside')"),
            "What the tool and the procedure stand on, by the place where it runs: a host, or `outside`."),
        new("siteSteps", new Map(Id, SiteStep, "site steps"), "The site's own manual steps."),
        new("acceptance", new Map(Id, Sentence, "things to see work"), "What a person must have seen work in the end, by id."));

    /// <summary>A catalogue is the part of an inventory that is the same everywhere.</summary>
    public static readonly Section Catalogue = Of("catalogue", [], [.. File.Keys.Where(k => k.Name is "roles" or "services")]);

    /// <summary>In the order of the documentation.</summary>
    public static readonly ImmutableArray<Section> Sections =
        [File, Host, Access, Machine, Role, AllowedSession, Service, Monitoring, Backup, Budgets, SiteStep];

    private static Section Of(string title, ImmutableArray<string> exactlyOne, params ImmutableArray<Key> keys) => new(title, keys, exactlyOne);

    private static Key Budget(string name, Func<Budgets, TimeSpan> read, string meaning) =>
        new(name, Duration, meaning, Durations.Text(read(new())));
}
