using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Planning.Rules;

/// <summary>F9, B5: power, in the order of what stands on what.</summary>
public static class PowerRule
{
    public static string OffId(Machine machine) => $"poweroff.{machine.Name}";

    public static string OnId(Machine machine) => $"poweron.{machine.Name}";

    public static void Off(PlanBuilder b)
    {
        var machines = b.Emptied.Where(b.IsOn).ToImmutableArray();
        // The last one of a host is the one nothing else stands below: it waits for all others.
        var last = machines.Where(m => !machines.Any(o => MachineOrder.StandsOn(b.Inventory, m, o))).ToArray();
        foreach (var machine in machines)
        {
            var requires = machines
                .Where(o => MachineOrder.StandsOn(b.Inventory, o, machine))
                .Select(o => new Requirement(OffId(o), MachineOrder.GoesAlongside(b.Inventory, o) ? RequirementKind.Begun : RequirementKind.Done));
            if (last.Contains(machine))
                requires = requires.Concat(machines.Where(o => !last.Contains(o)).Select(o => new Requirement(OffId(o))));
            b.Add(new Step
            {
                Id = OffId(machine),
                Title = Phrase.Of("power-off", machine.Name),
                Gate = "",
                Machine = machine.Name,
                Covers = ["F9", "X6", "X8", "X10"],
                Requires = [.. requires],
                Before = Condition.And([.. MayGo(b, machine)]),
                Action = Power(b, machine, on: false),
                After = Condition.And([.. IsDown(b, machine)]),
                Budget = b.Budgets.PowerOff,
                Expected = TimeSpan.FromSeconds(30),
                CheckBudget = b.Budgets.Look,
            });
        }
    }

    public static void On(PlanBuilder b)
    {
        var off = b.Emptied.Where(m => !b.IsOn(m)).ToArray();
        // A run that was aborted may have set one of them only; nothing may boot into the balancers' choice, and the pair moves
        // only when they agree.
        var isolated = b.Remainder is not null && (off.Length > 0 || b.BalancersAreLeftSet) ? BalancerRule.MaintAll(b) : [];
        foreach (var machine in off)
        {
            var before = off.Where(o => MachineOrder.StandsOn(b.Inventory, machine, o)).SelectMany(o => ReadyIds(b, o)).Concat(isolated).ToArray();
            var guards = new List<Condition> { new PlacedOn(machine.Name), new HostReady(machine.Name) };
            var isMaster = b.Inventory.Masters.Contains(machine);
            if (isMaster)
                guards.AddRange(b.KeptBalancers.Where(k => b.ServersToMaint(k.Name).Length > 0).Select(k => new ServersAre(k.Name, b.ServersToMaint(k.Name))));
            guards.AddRange(IsAwaited(b, machine));
            guards.AddRange(ItsSoftwareIsServed(b, machine));
            b.Add(new Step
            {
                Id = OnId(machine),
                Title = Phrase.Of("power-on", machine.Name),
                Gate = "",
                Machine = machine.Name,
                Covers = isMaster ? ["B5", "X8", "F7"] : ["B5", "X8"],
                Before = Condition.And([.. guards]),
                Action = Power(b, machine, on: true),
                After = Condition.And([.. IsUp(b, machine)]),
                Budget = b.Budgets.PowerOn,
                Expected = TimeSpan.FromSeconds(60),
            }, before);
            var claimed = OnId(machine);
            if (ClaimRule.Machines(b.Inventory).Contains(machine))
                claimed = b.Add(ClaimRule.Step(b, machine), claimed);
            if (b.Inventory.Balancers.Contains(machine))
            {
                // Its HAProxy has forgotten MAINT; if the address came to it by accident, host 1's databases must not become the writer.
                foreach (var _ in BalancerRule.Maint(b, machine.Name, [ClaimRule.Id(machine.Name)], acceptable: true))
                    continue;
            }
            if (b.Inventory.Databases.Contains(machine))
                b.Add(ReplicationRule.Step(b, machine.Name, booted: true), claimed);
        }
        ReplicationRule.Follow(b, off);
    }

    /// <summary>The steps after which a booted machine counts as ready for what stands on it.</summary>
    private static IEnumerable<string> ReadyIds(PlanBuilder b, Machine machine)
    {
        yield return OnId(machine);
        if (b.Inventory.Balancers.Contains(machine) && b.ServersToMaint(machine.Name).Length > 0)
            yield return $"maint.{machine.Name}";
        if (b.Inventory.Databases.Contains(machine))
            yield return ReplicationRule.Id(machine.Name);
    }

    private static ClusterAction Power(PlanBuilder b, Machine machine, bool on)
    {
        var action = new SetPower(machine.Name, machine.Host, on);
        return b.Inventory.IsSwitchedByAPerson(machine.Name)
            ? new Instruct(machine.Name, on ? $"Start {machine.Name} on {machine.Host}." : $"Shut down {machine.Name} on {machine.Host} (guest shutdown, not power off).", action)
            : action;
    }

    /// <summary>Never a machine that holds a role or the only good copy, or whose software runs.</summary>
    private static IEnumerable<Condition> MayGo(PlanBuilder b, Machine machine)
    {
        yield return new PlacedOn(machine.Name);
        // X6: what was so when the run began may have been changed since, and this is the last moment to see it.
        if (new ComesBack(machine.Name) is var comesBack && comesBack.Subjects(b.Inventory).Any())
            yield return comesBack;
        if (b.Inventory.ServicesOf(machine).Any())
            yield return new ServicesStopped(machine.Name);
        foreach (var pair in b.Divided.Where(p => p.Members.Contains(machine.Name)))
        {
            yield return new PairHeld(pair.Name, pair.Other(machine.Name), PeerExpectation.Online);
            if (pair.HasStore)
            {
                yield return new DrbdIs(pair.Other(machine.Name), Primary: true, Alone: false);
                yield return new DrbdIs(machine.Name, Primary: false, Alone: false);
            }
        }
        if (b.Masters is { } masters && masters.Emptied == machine.Name)
        {
            foreach (var balancer in b.KeptBalancers)
            {
                yield return new WriterIs(balancer.Name, masters.Kept);
                yield return new ServersAre(balancer.Name, b.ServersToMaint(balancer.Name));
            }
            yield return new CaughtUp(masters.Kept, masters.Emptied);
            yield return new NoSessions([machine.Name], []);
        }
    }

    /// <summary>
    /// The other one holds the role, waits for this one and keeps the role when it comes. Into a cluster that is not well it could come back as the holder, and
    /// beside a store that stands alone with a copy that lacks what was written meanwhile; what somebody sets at the pair decides as soon as it joins.
    /// </summary>
    private static IEnumerable<Condition> IsAwaited(PlanBuilder b, Machine machine)
    {
        foreach (var pair in b.Divided.Where(p => p.Members.Contains(machine.Name)))
        {
            yield return new PairHeld(pair.Name, pair.Other(machine.Name), PeerExpectation.Offline);
            if (pair.HasStore)
                yield return new DrbdIs(pair.Other(machine.Name), Primary: true, Alone: true);
            yield return new JoinMovesNothing(pair.Name, machine.Name);
        }
    }

    /// <summary>
    /// Software that starts with its machine starts on our word. Whether it can use share and database is asked on the machine itself before a start (F11), which
    /// cannot be done while it is off: here what they come from is asked.
    /// </summary>
    private static IEnumerable<Condition> ItsSoftwareIsServed(PlanBuilder b, Machine machine)
    {
        var needs = Needs.Of(b, [.. StopRule.MayComeUp(b, machine)]);
        foreach (var pair in b.Inventory.Pairs.Where(p => needs.Concern(p) && !p.Members.Contains(machine.Name)))
            yield return new PairHeld(pair.Name, b.ServesWhileEmptied(pair), PeerExpectation.Any);
        if (needs.Database && b.WriterWhileEmptied.Length > 0)
        {
            foreach (var balancer in b.KeptBalancers)
                yield return new WriterIs(balancer.Name, b.WriterWhileEmptied);
        }
    }

    /// <summary>X8: the hypervisor says off, and the node left its cluster cleanly.</summary>
    private static IEnumerable<Condition> IsDown(PlanBuilder b, Machine machine)
    {
        yield return new PowerIs(machine.Name, On: false);
        foreach (var pair in b.Divided.Where(p => p.Members.Contains(machine.Name)))
            yield return new PairHeld(pair.Name, pair.Other(machine.Name), PeerExpectation.Offline);
    }

    /// <summary>X8: store = member and DRBD connected; balancer = member, HAProxy answers, address not taken; a database's replication has a step of its own.</summary>
    private static IEnumerable<Condition> IsUp(PlanBuilder b, Machine machine)
    {
        yield return new PowerIs(machine.Name, On: true);
        yield return new MachineIs(machine.Name);
        foreach (var pair in b.Divided.Where(p => p.Members.Contains(machine.Name)))
        {
            var holder = pair.Other(machine.Name);
            yield return new PairHeld(pair.Name, holder, PeerExpectation.Online);
            foreach (var address in pair.FloatingAddresses)
                yield return new AddressAt(address, holder, pair.Members);
        }
        if (b.Inventory.Balancers.Contains(machine))
            yield return new ServersAre(machine.Name, []);
    }
}
