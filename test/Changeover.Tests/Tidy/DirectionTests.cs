namespace Changeover.Tests.Tidy;

/// <summary>Directions inside Core are namespaces; this holds them.</summary>
public sealed class DirectionTests
{
    /// <summary>Folder → the folders of Core it may know. Findings are for everybody.</summary>
    private static readonly Dictionary<string, string[]> May = new(StringComparer.Ordinal)
    {
        ["Inventory"] = [],
        ["Knowledge"] = ["Inventory"],
        ["Planning"] = ["Inventory", "Knowledge"],
        ["Running"] = ["Inventory", "Knowledge", "Planning"],
        ["Drivers"] = ["Inventory", "Knowledge"],
        ["Simulation"] = ["Inventory", "Knowledge", "Planning", "Running", "Drivers"],
    };

    [Fact]
    public void Nothing_in_Core_knows_what_stands_behind_it()
    {
        var core = Path.Combine(Checkout.Root, "src", "Changeover.Core");
        var wrong = new List<string>();
        foreach (var (folder, may) in May)
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(core, folder), "*.cs", SearchOption.AllDirectories))
            {
                foreach (var line in File.ReadLines(file).Where(l => l.StartsWith("using Changeover.", StringComparison.Ordinal)))
                {
                    var known = line["using Changeover.".Length..].TrimEnd(';').Split('.')[0];
                    if (known != "Findings" && known != folder && !may.Contains(known))
                        wrong.Add($"{Path.GetRelativePath(core, file)}: {line}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Core_refers_to_nothing_but_the_framework()
    {
        var references = typeof(Changeover.Planning.Planner).Assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(n => !n.StartsWith("System.", StringComparison.Ordinal));

        Assert.Empty(references);
    }
}

internal static class Checkout
{
    /// <summary>The folder of the checkout these tests were built in.</summary>
    public static readonly string Root = Find();

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Changeover.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("not inside a checkout");
        return folder;
    }
}
