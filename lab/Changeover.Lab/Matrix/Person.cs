using System.Text.Json;
using Changeover.Lab.Machines;

namespace Changeover.Lab.Matrix;

/// <summary>
/// The person a run asks: carries out the instruction with their own hands where there is something to carry out (a program on
/// a desktop), and says so with <c>changeover decide</c>. Everything else they only confirm.
/// </summary>
public sealed class Person(Stage stage)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Program on the desktop of the telephony machines → the unit that stands in for it.</summary>
    private static readonly ImmutableDictionary<string, string> Desktop = ImmutableDictionary<string, string>.Empty.Add("jtel Presence Aggregator", "presence");

    private readonly Dictionary<string, JsonElement> instructions = [];
    private readonly HashSet<string> carriedOut = [];
    private readonly List<Task> hands = [];
    private string run = "";

    /// <summary>Steps answered so far.</summary>
    public int Answered => carriedOut.Count;

    public void Sees(JsonElement line)
    {
        switch (Word(line, "event"))
        {
            case "run-started":
                run = Word(line, "run");
                foreach (var step in line.GetProperty("plan").GetProperty("steps").EnumerateArray())
                {
                    if (step.TryGetProperty("action", out var action) && action.ValueKind == JsonValueKind.Object && Word(action, "action") == "instruct")
                        instructions[Word(step, "id")] = action;
                }
                break;
            case "step-acting" when instructions.TryGetValue(Word(line, "step"), out var instruction) && carriedOut.Add(Word(line, "step")):
                hands.Add(Answer(Word(line, "step"), instruction));
                break;
        }
    }

    /// <summary>Fails when a hand or a word of theirs did not work.</summary>
    public Task Done() => Task.WhenAll(hands);

    private async Task Answer(string step, JsonElement instruction)
    {
        if (instruction.TryGetProperty("inPlaceOf", out var deed) && deed.ValueKind == JsonValueKind.Object)
        {
            Stage.Must(Word(deed, "action") == "set-service" && Desktop.ContainsKey(Word(deed, "service")), $"{step}: the person of the lab cannot do this by hand: {deed}");
            var verb = deed.GetProperty("run").GetBoolean() ? "start" : "stop";
            await Power.Of(Topology.Find(Word(deed, "machine"))).Must($"systemctl {verb} {Desktop[Word(deed, "service")]}");
        }
        var said = await stage.Program.Run(Limit, "decide", run, step, "confirm");
        // The controller may be killed in the middle of that: a person reads the refusal and says it again.
        for (var again = 0; !said.Good && again < 3; again++)
        {
            stage.Say($"  person: {step} not taken: {said.Error.Trim()}");
            await Task.Delay(TimeSpan.FromSeconds(10));
            said = await stage.Program.Run(Limit, "decide", run, step, "confirm");
        }
        Stage.Must(said.Good, $"decide {step} confirm: exit {said.ExitCode}: {said.Text}");
        stage.Say($"  person: {step} confirmed");
    }

    internal static string Word(JsonElement e, string name) =>
        e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
