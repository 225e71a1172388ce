using Changeover.Reporting;
using Changeover.Running;

namespace Changeover.Tests.Running;

/// <summary>What a probe outside saw of a run.</summary>
public sealed class MeasuredTests : IDisposable
{
    private static readonly DateTimeOffset From = new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero);
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    private ImmutableArray<Measured> Read(params string[] lines)
    {
        File.WriteAllText(file, string.Join('\n', lines));
        return Measured.Read(file, From, From + TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void An_interruption_lasts_from_the_last_good_use_to_the_end_of_the_first_good_one()
    {
        var call = Assert.Single(Read(
            "# a probe",
            "2026-11-22T00:59:59.000Z call fail 1.0 ms before the run",
            "2026-11-22T01:00:01.000Z call ok 500.0 ms",
            "2026-11-22T01:00:02.000Z call fail 2000.0 ms no answer within 2 s",
            "2026-11-22T01:00:05.000Z call fail 10.0 ms refused",
            "2026-11-22T01:00:06.000Z call ok 250.0 ms",
            "2026-11-22T01:00:07.000Z call ok 1.0 ms",
            "2026-11-22T01:11:00.000Z call fail 1.0 ms after the run"));

        Assert.Equal((5, 2), (call.Samples, call.Failed));
        var gap = Assert.Single(call.Gaps);
        Assert.Equal((From + TimeSpan.FromSeconds(1.5), From + TimeSpan.FromSeconds(6.25)), (gap.From, gap.Until));
        Assert.Equal("call: 1 interruption, longest 4.8 s, together 4.8 s (2 of 5 uses failed)", call.ToString());
    }

    [Fact]
    public void Functions_are_told_apart_and_lines_may_come_late()
    {
        var measured = Read(
            "2026-11-22T02:00:03.000+01:00 web fail 1.0 ms 502",
            "2026-11-22T01:00:01.000Z call ok 1.0 ms",
            "2026-11-22T01:00:02.000Z web ok 0 ms",
            "2026-11-22T01:00:05.000Z web fail 3000 ms no answer");

        Assert.Equal(["call: never interrupted in 1 uses", "web: 1 interruption, longest 6.0 s, together 6.0 s (2 of 3 uses failed)"], measured.Select(m => m.ToString()));
        // Still gone at its last use: until then is what is known.
        Assert.Equal(From + TimeSpan.FromSeconds(8), Assert.Single(measured[1].Gaps).Until);
    }

    [Theory]
    [InlineData("2026-11-22T01:00:01.000Z call ok")]
    [InlineData("2026-11-22T01:00:01.000Z call perhaps 1.0 ms")]
    [InlineData("2026-11-22 01:00:01 call ok 1.0 ms")]
    [InlineData("2026-11-22T01:00:01.000Z call ok -1.0 ms")]
    [InlineData("2026-11-22T01:00:01.000Z call ok NaN ms")]
    [InlineData("{\"at\": 1}")]
    public void A_line_of_another_form_is_refused_with_its_number(string line)
    {
        var refused = Assert.Throws<CommandEnds>(() => Read("2026-11-22T01:00:00.500Z call ok 1.0 ms", line, "2026-11-22T01:00:02.000Z call ok 1.0 ms"));

        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
        Assert.StartsWith($"{file}:2: expected", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_line_may_still_be_written()
    {
        Assert.Equal(1, Assert.Single(Read("2026-11-22T01:00:00.500Z call ok 1.0 ms", "2026-11-22T01:00:01.5")).Samples);
    }

    [Fact]
    public void Nothing_measured_is_not_the_same_as_nothing_interrupted()
    {
        Assert.Contains("the probe did not run", Assert.Throws<CommandEnds>(() => Read("2026-11-22T03:00:00.500Z call ok 1.0 ms")).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Throws<CommandEnds>(() => Measured.Read(file + ".none", From, From)).Message, StringComparison.Ordinal);
    }
}
