using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Planning.Rules;

/// <summary>F3, B3, B6: the catalogue's software is stopped. Only what ran is stopped; what did not run is not started later.</summary>
public static class StopRule
{
    public static void Contribute(PlanBuilder b)
    {
        // When no role moves, only the emptied host's software is stopped: nothing the kept side stands on is touched.
        if (!b.Disturbs)
            return;
        ImmutableArray<Machine> machines = b.IsFailback && !b.KeptSideIsTouched ? [] : b.KeptSideIsTouched ? [.. b.Emptied, .. b.Kept] : b.Emptied;
        foreach (var machine in machines.Where(b.IsOn))
        {
            foreach (var service in b.RanOn(machine))
                b.Add(Step(b, machine, service, "stop", b.IsFailback ? "B3" : "F3"));
        }
    }

    /// <summary>B6: what came up by itself when host 1's machines booted.</summary>
    public static IEnumerable<string> Silence(PlanBuilder b)
    {
        foreach (var machine in b.Emptied.Where(m => b.Disturbs || !b.IsOn(m)))
        {
            foreach (var service in MayComeUp(b, machine))
                yield return b.Add(Step(b, machine, service, "silence", "B6"));
        }
    }

    /// <summary>The software that may start by itself when its machine boots.</summary>
    public static IEnumerable<Service> MayComeUp(PlanBuilder b, Machine machine) =>
        b.Inventory.ServicesOf(machine).Where(s => s.Form == ServiceForm.Service && Installed(b, machine, s));

    private static bool Installed(PlanBuilder b, Machine machine, Service service) =>
        b.Baseline.Facts<ServiceFacts>(SubjectKind.Services, machine.Name)?.Find(service.Name)?.Run is not (null or ServiceRun.NotInstalled);

    private static Step Step(PlanBuilder b, Machine machine, Service service, string verb, string covers) => new()
    {
        Id = $"{verb}.{machine.Name}.{Ids.Of(service.Name)}",
        Title = Phrase.Of(verb, machine.Name, service.Title),
        Gate = "",
        Machine = machine.Name,
        Covers = covers == "F3" ? [covers, "X5"] : [covers],
        Before = new MachineIs(machine.Name),
        Action = service.Form == ServiceForm.Desktop
            ? new Instruct(machine.Name, service.StopInstruction, new SetService(machine.Name, service.Name, Run: false))
            : new SetService(machine.Name, service.Name, Run: false),
        After = new ServiceIs(machine.Name, service.Name, Running: false),
        Budget = service.Form == ServiceForm.Desktop ? b.Budgets.Person : b.Budgets.ServiceStop,
        Expected = TimeSpan.FromSeconds(20),
        // A machine that has just answered may still be starting its software: stopped counts when it stays so.
        Hold = verb == "silence" ? b.Budgets.StayWindow : TimeSpan.Zero,
    };
}

/// <summary>What software of a machine needs of the cluster, by the inventory.</summary>
/// <param name="Share">The store, by its share or its mount.</param>
/// <param name="Database">The writer, through the balancer's address.</param>
public readonly record struct Needs(bool Share, bool Database)
{
    public static Needs Of(PlanBuilder b, ImmutableArray<Service> services) => new(
        services.Any(s => s.NeedsShare) && b.Inventory.Roles.Any(r => r.Store is { Share.Length: > 0 } or { Mount.Length: > 0 }),
        services.Any(s => s.NeedsDatabase) && b.Inventory.Roles.Any(r => r.Balancer is { WriterBackend.Length: > 0 } && r.FloatingAddress.Length > 0));

    public bool Any => Share || Database;

    public bool Concern(Pair pair) => (Share && pair.HasStore) || (Database && pair.HasBalancer);
}

/// <summary>F11, B12: each client proves share and database, then its software starts.</summary>
public static class StartRule
{
    public static void Contribute(PlanBuilder b)
    {
        var machines = b.IsFailback
            ? b.KeptSideIsTouched ? [.. b.Emptied, .. b.Kept] : b.Emptied
            : b.KeptSideIsTouched ? b.Kept : [];
        foreach (var machine in machines)
        {
            var services = b.RanOn(machine).ToImmutableArray();
            var needs = Needs.Of(b, services);
            var ready = new ClientReady(machine.Name, needs.Share, needs.Database);
            var proof = needs.Any
                ? b.Add(new Step
                {
                    Id = $"prove.{machine.Name}",
                    Title = Phrase.Of("prove-client", machine.Name),
                    Gate = "",
                    Machine = machine.Name,
                    Covers = [b.IsFailback ? "B12" : "F11"],
                    After = ready,
                    Budget = b.Budgets.Look,
                })
                : null;
            foreach (var service in services)
            {
                b.Add(new Step
                {
                    Id = $"start.{machine.Name}.{Ids.Of(service.Name)}",
                    Title = Phrase.Of("start", machine.Name, service.Title),
                    Gate = "",
                    Machine = machine.Name,
                    Covers = [b.IsFailback ? "B12" : "F11"],
                    Before = proof is null ? new MachineIs(machine.Name) : Condition.And([ready, .. needs.Database ? Writer(b) : []]),
                    Action = service.Form == ServiceForm.Desktop
                        ? new Instruct(machine.Name, service.StartInstruction, new SetService(machine.Name, service.Name, Run: true))
                        : new SetService(machine.Name, service.Name, Run: true),
                    After = new ServiceIs(machine.Name, service.Name, Running: true),
                    Budget = service.Form == ServiceForm.Desktop ? b.Budgets.Person : b.Budgets.ServiceStart,
                    Expected = TimeSpan.FromSeconds(30),
                    // A service that runs for a moment and dies is not started.
                    Hold = TimeSpan.FromSeconds(3),
                }, proof is null ? [] : [proof]);
            }
        }
    }

    /// <summary>
    /// The balancers still choose the writer that the plan comes to. When that one is lost they take the other by themselves, and
    /// software that is started then writes on the second side.
    /// </summary>
    private static IEnumerable<Condition> Writer(PlanBuilder b)
    {
        var writer = b.IsFailback ? Expectations.Writer(b.Inventory, b.Baseline, b.Options.Machines) ?? "" : b.WriterWhileEmptied;
        if (writer.Length == 0)
            return [];
        // A balancer that went to the other one and came back leaves the sessions there that it had given out meanwhile.
        var others = b.Inventory.Masters.Where(m => m.Name != writer && (b.Kept.Contains(m) || (b.IsFailback && b.Emptied.Contains(m)))).Select(m => m.Name).ToImmutableArray();
        return [.. others.IsEmpty ? [] : new Condition[] { new NoSessions(others, []) }, .. b.KeptBalancers.Concat(b.IsFailback ? b.EmptiedBalancers : []).Select(m => new WriterIs(m.Name, writer))];
    }
}

/// <summary>F8, B13: the singleton runs on exactly one machine.</summary>
public static class SingletonRule
{
    public static void Contribute(PlanBuilder b)
    {
        foreach (var service in b.Inventory.Services.Where(s => s.Singleton.Length > 0 && s.SingletonProbe.Length > 0))
        {
            var carriers = b.Inventory.Machines.Where(m => b.Inventory.ServicesOf(m).Contains(service) && b.Baseline.ServiceRan(m.Name, service.Name)).ToArray();
            var asFound = b.Baseline.SingletonAt(b.Inventory, service.Singleton);
            var target = asFound is not null && (b.IsFailback || b.Kept.Any(m => m.Name == asFound))
                ? asFound
                : carriers.FirstOrDefault(b.Kept.Contains)?.Name;
            if (asFound is null || target is null || (!b.KeptSideIsTouched && target == asFound && !b.IsFailback))
                continue;
            var live = carriers.Where(m => b.IsFailback ? b.Kept.Contains(m) || b.Emptied.Contains(m) : b.Kept.Contains(m)).ToArray();
            var started = live.Select(m => $"start.{m.Name}.{Ids.Of(service.Name)}").Where(b.Has).ToArray();
            var stops = live.Where(m => m.Name != target).Select(m => b.Add(Step(b, service, m.Name, run: false), started)).ToArray();
            // A machine that somebody switched on again brings its own with it, and is asked nothing else any more.
            var off = b.IsFailback ? [] : carriers.Where(m => b.Emptied.Contains(m)).Select(m => new PowerIs(m.Name, On: false)).ToImmutableArray<Condition>();
            b.Add(Step(b, service, target, run: true) with { Before = off.IsEmpty ? null : Condition.And(off) }, [.. started, .. stops]);
        }
    }

    private static Step Step(PlanBuilder b, Service service, string machine, bool run) => new()
    {
        Id = $"{(run ? "singleton" : "singleton-stop")}.{machine}.{Ids.Of(service.Singleton)}",
        Title = Phrase.Of(run ? "singleton" : "singleton-stop", machine, service.Singleton),
        Gate = "",
        Machine = machine,
        Covers = b.IsFailback ? ["B13"] : ["F8"],
        Action = service.SingletonControl.Length > 0
            ? new SetSingleton(machine, service.Singleton, run)
            : new Instruct(machine, $"{(run ? "Start" : "Stop")} {service.Singleton} on {machine}.", new SetSingleton(machine, service.Singleton, run)),
        After = new SingletonIs(machine, service.Singleton, run),
        Budget = service.SingletonControl.Length > 0 ? b.Budgets.ServiceStart : b.Budgets.Person,
    };
}

/// <summary>Names made fit for step ids: letters, digits, dashes.</summary>
public static class Ids
{
    public static string Of(string name) => string.Create(name.Length, name, static (span, text) =>
    {
        for (var i = 0; i < text.Length; i++)
            span[i] = char.IsAsciiLetterOrDigit(text[i]) ? char.ToLowerInvariant(text[i]) : '-';
    });
}
