using Changeover.Findings;
using Changeover.Inventory;

namespace Changeover.Knowledge.Conditions;

/// <summary>
/// X6: the machine will come back as it went: its cluster daemons, database, balancer and share start at boot or are in the
/// cluster's hands, the kernel that boots has DRBD, and the balancer would start with what it runs with.
/// </summary>
public sealed record ComesBack(string Machine) : Condition
{
    private static readonly ImmutableArray<string> Databases = ["mariadb", "mysql", "mysqld"];
    private static readonly ImmutableArray<string> Balancers = ["haproxy"];
    private static readonly ImmutableArray<string> Shares = ["smbd", "smb", "samba", "nfs-server", "nfs-kernel-server", "nfsserver", "exportfs"];

    public override IEnumerable<Subject> Subjects(ClusterInventory inventory)
    {
        var machine = inventory.Machine(Machine);
        var roles = inventory.RolesOf(machine).ToArray();
        if (roles.Any(r => r.Redundancy == Redundancy.Pacemaker))
        {
            yield return new(SubjectKind.PacemakerSetup, Machine);
            yield return new(SubjectKind.Pacemaker, Machine);
        }
        if (roles.Any(r => r.Balancer is not null))
            yield return new(SubjectKind.Balancer, Machine);
        if (AsksBoot(inventory, machine))
            yield return new(SubjectKind.Boot, Machine);
    }

    /// <summary>Machines that are asked what starts at their boot. The software of the catalogue says so with its services.</summary>
    public static bool AsksBoot(ClusterInventory inventory, Machine machine) =>
        machine.Platform == Platform.Linux && inventory.RolesOf(machine).Any(r => r.Redundancy == Redundancy.Pacemaker || r.Database is not null || r.Balancer is not null);

    public override Judgement Judge(View view) => View.Each(Subjects(view.Inventory), s => s.Kind switch
    {
        SubjectKind.PacemakerSetup => view.See<PacemakerSetupFacts>(s.Kind, s.Name, Setup),
        SubjectKind.Balancer => view.See<BalancerFacts>(s.Kind, s.Name, Balancer),
        SubjectKind.Boot => view.See<BootFacts>(s.Kind, s.Name, facts => Boot(view, facts)),
        // Judged with what starts at boot: what the cluster manages does not start by itself.
        _ => Judgement.Holds,
    });

    private Judgement Setup(PacemakerSetupFacts facts) => facts.DaemonsEnabled switch
    {
        true => Judgement.Holds,
        false => Judgement.Fails(StateFindings.SetupDaemonsDisabled.On(Machine)),
        null => Judgement.Unknown(ComesBackFindings.Unknown.On(Machine, "what", "corosync and pacemaker")),
    };

    private Judgement Balancer(BalancerFacts facts) =>
        (facts.ConfigurationValid switch
        {
            true => Judgement.Holds,
            false => Judgement.Fails(WritingFindings.ConfigurationInvalid.On(Machine)),
            null => Judgement.Unknown(ComesBackFindings.Unknown.On(Machine, "what", "HAProxy (haproxy -c did not judge its file)")),
        })
        & (facts.ConfigurationNewer switch
        {
            false => Judgement.Holds,
            true => Judgement.Fails(WritingFindings.ConfigurationNewer.On(Machine)),
            null => Judgement.Unknown(ComesBackFindings.Unknown.On(Machine, "what", "HAProxy as it runs now (the age of its file)")),
        });

    private Judgement Boot(View view, BootFacts facts)
    {
        var judgement = Judgement.Holds;
        foreach (var role in view.Inventory.RolesOf(view.Inventory.Machine(Machine)))
        {
            if (role.Database is not null)
                judgement &= Starts(facts, "the database", Databases, []);
            if (role.Balancer is not null)
                judgement &= Managed(view, agents => Starts(facts, "HAProxy", Balancers, agents));
            if (role.Store is not { } store)
                continue;
            judgement &= Kernel(facts);
            judgement &= Managed(view, agents => agents.Any(a => a.EndsWith(":Filesystem", StringComparison.Ordinal))
                ? Judgement.Holds
                : Judgement.Fails(ComesBackFindings.NotStarted.On(Machine, "what", "the store's mount", "seen", "in the hands of the cluster nowhere")));
            if (store.Share.Length > 0)
                judgement &= Managed(view, agents => Starts(facts, "the share", Shares, agents));
        }
        return judgement;
    }

    /// <summary>Judged with the resource agents of the machine's cluster; a role without a cluster has none.</summary>
    private Judgement Managed(View view, Func<ImmutableArray<string>, Judgement> judge) =>
        view.Inventory.Pairs.Any(p => p.Members.Contains(Machine))
            ? view.See<PacemakerFacts>(SubjectKind.Pacemaker, Machine, f => judge([.. f.Resources.Select(r => r.Agent).Distinct()]))
            : judge([]);

    /// <param name="names">Of units, and ends of the names of resource agents (systemd:smbd, ocf:heartbeat:Samba).</param>
    /// <param name="agents">Of the cluster's resources: one that manages it stands for its start.</param>
    private Judgement Starts(BootFacts facts, string what, ImmutableArray<string> names, ImmutableArray<string> agents)
    {
        if (agents.Any(a => names.Any(n => a.EndsWith(":" + n, StringComparison.OrdinalIgnoreCase))))
            return Judgement.Holds;
        var units = facts.Units.Where(u => names.Contains(u.Name)).ToArray();
        if (units.Any(u => u.Start == ServiceStart.Automatic))
            return Judgement.Holds;
        return units.Length == 0 || units.Any(u => u.Start == ServiceStart.Unknown)
            ? Judgement.Unknown(ComesBackFindings.Unknown.On(Machine, "what", what))
            : Judgement.Fails(ComesBackFindings.NotStarted.On(Machine, "what", what, "seen", string.Join(", ", units.Select(u => $"{u.Name} {u.Start.ToString().ToLowerInvariant()}"))));
    }

    private Judgement Kernel(BootFacts facts) => facts.Kernels.Length == 0
        ? Judgement.Unknown(ComesBackFindings.Unknown.On(Machine, "what", "DRBD"))
        : View.Each(facts.Kernels, k => k.HasDrbd switch
        {
            true => Judgement.Holds,
            false => Judgement.Fails(ComesBackFindings.NoModule.On(Machine, "kernel", k.Version)),
            null => Judgement.Unknown(ComesBackFindings.Unknown.On(Machine, "what", $"DRBD under kernel {k.Version}")),
        });
}
