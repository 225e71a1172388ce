using Changeover.Findings;

namespace Changeover.Inventory;

/// <summary>
/// The checked tree, laid over the catalogue, as a complete <see cref="ClusterInventory"/>. What the shape already found wrong
/// comes out empty here and is passed over; the rest is built, so that all findings come at once.
/// </summary>
internal sealed class InventoryBuilder(YamlNode.Mapping file, YamlNode.Mapping catalogue, Action<string, Finding> found)
{
    public ClusterInventory Build(out ImmutableArray<Role> known)
    {
        var root = new Fields(file);
        var roles = Roles();
        known = roles;
        var machines = Machines(roles, new Fields(root.Map("access")));
        var used = machines.SelectMany(m => m.Roles).ToHashSet(StringComparer.Ordinal);
        var inventory = new ClusterInventory
        {
            Cluster = root.Text("cluster"),
            Hosts = [.. root.Entries("hosts").Select(e => Host(e.Key, e.Fields))],
            Machines = machines,
            Roles = StartOrder.Of(roles, used),
            Services = Services(),
            Monitoring = root.Map("monitoring") is { } monitoring ? Monitoring(new(monitoring)) : null,
            Backup = Backup(new(root.Map("backup"))),
            Budgets = Budgets(new(root.Map("budgets"))),
            Dependencies =
            [
                .. root.Names("dependencies").SelectMany(place => new Fields(root.Map("dependencies")).Texts(place)
                    .Select(what => new Dependency(what, place == InventoryShape.Outside ? "" : place))),
            ],
            SiteSteps =
            [
                .. root.Entries("siteSteps").Select(e =>
                    new SiteStep(e.Key, e.Fields.Text("gate"), e.Fields.Text("goal", "both"), e.Fields.Text("instruction"))),
            ],
            Acceptance = [.. root.Names("acceptance").Select(id => new AcceptanceItem(id, new Fields(root.Map("acceptance")).Text(id)))],
        };
        Unused(inventory);
        return inventory;
    }

    private Host Host(string name, Fields host)
    {
        var path = $"hosts.{name}";
        if (name == InventoryShape.Outside)
            found(path, InventoryFindings.BadValue.On(
                path, "value", name, "expected", "another name: under dependencies, 'outside' means outside the cluster"));
        Interface(host, path, "proxmox", "secret");
        return new()
        {
            Name = name,
            Hypervisor = host.Has("proxmox") ? HypervisorKind.Proxmox : HypervisorKind.Person,
            Url = host.Text("proxmox"),
            Node = host.Text("node", name),
            Secret = host.Text("secret"),
            CertificateAuthority = host.Text("certificateAuthority"),
        };
    }

    private Monitoring Monitoring(Fields monitoring)
    {
        Interface(monitoring, "monitoring", "icinga2", "user", "secret");
        return new()
        {
            Kind = monitoring.Has("icinga2") ? MonitoringKind.Icinga2 : MonitoringKind.Person,
            Url = monitoring.Text("icinga2"),
            User = monitoring.Text("user"),
            Secret = monitoring.Text("secret"),
            CertificateAuthority = monitoring.Text("certificateAuthority"),
            SharedObjects = monitoring.Texts("sharedObjects"),
        };
    }

    /// <summary>An interface needs its login; a person is one or is not there.</summary>
    private void Interface(Fields fields, string path, string url, params ReadOnlySpan<string> needed)
    {
        foreach (var key in needed)
        {
            if (fields.Has(url) && !fields.Has(key))
                found(path, InventoryFindings.MissingKey.On(
                    $"{path}.{key}", "expected", key == "secret" ? new Shape.Secret().Expected : $"the {key} for {url}"));
        }
        if (fields.Has("person") && !fields.Flag("person", true))
            found($"{path}.person", InventoryFindings.BadValue.On($"{path}.person", "value", "false", "expected", $"true, or {url} instead of person"));
    }

    private ImmutableArray<Machine> Machines(ImmutableArray<Role> roles, Fields access)
    {
        var root = new Fields(file);
        var windows = RoleNames().Where(r => Layered("roles", r).Text("platform") == "windows").ToHashSet(StringComparer.Ordinal);
        return [.. root.Entries("machines").Select(e => Machine(e.Key, e.Fields))];

        Machine Machine(string name, Fields machine)
        {
            ImmutableArray<string> its = machine.Has("roles") ? machine.Texts("roles")
                : machine.Text("role") is { Length: > 0 } one ? [one]
                : [];
            if (machine.List("roles") is { Items.IsEmpty: true })
                found($"machines.{name}.roles", InventoryFindings.WrongType.On(
                    $"machines.{name}.roles", "found", "empty", "expected", "at least one role"));
            var isWindows = machine.Text("platform", its.Any(windows.Contains) ? "windows" : "linux") == "windows";
            var user = machine.Text("user", isWindows ? access.Text("windowsUser", "Administrator") : access.Text("user", "root"));
            return new()
            {
                Name = name,
                Host = machine.Text("host"),
                Address = machine.Text("address"),
                Port = machine.Whole("port", access.Whole("port", 22)),
                User = user,
                // Windows has no sudo; its user is an administrator.
                Sudo = !isWindows && machine.Flag("sudo", user != "root" && access.Flag("sudo", true)),
                Platform = isWindows ? Platform.Windows : Platform.Linux,
                Roles = its,
                Services = machine.Texts("services"),
                Pair = machine.Text("pair") is { Length: > 0 } pair ? pair : null,
                NodeName = machine.Text("nodeName", name),
                HostName = machine.Text("hostName", name),
                GuestName = machine.Text("guestName", name),
            };
        }
    }

    private IEnumerable<string> RoleNames() => Names("roles");

    /// <summary>The catalogue's first, in its order, then the file's own.</summary>
    private IEnumerable<string> Names(string section) =>
        new Fields(catalogue).Names(section).Concat(new Fields(file).Names(section)).Distinct(StringComparer.Ordinal);

    private Fields Layered(string section, string name) =>
        new(new Fields(file).Map(section)?.Find(name) as YamlNode.Mapping, new Fields(catalogue).Map(section)?.Find(name) as YamlNode.Mapping);

    private ImmutableArray<Role> Roles()
    {
        var on = Names("services")
            .SelectMany(s => Layered("services", s).Texts("on").Select((role, i) => (Service: s, Role: role, Index: i)))
            .ToImmutableArray();
        var names = RoleNames().ToImmutableArray();
        foreach (var (service, role, index) in on.Where(x => x.Role.Length > 0 && !names.Contains(x.Role)))
        {
            var path = $"services.{service}.on[{index}]";
            found(path, InventoryFindings.UnknownReference.On(
                path, "kind", "role", "name", role, "nearest", Spelling.Nearest(role, names), "known", string.Join(", ", names)));
        }
        return [.. names.Select(name => Role(name, Layered("roles", name), on.Where(x => x.Role == name).Select(x => x.Service)))];
    }

    private Role Role(string name, Fields role, IEnumerable<string> alsoServices)
    {
        var kind = role.Text("kind", "plain");
        foreach (var (keys, needed) in new[]
        {
            (new[] { "drbdResource", "share", "mount" }, "store"),
            (["writerBackend", "servers", "socket", "configuration"], "balancer"),
            (["optionFile", "clientOptionFile", "port", "allowedSessions"], "database"),
        })
        {
            foreach (var key in keys.Where(key => kind != needed && role.Has(key)))
                found($"roles.{name}.{key}", InventoryFindings.WrongKind.On($"roles.{name}.{key}", "expected", needed, "kind", kind));
        }
        return new()
        {
            Name = name,
            Requires = role.Texts("requires"),
            PowersOffAlongside = role.Flag("powersOffAlongside", false),
            Redundancy = role.Text("redundancy") switch
            {
                "activeActive" => Redundancy.ActiveActive,
                "pacemaker" => Redundancy.Pacemaker,
                "replicated" => Redundancy.Replicated,
                _ => Redundancy.None,
            },
            FloatingAddress = role.Text("floatingAddress"),
            Store = kind != "store" ? null : new(role.Text("drbdResource"), role.Text("share"), role.Text("mount")),
            Balancer = kind != "balancer" ? null : Balancer(role, new()),
            Database = kind != "database" ? null : Database(role, new()),
            Services = [.. role.Texts("services").Concat(alsoServices).Distinct(StringComparer.Ordinal)],
        };
    }

    private static BalancerSettings Balancer(Fields role, BalancerSettings defaults)
    {
        var servers = new Fields(role.Map("servers"));
        return new()
        {
            Socket = role.Text("socket", defaults.Socket),
            Configuration = role.Text("configuration", defaults.Configuration),
            WriterBackend = role.Text("writerBackend"),
            Servers = role.Names("servers").ToImmutableSortedDictionary(s => s, s => servers.Text(s), StringComparer.Ordinal),
        };
    }

    private static DatabaseSettings Database(Fields role, DatabaseSettings defaults) => new()
    {
        OptionFile = role.Text("optionFile"),
        ClientOptionFile = role.Text("clientOptionFile"),
        Port = role.Whole("port", defaults.Port),
        AllowedSessions =
        [
            .. (role.List("allowedSessions")?.Items ?? []).OfType<YamlNode.Mapping>().Select(m => new Fields(m))
                .Select(s => new AllowedSession(s.Text("user"), s.Text("host", "*"), s.Text("reason"))),
        ],
    };

    private ImmutableArray<Service> Services() =>
    [
        .. Names("services").Select(name => (Name: name, Fields: Layered("services", name))).Select(s => new Service
        {
            Name = s.Name,
            Title = s.Fields.Text("title", s.Name),
            Form = s.Fields.Text("form") == "desktop" ? ServiceForm.Desktop : ServiceForm.Service,
            StartInstruction = Instruction(s.Name, s.Fields, "startInstruction"),
            StopInstruction = Instruction(s.Name, s.Fields, "stopInstruction"),
            Process = s.Fields.Text("process"),
            NeedsShare = s.Fields.Flag("needsShare", false),
            NeedsDatabase = s.Fields.Flag("needsDatabase", false),
            Singleton = s.Fields.Text("singleton"),
            SingletonProbe = s.Fields.Text("singletonProbe"),
            SingletonControl = s.Fields.Text("singletonControl"),
        }),
    ];

    private string Instruction(string name, Fields service, string key)
    {
        if (service.Text("form") == "desktop" && !service.Has(key))
            found($"services.{name}", InventoryFindings.MissingKey.On(
                $"services.{name}.{key}", "expected", "what exactly the person does, because a desktop program only a person starts and stops"));
        return service.Text(key);
    }

    private static BackupSettings Backup(Fields backup)
    {
        var defaults = new BackupSettings();
        return new() { Directory = backup.Text("directory", defaults.Directory), Snapshots = backup.Flag("snapshots", defaults.Snapshots) };
    }

    private static Budgets Budgets(Fields budgets)
    {
        var b = new Budgets();
        return new()
        {
            Look = budgets.Span("look", b.Look),
            ServiceStop = budgets.Span("serviceStop", b.ServiceStop),
            ServiceStart = budgets.Span("serviceStart", b.ServiceStart),
            Quiet = budgets.Span("quiet", b.Quiet),
            QuietWindow = budgets.Span("quietWindow", b.QuietWindow),
            Move = budgets.Span("move", b.Move),
            StayWindow = budgets.Span("stayWindow", b.StayWindow),
            Synchronise = budgets.Span("synchronise", b.Synchronise),
            PowerOff = budgets.Span("powerOff", b.PowerOff),
            PowerOn = budgets.Span("powerOn", b.PowerOn),
            Backup = budgets.Span("backup", b.Backup),
            Person = budgets.Span("person", b.Person),
            Downtime = budgets.Span("downtime", b.Downtime),
        };
    }

    /// <summary>An entry that overrides nothing and that nobody has is a mistyped name, and what it was to override stays as it was.</summary>
    private void Unused(ClusterInventory inventory)
    {
        var used = inventory.Machines.SelectMany(m => m.Roles).Distinct(StringComparer.Ordinal).ToImmutableArray();
        // Without machines everything would be unused, and that there are none is said already.
        if (used.IsEmpty)
            return;
        foreach (var role in new Fields(file).Names("roles").Where(r => !used.Contains(r)))
            found($"roles.{role}", InventoryFindings.RoleUnused.On($"roles.{role}", "nearest", Spelling.Nearest(role, used)));
        var services = inventory.Machines.SelectMany(inventory.ServicesOf).Select(s => s.Name).Distinct(StringComparer.Ordinal).ToImmutableArray();
        foreach (var service in new Fields(file).Names("services").Where(s => !services.Contains(s)))
            found($"services.{service}", InventoryFindings.ServiceUnused.On($"services.{service}", "nearest", Spelling.Nearest(service, services)));
    }

    /// <summary>
    /// Keys of a map, looked up in the file first and in the catalogue behind it. What is not there or has no right value reads
    /// as its default.
    /// </summary>
    private readonly record struct Fields(YamlNode.Mapping? First, YamlNode.Mapping? Behind = null)
    {
        private YamlNode? Find(string key) => First?.Find(key) ?? Behind?.Find(key);

        public bool Has(string key) => Find(key) is not null;

        public string Text(string key, string whenMissing = "") =>
            Find(key) switch
            {
                null => whenMissing,
                YamlNode.Scalar { Value: not YamlTree.Refused } scalar => scalar.Value,
                _ => "",
            };

        public bool Flag(string key, bool whenMissing) => YamlValues.Flag(Text(key)) ?? whenMissing;

        public int Whole(string key, int whenMissing) => YamlValues.Whole(Text(key)) ?? whenMissing;

        public TimeSpan Span(string key, TimeSpan whenMissing) => Durations.Parse(Text(key)) ?? whenMissing;

        public YamlNode.Mapping? Map(string key) => Find(key) as YamlNode.Mapping;

        public YamlNode.Sequence? List(string key) => Find(key) as YamlNode.Sequence;

        public ImmutableArray<string> Texts(string key) =>
            [.. (List(key)?.Items ?? []).OfType<YamlNode.Scalar>().Where(s => s.Value != YamlTree.Refused).Select(s => s.Value)];

        public IEnumerable<string> Names(string key) => Map(key)?.Entries.Select(e => e.Key) ?? [];

        public IEnumerable<(string Key, Fields Fields)> Entries(string key) =>
            Map(key)?.Entries.Select(e => (e.Key, new Fields(e.Value as YamlNode.Mapping))) ?? [];
    }
}
