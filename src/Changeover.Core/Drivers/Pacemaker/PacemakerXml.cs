using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Changeover.Knowledge;

namespace Changeover.Drivers.Pacemaker;

/// <summary>What the XML of crm_mon, crm_simulate and cibadmin has in common.</summary>
internal static class PacemakerXml
{
    /// <summary>Bundles in groups in clones, with everything below, come to about ten.</summary>
    private const int DeepestLevel = 64;

    /// <exception cref="XmlException">Not one whole document.</exception>
    /// <exception cref="FormatException">It is nested deeper than any of these tools nests.</exception>
    public static XElement Parse(string text)
    {
        // A document type could name files and expand without end; none of these tools writes one.
        using var reader = XmlReader.Create(new StringReader(text.Trim()), new() { DtdProcessing = DtdProcessing.Prohibit });
        var root = XElement.Load(reader);
        // What walks it goes down by calling itself, and a stack that overflows ends the program.
        return root.Descendants().Any(e => e.Ancestors().Skip(DeepestLevel).Any())
            ? throw new FormatException($"it is nested deeper than {DeepestLevel} levels")
            : root;
    }

    public static string Text(this XElement element, string attribute) => (string?)element.Attribute(attribute) ?? "";

    /// <exception cref="FormatException">The attribute is missing or is neither true nor false.</exception>
    public static bool Flag(this XElement element, string attribute) => element.Text(attribute) switch
    {
        "true" => true,
        "false" => false,
        var other => throw new FormatException($"{element.Name.LocalName} has {attribute}=\"{other}\", expected true or false"),
    };

    /// <summary>The same for an attribute that older versions do not write.</summary>
    public static bool Flag(this XElement element, string attribute, bool missing) =>
        element.Attribute(attribute) is null ? missing : element.Flag(attribute);

    /// <summary>INFINITY is ±1000000; null when it is no score.</summary>
    public static int? Score(string text) => text.Trim() switch
    {
        "INFINITY" or "+INFINITY" => LocationConstraint.Infinity,
        "-INFINITY" => -LocationConstraint.Infinity,
        var number when int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var score) =>
            Math.Clamp(score, -LocationConstraint.Infinity, LocationConstraint.Infinity),
        _ => null,
    };

    /// <summary>Both vocabularies: up to 2.0 Master and Slave, since 2.1 Promoted and Unpromoted.</summary>
    public static ResourceRole Role(string text) => text switch
    {
        "Stopped" => ResourceRole.Stopped,
        "Started" => ResourceRole.Started,
        "Unpromoted" or "Slave" => ResourceRole.Unpromoted,
        "Promoted" or "Master" => ResourceRole.Promoted,
        "Starting" => ResourceRole.Starting,
        "Stopping" => ResourceRole.Stopping,
        "Promoting" => ResourceRole.Promoting,
        "Demoting" => ResourceRole.Demoting,
        _ => ResourceRole.Unknown,
    };

    /// <summary>A role as configuration names it, in today's words.</summary>
    public static string RoleName(string text) => text switch
    {
        "Slave" => "Unpromoted",
        "Master" => "Promoted",
        _ => text,
    };

    /// <summary>The id without the instance number of a clone (<c>drbd:0</c>).</summary>
    public static string Plain(string id)
    {
        var colon = id.LastIndexOf(':');
        return colon > 0 && colon < id.Length - 1 && id.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? id[..colon] : id;
    }
}
