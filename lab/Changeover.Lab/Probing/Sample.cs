using System.Globalization;

namespace Changeover.Lab.Probing;

/// <summary>One use of the cluster: when it was begun and ended, and why it failed if it did.</summary>
public sealed record Sample(string Stream, DateTimeOffset Begun, DateTimeOffset Ended, string? Failure)
{
    public bool Good => Failure is null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Begun:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {Stream} {(Good ? "ok" : "fail")} {(Ended - Begun).TotalMilliseconds:0.0} ms{(Good ? "" : " " + Failure)}");
}

/// <summary>From the last moment that was seen good to the first that was good again.</summary>
public sealed record Interruption(string Stream, DateTimeOffset From, DateTimeOffset Until, int Failed, string FirstFailure)
{
    public TimeSpan Length => Until - From;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Stream}: {From:HH:mm:ss.fff} to {Until:HH:mm:ss.fff}, {Length.TotalSeconds:0.00} s, {Failed} samples failed, first: {FirstFailure}");

    /// <summary>The interruptions of one stream, in order. A stream that ends while it fails is interrupted until its last sample.</summary>
    public static IEnumerable<Interruption> Of(IReadOnlyList<Sample> samples)
    {
        Sample? lastGood = null;
        var failed = new List<Sample>();
        foreach (var sample in samples)
        {
            if (!sample.Good)
            {
                failed.Add(sample);
                continue;
            }

            if (failed.Count > 0) yield return Make(sample.Ended);
            failed.Clear();
            lastGood = sample;
        }

        if (failed.Count > 0) yield return Make(failed[^1].Ended);

        Interruption Make(DateTimeOffset until) =>
            new(failed[0].Stream, lastGood?.Ended ?? failed[0].Begun, until, failed.Count, failed[0].Failure!);
    }
}
