using System.Globalization;
using System.Text.Json.Nodes;
using Changeover.Findings;
using Changeover.Running;

namespace Changeover.Reporting;

/// <summary>From the last moment that a function was seen good to the first that it was good again.</summary>
public sealed record Gap(DateTimeOffset From, DateTimeOffset Until)
{
    public TimeSpan Length => Until - From;
}

/// <summary>
/// How long one function of the cluster was really not there for its users while a run went on, as a probe outside used it. The run's own
/// clock says when its steps were done; only this says what a caller had.
/// </summary>
/// <param name="Function">The probe's name for it: call, web.</param>
/// <param name="Samples">Uses that began within the run.</param>
public sealed record Measured(string Function, int Samples, int Failed, ImmutableArray<Gap> Gaps)
{
    public TimeSpan Longest => Gaps.Select(g => g.Length).DefaultIfEmpty().Max();

    public TimeSpan Together => Gaps.Aggregate(TimeSpan.Zero, (sum, g) => sum + g.Length);

    public string In(Language language)
    {
        // Tenths count while it is short.
        string Text(TimeSpan span) => span.TotalSeconds < 60
            ? span.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture).Replace(".", language == Language.German ? "," : ".", StringComparison.Ordinal) + " s"
            : RunText.Span(span);
        string Say(string english) => language.Report(english);
        return Gaps.Length switch
        {
            0 => Say($"{Function}: never interrupted in {Samples} uses"),
            1 => Say($"{Function}: 1 interruption, longest {Text(Longest)}, together {Text(Together)} ({Failed} of {Samples} uses failed)"),
            var gaps => Say($"{Function}: {gaps} interruptions, longest {Text(Longest)}, together {Text(Together)} ({Failed} of {Samples} uses failed)"),
        };
    }

    public override string ToString() => In(Language.English);

    public JsonObject Json() => new()
    {
        ["function"] = Function,
        ["samples"] = Samples,
        ["failed"] = Failed,
        ["longestSeconds"] = Longest.TotalSeconds,
        ["togetherSeconds"] = Together.TotalSeconds,
        ["gaps"] = new JsonArray([.. Gaps.Select(g => (JsonNode)new JsonObject { ["from"] = StatusJson.Time(g.From), ["until"] = StatusJson.Time(g.Until) })]),
    };

    /// <summary>Reads a probe's log: one use a line, <c>TIME FUNCTION ok|fail DURATION ms [why]</c>; lines that begin with # say something else.</summary>
    /// <exception cref="CommandEnds">It cannot be read, a line is none of these, or no use began while the run went on: with file and line.</exception>
    public static ImmutableArray<Measured> Read(string file, DateTimeOffset from, DateTimeOffset until)
    {
        var uses = new List<Use>();
        try
        {
            // A probe that still writes is not disturbed.
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            for (var number = 1; reader.ReadLine() is { } line; number++)
            {
                if (line.Length == 0 || line[0] == '#')
                    continue;
                // Its last line may be half written.
                if (Use.Parse(line) is not { } use)
                {
                    if (reader.Peek() < 0)
                        break;
                    throw new CommandEnds(ExitCodes.Usage, string.Create(CultureInfo.InvariantCulture,
                        $"{file}:{number}: expected \"2026-11-22T01:02:03.456Z call ok 12.3 ms\", or fail and why; docs/measuring.md says more"));
                }
                if (use.Begun >= from && use.Begun <= until)
                    uses.Add(use);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandEnds(ExitCodes.Usage, $"{file} cannot be read: {e.Message}");
        }
        return uses.Count > 0
            ? [.. uses.GroupBy(u => u.Function, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => Of(g.Key, [.. g.OrderBy(u => u.Begun)]))]
            : throw new CommandEnds(ExitCodes.Usage, $"{file} has no use between {StatusJson.Time(from)} and {StatusJson.Time(until)}: the probe did not run while the run went on, or its clock is another");
    }

    private static Measured Of(string function, ImmutableArray<Use> uses)
    {
        var gaps = ImmutableArray.CreateBuilder<Gap>();
        DateTimeOffset? good = null, gone = null;
        foreach (var use in uses)
        {
            if (use.Good)
            {
                if (gone is { } since)
                    gaps.Add(new(since, use.Ended));
                (good, gone) = (use.Ended, null);
            }
            else
            {
                gone ??= good ?? use.Begun;
            }
        }
        if (gone is { } left)
            gaps.Add(new(left, uses[^1].Ended));
        return new(function, uses.Length, uses.Count(u => !u.Good), gaps.ToImmutable());
    }

    private sealed record Use(DateTimeOffset Begun, string Function, bool Good, TimeSpan Took)
    {
        public DateTimeOffset Ended => Begun + Took;

        public static Use? Parse(string line)
        {
            var words = line.Split(' ', 6);
            return words.Length >= 5 && words[4] == "ms" && words[2] is "ok" or "fail" && words[1].Length > 0
                && DateTimeOffset.TryParseExact(words[0], "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.None, out var begun)
                && double.TryParse(words[3], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds < int.MaxValue
                ? new(begun, words[1], words[2] == "ok", TimeSpan.FromMilliseconds(milliseconds))
                : null;
        }
    }
}
