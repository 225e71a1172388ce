using System.Security.Cryptography;
using System.Text;

namespace Changeover.Lab.Images;

/// <summary>Names a built thing by everything it was built from, so that a change of any input builds it anew.</summary>
public static class BuildInputs
{
    public static string Digest(IEnumerable<string> inputs)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var input in inputs)
        {
            var bytes = Encoding.UTF8.GetBytes(input);
            sha.AppendData(BitConverter.GetBytes(bytes.Length));
            sha.AppendData(bytes);
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset())[..16];
    }

    /// <summary>The files that go into the machines, and the recipes that put them there.</summary>
    public static IEnumerable<string> TreeAndRecipes()
    {
        foreach (var file in Directory.EnumerateFiles(LabPaths.Tree, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            yield return Path.GetRelativePath(LabPaths.Tree, file);
            yield return File.ReadAllText(file);
        }

        var assembly = typeof(BuildInputs).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith("recipe/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return name;
            yield return reader.ReadToEnd();
        }
    }
}
