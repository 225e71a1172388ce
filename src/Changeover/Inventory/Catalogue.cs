using Changeover.Findings;

namespace Changeover.Inventory;

/// <summary>The software catalogues that come with the program, as data inside it.</summary>
internal static class Catalogue
{
    public static readonly YamlNode.Mapping None = new(default, []);

    private static readonly Lazy<YamlNode.Mapping> jtel = new(() => Load("jtel"));

    public static YamlNode.Mapping Jtel => jtel.Value;

    /// <summary>Text of a file that was compiled into the program.</summary>
    public static string Text(string name)
    {
        using var stream = typeof(Catalogue).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} was not compiled into the program");
        return new StreamReader(stream).ReadToEnd();
    }

    private static YamlNode.Mapping Load(string name)
    {
        var file = $"catalog/{name}.yaml";
        void Found(Place at, Finding finding) => throw new InvalidOperationException(new LocatedFinding(finding, file, at).ToString());
        var root = (YamlNode.Mapping)YamlTree.Parse(file, Text(file), Found)!;
        InventoryShape.Catalogue.Check(root, "", new(1, 1), Found);
        return root;
    }
}
