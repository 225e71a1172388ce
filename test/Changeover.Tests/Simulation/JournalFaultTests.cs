using System.Collections.Concurrent;
using Changeover.Drivers;
using Changeover.Journal;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Simulation;
using Changeover.Tests.Journal;
using Changeover.Transport;
using static Changeover.Tests.Simulation.SimulatedRun;

namespace Changeover.Tests.Simulation;

/// <summary>The journal's own faults: no room, and an older copy of it put back.</summary>
public sealed class JournalFaultTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("journal-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>A run that was killed with so many events in its journal; and what it had sent has come to its end.</summary>
    private static (World World, List<RunEvent> Journal, RunState State) Killed(ulong seed, int after)
    {
        var world = World.Create(Example, seed, Start);
        var simulator = new Simulator(world, AllDrivers.Set);
        var started = Begin(world, simulator, GoalKind.Failover, "vm-host-1", null) with { Controller = "control-a" };
        simulator.Journal[0] = started;
        var state = simulator.Run(Engine.Evolve(null, started), Night, _ => null, after);
        world.AdvanceTo(world.Now + TimeSpan.FromMinutes(1));
        return (world, simulator.Journal, state);
    }

    /// <param name="runner">Every runner has a name of its own, as the program gives it.</param>
    private static (List<RunEvent> Journal, RunState State) Resume(World world, IEnumerable<RunEvent> journal, int epoch, string runner, int crashAfter = int.MaxValue, Func<RunState, Decided?>? decide = null)
    {
        var simulator = new Simulator(world, AllDrivers.Set);
        var resumed = new RunResumed(simulator.Now, runner, epoch);
        simulator.Journal.AddRange(journal);
        simulator.Journal.Add(resumed);
        var state = simulator.Run(Engine.Evolve(Engine.Fold(journal), resumed), Night, decide ?? (_ => null), crashAfter);
        return (simulator.Journal, state);
    }

    [Theory]
    [InlineData(GoalKind.Failover)]
    [InlineData(GoalKind.Failback)]
    public void A_full_disk_ends_the_run_before_the_next_request_and_with_room_again_it_goes_on(GoalKind kind)
    {
        foreach (var full in new[] { 30, 75, 120, 165, 210 })
        {
            var world = World.Create(Example, 81, Start);
            var baseline = kind == GoalKind.Failback ? Go(world, GoalKind.Failover, "vm-host-1", null).Baseline : null;
            var written = 0;
            var sent = new List<(string Step, int Attempt)>();
            var simulator = new Simulator(world, AllDrivers.Set)
            {
                NoRoomFor = _ => written++ >= full,
                Fates = perform =>
                {
                    sent.Add((perform.Step, perform.Attempt));
                    return Fate.Arrives;
                },
            };
            var started = Begin(world, simulator, kind, "vm-host-1", baseline);
            simulator.Run(Engine.Evolve(null, started), Night, _ => null);

            Assert.True(simulator.IsDead);
            Assert.Subset(simulator.Journal.OfType<StepActing>().Select(a => (a.Step, a.Attempt)).ToHashSet(), sent.ToHashSet());
            var (_, state) = Resume(world, simulator.Journal, 2, "controller");
            Assert.True(state.Outcome == RunOutcome.Done, Story(state, world));
            Assert.Empty(Ours(world));
        }
    }

    /// <summary>On a real small disk, with the program's own journal and runner.</summary>
    [Fact]
    public async Task A_real_full_disk_ends_the_run_with_its_reason_and_with_room_again_it_goes_on()
    {
        using var small = SmallDisk.Mount(folder, "size=16m");
        var file = Path.Combine(small.Folder, "test.journal");
        var filler = Path.Combine(small.Folder, "filler");
        var world = World.Create(Example, 82, Start);
        var begun = Begin(world, new Simulator(world, AllDrivers.Set), GoalKind.Failover, "vm-host-1", null);
        await using var transport = new SimulatedTransport(world, speed: 1000);
        var counting = new Counting(transport);
        var intended = 0;

        using (var journal = EventJournal.Open(file, "controller", TimeProvider.System))
        {
            var started = begun with { Epoch = journal.StartEpoch(begun.Run, 0) };
            journal.Append(started.Run, started.Epoch, [RunStore.Entry(started)]);
            await File.WriteAllBytesAsync(filler, new byte[Math.Max(0, Free(small.Folder) - 1_500_000)], TestContext.Current.CancellationToken);
            var full = await Assert.ThrowsAsync<JournalException>(() => Run(journal, started, Engine.Evolve(null, started)));

            Assert.Equal(JournalTrouble.NoSpace, full.Trouble);
            Assert.Contains("Make room, then resume", full.Message, StringComparison.Ordinal);
            Assert.InRange(counting.Changing, 1, intended);
        }
        // What was on its way comes to its end; nobody hears of it.
        transport.MayGoOn = () => transport.Submitted != transport.Delivered;
        await counting.Settled;
        var sent = counting.Changing;
        File.Delete(filler);
        using (var journal = EventJournal.Open(file, "controller", TimeProvider.System))
        {
            var state = RunStore.State(journal, begun.Run);
            Assert.InRange(state.Plan.Steps.Count(s => s.Action is not null && state.Steps[s.Id].Acted), 1, intended);
            Assert.Equal(sent, counting.Changing);
            var epoch = journal.StartEpoch(state.Run, state.Epoch);
            var resumed = new RunResumed(transport.Clock.Now, "controller", epoch);
            journal.Append(state.Run, epoch, [RunStore.Entry(resumed)]);
            state = await Run(journal, begun, Engine.Evolve(state, resumed));
            Assert.True(state.Outcome == RunOutcome.Done, Story(state, world));
            Assert.Equal(RunOutcome.Done, RunStore.State(journal, begun.Run).Outcome);
        }
        Assert.Empty(Ours(world));

        async Task<RunState> Run(EventJournal journal, RunStarted started, RunState state)
        {
            void Append(ImmutableArray<RunEvent> events)
            {
                journal.Append(started.Run, state.Epoch, [.. events.Select(RunStore.Entry)]);
                intended += events.Count(e => e is StepActing);
            }
            var runner = new Runner(AllDrivers.Set, counting, transport.Clock, Append, (_, _) => { });
            runner.PersonAsked += (step, instruction) =>
            {
                if (instruction.InPlaceOf is { } deed)
                    transport.Person(deed);
                runner.Post(at => new Decided(at, step, Answer.Confirm, "test", ""));
            };
            var (asked, answered) = (transport.Submitted - runner.Started, transport.Delivered - runner.TakenIn);
            transport.MayGoOn = () => runner.IsWaiting && runner.Started == transport.Submitted - asked && runner.TakenIn == transport.Delivered - answered;
            return await runner.Run(state, s => s.IsHalted, TestContext.Current.CancellationToken);
        }
    }

    private static int Free(string folder) => (int)new DriveInfo(folder).AvailableFreeSpace;

    /// <summary>Counts the requests that change something: those that test a claim, and calls that are no questions.</summary>
    private sealed class Counting(ITransport inner) : ITransport
    {
        private readonly ConcurrentBag<Task> exchanges = [];
        private int changing;

        public int Changing => Volatile.Read(ref changing);

        public Task Settled => Task.WhenAll(exchanges);

        public Task<Reply> Exchange(Request request, Ct ct)
        {
            if (request is Request.Shell { Guard: not null } || (request is Request.Http http && http.Calls.Any(c => c.Method != "GET")))
                Interlocked.Increment(ref changing);
            var exchange = inner.Exchange(request, ct);
            exchanges.Add(exchange);
            return exchange;
        }
    }

    /// <summary>The copy's next epoch is one that another runner has taken already, or an older one.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_older_copy_of_the_journal_is_refused_by_the_claims_of_a_later_epoch(int resumes)
    {
        var (world, copy, _) = Killed(83, 120);
        var journal = copy;
        for (var epoch = 2; epoch < 2 + resumes; epoch++)
            (journal, _) = Resume(world, journal, epoch, $"control-{epoch}", journal.Count + 40);
        world.AdvanceTo(world.Now + TimeSpan.FromMinutes(1));

        var (after, state) = Resume(world, copy, 2, "control-again");

        Assert.NotEmpty(Reasons(state));
        Assert.All(Reasons(state), r => Assert.Equal("run.claim-gone", r.Code));
        Assert.DoesNotContain(after.Skip(copy.Count), e => e is StepActing);
        var (_, ended) = Resume(world, journal, 2 + resumes, "control-new");
        Assert.True(ended.Outcome == RunOutcome.Done, Story(ended, world));
        Assert.Empty(Ours(world));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(120)]
    [InlineData(180)]
    public void An_older_copy_of_the_journal_of_a_run_that_has_ended_asks_a_person_and_does_nothing(int at)
    {
        var (world, journal, state) = Killed(84, int.MaxValue);
        Assert.Equal(RunOutcome.Done, state.Outcome);
        var copy = journal.Take(at).ToArray();

        var (after, again) = Resume(world, copy, 2, "control-b");

        Assert.Contains(Reasons(again), r => r.Code == "run.claim-forgotten");
        Assert.DoesNotContain(after.Skip(at), e => e is StepActing);
    }

    /// <summary>The one case nothing tells from a crash: it must be as harmless as one.</summary>
    [Fact]
    public void An_older_copy_of_the_newest_epoch_does_nothing_twice_that_does_harm()
    {
        foreach (var killed in new[] { 100, 150, 200, 240 })
        {
            foreach (var lost in new[] { 1, 5, 20, 60 })
            {
                var (world, journal, _) = Killed(85, killed);
                var (_, state) = Resume(world, journal.Take(journal.Count - lost), 2, "control-b");

                Assert.True(state.Outcome == RunOutcome.Done || state.IsHalted, $"{killed} less {lost}: {Story(state, world)}");
                Assert.Empty(Ours(world).Select(v => $"{killed} less {lost}: {v}"));
            }
        }
    }

    [Fact]
    public void A_machine_that_booted_while_nobody_ran_is_asked_about_and_claimed_again()
    {
        var (world, journal, _) = Killed(86, 100);
        world.Schedule(new MachineDies("acd-dbs2"), world.Now);
        world.Schedule(new SomebodyStartsGuest("acd-dbs2"), world.Now + TimeSpan.FromSeconds(5));
        world.AdvanceTo(world.Now + TimeSpan.FromMinutes(2));
        var asked = new List<(string Code, string Subject)>();

        var (_, state) = Resume(world, journal, 2, "control-b", decide: s =>
        {
            asked.AddRange(Reasons(s));
            return asked.Count < 5 ? new Decided(default, s.Halted.Select(h => h.Id).Concat(s.Broken.Keys).First(), Answer.Retry, "test", "") : null;
        });

        Assert.Equal([("run.claim-forgotten", "acd-dbs2")], asked);
        Assert.True(state.Outcome == RunOutcome.Done, Story(state, world));
    }
}
