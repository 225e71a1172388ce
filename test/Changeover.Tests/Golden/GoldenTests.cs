using System.Globalization;
using System.Text;
using Changeover.Drivers;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using Changeover.Tests.Inventory;
using Changeover.Tests.Simulation;

namespace Changeover.Tests.Golden;

/// <summary>
/// Both plans of a cluster and a run of the first one, word for word, in a folder a case. They are there to be read: what an
/// operator would see. <c>UPDATE_GOLDEN=1</c> writes them anew.
/// </summary>
public sealed class GoldenTests
{
    internal static readonly DateTimeOffset Start = new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Night = TimeSpan.FromHours(6);

    private static readonly ImmutableArray<GoldenCase> All =
    [
        new("two-hosts-first", "examples/two-hosts", "vm-host-1"),
        new("two-hosts-second", "examples/two-hosts", "vm-host-2"),
        new("three-hosts-first", "examples/three-hosts", "vm-host-1"),
        new("three-hosts-third", "examples/three-hosts", "vm-host-3"),
        new("store-and-lb-on-one-machine", "", "vm-host-1"),
        new("person-switches", "examples/store-and-lb-on-one-machine", "vm-host-1"),
        new("minimal", "examples/minimal", "vm-host-1"),
        new("no-chat-and-api", "", "vm-host-1"),
        new("single-replica", "", "vm-host-1"),
        new("desktop-forms", "", "vm-host-1"),
        new("service-already-stopped", "examples/two-hosts", "vm-host-1", "a mail service is stopped on acd-tel1 and one on acd-tel2")
        {
            Found = [[new SetService("acd-tel1", "jtelEWSMailService", false), new SetService("acd-tel2", "jtelIMAPMailService", false)]],
        },
        new("pairs-already-on-the-other-side", "examples/two-hosts", "vm-host-1", "acd-store2 and acd-lb2 hold their pairs")
        {
            Found =
            [
                [new SetStandby("acd-store1", true, "acd-store1"), new SetStandby("acd-lb1", true, "acd-lb1")],
                [new SetStandby("acd-store1", false, "acd-store1"), new SetStandby("acd-lb1", false, "acd-lb1")],
            ],
        },
        new("old-pcs", "examples/two-hosts", "vm-host-1", "pcs is 0.9")
        {
            Arrange = world => world.Truth.Machines.Where(m => m.Node is not null).ToList().ForEach(m => m.Node!.PcsVersion = "0.9.169"),
        },
        new("drbd-9", "examples/two-hosts", "vm-host-1", "DRBD is 9")
        {
            Arrange = world => world.Truth.Machines.ForEach(m => m.DrbdVersion = "9.1.13"),
        },
        new("mysql-8.4", "examples/two-hosts", "vm-host-1", "the databases are MySQL 8.4, and an event of acd-dbm1 stands still on acd-dbm2")
        {
            Arrange = world => MysqlTests.Mysql(world).Schedule(new JobStandsStill("acd-dbm2", "nightly"), TimeSpan.Zero),
        },
    ];

    public static TheoryData<string> Names => [.. All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_plans_and_the_run_are_word_for_word_as_kept(string name)
    {
        var golden = All.Single(c => c.Name == name);
        var world = golden.Begin();
        // What people did before is theirs.
        var before = world.Truth.Violations.Count;
        var (over, overTold) = Go(golden, world, GoalKind.Failover, null);
        var (back, _) = Go(golden, world, GoalKind.Failback, over.Baseline);

        Same(golden.Folder, "transcript-failover.txt", overTold);
        Assert.Equal((RunOutcome.Done, RunOutcome.Done), (over.Outcome, back.Outcome));
        Assert.Empty(world.Truth.Violations.Skip(before));
        Assert.Empty(world.NotKnown);
    }

    /// <summary>The first of them without its run: for who changes a rule it takes no time.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void The_plan_by_itself_is_word_for_word_as_kept(string name)
    {
        var golden = All.Single(c => c.Name == name);
        var world = golden.Begin();

        Derive(golden, world, GoalKind.Failover, Find(world));
    }

    /// <summary>By hand; two minutes pass after each group.</summary>
    internal static void Do(World world, ImmutableArray<ImmutableArray<ClusterAction>> groups)
    {
        foreach (var group in groups)
        {
            foreach (var action in group)
                world.Person(action);
            world.AdvanceTo(world.Now + TimeSpan.FromMinutes(2));
        }
    }

    internal static Baseline Find(World world) =>
        Baseline.Take("m1", world.Utc, new Simulator(world, AllDrivers.Set).Observe(WhatToLookAt.Everything(world.Inventory), TimeSpan.FromMinutes(2)));

    private static Plan Derive(GoldenCase golden, World world, GoalKind kind, Baseline found)
    {
        var plan = Planner.Derive(world.Inventory, InventoryDigest.Of(world.Inventory), new(kind, golden.Host), found, PlanOptions.Default, world.Utc);
        Same(golden.Folder, $"plan-{plan.Goal.Word}.txt", PlanText.Text(plan));
        Same(golden.Folder, $"plan-{plan.Goal.Word}.dot", PlanText.Dot(plan));
        return plan;
    }

    private static (RunState State, string Told) Go(GoldenCase golden, World world, GoalKind kind, Baseline? baseline)
    {
        var transcript = new Transcript(world);
        var simulator = new Simulator(world, transcript.Listen()) { Happened = transcript.Heard, Fates = transcript.Sent };
        // Before the run: a plan that differs is told as that, not as what became of it.
        var plan = Derive(golden, world, kind, baseline ?? Baseline.Take("m1", world.Utc, simulator.Observe(WhatToLookAt.Everything(world.Inventory), TimeSpan.FromMinutes(2))));
        var started = new RunStarted(simulator.Now, $"{plan.Goal.Word}-1", "controller", 1, world.Inventory, plan, []);
        transcript.Begin($"{plan.Goal} of {(golden.Inventory.Length > 0 ? golden.Inventory : $"the inventory beside this")}{(golden.Starting.Length > 0 ? $"; {golden.Starting}" : "")}");
        simulator.Journal.Add(started);
        var state = simulator.Run(Engine.Evolve(null, started), Night, _ => null);
        return (state, transcript.End(state));
    }

    /// <summary>Compares line by line, so that the difference is a line and its place and not two long texts.</summary>
    internal static void Same(string folder, string file, string actual)
    {
        var path = Path.Combine(folder, file);
        actual += "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(path, actual);
        }
        var kept = File.Exists(path) ? File.ReadAllText(path) : "";
        if (kept == actual)
            return;
        var (was, now) = (kept.Split('\n'), actual.Split('\n'));
        var at = Enumerable.Range(0, Math.Min(was.Length, now.Length)).FirstOrDefault(i => was[i] != now[i], Math.Min(was.Length, now.Length));
        static string Part(string[] lines, int at, string sign) => string.Join('\n', lines.Skip(at).Take(5).Select(l => $"{sign} {l}"));
        Assert.Fail(string.Create(
            CultureInfo.InvariantCulture,
            $"{Path.GetFileName(folder)}/{file} differs from line {at + 1} on ({was.Length} lines kept, {now.Length} now):\n{Part(was, at, "-")}\n{Part(now, at, "+")}\nWhen it is meant to be so: UPDATE_GOLDEN=1, and read the whole difference."));
    }
}

/// <param name="Inventory">Folder of the inventory; empty: beside the golden files.</param>
/// <param name="Host">That is emptied and brought back.</param>
/// <param name="Starting">What is not as in a fresh cluster, for the transcript's head.</param>
internal sealed record GoldenCase(string Name, string Inventory, string Host, string Starting = "")
{
    /// <summary>What was done by hand before; two minutes pass after each group.</summary>
    public ImmutableArray<ImmutableArray<ClusterAction>> Found { get; init; } = [];

    /// <summary>Which versions the cluster has.</summary>
    public Action<World> Arrange { get; init; } = _ => { };

    /// <summary>The cluster as it is found.</summary>
    public World Begin()
    {
        var world = World.Create(Read(), 1, GoldenTests.Start);
        Arrange(world);
        GoldenTests.Do(world, Found);
        return world;
    }

    public string Folder => RepositoryFile.Path("test", "Changeover.Tests", "Golden", Name);

    private ClusterInventory Read()
    {
        var path = Inventory.Length > 0 ? RepositoryFile.Path([.. Inventory.Split('/'), "cluster.yaml"]) : Path.Combine(Folder, "cluster.yaml");
        var reading = InventoryFile.Read(path);
        return reading.Inventory ?? throw new InvalidOperationException(string.Join('\n', reading.Findings));
    }
}

/// <summary>The events of a run and the changing requests between them, in order, with the cluster's time.</summary>
internal sealed class Transcript(World world)
{
    private readonly StringBuilder text = new();
    private TimeSpan began;
    private Request? last;

    public void Begin(string head)
    {
        began = world.Now;
        text.AppendLine(head).AppendLine();
    }

    /// <summary>The same drivers, with an ear on what they tell the cluster to do.</summary>
    public DriverSet Listen() => new([.. AllDrivers.Each.Select(d => (IDriver)new Ear(d, this))]);

    public void Heard(RunEvent happened)
    {
        var line = happened switch
        {
            StepReady e => $"looks    {e.Step}",
            StepActing e => $"acts     {e.Step}{(e.Attempt > 1 ? $", attempt {e.Attempt}" : "")}{(e.Hard ? ", hard" : "")}",
            StepHeard e => $"heard    {e.Step}: {e.Reception.Kind.ToString().ToLowerInvariant()}{(e.Reception.Words.Length > 0 ? $" ({e.Reception.Words})" : "")}",
            StepDone e => $"done     {e.Step}{(e.Outcome == StepOutcome.Done ? "" : $", {e.Outcome}")}{(e.Notes is { } notes ? $": {string.Join(" ", notes.Select(n => n.Message))}" : "")}",
            StepHalted e => $"HALTED   {e.Step}: {string.Join(" ", e.Findings.Select(f => f.Message))}",
            StandingBroken e => $"BROKEN   {e.Standing}: {string.Join(" ", e.Findings.Select(f => f.Message))}",
            Decision e => $"decided  {e.Step}: {e.Answer.ToString().ToLowerInvariant()} by {e.Who}",
            PictureTaken e => $"picture  {string.Join(", ", e.Facts.Select(f => f.Subject))}",
            RunEnded e => $"ended    {e.Outcome.ToString().ToLowerInvariant()}",
            _ => happened.GetType().Name,
        };
        Line(line);
    }

    /// <summary>Called when the request of an action leaves, right after its driver rendered it.</summary>
    public Fate Sent(Effect.Perform perform)
    {
        foreach (var line in Lines(last!))
            Line($"         > {line}");
        return Fate.Arrives;
    }

    public string End(RunState state) => text.AppendLine()
        .Append(CultureInfo.InvariantCulture, $"{state.Outcome.ToString().ToLowerInvariant()}, {state.Steps.Values.Count(s => s.Status == StepStatus.Done)} of {state.Steps.Values.Length} steps")
        .ToString();

    private void Line(string line) => text.AppendLine(CultureInfo.InvariantCulture, $"{(world.Now - began).TotalSeconds,7:0.0}  {line}");

    private static IEnumerable<string> Lines(Request request) => request switch
    {
        Request.Shell shell => shell.Commands.Select(c =>
            $"{shell.Machine}{(shell.Guard is { } guard ? $" [claim {guard.Run}/{guard.Epoch}]" : "")}: {Words(c)}{(c.Input.Length > 0 ? $" < {c.Input.TrimEnd()}" : "")}"),
        Request.Http http => http.Calls.Select(c => $"{http.Endpoint}: {c.Method} {c.Path}{(c.Body.Length > 0 ? $" {c.Body}" : "")}"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>A script stands for itself in its driver; here its name and arguments are enough.</summary>
    private static string Words(Command command) => PowerShell.Comment(command.Arguments) is { } comment
        ? $"powershell {comment}"
        : string.Join(' ', command.Arguments.Select(a => a.Contains('\n', StringComparison.Ordinal) ? "(script)" : a.Length == 0 ? "''" : a));

    private sealed class Ear(IDriver driver, Transcript transcript) : IDriver
    {
        public ImmutableArray<SubjectKind> Subjects => driver.Subjects;

        public Request Ask(Subject subject, DriverContext context) => driver.Ask(subject, context);

        public Reading Read(Subject subject, Reply.Answered reply, DriverContext context) => driver.Read(subject, reply, context);

        public Request? Tell(ClusterAction action, DriverContext context)
        {
            var request = driver.Tell(action, context);
            transcript.last = request ?? transcript.last;
            return request;
        }

        public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context) => driver.Heard(action, reply, context);
    }
}
