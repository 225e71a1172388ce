using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Changeover.Reporting;
using Changeover.Running;

namespace Changeover.Serving;

/// <summary>An answer that one person has said and that counts only when another confirms it.</summary>
/// <param name="Id">Names exactly this word: who confirms has seen answer, reason and who said it.</param>
/// <param name="By">Who said it; whether they may still is asked when it is confirmed.</param>
/// <param name="At">On the run's clock, and <paramref name="Until"/> on ours: then it is void.</param>
/// <param name="About">What was so when it was said; when something else is so, the word is void.</param>
public sealed record WaitingWord(string Id, string Run, string Step, Answer Answer, string Reason, Person By, DateTimeOffset At, DateTimeOffset Until, string About)
{
    public string Who => By.Name;

    /// <summary>When it was said, on our clock.</summary>
    public DateTimeOffset Since => Until - WaitingWords.Lifetime;
}

/// <summary>Words that wait for a second person, for an hour, one for each thing that waits. In the journal they are when they count, with both names.</summary>
public sealed class WaitingWords(TimeProvider time)
{
    /// <summary>Who comes later looks at the halt anew.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private readonly Lock gate = new();
    private ImmutableArray<WaitingWord> words = [];

    public WaitingWord Add(string run, string step, Answer answer, string reason, Person by, DateTimeOffset at, string about)
    {
        var word = new WaitingWord(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), run, step, answer, reason, by, at, time.GetUtcNow() + Lifetime, about);
        lock (gate)
            words = [.. Living().Where(w => (w.Run, w.Step) != (run, step)), word];
        return word;
    }

    public WaitingWord? Find(string run, string id)
    {
        lock (gate)
            return Living().FirstOrDefault(w => w.Run == run && w.Id == id);
    }

    /// <summary>False: it was taken already. A word is for one confirmation.</summary>
    public bool Take(WaitingWord word)
    {
        lock (gate)
        {
            var (before, left) = (words.Length, words.Remove(word));
            words = left;
            return left.Length < before;
        }
    }

    /// <summary>Something else was answered.</summary>
    public void Drop(string run, string step)
    {
        lock (gate)
            words = [.. Living().Where(w => (w.Run, w.Step) != (run, step))];
    }

    public JsonArray Json(string run)
    {
        lock (gate)
            return new([.. Living().Where(w => w.Run == run).Select(w => (JsonNode)new JsonObject
            {
                ["id"] = w.Id,
                ["step"] = w.Step,
                ["answer"] = Deciding.Word(w.Answer),
                ["reason"] = w.Reason,
                ["who"] = w.Who,
                ["at"] = StatusJson.Time(w.At),
            })]);
    }

    private IEnumerable<WaitingWord> Living() => words.Where(w => time.GetUtcNow() < w.Until);
}
