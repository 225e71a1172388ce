namespace Changeover.Tests.Inventory;

/// <summary>Files of the checkout the tests run in.</summary>
internal static class RepositoryFile
{
    public static readonly string Root = FindRoot();

    public static string Path(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Root, .. parts]);

    public static IEnumerable<string> Examples => Directory.EnumerateDirectories(Path("examples")).Select(d => System.IO.Path.Combine(d, "cluster.yaml")).Order(StringComparer.Ordinal);

    /// <summary>Compares with a file that only <c>UPDATE_GOLDEN=1</c> changes.</summary>
    public static void AssertSame(string path, string actual)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, actual);
        Assert.Equal(File.ReadAllText(path), actual);
    }

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(directory, "Changeover.slnx")))
            directory = System.IO.Path.GetDirectoryName(directory) ?? throw new DirectoryNotFoundException("the tests do not run in a checkout");
        return directory;
    }
}
