using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Changeover.Knowledge;

namespace Changeover.Drivers.Pacemaker;

/// <summary>Reads the configuration out of the CIB. Nothing but ids, names, scores and a digest leaves this class.</summary>
internal static class Cib
{
    /// <exception cref="FormatException">Something that must be there is not.</exception>
    public static PacemakerSetupFacts Facts(XElement cib, string pcsVersion, bool? daemonsEnabled, bool canForecast)
    {
        if (cib.Name.LocalName != "cib")
            throw new FormatException("the root is no cib");
        var configuration = cib.Element("configuration") ?? throw new FormatException("no configuration");
        var resources = configuration.Element("resources") ?? throw new FormatException("no resources");
        var constraints = configuration.Element("constraints") ?? throw new FormatException("no constraints");
        var nodes = configuration.Element("nodes") ?? throw new FormatException("no nodes");
        return new(
            Digest: Digest(configuration),
            PcsVersion: pcsVersion,
            DefaultStickiness: DefaultStickiness(configuration),
            Stickiness: Stickiness(resources),
            Locations: [.. constraints.Elements("rsc_location").SelectMany(l => Locations(l, NodeNames(nodes)))],
            StandbyNodes: StandbyNodes(nodes, cib.Element("status")),
            DaemonsEnabled: daemonsEnabled,
            CanForecast: canForecast);
    }

    private static ImmutableArray<string> NodeNames(XElement nodes) => [.. nodes.Elements("node").Select(n => n.Text("uname"))];

    /// <summary>
    /// Of several sets, the lowest that may hold: a set with a rule may hold now or not. Pacemaker 1.1 also has a cluster
    /// property for it.
    /// </summary>
    private static int? DefaultStickiness(XElement configuration)
    {
        var sets = configuration.Elements("rsc_defaults").Elements("meta_attributes").ToImmutableArray();
        var always = sets.Where(s => !s.Elements("rule").Any()).Select(s => Value(s, "resource-stickiness")).OfType<int>().ToImmutableArray();
        if (always.Length > 0)
        {
            var sometimes = sets.Where(s => s.Elements("rule").Any()).Select(s => Value(s, "resource-stickiness")).OfType<int>();
            return always.Concat(sometimes).Min();
        }
        return configuration.Elements("crm_config").Elements("cluster_property_set")
            .Select(s => Value(s, "default-resource-stickiness"))
            .OfType<int>()
            .Cast<int?>()
            .Min();
    }

    private static int? Value(XElement set, string name) =>
        set.Elements("nvpair").Where(p => p.Text("name") == name).Select(p => PacemakerXml.Score(p.Text("value"))).FirstOrDefault(v => v is not null);

    /// <summary>Own stickiness of primitives, groups, clones and bundles; a primitive takes what its template says.</summary>
    private static ImmutableSortedDictionary<string, int> Stickiness(XElement resources)
    {
        var own = resources.Descendants()
            .Where(r => r.Elements("meta_attributes").Any())
            .Select(r => (Id: r.Text("id"), Value: r.Elements("meta_attributes").Select(m => Value(m, "resource-stickiness")).OfType<int>().Cast<int?>().Min()))
            .Where(r => r is { Id.Length: > 0, Value: not null })
            .GroupBy(r => r.Id, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Min(r => r.Value!.Value), StringComparer.Ordinal);
        var inherited = resources.Descendants("primitive")
            .Where(p => own.ContainsKey(p.Text("template")) && !own.ContainsKey(p.Text("id")))
            .Select(p => (Id: p.Text("id"), Value: own[p.Text("template")]))
            .DistinctBy(p => p.Id);
        return own.Select(o => (Id: o.Key, o.Value)).Concat(inherited).ToImmutableSortedDictionary(x => x.Id, x => x.Value, StringComparer.Ordinal);
    }

    private static IEnumerable<LocationConstraint> Locations(XElement location, ImmutableArray<string> nodes)
    {
        var places = location.Elements("rule").Any()
            ? location.Elements("rule").SelectMany(r => Places(r, location.Text("role"), nodes))
            : [(Node: location.Text("node"), Score: Score(location.Text("score")), Role: location.Text("role"))];
        var resources = location.Descendants("resource_ref").Select(r => r.Text("id"))
            .Append(location.Text("rsc")).Append(location.Text("rsc-pattern"))
            .Where(r => r.Length > 0)
            .ToImmutableArray();
        return places.SelectMany(p => resources.Select(r =>
            new LocationConstraint(location.Text("id"), r, p.Node, p.Score, PacemakerXml.RoleName(p.Role))));
    }

    /// <summary>
    /// Rules about the node's name are read; a date beside it is taken as holding. Anything else may hold for any node.
    /// </summary>
    private static IEnumerable<(string Node, int Score, string Role)> Places(XElement rule, string role, ImmutableArray<string> nodes)
    {
        var score = Score(rule.Text("score"));
        var named = rule.Text("role") is { Length: > 0 } own ? own : role;
        var expressions = rule.Elements().Where(e => e.Name.LocalName != "date_expression").ToImmutableArray();
        var either = rule.Text("boolean-op") == "or";
        var readable = expressions.Length > 0
            && expressions.All(e => e.Name.LocalName == "expression" && e.Text("attribute") == "#uname" && e.Text("operation") is "eq" or "ne")
            && (expressions.Length == 1 || !either || expressions.All(e => e.Text("operation") == "eq"));
        if (!readable || (either && rule.Elements("date_expression").Any()))
            return [(LocationConstraint.AnyNode, score, named)];
        bool Holds(string node, XElement e) => (e.Text("value") == node) == (e.Text("operation") == "eq");
        return nodes
            .Where(n => either ? expressions.Any(e => Holds(n, e)) : expressions.All(e => Holds(n, e)))
            .Select(n => (n, score, named));
    }

    /// <summary>A score that is not a number (a rule's score can be a node attribute) counts as the strongest preference.</summary>
    private static int Score(string text) => PacemakerXml.Score(text) ?? LocationConstraint.Infinity;

    /// <summary>Both lifetimes: kept over a reboot (nodes) and until the next one (status).</summary>
    private static ImmutableArray<string> StandbyNodes(XElement nodes, XElement? status)
    {
        var forEver = nodes.Elements("node").Where(IsStandby);
        var untilReboot = status?.Elements("node_state").Where(n => n.Elements("transient_attributes").Any(IsStandby)) ?? [];
        return [.. forEver.Concat(untilReboot).Select(n => n.Text("uname")).Distinct().Order(StringComparer.Ordinal)];
    }

    private static bool IsStandby(XElement element) =>
        element.Elements("instance_attributes").Elements("nvpair").Any(p =>
            p.Text("name") == "standby" && p.Text("value").ToLowerInvariant() is not ("off" or "false" or "no" or "n" or "0"));

    /// <summary>
    /// Of the configuration as a canonical text: attributes sorted, without what changes by itself or by this procedure, and
    /// with passwords blanked, so that nobody can try passwords against the digest.
    /// </summary>
    private static string Digest(XElement configuration)
    {
        var text = new StringBuilder();
        Canonical(configuration, text);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }

    private static void Canonical(XElement element, StringBuilder text)
    {
        if (Volatile(element))
            return;
        text.Append('<').Append(element.Name.LocalName);
        foreach (var attribute in element.Attributes().OrderBy(a => a.Name.LocalName, StringComparer.Ordinal))
        {
            var blank = attribute.Name.LocalName == "value" && Secret(element.Text("name"));
            text.Append(' ').Append(attribute.Name.LocalName).Append('=').Append('"').Append(blank ? "" : attribute.Value).Append('"');
        }
        text.Append('>');
        foreach (var child in element.Elements())
            Canonical(child, text);
        text.Append("</>");
    }

    private static bool Volatile(XElement element) => element.Name.LocalName switch
    {
        // Written by every cleanup of a resource.
        "nvpair" when element.Text("name") == "last-lrm-refresh" => true,
        "nvpair" => element.Text("name") == "standby" && element.Parent?.Parent?.Name.LocalName == "node",
        // pcs leaves an empty set behind when it removes the standby attribute, and makes one when it sets it.
        "instance_attributes" => element.Parent?.Name.LocalName == "node" && element.Elements().All(Volatile),
        _ => false,
    };

    private static bool Secret(string name) =>
        SecretWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static readonly ImmutableArray<string> SecretWords = ["pass", "secret", "token", "community", "key", "auth", "login", "user"];
}
