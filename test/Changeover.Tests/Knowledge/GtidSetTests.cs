using Changeover.Knowledge;
using FsCheck;
using FsCheck.Fluent;

namespace Changeover.Tests.Knowledge;

public sealed class GtidSetTests
{
    private static readonly string[] Origins =
        ["3e11fa47-71ca-11e1-9e33-c80aa9429562", "4f22ab58-71ca-11e1-9e33-c80aa9429562", "4f22ab58-71ca-11e1-9e33-c80aa9429562:day"];

    /// <summary>What a set is: numbers of origins. Small, so that sets meet.</summary>
    private static readonly Arbitrary<HashSet<(int Origin, int Number)>> Models =
        Gen.Elements(0, 1, 2).SelectMany(_ => Gen.Choose(1, 9), (origin, number) => (origin, number)).ListOf()
            .Select(l => l.ToHashSet()).ToArbitrary();

    private static GtidSet Of(HashSet<(int Origin, int Number)> model) =>
        GtidSet.Parse(string.Join(",\n", model.OrderByDescending(m => m.Number).Select(m => $"{Origins[m.Origin]}:{m.Number}")))!;

    private static void Every(Func<HashSet<(int, int)>, HashSet<(int, int)>, bool> holds) =>
        Prop.ForAll(Models, Models, (a, b) => holds(a, b)).Check();

    [Fact]
    public void Contains_is_containment_of_numbers() => Every((a, b) => Of(a).Contains(Of(b)) == b.IsSubsetOf(a));

    [Fact]
    public void Union_is_union() => Every((a, b) => Of(a).Union(Of(b)).Equals(Of([.. a.Union(b)])));

    [Fact]
    public void Minus_is_difference() => Every((a, b) => Of(a).Minus(Of(b)).Equals(Of([.. a.Except(b)])));

    [Fact]
    public void Intersect_is_intersection() => Every((a, b) => Of(a).Intersect(Of(b)).Equals(Of([.. a.Intersect(b)])));

    [Fact]
    public void Equal_sets_are_equal_values_and_others_are_not() =>
        Every((a, b) => Of(a).Equals(Of(b)) == a.SetEquals(b) && (!a.SetEquals(b) || Of(a).GetHashCode() == Of(b).GetHashCode()));

    [Fact]
    public void A_set_reads_back_from_its_own_text() => Every((a, _) => GtidSet.Parse(Of(a).ToString())!.Equals(Of(a)));

    [Fact]
    public void Intervals_that_touch_become_one() =>
        Assert.Equal($"{Origins[0]}:1-8:10", GtidSet.Parse($"{Origins[0]}:5-8:1-3:4,{Origins[0].ToUpperInvariant()}:2:10")!.ToString());

    [Fact]
    public void A_tag_holds_for_the_intervals_behind_it() =>
        Assert.Equal($"{Origins[1]}:1-3,{Origins[1]}:day:4", GtidSet.Parse($"{Origins[1]}:1-3:DAY:4")!.ToString());

    [Theory]
    [InlineData("0-1-4")]
    [InlineData("3e11fa47-71ca-11e1-9e33-c80aa9429562")]
    [InlineData("3e11fa47-71ca-11e1-9e33-c80aa9429562:")]
    [InlineData("3e11fa47-71ca-11e1-9e33-c80aa9429562:0")]
    [InlineData("3e11fa47-71ca-11e1-9e33-c80aa9429562:5-3")]
    [InlineData("3e11fa47-71ca-11e1-9e33-c80aa9429562:1-")]
    [InlineData("3e11fa47-71ca-11e1-9e33-c80aa9429562:-3")]
    [InlineData("3e11fa47-71ca-11e1-9e33-c80aa9429562:1-2:day")]
    [InlineData("3e11fa47-71ca-11e1-9e33-c80aa9429562:day:night:1")]
    [InlineData("3e11fa47-71ca-11e1-9e33-c80aa9429562:9223372036854775807")]
    [InlineData("3e11fa47-71ca-11e1-9e33-c80aa942956:1")]
    [InlineData("3e11fa47-71ca-11e1-9e33-c80aa9429562:1,nonsense")]
    public void Another_text_is_no_set(string text) => Assert.Null(GtidSet.Parse(text));

    [Fact]
    public void No_text_is_the_empty_set() => Assert.Equal(GtidSet.Empty, GtidSet.Parse(" \n "));
}
