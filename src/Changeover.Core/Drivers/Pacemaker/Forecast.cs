using System.Text.RegularExpressions;
using System.Xml.Linq;
using Changeover.Findings;
using Changeover.Knowledge;

namespace Changeover.Drivers.Pacemaker;

/// <summary>Reads the output of the forecast script: three predictions of crm_simulate, in XML (2.1) or as text.</summary>
internal static partial class Forecast
{
    /// <exception cref="FormatException">A part is missing, not readable, or not about what was asked.</exception>
    /// <exception cref="System.Xml.XmlException">A part broke off.</exception>
    public static Reading Read(string subject, string node, string output)
    {
        var parts = Parts(output);
        if (Part(parts, PacemakerCommands.LastPart).Trim().Length > 0 || parts.Length != 4)
            throw new FormatException("the forecast does not end as it should");
        var standby = Placements(Part(parts, PacemakerCommands.AfterStandbyPart), node, inStandby: true);
        var unstandby = Placements(Part(parts, PacemakerCommands.AfterUnstandbyPart), node, inStandby: false);
        var synchronised = Placements(Part(parts, PacemakerCommands.AfterSyncPart), node, inStandby: false);
        // Moved by the unstandby and moved back once synchronised: the end alone would look as if nothing had happened.
        var wanderers = Active(unstandby).Where(p => !Active(standby).Contains(p) && !Active(synchronised).Contains(p)).ToImmutableArray();
        return wanderers.Length > 0
            ? Reading.Unreadable(PacemakerFindings.ForecastUnsteady.On(
                subject, "node", node, "resources", string.Join(", ", wanderers.Select(p => p.Resource))))
            : Reading.Of(new ForecastFacts(node, standby, synchronised));
    }

    private static IEnumerable<ForecastPlacement> Active(ImmutableArray<ForecastPlacement> placements) =>
        placements.Where(p => p.Role is ResourceRole.Started or ResourceRole.Promoted);

    private static ImmutableArray<(string Title, string Text)> Parts(string output) =>
    [
        .. ("\n" + output).Split("\n" + PacemakerCommands.ForecastMark).Skip(1).Select(part => part.IndexOf('\n', StringComparison.Ordinal) is var end and >= 0
            ? (part[..end], part[(end + 1)..])
            : throw new FormatException("the forecast broke off")),
    ];

    private static string Part(ImmutableArray<(string Title, string Text)> parts, string title) =>
        parts.Where(p => p.Title == title).Select(p => p.Text).SingleOrDefault()
        ?? throw new FormatException($"the forecast has no part {title}");

    private static ImmutableArray<ForecastPlacement> Placements(string text, string node, bool inStandby)
    {
        var placements = text.TrimStart().StartsWith('<') ? FromXml(PacemakerXml.Parse(text), node, inStandby) : FromText(text, node, inStandby);
        return [.. placements.OrderBy(p => p.Resource, StringComparer.Ordinal).ThenBy(p => p.Node, StringComparer.Ordinal)];
    }

    private static IEnumerable<ForecastPlacement> FromXml(XElement root, string node, bool inStandby)
    {
        if (root.Element("status")?.Text("code") != "0")
            throw new FormatException("crm_simulate does not say that it succeeded");
        var revised = root.Element("revised_cluster_status") ?? throw new FormatException("no revised status");
        var named = revised.Elements("nodes").Elements("node").SingleOrDefault(n => n.Text("name") == node)
            ?? throw new FormatException($"node {node} is not in the forecast");
        // One that is away moves nothing, in standby or not: that would be a forecast of nothing.
        if (!named.Flag("online"))
            throw new FormatException($"node {node} is not online in the forecast");
        if (named.Flag("standby") != inStandby)
            throw new FormatException($"node {node} should be {(inStandby ? "" : "not ")}in standby in the forecast");
        return CrmMon.Resources(revised.Element("resources") ?? throw new FormatException("no resources"))
            .Select(r => new ForecastPlacement(r.Id, r.Node, r.Failed || r.Blocked ? ResourceRole.Unknown : r.Role));
    }

    /// <summary>
    /// The text form, after the heading of the revised status. The wording differs between 1.1, 2.0 and 2.1; a line that is
    /// not known makes the forecast unreadable, because it may be the one that matters.
    /// </summary>
    private static IEnumerable<ForecastPlacement> FromText(string text, string node, bool inStandby)
    {
        var lines = text.Split('\n').Select(l => l.Trim()).Select(l => l.StartsWith("* ", StringComparison.Ordinal) ? l[2..].Trim() : l);
        var revised = lines.SkipWhile(l => !l.Equals("Revised cluster status:", StringComparison.OrdinalIgnoreCase)).Skip(1).ToImmutableArray();
        var seen = false;
        var clone = "";
        var placements = ImmutableArray.CreateBuilder<ForecastPlacement>();
        foreach (var line in revised.Where(l => l.Length > 0 && !Heading().IsMatch(l)))
        {
            if (NodeLine().Match(line) is { Success: true } state)
            {
                if (state.Groups["node"].Value == node)
                    seen = state.Groups["state"].Value.StartsWith("standby", StringComparison.Ordinal)
                        ? inStandby
                        : throw new FormatException($"node {node} is {state.Groups["state"].Value} in the forecast");
            }
            else if (NodeList().Match(line) is { Success: true } list)
            {
                if (Words(list.Groups["nodes"].Value).Contains(node))
                    seen = list.Groups["state"].Value == "Online" && !inStandby;
            }
            else if (CloneLine().Match(line) is { Success: true } set)
            {
                clone = set.Groups["id"].Value;
            }
            else if (CloneRole().Match(line) is { Success: true } instances && clone.Length > 0)
            {
                placements.AddRange(Instances(clone, instances.Groups["role"].Value, Words(instances.Groups["nodes"].Value)));
            }
            else if (ResourceLine().Match(line) is { Success: true } resource)
            {
                placements.Add(new(
                    PacemakerXml.Plain(resource.Groups["id"].Value),
                    resource.Groups["node"].Value,
                    resource.Groups["flags"].Value.Length > 0 || resource.Groups["remarks"].Value.Contains("blocked", StringComparison.Ordinal)
                        ? ResourceRole.Unknown
                        : PacemakerXml.Role(resource.Groups["role"].Value)));
            }
            else
            {
                throw new FormatException("the forecast has a line that is not known: " + line);
            }
        }
        return seen ? placements : throw new FormatException($"the forecast does not show node {node} {(inStandby ? "in standby" : "online")}");
    }

    private static IEnumerable<ForecastPlacement> Instances(string clone, string role, string[] nodes) => role switch
    {
        "Masters" or "Promoted" => nodes.Select(n => new ForecastPlacement(clone, n, ResourceRole.Promoted)),
        "Slaves" or "Unpromoted" => nodes.Select(n => new ForecastPlacement(clone, n, ResourceRole.Unpromoted)),
        "Started" => nodes.Select(n => new ForecastPlacement(clone, n, ResourceRole.Started)),
        // The text names the nodes where it is stopped; XML, and so the facts, a stopped instance without a node.
        _ => nodes.Select(_ => new ForecastPlacement(clone, "", ResourceRole.Stopped)),
    };

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"^(Node List:|Full List of Resources:|Full list of resources:|Resource Group: \S+|No resources)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^Node (List )?(?<node>\S+?)(?: \(\d+\))?: (?<state>\S.*)$")]
    private static partial Regex NodeLine();

    [GeneratedRegex(@"^(?<state>Online|OFFLINE): \[(?<nodes>[^\]]*)\]$")]
    private static partial Regex NodeList();

    [GeneratedRegex(@"^(?:Clone Set|Master/Slave Set): \S+ \[(?<id>[^\]]+)\](?: \((?:promotable|unique|, )+\))?:?$")]
    private static partial Regex CloneLine();

    [GeneratedRegex(@"^(?<role>Masters|Slaves|Promoted|Unpromoted|Started|Stopped): \[(?<nodes>[^\]]*)\]$")]
    private static partial Regex CloneRole();

    [GeneratedRegex(@"^(?<id>\S+)\s+\([a-z0-9]+:[^)]*\):\s*(?<flags>(?:(?:ORPHANED|FAILED|UNCLEAN|BLOCKED) )*)\s*(?<role>[A-Z][a-z]+)(?: (?<node>[^\s(\[]+))?(?: \((?<remarks>[^)]*)\))?$")]
    private static partial Regex ResourceLine();
}
