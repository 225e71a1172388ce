using System.Text;
using System.Text.Json.Nodes;
using Changeover.Journal;
using Changeover.Reporting;

namespace Changeover.Serving;

/// <summary>
/// Who asked for what and who was refused: a line of JSON each at the end of a file beside the journal, see docs/serve.md. What it may not
/// hold is not given to it: passwords, tokens, codes. A line that cannot be written is said in the log and stops nothing.
/// </summary>
public sealed class Audit(string file, TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>Lines within the window. A night of one person has some dozen of the first kind.</summary>
    private const int MostDone = 1000;
    private const int MostRefused = 200;

    /// <summary>Of all who are nobody here: addresses cost an attacker little.</summary>
    private const int MostOfStrangers = 1000;

    /// <summary>An address of the API has less, and so has a sentence.</summary>
    private const int LongestText = 500;

    private readonly Lock gate = new();
    private readonly Dictionary<string, int> written = new(StringComparer.Ordinal);
    private DateTimeOffset since = time.GetUtcNow();
    private int strangers;
    private int folded;

    public static string PathOf(string journal) => Path.ChangeExtension(Path.GetFullPath(journal), ".audit.jsonl");

    /// <summary>Something that a person was let do.</summary>
    /// <param name="from">Address, or <c>socket</c>.</param>
    /// <param name="kind">One word of those in docs/serve.md.</param>
    public void Done(string who, string from, string kind, string what)
    {
        Server.Log($"{who}: {kind} {what}");
        lock (gate)
        {
            Begin();
            if (Fits($"done {who}", MostDone))
                Write(new() { ["who"] = who, ["from"] = from, ["kind"] = kind, ["what"] = Short(what) });
        }
    }

    /// <param name="who">Empty: nobody we know.</param>
    /// <param name="network">What counts as one sender; see <see cref="Sessions.Network"/>.</param>
    public void Refused(string who, string from, string network, string kind, string what, int status, string why)
    {
        lock (gate)
        {
            Begin();
            if (who.Length == 0 && strangers >= MostOfStrangers)
                folded++;
            else if (Fits(who.Length > 0 ? $"refused {who}" : $"from {network}", MostRefused))
            {
                strangers += who.Length == 0 ? 1 : 0;
                Write(new() { ["who"] = who, ["from"] = from, ["kind"] = kind, ["what"] = Short(what), ["status"] = status, ["why"] = Short(why) });
            }
        }
    }

    /// <summary>What was left out so far is counted in the file.</summary>
    public void End()
    {
        lock (gate)
            Fold();
    }

    private void Begin()
    {
        if (time.GetUtcNow() - since < Window)
            return;
        Fold();
        (since, strangers) = (time.GetUtcNow(), 0);
        written.Clear();
    }

    private void Fold()
    {
        if (folded > 0)
            Write(new() { ["who"] = "", ["from"] = "", ["kind"] = "folded", ["what"] = $"{folded} more since {StatusJson.Time(since)}" });
        folded = 0;
    }

    private bool Fits(string source, int most)
    {
        var count = written.GetValueOrDefault(source);
        if (count >= most)
        {
            folded++;
            return false;
        }
        written[source] = count + 1;
        return true;
    }

    private void Write(JsonObject line)
    {
        line.Insert(0, "at", StatusJson.Time(time.GetUtcNow()));
        try
        {
            OwnFile.Append(file, Encoding.UTF8.GetBytes(line.ToJsonString() + "\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Server.Log($"{file} cannot be written, so this is recorded here alone: {line.ToJsonString()} ({e.Message}). See to the disk and to the file's owner.");
        }
    }

    private static string Short(string text) => text.Length <= LongestText ? text : text[..LongestText] + "…";
}
