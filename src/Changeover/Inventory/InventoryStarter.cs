namespace Changeover.Inventory;

/// <param name="ExitCode">0 written, 2 the folder cannot be written, 3 refused because something is there already.</param>
/// <param name="Message">For the operator: what was written, or why nothing was.</param>
public sealed record StarterOutcome(int ExitCode, string Message);

/// <summary><c>changeover init</c>: an inventory to start from, with its schema beside it for the editor.</summary>
public static class InventoryStarter
{
    public const string InventoryName = "cluster.yaml";
    public const string SchemaName = "inventory.schema.json";

    public static string Text => Catalogue.Text("starter.yaml");

    /// <summary>Writes both files or, if one of them is there already, none. Never overwrites.</summary>
    public static StarterOutcome Write(string directory)
    {
        (string Path, string Text)[] files =
            [(Path.Combine(directory, InventoryName), Text), (Path.Combine(directory, SchemaName), InventorySchema.Text())];
        try
        {
            foreach (var (path, _) in files)
            {
                if (Path.Exists(path))
                    return new(3, $"{path} is there already and is left as it is. Nothing was written; choose another folder, or move it away first.");
            }
            Directory.CreateDirectory(directory);
            foreach (var (path, text) in files)
            {
                // CreateNew: what another process wrote in the meantime is not overwritten either.
                using var writer = new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write));
                writer.Write(text);
            }
            return new(0, $"Wrote {files[0].Path} and, for your editor, {files[1].Path}. Fill it in, then run: changeover validate -i {files[0].Path}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return new(2, $"{directory} cannot be written: {e.Message}");
        }
    }
}
