using System.Text.Json;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using Changeover.Planning;
using Changeover.Running;
using FsCheck;
using FsCheck.Fluent;

namespace Changeover.Tests.Running;

/// <summary>
/// The engine against everything that can be said to it, in any order, on small plans: what must hold whatever comes. FsCheck
/// prints plan, moves and the seed that repeats them.
/// </summary>
public sealed class EnginePropertyTests
{
    [Fact]
    public void Whatever_comes_no_step_acts_before_its_turn_or_twice_and_the_journal_is_the_run() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNegativeInt>(), ArbMap.Default.ArbFor<int[]>(), (plan, moves) => new SmallRun(plan.Get, moves).Play())
            .Check(Fuzz.Times(400).WithEndSize(160));

    /// <summary>So that the property above is about something: its runs come to every end and do everything a run can do.</summary>
    [Fact]
    public void The_small_runs_reach_what_they_are_meant_to_reach()
    {
        var dice = new Random(1);
        var seen = new HashSet<string>();
        for (var plan = 0; plan < 600; plan++)
        {
            var run = new SmallRun(plan, [.. Enumerable.Range(0, 160).Select(_ => dice.Next(-1000, 1000))]);
            run.Play();
            seen.UnionWith(run.Reached);
        }

        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal)
            {
                nameof(RunStarted), nameof(RunResumed), nameof(StepReady), nameof(StepActing), nameof(StepHeard), nameof(StepDone), nameof(StepHalted), nameof(StandingBroken),
                nameof(StandingMended), nameof(PauseAsked), nameof(HoldReached), nameof(HoldReleased), nameof(Decision), nameof(ClaimRenewed), nameof(StopAsked), nameof(Refusing), nameof(ClaimGivenBack),
                nameof(MendAsked), nameof(MendHeard), nameof(DowntimeExtending), nameof(DowntimeExtended),
                "hard", "third attempt", "again after doubt", "accepted", "found so", nameof(RunOutcome.Done), nameof(RunOutcome.Aborted), nameof(RunOutcome.Refused),
            },
            seen);
    }
}

/// <summary>One small plan, a cluster that does or does not do what it is told, and a list of moves.</summary>
internal sealed class SmallRun
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero);
    private static readonly string[] Machines = ["m1", "m2", "m3"];
    private static readonly string[] Services = ["a", "b"];

    private static readonly ClusterInventory Inventory = new()
    {
        Cluster = "small",
        Hosts = [new() { Name = "h1", Hypervisor = HypervisorKind.Proxmox, Node = "h1" }, new() { Name = "h2", Hypervisor = HypervisorKind.Proxmox, Node = "h2" }],
        Roles = [new() { Name = "r", Redundancy = Redundancy.ActiveActive, Services = ["a", "b"], Database = new() }],
        Services = [new() { Name = "a", Title = "a" }, new() { Name = "b", Title = "b" }],
        Machines = [.. Machines.Select((m, i) => new Machine { Name = m, Host = i == 0 ? "h1" : "h2", Address = $"10.0.0.{i + 1}", Roles = ["r"], NodeName = m, HostName = m, GuestName = m })],
    };

    private readonly int planSeed;
    private readonly int[] moves;
    private readonly List<RunEvent> journal = [];
    private readonly Dictionary<string, Track> tracks;
    private readonly HashSet<Subject> wrong = [];

    /// <summary>Gates before which it waits for a person.</summary>
    private readonly HashSet<string> held;
    private readonly Dictionary<(string, string), bool> runs = [];
    private readonly Dictionary<string, bool> on = [];
    private readonly Dictionary<string, string> claims = [];
    private bool downtime;
    private RunState state;
    private Moment now = new(TimeSpan.Zero, Start);

    public HashSet<string> Reached { get; } = new(StringComparer.Ordinal);

    public SmallRun(int planSeed, int[] moves)
    {
        (this.planSeed, this.moves) = (planSeed, moves);
        var dice = new Random(planSeed);
        var plan = Draw(dice);
        foreach (var machine in Machines)
        {
            on[machine] = dice.Next(3) > 0;
            claims[machine] = dice.Next(6) == 0 ? "other" : "";
            foreach (var service in Services)
                runs[(machine, service)] = dice.Next(2) == 0;
        }
        var started = new RunStarted(now, "run", "controller", 1, Inventory, plan, dice.Next(3) == 0 ? ["quiet"] : []);
        tracks = plan.Steps.ToDictionary(s => s.Id, _ => new Track(), StringComparer.Ordinal);
        held = [.. started.Holds];
        Keep(started);
        state = Engine.Evolve(null, started);
    }

    /// <summary>What happened to one step so far, told from the events alone.</summary>
    private sealed record Track
    {
        public bool Done { get; init; }
        public bool Begun { get; init; }
        public int Attempt { get; init; }

        /// <summary>May act: for the first time, by a person's word, because the last request never left, or after doubt and a look.</summary>
        public bool Allowed { get; init; } = true;
    }

    // ---- the plan ------------------------------------------------------------------------------------------------------

    private static Plan Draw(Random dice)
    {
        var steps = ImmutableArray.CreateBuilder<Step>();
        var count = dice.Next(1, 7);
        for (var i = 0; i < count; i++)
        {
            var machine = Machines[dice.Next(3)];
            var (action, after) = Deed(dice, machine);
            steps.Add(new Step
            {
                Id = $"step.{i}",
                Title = Phrase.Of("gate", $"{i}"),
                Gate = i * 2 < count ? Gates.Start : Gates.Quiet,
                Machine = machine,
                Requires = [.. steps.Where(_ => dice.Next(3) == 0).Select(s => new Requirement(s.Id, dice.Next(3) == 0 ? RequirementKind.Begun : RequirementKind.Done))],
                Before = action is null or TakeClaim || dice.Next(2) == 0 ? null : Some(dice),
                Action = action,
                After = after,
                CheckBudget = TimeSpan.FromSeconds(dice.Next(5, 60)),
                Budget = TimeSpan.FromSeconds(dice.Next(5, 90)),
                Hold = TimeSpan.FromSeconds(dice.Next(3) == 0 ? 5 : 0),
                Acceptable = dice.Next(2) == 0,
            });
        }
        var standing = ImmutableArray.CreateBuilder<Standing>();
        if (dice.Next(2) == 0)
            standing.Add(new("s", $"step.{dice.Next(count)}", dice.Next(2) == 0 ? "" : $"step.{dice.Next(count)}", Some(dice), []));
        return new(new(GoalKind.Failover, "h1"), "small", "m", "digest", "2", new("m", Start, [], []), steps.DrainToImmutable(), standing.DrainToImmutable(), "digest");
    }

    private static (ClusterAction?, Condition?) Deed(Random dice, string machine)
    {
        var (service, yes) = (Services[dice.Next(2)], dice.Next(2) == 0);
        return dice.Next(11) switch
        {
            0 => (null, new ServiceIs(machine, service, yes)),
            1 => (null, null),
            2 => (new TakeClaim(machine), new ClaimIs(machine, true)),
            3 => (new SetPower(machine, Inventory.Machine(machine).Host, false), new PowerIs(machine, false)),
            4 => (new Instruct(machine, "do it", new SetService(machine, service, yes)), dice.Next(2) == 0 ? null : new ServiceIs(machine, service, yes)),
            5 => (new SetDowntime("m", ["o"], Start + TimeSpan.FromMinutes(22), ""), new DowntimeCovers("m", ["o"], Start)),
            6 => (null, new NoSessions([machine], [])),
            7 => (new SetService(machine, service, yes), null),
            _ => (new SetService(machine, service, yes), new ServiceIs(machine, service, yes)),
        };
    }

    private static Condition Some(Random dice) => new ServiceIs(Machines[dice.Next(3)], Services[dice.Next(2)], dice.Next(2) == 0);

    // ---- the moves -----------------------------------------------------------------------------------------------------

    public void Play()
    {
        for (var i = 0; i < moves.Length; i++)
        {
            var dice = new Random((moves[i] * 7919) + i);
            if (dice.Next(25) == 0)
                Resume();
            else
                Take(Next(dice));
        }
        TheJournalIsTheRun();
    }

    private RunInput Next(Random dice)
    {
        now += TimeSpan.FromSeconds(dice.Next(4) == 0 ? dice.Next(0, 40) : dice.Next(0, 3));
        var effects = Engine.Pending(state);
        switch (dice.Next(20))
        {
            case < 9:
                var subjects = effects.OfType<Effect.Ask>().SelectMany(a => a.Subjects).ToArray();
                return new Seen(now, [.. subjects.Where(_ => dice.Next(8) > 0).Select(s => See(s, dice))]);
            case < 14 when effects.OfType<Effect.Perform>().ToArray() is { Length: > 0 } performs:
                var perform = performs[dice.Next(performs.Length)];
                return new Heard(now, perform.Step, perform.Attempt, Carry(perform.Action, dice));
            case < 15:
                return new Heard(now, dice.Next(3) > 0 ? $"step.{dice.Next(7)}" : $"{Engine.RenewPrefix}m1", dice.Next(4), new((ReceptionKind)dice.Next(4), "late"));
            case < 18:
                string[] ids = [.. state.Halted.Select(s => s.Id), .. state.Broken.Keys, .. state.HoldsReached.Select(Gates.Id), .. effects.OfType<Effect.Instruct>().Select(e => e.Step), $"step.{dice.Next(7)}"];
                var id = ids[dice.Next(ids.Length)];
                var answers = Answers.For(state, id);
                // Mostly what is allowed and seldom the end; sometimes anything.
                var answer = answers.IsEmpty || dice.Next(6) == 0 ? (Answer)dice.Next(8) : answers[dice.Next(answers.Length)];
                return answer == Answer.Abort && dice.Next(12) > 0 ? new Tick(now) : new Decided(now, id, answer, "test", dice.Next(5) == 0 ? "" : "because");
            case 18 when dice.Next(6) == 0:
                return new Stop(now);
            case 18 when dice.Next(4) == 0:
                return new Pause(now, "test", "because");
            case 18:
                var machine = Machines[dice.Next(3)];
                runs[(machine, Services[dice.Next(2)])] ^= true;
                return new Tick(now);
            default:
                now += TimeSpan.FromSeconds(dice.Next(0, 100));
                return new Tick(now);
        }
    }

    /// <summary>What the cluster says to a request, and what it does: not always the same.</summary>
    private Reception Carry(ClusterAction action, Random dice)
    {
        var kind = dice.Next(10) switch { 0 => ReceptionKind.Unclear, 1 => ReceptionKind.NotSent, 2 => ReceptionKind.Refused, _ => ReceptionKind.Accepted };
        if (kind is ReceptionKind.Accepted or ReceptionKind.Unclear && dice.Next(4) > 0)
        {
            switch (action)
            {
                case SetService set:
                    runs[(set.Machine, set.Service)] = set.Run;
                    break;
                case SetPower set:
                    on[set.Machine] = set.On;
                    break;
                case TakeClaim take when claims[take.Machine] == "other":
                    return new(ReceptionKind.Refused, "claimed by run other");
                case TakeClaim take:
                    claims[take.Machine] = "run";
                    break;
                case ReleaseClaim release:
                    claims[release.Machine] = "";
                    break;
                case SetDowntime:
                    downtime = true;
                    break;
            }
        }
        return new(kind, "words");
    }

    private Observation See(Subject subject, Random dice)
    {
        var asked = new Moment(now.Elapsed - TimeSpan.FromSeconds(dice.Next(8) == 0 ? dice.Next(20) : 0), now.Utc);
        if (dice.Next(12) == 0)
            return new(subject, null, StateFindings.NotSeen.On(subject.Name, "asked", subject.ToString()), asked, now);
        var lie = dice.Next(20) == 0;
        Facts facts = subject.Kind switch
        {
            SubjectKind.Services => new ServiceFacts([.. Services.Select(s => new ServiceState(s, runs[(subject.Name, s)] ^ lie ? ServiceRun.Running : ServiceRun.Stopped, ServiceStart.Automatic, ""))]),
            SubjectKind.Power => new PowerFacts([.. Machines.Where(m => Inventory.Machine(m).Host == subject.Name).Select(m => new Guest(m, m, on[m] ^ lie ? PowerState.On : PowerState.Off, false, false, ""))]),
            SubjectKind.Claim => new ClaimFacts(claims[subject.Name], claims[subject.Name], claims[subject.Name].Length > 0 ? 1 : 0),
            SubjectKind.Downtimes => new DowntimeFacts(downtime ? [new("d", "o", Start, Start + TimeSpan.FromHours(9), "changeover", "m")] : []),
            SubjectKind.Database => new DatabaseFacts("mariadb", "10", 1, false, true, "b.1", 1, "", true, null, 1, [], dice.Next(2) == 0 ? [new(7, "u", "h", "", "Sleep", 1)] : [], []),
            _ => throw new InvalidOperationException($"nothing asks for {subject}"),
        };
        return new(subject, facts, null, asked, now);
    }

    // ---- what must hold ------------------------------------------------------------------------------------------------

    private void Take(RunInput input)
    {
        var before = Told(state);
        var (events, after) = Engine.DecideAndEvolve(state, input);
        True(Text(events) == Text(Engine.Decide(state, input)), "the same input to the same state comes to other events");
        True(before == Told(state), "deciding changed the state it was given");
        True(EventText.Of(events) == EventText.Of(Engine.Decide(state with { Settled = null }, input)), "something that was left alone would have come to something");
        True(!state.IsOver || events.IsEmpty, "something happened after the end");
        var byPerson = false;
        foreach (var e in events)
        {
            byPerson |= e is Decision;
            Check(e, byPerson);
            state = Engine.Evolve(state, e);
            Follow(e);
            if (e.IsDurable)
                Keep(e);
        }
        True(Told(state) == Told(after), "the events do not lead to the state they came with");
        state = after;
        True(!state.IsOver || Engine.Pending(state).IsEmpty, "something is pending after the end");
        True(
            state.Renewing.IsEmpty || state.IsRefusing || Engine.Pending(state).OfType<Effect.Perform>().All(p => p.Action is TakeClaim),
            "something else than the claims is done before they are taken again");
    }

    private void Check(RunEvent e, bool byPerson)
    {
        if (e is StepReady ready && state.Steps[ready.Step].Status == StepStatus.Waiting)
        {
            True(Fulfilled(ready.Step), $"{ready.Step} begins before what it requires");
            True(!held.Contains(state.Plan.Step(ready.Step).Gate), $"{ready.Step} begins behind a hold point that nobody released");
        }
        if (e is PauseAsked pause)
        {
            True(
                state.Plan.Steps.Where(s => s.Gate == pause.Gate).All(s => state.Steps[s.Id].Status == StepStatus.Waiting),
                $"a pause before {pause.Gate}, which has begun");
            True(!held.Contains(pause.Gate), $"a pause before {pause.Gate}, where it waits anyway");
        }
        if (e is not StepActing acting)
            return;
        var (step, track, s) = (state.Plan.Step(acting.Step), tracks[acting.Step], state.Steps[acting.Step]);
        True(Fulfilled(acting.Step), $"{acting.Step} acts before what it requires");
        True(track.Allowed, $"{acting.Step} acts again without a person's word, a request that never left, or doubt and a look");
        True(acting.Attempt == track.Attempt + 1, $"{acting.Step} has attempt {acting.Attempt} after {track.Attempt}");
        True(!track.Done, $"{acting.Step} acts when it is done");
        if (acting.Hard)
        {
            True(byPerson, "the plug is pulled without a person's word");
            Reached.Add("hard");
            return;
        }
        True(!state.IsOver && !state.Stopping && !state.IsRefusing && state.Renewing.IsEmpty, $"{acting.Step} acts while nothing may begin");
        True(state.Broken.Count == 0 && !state.Halted.Any(), $"{acting.Step} acts while something is halted");
        True(step.Before is null || step.Before.Judge(state.View(s.LookFrom)).Verdict == Verdict.Holds, $"{acting.Step} acts although its guard does not hold");
        if (acting.Attempt == 3)
            Reached.Add("third attempt");
    }

    private bool Fulfilled(string id) =>
        state.Plan.Step(id).Requires.All(r => tracks[r.Step].Done || (r.Kind == RequirementKind.Begun && tracks[r.Step].Begun));

    /// <summary>Called with the state after the event.</summary>
    private void Follow(RunEvent e)
    {
        void Change(string id, Func<Track, Track> change) => tracks[id] = change(tracks[id]);
        switch (e)
        {
            case PauseAsked p:
                held.Add(p.Gate);
                break;
            case HoldReleased h:
                held.Remove(h.Gate);
                break;
            case StepActing a:
                Change(a.Step, t => t with { Allowed = false, Attempt = a.Attempt });
                break;
            case StepHeard { Reception.Kind: ReceptionKind.NotSent } h:
                Change(h.Step, t => t with { Allowed = true });
                break;
            case StepHeard { Reception.Kind: ReceptionKind.Accepted } h:
                Change(h.Step, t => t with { Begun = true });
                break;
            // Looked at after it, long enough, and seen not done.
            case StepReady r when !tracks[r.Step].Allowed && doubted.TryGetValue(r.Step, out var since) && r.At - since > TimeSpan.FromSeconds(30)
                && failing.Contains(r.Step):
                Change(r.Step, t => t with { Allowed = true });
                Reached.Add("again after doubt");
                break;
            case Decision d when tracks.ContainsKey(d.Step):
                Change(d.Step, t => t with { Allowed = true });
                break;
            case StepDone d:
                Change(d.Step, t => t with { Done = true });
                Reached.Add(d.Outcome switch { StepOutcome.Accepted => "accepted", StepOutcome.FoundSo => "found so", _ => "" });
                break;
        }
        if (e is StepHeard { Reception.Kind: ReceptionKind.Unclear } unclear)
            doubted[unclear.Step] = unclear.At;
        failing.Clear();
        foreach (var step in state.Plan.Steps.Where(s => s.After is not null && state.Steps[s.Id].Status == StepStatus.Verifying))
        {
            if (step.After!.Judge(state.View(state.Steps[step.Id].LookFrom)).Verdict == Verdict.Fails)
                failing.Add(step.Id);
        }
    }

    /// <summary>Since when it is not known whether a step's request took effect.</summary>
    private readonly Dictionary<string, Moment> doubted = new(StringComparer.Ordinal);

    /// <summary>Steps whose verification fails on what was asked after their request.</summary>
    private readonly HashSet<string> failing = new(StringComparer.Ordinal);

    /// <summary>The controller died and another begins with what is in the journal.</summary>
    private void Resume()
    {
        TheJournalIsTheRun();
        if (state.IsOver || state.IsRefusing)
            return;
        foreach (var step in state.Plan.Steps.Where(s => !s.IsManual && state.Steps[s.Id].Status == StepStatus.Acting))
            doubted[step.Id] = new(TimeSpan.Zero, now.Utc);
        foreach (var id in doubted.Keys.ToArray())
            doubted[id] = new(TimeSpan.Zero, now.Utc);
        // Its monotonic clock begins anew.
        now = new(TimeSpan.Zero, now.Utc);
        var resumed = new RunResumed(now, "controller", state.Epoch + 1);
        state = Engine.Evolve(Engine.Fold(Read(journal)), resumed);
        failing.Clear();
        Keep(resumed);
    }

    private void TheJournalIsTheRun()
    {
        var folded = Told(Engine.Fold(journal));
        True(folded == Told(Engine.Fold(journal)), "the same journal comes to another state");
        True(folded == Told(Engine.Fold(Read(journal))), "the journal read back from its text comes to another state");
        True(folded == Told(state), $"the journal comes to another state than the run:\n{folded}\n{Told(state)}");
    }

    private void Keep(RunEvent e)
    {
        journal.Add(e);
        Reached.Add(e.GetType().Name);
        if (e is RunEnded ended)
            Reached.Add(ended.Outcome.ToString());
        var text = Text(e);
        var back = JsonSerializer.Deserialize(text, CoreJson.Default.RunEvent)!;
        True(back.GetType() == e.GetType() && Text(back) == text, $"{text} is read back as {Text(back)}");
    }

    private static string Text(RunEvent e) => JsonSerializer.Serialize(e, CoreJson.Default.RunEvent);

    private static string Text(ImmutableArray<RunEvent> events) => string.Join('\n', events.Where(e => e.IsDurable).Select(Text));

    private static IEnumerable<RunEvent> Read(IEnumerable<RunEvent> events) => [.. events.Select(e => JsonSerializer.Deserialize(Text(e), CoreJson.Default.RunEvent)!)];

    /// <summary>Everything of a state that is not volatile.</summary>
    private static string Told(RunState s)
    {
        static string List<T>(IEnumerable<T> items) => string.Join(' ', items);
        static string Findings(ImmutableArray<Finding> findings) => findings.IsDefault ? "" : List(findings.Select(f => f.Message));
        return string.Join('\n', (string[])
        [
            $"{s.Run} {s.Controller} {s.Epoch} {s.Outcome} stopping {s.Stopping} refusing {s.IsRefusing} {Findings(s.Refusal)} {s.StartedAt:O} {s.EndedAt:O}",
            $"holds {List(s.Holds.Order())}; {List(s.HoldsReached)} broken {List(s.Broken.Select(b => $"{b.Key} {Findings(b.Value)}"))} accepted {List(s.AcceptedStandings.Order())}",
            $"renewing {List(s.Renewing)} given back {List(s.GivenBack.Order())} extensions {List(s.Extensions)} mends {s.Mends} {List(s.Mending.Select(m => $"{m.Key} {m.Value.Number} {List(m.Value.Actions)} {List(m.Value.Heard.Order())}"))}",
            .. s.Plan.Steps.Select(step => s.Steps[step.Id] is var x
                ? $"{step.Id} {x.Status} {x.Attempt} acted {x.Acted} hard {x.Hard} doubt {x.Doubt} {x.Outcome} {x.StartedAt:O} {x.EndedAt:O} held up {x.HeldUp} {x.Since} {x.LookFrom} {Findings(x.Findings)}" : ""),
        ]);
    }

    private void True(bool holds, string what)
    {
        if (!holds)
            throw new InvalidOperationException($"plan {planSeed}: {what}\n{string.Join('\n', journal.Skip(1).Select(Text))}\n{Told(state)}");
    }
}
