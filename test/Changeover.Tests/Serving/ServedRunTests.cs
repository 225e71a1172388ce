using System.Net;
using System.Text.Json;
using Changeover.Findings;
using Changeover.Journal;
using Changeover.Running;
using Changeover.Serving;
using Changeover.Simulation;
using Changeover.Tests.Cli;

namespace Changeover.Tests.Serving;

/// <summary>Whole runs through the API, on the simulated cluster.</summary>
public sealed class ServedRunTests
{
    private const string Manual = "site.announcement-on";

    [Fact]
    public async Task Failover_failback_and_close_go_through_and_are_told_once_and_in_order()
    {
        await using var served = await Served.Start();
        var client = served.With(Right.Run);
        foreach (var goal in new[] { "failover", "failback", "close" })
        {
            var run = await Served.Run(client, goal);
            Assert.Equal("done", (await Served.UntilOver(client, run)).GetProperty("state").GetString());
        }

        var runs = (await Served.Get(client, "/api/runs")).GetProperty("runs").EnumerateArray().ToArray();
        Assert.Equal(["failover vm-host-1", "failback vm-host-1", "close vm-host-1"], runs.Select(r => r.GetProperty("goal").GetString()!));
        var last = runs[^1].GetProperty("run").GetString();
        var told = (await Served.Until(client, e => e.Kind == "journal" && e.Data.GetProperty("kind").GetString() == "run-ended" && e.Data.GetProperty("run").GetString() == last))
            .Where(e => e.Kind == "journal").Select(e => long.Parse(e.Id, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(Enumerable.Range(1, told.Length).Select(i => (long)i), told);

        using var journal = EventJournal.OpenToRead(served.Journal, TimeProvider.System);
        Assert.All(journal.Runs(), r => Assert.Equal("token run", Assert.IsType<RunStarted>(RunStore.Event(journal.Read(r.Run)[0])).Who));
        var report = await client.GetStringAsync($"/api/runs/{last}/report", Served.Now);
        Assert.StartsWith("<!doctype html>", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_connection_is_gone_on_from_where_it_was()
    {
        await using var served = await Served.Start();
        var client = served.With(Right.Run);
        var run = await Served.Run(client, "failover");
        var first = await Served.Until(client, e => e.Kind == "journal");
        await Served.UntilOver(client, run);

        var rest = await Served.Until(client, e => e.Kind == "journal", since: long.Parse(first[^1].Id, System.Globalization.CultureInfo.InvariantCulture) + 4);
        Assert.Equal("6", rest[^1].Id);
    }

    [Fact]
    public async Task Everything_that_happened_in_a_run_is_told_as_the_stream_told_it_and_nothing_of_another()
    {
        await using var served = await Served.Start();
        var (client, viewer) = (served.With(Right.Run), served.With(Right.View));
        var (first, second) = (await Run("failover"), await Run("failback"));
        var told = (await Served.Until(client, e => e.Kind == "journal" && e.Data.GetProperty("kind").GetString() == "run-ended" && e.Data.GetProperty("run").GetString() == second))
            .Where(e => e.Kind == "journal").Select(e => e.Data.GetRawText()).ToLookup(e => e.Contains($"\"run\":\"{first}\"", StringComparison.Ordinal) ? first : second);

        foreach (var run in new[] { first, second })
        {
            var events = await Served.Get(viewer, $"/api/runs/{run}/events");
            Assert.Equal(run, events.GetProperty("run").GetString());
            Assert.Equal(told[run], events.GetProperty("events").EnumerateArray().Select(e => e.GetRawText()));
        }
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/runs/no-such/events", Served.Now)).StatusCode);

        async Task<string> Run(string goal)
        {
            var run = await Served.Run(client, goal);
            await Served.UntilOver(client, run);
            return run;
        }
    }

    /// <summary>A browser hears no comments of a stream: without this it could not tell silence from a line that is dead.</summary>
    [Fact]
    public async Task A_stream_that_has_nothing_to_tell_beats()
    {
        await using var served = await Served.Start();
        var client = served.With(Right.View);
        var beats = 0;
        // The first comes at once and says how long the others take.
        var heard = await Served.Until(client, e => e.Kind == "beat" && ++beats == 3);
        Assert.Equal("beat", heard[0].Kind);
        Assert.InRange(heard[0].Data.GetDouble(), 1, 15);
        Assert.All(heard.Where(e => e.Kind == "beat"), e => Assert.Empty(e.Id));
    }

    [Fact]
    public async Task What_a_run_here_writes_is_told_by_itself_though_nobody_looks_into_the_journal()
    {
        var folder = Directory.CreateTempSubdirectory("changeover-watch-").FullName;
        var journal = Path.Combine(folder, "cluster.journal");
        var site = new SiteOptions { Inventory = Path.Combine(Tidy.Checkout.Root, "examples/two-hosts/cluster.yaml"), Journal = journal, Simulated = true, Speed = 1000 };
        await using (var desk = new Desk(site, journal, TimeProvider.System, (person, _) => person.Right))
        await using (var watching = new Watching(desk) { Beat = Timeout.InfiniteTimeSpan })
        {
            var none = new PlanWords([]);
            var anna = new Person("anna", Right.Run);
            var plan = await desk.Plan("failover", "vm-host-1", none, anna, Language.English, Served.Now);
            using var joined = watching.Join();
            var (_, changed) = watching.Read();
            var (run, _) = await desk.Start("failover", "vm-host-1", (string)plan.Json["digest"]!, none, [], anna, false, Language.English, Served.Now);
            while (!desk.Tail.Known(0).Any(e => System.Text.Encoding.UTF8.GetString(e.English).Contains("\"kind\":\"run-ended\"", StringComparison.Ordinal)))
            {
                await changed.WaitAsync(TimeSpan.FromMinutes(8), Served.Now);
                (_, changed) = watching.Read();
            }
            Assert.Equal(run, desk.Tail.Runs().Single().Run);
        }
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_the_stream_tells_holds_no_inventory_and_no_facts()
    {
        await using var served = await Served.Start();
        var client = served.With(Right.Run);
        var run = await Served.Run(client, "failover");
        await Served.UntilOver(client, run);

        var told = await Served.Until(client, e => e.Kind == "journal" && e.Data.GetProperty("kind").GetString() == "run-ended");
        Assert.All(told.Where(e => e.Kind == "journal"), e => Assert.True(
            !e.Data.GetProperty("body").TryGetProperty("inventory", out _) && !e.Data.GetProperty("body").TryGetProperty("plan", out _) && !e.Data.GetProperty("body").TryGetProperty("facts", out _)));
        Assert.Contains(told, e => e.Kind == "journal" && e.Data.GetProperty("kind").GetString() == "picture-taken");
    }

    [Fact]
    public async Task What_was_sent_for_a_step_and_what_came_back_is_told_step_by_step_and_stands_in_the_report()
    {
        await using var served = await Served.Start(faults: [new BalancerRefuses("acd-lb2")]);
        var client = served.With(Right.Run);
        var run = await Served.Run(client, "failover");
        const string Step = "maint.acd-lb2";
        await Served.UntilRun(client, run, live => live.GetProperty("state").GetString() == "halted");
        await Served.Until(client, e => e.Kind == "journal" && e.Data.GetProperty("kind").GetString() == "step-halted");
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(client, $"/api/runs/{run}/decisions", new { step = Step, answer = "retry" })).Status);
        await Served.UntilOver(client, run);

        var both = (await Served.Get(client, $"/api/runs/{run}/steps/{Step}")).GetProperty("exchanges").EnumerateArray().ToArray();
        Assert.Equal([("act", 1, "refused"), ("act", 2, "accepted")], both.Select(x => (x.GetProperty("word").GetString(), x.GetProperty("number").GetInt32(), x.GetProperty("reception").GetString())));
        Assert.NotEmpty(both[0].GetProperty("words").GetString()!);
        Assert.All(both, x => Assert.True(x.GetProperty("at").GetDateTimeOffset() <= x.GetProperty("heardAt").GetDateTimeOffset()));
        string[] sent = [.. both[1].GetProperty("sent").EnumerateArray().Select(l => l.GetString()!)];
        Assert.Equal($"only while {run} holds the claim of acd-lb2 in epoch 1", sent[0]);
        // The plan said it word for word.
        var planned = (await Served.Get(client, $"/api/runs/{run}/plan")).GetProperty("steps").EnumerateArray().First(s => s.GetProperty("id").GetString() == Step);
        Assert.Equal(planned.GetProperty("sends").EnumerateArray().Select(l => l.GetString()!), sent[1..]);
        Assert.Empty((await Served.Get(client, $"/api/runs/{run}/steps/check.health")).GetProperty("exchanges").EnumerateArray());
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"/api/runs/{run}/steps/no-such", Served.Now)).StatusCode);

        var html = await client.GetStringAsync($"/api/runs/{run}/report", Served.Now);
        var markdown = await client.GetStringAsync($"/api/runs/{run}/report?format=markdown", Served.Now);
        Assert.Contains(WebUtility.HtmlEncode(sent[^1]), html, StringComparison.Ordinal);
        Assert.Contains($"maint.acd-lb2, attempt 2: accepted, ", markdown, StringComparison.Ordinal);
        // There each line is set in.
        Assert.All(sent[^1].Split('\n'), l => Assert.Contains(l, markdown, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_two_answers_at_once_one_is_recorded_and_the_other_refused()
    {
        await using var served = await Served.Start(personAbsent: true);
        var client = served.With(Right.Run);
        var run = await Served.Run(client, "failover");
        await Served.UntilRun(client, run, live => live.GetProperty("persons").EnumerateArray().Any(p => p.GetProperty("step").GetString() == Manual));
        var order = new { step = Manual, answer = "confirm" };

        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Served.Post(client, $"/api/runs/{run}/decisions", order)));

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], both.Select(b => b.Status).Order());
        using var journal = EventJournal.OpenToRead(served.Journal, TimeProvider.System);
        Assert.Single(journal.Read(run).Select(RunStore.Event).OfType<Decision>(), d => d.Step == Manual);
    }

    [Fact]
    public async Task An_answer_does_not_count_for_a_halt_that_came_since()
    {
        await using var served = await Served.Start(faults: [new BalancerRefuses("acd-lb2", Count: 99)]);
        var client = served.With(Right.Run);
        var run = await Served.Run(client, "failover");
        async Task<string> About() => (await Served.Get(client, $"/api/runs/{run}")).GetProperty("halts").EnumerateArray().Single().GetProperty("about").GetString()!;
        async Task<(HttpStatusCode Status, JsonElement Body)> Retry(string about) =>
            await Served.Post(client, $"/api/runs/{run}/decisions", new { step = "maint.acd-lb2", answer = "retry", about });
        await Served.UntilRun(client, run, live => live.GetProperty("state").GetString() == "halted");
        var first = await About();
        Assert.Equal(HttpStatusCode.OK, (await Retry(first)).Status);
        var halts = 0;
        await Served.Until(client, e => e.Kind == "journal" && e.Data.GetProperty("kind").GetString() == "step-halted" && ++halts == 2);

        await Served.UntilRun(client, run, live => live.GetProperty("state").GetString() == "halted");
        var late = await Retry(first);

        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        Assert.Contains("maint.acd-lb2 is not as it was when you looked", late.Body.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await Retry(await About())).Status);
    }

    [Fact]
    public async Task Another_digest_starts_nothing()
    {
        await using var served = await Served.Start();
        var client = served.With(Right.Run);

        var (status, body) = await Served.Post(client, "/api/runs", new { goal = "failover", host = "vm-host-1", digest = "0123456789abcdef" });

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("approved was 0123456789abcdef", body.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Empty((await Served.Get(client, "/api/runs")).GetProperty("runs").EnumerateArray());
        Assert.Null(RunnerLock.Living(served.Journal));
    }

    [Fact]
    public async Task Of_two_starts_at_the_same_moment_one_is_refused()
    {
        await using var served = await Served.Start(personAbsent: true);
        var client = served.With(Right.Run);
        var digest = (await Served.Get(client, "/api/plan/failover/vm-host-1")).GetProperty("digest").GetString();
        var order = new { goal = "failover", host = "vm-host-1", digest };

        var both = await Task.WhenAll(Served.Post(client, "/api/runs", order), Served.Post(client, "/api/runs", order));

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Conflict], both.Select(b => b.Status).Order());
        Assert.Single((await Served.Get(client, "/api/runs")).GetProperty("runs").EnumerateArray());
    }

    [Fact]
    public async Task A_person_decides_pauses_and_resumes_and_the_journal_says_who()
    {
        await using var served = await Served.Start(personAbsent: true, speed: 100);
        served.Account("anna", Right.Run);
        var anna = await served.SignedIn("anna");
        var run = await Served.Run(anna, "failover");
        var waits = await Served.UntilRun(anna, run, live => live.GetProperty("persons").EnumerateArray().Any(p => p.GetProperty("step").GetString() == Manual));
        Assert.Contains("confirm", waits.GetProperty("steps").EnumerateArray().First(s => s.GetProperty("id").GetString() == Manual).GetProperty("answers").EnumerateArray().Select(a => a.GetString()));

        var notNow = await Served.Post(anna, $"/api/runs/{run}/decisions", new { step = Manual, answer = "retry" });
        Assert.Equal(HttpStatusCode.Conflict, notNow.Status);
        Assert.Contains("confirm", notNow.Body.GetProperty("error").GetString(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, (await Served.Post(anna, $"/api/runs/{run}/stop", new { })).Status);
        await Served.UntilRun(anna, run, live => live.GetProperty("runner").ValueKind == JsonValueKind.Null);
        Assert.Null(RunnerLock.Living(served.Journal));
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(anna, $"/api/runs/{run}/resume", new { })).Status);
        await Served.UntilRun(anna, run, live => live.GetProperty("persons").GetArrayLength() > 0);
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(anna, $"/api/runs/{run}/decisions", new { step = Manual, answer = "confirm" })).Status);
        await Served.Until(anna, e => e.Kind == "journal" && e.Data.GetProperty("kind").GetString() == "step-done" && e.Data.GetProperty("body").GetProperty("step").GetString() == Manual);
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(anna, $"/api/runs/{run}/decisions", new { step = "gate.done", answer = "abort", reason = "enough seen" })).Status);

        Assert.Equal("aborted", (await Served.UntilOver(anna, run)).GetProperty("state").GetString());
        using var journal = EventJournal.OpenToRead(served.Journal, TimeProvider.System);
        var events = journal.Read(run).Select(RunStore.Event).ToArray();
        Assert.Equal(["anna", "anna"], events.OfType<Decision>().Select(d => d.Who));
        Assert.Equal("anna", Assert.Single(events.OfType<StopAsked>()).Who);
        Assert.Matches("anna: stop", await anna.GetStringAsync($"/api/runs/{run}/report?format=markdown", Served.Now));
        Assert.Equal("anna", Assert.Single(events.OfType<RunStarted>()).Who);
        Assert.Equal("anna", Assert.Single(events.OfType<RunResumed>()).Who);
    }

    [Fact]
    public async Task A_server_that_was_ended_leaves_a_run_that_the_next_one_resumes()
    {
        await using var served = await Served.Start(personAbsent: true);
        var run = await Served.Run(served.With(Right.Run), "failover");
        await served.Restart();
        var client = served.With(Right.Run);

        var live = await Served.Get(client, "/api/live");
        Assert.Equal(run, live.GetProperty("run").GetString());
        Assert.Equal(JsonValueKind.Null, live.GetProperty("runner").ValueKind);
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(client, $"/api/runs/{run}/resume", new { })).Status);
        Assert.Equal("here", (await Served.Get(client, "/api/live")).GetProperty("runner").GetString());
    }

    [Fact]
    public async Task A_run_of_the_command_line_is_shown_and_answered_here()
    {
        await using var served = await Served.Start(personAbsent: true);
        var client = served.With(Right.Run);
        using var program = new ProgramProcess();
        using var process = program.Start(
            "run", "failover", "vm-host-1", "--yes", "--json", "-i", program.Inventory, "--world", "simulated", "--journal", served.Journal, "--speed", "100", "--person", "absent");
        var ended = Task.Run(() => ProgramProcess.End(process));
        var live = (await Served.Until(client, e => e.Kind == "live" && e.Data.ValueKind == JsonValueKind.Object && e.Data.GetProperty("persons").GetArrayLength() > 0))[^1].Data;
        var run = live.GetProperty("run").GetString();

        Assert.Equal("elsewhere", live.GetProperty("runner").GetString());
        Assert.Equal(run, (await Served.Get(client, "/api/cluster")).GetProperty("run").GetString());
        Assert.Equal(HttpStatusCode.Conflict, (await client.GetAsync("/api/plan/failover/vm-host-1", Served.Now)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await Served.Post(client, $"/api/runs/{run}/decisions", new { step = Manual, answer = "retry" })).Status);
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(client, $"/api/runs/{run}/decisions", new { step = Manual, answer = "abort", reason = "from the page" })).Status);

        Assert.Equal(4, (await ended).Code);
        using var journal = EventJournal.OpenToRead(served.Journal, TimeProvider.System);
        Assert.Equal($"token run (as {Environment.UserName})", Assert.Single(journal.Read(run!).Select(RunStore.Event).OfType<Decision>()).Who);
    }

    [Fact]
    public async Task A_pause_is_for_who_may_run_names_its_gate_and_is_released_by_continue()
    {
        await using var served = await Served.Start(personAbsent: true, speed: 100);
        var (client, approver) = (served.With(Right.Run), served.With(Right.Approve));
        var run = await Served.Run(client, "failover");
        await Served.UntilRun(client, run, live => live.GetProperty("persons").GetArrayLength() > 0);
        var why = new { reason = "the hotline calls" };

        Assert.Equal(HttpStatusCode.Forbidden, (await Served.Post(approver, $"/api/runs/{run}/pause", why)).Status);
        var asked = await Served.Post(client, $"/api/runs/{run}/pause", why);
        Assert.Equal((HttpStatusCode.OK, "quiet"), (asked.Status, asked.Body.GetProperty("gate").GetString()));
        await Served.UntilRun(client, run, live => live.GetProperty("holds").EnumerateArray().Select(g => g.GetString()).SequenceEqual(["quiet"]));
        var again = await Served.Post(client, $"/api/runs/{run}/pause", why);
        Assert.Equal(HttpStatusCode.Conflict, again.Status);
        Assert.Contains("waits before quiet anyway", again.Body.GetProperty("error").GetString(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, (await Served.Post(client, $"/api/runs/{run}/decisions", new { step = Manual, answer = "confirm" })).Status);
        await Served.UntilRun(client, run, live => live.GetProperty("state").GetString() == "waiting");
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(client, $"/api/runs/{run}/decisions", new { step = "gate.quiet", answer = "continue" })).Status);
        await Served.Until(client, e => e.Kind == "journal" && e.Data.GetProperty("kind").GetString() == "step-acting" && e.Data.GetProperty("body").GetProperty("step").GetString()!.StartsWith("stop.", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(client, $"/api/runs/{run}/decisions", new { step = "gate.done", answer = "abort", reason = "enough seen" })).Status);
        await Served.UntilOver(client, run);

        using var journal = EventJournal.OpenToRead(served.Journal, TimeProvider.System);
        var pause = Assert.Single(journal.Read(run).Select(RunStore.Event).OfType<PauseAsked>());
        Assert.Equal(("quiet", "token run", "the hotline calls"), (pause.Gate, pause.Who, pause.Reason));
        Assert.Contains("token run: pause, before quiet (the hotline calls)", await client.GetStringAsync($"/api/runs/{run}/report?format=markdown", Served.Now), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await Served.Post(client, $"/api/runs/{run}/pause", why)).Status);
    }

    [Fact]
    public async Task What_a_plan_takes_is_measured_by_the_runs_before_it()
    {
        await using var served = await Served.Start();
        var client = served.With(Right.Run);
        var unmeasured = await Served.Get(client, "/api/plan/failover/vm-host-1");
        var run = await Served.Run(client, "failover");
        await Served.UntilOver(client, run);
        await Served.UntilOver(client, await Served.Run(client, "failback"));

        var plan = await Served.Get(client, "/api/plan/failover/vm-host-1");

        Assert.Empty(unmeasured.GetProperty("schedule").GetProperty("runs").EnumerateArray());
        Assert.Equal([run], plan.GetProperty("schedule").GetProperty("runs").EnumerateArray().Select(r => r.GetString()));
        var backup = plan.GetProperty("steps").EnumerateArray().First(s => s.GetProperty("id").GetString()!.StartsWith("backup.", StringComparison.Ordinal));
        Assert.Equal(1, backup.GetProperty("measuredIn").GetInt32());
        var was = (await Served.Get(client, $"/api/runs/{run}")).GetProperty("steps").EnumerateArray().First(s => s.GetProperty("id").GetString() == backup.GetProperty("id").GetString());
        Assert.Equal(
            (was.GetProperty("endedAt").GetDateTimeOffset() - was.GetProperty("startedAt").GetDateTimeOffset()).TotalSeconds,
            backup.GetProperty("endsSeconds").GetDouble() - backup.GetProperty("beginsSeconds").GetDouble(), 0.01);
        // Beside its own run stands what was expected before it began.
        Assert.Empty((await Served.Get(client, $"/api/runs/{run}/plan")).GetProperty("schedule").GetProperty("runs").EnumerateArray());
    }

    [Fact]
    public async Task Where_two_people_are_wanted_one_alone_starts_nothing_and_an_approval_is_for_one_start()
    {
        await using var served = await Served.Start(personAbsent: true, secondPerson: true);
        var (runner, approver) = (served.With(Right.Run), served.With(Right.Approve));
        var digest = (await Served.Get(runner, "/api/plan/failover/vm-host-1")).GetProperty("digest").GetString();
        var order = new { goal = "failover", host = "vm-host-1", digest };

        Assert.Equal(HttpStatusCode.Conflict, (await Served.Post(runner, "/api/runs", order)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(runner, "/api/approvals", order)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await Served.Post(runner, "/api/runs", order)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(approver, "/api/approvals", order)).Status);
        var started = await Served.Post(runner, "/api/runs", order);
        Assert.Equal(HttpStatusCode.Created, started.Status);
        Assert.Empty((await Served.Get(runner, "/api/approvals")).GetProperty("approvals").EnumerateArray());

        using var journal = EventJournal.OpenToRead(served.Journal, TimeProvider.System);
        var begun = Assert.IsType<RunStarted>(RunStore.Event(journal.Read(started.Body.GetProperty("run").GetString()!)[0]));
        Assert.Equal(("token run", "token approve"), (begun.Who, begun.ApprovedBy));
    }

    [Fact]
    public async Task The_cluster_is_shown_with_who_holds_what_and_how_old_it_is()
    {
        await using var served = await Served.Start();
        var client = served.With(Right.View);
        var cluster = await Served.Get(client, "/api/cluster");

        Assert.Equal("acd-dbm1", cluster.GetProperty("writer").GetString());
        Assert.Equal(["acd-lb1", "acd-store1"], cluster.GetProperty("pairs").EnumerateArray().Select(p => p.GetProperty("holder").GetString()).Order(StringComparer.Ordinal));
        var machines = cluster.GetProperty("machines").EnumerateArray().ToDictionary(m => m.GetProperty("name").GetString()!);
        Assert.Equal(20, machines.Count);
        Assert.Equal(("primary", "standby", "writer"), (Part("acd-store1"), Part("acd-store2"), Part("acd-dbm1")));
        Assert.All(machines.Values, m => Assert.True(m.GetProperty("seen").GetProperty("ageSeconds").GetDouble() >= 0));
        Assert.Equal("healthy", (await Served.Get(client, "/api/health")).GetProperty("verdict").GetString());
        var store = await Served.Get(client, "/api/machines/acd-store1");
        var drbd = Assert.Single(store.GetProperty("observations").EnumerateArray(), o => o.GetProperty("subject").GetString() == "drbd:acd-store1");
        Assert.Equal("on acd-store1: /bin/cat /proc/drbd", drbd.GetProperty("asked")[0].GetString());

        string? Part(string name) => machines[name].GetProperty("part").GetString();
    }
}
