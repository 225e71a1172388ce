using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;

namespace Changeover.Tests.Running;

/// <summary>A pair of balancers, a pair of stores and two databases, each with its first on h1, and a telephone without a peer; and a run there whose steps are put where a test wants them.</summary>
internal static class PairedRun
{
    internal static readonly DateTimeOffset Start = new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero);

    internal static readonly Moment Now = new(TimeSpan.FromHours(1), Start);

    internal static readonly ClusterInventory Inventory = new()
    {
        Cluster = "pairs",
        Hosts = [new() { Name = "h1", Hypervisor = HypervisorKind.Proxmox, Node = "h1" }, new() { Name = "h2", Hypervisor = HypervisorKind.Proxmox, Node = "h2" }],
        Roles =
        [
            new() { Name = "lb", Redundancy = Redundancy.Pacemaker, FloatingAddress = "10.0.0.10", Balancer = new() { WriterBackend = "sql" } },
            new() { Name = "store", Redundancy = Redundancy.Pacemaker, FloatingAddress = "10.0.0.20", Store = new() },
            new() { Name = "db", Redundancy = Redundancy.Replicated, Database = new() },
            new() { Name = "tel" },
        ],
        Machines = [On("lb1", "h1", "lb"), On("lb2", "h2", "lb"), On("st1", "h1", "store"), On("st2", "h2", "store"), On("db1", "h1", "db"), On("db2", "h2", "db"), On("tel1", "h1", "tel")],
    };

    internal static RunState Of(params ImmutableArray<Step> steps) => Of(GoalKind.Failover, steps);

    internal static RunState Of(GoalKind kind, params ImmutableArray<Step> steps) => Of(new(kind, "h1"), null, steps);

    internal static RunState Of(Goal goal, Beginning? beginning, params ImmutableArray<Step> steps) => Engine.Evolve(null, new RunStarted(
        Now, "run", "controller", 1, Inventory, new Plan(goal, "pairs", "m", "digest", "3", new("m", Start, [], []), steps, [], "digest", Beginning: beginning), []));

    /// <summary>The same run with a step somewhere else.</summary>
    internal static RunState With(this RunState state, string step, StepStatus status, StepOutcome outcome = StepOutcome.Done) => state with
    {
        Steps = state.Steps.With(step, state.Steps[step] with { Status = status, Outcome = outcome, Acted = status is StepStatus.Acting or StepStatus.Verifying or StepStatus.Done }),
    };

    internal static RunState Halted(this RunState state, string step, params ImmutableArray<Finding> why) => state with
    {
        Steps = state.Steps.With(step, state.Steps[step] with { Status = StepStatus.Halted, Findings = why }),
    };

    internal static Step Deed(string id, ClusterAction action, string gate = Gates.Quiet) => new() { Id = id, Title = Phrase.Of("gate", id), Gate = gate, Action = action };

    internal static Step Off(string machine) => Deed($"poweroff.{machine}", new SetPower(machine, "h1", On: false));

    internal static Step On(string machine) => Deed($"poweron.{machine}", new SetPower(machine, "h1", On: true));

    internal static Step Servers(string balancer, string gate) => Deed($"{gate}.{balancer}", new SetServers(balancer, []), gate);

    private static Machine On(string name, string host, string role) =>
        new() { Name = name, Host = host, Address = "10.0.0.1", Roles = [role], NodeName = name, HostName = name, GuestName = name };
}
