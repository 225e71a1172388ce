using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Changeover.Tests;

/// <summary>
/// How often properties are tried. A check plays the same trials every time: whether a commit is good does not depend on luck.
/// <c>FUZZ=100000</c> looks for what those do not show: that many trials of each property, others every time.
/// </summary>
internal static class Fuzz
{
    private static readonly int? More =
        int.TryParse(Environment.GetEnvironmentVariable("FUZZ"), NumberStyles.None, CultureInfo.InvariantCulture, out var times) ? times : null;

    public static Config Times(int times) => More is { } more
        ? Config.QuickThrowOnFailure.WithMaxTest(more)
        : Config.QuickThrowOnFailure.WithMaxTest(times).WithReplay(FSharpOption<Replay>.Some(new(new Rnd(12671942577241796324, 292775578806470765), FSharpOption<int>.None)));

    public static void Check(this Property property) => property.Check(Times(100));
}
