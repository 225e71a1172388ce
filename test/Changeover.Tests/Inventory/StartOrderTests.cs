using Changeover.Inventory;

namespace Changeover.Tests.Inventory;

public sealed class StartOrderTests
{
    private static Role Of(string name, params ImmutableArray<string> requires) => new() { Name = name, Requires = requires };

    [Fact]
    public void A_role_comes_after_every_role_it_requires_and_equals_come_in_order_of_their_names()
    {
        Role[] roles = [Of("d", "b"), Of("c", "a"), Of("b", "a"), Of("a"), Of("A")];

        Assert.Equal(["A", "a", "b", "c", "d"], StartOrder.Of(roles, roles.Select(r => r.Name).ToHashSet()).Select(r => r.Name));
    }

    [Fact]
    public void What_a_missing_role_requires_is_required_through_it()
    {
        Role[] roles = [Of("a"), Of("b", "a"), Of("c", "b"), Of("d", "c", "x")];

        var order = StartOrder.Of(roles, new HashSet<string> { "a", "d" });

        Assert.Equal(["a", "d"], order.Select(r => r.Name));
        Assert.Equal(["a"], order[1].Requires);
    }

    [Fact]
    public void A_circle_gives_an_order_that_ends_and_is_told_once_as_a_path()
    {
        Role[] roles = [Of("c", "b"), Of("b", "a"), Of("a", "c"), Of("d", "c")];
        var requires = roles.ToDictionary(r => r.Name, r => r.Requires);

        Assert.Equal(4, StartOrder.Of(roles, roles.Select(r => r.Name).ToHashSet()).Length);
        Assert.Equal(["a", "c", "b", "a"], Assert.Single(StartOrder.Cycles(requires.Keys, n => requires[n])));
    }

    [Fact]
    public void A_circle_through_a_missing_role_ends_too()
    {
        Role[] roles = [Of("a", "x"), Of("x", "y"), Of("y", "x", "a")];

        Assert.Equal(["a"], StartOrder.Of(roles, new HashSet<string> { "a" }).Select(r => r.Name));
    }

    [Fact]
    public void Two_circles_are_told_apart()
    {
        var requires = new Dictionary<string, string[]> { ["a"] = ["b"], ["b"] = ["a"], ["c"] = ["c"] };

        Assert.Equal(["a b a", "c c"], StartOrder.Cycles(requires.Keys, n => requires[n]).Select(c => string.Join(' ', c)));
    }
}
