using System.Net;
using System.Text.Json;
using Changeover.Journal;
using Changeover.Running;
using Changeover.Serving;
using Changeover.Simulation;

namespace Changeover.Tests.Serving;

/// <summary>Answers that override a judgement count where two people are wanted only with both.</summary>
public sealed class SecondPersonTests
{
    private const string Halted = "downtime.kept";

    /// <summary>The monitoring's login may only look: two steps halt, and a person may accept them.</summary>
    private static async Task<(HttpClient Anna, HttpClient Bert, string Run)> Halt(Served served)
    {
        served.Account("anna", Right.Run);
        served.Account("bert", Right.Run);
        var (anna, bert) = (await served.SignedIn("anna"), await served.SignedIn("bert"));
        var run = await Served.Run(anna, "failover");
        await Served.UntilRun(anna, run, live => live.GetProperty("state").GetString() == "halted");
        await Served.Until(anna, e => e.Kind == "journal" && e.Data.GetProperty("kind").GetString() == "step-halted" && e.Data.GetProperty("body").GetProperty("step").GetString() == Halted);
        return (anna, bert, run);
    }

    private static ImmutableArray<Decision> Decisions(Served served, string run)
    {
        using var journal = EventJournal.OpenToRead(served.Journal, TimeProvider.System);
        // What the simulated person carries out is confirmed by that person.
        return [.. journal.Read(run).Select(RunStore.Event).OfType<Decision>().Where(d => d.Answer != Answer.Confirm)];
    }

    private static Task<(HttpStatusCode Status, JsonElement Body)> Say(HttpClient who, string run, string answer, string reason = "it was set by hand") =>
        Served.Post(who, $"/api/runs/{run}/decisions", new { step = Halted, answer, reason });

    private static Task<(HttpStatusCode Status, JsonElement Body)> Confirm(HttpClient who, string run, JsonElement said) =>
        Served.Post(who, $"/api/runs/{run}/confirmations", new { word = said.GetProperty("word").GetString() });

    [Fact]
    public async Task What_one_person_accepts_counts_when_another_confirms_it_and_the_journal_has_both()
    {
        await using var served = await Served.Start(secondPersonAccept: true, faults: [new MonitoringRefuses()]);
        var (anna, bert, run) = await Halt(served);

        Assert.Equal(HttpStatusCode.BadRequest, (await Say(anna, run, "accept", " ")).Status);
        var said = await Say(anna, run, "accept");
        Assert.Equal((HttpStatusCode.Accepted, false), (said.Status, said.Body.GetProperty("recorded").GetBoolean()));
        var live = await Served.Get(bert, "/api/live");
        var word = Assert.Single(live.GetProperty("words").EnumerateArray());
        Assert.Equal(("halted", Halted, "accept", "it was set by hand", "anna"),
            (live.GetProperty("state").GetString(), word.GetProperty("step").GetString(), word.GetProperty("answer").GetString(), word.GetProperty("reason").GetString(), word.GetProperty("who").GetString()));
        Assert.Equal(said.Body.GetProperty("word").GetString(), word.GetProperty("id").GetString());
        var alone = await Confirm(anna, run, said.Body);
        Assert.Equal(HttpStatusCode.Conflict, alone.Status);
        Assert.Contains("somebody else has to confirm it", alone.Body.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await Confirm(served.With(Right.Approve), run, said.Body)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await Served.Post(bert, $"/api/runs/{run}/confirmations", new { word = "0123456789abcdef" })).Status);
        Assert.Empty(Decisions(served, run));

        Assert.Equal(HttpStatusCode.OK, (await Confirm(bert, run, said.Body)).Status);

        await Served.Until(anna, e => e.Kind == "journal" && e.Data.GetProperty("kind").GetString() == "step-done" && e.Data.GetProperty("body").GetProperty("step").GetString() == Halted);
        var decision = Assert.Single(Decisions(served, run));
        Assert.Equal((Answer.Accept, "anna", "it was set by hand", "bert"), (decision.Answer, decision.Who, decision.Reason, decision.Confirmed?.Who));
        Assert.True(decision.Confirmed!.SaidAt <= decision.At.Utc);
        Assert.Empty((await Served.Get(anna, "/api/live")).GetProperty("words").EnumerateArray());
        // It was for once.
        Assert.Equal(HttpStatusCode.Conflict, (await Confirm(bert, run, said.Body)).Status);
        Assert.Matches("anna: accept, .* \\(it was set by hand\\), said at [0-9:]{8}, confirmed by bert", await anna.GetStringAsync($"/api/runs/{run}/report?format=markdown", Served.Now));
    }

    [Fact]
    public async Task What_changed_meanwhile_and_every_other_answer_make_a_word_void()
    {
        await using var served = await Served.Start(secondPersonAccept: true, faults: [new MonitoringRefuses()]);
        var (anna, bert, run) = await Halt(served);

        // While another thing waits, nothing that is tried again acts.
        await Served.Until(anna, e => e.Kind == "journal" && e.Data.GetProperty("kind").GetString() == "step-halted" && e.Data.GetProperty("body").GetProperty("step").GetString() == "downtime.emptied");
        await Deciding.Tell(served.Journal, run, new(default, "downtime.emptied", Answer.Accept, "carl", "set by hand", null), Served.Now);

        // Another answer, by one person alone: it only looks and tries again.
        var said = await Say(anna, run, "accept");
        Assert.Equal(HttpStatusCode.OK, (await Say(bert, run, "retry", "")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await Confirm(bert, run, said.Body)).Status);
        await HaltedAgain(2);

        // The same on a terminal, of which this server is not told.
        said = await Say(anna, run, "accept");
        Assert.Equal(HttpStatusCode.Accepted, said.Status);
        await Deciding.Tell(served.Journal, run, new(default, Halted, Answer.Retry, "carl", "", null), Served.Now);
        await HaltedAgain(3);
        var refused = await Confirm(bert, run, said.Body);
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("is not as it was when anna said accept", refused.Body.GetProperty("error").GetString(), StringComparison.Ordinal);

        // Who said it may not answer any more; the second person alone is one.
        said = await Say(anna, run, "accept");
        served.Account("anna", Right.Approve);
        refused = await Confirm(bert, run, said.Body);
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("anna said accept, but may not answer any more", refused.Body.GetProperty("error").GetString(), StringComparison.Ordinal);
        served.Account("anna", Right.Run);
        anna = await served.SignedIn("anna");

        // An hour later nobody knows any more what it was about.
        said = await Say(anna, run, "accept");
        served.Clock.Later = TimeSpan.FromMinutes(61);
        Assert.Equal(HttpStatusCode.Conflict, (await Confirm(bert, run, said.Body)).Status);
        Assert.DoesNotContain(Decisions(served, run), d => (d.Step, d.Answer) == (Halted, Answer.Accept));

        Task HaltedAgain(int times)
        {
            var heard = 0;
            return Served.Until(anna, e => e.Kind == "journal" && e.Data.GetProperty("kind").GetString() == "step-halted" && e.Data.GetProperty("body").GetProperty("step").GetString() == Halted && ++heard == times);
        }
    }

    [Fact]
    public async Task A_run_that_nobody_carries_out_is_answered_by_two_people_as_well()
    {
        await using var served = await Served.Start(secondPersonAccept: true, faults: [new MonitoringRefuses()]);
        var (anna, bert, run) = await Halt(served);
        Assert.Equal(HttpStatusCode.OK, (await Served.Post(anna, $"/api/runs/{run}/stop", new { })).Status);
        await Served.UntilRun(anna, run, live => live.GetProperty("runner").ValueKind == JsonValueKind.Null);

        var said = await Say(anna, run, "accept");
        Assert.Equal(HttpStatusCode.Accepted, said.Status);
        var confirmed = await Confirm(bert, run, said.Body);

        Assert.Equal((HttpStatusCode.OK, false), (confirmed.Status, confirmed.Body.GetProperty("runnerIsAlive").GetBoolean()));
        Assert.Equal(("anna", "bert"), Decisions(served, run).Select(d => (d.Who, d.Confirmed!.Who)).Single());
    }

    [Fact]
    public async Task A_confirmation_reaches_a_runner_in_another_process_and_one_who_may_write_the_journal_needs_none()
    {
        await using var served = await Served.Start(secondPersonAccept: true, faults: [new MonitoringRefuses()]);
        var (anna, _, run) = await Halt(served);
        var at = new DateTimeOffset(2026, 11, 23, 2, 11, 7, TimeSpan.Zero);

        // As this server tells it to a run of the command line, through the socket beside the journal.
        await Deciding.Tell(served.Journal, run, new(default, Halted, Answer.Accept, "anna", "set by hand", new("bert", at)), Served.Now);
        await Served.Until(anna, e => e.Kind == "journal" && e.Data.GetProperty("kind").GetString() == "step-halted" && e.Data.GetProperty("body").GetProperty("step").GetString() == "downtime.emptied");
        await Deciding.Tell(served.Journal, run, new(default, "downtime.emptied", Answer.Accept, "carl", "set by hand", null), Served.Now);
        await Served.Until(anna, e => e.Kind == "journal" && e.Data.GetProperty("kind").GetString() == "step-done" && e.Data.GetProperty("body").GetProperty("step").GetString() == "downtime.emptied");

        Assert.Equal([new Confirmation("bert", at), null], Decisions(served, run).Select(d => d.Confirmed));
    }

    [Fact]
    public async Task Where_one_person_is_enough_accept_counts_at_once()
    {
        await using var served = await Served.Start(faults: [new MonitoringRefuses()]);
        var (anna, _, run) = await Halt(served);

        Assert.Equal(HttpStatusCode.OK, (await Say(anna, run, "accept")).Status);

        await Served.Until(anna, e => e.Kind == "journal" && e.Data.GetProperty("kind").GetString() == "step-done" && e.Data.GetProperty("body").GetProperty("step").GetString() == Halted);
        Assert.Null(Assert.Single(Decisions(served, run)).Confirmed);
    }
}
