using System.Globalization;
using System.Xml.Linq;
using Changeover.Knowledge;

namespace Changeover.Drivers.Pacemaker;

/// <summary>
/// Reads crm_mon's XML: root <c>pacemaker-result</c> (2.0.3 and later) or <c>crm_mon</c> (every version when asked so).
/// New attributes and elements appear with every release, so nothing is validated; what is needed and not there throws.
/// </summary>
internal static class CrmMon
{
    /// <exception cref="FormatException">Something that must be there is not.</exception>
    public static PacemakerFacts Facts(XElement root, string localNode)
    {
        var summary = root.Element("summary") ?? throw new FormatException("no summary");
        var options = summary.Element("cluster_options") ?? throw new FormatException("no cluster_options");
        var coordinator = summary.Element("current_dc");
        var present = coordinator?.Flag("present", missing: false) ?? false;
        var nodes = root.Element("nodes") ?? throw new FormatException("no nodes");
        var resources = root.Element("resources") ?? throw new FormatException("no resources");
        var counts = FailCounts(root);
        return new(
            Version: coordinator?.Text("version") ?? "",
            LocalNode: localNode,
            Quorate: present && coordinator!.Flag("with_quorum", missing: false),
            HasCoordinator: present,
            MaintenanceMode: options.Flag("maintenance-mode"),
            StopAllResources: options.Flag("stop-all-resources", missing: false),
            FencingEnabled: options.Flag("fencing-enabled", missing: options.Flag("stonith-enabled", missing: false)),
            NoQuorumPolicy: options.Text("no-quorum-policy"),
            Nodes: [.. nodes.Elements("node").Where(n => n.Attribute("id_as_resource") is null).Select(Node)],
            Resources: Resources(resources),
            Failures: Failures(root, counts),
            Bans: [.. root.Elements("bans").Elements("ban").Select(Ban)],
            PromotionScores: Scores(root),
            LegacyForm: root.Name.LocalName == "crm_mon");
    }

    /// <summary>Stack unknown, no coordinator, everybody offline: this node has just started and knows nothing yet.</summary>
    public static bool KnowsNothingYet(PacemakerFacts facts) => !facts.HasCoordinator && !facts.Nodes.Any(n => n.Online);

    private static PacemakerNode Node(XElement node) => new(
        Name: node.Text("name") is { Length: > 0 } name ? name : throw new FormatException("a node without a name"),
        Online: node.Flag("online"),
        Standby: node.Flag("standby"),
        StandbyOnFail: node.Flag("standby_onfail", missing: false),
        Maintenance: node.Flag("maintenance", missing: false),
        Pending: node.Flag("pending"),
        Unclean: node.Flag("unclean"),
        ResourcesRunning: int.TryParse(node.Text("resources_running"), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new FormatException("a node without resources_running"));

    /// <summary>Every resource of the tree, also below elements that are not known (bundles and what may come).</summary>
    public static ImmutableArray<PacemakerResource> Resources(XElement tree) => [.. Below(tree, "", promotable: false)];

    private static IEnumerable<PacemakerResource> Below(XElement container, string parent, bool promotable)
    {
        foreach (var element in container.Elements())
        {
            if (element.Name.LocalName == "resource")
            {
                foreach (var instance in Instances(element, parent, promotable))
                    yield return instance;
                continue;
            }
            var id = PacemakerXml.Plain(element.Text("id"));
            var promotes = promotable || element.Text("multi_state") == "true" || element.Text("promotable") == "true";
            foreach (var instance in Below(element, id.Length > 0 && element.Name.LocalName != "replica" ? id : parent, promotes))
                yield return instance;
        }
    }

    /// <summary>One row for each node it runs on: two for one instance means that it runs where it must not.</summary>
    private static IEnumerable<PacemakerResource> Instances(XElement resource, string parent, bool promotable)
    {
        var pending = resource.Text("pending");
        // Pending "Demoting" with role "Promoted" is promoted no longer, and "Promoting" not yet.
        var role = PacemakerXml.Role(pending) is var change and not ResourceRole.Unknown ? change : PacemakerXml.Role(resource.Text("role"));
        var nodes = resource.Elements("node").Select(n => n.Text("name")).DefaultIfEmpty("");
        return nodes.Select(node => new PacemakerResource(
            Id: PacemakerXml.Plain(resource.Text("id")) is { Length: > 0 } id ? id : throw new FormatException("a resource without an id"),
            Agent: resource.Text("resource_agent").Replace("::", ":", StringComparison.Ordinal),
            Parent: parent,
            Promotable: promotable,
            Node: node,
            Role: role,
            TargetRole: PacemakerXml.RoleName(resource.Text("target_role")),
            Active: resource.Flag("active"),
            Managed: resource.Flag("managed") && !resource.Flag("maintenance", missing: false),
            Blocked: resource.Flag("blocked", missing: false),
            Orphaned: resource.Flag("orphaned", missing: false) || resource.Flag("removed", missing: false),
            Failed: resource.Flag("failed"),
            Pending: pending.Length > 0));
    }

    private static Dictionary<(string Node, string Resource), int> FailCounts(XElement root) =>
        root.Elements("node_history").Elements("node")
            .SelectMany(n => n.Elements("resource_history").Select(r => (
                Key: (n.Text("name"), PacemakerXml.Plain(r.Text("id"))),
                Count: r.Attribute("fail-count") is { } count ? PacemakerXml.Score(count.Value) ?? LocationConstraint.Infinity : 0)))
            .GroupBy(x => x.Key)
            .ToDictionary(g => g.Key, g => g.Max(x => x.Count));

    /// <summary>Failed operations, and fail counts that are left of forgotten ones: those too keep a resource off a node.</summary>
    private static ImmutableArray<PacemakerFailure> Failures(XElement root, Dictionary<(string Node, string Resource), int> counts)
    {
        var failures = root.Elements("failures").Elements("failure")
            .Select(f => (Element: f, Node: f.Text("node"), Resource: ResourceOf(f)))
            .Select(f => new PacemakerFailure(
                f.Resource,
                f.Node,
                f.Element.Text("task"),
                f.Element.Text("exitreason") is { Length: > 0 } reason ? reason : f.Element.Text("exitstatus"),
                counts.GetValueOrDefault((f.Node, f.Resource))))
            .ToImmutableArray();
        var left = counts
            .Where(c => c.Value > 0 && !failures.Any(f => f.Node == c.Key.Node && f.Resource == c.Key.Resource))
            .OrderBy(c => c.Key.Node, StringComparer.Ordinal).ThenBy(c => c.Key.Resource, StringComparer.Ordinal)
            .Select(c => new PacemakerFailure(c.Key.Resource, c.Key.Node, "", "", c.Value));
        return [.. failures, .. left];
    }

    /// <summary><c>SMB_monitor_30000</c>: resource, task and interval; a resource's id may itself have underscores.</summary>
    private static string ResourceOf(XElement failure)
    {
        var parts = failure.Text("op_key").Split('_');
        return parts.Length > 2 ? PacemakerXml.Plain(string.Join('_', parts[..^2])) : failure.Text("op_key");
    }

    private static PacemakerBan Ban(XElement ban) => new(
        ban.Text("id"),
        ban.Text("resource"),
        ban.Text("node"),
        ban.Flag("promoted-only", missing: ban.Flag("master_only", missing: false)));

    private static ImmutableArray<PromotionScore> Scores(XElement root) =>
    [
        .. root.Elements("node_attributes").Elements("node")
            .SelectMany(n => n.Elements("attribute")
                .Where(a => a.Text("name").StartsWith("master-", StringComparison.Ordinal))
                .Select(a => new PromotionScore(
                    n.Text("name"),
                    PacemakerXml.Plain(a.Text("name")["master-".Length..]),
                    PacemakerXml.Score(a.Text("value"))))),
    ];
}
