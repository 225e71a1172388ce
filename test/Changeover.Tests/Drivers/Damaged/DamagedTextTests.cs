using System.Diagnostics;
using System.Text.Json;
using Changeover.Drivers;
using Changeover.Drivers.Pacemaker;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;
using FsCheck;
using FsCheck.Fluent;

namespace Changeover.Tests.Drivers.Damaged;

/// <summary>
/// Every reader of foreign text against real and simulated answers that were damaged on their way. FsCheck prints the damage and
/// the seed that repeats it.
/// </summary>
public sealed class DamagedTextTests
{
    private static readonly Config Often = Fuzz.Times(2000);

    private static readonly Gen<Damage> Damages =
        from edit in Gen.Choose(0, Enum.GetValues<Edit>().Length - 1)
        from result in Gen.Choose(0, int.MaxValue)
        from at in Gen.Choose(0, int.MaxValue)
        from which in Gen.Choose(0, int.MaxValue)
        select new Damage((Edit)edit, result, at, which);

    /// <summary>Each kind of subject as often as any other, however many texts there are of it.</summary>
    private static readonly Gen<ForeignText> Texts = Gen.OneOf(ForeignText.All.Value.GroupBy(t => t.Subject.Kind).Select(g => Gen.Elements(g.ToArray())));

    [Fact]
    public void Every_kind_of_subject_has_texts_on_which_something_holds_and_something_does_not()
    {
        foreach (var kind in Enum.GetValues<SubjectKind>())
        {
            var texts = ForeignText.All.Value.Where(t => t.Subject.Kind == kind).ToArray();
            Assert.True(texts.Any(t => t.Held(t.Read(t.Reply)).Length > 0), $"nothing holds on any text of {kind}");
            Assert.True(texts.Any(t => t.Held(t.Read(t.Reply)).Length < t.Claims.Length), $"everything holds on all texts of {kind}");
        }
    }

    /// <summary>An exception would end the run, and what cannot be written into the journal ends it too.</summary>
    [Fact]
    public void Whatever_comes_is_facts_or_a_problem_and_can_be_kept() => Prop.ForAll(
        Texts.SelectMany(_ => Damages.NonEmptyListOf(), (text, damages) => (text, damages.Take(4).ToArray())).ToArbitrary(),
        x =>
        {
            var reading = x.text.Read(x.Item2.Aggregate(x.text.Reply, (reply, damage) => damage.Of(reply)));

            if (reading.Facts is null == reading.Problem is null)
                throw new InvalidOperationException($"{x.text.Name}: {reading}");
            if (reading.Facts is { } facts)
            {
                var kept = JsonSerializer.Serialize(facts, CoreJson.Default.Facts);
                Assert.Equal(kept, JsonSerializer.Serialize(JsonSerializer.Deserialize(kept, CoreJson.Default.Facts)!, CoreJson.Default.Facts));
            }
        }).Check(Often);

    /// <summary>
    /// What did not hold of the whole text does not hold of the damaged one: no failure disappears, and nobody else becomes holder,
    /// primary or writer. What no reader could tell from another true text is <see cref="CannotBeTold"/>.
    /// </summary>
    [Fact]
    public void Damage_makes_nothing_hold_that_did_not() => Prop.ForAll(
        Texts.SelectMany(_ => Damages, (text, damage) => (text, damage)).ToArbitrary(),
        x =>
        {
            var (text, damage) = x;
            var held = text.Held(text.Read(text.Damaged(damage))).Except(text.HeldWhole).Where(c => !CannotBeTold(text, damage, c)).ToArray();

            if (held.Length > 0)
                throw new InvalidOperationException($"{text.Name}, {damage}: now {string.Join(", ", held.Select(c => JsonSerializer.Serialize(c, CoreJson.Default.Condition)))}");
        }).Check(Often);

    /// <summary>The damage leaves a text that some other cluster would print word for word.</summary>
    private static bool CannotBeTold(ForeignText text, Damage damage, Condition claim) => damage.Edit switch
    {
        // Another byte, another order, a number that grew a digit: a different, valid answer.
        Edit.Byte or Edit.Swapped => true,
        Edit.Inserted => damage.InsertsWord || SaysWhatIsNotThere(claim),
        // A byte order mark before the first line belongs to the name that stands there.
        Edit.Encoding => claim is BackupGone,
        // The list of guests has no word of qemu's own, and an interface that leaves it out says what the list says.
        Edit.Attribute when text.Subject.Kind == SubjectKind.Power => true,
        // Lists have no count, and a name that became another name is another thing's.
        Edit.Dropped or Edit.Column or Edit.Value or Edit.Attribute or Edit.Root => SaysWhatIsNotThere(claim),
        // "Not installed" is an exit code and nothing else.
        Edit.Exit => claim is MoveForecast or JoinMovesNothing && text.Reply.Results[damage.Result % text.Reply.Results.Length].Key == PacemakerCommands.CanForecastKey,
        _ => false,
    };

    /// <summary>
    /// Claims that one more row would end: a session, a failure, a ban, a downtime, a server that is down, a channel. That there is a
    /// channel at all is <see cref="Replicates"/>' business.
    /// </summary>
    private static bool SaysWhatIsNotThere(Condition claim) =>
        claim is WaitsForSource or NoSessions or DowntimeGone or BackupGone or MoveForecast or JoinMovesNothing or PairHeld or DisksHaveRoom or ServiceIs { Running: false } or ServicesStopped;

    public static TheoryData<SubjectKind> Kinds => [.. Enum.GetValues<SubjectKind>()];

    /// <summary>Lines of the text itself over and over, and what nests, quotes or repeats: read or unread, but soon.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_megabyte_of_anything_is_answered_soon(SubjectKind kind)
    {
        const int size = 1 << 20;
        var text = ForeignText.All.Value.Where(t => t.Subject.Kind == kind && !t.Reply.Results.IsEmpty).MaxBy(t => t.Reply.Results.Sum(r => r.Output.Length))!;
        // The guests of a host answer in one form: one of them is enough.
        foreach (var result in text.Reply.Results.DistinctBy(r => r.Key.Split('.')[0]))
        {
            var lines = result.Output.Split('\n').Distinct().OrderByDescending(l => l.Length).Take(2).Select(l => l + "\n");
            foreach (var piece in (string[])["<a>", "[", "\"", "\\", " ", "\t", "\n", "entry '", "@@changeover part\n", .. lines])
            {
                var many = string.Concat(Enumerable.Repeat(piece, size / piece.Length));
                var started = Stopwatch.StartNew();
                text.Read(new(text.Reply.Results.Replace(result, result with { Output = result.Output.Insert(result.Output.Length / 2, many) })));
                Assert.True(started.Elapsed < TimeSpan.FromSeconds(30), $"{text.Name}, {result.Key}: {started.Elapsed} for a megabyte of {piece.Trim()}");
            }
        }
    }
}
