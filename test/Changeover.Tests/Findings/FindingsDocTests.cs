using System.Text.RegularExpressions;
using Changeover.Findings;
using Changeover.Tests.Inventory;

namespace Changeover.Tests.Findings;

/// <summary>docs/findings.md is the catalogue.</summary>
public sealed partial class FindingsDocTests
{
    [GeneratedRegex(@"^\| `(?<code>[a-z0-9.-]+)` \| (?<severity>[a-z]+) \| (?<sentence>.+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    private static (string Code, string Severity, string Sentence)[] Rows() =>
    [
        .. Row().Matches(File.ReadAllText(RepositoryFile.Path("docs", "findings.md")).ReplaceLineEndings("\n"))
            .Select(m => (m.Groups["code"].Value, m.Groups["severity"].Value, m.Groups["sentence"].Value.Replace("\\|", "|", StringComparison.Ordinal))),
    ];

    [Fact]
    public void Every_finding_has_one_row_with_its_severity_and_sentence() =>
        Assert.Equal(
            FindingCatalogue.All.OrderBy(c => c.Code, StringComparer.Ordinal).Select(c => (c.Code, c.Severity.ToString().ToLowerInvariant(), c.Template)),
            Rows());

    [Fact]
    public void No_two_findings_have_one_code() =>
        Assert.Empty(FindingCatalogue.All.GroupBy(c => c.Code).Where(g => g.Count() > 1).Select(g => g.Key));

    [Fact]
    public void A_code_is_lower_case_and_dotted() =>
        Assert.All(FindingCatalogue.All, c => Assert.Matches("^[a-z]+(-[a-z]+)*\\.[a-z]+(-[a-z]+)*$", c.Code));
}
