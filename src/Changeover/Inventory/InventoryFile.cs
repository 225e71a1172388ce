using System.Text;
using Changeover.Findings;

namespace Changeover.Inventory;

/// <summary>A finding and where in the file its cause stands.</summary>
/// <param name="At">Line 0: the file as a whole.</param>
public sealed record LocatedFinding(Finding Finding, string File, Place At)
{
    /// <summary><c>file:line:column: what is wrong, what was expected</c>, as editors and compilers write it.</summary>
    public override string ToString() => At.Line == 0 ? Finding.Message : $"{File}:{At.Line}:{At.Column}: {Finding.Message}";
}

/// <summary>What reading an inventory file came to.</summary>
/// <param name="Inventory">Null if there is an error among the findings.</param>
/// <param name="Findings">All of them, in the order of the file.</param>
/// <param name="Digest">Of the whole inventory, see <see cref="InventoryDigest.Of"/>; empty without an inventory.</param>
/// <param name="DigestWithoutAccess">See <see cref="InventoryDigest.WithoutAccess"/>; empty without an inventory.</param>
public sealed record InventoryReading(
    ClusterInventory? Inventory, ImmutableArray<LocatedFinding> Findings, string Digest = "", string DigestWithoutAccess = "")
{
    /// <summary>Exit code of <c>validate</c>: 0 no error, 2 the file could not be read from disk, 3 it has errors.</summary>
    public int ExitCode =>
        Inventory is not null ? 0
        : Findings.Any(f => f.Finding.Code == InventoryFindings.Unreadable) ? 2
        : 3;
}

/// <summary>The inventory file: YAML in, a complete inventory or all findings with their places out.</summary>
public static class InventoryFile
{
    /// <summary>Bytes. A hundred machines need about 20 thousand.</summary>
    public const int Largest = 1 << 20;

    private const int MostFindings = 100;

    /// <summary>Reads the file; never throws. Prints nothing: the findings are the answer.</summary>
    public static InventoryReading Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var buffer = new byte[Largest + 1];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length > Largest
                ? Only(path, InventoryFindings.TooLarge.On(
                    path, "bytes", stream.CanSeek ? $"{stream.Length}" : $"more than {Largest}", "most", $"{Largest}"), new(1, 1))
                : Parse(path, buffer.AsSpan(0, length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var why = e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "there is no such file",
                UnauthorizedAccessException when Directory.Exists(path) => "it is a folder",
                UnauthorizedAccessException => "no permission",
                _ => e.Message,
            };
            var file = path.Length == 0 ? "the inventory" : path;
            return Only(file, InventoryFindings.Unreadable.On(file, "why", why), default);
        }
    }

    /// <param name="file">Its name as findings show it.</param>
    public static InventoryReading Parse(string file, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Largest)
            return Only(file, InventoryFindings.TooLarge.On(file, "bytes", $"{bytes.Length}", "most", $"{Largest}"), new(1, 1));
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            var before = bytes[..Math.Clamp(e.Index, 0, bytes.Length)];
            var place = new Place(before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
            return Only(file, InventoryFindings.NotText.On(file), place);
        }
        return Parse(file, text);
    }

    private static InventoryReading Parse(string file, string text)
    {
        var findings = new List<LocatedFinding>();
        void At(Place place, Finding finding) => findings.Add(new(finding, file, place));

        var tree = YamlTree.Parse(file, text, At);
        if (tree is null)
            return new(null, Told(file, findings));
        var start = new Place(1, 1);
        if (tree is not YamlNode.Mapping root)
        {
            At(tree.At, InventoryFindings.WrongType.On(file, "found", "no map", "expected", InventoryShape.File.Expected));
            return new(null, Told(file, findings));
        }
        InventoryShape.File.Check(root, "", start, At);

        var places = new Places(root);
        void Of(string path, Finding finding)
        {
            var (written, place) = places.Find(path);
            // A finding about a missing key has the key as its subject and the section as its place.
            At(place, finding.Code == InventoryFindings.MissingKey ? finding : finding with { Subject = written });
        }
        var catalogue = root.Find("catalogue") is YamlNode.Scalar { Value: "none" } ? Catalogue.None : Catalogue.Jtel;
        var inventory = new InventoryBuilder(root, catalogue, Of).Build(out var known);
        foreach (var finding in Validation.Check(inventory, known))
            Of(places.Written(finding), finding);

        return findings.Any(f => f.Finding.Severity >= Severity.Error)
            ? new(null, Told(file, findings))
            : new(inventory, Told(file, findings), InventoryDigest.Of(inventory), InventoryDigest.WithoutAccess(inventory));
    }

    private static InventoryReading Only(string file, Finding finding, Place at) => new(null, [new(finding, file, at)]);

    /// <summary>In the order of the file, each once, and not endlessly many.</summary>
    private static ImmutableArray<LocatedFinding> Told(string file, List<LocatedFinding> findings)
    {
        var ordered = findings.DistinctBy(f => (f.At, f.Finding.Message)).OrderBy(f => f.At).ToImmutableArray();
        if (ordered.Length <= MostFindings)
            return ordered;
        var more = InventoryFindings.More.On(file, "count", $"{ordered.Length - MostFindings}");
        return [.. ordered.OrderByDescending(f => f.Finding.Severity).Take(MostFindings).OrderBy(f => f.At), new(more, file, ordered[^1].At)];
    }

    /// <summary>Where an entry stands, by its path; one that comes from the catalogue or a default, where the next one around it stands.</summary>
    private sealed class Places
    {
        private readonly Dictionary<string, Place> places = new(StringComparer.Ordinal) { [""] = new(1, 1) };
        private readonly Dictionary<string, string> written = new(StringComparer.Ordinal);

        public Places(YamlNode.Mapping root)
        {
            Add("", root);
            // 'role: x' is read as 'roles: [x]'.
            foreach (var machine in (root.Find("machines") as YamlNode.Mapping)?.Entries ?? [])
            {
                if (machine.Value is YamlNode.Mapping map && map.Find("roles") is null)
                    written[$"machines.{machine.Key}.roles[0]"] = $"machines.{machine.Key}.role";
            }
        }

        public (string Written, Place At) Find(string path)
        {
            path = written.GetValueOrDefault(path, path);
            for (var around = path; ; around = around[..Math.Max(0, around.LastIndexOfAny(['.', '[']))])
            {
                if (places.TryGetValue(around, out var at))
                    return (path, at);
            }
        }

        /// <summary>Of a circle among roles, the part that the file wrote: the catalogue has none.</summary>
        public string Written(Finding finding) =>
            finding.Code != InventoryFindings.RoleCycle
                ? finding.Subject
                : finding.Arguments["cycle"].Split(" -> ").Select(r => $"roles.{r}.requires").FirstOrDefault(places.ContainsKey) ?? finding.Subject;

        private void Add(string path, YamlNode node)
        {
            if (node is YamlNode.Mapping map)
            {
                foreach (var entry in map.Entries)
                {
                    var child = path.Length == 0 ? entry.Key : $"{path}.{entry.Key}";
                    // A value of one line is pointed at itself, a map or list at its key.
                    places.TryAdd(child, entry.Value is YamlNode.Scalar scalar ? scalar.At : entry.KeyAt);
                    Add(child, entry.Value);
                }
            }
            else if (node is YamlNode.Sequence list)
            {
                foreach (var (item, i) in list.Items.Select((item, i) => (item, i)))
                {
                    places.TryAdd($"{path}[{i}]", item.At);
                    Add($"{path}[{i}]", item);
                }
            }
        }
    }
}
