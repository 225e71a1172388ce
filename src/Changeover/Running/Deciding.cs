using System.Globalization;
using System.Text.Json.Nodes;
using Changeover.Control;
using Changeover.Journal;
using Changeover.Knowledge;
using Changeover.Reporting;

namespace Changeover.Running;

/// <summary>A person's word to something that waits for it: to the living runner, or into the journal of a run that nobody carries out.</summary>
public static class Deciding
{
    public static Answer Parse(string answer, string reason)
    {
        // Enum.TryParse takes numbers and lists of names too.
        if (Enum.GetNames<Answer>().FirstOrDefault(n => n.Equals(answer, StringComparison.OrdinalIgnoreCase)) is not { } name)
            throw new CommandEnds(ExitCodes.Usage, $"{answer} is no answer; there are {string.Join(", ", Enum.GetNames<Answer>().Select(n => n.ToLowerInvariant()))}");
        var word = Enum.Parse<Answer>(name);
        return Answers.NeedsReason(word) && string.IsNullOrWhiteSpace(reason)
            ? throw new CommandEnds(ExitCodes.Usage, $"{answer} needs a reason (--reason); it goes into the report")
            : word;
    }

    /// <exception cref="CommandEnds">Refused: the answer is not allowed now, or was meant for something that is not so any more.</exception>
    public static void Allow(RunState state, Decided word)
    {
        var allowed = Answers.For(state, word.Step);
        if (!allowed.Contains(word.Answer))
            throw NotAllowed(word.Step, word.Answer, [.. allowed.Select(Word)]);
        if (word.About.Length > 0 && word.About != Answers.About(state, word.Step))
            throw Changed(word.Step, word.Answer);
    }

    public static CommandEnds Changed(string step, Answer answer) =>
        new CommandEnds(ExitCodes.Refused, $"{step} is not as it was when you looked. Your {Word(answer)} is not recorded; look at it, and say it anew.");

    public static CommandEnds NotAllowed(string step, Answer answer, ImmutableArray<string> allowed) =>
        new(ExitCodes.Refused, $"{step} cannot be answered with {Word(answer)}; allowed now: {(allowed.IsEmpty ? "nothing" : string.Join(", ", allowed))}");

    /// <returns>True: a living runner recorded it; false: it stands in the journal, and a resume acts on it.</returns>
    /// <param name="word">Its time is of no account. Who says it is recorded as given where nobody carries the run out; a runner in another process adds the user it hears.</param>
    /// <exception cref="CommandEnds">Refused, and not recorded.</exception>
    public static async Task<bool> Tell(string journalFile, string run, Decided word, Ct ct)
    {
        var request = new JsonObject
        {
            ["verb"] = "decide",
            ["run"] = run,
            ["step"] = word.Step,
            ["answer"] = Word(word.Answer),
            ["reason"] = word.Reason,
            ["who"] = word.Who,
            ["about"] = word.About,
        };
        if (word.Confirmed is { } confirmed)
            (request["confirmedBy"], request["saidAt"]) = (confirmed.Who, StatusJson.Time(confirmed.SaidAt));
        if (await AskRunner(journalFile, request, ct) is not null)
            return true;
        using var journal = EventJournal.Open(journalFile, Environment.MachineName, TimeProvider.System);
        var state = Find(RunStore.All(journal), run, unfinished: true);
        Allow(state, word);
        var events = Engine.Decide(state, word with { At = new(state.Now.Elapsed, DateTimeOffset.UtcNow) });
        journal.Append(state.Run, state.Epoch, [.. events.Where(e => e.IsDurable).Select(RunStore.Entry)]);
        return false;
    }

    /// <summary>A person's word that another process passes on.</summary>
    public static Decided Word(ControlRequest request) => new(
        default, request.Text("step"), Parse(request.Text("answer"), request.Text("reason")), request.Who, FreeText.Line("reason", request.Text("reason")), Confirmed(request), request.Text("about"));

    /// <summary>Who confirmed it; null: nobody had to.</summary>
    private static Confirmation? Confirmed(ControlRequest request) => request.Text("confirmedBy") is { Length: > 0 } who
        ? new(who, DateTimeOffset.TryParse(request.Text("saidAt"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : throw new CommandEnds(ExitCodes.Usage, "saidAt is no time"))
        : null;

    /// <summary>What a pause would wait before.</summary>
    /// <exception cref="CommandEnds">Refused: there is nothing left to wait before, or it waits there anyway.</exception>
    public static string NextGate(RunState state) => state.NextGate switch
    {
        "" => throw new CommandEnds(ExitCodes.Refused, $"run {state.Run} has no gate left that it could wait before; changeover decide {state.Run} gate.done abort ends it as it is"),
        var gate when state.Holds.Contains(gate) => throw new CommandEnds(ExitCodes.Refused, $"run {state.Run} waits before {gate} anyway; changeover decide {state.Run} {Planning.Gates.Id(gate)} continue lets it go on there"),
        var gate => gate,
    };

    /// <summary>A person wants the run that lives to wait before the next gate.</summary>
    /// <returns>See <see cref="NextGate"/>.</returns>
    public static async Task<string> Pause(string journalFile, string run, string reason, string who, Ct ct) =>
        (await AskRunner(journalFile, new() { ["verb"] = "pause", ["run"] = run, ["reason"] = reason, ["who"] = who }, ct))?["gate"]?.GetValue<string>()
        ?? throw new CommandEnds(ExitCodes.Refused, $"run {run} is not being carried out, so there is nothing to pause; changeover status says where it stands");

    /// <summary>Asks the runner that lives, in whatever process, one thing; null: none lives.</summary>
    /// <exception cref="CommandEnds">It refuses.</exception>
    public static async Task<JsonNode?> AskRunner(string journalFile, JsonObject request, Ct ct)
    {
        using var client = await ControlClient.Connect(ControlServer.PathOf(journalFile), ct);
        if (client is null)
            return null;
        await foreach (var line in client.Ask(request.ToJsonString(), ct))
        {
            var answer = JsonNode.Parse(line);
            return answer?["error"]?.GetValue<string>() is { } error ? throw new CommandEnds(ExitCodes.Refused, error) : answer;
        }
        throw new IOException("the runner ended before it answered; changeover status says what stands in the journal");
    }

    /// <param name="run">Empty: the last one, or the one that is not over.</param>
    public static RunState Find(ImmutableArray<RunState> runs, string run, bool unfinished)
    {
        if (run.Length > 0)
        {
            var found = runs.FirstOrDefault(r => r.Run == run)
                ?? throw new CommandEnds(ExitCodes.Usage, $"no run {run} in the journal{(runs.Length > 0 ? $"; there are {string.Join(", ", runs.Select(r => r.Run))}" : "")}");
            return unfinished && found.IsOver ? throw new CommandEnds(ExitCodes.Refused, $"run {run} is over ({found.Outcome.ToString().ToLowerInvariant()})") : found;
        }
        return (unfinished ? Maintenances.Unfinished(runs) : runs.LastOrDefault())
            ?? throw new CommandEnds(ExitCodes.Usage, unfinished ? "no run is unfinished" : "nothing was run yet");
    }

    public static string Word(Answer answer) => answer.ToString().ToLowerInvariant();
}
