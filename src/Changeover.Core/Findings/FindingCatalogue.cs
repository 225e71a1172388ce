using Changeover.Drivers;
using Changeover.Inventory;

namespace Changeover.Findings;

/// <summary>Every finding the program can make. docs/findings.md has one row for each; a test holds it.</summary>
public static class FindingCatalogue
{
    public static readonly ImmutableArray<FindingCode> All = [.. ExchangeFindings.All, .. InventoryFindings.All];

    private static readonly ImmutableDictionary<string, FindingCode> ByCode = All.ToImmutableDictionary(c => c.Code);

    /// <summary>The kind with this code; a code of another version of the program reads as an unknown error, never as nothing.</summary>
    public static FindingCode Find(string code) =>
        ByCode.GetValueOrDefault(code) ?? new FindingCode(code, Severity.Error, "{subject}: " + code);
}
