using System.Text;
using System.Text.Json.Nodes;

namespace Changeover.Serving;

/// <summary>
/// Answers that every watcher asks for at the same news are worked out once. One holds for exactly what it was made of, and no longer than a
/// quarter of a second, because ages are in it.
/// </summary>
public sealed class Lately(TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private readonly Dictionary<string, (object Of, long At, byte[] Json)> answers = new(StringComparer.Ordinal);

    /// <param name="question">What was asked, in which language: there are few of them.</param>
    /// <param name="of">What it is made of: the same object says the same.</param>
    public byte[] Json(string question, object of, Func<JsonObject> make)
    {
        // Who asks meanwhile waits for it, and does not make it once more.
        lock (gate)
        {
            if (answers.TryGetValue(question, out var known) && ReferenceEquals(known.Of, of) && time.GetElapsedTime(known.At) < Longest)
                return known.Json;
            var at = time.GetTimestamp();
            var json = Encoding.UTF8.GetBytes(make().ToJsonString());
            answers[question] = (of, at, json);
            return json;
        }
    }
}
