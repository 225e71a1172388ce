using System.Globalization;
using Changeover.Findings;
using Changeover.Inventory;

namespace Changeover.Knowledge.Conditions;

/// <summary>The hypervisor of the machine's host says on or off.</summary>
public sealed record PowerIs(string Machine, bool On) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => inventory.IsSwitchedByAPerson(Machine)
        ? [new(SubjectKind.Machine, Machine)]
        : HostedGuest.Asked(inventory, Machine);

    public override Judgement Judge(View view) => view.Inventory.IsSwitchedByAPerson(Machine)
        ? ByItsAnswer(view)
        : HostedGuest.See(view, Machine, (_, guest) => guest.Power == (On ? PowerState.On : PowerState.Off)
            ? Judgement.Holds
            : Judgement.Fails(StateFindings.PowerNotAs.On(Machine, "seen", guest.Power.ToString().ToLowerInvariant(), "expected", On ? "on" : "off")));

    /// <summary>
    /// No hypervisor can be asked. A machine that answers is on; that a silent one is off is the word of the person who switches
    /// it, and nothing here contradicts it.
    /// </summary>
    private Judgement ByItsAnswer(View view) =>
        !On && view.Snapshot.Find(SubjectKind.Machine, Machine) is { Silent: true } silent && view.IsFresh(silent)
            ? Judgement.Holds
            : view.See<MachineFacts>(SubjectKind.Machine, Machine, _ => On
                ? Judgement.Holds
                : Judgement.Fails(StateFindings.PowerNotAs.On(Machine, "seen", "on", "expected", "off")));
}

/// <summary>Before a machine's power is touched: it is where the inventory says, not locked, not under high availability (X2). Where a person
/// switches it, that person finds it there.</summary>
public sealed record PlacedOn(string Machine) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => HostedGuest.Asked(inventory, Machine);

    public override Judgement Judge(View view) => HostedGuest.See(view, Machine, (_, guest) =>
    {
        var why = ImmutableArray.CreateBuilder<Finding>();
        if (guest.Lock.Length > 0)
            why.Add(StateFindings.GuestLocked.On(Machine, "lock", guest.Lock));
        if (guest.Managed == true)
            why.Add(StateFindings.GuestManaged.On(Machine));
        return why.Count > 0 ? Judgement.Fails(why.ToImmutable())
            : guest.Managed is null ? Judgement.Unknown(StateFindings.NotSeen.On(Machine, "asked", "its high availability and lock"))
            : Judgement.Holds;
    });
}

/// <summary>B0: the storages and networks that the machine stands on are there on its host and can be used. Where a person switches it, that person sees to it.</summary>
public sealed record HostReady(string Machine) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => HostedGuest.Asked(inventory, Machine);

    public override Judgement Judge(View view) => HostedGuest.See(view, Machine, (facts, guest) =>
    {
        var host = view.Inventory.Machine(Machine).Host;
        if (guest.StandsOn is not { } needed || facts.Parts is not { } parts)
            return Judgement.Unknown(StateFindings.NotSeen.On(Machine, "asked", $"the storages and networks of {host}"));
        return View.Each(needed, need => parts.FirstOrDefault(p => p.Kind == need.Kind && p.Name == need.Name) is { Active: true }
            ? Judgement.Holds
            : Judgement.Fails(StateFindings.HostNotReady.On(
                Machine, "kind", need.Kind.ToString().ToLowerInvariant(), "part", need.Name, "host", host, "seen", parts.Any(p => p.Kind == need.Kind && p.Name == need.Name) ? "not active" : "not listed")));
    });
}

/// <summary>A machine as the hypervisor of its host lists it. One that a person switches has no hypervisor to ask, and nothing is known against it.</summary>
internal static class HostedGuest
{
    public static IEnumerable<Subject> Asked(ClusterInventory inventory, string machine) =>
        inventory.IsSwitchedByAPerson(machine) ? [] : [new(SubjectKind.Power, inventory.Machine(machine).Host)];

    public static Judgement See(View view, string machine, Func<PowerFacts, Guest, Judgement> judge)
    {
        if (view.Inventory.IsSwitchedByAPerson(machine))
            return Judgement.Holds;
        var placed = view.Inventory.Machine(machine);
        return view.See<PowerFacts>(SubjectKind.Power, placed.Host, facts => facts.Find(placed.GuestName) is { } guest
            ? judge(facts, guest)
            : Judgement.Fails(StateFindings.NotPlaced.On(machine, "host", placed.Host)));
    }
}

/// <summary>The machine answers, and under its own name (X9).</summary>
public sealed record MachineIs(string Machine) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Machine, Machine)];

    public override Judgement Judge(View view)
    {
        var machine = view.Inventory.Machine(Machine);
        return view.See<MachineFacts>(SubjectKind.Machine, Machine, facts =>
            SameName(facts.HostName, machine.HostName)
                ? Judgement.Holds
                : Judgement.Fails(StateFindings.WrongName.On(Machine, "seen", facts.HostName, "expected", machine.HostName)));
    }

    /// <summary>Short names, whatever their case: Windows answers in capitals, some machines with their domain.</summary>
    public static bool SameName(string a, string b) => Short(a).Equals(Short(b), StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> ShortSpan(string name) => name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? name.AsSpan(0, dot) : name;

    private static string Short(string name) => ShortSpan(name).ToString();
}

/// <summary>No disk of the machine is full. Windows is not asked, so nothing is known against it; what a Linux machine does not say is not known.</summary>
public sealed record DisksHaveRoom(string Machine) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Machine, Machine)];

    public override Judgement Judge(View view) => view.See<MachineFacts>(SubjectKind.Machine, Machine, facts =>
        facts.Disks is null && view.Inventory.Machine(Machine).Platform == Platform.Linux
            ? Judgement.Unknown(StateFindings.NotSeen.On(Machine, "asked", "its disks (df)"))
            : View.Each(facts.Disks?.Where(d => d.IsFull) ?? [], d => Judgement.Fails(
                StateFindings.DiskFull.On(Machine, "mount", d.Mount, "free", string.Create(CultureInfo.InvariantCulture, $"{d.Free >> 10}")))));
}

/// <summary>One service runs, or does not. A service that is not installed counts as not running.</summary>
public sealed record ServiceIs(string Machine, string Service, bool Running) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Services, Machine)];

    public override Judgement Judge(View view) => view.See<ServiceFacts>(SubjectKind.Services, Machine, facts => Of(facts, Machine, Service, Running));

    internal static Judgement Of(ServiceFacts facts, string machine, string service, bool running)
    {
        if (facts.Find(service) is not { Run: not ServiceRun.Unknown } state)
        {
            return Judgement.Unknown(facts.Find(service)?.Problem
                ?? StateFindings.ServiceNotAs.On(machine, "service", service, "seen", "unknown", "expected", running ? "running" : "stopped"));
        }
        var holds = running ? state.Run == ServiceRun.Running : state.Run is ServiceRun.Stopped or ServiceRun.NotInstalled;
        return holds
            ? Judgement.Holds
            : Judgement.Fails(StateFindings.ServiceNotAs.On(
                machine, "service", service, "seen", state.Detail.Length > 0 ? $"{Text(state.Run)} ({state.Detail})" : Text(state.Run), "expected", running ? "running" : "stopped"));
    }

    private static string Text(ServiceRun run) => run switch
    {
        ServiceRun.NotInstalled => "not installed",
        _ => run.ToString().ToLowerInvariant(),
    };
}

/// <summary>None of the catalogue's software runs on the machine.</summary>
public sealed record ServicesStopped(string Machine) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) =>
        inventory.ServicesOf(inventory.Machine(Machine)).Any() ? [new(SubjectKind.Services, Machine)] : [];

    public override Judgement Judge(View view)
    {
        var services = view.Inventory.ServicesOf(view.Inventory.Machine(Machine)).ToArray();
        return services.Length == 0
            ? Judgement.Holds
            : view.See<ServiceFacts>(SubjectKind.Services, Machine, facts => View.Each(services, s => ServiceIs.Of(facts, Machine, s.Name, running: false)));
    }
}

/// <summary>
/// F5, B9: no software that uses the store is seen running when the store is to move. A machine that was asked and does not answer
/// holds nothing up: its software was seen stopped at the quiet gate, or a person has left it out.
/// </summary>
public sealed record StoreUnused(ImmutableArray<string> Machines) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => Machines.Select(m => new Subject(SubjectKind.Services, m));

    public override Judgement Judge(View view) => View.Each(Machines, m =>
        view.Snapshot.Find(SubjectKind.Services, m) is { Facts: null } silent && view.IsFresh(silent)
            ? Judgement.Holds
            : view.See<ServiceFacts>(SubjectKind.Services, m, facts =>
                View.Each(view.Inventory.ServicesOf(view.Inventory.Machine(m)).Where(s => s.NeedsShare), s => ServiceIs.Of(facts, m, s.Name, running: false))));
}

/// <summary>The singleton runs on this machine, or does not (F8).</summary>
public sealed record SingletonIs(string Machine, string Singleton, bool Running) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Singleton, Machine)];

    public override Judgement Judge(View view) => view.See<SingletonFacts>(SubjectKind.Singleton, Machine, facts =>
        facts.Run == (Running ? ServiceRun.Running : ServiceRun.Stopped) || (!Running && facts.Run == ServiceRun.NotInstalled)
            ? Judgement.Holds
            : Judgement.Fails(StateFindings.SingletonNotAs.On(
                Machine, "singleton", Singleton, "seen", facts.Run.ToString().ToLowerInvariant(), "expected", Running ? "running" : "stopped")));
}

/// <summary>A floating address is held by exactly this machine of the ones asked.</summary>
public sealed record AddressAt(string Address, string Machine, ImmutableArray<string> Asked) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => Asked.Select(m => new Subject(SubjectKind.Machine, m));

    public override Judgement Judge(View view)
    {
        var holders = new List<string>();
        var judgement = View.Each(Asked, m => view.See<MachineFacts>(SubjectKind.Machine, m, facts =>
        {
            if (facts.Addresses.Contains(Address))
                holders.Add(m);
            return Judgement.Holds;
        }));
        if (holders.Count > 1)
            judgement &= Judgement.Fails(StateFindings.AddressTwice.On(Address, "machines", string.Join(" and ", holders)));
        else if (judgement.Verdict == Verdict.Holds && (holders.Count == 0 || holders[0] != Machine))
            judgement &= Judgement.Fails(StateFindings.AddressMissing.On(Machine, "address", Address));
        return judgement;
    }
}

/// <summary>Share and database are really usable from this client machine (F11).</summary>
public sealed record ClientReady(string Machine, bool Share, bool Database) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Client, Machine)];

    public override Judgement Judge(View view) => view.See<ClientFacts>(SubjectKind.Client, Machine, facts =>
    {
        var why = ImmutableArray.CreateBuilder<Finding>();
        if (Share && facts is not { ShareReadable: true, ShareWritable: true })
            why.Add(StateFindings.ShareUnusable.On(Machine, "detail", facts.Detail));
        if (Database && facts.DatabaseAnswers != true)
            why.Add(StateFindings.DatabaseUnreachable.On(Machine, "detail", facts.Detail));
        return why.Count == 0 ? Judgement.Holds : Judgement.Fails(why.ToImmutable());
    });
}

/// <summary>The claim on a machine is this run's, or nobody's.</summary>
/// <param name="Held">True: this run must hold it. False: it must be free.</param>
public sealed record ClaimIs(string Machine, bool Held) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Claim, Machine)];

    public override Judgement Judge(View view) => view.See<ClaimFacts>(SubjectKind.Claim, Machine, facts =>
        facts.Free
            ? Held ? Judgement.Fails(StateFindings.ClaimNotHeld.On(Machine)) : Judgement.Holds
            : facts.Run == view.Run && Held
                ? Judgement.Holds
                : Judgement.Fails(StateFindings.ClaimedByOther.On(Machine, "run", facts.Run, "controller", facts.Controller)));
}

/// <summary>Every object is in a downtime with this key that lasts at least until then (F2).</summary>
public sealed record DowntimeCovers(string Key, ImmutableArray<string> Objects, DateTimeOffset Until) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Downtimes, "monitoring")];

    public override Judgement Judge(View view) => view.See<DowntimeFacts>(SubjectKind.Downtimes, "monitoring", facts =>
        View.Each(Objects, o => facts.Downtimes.Any(d => d.Object == o && d.Key == Key && d.End >= Until)
            ? Judgement.Holds
            : Judgement.Fails(StateFindings.DowntimeMissing.On(o, "until", Until.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)))));
}

/// <summary>No downtime with this key is left (F13).</summary>
public sealed record DowntimeGone(string Key) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Downtimes, "monitoring")];

    public override Judgement Judge(View view) => view.See<DowntimeFacts>(SubjectKind.Downtimes, "monitoring", facts =>
        View.Each(facts.Downtimes.Where(d => d.Key == Key), d => Judgement.Fails(StateFindings.DowntimeLeft.On(d.Object))));
}

/// <summary>The backup is there and proved complete (F1).</summary>
public sealed record BackupIs(string Machine, string Id) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Backup, Machine)];

    public override Judgement Judge(View view) => view.See<BackupFacts>(SubjectKind.Backup, Machine, facts =>
        facts.Find(Id) is { Complete: true, Running: false, Bytes: > 0 }
            ? Judgement.Holds
            : Judgement.Fails(StateFindings.BackupNotComplete.On(Machine, "id", Id, "seen", Text(facts.Find(Id)))));

    private static string Text(BackupState? state) => state switch
    {
        null => "not there",
        { Running: true } => string.Create(CultureInfo.InvariantCulture, $"running ({state.Bytes} bytes so far)"),
        _ => state.Detail.Length > 0 ? $"incomplete ({state.Detail})" : "incomplete",
    };
}

public sealed record BackupGone(string Machine, string Id) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Backup, Machine)];

    public override Judgement Judge(View view) => view.See<BackupFacts>(SubjectKind.Backup, Machine, facts =>
        facts.Find(Id) is null ? Judgement.Holds : Judgement.Fails(StateFindings.BackupLeft.On(Machine, "id", Id)));
}
